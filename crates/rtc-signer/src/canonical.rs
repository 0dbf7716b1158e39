//! The canonical request: one writer for signing, verifying and explaining.

mod path;
mod query;

use std::borrow::Cow;
use std::fmt;

use http::HeaderMap;
use ring::digest::{Context, SHA256, digest};

pub(crate) use self::path::PathForm;
pub(crate) use self::query::QueryForm;
use crate::encode::{EMPTY_SHA256, ascii, digest_bytes, hex, sha256_hex};
use crate::request::{Payload, SignableRequest, UNSIGNED_PAYLOAD};

/// The canonical request: the text whose hash is signed.
///
/// `Display` writes the text (bytes that are not UTF-8 as U+FFFD; the hash is over the bytes).
/// It holds the value of every signed header, a security token as well, so it has no place in a
/// log; `Debug` shows only its hash.
#[derive(Clone)]
pub struct CanonicalRequest {
    text: String,
    sha256: [u8; 64],
}

impl CanonicalRequest {
    /// The text, lines parted by `\n`.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The hash of the text as 64 lower-case hex digits, the last line of the string to sign.
    pub fn sha256_hex(&self) -> &str {
        ascii(&self.sha256)
    }

    /// The text with `|` for every newline, as the real gateway prints it (decision D20).
    pub fn gateway_form(&self) -> String {
        self.text.replace('\n', "|")
    }

    pub(crate) const fn hash_digits(&self) -> &[u8; 64] {
        &self.sha256
    }
}

impl fmt::Display for CanonicalRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for CanonicalRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CanonicalRequest")
            .field("sha256", &self.sha256_hex())
            .finish_non_exhaustive()
    }
}

/// Where a canonical request is written to: memory, or straight into a hash.
pub(crate) trait Sink {
    fn put(&mut self, bytes: &[u8]);
}

impl Sink for Vec<u8> {
    fn put(&mut self, bytes: &[u8]) {
        self.extend_from_slice(bytes);
    }
}

impl Sink for Context {
    fn put(&mut self, bytes: &[u8]) {
        self.update(bytes);
    }
}

/// Whether the spaces round a header's value are dropped.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum ValueForm {
    /// Dropped, the base rule.
    Trimmed,
    /// Kept, a known mistake.
    Untrimmed,
}

/// Which reading of the rules is written.
#[derive(Clone, Copy)]
pub(crate) struct Form {
    pub(crate) path: PathForm,
    pub(crate) query: QueryForm,
    pub(crate) values: ValueForm,
}

impl Form {
    /// The base rule, the only form that is ever signed.
    pub(crate) const BASE: Self =
        Self { path: PathForm::Base, query: QueryForm::Base, values: ValueForm::Trimmed };
}

/// A header that is not in the request's map, or stands in for one that is.
pub(crate) type Added<'r> = (&'r str, &'r [u8]);

/// All that a canonical request is made of, but the payload line.
#[derive(Clone, Copy)]
pub(crate) struct Canonical<'r> {
    pub(crate) request: SignableRequest<'r>,
    /// Names parted by `;`, in the order in which they are written.
    pub(crate) signed_headers: &'r str,
    pub(crate) added: &'r [Added<'r>],
    pub(crate) form: Form,
}

impl Canonical<'_> {
    /// Writes every line up to and with the newline before the payload line.
    pub(crate) fn write_head(&self, sink: &mut impl Sink) {
        sink.put(self.request.method.as_bytes());
        sink.put(b"\n");
        self.form.path.write(self.request.path, sink);
        sink.put(b"\n");
        self.form.query.write(self.request.query.unwrap_or_default(), sink);
        sink.put(b"\n");
        for name in self.signed_headers.split(';') {
            sink.put(name.as_bytes());
            sink.put(b":");
            self.write_values(name, sink);
            sink.put(b"\n");
        }
        sink.put(b"\n");
        sink.put(self.signed_headers.as_bytes());
        sink.put(b"\n");
    }

    /// The hash of the head, still open for the payload line.
    pub(crate) fn digest_head(&self) -> Context {
        let mut context = Context::new(&SHA256);
        self.write_head(&mut context);
        context
    }

    /// The whole text, for people.
    pub(crate) fn text(&self, payload: &[u8]) -> CanonicalRequest {
        let mut bytes = Vec::with_capacity(256);
        self.write_head(&mut bytes);
        bytes.put(payload);
        let sha256 = hex(digest_bytes(&digest(&SHA256, &bytes)));
        let text = String::from_utf8(bytes)
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
        CanonicalRequest { text, sha256 }
    }

    fn write_values(&self, name: &str, sink: &mut impl Sink) {
        if let Some((_, value)) = self.added.iter().find(|(added, _)| *added == name) {
            sink.put(trim(value));
            return;
        }
        for (index, value) in self.request.headers.get_all(name).iter().enumerate() {
            if index > 0 {
                sink.put(b",");
            }
            let bytes = value.as_bytes();
            sink.put(if self.form.values == ValueForm::Trimmed { trim(bytes) } else { bytes });
        }
    }
}

