//! Secrets are taken out of what people look at.

use std::borrow::Cow;

use http::HeaderMap;
use http::header::{AUTHORIZATION, COOKIE, HeaderName, PROXY_AUTHORIZATION, SET_COOKIE};
use rtc_model::wire::X_AUTH_TOKEN;
use serde_json::Value;

use crate::auth::is_known_algorithm;

/// What stands in the place of a secret.
const MASK: &str = "***";
/// What stands in the place of a body that may hold a secret where it cannot be found.
const HIDDEN: &str = "(not shown: it names a key and is no JSON)";
/// The members of JSON objects, and the parameters, whose values are secrets.
const SECRET_NAMES: [&str; 5] = ["auth_key", "app_key", "password", "secret", "securitytoken"];
/// The member of calls to IAM that holds a token in its member `id`.
const TOKEN: &str = "token";
/// A shorter token is not looked for in texts: it would be found everywhere.
const SHORTEST: usize = 8;

const X_SECURITY_TOKEN: HeaderName = HeaderName::from_static("x-security-token");
const X_SUBJECT_TOKEN: HeaderName = HeaderName::from_static("x-subject-token");
const TOKENS: [HeaderName; 3] = [X_AUTH_TOKEN, X_SECURITY_TOKEN, X_SUBJECT_TOKEN];

/// Whether secrets are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Secrets {
    /// They are taken out.
    Masked,
    /// Somebody who may asked for them.
    Shown,
}

/// The value of a header as people may see it. A signature is no secret, other ways to
/// authenticate are.
pub(crate) fn header<'a>(name: &HeaderName, value: &'a [u8]) -> Cow<'a, str> {
    let secret = TOKENS.contains(name)
        || [COOKIE, SET_COOKIE, PROXY_AUTHORIZATION].contains(name)
        || (*name == AUTHORIZATION && !is_known_algorithm(value));
    if secret { Cow::Borrowed(MASK) } else { String::from_utf8_lossy(value) }
}

/// A query string as people may see it.
pub(crate) fn query(query: &str) -> String {
    let pairs = query.split('&').map(|pair| match pair.split_once('=') {
        Some((name, _)) if SECRET_NAMES.contains(&name) => format!("{name}={MASK}"),
        _ => pair.to_owned(),
    });
    pairs.collect::<Vec<_>>().join("&")
}

/// A body as people may see it; `None` when it is no text. `headers` are those of the request: an
/// answer may quote their secrets.
pub(crate) fn body(headers: &HeaderMap, body: &[u8]) -> Option<String> {
    let names_a_key = |body: &[u8]| {
        let names =
            |name: &str| body.windows(name.len()).any(|w| w.eq_ignore_ascii_case(name.as_bytes()));
        // An escape can spell a name in another way.
        SECRET_NAMES.iter().any(|name| names(name))
            || (names("\"token\"") && names("\"id\""))
            || body.windows(2).any(|w| w == b"\\u")
    };
    let quotes = |body: &[u8]| tokens(headers).any(|token| contains(body, token.as_bytes()));
    let userinfo = |body: &[u8]| contains(body, b"://") && contains(body, b"@");
    if !names_a_key(body) && !quotes(body) && !userinfo(body) && !contains(body, b"-token:") {
        return std::str::from_utf8(body).ok().map(str::to_owned);
    }
    match serde_json::from_slice::<Value>(body) {
        Ok(mut value) => {
            mask_value(&mut value, headers);
            Some(value.to_string())
        }
        Err(_) => Some(HIDDEN.to_owned()),
    }
}

/// A text that may quote the secrets of a request's headers, such as a canonical request.
pub(crate) fn quoted(headers: &HeaderMap, text: &str) -> String {
    let mut text = text.to_owned();
    for token in tokens(headers) {
        text = text.replace(&*token, MASK);
    }
    // The lines of a canonical request, whatever the length of the token.
    for name in TOKENS {
        let line = format!("{name}:");
        let mut from = 0;
        while let Some(at) = text[from..].find(&line) {
            let start = from + at + line.len();
            let length = text[start..].find(['\n', '|']).unwrap_or(text.len() - start);
            if length > 0 {
                text.replace_range(start..start + length, MASK);
            }
            from = start;
        }
    }
    without_userinfo(&text)
}

/// Takes the secrets out of a JSON value. `headers` are those of the request whose secrets it may
/// quote.
pub(crate) fn mask_value(value: &mut Value, headers: &HeaderMap) {
    match value {
        Value::Object(object) => {
            for (name, value) in object {
                // The method `password` of a login is an object that names its user.
                let is_login =
                    name == "password" && value.get("user").is_some_and(Value::is_object);
                if name == TOKEN
                    && let Some(id) = value.get_mut("id")
                {
                    *id = Value::String(MASK.to_owned());
                }
                if SECRET_NAMES.contains(&name.as_str()) && !value.is_null() && !is_login {
                    *value = Value::String(MASK.to_owned());
                } else {
                    mask_value(value, headers);
                }
            }
        }
        Value::Array(array) => array.iter_mut().for_each(|value| mask_value(value, headers)),
        Value::String(text) => *text = quoted(headers, text),
        _ => {}
    }
}

