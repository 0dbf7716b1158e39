//! The headers of a signature.

use std::fmt;
use std::time::SystemTime;

use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderName, HeaderValue};

use super::Signer;
use crate::buffer::Few;
use crate::date::SdkDate;
use crate::error::SignError;
use crate::payload::UNSIGNED_PAYLOAD;
use crate::request::{SignableRequest, X_SDK_CONTENT_SHA256, X_SDK_DATE, X_SECURITY_TOKEN};
use crate::signature::Signature;

/// The headers that make a request a signed one.
///
/// They are written when they are asked for. `Debug` shows the names only.
///
/// ```
/// use std::time::UNIX_EPOCH;
/// use rtc_signer::http::{HeaderMap, Method};
/// use rtc_signer::{Credentials, Payload, SignableRequest, Signer};
///
/// let signer = Signer::new(Credentials::new("AK", "SK").with_security_token("the token"));
/// let headers = HeaderMap::new();
/// let request =
///     SignableRequest::new(&Method::GET, "/v2/apps", None, &headers, Payload::Bytes(b""));
/// let signed = signer.sign(&request, UNIX_EPOCH)?;
/// let names: Vec<String> = signed.headers().map(|(name, _)| name.to_string()).collect();
/// assert_eq!(names, ["x-sdk-date", "x-security-token", "authorization"]);
/// # Ok::<(), rtc_signer::SignError>(())
/// ```
#[derive(Clone)]
pub struct Signed<'s> {
    pub(super) signer: &'s Signer,
    pub(super) date: SdkDate,
    /// Whether the request does not bring the date itself.
    pub(super) adds_date: bool,
    /// Whether it must be said that the body is not signed.
    pub(super) adds_unsigned: bool,
    pub(super) names: Names,
    signature: Signature,
}

/// The names of the signed headers, parted by `;`.
pub(super) type Names = Few<u8, 128>;

impl<'s> Signed<'s> {
    /// Nothing is signed yet.
    pub(super) fn new(signer: &'s Signer) -> Self {
        Self {
            signer,
            date: SdkDate::EPOCH,
            adds_date: false,
            adds_unsigned: false,
            names: Names::new(0),
            signature: Signature::from_bytes([0; 32]),
        }
    }

    pub(super) fn sign(
        &mut self,
        request: &SignableRequest<'_>,
        host: Option<&HeaderValue>,
        at: SystemTime,
    ) -> Result<(), SignError> {
        // Not through the result, where it would be copied from an odd place.
        let mut signature = self.signature;
        self.resolve(request, host, at, |signer, canonical, payload, date| {
            signature = signer.signature(canonical, payload, date);
        })?;
        self.signature = signature;
        Ok(())
    }

    /// The headers to set, in place of any of the same name; `Authorization` comes last.
    pub fn headers(&self) -> impl Iterator<Item = (HeaderName, HeaderValue)> {
        let mut headers = Vec::with_capacity(4);
        self.each(|name, value| headers.push((name, value)));
        headers.into_iter()
    }

    /// Sets the headers.
    pub fn apply(self, headers: &mut HeaderMap) {
        self.each(|name, value| drop(headers.insert(name, value)));
    }

    fn each(&self, mut set: impl FnMut(HeaderName, HeaderValue)) {
        if self.adds_date {
            set(X_SDK_DATE, value(self.date.as_bytes().to_vec()));
        }
        if let Some(token) = &self.signer.0.token {
            set(X_SECURITY_TOKEN, token.clone());
        }
        if self.adds_unsigned {
            set(X_SDK_CONTENT_SHA256, HeaderValue::from_static(UNSIGNED_PAYLOAD));
        }
        set(AUTHORIZATION, self.authorization());
    }

    /// The signature by itself.
    pub const fn signature(&self) -> &Signature {
        &self.signature
    }

    fn authorization(&self) -> HeaderValue {
        let algorithm = self.signer.algorithm();
        let info = self.signer.info(&self.date);
        let (slash, info) = match &info {
            None => (b"".as_slice(), b"".as_slice()),
            Some(info) => (b"/".as_slice(), info.as_slice()),
        };
        let text = [
            algorithm.as_str().as_bytes(),
            b" ",
            algorithm.key_label().as_bytes(),
            self.signer.access_key().as_bytes(),
            slash,
            info,
            b", SignedHeaders=",
            self.names.as_slice(),
            b", Signature=",
            &self.signature.digits(),
        ];
        let mut value = value(text.concat());
        value.set_sensitive(true);
        value
    }
}

impl fmt::Debug for Signed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.headers().map(|(name, _)| name)).finish()
    }
}

/// A header value of which every piece has been looked at.
fn value(text: Vec<u8>) -> HeaderValue {
    HeaderValue::try_from(text)
        .expect("the access key was checked; scopes, names, dates and digits can stand in a header")
}
