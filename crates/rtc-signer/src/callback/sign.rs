//! Signing a notification, as the service does.

use std::fmt;
use std::time::SystemTime;

use http::{HeaderMap, HeaderName, HeaderValue};

use super::{
    CallbackRand, CallbackSignError, X_RTC_RAND, X_RTC_SIGNATURE, X_RTC_TIMESTAMP, content,
    timestamp,
};
use crate::credentials::SecretKey;
use crate::encode::ascii;
use crate::shared_key::{EmptyKeyError, SharedKey};

/// Signs notifications with one `auth_key`; the sender's side.
///
/// ```
/// use std::time::{Duration, UNIX_EPOCH};
/// use rtc_signer::http::HeaderMap;
/// use rtc_signer::{CallbackRand, CallbackSigner, CallbackVerifier};
///
/// let key = "0123456789abcdef0123456789abcdef";
/// let now = UNIX_EPOCH + Duration::from_secs(1_704_164_645);
/// let body = br#"{"event_type":"RECORD_NEW_FILE_START"}"#;
///
/// let mut headers = HeaderMap::new();
/// let rand = CallbackRand::new([7; 16]); // from a random generator in real life
/// CallbackSigner::new(key)?.sign(body, rand, now)?.apply(&mut headers);
/// assert_eq!(headers["x-rtc-timestamp"], "1704164645");
///
/// CallbackVerifier::new("current", key)?.verify(&headers, body, now)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct CallbackSigner {
    key: SharedKey,
}

impl CallbackSigner {
    /// Prepares the key.
    ///
    /// # Errors
    ///
    /// [`EmptyKeyError`]: without an `auth_key` notifications carry none of the three headers, so
    /// there is nothing to sign.
    pub fn new(auth_key: impl Into<SecretKey>) -> Result<Self, EmptyKeyError> {
        Ok(Self { key: SharedKey::new(&auth_key.into())? })
    }

    /// Signs the bytes of a body as they will be sent. The time is written in whole seconds.
    ///
    /// # Errors
    ///
    /// See [`CallbackSignError`].
    pub fn sign(
        &self,
        body: &[u8],
        rand: CallbackRand,
        at: SystemTime,
    ) -> Result<SignedCallback, CallbackSignError> {
        let timestamp = timestamp::write(at).ok_or(CallbackSignError::BeforeEpoch)?;
        let signature = self.key.sign(&content(rand.as_str(), &timestamp, body));
        Ok(SignedCallback { rand, timestamp, signature })
    }
}

/// The three headers of a signed notification.
///
/// `Debug` hides the signature.
///
/// ```
/// use std::time::{Duration, UNIX_EPOCH};
/// use rtc_signer::{CallbackRand, CallbackSigner};
///
/// let signer = CallbackSigner::new("0123456789abcdef0123456789abcdef")?;
/// let at = UNIX_EPOCH + Duration::from_secs(1_704_164_645);
/// let signed = signer.sign(b"{}", CallbackRand::new([7; 16]), at)?;
/// assert_eq!(signed.timestamp(), "1704164645");
/// let names = signed.headers().map(|(name, _)| name);
/// assert_eq!(names, ["x-rtc-rand", "x-rtc-timestamp", "x-rtc-signature"]);
/// assert!(!format!("{signed:?}").contains(signed.signature()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct SignedCallback {
    rand: CallbackRand,
    timestamp: String,
    signature: [u8; 64],
}

impl SignedCallback {
    /// The value of `X-Rtc-Rand`.
    pub fn rand(&self) -> &str {
        self.rand.as_str()
    }

    /// The value of `X-Rtc-Timestamp`.
    pub fn timestamp(&self) -> &str {
        &self.timestamp
    }

    /// The value of `X-Rtc-Signature`, 64 lower-case hex digits.
    pub fn signature(&self) -> &str {
        ascii(&self.signature)
    }

    /// The headers to set, in place of any of the same name; the signature is marked sensitive.
    pub fn headers(&self) -> [(HeaderName, HeaderValue); 3] {
        let mut signature = value(self.signature());
        signature.set_sensitive(true);
        [
            (X_RTC_RAND, value(self.rand())),
            (X_RTC_TIMESTAMP, value(self.timestamp())),
            (X_RTC_SIGNATURE, signature),
        ]
    }

    /// Sets the headers.
    pub fn apply(&self, headers: &mut HeaderMap) {
        for (name, value) in self.headers() {
            headers.insert(name, value);
        }
    }
}

impl fmt::Debug for SignedCallback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedCallback")
            .field("rand", &self.rand())
            .field("timestamp", &self.timestamp)
            .finish_non_exhaustive()
    }
}

fn value(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).expect("hex digits and decimals are ASCII")
}
