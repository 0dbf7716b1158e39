//! The signature with which an end user's client joins a room.
//!
//! It is no part of the server API: the app's own server makes it with the app's key (`app_key`,
//! see `ShowApp`) and hands it to the client SDK. The signature is the lower-case hex of
//! HMAC-SHA256 over `app_id+room_id+user_id+ctime`, with the plus signs; `ctime` is the time at which it
//! expires, in UNIX seconds (source: csdk-rtc, access authentication; decision D26).

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::credentials::SecretKey;
use crate::encode::{ascii, unhex};
use crate::shared_key::{EmptyKeyError, SharedKey};

/// The key of an app, for signing and verifying who may join a room.
///
/// `Debug` hides the key.
///
/// ```
/// use std::time::{Duration, UNIX_EPOCH};
/// use rtc_signer::{RoomJoin, RoomKey, RoomVerifyError};
///
/// let key = RoomKey::new("app-key-16-chars")?;
/// let join = RoomJoin::new("a1b2c3d4e5f60718293a4b5c", "room-7", "alice")?;
/// let now = UNIX_EPOCH + Duration::from_secs(1_704_164_645);
///
/// let signature = key.sign(&join, RoomKey::RECOMMENDED_VALIDITY, now)?;
/// assert_eq!(signature.ctime(), 1_704_164_645 + 7_200);
///
/// key.verify(&join, signature.ctime(), signature.as_str(), now)?;
/// let later = signature.expires_at();
/// let error = key.verify(&join, signature.ctime(), signature.as_str(), later).unwrap_err();
/// assert!(matches!(error, RoomVerifyError::Expired { .. }));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct RoomKey {
    key: SharedKey,
}

impl RoomKey {
    /// How long a signature should be valid: 2 hours (csdk-rtc, access authentication).
    pub const RECOMMENDED_VALIDITY: Duration = Duration::from_secs(2 * 60 * 60);

    /// A signature must be valid for less than this: 12 hours (csdk-rtc, access authentication).
    pub const VALIDITY_LIMIT: Duration = Duration::from_secs(12 * 60 * 60);

    /// Prepares the app's key.
    ///
    /// # Errors
    ///
    /// [`EmptyKeyError`]: anybody could sign with the empty text.
    pub fn new(app_key: impl Into<SecretKey>) -> Result<Self, EmptyKeyError> {
        Ok(Self { key: SharedKey::new(&app_key.into())? })
    }

    /// Signs who joins what, valid for at least one second and less than 12 hours.
    ///
    /// The expiry is cut to whole seconds. An app can also limit the validity itself (`expire` of
    /// its `authentication`, see `ShowApp`), which is not looked at here.
    ///
    /// # Errors
    ///
    /// See [`RoomSignError`].
    pub fn sign(
        &self,
        join: &RoomJoin<'_>,
        valid_for: Duration,
        now: SystemTime,
    ) -> Result<RoomSignature, RoomSignError> {
        if valid_for < Duration::from_secs(1) || valid_for >= Self::VALIDITY_LIMIT {
            return Err(RoomSignError::BadValidity { valid_for });
        }
        let expiry = now.checked_add(valid_for).ok_or(RoomSignError::TimeOutOfRange)?;
        let distance =
            expiry.duration_since(UNIX_EPOCH).map_err(|_| RoomSignError::TimeOutOfRange)?;
        let ctime = distance.as_secs();
        let expires_at = instant(ctime).ok_or(RoomSignError::TimeOutOfRange)?;
        let signature = self.key.sign(join.content(ctime).as_bytes());
        Ok(RoomSignature { ctime, expires_at, signature })
    }

    /// Verifies a signature as a client brings it; gives the time at which it expires.
    ///
    /// It is valid before that time, not at it, and only if that time is less than 12 hours away.
    /// Hex digits are read in any case and compared in constant time.
    ///
    /// # Errors
    ///
    /// The first reason that is found, in the order of [`RoomVerifyError`].
    pub fn verify(
        &self,
        join: &RoomJoin<'_>,
        ctime: u64,
        signature: &str,
        now: SystemTime,
    ) -> Result<SystemTime, RoomVerifyError> {
        let given = unhex(signature.as_bytes()).ok_or(RoomVerifyError::MalformedSignature)?;
        let too_far = || RoomVerifyError::TooFarAhead { ctime };
        let expires_at = instant(ctime).ok_or_else(too_far)?;
        match expires_at.duration_since(now) {
            Ok(Duration::ZERO) | Err(_) => {
                return Err(RoomVerifyError::Expired { expires_at, now });
            }
            Ok(ahead) if ahead >= Self::VALIDITY_LIMIT => return Err(too_far()),
            Ok(_) => {}
        }
        if !self.key.matches(join.content(ctime).as_bytes(), &given) {
            return Err(RoomVerifyError::SignatureMismatch);
        }
        Ok(expires_at)
    }
}

