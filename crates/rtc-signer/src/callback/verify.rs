//! Verifying a notification; the receiver's side.

use std::error::Error;
use std::time::{Duration, SystemTime};

use http::{HeaderMap, HeaderName, HeaderValue};

use super::{
    CallbackError, CallbackPair, Novelty, SeenCallbacks, X_RTC_RAND, X_RTC_SIGNATURE,
    X_RTC_TIMESTAMP, content, timestamp,
};
use crate::credentials::SecretKey;
use crate::encode::unhex;
use crate::shared_key::{EmptyKeyError, SharedKey};

/// How old or new a notification may be if nothing else is set (decision D18).
const DEFAULT_TOLERANCE: Duration = Duration::from_secs(5 * 60);

/// Verifies notifications against one or several `auth_key`s.
///
/// [`receive`](Self::receive) is the whole of it in one call; the others are its parts. The order of
/// the checks: the three headers, the age, the signature, whether the body can be read, and whether
/// it was seen before. The signature is compared in
/// constant time, whole texts as they came: the body must be the raw bytes, before any parser has
/// had them.
///
/// Several keys are for their rotation: add the new one beside the old, set the new one as the
/// callback's `auth_key`, and remove the old once the [label](VerifiedCallback::key_label) shows
/// that it is not used any more.
///
/// `Debug` shows the labels only.
///
/// ```
/// use std::time::{Duration, UNIX_EPOCH};
/// use rtc_signer::http::{HeaderMap, HeaderValue};
/// use rtc_signer::{CallbackError, CallbackVerifier};
///
/// let verifier = CallbackVerifier::new("2024", "0123456789abcdef0123456789abcdef")?
///     .with_key("2023", "an older key of at least 32 chars")?;
///
/// let mut headers = HeaderMap::new();
/// headers.insert("x-rtc-rand", HeaderValue::from_static("8f1d2c"));
/// headers.insert("x-rtc-timestamp", HeaderValue::from_static("1704164645"));
/// headers.insert("x-rtc-signature", HeaderValue::from_static(
///     "b0fba991d4aaf774f2b779b2b13cdd2ec8fdd8b9c40a62cbb40dc75dae98b92b"));
/// let body = br#"{"event_type":"RECORD_NEW_FILE_START","app_id":"a1","room_id":"r1"}"#;
///
/// let now = UNIX_EPOCH + Duration::from_secs(1_704_164_700);
/// let verified = verifier.verify(&headers, body, now)?;
/// assert_eq!(verified.key_label(), "2024");
///
/// let error = verifier.verify(&headers, b"{}", now).unwrap_err();
/// assert!(matches!(error, CallbackError::SignatureMismatch));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct CallbackVerifier {
    keys: Vec<Entry>,
    tolerance: Duration,
}

#[derive(Clone, Debug)]
struct Entry {
    label: String,
    key: SharedKey,
}

impl CallbackVerifier {
    /// A verifier with one key and a tolerance of 5 minutes.
    ///
    /// The label is a name for the key that may be logged, such as the day it was made.
    ///
    /// # Errors
    ///
    /// [`EmptyKeyError`]: anybody could sign with the empty text.
    pub fn new(
        label: impl Into<String>,
        auth_key: impl Into<SecretKey>,
    ) -> Result<Self, EmptyKeyError> {
        Self { keys: Vec::new(), tolerance: DEFAULT_TOLERANCE }.with_key(label, auth_key)
    }

    /// Adds a key; the keys are tried in the order in which they were added.
    ///
    /// # Errors
    ///
    /// See [`new`](Self::new).
    pub fn with_key(
        mut self,
        label: impl Into<String>,
        auth_key: impl Into<SecretKey>,
    ) -> Result<Self, EmptyKeyError> {
        let key = SharedKey::new(&auth_key.into())?;
        self.keys.push(Entry { label: label.into(), key });
        Ok(self)
    }

