//! Why a request was not signed or not accepted.

use std::fmt;
use std::time::{Duration, SystemTime};

use crate::authorization::{AuthorizationError, MAX_SIGNED_HEADERS};
use crate::canonical::CanonicalRequest;
use crate::date::format_sdk_date;

/// Why a request could not be signed.
///
/// ```
/// use std::time::UNIX_EPOCH;
/// use rtc_signer::http::Request;
/// use rtc_signer::{Credentials, Payload, SignError, Signer};
///
/// let (mut parts, ()) = Request::get("http://localhost/v2/apps").body(())?.into_parts();
/// let signer = Signer::new(Credentials::new("", "a variable of the environment was empty"));
/// let error = signer.sign_parts(&mut parts, Payload::Bytes(b""), UNIX_EPOCH).unwrap_err();
/// assert_eq!(error, SignError::BadAccessKey);
/// # Ok::<(), rtc_signer::http::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignError {
    /// The request brings an `X-Sdk-Date` that is no date, or more than one.
    #[error(
        "the request's X-Sdk-Date `{value}` is not like 20240102T030405Z; remove or correct it"
    )]
    MalformedDate {
        /// The value, bytes that are not UTF-8 replaced.
        value: String,
    },
    /// The time to sign at has no form of four digits for its year.
    #[error("the time to sign at is outside the years 0000 to 9999")]
    DateOutOfRange,
    /// The access key is empty or cannot stand in a header.
    #[error("the access key is empty or holds a character that cannot stand in a header")]
    BadAccessKey,
    /// The security token cannot stand in a header.
    #[error("the security token holds a character that cannot stand in a header")]
    BadSecurityToken,
    /// The host of the URI cannot stand in a header.
    #[error("the authority of the URI cannot stand in a Host header; set the header")]
    BadHost,
    /// The request has more headers than can be signed.
    #[error("the request has more than {MAX_SIGNED_HEADERS} headers to sign; send fewer")]
    TooManyHeaders,
}

