//! Verifying: the base rule first, then the tolerances by name.

mod check;
mod fields;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use ring::hmac;

pub(crate) use self::check::{Checked, canonical, find_date};
pub(crate) use self::fields::SignedFields;
use crate::authorization::AuthorizationRef;
use crate::canonical::{Canonical, Form};
use crate::credentials::Credentials;
use crate::derived::{Derivation, Scope};
use crate::error::VerifyError;
use crate::explain::{Explanation, explain};
use crate::request::SignableRequest;
use crate::tolerance::{Tolerance, Tolerances};

/// Verifies signatures against the access keys that it knows.
///
/// The order of the checks: `Authorization`, algorithm, access key, date, scope and day of a
/// derived key, age, presence of the signed headers, security token, payload header, and at last
/// the signature, compared in constant time.
/// `host` need not be signed, since the Go and the PHP SDK do not sign it.
///
/// A request that satisfies the base rule is accepted without heap allocation, if it has at most
/// 10 signed headers, repeats none of them, and its query is in canonical form or has at most
/// 6 pairs. For `V11-HMAC-SHA256` that holds while an access key signs for the same day and scope.
///
/// ```
/// use std::time::{Duration, UNIX_EPOCH};
/// use rtc_signer::http::Request;
/// use rtc_signer::{Credentials, Payload, SignableRequest, Signer, Verifier};
///
/// let credentials = Credentials::new("AK", "SK");
/// let now = UNIX_EPOCH + Duration::from_secs(1_704_164_645);
/// let request = Request::get("https://rtc-api.myhuaweicloud.com/v2/apps").body(())?;
/// let (mut parts, _) = request.into_parts();
/// Signer::new(credentials.clone()).sign_parts(&mut parts, Payload::Bytes(b""), now)?;
///
/// let verifier = Verifier::new().with_key(credentials);
/// let arrived = SignableRequest::from_parts(&parts, Payload::Bytes(b""));
/// let verified = verifier.verify(&arrived, now)?;
/// assert_eq!(verified.access_key(), "AK");
///
/// let changed = SignableRequest::from_parts(&parts, Payload::Bytes(b"x"));
/// let error = verifier.verify(&changed, now).unwrap_err();
/// assert!(error.is_signature_mismatch());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Verifier {
    keys: BTreeMap<String, Entry>,
    max_skew: Duration,
    tolerances: Tolerances,
    payload_check: PayloadCheck,
    derived: DerivedKeys,
    other_hosts: Vec<Cow<'static, str>>,
}

/// Whether a signed `X-Sdk-Content-Sha256` must be the hash of the body.
///
/// ```
/// use rtc_signer::{PayloadCheck, Verifier};
/// let verifier = Verifier::new().with_payload_check(PayloadCheck::Lenient);
/// # let _ = verifier;
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum PayloadCheck {
    /// It must be, or else `UNSIGNED-PAYLOAD`.
    #[default]
    Strict,
    /// Its value is taken as it is, as a gateway does that does not read bodies.
    ///
    /// The signature then says nothing of the body, but what its sender says of it.
    Lenient,
}

/// Which derived keys, those of `V11-HMAC-SHA256`, are accepted.
///
/// ```
/// use std::time::UNIX_EPOCH;
/// use rtc_signer::http::Request;
/// use rtc_signer::{
///     Credentials, DerivedKeys, Payload, Scope, SignableRequest, Signer, Verifier, VerifyErrorKind,
/// };
///
/// let (credentials, scope) = (Credentials::new("AK", "SK"), Scope::new("cn-north-4", "rtc")?);
/// let (mut parts, ()) = Request::get("http://localhost/v2/apps").body(())?.into_parts();
/// Signer::derived(credentials.clone(), scope.clone())
///     .sign_parts(&mut parts, Payload::Bytes(b""), UNIX_EPOCH)?;
/// let arrived = SignableRequest::from_parts(&parts, Payload::Bytes(b""));
///
/// let refusing = Verifier::new().with_key(credentials);
/// let error = refusing.verify(&arrived, UNIX_EPOCH).unwrap_err();
/// assert_eq!(error.kind(), VerifyErrorKind::UnsupportedAlgorithm);
/// let verifier = refusing.clone().with_derived_keys(DerivedKeys::Scope(scope));
/// verifier.verify(&arrived, UNIX_EPOCH)?;
/// let other = DerivedKeys::Scope(Scope::new("cn-north-4", "vod")?);
/// let error = refusing.with_derived_keys(other).verify(&arrived, UNIX_EPOCH).unwrap_err();
/// assert_eq!(error.kind(), VerifyErrorKind::WrongScope);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum DerivedKeys {
    /// None; a signature with one is of an unsupported algorithm. So it is at the RTC service.
    #[default]
    Refused,
    /// Those for this region and service.
    Scope(Scope),
    /// Those for any region and service.
    AnyScope,
}

