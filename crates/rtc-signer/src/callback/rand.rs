//! The random text of a notification.

use std::fmt;
use std::str::FromStr;

use crate::encode::{ascii, hex};

/// The value of `X-Rtc-Rand`: 32 hex digits (decision D18).
///
/// It is no secret, but must be another for each notification, so it comes from a generator that
/// is fit for cryptography. This crate has none of its own: the caller passes the bytes, or a
/// source of them.
///
/// ```
/// use rtc_signer::CallbackRand;
///
/// // From bytes, for a test that shall be repeatable:
/// let rand = CallbackRand::new([0xAB; 16]);
/// assert_eq!(rand.as_str(), "abababababababababababababababab");
///
/// // From a source; with ring: CallbackRand::from_source(|bytes| system_random.fill(bytes))
/// let rand = CallbackRand::from_source(|bytes| {
///     bytes.fill(7);
///     Ok::<(), std::io::Error>(())
/// })?;
/// assert_eq!(rand.as_str().parse(), Ok(rand));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct CallbackRand([u8; 32]);

impl CallbackRand {
    /// Writes 16 random bytes as hex.
    pub fn new(bytes: [u8; 16]) -> Self {
        let mut wide = [0; 32];
        for (to, from) in wide.iter_mut().zip(bytes) {
            *to = from;
        }
        let mut text = [0; 32];
        for (to, from) in text.iter_mut().zip(hex(wide)) {
            *to = from;
        }
        Self(text)
    }

    /// Asks a source for 16 bytes.
    ///
    /// # Errors
    ///
    /// That of the source.
    pub fn from_source<E>(fill: impl FnOnce(&mut [u8]) -> Result<(), E>) -> Result<Self, E> {
        let mut bytes = [0; 16];
        fill(&mut bytes)?;
        Ok(Self::new(bytes))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        ascii(&self.0)
    }
}

impl FromStr for CallbackRand {
    type Err = CallbackRandError;

    /// Takes 32 hex digits as they are.
    fn from_str(text: &str) -> Result<Self, CallbackRandError> {
        match text.as_bytes().try_into() {
            Ok(digits) if text.bytes().all(|digit| digit.is_ascii_hexdigit()) => Ok(Self(digits)),
            _ => Err(CallbackRandError),
        }
    }
}

impl fmt::Display for CallbackRand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for CallbackRand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("CallbackRand").field(&self.as_str()).finish()
    }
}

/// A text that is not 32 hex digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the random text is not 32 hex digits; make it from 16 random bytes")]
#[non_exhaustive]
pub struct CallbackRandError;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_become_hex_in_their_order() {
        let bytes = *b"\x00\x01\x0f\x10\x7f\x80\xfe\xff01234567";
        assert_eq!(CallbackRand::new(bytes).as_str(), "00010f107f80feff3031323334353637");
    }

    #[test]
    fn only_32_hex_digits_are_taken() {
        let text = "0123456789abcdefABCDEF0123456789";
        assert_eq!(text.parse::<CallbackRand>().unwrap().to_string(), text);
        let (short, long, other) = (&text[1..], format!("{text}0"), text.replace('a', "g"));
        for bad in ["", short, &long, &other] {
            assert_eq!(bad.parse::<CallbackRand>(), Err(CallbackRandError), "{bad}");
        }
    }

    #[test]
    fn a_source_that_fails_gives_its_error() {
        assert_eq!(CallbackRand::from_source(|_| Err("dry")), Err("dry"));
    }
}