    /// Sets the largest difference between the timestamp and `now`, in both directions.
    ///
    /// A notification exactly as old or as new is accepted. The sender cuts the time to whole
    /// seconds, so a tolerance under a second refuses what is fresh.
    #[must_use]
    pub const fn with_tolerance(mut self, tolerance: Duration) -> Self {
        self.tolerance = tolerance;
        self
    }

    /// Verifies a notification by its headers and raw body. Repetitions are not noticed.
    ///
    /// # Errors
    ///
    /// The first reason that is found, in the order of the checks; see [`CallbackError`].
    pub fn verify<'a>(
        &'a self,
        headers: &'a HeaderMap,
        body: &[u8],
        now: SystemTime,
    ) -> Result<VerifiedCallback<'a>, CallbackError> {
        let rand = text(headers, &X_RTC_RAND, "a text of visible ASCII characters")?;
        let expected = "a decimal number of seconds or milliseconds since 1970";
        let stamp = text(headers, &X_RTC_TIMESTAMP, expected)?;
        let malformed = |name, expected| CallbackError::MalformedHeader { name, expected };
        let signed_at =
            timestamp::read(stamp).ok_or_else(|| malformed(X_RTC_TIMESTAMP, expected))?;
        let given = single(headers, &X_RTC_SIGNATURE)?;
        let given = unhex(given.as_bytes())
            .ok_or_else(|| malformed(X_RTC_SIGNATURE, "a signature of 64 hex digits"))?;
        self.check_age(signed_at, now)?;
        let content = content(rand, stamp, body);
        let mut entries = self.keys.iter().enumerate();
        let (key_index, entry) = entries
            .find(|(_, entry)| entry.key.matches(&content, &given))
            .ok_or(CallbackError::SignatureMismatch)?;
        let keep_until = signed_at.checked_add(self.tolerance);
        let pair = CallbackPair { rand, timestamp: stamp, keep_until };
        Ok(VerifiedCallback { key_index, key_label: &entry.label, signed_at, pair })
    }

    /// Verifies a notification, and that it was not received before.
    ///
    /// The store is asked only if all else is in order.
    ///
    /// # Errors
    ///
    /// As [`verify`](Self::verify), and [`CallbackError::Replayed`] or
    /// [`CallbackError::ReplayStore`].
    pub fn verify_once<'a>(
        &'a self,
        headers: &'a HeaderMap,
        body: &[u8],
        now: SystemTime,
        seen: &(impl SeenCallbacks + ?Sized),
    ) -> Result<VerifiedCallback<'a>, CallbackError> {
        let verified = self.verify(headers, body, now)?;
        remember(&verified, now, seen)?;
        Ok(verified)
    }

    /// Verifies a notification, reads its body, and makes sure that it was not received before: all
    /// that there is to do between headers and body and a value.
    ///
    /// `read` makes the value of the body, such as `Notification::from_json` of the crate
    /// `rtc-model`, or `serde_json::from_slice` for a type of your own; it sees signed bytes only.
    /// What cannot be read is not remembered, so it is looked at anew when it comes again. What you
    /// could not work on after this should be forgotten by the store for the same reason.
    ///
    /// ```
    /// use std::num::NonZeroUsize;
    /// use std::time::{Duration, UNIX_EPOCH};
    /// use rtc_signer::http::{HeaderMap, HeaderValue};
    /// use rtc_model::callback::Notification;
    /// use rtc_signer::{CallbackVerifier, RecentCallbacks, WhenFull};
    ///
    /// let verifier = CallbackVerifier::new("2024", "0123456789abcdef0123456789abcdef")?;
    /// let recent = RecentCallbacks::new(NonZeroUsize::new(10_000).unwrap(), WhenFull::Refuse);
    ///
    /// let mut headers = HeaderMap::new();
    /// headers.insert("x-rtc-rand", HeaderValue::from_static("8f1d2c"));
    /// headers.insert("x-rtc-timestamp", HeaderValue::from_static("1704164645"));
    /// headers.insert("x-rtc-signature", HeaderValue::from_static(
    ///     "b0fba991d4aaf774f2b779b2b13cdd2ec8fdd8b9c40a62cbb40dc75dae98b92b"));
    /// let body = br#"{"event_type":"RECORD_NEW_FILE_START","app_id":"a1","room_id":"r1"}"#;
    ///
    /// let now = UNIX_EPOCH + Duration::from_secs(1_704_164_700);
    /// let (notification, signed) =
    ///     verifier.receive(&headers, body, now, &recent, Notification::from_json)?;
    /// assert_eq!(notification.room_id, Some("r1".into()));
    /// assert_eq!(signed.key_label(), "2024");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The first reason that is found, in the order of the checks; see [`CallbackError`], whose
    /// [`status`](CallbackError::status) is what to answer.
    pub fn receive<'a, T, E>(
        &'a self,
        headers: &'a HeaderMap,
        body: &[u8],
        now: SystemTime,
        seen: &(impl SeenCallbacks + ?Sized),
        read: impl FnOnce(&[u8]) -> Result<T, E>,
    ) -> Result<(T, VerifiedCallback<'a>), CallbackError>
    where
        E: Into<Box<dyn Error + Send + Sync>>,
    {
        let verified = self.verify(headers, body, now)?;
        let value =
            read(body).map_err(|error| CallbackError::Unreadable { source: error.into() })?;
        remember(&verified, now, seen)?;
        Ok((value, verified))
    }

    fn check_age(&self, signed_at: SystemTime, now: SystemTime) -> Result<(), CallbackError> {
        let tolerance = self.tolerance;
        match now.duration_since(signed_at) {
            Ok(age) if age > tolerance => Err(CallbackError::TooOld { signed_at, now, tolerance }),
            Err(ahead) if ahead.duration() > tolerance => {
                Err(CallbackError::TooNew { signed_at, now, tolerance })
            }
            _ => Ok(()),
        }
    }
}