/// What is known of one access key.
#[derive(Clone)]
pub(crate) struct Entry {
    pub(crate) access_key: String,
    pub(crate) key: hmac::Key,
    derivation: Arc<Derivation>,
    /// The MAC of the token, so that tokens too are compared in constant time.
    token_mac: Option<hmac::Tag>,
}

impl Entry {
    /// The key of the HMAC for a request.
    pub(crate) fn key_for(&self, authorization: &AuthorizationRef<'_>) -> Cow<'_, hmac::Key> {
        match authorization.info {
            None => Cow::Borrowed(&self.key),
            Some(info) => Cow::Owned(self.derivation.key(info.as_bytes())),
        }
    }
}

impl Verifier {
    /// A verifier that knows no key, allows 15 minutes of skew, grants all tolerances, checks the
    /// payload header against the body and refuses derived keys.
    pub const fn new() -> Self {
        Self {
            keys: BTreeMap::new(),
            max_skew: Duration::from_secs(15 * 60),
            tolerances: Tolerances::all(),
            payload_check: PayloadCheck::Strict,
            derived: DerivedKeys::Refused,
            other_hosts: Vec::new(),
        }
    }

    /// Adds a key, in place of one with the same access key.
    #[must_use]
    pub fn with_key(mut self, credentials: Credentials) -> Self {
        let secret = credentials.secret_key().expose_secret();
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        let token_mac = credentials
            .security_token()
            .map(|token| hmac::sign(&key, token.expose_secret().as_bytes()));
        let derivation = Arc::new(Derivation::new(&credentials));
        let access_key = credentials.access_key().to_owned();
        let entry = Entry { access_key: access_key.clone(), key, derivation, token_mac };
        self.keys.insert(access_key, entry);
        self
    }

    /// Sets the largest difference between `X-Sdk-Date` and `now`, in both directions; 15 minutes
    /// if it is not set, as the real gateway has it (decision D20).
    ///
    /// ```
    /// use std::time::{Duration, UNIX_EPOCH};
    /// use rtc_signer::http::Request;
    /// use rtc_signer::{Credentials, Payload, SignableRequest, Signer, Verifier};
    ///
    /// let credentials = Credentials::new("AK", "SK");
    /// let (mut parts, ()) = Request::get("http://localhost/v2/apps").body(())?.into_parts();
    /// Signer::new(credentials.clone()).sign_parts(&mut parts, Payload::Bytes(b""), UNIX_EPOCH)?;
    ///
    /// let verifier = Verifier::new().with_key(credentials).with_max_skew(Duration::from_secs(60));
    /// let arrived = SignableRequest::from_parts(&parts, Payload::Bytes(b""));
    /// verifier.verify(&arrived, UNIX_EPOCH + Duration::from_secs(60))?;
    /// let late = verifier.verify(&arrived, UNIX_EPOCH + Duration::from_secs(61));
    /// assert!(late.unwrap_err().is_outside_skew());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn with_max_skew(mut self, max_skew: Duration) -> Self {
        self.max_skew = max_skew;
        self
    }

    /// Sets which deviations of official SDKs are accepted.
    ///
    /// ```
    /// use std::time::UNIX_EPOCH;
    /// use rtc_signer::http::{HeaderMap, Method};
    /// use rtc_signer::{Credentials, Payload, SignableRequest, Signer, Tolerances, Verifier};
    ///
    /// let credentials = Credentials::new("AK", "SK");
    /// let (body, mut headers) = (Payload::Bytes(b""), HeaderMap::new());
    /// let signed = SignableRequest::new(&Method::GET, "/a/", None, &headers, body);
    /// Signer::new(credentials.clone()).sign(&signed, UNIX_EPOCH)?.apply(&mut headers);
    /// let sent = SignableRequest::new(&Method::GET, "/a//", None, &headers, body);
    ///
    /// let tolerant = Verifier::new().with_key(credentials);
    /// assert!(tolerant.verify(&sent, UNIX_EPOCH).is_ok());
    /// let strict = tolerant.with_tolerances(Tolerances::none());
    /// assert!(strict.verify(&sent, UNIX_EPOCH).is_err());
    /// # Ok::<(), rtc_signer::SignError>(())
    /// ```
    #[must_use]
    pub const fn with_tolerances(mut self, tolerances: Tolerances) -> Self {
        self.tolerances = tolerances;
        self
    }