/// The tokens of the request that are long enough to be looked for.
fn tokens(headers: &HeaderMap) -> impl Iterator<Item = Cow<'_, str>> {
    let values = TOKENS.into_iter().flat_map(|name| headers.get_all(name));
    values
        .map(|value| String::from_utf8_lossy(value.as_bytes().trim_ascii()))
        .filter(|token| token.len() >= SHORTEST)
}

/// Takes `user:password@` out of the URLs of a text.
fn without_userinfo(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (before, after) = rest.split_at(at + 3);
        masked.push_str(before);
        let authority = after.find(['/', '?', '#', ' ', '"', '\n']).unwrap_or(after.len());
        rest = match after[..authority].rfind('@') {
            Some(end) => {
                masked.push_str(MASK);
                &after[end..]
            }
            None => after,
        };
    }
    masked.push_str(rest);
    masked
}

fn contains(body: &[u8], part: &[u8]) -> bool {
    body.windows(part.len()).any(|window| window == part)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn shown(text: &str) -> String {
        body(&HeaderMap::new(), text.as_bytes()).unwrap()
    }

    #[test]
    fn keys_in_a_body_are_masked_whatever_they_are_and_however_they_are_spelled() {
        assert_eq!(
            shown(r#"{"url":"http://h","auth_key":"a\"b"}"#),
            r#"{"auth_key":"***","url":"http://h"}"#
        );
        assert_eq!(shown(r#"{"auth\u005fkey":"hush"}"#), r#"{"auth_key":"***"}"#);
        for value in ["5", r#"["hush"]"#, r#"{"v":"hush"}"#, "true"] {
            assert_eq!(
                shown(&format!(r#"{{"x":{{"app_key":{value}}}}}"#)),
                r#"{"x":{"app_key":"***"}}"#
            );
        }
        assert_eq!(shown(r#"{"auth_key":null}"#), r#"{"auth_key":null}"#);
    }

    #[test]
    fn a_body_that_names_a_key_and_cannot_be_read_is_not_shown() {
        for text in [r#"{"auth_key":"hush"#, "auth_key=hush", "{'AUTH_KEY':'hush'}"] {
            assert_eq!(shown(text), HIDDEN, "{text}");
        }
        assert_eq!(
            body(&HeaderMap::new(), b"{\"auth_key\":\"hush\",\"x\":\"\xff\"}").unwrap(),
            HIDDEN
        );
    }

    #[test]
    fn other_bodies_are_shown_as_they_came() {
        for text in ["", "{url", r#"{"app_name" : "x"}"#] {
            assert_eq!(shown(text), text);
        }
        assert_eq!(body(&HeaderMap::new(), &[0xff]), None);
    }

    #[test]
    fn what_iam_gives_and_takes_is_masked() {
        let login = r#"{"auth":{"identity":{"password":{"user":{"name":"n","password":"hush"}}}}}"#;
        assert_eq!(shown(login), login.replace("hush", "***"));
        assert_eq!(shown(r#"{"password":{"user":"hush"}}"#), r#"{"password":"***"}"#);
        let token = r#"{"identity":{"token":{"id":"hush"}}}"#;
        assert_eq!(shown(token), token.replace("hush", "***"));
        let key = r#"{"credential":{"secret":"hush","securitytoken":"hush"}}"#;
        assert_eq!(shown(key), key.replace("hush", "***"));
        assert_eq!(header(&X_SUBJECT_TOKEN, b"hush"), MASK);
    }

    #[test]
    fn the_password_in_a_url_is_masked() {
        assert_eq!(shown(r#"{"url":"http://u:p@h/x@y"}"#), r#"{"url":"http://***@h/x@y"}"#);
    }

    #[test]
    fn a_quoted_token_is_masked_also_where_json_escapes_it() {
        let mut headers = HeaderMap::new();
        headers.insert("x-security-token", HeaderValue::from_static("tok\"en+/=1"));
        assert_eq!(
            quoted(&headers, "x-security-token:tok\"en+/=1\nhost:h"),
            "x-security-token:***\nhost:h"
        );
        let answer = r#"{"error_msg":"canonicalRequest:GET|x-security-token:tok\"en+/=1|host:h"}"#;
        let masked = r#"{"error_msg":"canonicalRequest:GET|x-security-token:***|host:h"}"#;
        assert_eq!(body(&headers, answer.as_bytes()).unwrap(), masked);
        let mut short = HeaderMap::new();
        short.insert("x-auth-token", HeaderValue::from_static("e"));
        assert_eq!(quoted(&short, "x-auth-token:e|see"), "x-auth-token:***|see");
    }

    #[test]
    fn other_ways_to_authenticate_are_masked_and_signatures_are_not() {
        let signature = b"SDK-HMAC-SHA256 Access=a, SignedHeaders=b, Signature=c";
        assert!(header(&AUTHORIZATION, signature).contains("Signature=c"));
        for (name, value) in [(AUTHORIZATION, "Bearer x"), (COOKIE, "a=b"), (X_AUTH_TOKEN, "t")] {
            assert_eq!(header(&name, value.as_bytes()), MASK);
        }
        assert_eq!(query("a=1&auth_key=hush&b"), "a=1&auth_key=***&b");
    }
}
