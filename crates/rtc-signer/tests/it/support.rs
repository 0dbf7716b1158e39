//! A request that owns its parts, and the readers of the vector files.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::SystemTime;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use rtc_signer::date::parse_sdk_date;
use rtc_signer::{Credentials, DerivedKeys, Payload, Scope, SignableRequest, Signer, Verifier};
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// A request as it stands on the wire.
#[derive(Clone, Debug)]
pub(crate) struct Wire {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: Option<String>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Wire {
    pub(crate) fn new(method: &str, target: &str) -> Self {
        let (path, query) = match target.split_once('?') {
            Some((path, query)) => (path, Some(query.to_owned())),
            None => (target, None),
        };
        Self {
            method: Method::from_bytes(method.as_bytes()).unwrap(),
            path: path.to_owned(),
            query,
            headers: HeaderMap::new(),
            body: Vec::new(),
        }
    }

    pub(crate) fn view(&self) -> SignableRequest<'_> {
        let payload = Payload::Bytes(&self.body);
        SignableRequest::new(
            &self.method,
            &self.path,
            self.query.as_deref(),
            &self.headers,
            payload,
        )
    }

    pub(crate) fn set(&mut self, name: &str, value: &str) {
        let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
        self.headers.insert(name, HeaderValue::from_str(value).unwrap());
    }

    pub(crate) fn text(&self, name: &str) -> &str {
        std::str::from_utf8(self.headers[name].as_bytes()).unwrap()
    }

    /// The time in the request's own X-Sdk-Date.
    pub(crate) fn signed_at(&self) -> SystemTime {
        parse_sdk_date(self.text("x-sdk-date")).unwrap()
    }

    /// The names of the signed headers, as the Authorization header lists them.
    pub(crate) fn signed_names(&self) -> Vec<String> {
        let text = self.text("authorization");
        let (_, list) = text.split_once("SignedHeaders=").unwrap();
        let (list, _) = list.split_once(", Signature=").unwrap();
        list.split(';').map(str::to_owned).collect()
    }
}

/// A header value from the latin-1 text of its bytes.
pub(crate) fn latin1(text: &str) -> HeaderValue {
    let bytes: Vec<u8> = text.chars().map(|letter| u8::try_from(letter).unwrap()).collect();
    HeaderValue::from_bytes(&bytes).unwrap()
}

/// A row of `vectors/signing`.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Vector {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) algorithm: String,
    #[serde(default)]
    pub(crate) ak: String,
    #[serde(default)]
    pub(crate) sk: String,
    pub(crate) method: String,
    pub(crate) host: String,
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) headers_out: Option<BTreeMap<String, String>>,
    #[serde(default)]
    pub(crate) uri: Option<String>,
    #[serde(default)]
    pub(crate) body_base64: String,
    pub(crate) canonical_request: String,
    #[serde(default)]
    pub(crate) canonical_request_sha256: Option<String>,
    #[serde(default)]
    pub(crate) string_to_sign: Option<String>,
    #[serde(default)]
    pub(crate) authorization: Option<String>,
    #[serde(default)]
    pub(crate) region_id: String,
    #[serde(default)]
    pub(crate) derived_auth_service_name: String,
}

impl Vector {
    /// The request before it is signed.
    pub(crate) fn unsigned(&self) -> Wire {
        let target = self.uri.clone().unwrap_or_else(|| {
            let pairs: Vec<String> =
                self.query.iter().map(|(key, value)| format!("{key}={value}")).collect();
            format!("{}?{}", self.path, pairs.join("&"))
        });
        // The Python SDK's HTTP library sends the method in upper case, and so it is signed.
        let mut wire = Wire::new(&self.method.to_uppercase(), &target);
        wire.body = STANDARD.decode(&self.body_base64).unwrap();
        if self.headers_out.is_none() {
            wire.set("host", &self.host);
        }
        for (name, value) in self.headers_out.as_ref().unwrap_or(&self.headers) {
            let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
            wire.headers.insert(name, latin1(value));
        }
        wire.headers.remove("authorization");
        wire
    }

    /// The request as the official signer signed it.
    pub(crate) fn signed(&self) -> Wire {
        let mut wire = self.unsigned();
        let value = HeaderValue::from_bytes(self.authorization.as_deref().unwrap().as_bytes());
        wire.headers.insert("authorization", value.unwrap());
        wire
    }

