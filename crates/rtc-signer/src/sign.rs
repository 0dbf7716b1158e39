//! Signing: data in, headers out.

mod resolve;
mod signed;

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use http::header::HOST;
use http::{HeaderValue, request};
use ring::hmac;

pub use self::signed::Signed;
use crate::authorization::Algorithm;
use crate::canonical::{Canonical, CanonicalRequest};
use crate::credentials::Credentials;
use crate::date::SdkDate;
use crate::derived::{Derivation, Info, Scope};
use crate::error::SignError;
use crate::payload::Payload;
use crate::request::SignableRequest;
use crate::signature::Signature;
use crate::string_to_sign::StringToSign;

/// Signs requests with one access key.
///
/// The key of the HMAC is prepared once; a signer is cheap to clone and can be shared between
/// threads. `Debug` shows the access key only.
///
/// What is signed: every header of the request and every header that is added, but not
/// `Authorization` itself and no header with `_` in its name (gateways drop those).
///
/// The official SDKs add `X-Sdk-Content-Sha256: UNSIGNED-PAYLOAD` by themselves for bodies that are
/// not JSON. This signer never does so by the content type: it hashes the body unless it is told
/// [`Payload::Unsigned`]. An `X-Sdk-Content-Sha256` that the request brings is respected: its value
/// is signed in place of the hash, except for an empty body, where the hash of nothing is signed,
/// as the Python SDK does.
///
/// ```
/// use std::time::{Duration, UNIX_EPOCH};
/// use rtc_signer::http::{HeaderMap, HeaderValue, Method};
/// use rtc_signer::{Credentials, Payload, SignableRequest, Signer};
///
/// let signer = Signer::new(Credentials::new("AccessKey", "SecretKey"));
/// let mut headers = HeaderMap::new();
/// headers.insert("host", HeaderValue::from_static("service.endpoint.myhuaweicloud.com"));
/// let request = SignableRequest::new(
///     &Method::GET, "/resources", Some("size=1"), &headers, Payload::Bytes(b""));
/// let at = UNIX_EPOCH + Duration::from_secs(1_591_583_940); // 20200608T023900Z
/// let signed = signer.sign(&request, at)?;
/// assert_eq!(
///     signed.signature().to_string(),
///     "cfb4171acec81de07d50e53d57eb77edd537414d66ddb1d7d780f128e12cd842",
/// );
/// signed.apply(&mut headers);
/// assert_eq!(headers["x-sdk-date"], "20200608T023900Z");
/// # Ok::<(), rtc_signer::SignError>(())
/// ```
#[derive(Clone)]
pub struct Signer(Arc<Prepared>);

/// What a signer prepares once, shared by its clones.
struct Prepared {
    credentials: Credentials,
    key: SigningKey,
    token: Option<HeaderValue>,
    /// Why nothing can be signed with the credentials.
    unusable: Option<SignError>,
}

enum SigningKey {
    Secret(hmac::Key),
    Derived(Scope, Box<Derivation>),
}

impl Signer {
    /// Prepares the key for `SDK-HMAC-SHA256`.
    pub fn new(credentials: Credentials) -> Self {
        let secret = credentials.secret_key().expose_secret();
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        Self::with(credentials, SigningKey::Secret(key))
    }

