//! The `Authorization` header.

use std::fmt;
use std::str::FromStr;

use http::HeaderMap;
use http::header::AUTHORIZATION;
use ring::hmac;

use crate::encode::unhex;
use crate::error::VerifyError;
use crate::signature::{Signature, matches};
use crate::string_to_sign::StringToSign;

/// More names than this in `SignedHeaders` are refused, and never signed.
pub(crate) const MAX_SIGNED_HEADERS: usize = 256;

/// The longest header that is read.
const MAX_LENGTH: usize = 16 * 1024;

/// A signature algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Algorithm {
    /// `SDK-HMAC-SHA256`: HMAC-SHA256 with the secret key itself.
    SdkHmacSha256,
}

impl Algorithm {
    /// The name as the header writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SdkHmacSha256 => "SDK-HMAC-SHA256",
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Algorithm {
    type Err = VerifyError;

    /// Reads an algorithm's name, letter by letter.
    fn from_str(name: &str) -> Result<Self, VerifyError> {
        match name {
            "SDK-HMAC-SHA256" => Ok(Self::SdkHmacSha256),
            _ => Err(VerifyError::UnsupportedAlgorithm { algorithm: name.to_owned() }),
        }
    }
}

/// A read `Authorization` header; `Display` writes its value.
///
/// ```
/// use rtc_signer::Authorization;
/// let text = format!("SDK-HMAC-SHA256 Access=AK, SignedHeaders=host;x-sdk-date, Signature={:064}", 0);
/// let authorization: Authorization = text.parse().unwrap();
/// assert_eq!(authorization.access_key(), "AK");
/// assert!(authorization.signed_headers().eq(["host", "x-sdk-date"]));
/// assert_eq!(authorization.to_string(), text);
/// ```
#[derive(Clone, Debug)]
pub struct Authorization {
    algorithm: Algorithm,
    access_key: String,
    signed_headers: String,
    signature: Signature,
}

impl Authorization {
    pub(crate) const fn new(
        access_key: String,
        signed_headers: String,
        signature: Signature,
    ) -> Self {
        Self { algorithm: Algorithm::SdkHmacSha256, access_key, signed_headers, signature }
    }

    /// The algorithm.
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The access key.
    pub fn access_key(&self) -> &str {
        &self.access_key
    }

    /// The names of the signed headers, in order.
    pub fn signed_headers(&self) -> impl Iterator<Item = &str> {
        self.signed_headers.split(';')
    }

    /// The signature.
    pub const fn signature(&self) -> &Signature {
        &self.signature
    }
}

impl fmt::Display for Authorization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { algorithm, access_key, signed_headers, signature } = self;
        write!(
            f,
            "{algorithm} Access={access_key}, SignedHeaders={signed_headers}, Signature={signature}"
        )
    }
}

impl FromStr for Authorization {
    type Err = VerifyError;

    /// Reads the header's value.
    ///
    /// # Errors
    ///
    /// [`VerifyError::UnsupportedAlgorithm`] or [`VerifyError::MalformedAuthorization`].
    fn from_str(text: &str) -> Result<Self, VerifyError> {
        let parts = AuthorizationRef::parse(text.as_bytes())?;
        Ok(Self {
            algorithm: parts.algorithm,
            access_key: parts.access_key.to_owned(),
            signed_headers: parts.signed_headers.to_owned(),
            signature: Signature::from_bytes(parts.signature),
        })
    }
}

/// What is wrong with an `Authorization` header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AuthorizationError {
    /// The header was sent more than once.
    #[error("it was sent more than once; send one")]
    Repeated,
    /// The header is longer than 16 KiB.
    #[error("it is longer than 16 KiB")]
    TooLong,
    /// The header is not UTF-8.
    #[error("it is not UTF-8")]
    NotText,
    /// It does not begin with an algorithm and a space.
    #[error("it does not begin with the name of an algorithm and a space")]
    NoAlgorithm,
    /// `Access=` does not follow the algorithm.
    #[error("`Access=` does not follow the algorithm")]
    NoAccess,
    /// The access key is empty.
    #[error("the access key is empty")]
    EmptyAccessKey,
    /// `, SignedHeaders=` is missing.
    #[error("`, SignedHeaders=` is missing after the access key")]
    NoSignedHeaders,
    /// The list of signed headers is empty or holds something that is no header's name.
    #[error("SignedHeaders is not a list of header names parted by `;`")]
    BadHeaderName,
    /// A name stands twice in the list of signed headers.
    #[error("SignedHeaders names a header twice")]
    RepeatedHeaderName,
    /// More than 256 signed headers.
    #[error("SignedHeaders names more than {MAX_SIGNED_HEADERS} headers")]
    TooManyHeaders,
    /// `, Signature=` is missing.
    #[error("`, Signature=` is missing after the signed headers")]
    NoSignature,
    /// The signature is not 64 hex digits.
    #[error("the signature is not 64 hex digits")]
    BadSignature,
}

