//! Signing vectors and wire captures of the official SDKs (see the signer's `tests/vectors`).

use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::repository;

/// The access key of every capture.
pub const ACCESS_KEY: &str = "AKIDEXAMPLE0001TESTX";
/// The secret key of every capture.
pub const SECRET_KEY: &str = "skEXAMPLEonlyForTests0123456789abcdefABCD";

/// A request as the official Python signer signed it, step by step.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct SigningVector {
    /// Its name.
    pub name: String,
    /// The algorithm.
    pub algorithm: String,
    /// The access key.
    pub ak: String,
    /// The secret key.
    pub sk: String,
    /// The method.
    pub method: String,
    /// Path and query as sent.
    pub uri: String,
    /// The headers as sent; a value that is not ASCII stands as the Latin-1 text of its bytes.
    pub headers_out: std::collections::BTreeMap<String, String>,
    /// The body.
    pub body_base64: String,
    /// The first step.
    pub canonical_request: String,
    /// The second step.
    pub string_to_sign: String,
    /// The header that came out.
    pub authorization: String,
    /// The region of a derived key.
    #[serde(default)]
    pub region_id: String,
    /// The service of a derived key.
    #[serde(default)]
    pub derived_auth_service_name: String,
}

impl SigningVector {
    /// The body.
    pub fn body(&self) -> Vec<u8> {
        STANDARD.decode(&self.body_base64).expect("a body is base64")
    }
}

/// A request as an official SDK put it on the wire.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct Capture {
    /// The request line.
    pub line: String,
    /// The headers.
    pub headers: Vec<(String, String)>,
    /// The body in base64.
    pub body: String,
}

impl Capture {
    /// The first header of the name.
    pub fn header(&self, name: &str) -> &str {
        let mut found = self.headers.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
        found.next().map_or("", |(_, value)| value.trim())
    }

    /// The body.
    pub fn body(&self) -> Vec<u8> {
        STANDARD.decode(&self.body).expect("a body is base64")
    }
}

/// The vectors of the official Python signer for an algorithm.
pub fn signing(algorithm: &str) -> Vec<SigningVector> {
    read(&format!("signing/python-sdk.{algorithm}.jsonl"))
}

/// The captures of an SDK: `python`, `go` or `java`.
pub fn captures(sdk: &str) -> Vec<Capture> {
    read(&format!("wire/{sdk}.jsonl"))
}

fn read<T: DeserializeOwned>(file: &str) -> Vec<T> {
    let path = repository().join("crates/rtc-signer/tests/vectors").join(file);
    let text =
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let lines = text.lines().filter(|line| !line.is_empty());
    lines
        .map(|line| {
            serde_json::from_str(line).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
        })
        .collect()
}
