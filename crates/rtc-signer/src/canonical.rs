//! The canonical request: one writer for signing, verifying and explaining.

mod path;
mod query;
mod sink;

use std::borrow::Cow;
use std::fmt;

pub(crate) use self::path::PathForm;
pub(crate) use self::query::QueryForm;
use self::sink::Room;
pub(crate) use self::sink::{Hasher, Sink};
use crate::buffer::Few;
use crate::encode::{EMPTY_SHA256, ascii, sha256_hex};
use crate::payload::{Payload, UNSIGNED_PAYLOAD};
use crate::request::SignableRequest;
use http::HeaderMap;

/// The canonical request: the text whose hash is signed.
///
/// `Display` writes the text (bytes that are not UTF-8 as U+FFFD; the hash is over the bytes).
/// It holds the value of every signed header, a security token as well, so it has no place in a
/// log; `Debug` shows only its hash.
///
/// ```
/// use std::time::UNIX_EPOCH;
/// use rtc_signer::http::{HeaderMap, Method};
/// use rtc_signer::{Credentials, Payload, SignableRequest, Signer};
///
/// let (signer, headers) = (Signer::new(Credentials::new("AK", "SK")), HeaderMap::new());
/// let query = Some("offset=1&limit=10");
/// let request =
///     SignableRequest::new(&Method::GET, "/v2/apps", query, &headers, Payload::Bytes(b""));
/// let canonical = signer.canonical_request(&request, UNIX_EPOCH)?;
/// assert!(canonical.as_str().starts_with("GET\n/v2/apps/\nlimit=10&offset=1\nx-sdk-date:"));
/// assert!(canonical.gateway_form().starts_with("GET|/v2/apps/|limit=10&offset=1|x-sdk-date:"));
/// let text = signer.string_to_sign(&request, UNIX_EPOCH)?;
/// assert!(text.as_str().ends_with(canonical.sha256_hex()));
/// # Ok::<(), rtc_signer::SignError>(())
/// ```
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

/// The name of a signed header as it is written, and one value of it.
pub(crate) type Field<'r> = (&'r str, &'r [u8]);

/// Every value of every signed header, in the order in which they are written.
pub(crate) type Fields<'r> = Few<Field<'r>, FEW_FIELDS>;

/// So many fields need no heap.
pub(crate) const FEW_FIELDS: usize = 10;

pub(crate) const fn no_fields<'r>() -> Fields<'r> {
    Few::new(("", &[]))
}

/// All that a canonical request is made of, but the payload line.
#[derive(Clone, Copy)]
pub(crate) struct Canonical<'r> {
    pub(crate) request: &'r SignableRequest<'r>,
    /// The names of the fields, parted by `;`.
    pub(crate) names: &'r [u8],
    pub(crate) fields: &'r [Field<'r>],
    pub(crate) form: Form,
}

impl Canonical<'_> {
    /// Writes every line up to and with the newline before the payload line.
    #[inline]
    pub(crate) fn write_head<S: Sink>(&self, sink: S) -> S {
        let sink = sink.put(self.request.method.as_bytes()).put(b"\n");
        let sink = self.form.path.write(self.request.path, sink).put(b"\n");
        let mut sink = self.form.query.write(self.request.query.unwrap_or_default(), sink);
        let mut last = "";
        for (name, value) in self.fields {
            let value = if self.form.values == ValueForm::Trimmed { trim(value) } else { value };
            sink = if *name == last {
                sink.put(b",").put(value)
            } else {
                sink.put(b"\n").put(name.as_bytes()).put(b":").put(value)
            };
            last = name;
        }
        sink.put(b"\n\n").put(self.names).put(b"\n")
    }

    /// The hash of the text that ends in a payload line, in hex.
    pub(crate) fn sha256(&self, payload: &[u8]) -> [u8; 64] {
        const ROOM: usize = 512;
        let mut text = [0; ROOM];
        // What is long is not looked at twice.
        if self.request.path.len() + self.request.query.map_or(0, str::len) < ROOM
            && let Some(rest) = self.write_head(Room(Some(&mut text))).put(payload).0
        {
            let end = ROOM - rest.len();
            return sha256_hex(text.get(..end).unwrap_or_default());
        }
        self.sha256_of_long(payload)
    }

    #[cold]
    fn sha256_of_long(&self, payload: &[u8]) -> [u8; 64] {
        let mut hasher = Hasher::new();
        let _ = self.write_head(&mut hasher).put(payload);
        hasher.finish()
    }

    /// The whole text, for people.
    pub(crate) fn text(&self, payload: &[u8]) -> CanonicalRequest {
        let mut bytes = Vec::with_capacity(256);
        let _ = self.write_head(&mut bytes).put(payload);
        let sha256 = sha256_hex(&bytes);
        let text = String::from_utf8(bytes)
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
        CanonicalRequest { text, sha256 }
    }
}

/// The last line of a canonical request.
#[derive(Clone)]
pub(crate) enum PayloadLine<'r> {
    /// The hash of the body.
    Hash([u8; 64]),
    /// A text taken as it is.
    Verbatim(Cow<'r, [u8]>),
}

impl PayloadLine<'_> {
    pub(crate) const EMPTY: Self = Self::Verbatim(Cow::Borrowed(EMPTY_SHA256.as_bytes()));
    pub(crate) const UNSIGNED: Self = Self::Verbatim(Cow::Borrowed(UNSIGNED_PAYLOAD.as_bytes()));

    /// The hash of a body, or `UNSIGNED-PAYLOAD` for a body that is not at hand.
    pub(crate) fn of(payload: Payload<'_>) -> Self {
        match payload {
            Payload::Bytes([]) => Self::EMPTY,
            _ => payload.sha256_digits().map_or(Self::UNSIGNED, Self::Hash),
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
#[inline]
pub(crate) fn trim(mut value: &[u8]) -> &[u8] {
    // Nothing below a space but the tab can stand in a header.
    if let [first, .., last] = value
        && *first.min(last) > b' '
    {
        return value;
    }
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
        let mut fields = no_fields();
        headers.iter().for_each(|(name, value)| fields.push((name.as_str(), value.as_bytes())));
        let fields = fields.as_slice();
        let canonical = Canonical { request: &request, names: b"x-a", fields, form: Form::BASE };
        let mut bytes = Vec::new();
        let _ = canonical.write_head(&mut bytes);
        assert_eq!(bytes, b"GET\n/\n\nx-a:a  b,\xFF\n\nx-a\n");
        let text = canonical.text(b"p");
        assert_eq!(text.as_str(), "GET\n/\n\nx-a:a  b,\u{FFFD}\n\nx-a\np");
        assert_eq!(text.gateway_form(), "GET|/||x-a:a  b,\u{FFFD}||x-a|p");
        let _ = bytes.put(b"p");
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
