//! The signature: the last step's value.

use std::fmt;

use ring::hmac;

use crate::encode::{ascii, hex};
use crate::string_to_sign::StringToSign;

/// A signature; `Display` writes it as 64 lower-case hex digits.
///
/// `Debug` hides it, since whoever holds it can repeat the request while its date is fresh. It
/// cannot be compared with `==`: signatures are only compared in constant time, by the verifier.
#[derive(Clone, Copy)]
pub struct Signature([u8; 32]);

impl Signature {
    pub(crate) fn new(key: &hmac::Key, text: &StringToSign) -> Self {
        let tag = hmac::sign(key, text.as_bytes());
        Self(tag.as_ref().try_into().expect("HMAC-SHA256 gives 32 bytes"))
    }

    /// Lower-case hex.
    pub(crate) fn digits(&self) -> [u8; 64] {
        hex(self.0)
    }

    pub(crate) const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

/// Whether a signature is that of a text; compares in constant time.
pub(crate) fn matches(key: &hmac::Key, text: &StringToSign, given: &[u8; 32]) -> bool {
    hmac::verify(key, text.as_bytes(), given).is_ok()
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(ascii(&self.digits()))
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signature(hidden)")
    }
}