/// A read header that borrows from the request.
#[derive(Clone, Copy)]
pub(crate) struct AuthorizationRef<'r> {
    pub(crate) algorithm: Algorithm,
    pub(crate) access_key: &'r str,
    pub(crate) signed_headers: &'r str,
    pub(crate) signature_text: &'r str,
    pub(crate) signature: [u8; 32],
}

impl<'r> AuthorizationRef<'r> {
    /// Finds and reads the header.
    pub(crate) fn find(headers: &'r HeaderMap) -> Result<Self, VerifyError> {
        let mut values = headers.get_all(AUTHORIZATION).iter();
        let value = values.next().ok_or(VerifyError::MissingAuthorization)?;
        if values.next().is_some() {
            return Err(AuthorizationError::Repeated.into());
        }
        Self::parse(value.as_bytes())
    }

    /// Reads from the end, since an access key may hold commas, slashes and spaces.
    fn parse(value: &'r [u8]) -> Result<Self, VerifyError> {
        if value.len() > MAX_LENGTH {
            return Err(AuthorizationError::TooLong.into());
        }
        let text = std::str::from_utf8(value).map_err(|_| AuthorizationError::NotText)?;
        let text = text.trim_matches([' ', '\t']);
        let (algorithm, rest) = text.split_once(' ').ok_or(AuthorizationError::NoAlgorithm)?;
        if !is_algorithm_name(algorithm) {
            return Err(AuthorizationError::NoAlgorithm.into());
        }
        let algorithm = algorithm.parse()?;
        let rest = rest.strip_prefix("Access=").ok_or(AuthorizationError::NoAccess)?;
        let (rest, signature_text) =
            split_last(rest, "Signature=").ok_or(AuthorizationError::NoSignature)?;
        let (access_key, signed_headers) =
            split_last(rest, "SignedHeaders=").ok_or(AuthorizationError::NoSignedHeaders)?;
        if access_key.is_empty() {
            return Err(AuthorizationError::EmptyAccessKey.into());
        }
        check_names(signed_headers)?;
        let signature = unhex(signature_text.as_bytes()).ok_or(AuthorizationError::BadSignature)?;
        Ok(Self { algorithm, access_key, signed_headers, signature_text, signature })
    }

    /// Whether the signature is that of a canonical request's hash under a key.
    pub(crate) fn is_signature_of(&self, key: &hmac::Key, date: &str, sha256: &[u8; 64]) -> bool {
        let text = StringToSign::new(self.algorithm.as_str(), date, sha256);
        matches(key, &text, &self.signature)
    }

    /// Whether a header is in the list of signed headers; `name` in lower case.
    pub(crate) fn signs(&self, name: &str) -> bool {
        self.signed_headers.split(';').any(|signed| signed.eq_ignore_ascii_case(name))
    }
}

/// Parts `text` at the last `, label`, spaces after the comma being optional.
fn split_last<'t>(text: &'t str, label: &str) -> Option<(&'t str, &'t str)> {
    let (before, after) = text.rsplit_once(label)?;
    let before = before.trim_end_matches([' ', '\t']).strip_suffix(',')?;
    Some((before, after))
}

fn is_algorithm_name(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// Each name once, so that each header is hashed at most once.
fn check_names(list: &str) -> Result<(), AuthorizationError> {
    let mut names = [""; MAX_SIGNED_HEADERS];
    let mut rest = list.split(';');
    let mut count = 0;
    for (slot, name) in names.iter_mut().zip(&mut rest) {
        if name.is_empty() || !name.bytes().all(is_name_byte) {
            return Err(AuthorizationError::BadHeaderName);
        }
        *slot = name;
        count += 1;
    }
    if rest.next().is_some() {
        return Err(AuthorizationError::TooManyHeaders);
    }
    let names = names.get_mut(..count).unwrap_or_default();
    names.sort_unstable_by(|a, b| lower(a).cmp(lower(b)));
    if names.windows(2).any(|pair| matches!(pair, [a, b] if a.eq_ignore_ascii_case(b))) {
        return Err(AuthorizationError::RepeatedHeaderName);
    }
    Ok(())
}

fn lower(name: &str) -> impl Iterator<Item = u8> {
    name.bytes().map(|byte| byte.to_ascii_lowercase())
}

/// A token character of RFC 9110.
fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

#[cfg(test)]
mod tests;