/// Why a signature was refused, a variant a reason.
///
/// `Display` says what was wrong and what to change, and holds no secret and no signature.
///
/// ```
/// use std::time::UNIX_EPOCH;
/// use rtc_signer::http::{HeaderMap, Method};
/// use rtc_signer::{Credentials, Payload, SignableRequest, Signer, Verifier, VerifyError};
///
/// let body = Payload::Bytes(b"");
/// let mut headers = HeaderMap::new();
/// let request = SignableRequest::new(&Method::GET, "/v2/apps", None, &headers, body);
/// Signer::new(Credentials::new("AK", "SK")).sign(&request, UNIX_EPOCH)?.apply(&mut headers);
///
/// let verifier = Verifier::new().with_key(Credentials::new("AK", "another"));
/// let arrived = SignableRequest::new(&Method::GET, "/v2/apps", None, &headers, body);
/// match verifier.verify(&arrived, UNIX_EPOCH) {
///     Err(VerifyError::SignatureMismatch { canonical_request }) => {
///         assert!(canonical_request.gateway_form().starts_with("GET|/v2/apps/||x-sdk-date:"));
///     }
///     other => panic!("{other:?}"),
/// }
/// # Ok::<(), rtc_signer::SignError>(())
/// ```
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// The request has no `Authorization` header.
    #[error("the request has no Authorization header; sign it")]
    MissingAuthorization,
    /// The `Authorization` header cannot be read.
    #[error(
        "the Authorization header is malformed; write `SDK-HMAC-SHA256 Access=…, \
         SignedHeaders=…, Signature=…`"
    )]
    MalformedAuthorization {
        /// What is wrong with it.
        source: AuthorizationError,
    },
    /// The algorithm is known to nobody or not offered here, such as `SDK-HMAC-SM3`.
    #[error("the algorithm `{algorithm}` is not supported; sign with SDK-HMAC-SHA256")]
    UnsupportedAlgorithm {
        /// The name as sent.
        algorithm: String,
    },
    /// The access key is not known.
    #[error("the access key `{access_key}` is not known; check the AK")]
    UnknownAccessKey {
        /// The access key as sent.
        access_key: String,
    },
    /// The request has no `X-Sdk-Date`.
    #[error("the request has no X-Sdk-Date header; send and sign one")]
    MissingDate,
    /// `X-Sdk-Date` is not among the signed headers.
    #[error("X-Sdk-Date is not among SignedHeaders; sign it")]
    DateNotSigned,
    /// `X-Sdk-Date` is not of the form `20240102T030405Z`, or was sent more than once.
    #[error("X-Sdk-Date `{value}` is not a UTC date like 20240102T030405Z")]
    MalformedDate {
        /// The value, bytes that are not UTF-8 replaced.
        value: String,
    },
    /// The date is too far from the server's clock.
    #[error("{}", SkewText { signed_at, server_time, max_skew })]
    OutsideSkew {
        /// The time in `X-Sdk-Date`.
        signed_at: SystemTime,
        /// The server's time.
        server_time: SystemTime,
        /// The largest difference that is allowed, in both directions.
        max_skew: Duration,
    },
    /// A header is named in `SignedHeaders` and not in the request.
    #[error(
        "SignedHeaders names `{name}`, but the request has no such header; send it, or do not \
         sign it (a proxy may have removed it)"
    )]
    MissingSignedHeader {
        /// The name as sent.
        name: String,
    },
    /// The security token does not fit the access key.
    #[error("{problem}")]
    SecurityToken {
        /// What is wrong with it.
        problem: SecurityTokenProblem,
    },
    /// `X-Sdk-Content-Sha256` is not the hash of the body that arrived.
    #[error(
        "X-Sdk-Content-Sha256 is `{given}`, but the body that arrived has the hash {computed}; \
         sign the body that is sent, or send UNSIGNED-PAYLOAD"
    )]
    PayloadMismatch {
        /// The header's value, bytes that are not UTF-8 replaced.
        given: String,
        /// The hash of the body that arrived, in hex.
        computed: String,
    },
    /// The date of the credential is not that of `X-Sdk-Date`.
    #[error(
        "the credential is for the day {credential}, but X-Sdk-Date is {date}; derive the key for \
         the day of X-Sdk-Date"
    )]
    CredentialDate {
        /// The day in the credential.
        credential: String,
        /// The value of `X-Sdk-Date`.
        date: String,
    },
    /// The key was derived for another region or service than the one that is served here.
    #[error("the credential is for `{given}`, but this server is `{expected}`; sign for that")]
    WrongScope {
        /// Region and service in the credential.
        given: String,
        /// Region and service that are accepted.
        expected: String,
    },
    /// All else is in order, but the signature is another one.
    #[error(
        "the signature does not match the request; compare the canonical request and the secret \
         key"
    )]
    SignatureMismatch {
        /// The canonical request of the base rule.
        canonical_request: Box<CanonicalRequest>,
    },
}

impl VerifyError {
    /// The canonical request, where the signature itself was the reason.
    pub fn canonical_request(&self) -> Option<&CanonicalRequest> {
        match self {
            Self::SignatureMismatch { canonical_request } => Some(canonical_request),
            _ => None,
        }
    }

    /// The reason without its details.
    pub const fn kind(&self) -> VerifyErrorKind {
        match self {
            Self::MissingAuthorization => VerifyErrorKind::MissingAuthorization,
            Self::MalformedAuthorization { .. } => VerifyErrorKind::MalformedAuthorization,
            Self::UnsupportedAlgorithm { .. } => VerifyErrorKind::UnsupportedAlgorithm,
            Self::UnknownAccessKey { .. } => VerifyErrorKind::UnknownAccessKey,
            Self::MissingDate => VerifyErrorKind::MissingDate,
            Self::DateNotSigned => VerifyErrorKind::DateNotSigned,
            Self::MalformedDate { .. } => VerifyErrorKind::MalformedDate,
            Self::OutsideSkew { .. } => VerifyErrorKind::OutsideSkew,
            Self::MissingSignedHeader { .. } => VerifyErrorKind::MissingSignedHeader,
            Self::SecurityToken { .. } => VerifyErrorKind::SecurityToken,
            Self::PayloadMismatch { .. } => VerifyErrorKind::PayloadMismatch,
            Self::CredentialDate { .. } => VerifyErrorKind::CredentialDate,
            Self::WrongScope { .. } => VerifyErrorKind::WrongScope,
            Self::SignatureMismatch { .. } => VerifyErrorKind::SignatureMismatch,
        }
    }

