//! The body, in the forms in which it can be signed.

use std::fmt;
use std::str::FromStr;

use ring::digest::{SHA256, digest};

use crate::encode::{EMPTY_SHA256, ascii, digest_bytes, hex, unhex};

/// The value of `X-Sdk-Content-Sha256` that leaves the body out of the signature.
pub(crate) const UNSIGNED_PAYLOAD: &str = "UNSIGNED-PAYLOAD";

/// The body as the signature sees it.
///
/// ```
/// use std::time::UNIX_EPOCH;
/// use rtc_signer::http::{HeaderMap, Method};
/// use rtc_signer::{
///     Credentials, Payload, PayloadHash, SignableRequest, Signer, X_SDK_CONTENT_SHA256,
/// };
///
/// let (signer, headers) = (Signer::new(Credentials::new("AK", "SK")), HeaderMap::new());
/// let sign = |payload| {
///     let request = SignableRequest::new(&Method::POST, "/v2/apps", None, &headers, payload);
///     signer.sign(&request, UNIX_EPOCH)
/// };
/// let whole = sign(Payload::Bytes(b"{}"))?;
/// let streamed = sign(Payload::Sha256(PayloadHash::of(b"{}")))?;
/// assert_eq!(whole.signature().to_string(), streamed.signature().to_string());
///
/// let mut headers = HeaderMap::new();
/// sign(Payload::Unsigned)?.apply(&mut headers);
/// assert_eq!(headers[X_SDK_CONTENT_SHA256], "UNSIGNED-PAYLOAD");
/// # Ok::<(), rtc_signer::SignError>(())
/// ```
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum Payload<'a> {
    /// The bytes of the body; their hash is signed. No body is the same as an empty one.
    Bytes(&'a [u8]),
    /// The hash of a body whose bytes are not at hand, as when it is streamed from a file.
    ///
    /// The same as the bytes themselves, when signing and when verifying.
    Sha256(PayloadHash),
    /// The body is not at hand or shall not be covered.
    ///
    /// When signing, `X-Sdk-Content-Sha256: UNSIGNED-PAYLOAD` is added, unless the request brings
    /// its own. When verifying, a signed `X-Sdk-Content-Sha256` is taken as it is and cannot be
    /// checked; without that header `UNSIGNED-PAYLOAD` is taken, so a signature over the hash of a
    /// body is refused.
    Unsigned,
}

impl Payload<'_> {
    /// The hash as the canonical request shows it; `None` if the body is not at hand.
    pub(crate) fn sha256_digits(self) -> Option<[u8; 64]> {
        match self {
            Self::Bytes([]) => EMPTY_SHA256.as_bytes().try_into().ok(),
            Self::Bytes(bytes) => Some(hex(PayloadHash::of(bytes).0)),
            Self::Sha256(hash) => Some(hex(hash.0)),
            Self::Unsigned => None,
        }
    }

    /// Whether the body is known to be empty.
    pub(crate) fn is_empty(self) -> bool {
        match self {
            Self::Bytes(bytes) => bytes.is_empty(),
            Self::Sha256(hash) => ascii(&hex(hash.0)) == EMPTY_SHA256,
            Self::Unsigned => false,
        }
    }
}

impl fmt::Debug for Payload<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bytes(bytes) => write!(f, "Bytes({} bytes)", bytes.len()),
            Self::Sha256(hash) => write!(f, "Sha256({hash})"),
            Self::Unsigned => f.write_str("Unsigned"),
        }
    }
}

/// The SHA-256 of a body; `Display` writes it as 64 lower-case hex digits.
///
/// ```
/// use rtc_signer::PayloadHash;
/// let hash = PayloadHash::of(b"");
/// assert!(hash.to_string().starts_with("e3b0c44298fc1c14"));
/// assert_eq!(hash.to_string().to_uppercase().parse(), Ok(hash));
/// assert!("e3b0".parse::<PayloadHash>().is_err());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct PayloadHash([u8; 32]);

impl PayloadHash {
    /// Hashes the bytes of a body.
    pub fn of(body: &[u8]) -> Self {
        Self(digest_bytes(&digest(&SHA256, body)))
    }

    /// Takes the 32 bytes of a hash that was computed elsewhere.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl FromStr for PayloadHash {
    type Err = PayloadHashError;

    /// Reads 64 hex digits of any case.
    fn from_str(text: &str) -> Result<Self, PayloadHashError> {
        unhex(text.as_bytes()).map(Self).ok_or(PayloadHashError(()))
    }
}

impl fmt::Display for PayloadHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(ascii(&hex(self.0)))
    }
}

impl fmt::Debug for PayloadHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PayloadHash({self})")
    }
}

/// A text is not the SHA-256 of anything.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a SHA-256 hash is 64 hex digits; give the hash of the body in hex")]
pub struct PayloadHashError(());
