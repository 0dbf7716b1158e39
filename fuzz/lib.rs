//! What the fuzz targets have in common: a request read from bytes, and the keys of the corpus.

#![forbid(unsafe_code)]

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use rtc_signer::date::parse_sdk_date;
use rtc_signer::{Credentials, Payload, SignableRequest};

/// A request read from a text like HTTP/1.1: request line, headers, empty line, body.
///
/// Lines end in a single line feed, so that inputs are easy to read and to mutate. A line that is
/// no header is skipped.
#[derive(Clone, Debug)]
pub struct Wire {
    pub method: Method,
    pub path: String,
    pub query: Option<String>,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Wire {
    /// Reads a request; `None` if it has no request line.
    pub fn parse(data: &[u8]) -> Option<Self> {
        let (head, body) = split(data, b"\n\n").unwrap_or((data, b""));
        let mut lines = head.split(|byte| *byte == b'\n');
        let line = std::str::from_utf8(lines.next()?).ok()?;
        let (method, target) = line.split_once(' ')?;
        let target = target.strip_suffix(" HTTP/1.1").unwrap_or(target);
        let (path, query) = match target.split_once('?') {
            Some((path, query)) => (path, Some(query.to_owned())),
            None => (target, None),
        };
        let mut headers = HeaderMap::new();
        for (name, value) in lines.filter_map(|line| split(line, b":")) {
            let name = HeaderName::from_bytes(name);
            let value = HeaderValue::from_bytes(value.strip_prefix(b" ").unwrap_or(value));
            if let (Ok(name), Ok(value)) = (name, value) {
                headers.try_append(name, value).ok()?;
            }
        }
        let method = Method::from_bytes(method.as_bytes()).ok()?;
        Some(Self { method, path: path.to_owned(), query, headers, body: body.to_vec() })
    }

    /// The request as the signer takes it.
    pub fn view(&self) -> SignableRequest<'_> {
        let (path, query) = (self.path.as_str(), self.query.as_deref());
        let payload = Payload::Bytes(&self.body);
        SignableRequest::new(&self.method, path, query, &self.headers, payload)
    }

    /// Path and query, where they are those of a request.
    pub fn target(&self) -> Option<Uri> {
        let target = match &self.query {
            Some(query) => format!("{}?{query}", self.path),
            None => self.path.clone(),
        };
        target.parse().ok()
    }

    /// The time in its own `X-Sdk-Date`, else a fixed one.
    pub fn signed_at(&self) -> SystemTime {
        let text = self.headers.get("x-sdk-date").and_then(|value| value.to_str().ok());
        text.and_then(|text| parse_sdk_date(text.trim())).unwrap_or_else(fixed_time)
    }
}

/// 2024-01-02T03:04:05Z.
pub fn fixed_time() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_704_164_645)
}

/// The key with which the vectors and captures of the corpus are signed.
pub fn vector_key() -> Credentials {
    Credentials::new("AKIDEXAMPLE0001TESTX", VECTOR_SECRET)
}

/// Its secret, which nothing may show.
pub const VECTOR_SECRET: &str = "skEXAMPLEonlyForTests0123456789abcdefABCD";

/// The key with which the notifications of the corpus are signed.
pub const CALLBACK_KEY: &str = "0123456789abcdef0123456789abcdef";

/// The bytes before and after the first occurrence of some others.
pub fn split<'a>(bytes: &'a [u8], at: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let place = bytes.windows(at.len()).position(|window| window == at)?;
    Some((&bytes[..place], &bytes[place + at.len()..]))
}

/// A slow and plain reading of the rule, to hold against the signer: percent-decodes once.
pub fn decode(text: &[u8], plus_is_space: bool) -> Vec<u8> {
    let mut decoded = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let digits = text.get(at + 1..at + 3).and_then(|digits| std::str::from_utf8(digits).ok());
        let plain = digits.filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
        match (text[at], plain) {
            (b'%', Some(digits)) => {
                decoded.push(u8::from_str_radix(digits, 16).expect("two hex digits"));
                at += 2;
            }
            (b'+', _) if plus_is_space => decoded.push(b' '),
            (byte, _) => decoded.push(byte),
        }
        at += 1;
    }
    decoded
}

/// The same for percent-encoding: all but `A-Za-z0-9-._~` and what is to be kept.
pub fn encode(bytes: &[u8], keep: &str) -> String {
    let mut text = String::new();
    for byte in bytes {
        let letter = char::from(*byte);
        if byte.is_ascii_alphanumeric() || "-._~".contains(letter) || keep.contains(letter) {
            text.push(letter);
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text
}

/// One line of the canonical request that the signer makes, from 0.
pub fn canonical_line(path: &str, query: Option<&str>, line: usize) -> String {
    let headers = HeaderMap::new();
    let request = SignableRequest::new(&Method::GET, path, query, &headers, Payload::Bytes(b""));
    let signer = rtc_signer::Signer::new(vector_key());
    let canonical = signer.canonical_request(&request, fixed_time()).expect("nothing to refuse");
    canonical.as_str().split('\n').nth(line).expect("it has more lines").to_owned()
}