    /// Whether the date was fresh in form but too far from the server's clock.
    pub const fn is_outside_skew(&self) -> bool {
        matches!(self, Self::OutsideSkew { .. })
    }

    /// Whether only the signature itself did not match.
    pub const fn is_signature_mismatch(&self) -> bool {
        matches!(self, Self::SignatureMismatch { .. })
    }
}

impl From<AuthorizationError> for VerifyError {
    fn from(source: AuthorizationError) -> Self {
        Self::MalformedAuthorization { source }
    }
}

/// The kinds of [`VerifyError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum VerifyErrorKind {
    /// See [`VerifyError::MissingAuthorization`].
    MissingAuthorization,
    /// See [`VerifyError::MalformedAuthorization`].
    MalformedAuthorization,
    /// See [`VerifyError::UnsupportedAlgorithm`].
    UnsupportedAlgorithm,
    /// See [`VerifyError::UnknownAccessKey`].
    UnknownAccessKey,
    /// See [`VerifyError::MissingDate`].
    MissingDate,
    /// See [`VerifyError::DateNotSigned`].
    DateNotSigned,
    /// See [`VerifyError::MalformedDate`].
    MalformedDate,
    /// See [`VerifyError::OutsideSkew`].
    OutsideSkew,
    /// See [`VerifyError::MissingSignedHeader`].
    MissingSignedHeader,
    /// See [`VerifyError::SecurityToken`].
    SecurityToken,
    /// See [`VerifyError::PayloadMismatch`].
    PayloadMismatch,
    /// See [`VerifyError::CredentialDate`].
    CredentialDate,
    /// See [`VerifyError::WrongScope`].
    WrongScope,
    /// See [`VerifyError::SignatureMismatch`].
    SignatureMismatch,
}

/// What is wrong with `X-Security-Token`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SecurityTokenProblem {
    /// The access key is a temporary one, and the request brings no token.
    Missing,
    /// The token is not among the signed headers.
    NotSigned,
    /// The token is another one than the access key's.
    Other,
    /// The access key has no token, but the request brings one.
    Unexpected,
}

impl fmt::Display for SecurityTokenProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => {
                "the access key is a temporary one, but the request has no X-Security-Token; \
                 send and sign it"
            }
            Self::NotSigned => "X-Security-Token is not among SignedHeaders; sign it",
            Self::Other => "X-Security-Token is not the token of this access key",
            Self::Unexpected => {
                "the request has an X-Security-Token, but the access key is not a temporary one; \
                 do not send the header"
            }
        })
    }
}

struct SkewText<'e> {
    signed_at: &'e SystemTime,
    server_time: &'e SystemTime,
    max_skew: &'e Duration,
}

impl fmt::Display for SkewText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let date = |at| format_sdk_date(at).map_or_else(|| "(no date)".into(), |at| at.to_string());
        let (distance, direction) = match self.server_time.duration_since(*self.signed_at) {
            Ok(behind) => (behind, "behind"),
            Err(ahead) => (ahead.duration(), "ahead of"),
        };
        write!(
            f,
            "X-Sdk-Date {} is {} s {direction} the server's clock {}, more than the allowed {} s; \
             set the clock, and sign each attempt anew",
            date(*self.signed_at),
            distance.as_secs(),
            date(*self.server_time),
            self.max_skew.as_secs(),
        )
    }
}
