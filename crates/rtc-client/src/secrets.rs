//! Keeping secrets out of what errors show.

use std::borrow::Cow;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue};

/// What stands in for a secret.
const MASK: &str = "***";
/// The fields of the API that hold secrets of the account, which the service answers in clear.
const SECRET_FIELDS: [&str; 2] = ["\"auth_key\"", "\"app_key\""];

/// The values that an attempt sent in headers marked sensitive.
///
/// The gateway repeats signed headers in its error messages, the security token among them, and a
/// page of a proxy may repeat any.
pub(crate) struct Secrets(Vec<HeaderValue>);

impl Secrets {
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let sensitive = headers.values().filter(|value| value.is_sensitive() && !value.is_empty());
        let mut secrets: Vec<_> = sensitive.cloned().collect();
        // The longest first: one may be the beginning of another.
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        Self(secrets)
    }

    /// The text without the secrets.
    pub(crate) fn mask_text<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut masked = Cow::Borrowed(text);
        for secret in self.0.iter().filter_map(|value| std::str::from_utf8(value.as_bytes()).ok()) {
            if masked.contains(secret) {
                masked = Cow::Owned(masked.replace(secret, MASK));
            }
        }
        masked
    }

    /// The first `max` bytes of a body without the secrets.
    pub(crate) fn mask_body(&self, body: &[u8], max: usize) -> Bytes {
        let mut masked = Vec::with_capacity(body.len().min(max));
        let mut rest = body;
        // It is the result that is cut, so that no part of a secret is left over at its end.
        while masked.len() < max
            && let Some((first, others)) = rest.split_first()
        {
            let secret = self.0.iter().find_map(|secret| rest.strip_prefix(secret.as_bytes()));
            if let Some(after) = secret {
                masked.extend_from_slice(MASK.as_bytes());
                rest = after;
            } else {
                masked.push(*first);
                rest = others;
            }
        }
        masked.truncate(max);
        Bytes::from(masked)
    }
}

/// Masks the values of the fields that hold secrets, in JSON that may be cut or broken.
pub(crate) fn mask_fields(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(value) = first_secret_value(rest) {
        let (before, from) = rest.split_at(value);
        masked.push_str(before);
        masked.push_str(MASK);
        rest = from.get(string_end(from)..).unwrap_or_default();
    }
    masked.push_str(rest);
    masked
}

/// Where the text of the first secret field's value begins, after its quotation mark.
fn first_secret_value(text: &str) -> Option<usize> {
    SECRET_FIELDS
        .iter()
        .flat_map(|field| text.match_indices(field).map(|(at, field)| at + field.len()))
        .filter_map(|end| {
            let after = text.get(end..)?.trim_start().strip_prefix(':')?;
            let value = after.trim_start().strip_prefix('"')?;
            Some(text.len() - value.len())
        })
        .min()
}

/// Where a JSON string ends, whose opening quotation mark is before the text.
fn string_end(text: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn secrets(texts: &[&'static str]) -> Secrets {
        let mut headers = HeaderMap::new();
        headers.insert("x-open", HeaderValue::from_static("open"));
        for text in texts {
            let mut value = HeaderValue::from_static(text);
            value.set_sensitive(true);
            headers.append("x-secret", value);
        }
        Secrets::of(&headers)
    }

    #[test]
    fn sensitive_headers_are_masked_and_others_are_not() {
        let secrets = secrets(&["t0k", "t0ken", ""]);
        assert_eq!(secrets.mask_text("x:t0ken|open|t0k"), "x:***|open|***");
        assert_eq!(secrets.mask_body(b"\xfft0ken open t0k", 100), &b"\xff*** open ***"[..]);
    }

    proptest! {
        #[test]
        fn no_part_of_a_secret_is_left_wherever_a_body_is_cut(
            pieces in vec(prop_oneof![Just("t0ken"), Just("."), Just("..")], 0..12),
            max in 0_usize..64,
        ) {
            let masked = secrets(&["t0ken"]).mask_body(pieces.concat().as_bytes(), max);
            prop_assert!(masked.len() <= max);
            prop_assert!(masked.iter().all(|byte| b".*".contains(byte)), "{masked:?}");
        }

        #[test]
        fn whatever_is_no_secret_is_kept(text in "[a-z<>{}\":, é\n]{0,80}") {
            let secrets = secrets(&["T0KEN"]);
            prop_assert_eq!(secrets.mask_text(&text), text.as_str());
            prop_assert_eq!(secrets.mask_body(text.as_bytes(), 1000), text.as_bytes());
            prop_assert_eq!(mask_fields(&text), text);
        }

        #[test]
        fn no_value_of_a_secret_field_is_left_in_any_json(
            key in "[A-Z\"\\\\é]{1,20}",
            before in "[a-z{}\\[\\]:, \"]{0,20}",
            cut in 0_usize..60,
        ) {
            let json = serde_json::json!({ "auth_key": key, "app_key": key }).to_string();
            let text: String = before.chars().chain(json.chars()).take(before.len() + cut).collect();
            let masked = mask_fields(&text);
            prop_assert!(!masked.contains(|c: char| c.is_ascii_uppercase() || c == 'é'), "{masked}");
        }
    }

    #[test]
    fn values_of_secret_fields_are_masked_also_where_the_text_is_cut() {
        for (text, masked) in [
            (r#"{"auth_key":"k1","url":"u"}"#, r#"{"auth_key":"***","url":"u"}"#),
            (r#"{"app_key" : "a\"b", "auth_key":"#, r#"{"app_key" : "***", "auth_key":"#),
            (r#"{"auth_key":"cut"#, r#"{"auth_key":"***"#),
            (r#"{"auth_key":null,"app_key":5}"#, r#"{"auth_key":null,"app_key":5}"#),
            ("<html>", "<html>"),
        ] {
            assert_eq!(mask_fields(text), masked);
        }
    }
}
