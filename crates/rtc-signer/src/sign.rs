//! Signing: data in, headers out.

use std::borrow::Cow;
use std::fmt;
use std::time::SystemTime;

use http::header::{AUTHORIZATION, HOST};
use http::{HeaderMap, HeaderName, HeaderValue, request};
use ring::hmac;

use crate::authorization::{Algorithm, Authorization, MAX_SIGNED_HEADERS};
use crate::canonical::{Added, Canonical, CanonicalRequest, Form, PayloadLine, header_value};
use crate::credentials::Credentials;
use crate::date::{SdkDate, format_sdk_date, parse_sdk_date};
use crate::error::SignError;
use crate::request::{
    Payload, SignableRequest, UNSIGNED_PAYLOAD, X_SDK_CONTENT_SHA256, X_SDK_DATE, X_SECURITY_TOKEN,
};
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
/// use http::{HeaderMap, HeaderValue, Method};
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
pub struct Signer {
    credentials: Credentials,
    key: hmac::Key,
}

impl Signer {
    /// Prepares the key.
    pub fn new(credentials: Credentials) -> Self {
        let secret = credentials.secret_key().expose_secret();
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        Self { credentials, key }
    }

    /// The access key.
    pub fn access_key(&self) -> &str {
        self.credentials.access_key()
    }

    /// Signs a request and returns the headers that it needs.
    ///
    /// `Host` is signed if the request has it. An `X-Sdk-Date` that the request has is kept and
    /// signed, so remove it before an attempt is repeated.
    ///
    /// # Errors
    ///
    /// See [`SignError`].
    pub fn sign(&self, request: &SignableRequest<'_>, at: SystemTime) -> Result<Signed, SignError> {
        Prepared::new(self, request, None, at)?.finish(self)
    }

    /// Signs the head of a request in place.
    ///
    /// Sets `Host` from the URI's authority where it is absent, `X-Sdk-Date`, `X-Security-Token`
    /// for temporary keys, `X-Sdk-Content-Sha256` for [`Payload::Unsigned`], and `Authorization`,
    /// which is marked sensitive. Nothing is changed if an error is returned.
    ///
    /// ```
    /// use rtc_signer::{Credentials, Payload, Signer};
    /// # let now = std::time::UNIX_EPOCH;
    /// let signer = Signer::new(Credentials::new("AK", "SK"));
    /// let request = http::Request::get("https://rtc-api.myhuaweicloud.com/v2/apps").body(())?;
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
        let signed = Prepared::new(self, &request, host, at)?.finish(self)?;
        signed.apply(&mut parts.headers);
        Ok(())
    }

    /// The canonical request that [`Signer::sign`] would sign, to look at.
    ///
    /// # Errors
    ///
    /// See [`SignError`].
    pub fn canonical_request(
        &self,
        request: &SignableRequest<'_>,
        at: SystemTime,
    ) -> Result<CanonicalRequest, SignError> {
        let prepared = Prepared::new(self, request, None, at)?;
        Ok(prepared.with_canonical(|canonical, payload, _| canonical.text(payload)))
    }

    /// The string that [`Signer::sign`] would sign, to look at.
    ///
    /// # Errors
    ///
    /// See [`SignError`].
    pub fn string_to_sign(
        &self,
        request: &SignableRequest<'_>,
        at: SystemTime,
    ) -> Result<StringToSign, SignError> {
        Ok(Prepared::new(self, request, None, at)?.with_canonical(string_to_sign))
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer").field("access_key", &self.access_key()).finish_non_exhaustive()
    }
}

/// The headers that make a request a signed one.
///
/// `Debug` shows the names only.
#[derive(Clone)]
pub struct Signed {
    headers: Vec<(HeaderName, HeaderValue)>,
    signature: Signature,
}

impl Signed {
    /// The headers to set, in place of any of the same name; `Authorization` comes last.
    pub fn headers(&self) -> impl Iterator<Item = (HeaderName, HeaderValue)> {
        self.headers.iter().cloned()
    }

    /// Sets the headers.
    pub fn apply(self, headers: &mut HeaderMap) {
        for (name, value) in self.headers {
            headers.insert(name, value);
        }
    }

    /// The signature by itself.
    pub const fn signature(&self) -> &Signature {
        &self.signature
    }
}

impl fmt::Debug for Signed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.headers.iter().map(|(name, _)| name)).finish()
    }
}

/// A request with all that will be added to it, but the signature.
struct Prepared<'r> {
    request: SignableRequest<'r>,
    date: Cow<'r, str>,
    added: Vec<(HeaderName, HeaderValue)>,
    signed_headers: String,
}

