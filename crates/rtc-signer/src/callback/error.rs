//! Why a notification was not signed or not accepted.

use std::error::Error;
use std::time::{Duration, SystemTime};

use http::{HeaderName, StatusCode};

/// Why a notification could not be signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CallbackSignError {
    /// The time to sign at has no UNIX timestamp.
    #[error("the time to sign at lies before 1970; check the clock")]
    BeforeEpoch,
}

/// Why a notification was refused, a variant a reason.
///
/// `Display` says what was wrong and what to do, and holds neither a key nor a signature.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CallbackError {
    /// A header is missing; without an `auth_key` the service sends none of the three.
    #[error(
        "the notification has no {name} header; set an auth_key for the callback, and let \
         proxies pass the header on"
    )]
    MissingHeader {
        /// Which one.
        name: HeaderName,
    },
    /// A header came more than once.
    #[error("the notification has {name} more than once; one of them was added on its way")]
    RepeatedHeader {
        /// Which one.
        name: HeaderName,
    },
    /// A header cannot be read.
    #[error("{name} is not {expected}; it was not written by the service, or changed on its way")]
    MalformedHeader {
        /// Which one.
        name: HeaderName,
        /// What it should be.
        expected: &'static str,
    },
    /// The notification was signed too long ago.
    #[error(
        "the notification was signed {} ago, and {tolerance:?} are allowed; set the clock, or \
         refuse it as a repetition",
        Distance(*now, *signed_at)
    )]
    TooOld {
        /// The time in `X-Rtc-Timestamp`.
        signed_at: SystemTime,
        /// The receiver's time.
        now: SystemTime,
        /// The largest difference that is allowed, in both directions.
        tolerance: Duration,
    },
    /// The notification was signed too far in the future.
    #[error(
        "the notification was signed {} ahead of this clock, and {tolerance:?} are allowed; set \
         the clock",
        Distance(*signed_at, *now)
    )]
    TooNew {
        /// The time in `X-Rtc-Timestamp`.
        signed_at: SystemTime,
        /// The receiver's time.
        now: SystemTime,
        /// The largest difference that is allowed, in both directions.
        tolerance: Duration,
    },
    /// No key leads to the signature.
    #[error(
        "no key leads to X-Rtc-Signature; check the auth_key, and verify the raw bytes of the \
         body, before any parser has had them"
    )]
    SignatureMismatch,
    /// The signature is right, but the body cannot be read.
    #[error(
        "the signature is right, but the body is not what it is read as; take the version that knows it"
    )]
    Unreadable {
        /// What the reader said.
        source: Box<dyn Error + Send + Sync>,
    },
    /// The signature is right, but the notification was there before.
    #[error("the notification was received before; answer it as the first time, and do nothing")]
    Replayed,
    /// The signature is right, but the store of seen notifications failed.
    #[error(
        "the store of seen notifications failed; answer with an error, so that it is sent again"
    )]
    ReplayStore {
        /// What the store said.
        source: Box<dyn Error + Send + Sync>,
    },
}

impl CallbackError {
    /// The status to answer with; its text is for the receiver's log and not for the answer.
    ///
    /// 200 for a [repetition](Self::Replayed), since the answer to the first may have been lost;
    /// 503 where the [store](Self::ReplayStore) failed; 400 for a body that [cannot be
    /// read](Self::Unreadable); else 401. What the service does about any of them is not documented
    /// (decision D18).
    ///
    /// ```
    /// use rtc_signer::http::StatusCode;
    /// use rtc_signer::CallbackError;
    ///
    /// assert_eq!(CallbackError::SignatureMismatch.status(), StatusCode::UNAUTHORIZED);
    /// assert_eq!(CallbackError::Replayed.status(), StatusCode::OK);
    /// ```
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Replayed => StatusCode::OK,
            Self::ReplayStore { .. } => StatusCode::SERVICE_UNAVAILABLE,
            Self::Unreadable { .. } => StatusCode::BAD_REQUEST,
            Self::MissingHeader { .. }
            | Self::RepeatedHeader { .. }
            | Self::MalformedHeader { .. }
            | Self::TooOld { .. }
            | Self::TooNew { .. }
            | Self::SignatureMismatch => StatusCode::UNAUTHORIZED,
        }
    }
}

/// The time from the second to the first.
struct Distance(SystemTime, SystemTime);

impl std::fmt::Display for Distance {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", self.0.duration_since(self.1).unwrap_or_default())
    }
}