    /// Prepares the key for `V11-HMAC-SHA256`, whose keys are derived for a day and a scope.
    ///
    /// The key of the last day is kept, so that it is not derived again for each request. The RTC
    /// service itself takes `SDK-HMAC-SHA256` only, see [`Signer::new`].
    ///
    /// ```
    /// use rtc_signer::http::Request;
    /// use rtc_signer::{Credentials, Payload, Scope, Signer};
    /// # let now = std::time::UNIX_EPOCH;
    /// let scope = Scope::new("cn-north-4", "rtc")?;
    /// let signer = Signer::derived(Credentials::new("AK", "SK"), scope);
    /// let request = Request::get("https://rtc-api.myhuaweicloud.com/v2/apps").body(())?;
    /// let (mut parts, ()) = request.into_parts();
    /// signer.sign_parts(&mut parts, Payload::Bytes(b""), now)?;
    /// let authorization = parts.headers["authorization"].to_str()?;
    /// assert!(authorization.starts_with(
    ///     "V11-HMAC-SHA256 Credential=AK/19700101/cn-north-4/rtc, SignedHeaders=host;x-sdk-date,"
    /// ));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn derived(credentials: Credentials, scope: Scope) -> Self {
        let derivation = Box::new(Derivation::new(&credentials));
        Self::with(credentials, SigningKey::Derived(scope, derivation))
    }

    fn with(credentials: Credentials, key: SigningKey) -> Self {
        let access_key = credentials.access_key();
        let mut unusable = None;
        if access_key.is_empty() || HeaderValue::from_str(access_key).is_err() {
            unusable = Some(SignError::BadAccessKey);
        }
        let mut token = None;
        if let Some(secret) = credentials.security_token() {
            match HeaderValue::from_str(secret.expose_secret()) {
                Err(_) => unusable = Some(SignError::BadSecurityToken),
                Ok(mut value) => {
                    value.set_sensitive(true);
                    token = Some(value);
                }
            }
        }
        Self(Arc::new(Prepared { credentials, key, token, unusable }))
    }

    /// The algorithm of the signatures.
    pub fn algorithm(&self) -> Algorithm {
        match self.0.key {
            SigningKey::Secret(_) => Algorithm::SdkHmacSha256,
            SigningKey::Derived(..) => Algorithm::V11HmacSha256,
        }
    }

    /// The access key.
    pub fn access_key(&self) -> &str {
        self.0.credentials.access_key()
    }

    /// Signs a request and returns the headers that it needs.
    ///
    /// `Host` is signed if the request has it. An `X-Sdk-Date` that the request has is kept and
    /// signed, so remove it before an attempt is repeated. Nothing is allocated on the heap for a
    /// request of usual size: up to 10 headers to sign whose names take up to 128 bytes, and a query
    /// that is in canonical form or has up to 6 pairs.
    ///
    /// # Errors
    ///
    /// See [`SignError`].
    pub fn sign(
        &self,
        request: &SignableRequest<'_>,
        at: SystemTime,
    ) -> Result<Signed<'_>, SignError> {
        let mut signed = Signed::new(self);
        signed.sign(request, None, at)?;
        Ok(signed)
    }

    /// Signs the head of a request in place.
    ///
    /// Sets `Host` from the URI's authority where it is absent, `X-Sdk-Date`, `X-Security-Token`
    /// for temporary keys, `X-Sdk-Content-Sha256` for [`Payload::Unsigned`], and `Authorization`,
    /// which is marked sensitive. Nothing is changed if an error is returned.
    ///
    /// ```
    /// use rtc_signer::http::Request;
    /// use rtc_signer::{Credentials, Payload, Signer};
    /// # let now = std::time::UNIX_EPOCH;
    /// let signer = Signer::new(Credentials::new("AK", "SK"));
    /// let request = Request::get("https://rtc-api.myhuaweicloud.com/v2/apps").body(())?;
    /// let (mut parts, body) = request.into_parts();
    /// signer.sign_parts(&mut parts, Payload::Bytes(b""), now)?;
    /// assert_eq!(parts.headers["host"], "rtc-api.myhuaweicloud.com");
    /// assert!(parts.headers["authorization"].is_sensitive());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// See [`SignError`].
    pub fn sign_parts(
        &self,
        parts: &mut request::Parts,
        payload: Payload<'_>,
        at: SystemTime,
    ) -> Result<(), SignError> {
        let host = host_of(parts)?;
        let request = SignableRequest::from_parts(parts, payload);
        let mut signed = Signed::new(self);
        signed.sign(&request, host.as_ref(), at)?;
        signed.apply(&mut parts.headers);
        if let Some(host) = host {
            parts.headers.insert(HOST, host);
        }
        Ok(())
    }

    /// The canonical request that [`Signer::sign`] would sign, to look at.
    ///
    /// ```
    /// use std::time::UNIX_EPOCH;
    /// use rtc_signer::http::{HeaderMap, Method};
    /// use rtc_signer::{Credentials, Payload, SignableRequest, Signer};
    ///
    /// let (signer, headers) = (Signer::new(Credentials::new("AK", "SK")), HeaderMap::new());
    /// let request =
    ///     SignableRequest::new(&Method::GET, "/v2/apps", None, &headers, Payload::Bytes(b""));
    /// assert_eq!(
    ///     signer.canonical_request(&request, UNIX_EPOCH)?.gateway_form(),
    ///     "GET|/v2/apps/||x-sdk-date:19700101T000000Z||x-sdk-date|\
    ///      e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    /// );
    /// # Ok::<(), rtc_signer::SignError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// See [`SignError`].
    pub fn canonical_request(
        &self,
        request: &SignableRequest<'_>,
        at: SystemTime,
    ) -> Result<CanonicalRequest, SignError> {
        Signed::new(self)
            .resolve(request, None, at, |_, canonical, payload, _| canonical.text(payload))
    }

    /// The string that [`Signer::sign`] would sign, to look at.
    ///
    /// ```
    /// use std::time::UNIX_EPOCH;
    /// use rtc_signer::http::{HeaderMap, Method};
    /// use rtc_signer::{Credentials, Payload, SignableRequest, Signer};
    ///
    /// let (signer, headers) = (Signer::new(Credentials::new("AK", "SK")), HeaderMap::new());
    /// let request =
    ///     SignableRequest::new(&Method::GET, "/v2/apps", None, &headers, Payload::Bytes(b""));
    /// let text = signer.string_to_sign(&request, UNIX_EPOCH)?;
    /// let hash = signer.canonical_request(&request, UNIX_EPOCH)?;
    /// let hash = hash.sha256_hex();
    /// assert_eq!(text.to_string(), format!("SDK-HMAC-SHA256\n19700101T000000Z\n{hash}"));
    /// # Ok::<(), rtc_signer::SignError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// See [`SignError`].
    pub fn string_to_sign(
        &self,
        request: &SignableRequest<'_>,
        at: SystemTime,
    ) -> Result<StringToSign, SignError> {
        Signed::new(self).resolve(request, None, at, |_, canonical, payload, date| {
            self.text(canonical, payload, date, self.info(date).as_ref())
        })
    }

    fn signature(&self, canonical: &Canonical<'_>, payload: &[u8], date: &SdkDate) -> Signature {
        match &self.0.key {
            SigningKey::Secret(key) => {
                Signature::new(key, &self.text(canonical, payload, date, None))
            }
            SigningKey::Derived(scope, derivation) => {
                let info = scope.info(date);
                let text = self.text(canonical, payload, date, Some(&info));
                Signature::new(&derivation.key(info.as_slice()), &text)
            }
        }
    }

    fn text(
        &self,
        canonical: &Canonical<'_>,
        payload: &[u8],
        date: &SdkDate,
        info: Option<&Info>,
    ) -> StringToSign {
        let sha256 = canonical.sha256(payload);
        let label = self.algorithm().as_str();
        StringToSign::new(label, date, info.map(Info::as_slice), &sha256)
    }

    /// What the key is derived for, if it is.
    fn info(&self, date: &SdkDate) -> Option<Info> {
        match &self.0.key {
            SigningKey::Secret(_) => None,
            SigningKey::Derived(scope, _) => Some(scope.info(date)),
        }
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer").field("access_key", &self.access_key()).finish_non_exhaustive()
    }
}

/// The `Host` to add, if the request has none and its URI names one.
fn host_of(parts: &request::Parts) -> Result<Option<HeaderValue>, SignError> {
    if parts.headers.contains_key(HOST) {
        return Ok(None);
    }
    let Some(authority) = parts.uri.authority() else {
        return Ok(None);
    };
    let authority = authority.as_str();
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    HeaderValue::from_str(host).map(Some).map_err(|_| SignError::BadHost)
}