/// Who joins what: an app, a room of it, and a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RoomJoin<'a> {
    app: &'a str,
    room: &'a str,
    user: &'a str,
}

impl<'a> RoomJoin<'a> {
    /// Takes the three ids, in the order in which they are signed.
    ///
    /// # Errors
    ///
    /// See [`RoomIdError`]. Other limits of the ids (length, letters) are the service's to judge.
    pub fn new(app_id: &'a str, room_id: &'a str, user_id: &'a str) -> Result<Self, RoomIdError> {
        for (id, text) in [("app_id", app_id), ("room_id", room_id), ("user_id", user_id)] {
            if text.is_empty() {
                return Err(RoomIdError::Empty { id });
            }
            if text.contains('+') {
                return Err(RoomIdError::Plus { id });
            }
        }
        Ok(Self { app: app_id, room: room_id, user: user_id })
    }

    fn content(&self, ctime: u64) -> String {
        let Self { app, room, user } = self;
        format!("{app}+{room}+{user}+{ctime}")
    }
}

/// What a client needs to join a room: the signature and the time at which it expires.
///
/// `Display` writes the signature, `Debug` hides it.
#[derive(Clone)]
pub struct RoomSignature {
    ctime: u64,
    expires_at: SystemTime,
    signature: [u8; 64],
}

impl RoomSignature {
    /// The expiry in UNIX seconds, as the client SDK takes it.
    pub const fn ctime(&self) -> u64 {
        self.ctime
    }

    /// The same as a time.
    pub const fn expires_at(&self) -> SystemTime {
        self.expires_at
    }

    /// The signature, 64 lower-case hex digits.
    pub fn as_str(&self) -> &str {
        ascii(&self.signature)
    }
}

impl fmt::Display for RoomSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for RoomSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RoomSignature").field("ctime", &self.ctime).finish_non_exhaustive()
    }
}

/// Why ids cannot be signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RoomIdError {
    /// An id is empty.
    #[error("{id} is empty")]
    Empty {
        /// Which one.
        id: &'static str,
    },
    /// An id holds a plus sign.
    #[error(
        "{id} holds a `+`, which parts the ids in the text that is signed: the signature would \
         also be good for other ids; use letters, digits, `_` and `-`"
    )]
    Plus {
        /// Which one.
        id: &'static str,
    },
}

/// Why the joining of a room could not be signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RoomSignError {
    /// The signature would be valid for too short or too long a time.
    #[error(
        "a signature cannot be valid for {valid_for:?}; choose at least one second and less than \
         12 hours, 2 hours are recommended"
    )]
    BadValidity {
        /// The time that was asked for.
        valid_for: Duration,
    },
    /// The expiry has no UNIX timestamp.
    #[error("the signature would expire before 1970 or past the end of time; check the clock")]
    TimeOutOfRange,
}

/// Why the joining of a room was refused, in the order of the checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RoomVerifyError {
    /// The signature is not 64 hex digits.
    #[error("the signature is not 64 hex digits; pass it on as it was made")]
    MalformedSignature,
    /// The signature is not valid any more.
    #[error(
        "the signature expired {:?} ago; sign again",
        now.duration_since(*expires_at).unwrap_or_default()
    )]
    Expired {
        /// When it expired.
        expires_at: SystemTime,
        /// The verifier's time.
        now: SystemTime,
    },
    /// The signature would be valid for 12 hours or longer.
    #[error(
        "ctime {ctime} is 12 hours or more ahead; it is the expiry in UNIX seconds, 2 hours ahead \
         are recommended"
    )]
    TooFarAhead {
        /// The expiry as given, in UNIX seconds.
        ctime: u64,
    },
    /// The signature belongs to other ids, another expiry or another key.
    #[error(
        "the signature does not belong to these ids, this ctime and this key; check the app_key, \
         and that app_id+room_id+user_id+ctime is signed, with the plus signs"
    )]
    SignatureMismatch,
}

/// UNIX seconds as a time, if it has one.
fn instant(seconds: u64) -> Option<SystemTime> {
    UNIX_EPOCH.checked_add(Duration::from_secs(seconds))
}
