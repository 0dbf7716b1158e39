//! Query strings, written and read.

use std::borrow::Cow;
use std::fmt::{Display, Write as _};
use std::str::FromStr;

use percent_encoding::{percent_decode, utf8_percent_encode};

use crate::error::DecodeError;
use crate::path::ENCODED;

/// Writes a query string, every name and value percent-encoded.
///
/// ```
/// use rtc_model::query::QueryWriter;
///
/// let mut query = QueryWriter::new();
/// query.pair("prefix", "a b+c");
/// query.pair("limit", 10);
/// query.optional("state", None::<&str>);
/// assert_eq!(query.finish().as_deref(), Some("limit=10&prefix=a%20b%2Bc"));
/// ```
#[derive(Debug, Default)]
pub struct QueryWriter {
    text: String,
}

impl QueryWriter {
    /// Starts an empty query string.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds `name=value`.
    pub fn pair(&mut self, name: &str, value: impl Display) {
        struct Encoder<'a>(&'a mut String);
        impl std::fmt::Write for Encoder<'_> {
            fn write_str(&mut self, text: &str) -> std::fmt::Result {
                self.0.extend(utf8_percent_encode(text, ENCODED));
                Ok(())
            }
        }
        if !self.text.is_empty() {
            self.text.push('&');
        }
        self.text.extend(utf8_percent_encode(name, ENCODED));
        self.text.push('=');
        // Writing into a String does not fail; a Display that fails writes what it can.
        let _ = write!(Encoder(&mut self.text), "{value}");
    }

    /// Adds `name=value` when there is a value.
    pub fn optional(&mut self, name: &str, value: Option<impl Display>) {
        if let Some(value) = value {
            self.pair(name, value);
        }
    }

    /// The query string without the `?`, sorted by name as the official SDKs send it, or `None`
    /// when nothing was added.
    pub fn finish(self) -> Option<String> {
        let mut pairs: Vec<&str> = self.text.split('&').filter(|pair| !pair.is_empty()).collect();
        pairs.sort_by_key(|pair| pair.split_once('='));
        (!pairs.is_empty()).then(|| pairs.join("&"))
    }
}

/// Reads a query string as it stands on the wire.
///
/// Pieces without `=` have an empty value, empty pieces are skipped, `+` is a space: the same
/// reading that the signature is made of. Parameters that nobody asks for are ignored.
///
/// ```
/// use rtc_model::query::QueryReader;
///
/// let query = QueryReader::new(Some("limit=10&state=ACTIVATION"));
/// assert_eq!(query.optional::<u32>("limit")?, Some(10));
/// assert_eq!(query.optional::<u32>("offset")?, None);
/// # Ok::<(), rtc_model::DecodeError>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct QueryReader<'q> {
    text: &'q str,
}

impl<'q> QueryReader<'q> {
    /// Reads `query`, which stands after the `?` of a target.
    pub fn new(query: Option<&'q str>) -> Self {
        Self { text: query.unwrap_or_default() }
    }

    /// The value of `name`, decoded; an error when it comes twice or is not UTF-8.
    pub fn text(&self, name: &'static str) -> Result<Option<Cow<'q, str>>, DecodeError> {
        let mut found = None;
        for piece in self.text.split('&').filter(|piece| !piece.is_empty()) {
            let (key, value) = piece.split_once('=').unwrap_or((piece, ""));
            if decode(key).is_none_or(|key| key != name) {
                continue;
            }
            if found.is_some() {
                return Err(DecodeError::Query { name, reason: "it is given twice".into() });
            }
            found = Some(decode(value).ok_or_else(|| DecodeError::Query {
                name,
                reason: "it is not UTF-8 after percent-decoding".into(),
            })?);
        }
        Ok(found)
    }

    /// The value of an optional parameter.
    pub fn optional<T>(&self, name: &'static str) -> Result<Option<T>, DecodeError>
    where
        T: FromStr<Err: Display>,
    {
        self.text(name)?
            .map(|text| {
                text.parse().map_err(|error: T::Err| DecodeError::Query {
                    name,
                    reason: format!("{text:?}: {error}").into(),
                })
            })
            .transpose()
    }

    /// The value of a mandatory parameter.
    pub fn required<T>(&self, name: &'static str) -> Result<T, DecodeError>
    where
        T: FromStr<Err: Display>,
    {
        self.optional(name)?.ok_or(DecodeError::Missing { field: Cow::Borrowed(name) })
    }
}

fn decode(text: &str) -> Option<Cow<'_, str>> {
    if text.contains('+') {
        let spaced = text.replace('+', " ");
        return percent_decode(spaced.as_bytes())
            .decode_utf8()
            .ok()
            .map(|t| Cow::Owned(t.into_owned()));
    }
    percent_decode(text.as_bytes()).decode_utf8().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plus_is_a_space_and_a_piece_without_equals_is_empty() {
        let query = QueryReader::new(Some("&prefix=a+b%2Bc&&flag"));
        assert_eq!(query.text("prefix").unwrap().unwrap(), "a b+c");
        assert_eq!(query.text("flag").unwrap().unwrap(), "");
        assert_eq!(query.text("other").unwrap(), None);
    }

    #[test]
    fn a_mandatory_parameter_that_is_absent_is_missing() {
        let error = QueryReader::new(None).required::<String>("bucket").unwrap_err();
        assert!(matches!(error, DecodeError::Missing { field } if field == "bucket"));
    }

    #[test]
    fn a_bad_value_is_named_with_its_reason() {
        for (query, word) in
            [("limit=ten", "limit"), ("limit=1&limit=2", "twice"), ("limit=%FF", "UTF-8")]
        {
            let error = QueryReader::new(Some(query)).optional::<u32>("limit").unwrap_err();
            assert!(error.to_string().contains(word), "{error}");
        }
    }
}
