//! The `Authorization` header.

use std::fmt;
use std::str::FromStr;

use http::HeaderMap;
use http::header::AUTHORIZATION;
use ring::hmac;

use crate::date::SdkDate;
use crate::derived::MAX_SCOPE;
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
    /// `V11-HMAC-SHA256`: HMAC-SHA256 with a key derived for a day, a region and a service.
    V11HmacSha256,
}

impl Algorithm {
    /// The name as the header writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SdkHmacSha256 => "SDK-HMAC-SHA256",
            Self::V11HmacSha256 => "V11-HMAC-SHA256",
        }
    }

    /// Whether the key is derived for a day and a scope.
    pub(crate) const fn is_derived(self) -> bool {
        matches!(self, Self::V11HmacSha256)
    }

    /// What stands before the access key.
    pub(crate) const fn key_label(self) -> &'static str {
        match self {
            Self::SdkHmacSha256 => "Access=",
            Self::V11HmacSha256 => "Credential=",
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
            "V11-HMAC-SHA256" => Ok(Self::V11HmacSha256),
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
    scope: Option<String>,
    signed_headers: String,
    signature: Signature,
}

impl Authorization {
    /// The algorithm.
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The access key.
    pub fn access_key(&self) -> &str {
        &self.access_key
    }

    /// What the key was derived for, `yyyymmdd/region/service`; `None` for `SDK-HMAC-SHA256`.
    pub fn credential_scope(&self) -> Option<&str> {
        self.scope.as_deref()
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
        let Self { algorithm, access_key, scope, signed_headers, signature } = self;
        write!(f, "{algorithm} {}{access_key}", algorithm.key_label())?;
        if let Some(scope) = scope {
            write!(f, "/{scope}")?;
        }
        write!(f, ", SignedHeaders={signed_headers}, Signature={signature}")
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
        let parts = AuthorizationRef::parse(text.as_bytes(), |_| true)?;
        check_names(parts.signed_headers)?;
        Ok(Self {
            algorithm: parts.algorithm,
            access_key: parts.access_key.to_owned(),
            scope: parts.info.map(str::to_owned),
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
    /// `Credential=` does not follow the algorithm `V11-HMAC-SHA256`.
    #[error("`Credential=` does not follow the algorithm")]
    NoCredential,
    /// The credential does not end in date, region and service.
    #[error(
        "the credential does not end in `/yyyymmdd/region/service`, of at most {MAX_SCOPE} bytes \
         after the date"
    )]
    BadCredential,
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
    /// `yyyymmdd/region/service`, for a derived key only.
    pub(crate) info: Option<&'r str>,
    /// Not looked at yet, see [`check_names`].
    pub(crate) signed_headers: &'r str,
    pub(crate) signature_text: &'r str,
    pub(crate) signature: [u8; 32],
}

impl<'r> AuthorizationRef<'r> {
    /// Finds and reads the header; `offers` tells which algorithms are taken.
    pub(crate) fn find(
        headers: &'r HeaderMap,
        offers: impl Fn(Algorithm) -> bool,
    ) -> Result<Self, VerifyError> {
        let mut values = headers.get_all(AUTHORIZATION).iter();
        let value = values.next().ok_or(VerifyError::MissingAuthorization)?;
        if values.next().is_some() {
            return Err(AuthorizationError::Repeated.into());
        }
        Self::parse(value.as_bytes(), offers)
    }

    /// Reads from the end, since an access key may hold commas, slashes and spaces.
    fn parse(value: &'r [u8], offers: impl Fn(Algorithm) -> bool) -> Result<Self, VerifyError> {
        if value.len() > MAX_LENGTH {
            return Err(AuthorizationError::TooLong.into());
        }
        let text = std::str::from_utf8(value).map_err(|_| AuthorizationError::NotText)?;
        let text = text.trim_matches([' ', '\t']);
        let (algorithm, rest) = split_algorithm(text).ok_or_else(|| no_algorithm(text))?;
        if !offers(algorithm) {
            return Err(VerifyError::UnsupportedAlgorithm { algorithm: algorithm.to_string() });
        }
        let rest = rest.strip_prefix(algorithm.key_label()).ok_or(match algorithm {
            Algorithm::SdkHmacSha256 => AuthorizationError::NoAccess,
            Algorithm::V11HmacSha256 => AuthorizationError::NoCredential,
        })?;
        let (rest, signature_text) =
            split_signature(rest).ok_or(AuthorizationError::NoSignature)?;
        let (key, signed_headers) = split_names(rest).ok_or(AuthorizationError::NoSignedHeaders)?;
        let (access_key, info) = match algorithm {
            Algorithm::SdkHmacSha256 => (key, None),
            Algorithm::V11HmacSha256 => {
                let (access_key, info) =
                    split_credential(key).ok_or(AuthorizationError::BadCredential)?;
                (access_key, Some(info))
            }
        };
        if access_key.is_empty() {
            return Err(AuthorizationError::EmptyAccessKey.into());
        }
        let signature = unhex(signature_text.as_bytes()).ok_or(AuthorizationError::BadSignature)?;
        Ok(Self { algorithm, access_key, info, signed_headers, signature_text, signature })
    }

