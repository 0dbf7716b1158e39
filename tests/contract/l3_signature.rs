//! L3: signer and verifier against the official SDKs, and a tampered copy of each message.

use std::time::SystemTime;

use http::{HeaderMap, HeaderName, HeaderValue, Method};
use rtc_contract_tests::case::{Case, Level};
use rtc_contract_tests::vectors::{self, ACCESS_KEY, Capture, SECRET_KEY, SigningVector};
use rtc_signer::date::parse_sdk_date;
use rtc_signer::{
    Credentials, DerivedKeys, Payload, PayloadCheck, Scope, SignableRequest, Signer, Tolerances,
    Verifier, VerifyErrorKind,
};

/// The one capture that cannot verify: Java signs the spaces round a header value and sends it
/// without them.
const CONTRADICTION: (&str, &str) = ("java", "h_trim");
/// The vectors whose `X-Sdk-Content-Sha256` is a made-up value: the signature is right, the body is
/// not what it says.
const FALSE_HASHES: [&str; 3] =
    ["preset_sha_hash_empty_", "preset_sha_hash_json_", "preset_sha_empty_empty_"];
/// The captures that need a tolerance, all of Java's.
const TOLERATED: usize = 3;

pub(crate) fn add(cases: &mut Vec<Case>) {
    let vectors: Vec<_> = ["SDK-HMAC-SHA256", "V11-HMAC-SHA256"]
        .into_iter()
        .flat_map(|algorithm| {
            let vectors = vectors::signing(algorithm);
            assert!(vectors.iter().all(|vector| vector.algorithm == algorithm));
            vectors
        })
        .collect();
    assert_eq!(vectors.len(), 195 + 67, "vectors are missing");
    for vector in vectors {
        let name = format!("vector {} ({})", vector.name, vector.algorithm);
        cases.push(Case::sync(Level::L3, "", name, move || {
            check_vector(&vector);
        }));
    }
    let mut captures = 0;
    for sdk in ["python", "go", "java"] {
        for capture in vectors::captures(sdk) {
            captures += 1;
            let name = format!("{sdk} on the wire: {}", capture.header("x-case"));
            cases.push(Case::sync(Level::L3, "", name, move || {
                check_capture(sdk, &capture);
            }));
        }
    }
    assert_eq!(captures, 106, "captures are missing");
    cases.push(Case::sync(
        Level::L3,
        "",
        "the tolerances are needed by three captures",
        tolerances,
    ));
}

/// A request as it stands on the wire.
struct Wire {
    method: Method,
    path: String,
    query: Option<String>,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Wire {
    fn new(method: &str, target: &str, headers: HeaderMap, body: Vec<u8>) -> Self {
        let (path, query) = match target.split_once('?') {
            Some((path, query)) => (path, Some(query.to_owned())),
            None => (target, None),
        };
        let method = method.parse().unwrap_or_else(|_| panic!("{method} is no method"));
        Self { method, path: path.to_owned(), query, headers, body }
    }

    fn view(&self) -> SignableRequest<'_> {
        let payload = Payload::Bytes(&self.body);
        SignableRequest::new(
            &self.method,
            &self.path,
            self.query.as_deref(),
            &self.headers,
            payload,
        )
    }

    fn date(&self) -> SystemTime {
        parse_sdk_date(self.headers["x-sdk-date"].to_str().unwrap()).unwrap()
    }

    fn hashes_body(&self) -> bool {
        !self.headers.contains_key("x-sdk-content-sha256")
    }
}

fn check_vector(vector: &SigningVector) {
    let mut headers = HeaderMap::new();
    for (name, value) in &vector.headers_out {
        if name.eq_ignore_ascii_case("authorization") {
            continue;
        }
        // A value that is not ASCII stands as the Latin-1 text of its bytes.
        let bytes: Vec<u8> = value.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
        let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
        headers.append(name, HeaderValue::from_bytes(&bytes).unwrap());
    }
    let mut credentials = Credentials::new(vector.ak.as_str(), vector.sk.as_str());
    if let Some(token) = headers.get("x-security-token") {
        credentials = credentials.with_security_token(token.to_str().unwrap());
    }
    // The official signer sends and signs methods in upper case, whatever it was given.
    let method = vector.method.to_uppercase();
    let mut wire = Wire::new(&method, &vector.uri, headers, vector.body());
    let derived = vector.algorithm == "V11-HMAC-SHA256";
    let scope = || {
        Scope::new(vector.region_id.as_str(), vector.derived_auth_service_name.as_str()).unwrap()
    };
    let signer = if derived {
        Signer::derived(credentials.clone(), scope())
    } else {
        Signer::new(credentials.clone())
    };
    let at = wire.date();

    let canonical = signer.canonical_request(&wire.view(), at).unwrap();
    assert_eq!(canonical.to_string(), vector.canonical_request, "step 1, canonical request");
    let to_sign = signer.string_to_sign(&wire.view(), at).unwrap();
    assert_eq!(to_sign.to_string(), vector.string_to_sign, "step 2, string to sign");
    let output = signer.sign(&wire.view(), at).unwrap();
    let authorization = output.headers().find(|(name, _)| name == "authorization").unwrap().1;
    assert_eq!(authorization.as_bytes(), vector.authorization.as_bytes(), "step 3, signature");

    wire.headers.insert("authorization", authorization);
    let mut verifier = Verifier::new().with_key(credentials);
    if derived {
        let error = verifier.verify(&wire.view(), at).expect_err("derived keys are not asked for");
        assert_eq!(error.kind(), VerifyErrorKind::UnsupportedAlgorithm, "{error}");
        verifier = verifier.with_derived_keys(DerivedKeys::Scope(scope()));
    }
    if FALSE_HASHES.iter().any(|name| vector.name.starts_with(name)) {
        let error = verifier.verify(&wire.view(), at).expect_err("the hash is not the body's");
        assert_eq!(error.kind(), VerifyErrorKind::PayloadMismatch, "{error}");
        let lenient = verifier.with_payload_check(PayloadCheck::Lenient);
        assert!(lenient.verify(&wire.view(), at).is_ok(), "the signature itself is right");
        return;
    }
    accept_and_refuse_tampered(&mut wire, &verifier, &vector.ak, at);
}

