//! Why there are no keys.

use std::error::Error as StdError;
use std::fmt::Write as _;
use std::time::Duration;

use crate::error::OneLine;

/// Why a provider has no keys, or why IAM gave no token or no project.
///
/// `Display` gives this level only; what lies below is reached by `source`. No level shows a
/// secret.
///
/// ```
/// use rtc_client::{CredentialsError, CredentialsErrorKind};
///
/// let error = CredentialsError::failed("the vault is sealed")
///     .with_source(std::io::Error::other("status 503"));
/// assert_eq!(error.kind(), CredentialsErrorKind::Failed);
/// assert_eq!(error.to_string(), "the vault is sealed");
/// ```
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct CredentialsError {
    kind: CredentialsErrorKind,
    message: String,
    source: Option<Box<dyn StdError + Send + Sync>>,
    /// How long nobody shall ask again.
    wait: Option<Duration>,
}

/// The kinds of [`CredentialsError`], each with what follows from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CredentialsErrorKind {
    /// Nothing says that keys should come from here: a [chain](crate::CredentialsChain) asks the
    /// next provider.
    NotConfigured,
    /// Whoever was asked refuses what was sent, such as a wrong password. It is not sent again for
    /// a minute; calls fail with the same error until then.
    Refused,
    /// Anything else, such as a file that cannot be read or a peer that does not answer. The next
    /// call tries again; where a peer that is asked too often says when, calls fail with the same
    /// error until then, for a minute at most.
    Failed,
}

impl CredentialsError {
    /// Nothing is set up here. The reason, such as `the variable X is not set`, must not show a
    /// secret.
    pub fn not_configured(reason: impl Into<String>) -> Self {
        Self::new(CredentialsErrorKind::NotConfigured, reason.into())
    }

    /// What was sent is refused. The reason must not show a secret.
    pub fn refused(reason: impl Into<String>) -> Self {
        Self::new(CredentialsErrorKind::Refused, reason.into())
    }

    /// It should have worked and did not. The reason must not show a secret.
    pub fn failed(reason: impl Into<String>) -> Self {
        Self::new(CredentialsErrorKind::Failed, reason.into())
    }

    /// Adds what lies below, which must not show a secret.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// The kind.
    pub fn kind(&self) -> CredentialsErrorKind {
        self.kind
    }

    /// Adds how long nobody shall ask again.
    pub(crate) fn with_wait(mut self, wait: Option<Duration>) -> Self {
        self.wait = wait;
        self
    }

    pub(crate) fn wait(&self) -> Option<Duration> {
        self.wait
    }

    /// All levels on one line.
    pub(crate) fn whole(&self) -> String {
        let mut whole = OneLine(&self.message).to_string();
        let mut next = self.source();
        while let Some(error) = next {
            let _ = write!(whole, ": {}", OneLine(&error.to_string()));
            next = error.source();
        }
        whole
    }

    pub(super) fn new(kind: CredentialsErrorKind, message: String) -> Self {
        Self { kind, message, source: None, wait: None }
    }
}
