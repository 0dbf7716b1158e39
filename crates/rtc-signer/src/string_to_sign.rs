//! The string to sign: algorithm, date and the hash of the canonical request.

use std::fmt;

use ring::digest::Context;

use crate::encode::{ascii, digest_bytes, hex};

/// Algorithm, `X-Sdk-Date` and the hash of the canonical request, in three lines.
///
/// This is the text that goes through HMAC. `Display` writes it; `Debug` does not, as it has no
/// place in a log.
#[derive(Clone, Copy)]
pub struct StringToSign {
    buffer: [u8; Self::CAPACITY],
    len: usize,
}

impl StringToSign {
    /// Room for the longest label that is ever tried, the date and the hash.
    const CAPACITY: usize = 128;

    /// `date` has been read as a date, so it has 16 characters.
    pub(crate) fn new(label: &str, date: &str, canonical_sha256: &[u8; 64]) -> Self {
        let mut text = Self { buffer: [0; Self::CAPACITY], len: 0 };
        for piece in [label.as_bytes(), b"\n", date.as_bytes(), b"\n", canonical_sha256] {
            text.push(piece);
        }
        text
    }

    /// The same for a hash that is complete but for its end.
    pub(crate) fn of_digest(label: &str, date: &str, canonical: Context) -> Self {
        Self::new(label, date, &hex(digest_bytes(&canonical.finish())))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        ascii(self.as_bytes())
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.buffer.get(..self.len).unwrap_or_default()
    }

    fn push(&mut self, piece: &[u8]) {
        let room = self.buffer.get_mut(self.len..self.len + piece.len());
        room.expect("label, date and hash have a known length").copy_from_slice(piece);
        self.len += piece.len();
    }
}

impl fmt::Display for StringToSign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for StringToSign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StringToSign(hidden)")
    }
}
