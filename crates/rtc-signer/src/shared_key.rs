//! HMAC-SHA256 under a text that two parties share.

use std::fmt;

use ring::hmac;

use crate::credentials::SecretKey;
use crate::encode::hex;

/// A shared key, ready for use; `Debug` hides it.
#[derive(Clone)]
pub(crate) struct SharedKey(hmac::Key);

impl SharedKey {
    /// Prepares the UTF-8 bytes of the key. The text is wiped with the last clone of `secret`.
    pub(crate) fn new(secret: &SecretKey) -> Result<Self, EmptyKeyError> {
        let bytes = secret.expose_secret().as_bytes();
        if bytes.is_empty() {
            return Err(EmptyKeyError);
        }
        Ok(Self(hmac::Key::new(hmac::HMAC_SHA256, bytes)))
    }

    /// The MAC in lower-case hex.
    pub(crate) fn sign(&self, content: &[u8]) -> [u8; 64] {
        let tag = hmac::sign(&self.0, content);
        hex(tag.as_ref().try_into().expect("HMAC-SHA256 gives 32 bytes"))
    }

    /// Compares in constant time.
    pub(crate) fn matches(&self, content: &[u8], mac: &[u8; 32]) -> bool {
        hmac::verify(&self.0, content, mac).is_ok()
    }
}

impl fmt::Debug for SharedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SharedKey(hidden)")
    }
}

/// A shared key is the empty text, with which anybody could sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the key is empty, so anybody could sign with it; configure one")]
#[non_exhaustive]
pub struct EmptyKeyError;