impl<'r> Prepared<'r> {
    fn new(
        signer: &Signer,
        request: &SignableRequest<'r>,
        host: Option<HeaderValue>,
        at: SystemTime,
    ) -> Result<Self, SignError> {
        let headers = request.headers;
        let mut added = Vec::with_capacity(5);
        added.extend(host.map(|host| (HOST, host)));
        let date = preset_date(headers)?;
        let date = if let Some(date) = date {
            date
        } else {
            let date = format_sdk_date(at).ok_or(SignError::DateOutOfRange)?;
            added.push((X_SDK_DATE, date_value(&date)));
            Cow::Owned(date.to_string())
        };
        if let Some(token) = signer.credentials.security_token() {
            let mut value = HeaderValue::from_bytes(token.expose_secret().as_bytes())
                .map_err(|_| SignError::BadSecurityToken)?;
            value.set_sensitive(true);
            added.push((X_SECURITY_TOKEN, value));
        }
        if matches!(request.payload, Payload::Unsigned)
            && !headers.contains_key(X_SDK_CONTENT_SHA256)
        {
            added.push((X_SDK_CONTENT_SHA256, HeaderValue::from_static(UNSIGNED_PAYLOAD)));
        }
        let signed_headers = signed_headers(headers, &added)?;
        Ok(Self { request: *request, date, added, signed_headers })
    }

    /// Lends the canonical request, the payload line and the date.
    fn with_canonical<T>(&self, use_it: impl FnOnce(&Canonical<'_>, &[u8], &str) -> T) -> T {
        let mut added: [Added<'_>; 4] = Default::default();
        for (slot, (name, value)) in added.iter_mut().zip(&self.added) {
            *slot = (name.as_str(), value.as_bytes());
        }
        let canonical = Canonical {
            request: self.request,
            signed_headers: &self.signed_headers,
            added: &added,
            form: Form::BASE,
        };
        let given = header_value(self.request.headers, X_SDK_CONTENT_SHA256.as_str());
        match (self.request.payload, given) {
            (Payload::Bytes([]), _) | (_, None) => {
                use_it(&canonical, PayloadLine::of(self.request.payload).as_bytes(), &self.date)
            }
            (_, Some(given)) => use_it(&canonical, &given, &self.date),
        }
    }

    fn finish(self, signer: &Signer) -> Result<Signed, SignError> {
        let signature = Signature::new(&signer.key, &self.with_canonical(string_to_sign));
        let access_key = signer.access_key();
        if access_key.is_empty() {
            return Err(SignError::BadAccessKey);
        }
        let authorization =
            Authorization::new(access_key.to_owned(), self.signed_headers, signature);
        let mut value = HeaderValue::try_from(authorization.to_string())
            .map_err(|_| SignError::BadAccessKey)?;
        value.set_sensitive(true);
        let mut headers = self.added;
        headers.push((AUTHORIZATION, value));
        Ok(Signed { headers, signature })
    }
}

fn string_to_sign(canonical: &Canonical<'_>, payload: &[u8], date: &str) -> StringToSign {
    let mut context = canonical.digest_head();
    context.update(payload);
    StringToSign::of_digest(Algorithm::SdkHmacSha256.as_str(), date, context)
}

/// The request's own date, where it has one.
fn preset_date(headers: &HeaderMap) -> Result<Option<Cow<'_, str>>, SignError> {
    let Some(value) = header_value(headers, X_SDK_DATE.as_str()) else {
        return Ok(None);
    };
    let text = match value {
        Cow::Borrowed(bytes) => String::from_utf8_lossy(bytes),
        Cow::Owned(bytes) => Cow::Owned(String::from_utf8_lossy(&bytes).into_owned()),
    };
    if parse_sdk_date(&text).is_none() {
        return Err(SignError::MalformedDate { value: text.into_owned() });
    }
    Ok(Some(text))
}

fn date_value(date: &SdkDate) -> HeaderValue {
    HeaderValue::from_str(date).expect("a date is ASCII")
}

/// The names to sign, sorted and joined.
fn signed_headers(
    headers: &HeaderMap,
    added: &[(HeaderName, HeaderValue)],
) -> Result<String, SignError> {
    let mut names: Vec<&str> = headers
        .keys()
        .chain(added.iter().map(|(name, _)| name))
        .map(HeaderName::as_str)
        .filter(|name| *name != AUTHORIZATION.as_str() && !name.contains('_'))
        .collect();
    names.sort_unstable();
    names.dedup();
    if names.len() > MAX_SIGNED_HEADERS {
        return Err(SignError::TooManyHeaders);
    }
    Ok(names.join(";"))
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