    pub(crate) fn credentials(&self) -> Credentials {
        let credentials = Credentials::new(self.ak.clone(), self.sk.clone());
        match self.unsigned().headers.get("x-security-token") {
            Some(token) => credentials.with_security_token(token.to_str().unwrap()),
            None => credentials,
        }
    }
}

impl Vector {
    /// The scope of a derived key.
    pub(crate) fn scope(&self) -> Scope {
        Scope::new(&self.region_id, &self.derived_auth_service_name).unwrap()
    }

    /// A signer of the row's algorithm.
    pub(crate) fn signer(&self) -> Signer {
        match self.algorithm.as_str() {
            "SDK-HMAC-SHA256" => Signer::new(self.credentials()),
            "V11-HMAC-SHA256" => Signer::derived(self.credentials(), self.scope()),
            other => panic!("{other}"),
        }
    }

    /// A verifier that knows the row's key and takes its algorithm.
    pub(crate) fn verifier(&self) -> Verifier {
        let verifier = Verifier::new().with_key(self.credentials());
        match self.algorithm.as_str() {
            "V11-HMAC-SHA256" => verifier.with_derived_keys(DerivedKeys::Scope(self.scope())),
            _ => verifier,
        }
    }
}

/// Every row of every algorithm, official vectors first, then the anchors.
pub(crate) fn all_vectors() -> Vec<Vector> {
    let files = ["python-sdk.SDK-HMAC-SHA256", "python-sdk.V11-HMAC-SHA256", "anchors"];
    let all: Vec<Vector> =
        files.iter().flat_map(|file| read(&format!("signing/{file}.jsonl"))).collect();
    assert_eq!(all.len(), 195 + 67 + 7);
    all
}

/// The rows of `SDK-HMAC-SHA256` and `V11-HMAC-SHA256`.
pub(crate) fn vectors() -> Vec<Vector> {
    let mut all = all_vectors();
    all.retain(|vector| ["SDK-HMAC-SHA256", "V11-HMAC-SHA256"].contains(&&*vector.algorithm));
    assert_eq!(all.len(), (195 + 2) + (67 + 2));
    all
}

/// A request that an official SDK has sent.
#[derive(Clone, Debug)]
pub(crate) struct Capture {
    pub(crate) name: String,
    pub(crate) wire: Wire,
}

#[derive(Deserialize)]
struct CaptureRow {
    line: String,
    headers: Vec<(String, String)>,
    body: String,
}

pub(crate) const CAPTURE_AK: &str = "AKIDEXAMPLE0001TESTX";
pub(crate) const CAPTURE_SK: &str = "skEXAMPLEonlyForTests0123456789abcdefABCD";

/// The captures of one SDK.
pub(crate) fn captures_of(sdk: &str) -> Vec<Capture> {
    let rows: Vec<CaptureRow> = read(&format!("wire/{sdk}.jsonl"));
    rows.into_iter().map(|row| capture(sdk, &row)).collect()
}

/// All captures.
pub(crate) fn captures() -> Vec<Capture> {
    let all: Vec<Capture> = ["go", "java", "python"].into_iter().flat_map(captures_of).collect();
    assert_eq!(all.len(), 36 + 35 + 35);
    all
}

fn capture(sdk: &str, row: &CaptureRow) -> Capture {
    let [method, target, "HTTP/1.1"] = row.line.split(' ').collect::<Vec<_>>()[..] else {
        panic!("{}", row.line);
    };
    let mut wire = Wire::new(method, target);
    wire.body = STANDARD.decode(&row.body).unwrap();
    for (name, value) in &row.headers {
        let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
        wire.headers.append(name, latin1(value.trim_matches([' ', '\t'])));
    }
    let name = format!("{sdk} {}", wire.text("x-case"));
    Capture { name, wire }
}

pub(crate) fn capture_verifier() -> Verifier {
    Verifier::new().with_key(Credentials::new(CAPTURE_AK, CAPTURE_SK))
}

pub(crate) fn read<T: DeserializeOwned>(file: &str) -> Vec<T> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors").join(file);
    let text = fs::read_to_string(&path).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}
