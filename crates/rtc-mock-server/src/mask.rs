//! Secrets are taken out of what people look at.

use std::borrow::Cow;

use http::HeaderMap;
use http::header::HeaderName;
use rtc_model::wire::X_AUTH_TOKEN;

/// What stands in the place of a secret.
const MASK: &str = "***";

/// The JSON members whose values are secrets.
const SECRET_MEMBERS: [&str; 2] = ["\"auth_key\"", "\"app_key\""];

const X_SECURITY_TOKEN: HeaderName = HeaderName::from_static("x-security-token");

/// Whether the values of the header are secrets.
pub(crate) fn is_secret_header(name: &HeaderName) -> bool {
    *name == X_AUTH_TOKEN || *name == X_SECURITY_TOKEN
}

/// The value of a header as people may see it.
pub(crate) fn header<'a>(name: &HeaderName, value: &'a [u8]) -> Cow<'a, str> {
    if is_secret_header(name) { Cow::Borrowed(MASK) } else { String::from_utf8_lossy(value) }
}

/// Takes the values of a request's secret headers out of a text that may quote them, such as a
/// canonical request.
pub(crate) fn quoted<'a>(headers: &HeaderMap, text: &'a str) -> Cow<'a, str> {
    let mut text = Cow::Borrowed(text);
    for name in [X_AUTH_TOKEN, X_SECURITY_TOKEN] {
        for value in headers.get_all(&name) {
            let value = String::from_utf8_lossy(value.as_bytes());
            let value = value.trim();
            if !value.is_empty() && text.contains(value) {
                text = Cow::Owned(text.replace(value, MASK));
            }
        }
    }
    text
}

/// Takes the values of secret members out of a JSON text and leaves all else as it is, so that a
/// text which is no JSON can be shown too.
pub(crate) fn json(text: &str) -> Cow<'_, str> {
    let mut text = Cow::Borrowed(text);
    for member in SECRET_MEMBERS {
        if text.contains(member) {
            text = Cow::Owned(member_values(&text, member));
        }
    }
    text
}

fn member_values(text: &str, member: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(member) {
        let (before, after) = rest.split_at(at + member.len());
        masked.push_str(before);
        let value = after.trim_start().strip_prefix(':').map(str::trim_start);
        match value.and_then(|value| value.strip_prefix('"')) {
            Some(value) => {
                masked.push_str(&after[..after.len() - value.len()]);
                masked.push_str(MASK);
                rest = &value[string_end(value)..];
            }
            None => rest = after,
        }
    }
    masked.push_str(rest);
    masked
}

/// Where the closing quote of a JSON string stands; the end of the text when there is none.
fn string_end(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.bytes().enumerate() {
        match c {
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
    use http::HeaderValue;

    use super::*;

    #[test]
    fn the_keys_in_a_body_are_masked_and_the_rest_is_kept() {
        let body = r#"{"url":"http://h", "auth_key" : "a\"b","x":{"app_key":"k"}} tail"#;
        let masked = r#"{"url":"http://h", "auth_key" : "***","x":{"app_key":"***"}} tail"#;
        assert_eq!(json(body), masked);
        assert_eq!(json(r#"{"auth_key":"cut"#), r#"{"auth_key":"***"#);
        assert_eq!(json(r#"{"auth_key":5}"#), r#"{"auth_key":5}"#);
    }

    #[test]
    fn a_quoted_token_is_masked() {
        let mut headers = HeaderMap::new();
        headers.insert("x-security-token", HeaderValue::from_static("tok+/="));
        assert_eq!(quoted(&headers, "x-security-token:tok+/=\n"), "x-security-token:***\n");
        assert_eq!(header(&X_SECURITY_TOKEN, b"tok+/="), "***");
    }
}
