//! The hook for a store of notifications that were seen.

use std::error::Error;
use std::time::SystemTime;

/// What tells one notification from another: its random text and its timestamp, as they came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallbackPair<'a> {
    pub(super) rand: &'a str,
    pub(super) timestamp: &'a str,
    pub(super) keep_until: Option<SystemTime>,
}

impl<'a> CallbackPair<'a> {
    /// The value of `X-Rtc-Rand`.
    pub const fn rand(&self) -> &'a str {
        self.rand
    }

    /// The value of `X-Rtc-Timestamp`.
    pub const fn timestamp(&self) -> &'a str {
        self.timestamp
    }

    /// Until when the pair must be remembered: after this time its age alone refuses it.
    ///
    /// `None` if that time cannot be told, with a tolerance of ages; keep it for ever then.
    pub const fn keep_until(&self) -> Option<SystemTime> {
        self.keep_until
    }
}

/// Whether a notification was seen before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Novelty {
    /// It was not.
    New,
    /// It was.
    Seen,
}

/// A store of notifications that were seen: [`RecentCallbacks`](crate::RecentCallbacks), or your
/// own; see [`CallbackVerifier::receive`](crate::CallbackVerifier::receive).
///
/// It is asked only after the signature was found to be right, so strangers cannot fill it.
/// Where asking it must be awaited, use [`verify`](crate::CallbackVerifier::verify) and ask it
/// with [`VerifiedCallback::pair`](crate::VerifiedCallback::pair).
///
/// ```
/// use std::collections::HashSet;
/// use std::error::Error;
/// use std::sync::Mutex;
/// use std::time::{Duration, SystemTime, UNIX_EPOCH};
/// use rtc_signer::http::HeaderMap;
/// use rtc_signer::{
///     CallbackError, CallbackPair, CallbackRand, CallbackSigner, CallbackVerifier, Novelty,
///     SeenCallbacks,
/// };
///
/// /// Remembers for ever; a table with a unique key, and `keep_until` beside it, would not.
/// #[derive(Default)]
/// struct Store(Mutex<HashSet<(String, String)>>);
///
/// impl SeenCallbacks for Store {
///     fn remember(
///         &self,
///         pair: CallbackPair<'_>,
///         _now: SystemTime,
///     ) -> Result<Novelty, Box<dyn Error + Send + Sync>> {
///         let mut pairs = self.0.lock().map_err(|_| "the lock is poisoned")?;
///         let is_new = pairs.insert((pair.rand().to_owned(), pair.timestamp().to_owned()));
///         Ok(if is_new { Novelty::New } else { Novelty::Seen })
///     }
/// }
///
/// let key = "0123456789abcdef0123456789abcdef";
/// let now = UNIX_EPOCH + Duration::from_secs(1_704_164_645);
/// let mut headers = HeaderMap::new();
/// CallbackSigner::new(key)?.sign(b"{}", CallbackRand::new([7; 16]), now)?.apply(&mut headers);
///
/// let (verifier, store) = (CallbackVerifier::new("current", key)?, Store::default());
/// assert!(verifier.verify_once(&headers, b"{}", now, &store).is_ok());
/// let error = verifier.verify_once(&headers, b"{}", now, &store).unwrap_err();
/// assert!(matches!(error, CallbackError::Replayed));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait SeenCallbacks {
    /// Remembers a pair and says whether it was there already, in one step: of two calls at the
    /// same time only one may say [`Novelty::New`]. `now` is the receiver's time.
    ///
    /// # Errors
    ///
    /// What kept the store from answering; the notification is then refused.
    fn remember(
        &self,
        pair: CallbackPair<'_>,
        now: SystemTime,
    ) -> Result<Novelty, Box<dyn Error + Send + Sync>>;
}
