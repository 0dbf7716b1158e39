//! The `X-Rtc-*` signature of a notification that the service sends to a callback URL.
//!
//! The signature is HMAC-SHA256 over `X-Rtc-Rand`, `X-Rtc-Timestamp` and the raw body, one after
//! the other with nothing between, keyed with the callback's `auth_key`, in lower-case hex
//! (source: SparkRTC FAQ `rtc_06_0144`). What the page leaves open is decision D18.

mod error;
mod rand;
mod recent;
mod replay;
mod sign;
mod timestamp;
mod verify;

use http::HeaderName;

pub use self::error::{CallbackError, CallbackSignError};
pub use self::rand::{CallbackRand, CallbackRandError};
pub use self::recent::{FullError, RecentCallbacks, WhenFull};
pub use self::replay::{CallbackPair, Novelty, SeenCallbacks};
pub use self::sign::{CallbackSigner, SignedCallback};
pub use self::verify::{CallbackVerifier, VerifiedCallback};

/// The header that holds a text which is another for each notification.
pub const X_RTC_RAND: HeaderName = HeaderName::from_static("x-rtc-rand");
/// The header that holds the time of signing.
pub const X_RTC_TIMESTAMP: HeaderName = HeaderName::from_static("x-rtc-timestamp");
/// The header that holds the signature of a notification.
pub const X_RTC_SIGNATURE: HeaderName = HeaderName::from_static("x-rtc-signature");

/// What is signed.
fn content(rand: &str, timestamp: &str, body: &[u8]) -> Vec<u8> {
    [rand.as_bytes(), timestamp.as_bytes(), body].concat()
}