    /// The string to sign that begins with a label, for a canonical request's hash.
    pub(crate) fn string_to_sign(
        &self,
        label: &str,
        date: &SdkDate,
        sha256: &[u8; 64],
    ) -> StringToSign {
        StringToSign::new(label, date, self.info.map(str::as_bytes), sha256)
    }

    /// Whether the signature is that of a canonical request's hash under a key.
    pub(crate) fn is_signature_of(
        &self,
        key: &hmac::Key,
        date: &SdkDate,
        sha256: &[u8; 64],
    ) -> bool {
        let text = self.string_to_sign(self.algorithm.as_str(), date, sha256);
        matches(key, &text, &self.signature)
    }
}

/// Parts a known algorithm and its space from what follows.
fn split_algorithm(text: &str) -> Option<(Algorithm, &str)> {
    [Algorithm::SdkHmacSha256, Algorithm::V11HmacSha256].into_iter().find_map(|algorithm| {
        Some((algorithm, text.strip_prefix(algorithm.as_str())?.strip_prefix(' ')?))
    })
}

/// What is said of a text that does not begin with a known algorithm.
#[cold]
fn no_algorithm(text: &str) -> VerifyError {
    match text.split_once(' ') {
        Some((name, _)) if is_algorithm_name(name) => {
            VerifyError::UnsupportedAlgorithm { algorithm: name.to_owned() }
        }
        _ => AuthorizationError::NoAlgorithm.into(),
    }
}

/// Parts the signature from what precedes it, which is quick where it has its proper length.
fn split_signature(text: &str) -> Option<(&str, &str)> {
    let usual = text.split_at_checked(text.len().wrapping_sub(64));
    match usual.map(|(before, digits)| (before.strip_suffix(", Signature="), digits)) {
        Some((Some(before), digits)) => Some((before, digits)),
        _ => split_last(text, "Signature="),
    }
}

/// Parts the names from what precedes them, which is quick where the only comma stands before them.
fn split_names(text: &str) -> Option<(&str, &str)> {
    // Not `split_once` and `contains`, which are slower with texts so short.
    let (before, after) = text.split_at(text.bytes().position(|byte| byte == b',')?);
    match after.strip_prefix(", SignedHeaders=") {
        Some(names) if names.bytes().fold(0, |found, byte| found | u8::from(byte == b',')) == 0 => {
            Some((before, names))
        }
        _ => split_last(text, "SignedHeaders="),
    }
}

/// Parts `text` at the last comma, which `label` must follow, spaces between them being optional.
fn split_last<'t>(text: &'t str, label: &str) -> Option<(&'t str, &'t str)> {
    let (before, after) = text.rsplit_once(',')?;
    Some((before, after.trim_start_matches([' ', '\t']).strip_prefix(label)?))
}

/// Parts `AK/yyyymmdd/region/service` before the date; only the region holds no slash.
fn split_credential(credential: &str) -> Option<(&str, &str)> {
    let mut slashes = credential.rmatch_indices('/');
    slashes.find_map(|(at, _)| {
        let (access_key, info) = credential.split_at(at);
        let info = info.strip_prefix('/')?;
        let (date, scope) = info.split_once('/')?;
        let (region, service) = scope.split_once('/')?;
        let is_date = date.len() == 8 && date.bytes().all(|byte| byte.is_ascii_digit());
        let fits = !region.is_empty() && !service.is_empty() && scope.len() <= MAX_SCOPE;
        (is_date && fits).then_some((access_key, info))
    })
}

fn is_algorithm_name(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// Whether a list is one of header names, each of which stands once.
pub(crate) fn check_names(list: &str) -> Result<(), AuthorizationError> {
    let mut names = Vec::new();
    for name in list.split(';') {
        if name.is_empty() || !name.bytes().all(is_name_byte) {
            return Err(AuthorizationError::BadHeaderName);
        }
        if names.len() == MAX_SIGNED_HEADERS {
            return Err(AuthorizationError::TooManyHeaders);
        }
        names.push(name.to_ascii_lowercase());
    }
    names.sort_unstable();
    if names.windows(2).any(|pair| matches!(pair, [a, b] if a == b)) {
        return Err(AuthorizationError::RepeatedHeaderName);
    }
    Ok(())
}

/// A token character of RFC 9110.
fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

#[cfg(test)]
mod tests;