fn wire_of(capture: &Capture) -> Wire {
    let mut headers = HeaderMap::new();
    for (name, value) in &capture.headers {
        let name = HeaderName::from_bytes(name.as_bytes());
        let value = HeaderValue::from_bytes(value.trim_matches([' ', '\t']).as_bytes());
        match (name, value) {
            (Ok(name), Ok(value)) => headers.append(name, value),
            _ => panic!("{capture:?} has a header that cannot be on the wire"),
        };
    }
    let mut words = capture.line.split(' ');
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    Wire::new(method, target, headers, capture.body())
}

fn check_capture(sdk: &str, capture: &Capture) {
    let mut wire = wire_of(capture);
    let at = wire.date();
    let verifier = Verifier::new().with_key(Credentials::new(ACCESS_KEY, SECRET_KEY));
    if (sdk, capture.header("x-case")) == CONTRADICTION {
        let error = verifier.verify(&wire.view(), at).expect_err("it contradicts itself");
        assert!(error.is_signature_mismatch(), "{error}");
        return;
    }
    accept_and_refuse_tampered(&mut wire, &verifier, ACCESS_KEY, at);
}

/// The message is accepted; with one thing changed it is not.
fn accept_and_refuse_tampered(wire: &mut Wire, verifier: &Verifier, key: &str, at: SystemTime) {
    match verifier.verify(&wire.view(), at) {
        Ok(found) => assert_eq!(found.access_key(), key),
        Err(error) => panic!("{error}\n{}", verifier.explain(&wire.view(), Some(at), None)),
    }
    let refuse = |what: &str, verifier: &Verifier, wire: &Wire, at: SystemTime| {
        assert!(verifier.verify(&wire.view(), at).is_err(), "accepted with another {what}");
    };
    let other = Verifier::new().with_key(Credentials::new(key, "anotherSecretKey0123456789"));
    refuse("secret key", &other, wire, at);
    refuse("date", verifier, wire, at + std::time::Duration::from_secs(20 * 60));
    refuse("date", verifier, wire, at - std::time::Duration::from_secs(20 * 60));

    let other = if wire.method == Method::OPTIONS { Method::GET } else { Method::OPTIONS };
    let method = std::mem::replace(&mut wire.method, other);
    refuse("method", verifier, wire, at);
    wire.method = method;

    wire.path.push_str("/x");
    refuse("path", verifier, wire, at);
    wire.path.truncate(wire.path.len() - 2);

    let query = wire.query.clone();
    wire.query = Some(query.as_deref().map_or("x=1".into(), |query| format!("{query}&x=1")));
    refuse("query", verifier, wire, at);
    wire.query = query;

    if wire.hashes_body() {
        wire.body.push(b' ');
        refuse("body", verifier, wire, at);
        wire.body.pop();
    }
    for name in signed_headers(wire) {
        let Some(value) = wire.headers.get(&name).cloned() else {
            continue;
        };
        let mut bytes = value.as_bytes().to_vec();
        bytes.push(b'x');
        if let Ok(tampered) = HeaderValue::from_bytes(&bytes) {
            wire.headers.insert(name.clone(), tampered);
            refuse(name.as_str(), verifier, wire, at);
            wire.headers.insert(name, value);
        }
    }
    let authorization = wire.headers.get("authorization").cloned();
    if let Some(value) = authorization.as_ref().and_then(|value| value.to_str().ok()) {
        let (rest, last) = value.split_at(value.len() - 1);
        let flipped = if last == "0" { "1" } else { "0" };
        if let Ok(tampered) = HeaderValue::from_str(&format!("{rest}{flipped}")) {
            wire.headers.insert("authorization", tampered);
            refuse("signature", verifier, wire, at);
        }
    }
    if let Some(value) = authorization {
        wire.headers.insert("authorization", value);
    }
    assert!(verifier.verify(&wire.view(), at).is_ok(), "the copies have changed the original");
}

fn signed_headers(wire: &Wire) -> Vec<HeaderName> {
    let value = wire.headers.get("authorization").and_then(|value| value.to_str().ok());
    let list = value.and_then(|value| value.split_once("SignedHeaders="));
    let list = list.and_then(|(_, rest)| rest.split_once(',')).map_or("", |(list, _)| list);
    list.split(';').filter_map(|name| name.parse().ok()).collect()
}

fn tolerances() {
    let strict = Verifier::new()
        .with_key(Credentials::new(ACCESS_KEY, SECRET_KEY))
        .with_tolerances(Tolerances::none());
    let mut tolerated = Vec::new();
    for sdk in ["python", "go", "java"] {
        for capture in vectors::captures(sdk) {
            let wire = wire_of(&capture);
            let case = (sdk, capture.header("x-case").to_owned());
            if (case.0, case.1.as_str()) != CONTRADICTION
                && strict.verify(&wire.view(), wire.date()).is_err()
            {
                tolerated.push(case);
            }
        }
    }
    assert_eq!(tolerated.len(), TOLERATED, "{tolerated:?}");
    assert!(tolerated.iter().all(|(sdk, _)| *sdk == "java"), "{tolerated:?}");
}
