//! What can go wrong between a client and the admin API.

use std::error::Error;
use std::time::Duration;

use http::StatusCode;

use crate::admin_api::Verified;

/// Why a call of the admin API gave nothing.
#[derive(Debug, thiserror::Error)]
#[error("{text}")]
pub struct AdminError {
    kind: AdminErrorKind,
    text: String,
    status: Option<StatusCode>,
    unmet: Option<Box<Verified>>,
    #[source]
    source: Option<Box<dyn Error + Send + Sync>>,
}

/// Why a call of the admin API gave nothing, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum AdminErrorKind {
    /// The URL is none of an admin API.
    Url,
    /// The token, or what stands in the path, cannot be sent.
    Request,
    /// Nobody listens there.
    Connect,
    /// No whole answer came in time.
    Timeout,
    /// The connection broke, or what answered speaks no HTTP.
    Connection,
    /// What answered is the API, not the admin API.
    NotAdmin,
    /// The admin API refused it; [`AdminError::status`] says how.
    Refused,
    /// What was waited for has not come; [`AdminError::unmet`] says what came instead.
    Unmet,
    /// The answer is larger than what is read.
    TooLarge,
    /// The answer is not what it should be.
    Unreadable,
}

impl AdminError {
    /// What kind of error it is.
    pub fn kind(&self) -> AdminErrorKind {
        self.kind
    }

    /// The status, where there was an answer that was no success.
    pub fn status(&self) -> Option<StatusCode> {
        self.status
    }

    /// What came instead of what was waited for.
    pub fn unmet(&self) -> Option<&Verified> {
        self.unmet.as_deref()
    }

    pub(super) fn into_unmet(self) -> Result<Verified, Self> {
        match self.unmet {
            Some(verified) => Ok(*verified),
            None => Err(self),
        }
    }

    pub(super) fn url(url: &str) -> Self {
        let text = format!("{url:?} is no URL of an admin API; write http://HOST:PORT");
        Self::new(AdminErrorKind::Url, text)
    }

    pub(super) fn request(what: &str) -> Self {
        let text = format!("{what} cannot be sent; it has characters that HTTP does not allow");
        Self::new(AdminErrorKind::Request, text)
    }

    pub(super) fn connect(url: &str, source: std::io::Error) -> Self {
        let text = format!("nobody answers at {url}; start a mock there, or name another URL");
        Self::new(AdminErrorKind::Connect, text).because(source)
    }

    pub(super) fn timeout(url: &str, after: Duration) -> Self {
        let text = format!("{url} gave no whole answer within {after:?}");
        Self::new(AdminErrorKind::Timeout, text)
    }

    pub(super) fn connection(url: &str, source: hyper::Error) -> Self {
        let text =
            format!("the connection to {url} gave no answer; is it the admin API of a mock?");
        Self::new(AdminErrorKind::Connection, text).because(source)
    }

    pub(super) fn not_admin(url: &str, status: StatusCode) -> Self {
        let text = format!(
            "{url} is the API of the mock, not its admin API; name the address of --admin-listen"
        );
        Self { status: Some(status), ..Self::new(AdminErrorKind::NotAdmin, text) }
    }

    pub(super) fn refused(what: &str, status: StatusCode, reason: &str) -> Self {
        let text = format!("{what} was refused with {}: {reason}", status.as_u16());
        Self { status: Some(status), ..Self::new(AdminErrorKind::Refused, text) }
    }

    pub(super) fn of_unmet(verified: Verified) -> Self {
        let text = verified.message.as_deref().unwrap_or("what was expected has not come");
        let error = Self::new(AdminErrorKind::Unmet, text.to_owned());
        Self { status: Some(StatusCode::CONFLICT), unmet: Some(Box::new(verified)), ..error }
    }

    pub(super) fn too_large(what: &str, limit: usize) -> Self {
        let text = format!("the answer to {what} has more than {limit} bytes; see max_answer");
        Self::new(AdminErrorKind::TooLarge, text)
    }

    pub(super) fn unreadable(what: &str, source: impl Error + Send + Sync + 'static) -> Self {
        let text = format!(
            "the answer to {what} is not what it should be; are client and mock of one version?"
        );
        Self::new(AdminErrorKind::Unreadable, text).because(source)
    }

    fn new(kind: AdminErrorKind, text: String) -> Self {
        Self { kind, text, status: None, unmet: None, source: None }
    }

    fn because(self, source: impl Error + Send + Sync + 'static) -> Self {
        Self { source: Some(Box::new(source)), ..self }
    }
}