/// An accepted notification.
#[derive(Clone, Copy, Debug)]
pub struct VerifiedCallback<'a> {
    key_index: usize,
    key_label: &'a str,
    signed_at: SystemTime,
    pair: CallbackPair<'a>,
}

impl<'a> VerifiedCallback<'a> {
    /// The number of the key that signed, from 0, in the order in which they were added.
    pub const fn key_index(&self) -> usize {
        self.key_index
    }

    /// The label of the key that signed.
    pub const fn key_label(&self) -> &'a str {
        self.key_label
    }

    /// The time in `X-Rtc-Timestamp`.
    pub const fn signed_at(&self) -> SystemTime {
        self.signed_at
    }

    /// What tells this notification from another, for a store of your own.
    pub const fn pair(&self) -> CallbackPair<'a> {
        self.pair
    }
}

fn remember(
    verified: &VerifiedCallback<'_>,
    now: SystemTime,
    seen: &(impl SeenCallbacks + ?Sized),
) -> Result<(), CallbackError> {
    match seen.remember(verified.pair, now) {
        Ok(Novelty::New) => Ok(()),
        Ok(Novelty::Seen) => Err(CallbackError::Replayed),
        Err(source) => Err(CallbackError::ReplayStore { source }),
    }
}

/// The only value of a header.
fn single<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<&'a HeaderValue, CallbackError> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => Ok(value),
        (None, _) => Err(CallbackError::MissingHeader { name: name.clone() }),
        (Some(_), Some(_)) => Err(CallbackError::RepeatedHeader { name: name.clone() }),
    }
}

/// The only value of a header, which must be visible ASCII.
fn text<'a>(
    headers: &'a HeaderMap,
    name: &HeaderName,
    expected: &'static str,
) -> Result<&'a str, CallbackError> {
    let value = single(headers, name)?.as_bytes();
    let visible = !value.is_empty() && value.iter().all(u8::is_ascii_graphic);
    std::str::from_utf8(value)
        .ok()
        .filter(|_| visible)
        .ok_or_else(|| CallbackError::MalformedHeader { name: name.clone(), expected })
}
