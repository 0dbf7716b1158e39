//! A borrowed view of the request, exactly as it stands on the wire.

use std::fmt;

use http::{HeaderMap, HeaderName, Method, request};

/// The header that holds the date of signing.
pub const X_SDK_DATE: HeaderName = HeaderName::from_static("x-sdk-date");
/// The header that holds the token of temporary keys.
pub const X_SECURITY_TOKEN: HeaderName = HeaderName::from_static("x-security-token");
/// The header that stands in for the hash of the body.
pub const X_SDK_CONTENT_SHA256: HeaderName = HeaderName::from_static("x-sdk-content-sha256");

/// The value of `X-Sdk-Content-Sha256` that leaves the body out of the signature.
pub(crate) const UNSIGNED_PAYLOAD: &str = "UNSIGNED-PAYLOAD";

/// The body as the signature sees it.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum Payload<'a> {
    /// The bytes of the body; their hash is signed. No body is the same as an empty one.
    Bytes(&'a [u8]),
    /// The body is not at hand or shall not be covered.
    ///
    /// When signing, `X-Sdk-Content-Sha256: UNSIGNED-PAYLOAD` is added, unless the request brings
    /// its own. When verifying, a signed `X-Sdk-Content-Sha256` is taken as it is and cannot be
    /// checked; without that header `UNSIGNED-PAYLOAD` is taken, so a signature over the hash of a
    /// body is refused.
    Unsigned,
}

impl fmt::Debug for Payload<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bytes(bytes) => write!(f, "Bytes({} bytes)", bytes.len()),
            Self::Unsigned => f.write_str("Unsigned"),
        }
    }
}

/// What is signed and verified: a borrowed view of a request exactly as it stands on the wire.
///
/// `path` is the path with its percent-encoding as sent, `query` the text after `?`, without it.
/// Nothing here is changed or sent; the signature follows what is given. `Debug` shows the method,
/// the path and the size of the body only.
///
/// ```
/// use http::{HeaderMap, Method};
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