    /// Sets whether a signed `X-Sdk-Content-Sha256` must be the hash of the body.
    #[must_use]
    pub const fn with_payload_check(mut self, check: PayloadCheck) -> Self {
        self.payload_check = check;
        self
    }

    /// Sets which signatures of `V11-HMAC-SHA256` are accepted.
    ///
    /// ```
    /// use rtc_signer::{DerivedKeys, Scope, Verifier};
    /// let scope = Scope::new("cn-north-4", "rtc")?;
    /// let verifier = Verifier::new().with_derived_keys(DerivedKeys::Scope(scope));
    /// # let _ = verifier;
    /// # Ok::<(), rtc_signer::ScopeError>(())
    /// ```
    #[must_use]
    pub fn with_derived_keys(mut self, derived: DerivedKeys) -> Self {
        self.derived = derived;
        self
    }

    /// Names hosts that clients may sign although they send another, as the service's own endpoint
    /// is signed by a client whose connections alone were led here; a port is named with its host.
    ///
    /// They serve [`explain`](Self::explain) only, which tries the first 16 of them: no request is
    /// accepted for them.
    ///
    /// ```
    /// use std::time::UNIX_EPOCH;
    /// use rtc_signer::http::{HeaderValue, Request};
    /// use rtc_signer::{Credentials, Hypothesis, Payload, Reason, SignableRequest, Signer, Verifier};
    ///
    /// let credentials = Credentials::new("AK", "SK");
    /// let request = Request::get("https://rtc-api.myhuaweicloud.com/v2/apps").body(())?;
    /// let (mut parts, ()) = request.into_parts();
    /// Signer::new(credentials.clone()).sign_parts(&mut parts, Payload::Bytes(b""), UNIX_EPOCH)?;
    /// parts.headers.insert("host", HeaderValue::from_static("mock.test:8470"));
    ///
    /// let verifier =
    ///     Verifier::new().with_key(credentials).with_other_hosts(["rtc-api.myhuaweicloud.com"]);
    /// let arrived = SignableRequest::from_parts(&parts, Payload::Bytes(b""));
    /// let signed = "rtc-api.myhuaweicloud.com".to_owned();
    /// assert_eq!(
    ///     verifier.explain(&arrived, None, None).reason(),
    ///     Some(&Reason::Hypothesis(Hypothesis::OtherHost { signed })),
    /// );
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_other_hosts(
        mut self,
        hosts: impl IntoIterator<Item: Into<Cow<'static, str>>>,
    ) -> Self {
        self.other_hosts = hosts.into_iter().map(Into::into).collect();
        self
    }

    /// Whether an access key is known.
    pub fn knows(&self, access_key: &str) -> bool {
        self.keys.contains_key(access_key)
    }

    /// Verifies a request as it arrived.
    ///
    /// # Errors
    ///
    /// The first reason that is found, in the order of the checks; see [`VerifyError`].
    pub fn verify<'v>(
        &'v self,
        request: &SignableRequest<'_>,
        now: SystemTime,
    ) -> Result<Verified<'v>, VerifyError> {
        self.verify_at(request, Some(now))
    }

    /// Says whether a request is accepted, and if not, why, as far as one can know.
    ///
    /// With `now` absent the age of the signature is not judged. `client_canonical` is the
    /// canonical request as the client computed it, its lines parted by newlines or by `|`.
    ///
    /// ```
    /// use rtc_signer::http::Request;
    /// use rtc_signer::{Payload, SignableRequest, Verdict, Verifier};
    /// let (parts, _) = Request::get("/v2/apps").body(()).unwrap().into_parts();
    /// let request = SignableRequest::from_parts(&parts, Payload::Bytes(b""));
    /// let explanation = Verifier::new().explain(&request, None, None);
    /// assert_eq!(explanation.verdict(), Verdict::Refused);
    /// assert!(explanation.to_string().contains("no Authorization header"));
    /// ```
    pub fn explain(
        &self,
        request: &SignableRequest<'_>,
        now: Option<SystemTime>,
        client_canonical: Option<&str>,
    ) -> Explanation {
        explain(self, request, now, client_canonical)
    }

    pub(crate) fn verify_at<'v>(
        &'v self,
        request: &SignableRequest<'_>,
        now: Option<SystemTime>,
    ) -> Result<Verified<'v>, VerifyError> {
        self.check(request, now, |checked| {
            let tolerance =
                if checked.matches_canonical(&checked.canonical(Form::BASE), checked.key) {
                    None
                } else {
                    Some(self.find_tolerance(checked).ok_or_else(|| checked.mismatch())?)
                };
            let access_key = &checked.entry.access_key;
            let signed_at = checked.signed_at;
            Ok(Verified { access_key, tolerance, signed_at, now: now.unwrap_or(signed_at) })
        })?
    }

    pub(crate) const fn tolerances(&self) -> Tolerances {
        self.tolerances
    }

    pub(crate) fn other_hosts(&self) -> &[Cow<'static, str>] {
        &self.other_hosts
    }

    pub(crate) fn entry(&self, access_key: &str) -> Option<&Entry> {
        self.keys.get(access_key)
    }

    pub(crate) fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.keys.values()
    }

    /// The first tolerance that is granted and needed.
    fn find_tolerance(&self, checked: &Checked<'_, '_>) -> Option<Tolerance> {
        let granted = Tolerance::ALL.iter().filter(|one| self.tolerances.allows(**one));
        let fits = |tolerance: &Tolerance| {
            let form = tolerance.form(checked.request);
            form.is_some_and(|form| checked.matches(form))
        };
        granted.copied().find(fits)
    }
}