/// The last line of a canonical request.
#[derive(Clone, Copy)]
pub(crate) enum PayloadLine<'r> {
    /// The hash of the body.
    Hash([u8; 64]),
    /// A text taken as it is.
    Verbatim(&'r [u8]),
}

impl<'r> PayloadLine<'r> {
    pub(crate) const EMPTY: Self = Self::Verbatim(EMPTY_SHA256.as_bytes());
    pub(crate) const UNSIGNED: Self = Self::Verbatim(UNSIGNED_PAYLOAD.as_bytes());

    /// The hash of a body, or `UNSIGNED-PAYLOAD` for a body that is not at hand.
    pub(crate) fn of(payload: Payload<'r>) -> Self {
        match payload {
            Payload::Bytes([]) => Self::EMPTY,
            Payload::Bytes(bytes) => Self::Hash(sha256_hex(bytes)),
            Payload::Unsigned => Self::UNSIGNED,
        }
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Hash(digits) => digits,
            Self::Verbatim(text) => text,
        }
    }
}

/// A value without the spaces and tabs round it.
pub(crate) fn trim(mut value: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = value {
        value = rest;
    }
    value
}

/// The value of a header as the canonical request shows it, `None` if the header is absent.
pub(crate) fn header_value<'r>(headers: &'r HeaderMap, name: &str) -> Option<Cow<'r, [u8]>> {
    let mut values = headers.get_all(name).iter().map(|value| trim(value.as_bytes()));
    let first = values.next()?;
    let mut joined = Cow::Borrowed(first);
    for value in values {
        let text = joined.to_mut();
        text.push(b',');
        text.extend_from_slice(value);
    }
    Some(joined)
}

#[cfg(test)]
mod tests {
    use http::{HeaderValue, Method};

    use super::*;

    #[test]
    fn values_are_trimmed_joined_and_kept_byte_by_byte() {
        let mut headers = HeaderMap::new();
        headers.append("x-a", HeaderValue::from_static(" a  b\t"));
        headers.append("x-a", HeaderValue::from_bytes(b"\xFF").unwrap());
        let request = SignableRequest::new(&Method::GET, "/", None, &headers, Payload::Bytes(b""));
        let canonical = Canonical { request, signed_headers: "x-a", added: &[], form: Form::BASE };
        let mut bytes = Vec::new();
        canonical.write_head(&mut bytes);
        assert_eq!(bytes, b"GET\n/\n\nx-a:a  b,\xFF\n\nx-a\n");
        let text = canonical.text(b"p");
        assert_eq!(text.as_str(), "GET\n/\n\nx-a:a  b,\u{FFFD}\n\nx-a\np");
        assert_eq!(text.gateway_form(), "GET|/||x-a:a  b,\u{FFFD}||x-a|p");
        bytes.put(b"p");
        assert_eq!(text.sha256_hex().as_bytes(), sha256_hex(&bytes));
        assert_eq!(header_value(&headers, "X-A").unwrap(), b"a  b,\xFF".as_slice());
        assert_eq!(header_value(&headers, "x-b"), None);
    }

    #[test]
    fn a_value_of_spaces_is_empty() {
        assert_eq!(trim(b" \t "), b"");
        assert_eq!(trim(b"\ta b "), b"a b");
    }
}
