//! Who may use the admin API.

use std::fmt;
use std::net::IpAddr;

use http::header::{AUTHORIZATION, HOST, HeaderValue, ORIGIN};
use http::uri::Authority;
use http::{HeaderMap, StatusCode, Uri};
use ring::hmac;

use crate::admin::Refused;

/// The token of the admin API. `Debug` does not show it.
pub(crate) struct AdminToken {
    key: hmac::Key,
    tag: hmac::Tag,
}

impl AdminToken {
    /// Tokens are compared by their HMACs, which nobody can foresee: the key is the token itself.
    pub(crate) fn new(token: &str) -> Self {
        let key = hmac::Key::new(hmac::HMAC_SHA256, token.as_bytes());
        let tag = hmac::sign(&key, token.as_bytes());
        Self { key, tag }
    }

    /// How long it takes does not tell how much of a wrong token is right.
    fn is(&self, given: &[u8]) -> bool {
        hmac::verify(&self.key, given, self.tag.as_ref()).is_ok()
    }
}

impl fmt::Debug for AdminToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AdminToken(***)")
    }
}

/// With a token, who has it may come from anywhere. Without one only this machine may, and no page
/// of another host whose name was made to lead here (DNS rebinding), nor one that sends what a
/// browser sends without asking.
pub(crate) fn check(headers: &HeaderMap, token: Option<&AdminToken>) -> Result<(), Refused> {
    let local = |name| headers.get(name).is_none_or(is_loopback);
    let forbidden = |what| Err(Refused::new(StatusCode::FORBIDDEN, what));
    match token {
        Some(token) => {
            let given = headers.get(AUTHORIZATION).map(HeaderValue::as_bytes).unwrap_or_default();
            let given =
                given.split_at_checked(7).filter(|(s, _)| s.eq_ignore_ascii_case(b"Bearer "));
            match given {
                Some((_, given)) if token.is(given) => Ok(()),
                _ => Err(Refused::new(
                    StatusCode::UNAUTHORIZED,
                    "the admin API has a token; send it as Authorization: Bearer TOKEN",
                )),
            }
        }
        None if !local(HOST) => forbidden(
            "the Host names another machine; ask for localhost or a loopback address, or start the mock with --admin-token",
        ),
        None if !local(ORIGIN) => {
            forbidden("the request comes from a page of another machine (see its Origin)")
        }
        None => Ok(()),
    }
}

/// Whether a Host or an Origin is of this machine. A request without is no browser's.
fn is_loopback(value: &HeaderValue) -> bool {
    let Ok(text) = value.to_str() else { return false };
    let authority = match text.split_once("://") {
        Some(_) => text.parse::<Uri>().ok().and_then(|uri| uri.authority().cloned()),
        None => text.parse::<Authority>().ok(),
    };
    let Some(authority) = authority else { return false };
    let host = authority.host().trim_matches(['[', ']']);
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let pairs = pairs.iter().map(|(name, value)| {
            (http::HeaderName::from_static(name), HeaderValue::from_static(value))
        });
        pairs.collect()
    }

    #[test]
    fn pages_of_other_machines_are_refused() {
        for (pairs, fits) in [
            (&[][..], true),
            (&[("host", "localhost:8471"), ("origin", "http://127.0.0.1:8471")], true),
            (&[("host", "evil.example")], false),
            (&[("host", "localhost"), ("origin", "https://evil.example")], false),
            (&[("host", "localhost"), ("origin", "null")], false),
        ] {
            assert_eq!(check(&headers(pairs), None).is_ok(), fits, "{pairs:?}");
        }
    }

    #[test]
    fn a_token_is_needed_where_there_is_one_and_suffices() {
        let token = AdminToken::new("hush");
        for (value, fits) in [
            ("Bearer hush", true),
            ("bearer hush", true),
            ("Bearer hus", false),
            ("Bearer hushh", false),
            ("Bearer ", false),
            ("hush", false),
        ] {
            let given = headers(&[("host", "mock:8471"), ("authorization", value)]);
            assert_eq!(check(&given, Some(&token)).is_ok(), fits, "{value}");
        }
        assert!(check(&headers(&[("host", "localhost")]), Some(&token)).is_err());
        assert!(!format!("{token:?}").contains("hush"));
    }
}
