//! A borrowed view of the request, exactly as it stands on the wire.

use std::fmt;

use http::{HeaderMap, HeaderName, Method, request};

use crate::payload::Payload;

pub(crate) const DATE: &str = "x-sdk-date";
pub(crate) const TOKEN: &str = "x-security-token";
pub(crate) const PAYLOAD: &str = "x-sdk-content-sha256";

/// The header that holds the date of signing.
pub const X_SDK_DATE: HeaderName = HeaderName::from_static(DATE);
/// The header that holds the token of temporary keys.
pub const X_SECURITY_TOKEN: HeaderName = HeaderName::from_static(TOKEN);
/// The header that stands in for the hash of the body.
pub const X_SDK_CONTENT_SHA256: HeaderName = HeaderName::from_static(PAYLOAD);

/// What is signed and verified: a borrowed view of a request exactly as it stands on the wire.
///
/// `path` is the path with its percent-encoding as sent, `query` the text after `?`, without it.
/// Nothing here is changed or sent; the signature follows what is given. `Debug` shows the method,
/// the path and the size of the body only.
///
/// ```
/// use rtc_signer::http::{HeaderMap, Method};
/// use rtc_signer::{Payload, SignableRequest};
/// let headers = HeaderMap::new();
/// let request = SignableRequest::new(
///     &Method::GET, "/v2/apps", Some("limit=10"), &headers, Payload::Bytes(b""));
/// assert!(format!("{request:?}").contains("/v2/apps"));
/// ```
#[derive(Clone, Copy)]
pub struct SignableRequest<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) query: Option<&'a str>,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) payload: Payload<'a>,
}

impl<'a> SignableRequest<'a> {
    /// Takes the parts of a request one by one.
    ///
    /// The method is signed letter by letter as given: `get` is not `GET`.
    pub fn new(
        method: &'a Method,
        path: &'a str,
        query: Option<&'a str>,
        headers: &'a HeaderMap,
        payload: Payload<'a>,
    ) -> Self {
        Self { method: method.as_str(), path, query, headers, payload }
    }

    /// Takes method, path, query and headers from the head of an [`http::Request`].
    pub fn from_parts(parts: &'a request::Parts, payload: Payload<'a>) -> Self {
        let uri = &parts.uri;
        Self::new(&parts.method, uri.path(), uri.query(), &parts.headers, payload)
    }
}

impl fmt::Debug for SignableRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignableRequest")
            .field("method", &self.method)
            .field("path", &self.path)
            .field("payload", &self.payload)
            .finish_non_exhaustive()
    }
}
