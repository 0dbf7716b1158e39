//! Why a notification was not signed or not accepted.

use std::error::Error;
use std::time::{Duration, SystemTime};

use http::HeaderName;

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

/// The time from the second to the first.
struct Distance(SystemTime, SystemTime);

impl std::fmt::Display for Distance {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", self.0.duration_since(self.1).unwrap_or_default())
    }
}
