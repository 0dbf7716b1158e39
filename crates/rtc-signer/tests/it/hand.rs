//! A request and, apart from it, a canonical request written by hand and signed without the crate.

use ring::digest::{SHA256, digest};
use ring::hmac;
use rtc_signer::{
    Credentials, Explanation, Hypothesis, Reason, Tolerance, Tolerances, Verdict, Verifier,
};

use crate::support::Wire;

pub(crate) const AK: &str = "AKIDEXAMPLE0001TESTX";
pub(crate) const SK: &str = "skEXAMPLEonlyForTests";
pub(crate) const DATE: &str = "20240102T030405Z";
pub(crate) const HOST: &str = "rtc-api.example.com";
pub(crate) const BODY: &str = r#"{"a":1,"b":[2,"x: y, z"]}"#;

/// What is sent, and what the client signs; a test makes the two differ.
#[derive(Clone)]
pub(crate) struct Case {
    pub(crate) wire: Wire,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) payload: String,
    pub(crate) label: String,
    pub(crate) secret: String,
}

impl Case {
    /// `POST` with a JSON body, signed rightly. `path` and `query` are the canonical lines.
    pub(crate) fn new(target: &str, path: &str, query: &str) -> Self {
        let mut wire = Wire::new("POST", target);
        wire.body = BODY.as_bytes().to_vec();
        wire.set("host", HOST);
        wire.set("x-sdk-date", DATE);
        let headers = [("host", HOST), ("x-sdk-date", DATE)];
        Self {
            wire,
            path: path.to_owned(),
            query: query.to_owned(),
            headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec(),
            payload: sha256(BODY),
            label: "SDK-HMAC-SHA256".to_owned(),
            secret: SK.to_owned(),
        }
    }

    /// Sends and signs one more header.
    pub(crate) fn header(&mut self, name: &str, value: &str) {
        self.wire.set(name, value);
        self.headers.push((name.to_owned(), value.to_owned()));
        self.headers.sort();
    }

    /// Changes the value that is signed, not the one that is sent.
    pub(crate) fn sign_header_as(&mut self, name: &str, value: &str) {
        let (_, signed) = self.headers.iter_mut().find(|(header, _)| header == name).unwrap();
        value.clone_into(signed);
    }

    pub(crate) fn canonical(&self) -> String {
        let lines: Vec<String> =
            self.headers.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
        let lines = lines.concat();
        let (path, query) = (&self.path, &self.query);
        format!("POST\n{path}\n{query}\n{lines}\n{}\n{}", self.names(), self.payload)
    }

    /// The request with the signature of the canonical request.
    pub(crate) fn signed(&self) -> Wire {
        let text = format!("{}\n{DATE}\n{}", self.label, sha256(&self.canonical()));
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.secret.as_bytes());
        let signature = hex(hmac::sign(&key, text.as_bytes()).as_ref());
        let mut wire = self.wire.clone();
        let names = self.names();
        let value =
            format!("SDK-HMAC-SHA256 Access={AK}, SignedHeaders={names}, Signature={signature}");
        wire.set("authorization", &value);
        wire
    }

    pub(crate) fn explain(&self, verifier: &Verifier) -> Explanation {
        let wire = self.signed();
        let explanation = verifier.explain(&wire.view(), Some(wire.signed_at()), None);
        let verified = verifier.verify(&wire.view(), wire.signed_at());
        assert_eq!(explanation.verdict() == Verdict::Accepted, verified.is_ok());
        explanation
    }

    #[track_caller]
    pub(crate) fn is_accepted(&self, tolerance: Option<Tolerance>) {
        let explanation = self.explain(&verifier());
        assert_eq!(explanation.verdict(), Verdict::Accepted, "{explanation}");
        assert_eq!(explanation.tolerance(), tolerance);
        assert_eq!(explanation.canonical_request(), Some(self.canonical().as_str()));
        assert_eq!(explanation.expected_signature(), explanation.given_signature());
    }

    /// The mistake is named, and is no mistake for a signature that is in order.
    #[track_caller]
    pub(crate) fn is_named(&self, hypothesis: &Hypothesis) {
        self.is_named_by(&verifier(), hypothesis);
    }

    #[track_caller]
    pub(crate) fn is_named_by(&self, verifier: &Verifier, hypothesis: &Hypothesis) {
        let explanation = self.explain(verifier);
        assert_eq!(explanation.verdict(), Verdict::Refused);
        assert_eq!(explanation.reason(), Some(&Reason::Hypothesis(hypothesis.clone())));
        assert_ne!(explanation.expected_signature(), explanation.given_signature());
        assert!(explanation.to_string().contains(&hypothesis.to_string()), "{explanation}");
    }
}

impl Case {
    fn names(&self) -> String {
        let names: Vec<&str> = self.headers.iter().map(|(name, _)| name.as_str()).collect();
        names.join(";")
    }
}

pub(crate) fn verifier() -> Verifier {
    Verifier::new().with_key(Credentials::new(AK, SK))
}

pub(crate) fn strict() -> Verifier {
    verifier().with_tolerances(Tolerances::none())
}

pub(crate) fn sha256(text: &str) -> String {
    hex(digest(&SHA256, text.as_bytes()).as_ref())
}

fn hex(bytes: &[u8]) -> String {
    let pairs: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    pairs.concat()
}
