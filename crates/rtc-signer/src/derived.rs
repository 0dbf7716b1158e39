//! The derived key of `V11-HMAC-SHA256`.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use ring::{hkdf, hmac};
use zeroize::Zeroizing;

use crate::buffer::Few;
use crate::credentials::Credentials;
use crate::date::SdkDate;
use crate::encode::hex;

/// A region and a service longer than this together are refused.
pub(crate) const MAX_SCOPE: usize = 128;

/// The region and the service for which a derived key of `V11-HMAC-SHA256` is good.
///
/// ```
/// let scope = rtc_signer::Scope::new("cn-north-4", "rtc")?;
/// assert_eq!((scope.region(), scope.service()), ("cn-north-4", "rtc"));
/// assert_eq!(scope.to_string(), "cn-north-4/rtc");
/// # Ok::<(), rtc_signer::ScopeError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// Region, slash, service.
    text: String,
    region: usize,
}

impl Scope {
    /// Takes the name of a region, such as `cn-north-4`, and that of a service, such as `rtc`.
    ///
    /// # Errors
    ///
    /// [`ScopeError`] if one is empty, both are longer than 127 bytes together, one holds a control
    /// character, or the region holds a slash.
    pub fn new(region: &str, service: &str) -> Result<Self, ScopeError> {
        let text = format!("{region}/{service}");
        let usable = !region.is_empty()
            && !service.is_empty()
            && !region.contains('/')
            && text.len() <= MAX_SCOPE
            && !text.contains(char::is_control);
        usable.then_some(Self { text, region: region.len() }).ok_or(ScopeError(()))
    }

    /// The region.
    pub fn region(&self) -> &str {
        self.text.get(..self.region).unwrap_or_default()
    }

    /// The service.
    pub fn service(&self) -> &str {
        self.text.get(self.region + 1..).unwrap_or_default()
    }

    /// What the key of a day is derived for.
    pub(crate) fn info(&self, date: &SdkDate) -> Info {
        let mut info = Info::new(0);
        info.extend(date.day());
        info.push(b'/');
        info.extend(self.text.as_bytes());
        info
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

/// The text `yyyymmdd/region/service`.
pub(crate) type Info = Few<u8, 64>;

/// A region and a service cannot stand in a credential.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "region and service must not be empty, hold a control character or be longer than 127 bytes \
     together, and the region holds no slash"
)]
pub struct ScopeError(());

/// Derives the keys of one access key and keeps the last, which is good for a day.
pub(crate) struct Derivation {
    prk: hkdf::Prk,
    last: Mutex<Option<(Vec<u8>, hmac::Key)>>,
}

impl Derivation {
    pub(crate) fn new(credentials: &Credentials) -> Self {
        let salt = hkdf::Salt::new(hkdf::HKDF_SHA256, credentials.access_key().as_bytes());
        let secret = credentials.secret_key().expose_secret();
        Self { prk: salt.extract(secret.as_bytes()), last: Mutex::new(None) }
    }

    /// The key for `yyyymmdd/region/service`.
    pub(crate) fn key(&self, info: &[u8]) -> hmac::Key {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, key)) = &*last
            && known == info
        {
            return key.clone();
        }
        let key = derive(&self.prk, info);
        *last = Some((info.to_owned(), key.clone()));
        key
    }
}

/// One block of HKDF; the key is the text of its hex digits, not its bytes.
fn derive(prk: &hkdf::Prk, info: &[u8]) -> hmac::Key {
    let mut block = Zeroizing::new([0; 32]);
    prk.expand(&[info], hkdf::HKDF_SHA256)
        .and_then(|okm| okm.fill(block.as_mut_slice()))
        .expect("one block is a length that HKDF can give");
    hmac::Key::new(hmac::HMAC_SHA256, Zeroizing::new(hex(*block)).as_slice())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_derived_key_is_the_published_one() {
        // The key of the official Python SDK for this scope, from the notes on the scheme.
        let derivation = Derivation::new(&Credentials::new("AccessKey", "SecretKey"));
        let text = b"5f2c01cbdf35366c541e012b779258a826d7376e6ff5238d76d85000690e1b50";
        let expected = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, text), b"text");
        for _ in 0..2 {
            let key = derivation.key(b"20200608/test-region-1/demo");
            assert_eq!(hmac::sign(&key, b"text").as_ref(), expected.as_ref());
        }
    }

    #[test]
    fn the_kept_key_is_not_taken_for_another_day_or_scope() {
        let derivation = Derivation::new(&Credentials::new("AccessKey", "SecretKey"));
        let infos = [b"20200608/r/s", b"20200609/r/s", b"20200608/r/t", b"20200608/r/s"];
        let macs: Vec<_> =
            infos.map(|info| hmac::sign(&derivation.key(info), b"")).into_iter().collect();
        assert_eq!(macs[0].as_ref(), macs[3].as_ref());
        assert_ne!(macs[0].as_ref(), macs[1].as_ref());
        assert_ne!(macs[0].as_ref(), macs[2].as_ref());
    }

    #[test]
    fn a_scope_that_cannot_stand_in_a_credential_is_refused() {
        let long = "x".repeat(127);
        for (region, service) in
            [("", "s"), ("r", ""), ("r/q", "s"), ("r\n", "s"), ("r", "s\0"), ("r", &long)]
        {
            assert_eq!(Scope::new(region, service), Err(ScopeError(())), "{region} {service}");
        }
        assert_eq!(Scope::new("r", "s/t").unwrap().service(), "s/t");
    }
}