impl Default for Verifier {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier")
            .field("access_keys", &self.keys.keys())
            .field("max_skew", &self.max_skew)
            .field("tolerances", &self.tolerances)
            .field("payload_check", &self.payload_check)
            .field("derived", &self.derived)
            .field("other_hosts", &self.other_hosts)
            .finish()
    }
}

/// An accepted request: who signed it, how and when.
///
/// ```
/// use std::time::{Duration, UNIX_EPOCH};
/// use rtc_signer::http::Request;
/// use rtc_signer::{Credentials, Payload, SignableRequest, Signer, Verifier};
///
/// let (credentials, signed_at) = (Credentials::new("AK", "SK"), UNIX_EPOCH);
/// let (mut parts, ()) = Request::get("http://localhost/v2/apps").body(())?.into_parts();
/// Signer::new(credentials.clone()).sign_parts(&mut parts, Payload::Bytes(b""), signed_at)?;
///
/// let verifier = Verifier::new().with_key(credentials);
/// let arrived = SignableRequest::from_parts(&parts, Payload::Bytes(b""));
/// let verified = verifier.verify(&arrived, signed_at + Duration::from_millis(1500))?;
/// assert_eq!((verified.access_key(), verified.tolerance()), ("AK", None));
/// assert_eq!(verified.signed_at(), signed_at);
/// assert_eq!(verified.age(), Duration::from_millis(1500));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Verified<'v> {
    access_key: &'v str,
    tolerance: Option<Tolerance>,
    signed_at: SystemTime,
    /// The time given to `verify`.
    now: SystemTime,
}

impl<'v> Verified<'v> {
    /// The access key that signed.
    pub const fn access_key(&self) -> &'v str {
        self.access_key
    }

    /// The tolerance that was needed; `None` if the base rule was satisfied. Worth a log line.
    pub const fn tolerance(&self) -> Option<Tolerance> {
        self.tolerance
    }

    /// The time in `X-Sdk-Date`.
    pub const fn signed_at(&self) -> SystemTime {
        self.signed_at
    }

    /// How old the signature was at the time that [`Verifier::verify`] was given; never more than
    /// the verifier's largest skew.
    ///
    /// Zero if `X-Sdk-Date` lies ahead of that time, as with a client whose clock is fast;
    /// [`signed_at`](Self::signed_at) tells how far.
    pub fn age(&self) -> Duration {
        self.now.duration_since(self.signed_at).unwrap_or_default()
    }
}

impl Checked<'_, '_> {
    /// Whether the signature is that of this form, for any payload line that may stand.
    pub(crate) fn matches(&self, form: Form) -> bool {
        self.matches_canonical(&self.canonical(form), self.key)
    }

    fn mismatch(&self) -> VerifyError {
        let canonical = self.canonical(Form::BASE).text(self.payload_lines.first().as_bytes());
        VerifyError::SignatureMismatch { canonical_request: Box::new(canonical) }
    }

    /// Whether the signature is that of a canonical request under a key.
    pub(crate) fn matches_canonical(&self, canonical: &Canonical<'_>, key: &hmac::Key) -> bool {
        self.payload_lines.iter().any(|line| {
            let sha256 = canonical.sha256(line.as_bytes());
            self.authorization.is_signature_of(key, self.date, &sha256)
        })
    }
}
