//! An access key and its secret.

use std::fmt;
use std::sync::Arc;

use zeroize::Zeroizing;

/// An access key, its secret key and, for temporary keys, a security token.
///
/// `Debug` shows the access key and hides the rest. Clones share one copy of the secrets, which is
/// wiped when the last clone is dropped.
///
/// ```
/// use rtc_signer::Credentials;
/// let credentials = Credentials::new("AKIDEXAMPLE00000000", "the secret")
///     .with_security_token("the token");
/// assert_eq!(credentials.access_key(), "AKIDEXAMPLE00000000");
/// assert!(!format!("{credentials:?}").contains("the "));
/// ```
#[derive(Clone, Debug)]
pub struct Credentials {
    access_key: String,
    secret_key: SecretKey,
    security_token: Option<SecurityToken>,
}

impl Credentials {
    /// Takes an access key (AK) and its secret key (SK).
    pub fn new(access_key: impl Into<String>, secret_key: impl Into<SecretKey>) -> Self {
        Self { access_key: access_key.into(), secret_key: secret_key.into(), security_token: None }
    }

    /// Adds the token that goes with temporary keys; it is sent as `X-Security-Token` and signed.
    #[must_use]
    pub fn with_security_token(mut self, token: impl Into<SecurityToken>) -> Self {
        self.security_token = Some(token.into());
        self
    }

    /// The access key, which is no secret.
    pub fn access_key(&self) -> &str {
        &self.access_key
    }

    /// The secret key.
    pub fn secret_key(&self) -> &SecretKey {
        &self.secret_key
    }

    /// The security token, if these are temporary keys.
    pub fn security_token(&self) -> Option<&SecurityToken> {
        self.security_token.as_ref()
    }
}

macro_rules! secret {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        ///
        /// `Debug` prints a fixed text, there is no `Display` and no way to compare two of them.
        /// The text is wiped when the last clone is dropped.
        #[derive(Clone)]
        pub struct $name(Arc<Zeroizing<String>>);

        impl $name {
            /// The secret itself; the name is long so that a use is seen in a review.
            pub fn expose_secret(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self::from(text.to_owned())
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(Arc::new(Zeroizing::new(text)))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(hidden)"))
            }
        }
    };
}

secret! {
    /// A secret key (SK).
    SecretKey
}

secret! {
    /// The security token of temporary keys.
    SecurityToken
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_the_access_key_and_no_secret() {
        let credentials = Credentials::new("AK", "s3cret").with_security_token("t0ken");
        let debug = format!("{credentials:?} {credentials:#?}");
        assert!(debug.contains("AK"));
        assert!(!debug.contains("s3cret") && !debug.contains("t0ken"), "{debug}");
    }
}
