//! The string to sign: algorithm, date and the hash of the canonical request.

use std::fmt;

use crate::buffer::Few;
use crate::date::SdkDate;
use crate::encode::ascii;

/// Algorithm, `X-Sdk-Date`, for a derived key its scope, and the hash of the canonical request,
/// each in a line.
///
/// This is the text that goes through HMAC. `Display` writes it; `Debug` does not, as it has no
/// place in a log. [`Signer::string_to_sign`](crate::Signer::string_to_sign) has an example.
#[derive(Clone)]
pub struct StringToSign(Few<u8, 160>);

impl StringToSign {
    /// `info` is the third line, `yyyymmdd/region/service`, of an algorithm that has one.
    pub(crate) fn new(label: &str, date: &SdkDate, info: Option<&[u8]>, sha256: &[u8; 64]) -> Self {
        let mut this = Self(Few::new(0));
        let text = &mut this.0;
        text.extend(label.as_bytes());
        text.push(b'\n');
        text.extend(date.as_bytes());
        text.push(b'\n');
        if let Some(info) = info {
            text.extend(info);
            text.push(b'\n');
        }
        text.extend(sha256);
        this
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        ascii(self.as_bytes())
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.0.as_slice()
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
