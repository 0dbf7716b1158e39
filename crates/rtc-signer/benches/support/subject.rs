//! The requests that are measured, and what they are measured against.

use std::hint::black_box;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::request::Parts;
use http::{Request, Uri};
use ring::digest::{SHA256, digest};
use ring::hmac;
use rtc_signer::{Credentials, Payload, SignableRequest, Signer, Verifier};

pub(crate) const AK: &str = "AKIDEXAMPLE0001TESTX";
pub(crate) const SK: &str = "skEXAMPLEonlyForTests0123456789abcdefABCD";

/// The time of signing.
pub(crate) fn at() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_710_490_530)
}

/// A request as a client makes it and as a server sees it, and the bytes that must be hashed.
pub(crate) struct Subject {
    pub(crate) name: &'static str,
    pub(crate) plain: Parts,
    pub(crate) body: Vec<u8>,
    arrived: Parts,
    signer: Signer,
    verifier: Verifier,
    pub(crate) canonical_request: Vec<u8>,
    pub(crate) string_to_sign: Vec<u8>,
    pub(crate) key: hmac::Key,
}

impl Subject {
    /// `GET` without body, two query pairs, four headers.
    pub(crate) fn get() -> Self {
        Self::new("GET without body", "GET", "/v2/apps?limit=10&offset=0", Vec::new())
    }

    /// `PUT` with a JSON body of 200 bytes, four headers.
    pub(crate) fn put() -> Self {
        let start = r#"{"url":"https://callback.example.com/rtc/records","auth_key":"0123456789abcdef0123456789abcdef","note":""#;
        let body = format!("{start}{}\"}}", "x".repeat(200 - 2 - start.len()));
        let path = "/v2/apps/5f0e3c1d2b4a59687786950a/record-callback";
        Self::new("PUT with 200 bytes", "PUT", path, body.into_bytes())
    }

    fn new(name: &'static str, method: &'static str, target: &str, body: Vec<u8>) -> Self {
        let uri: Uri = format!("https://rtc-api.myhuaweicloud.com{target}")
            .parse()
            .expect("the targets are valid");
        let plain = head(method, &uri);
        let credentials = Credentials::new(AK, SK);
        let signer = Signer::new(credentials.clone());
        let verifier = Verifier::new().with_key(credentials);
        let request = SignableRequest::from_parts(&plain, Payload::Bytes(&body));
        let canonical_request = signer.canonical_request(&request, at()).expect("it can be signed");
        let string_to_sign = signer.string_to_sign(&request, at()).expect("it can be signed");
        let mut arrived = head(method, &uri);
        signer.sign_parts(&mut arrived, Payload::Bytes(&body), at()).expect("it can be signed");
        Self {
            name,
            plain,
            body,
            arrived,
            signer,
            verifier,
            canonical_request: canonical_request.as_str().as_bytes().to_vec(),
            string_to_sign: string_to_sign.as_str().as_bytes().to_vec(),
            key: hmac::Key::new(hmac::HMAC_SHA256, SK.as_bytes()),
        }
    }

    /// The head of the request, as a client has made it.
    pub(crate) fn head(&self) -> Parts {
        head(self.plain.method.as_str(), &self.plain.uri)
    }

    /// The limit: ring hashes the same bytes, the key of the HMAC being prepared.
    pub(crate) fn hash(&self) {
        if !self.body.is_empty() {
            black_box(digest(&SHA256, black_box(&self.body)));
        }
        black_box(digest(&SHA256, black_box(&self.canonical_request)));
        black_box(hmac::sign(&self.key, black_box(&self.string_to_sign)));
    }

    /// The request before it is signed.
    pub(crate) fn request(&self) -> SignableRequest<'_> {
        SignableRequest::from_parts(&self.plain, Payload::Bytes(&self.body))
    }

    /// The same, signed.
    pub(crate) fn arrived(&self) -> SignableRequest<'_> {
        SignableRequest::from_parts(&self.arrived, Payload::Bytes(&self.body))
    }

    /// The signature, its headers not yet written.
    pub(crate) fn sign(&self, request: &SignableRequest<'_>) {
        let signed = self.signer.sign(black_box(request), black_box(at()));
        assert!(black_box(&signed).is_ok(), "it can be signed");
    }

    /// The signature, and its headers set in a head that the caller has made.
    pub(crate) fn sign_parts(&self, parts: &mut Parts) {
        let signed = self.signer.sign_parts(parts, Payload::Bytes(&self.body), black_box(at()));
        signed.expect("it can be signed");
    }

    /// The signed request is verified.
    pub(crate) fn verify(&self, arrived: &SignableRequest<'_>) {
        let verified = self.verifier.verify(black_box(arrived), black_box(at()));
        assert!(black_box(&verified).is_ok(), "it was signed with this key");
    }
}

/// A head that has grown header by header, so that its map has room for some more.
fn head(method: &str, uri: &Uri) -> Parts {
    let request = Request::builder()
        .method(method)
        .uri(uri.clone())
        .header("content-type", "application/json")
        .header("host", "rtc-api.myhuaweicloud.com")
        .header("user-agent", "huaweicloud-rtc-rust/0.1.0")
        .header("x-project-id", "0123456789abcdef0123456789abcdef")
        .body(());
    request.expect("its parts are valid").into_parts().0
}
