//! Faults that the mock makes on purpose. `docs/faults.md` is about them.

use std::fmt;
use std::str::FromStr;

use http::request::Parts;
use http::{HeaderName, HeaderValue, Method};
use rtc_model::OperationId;
use rtc_model::record_callback::NotifyEvent;
use serde::{Deserialize, Serialize};

use self::form::FaultForm;
use crate::metrics::Asked;

pub use self::error::FaultError;
pub use self::handle::ServerFaults;
pub use self::kind::{Delay, FaultKind};
pub(crate) use self::plan::{Act, DeliveryPlan, Plan};
pub(crate) use self::script::{Ending, Script};
pub(crate) use self::set::Faults;

mod error;
mod form;
mod handle;
mod kind;
mod parse;
mod plan;
mod script;
mod set;

/// A fault that the mock makes on purpose: what goes wrong, for which requests, and when.
///
/// Written as `OPERATION=KIND[,KEY=VALUE]…`, as the flag `--fault` takes it:
///
/// ```
/// use rtc_mock_server::{Fault, FaultKind, FaultTime};
/// use rtc_model::OperationId;
///
/// let fault: Fault = "CreateApp=reset,count=1,when=after".parse()?;
/// let same = Fault::new(FaultKind::Reset)
///     .operation(OperationId::CreateApp)
///     .count(1)
///     .when(FaultTime::After)?;
/// assert_eq!(fault, same);
/// assert_eq!(fault.to_string(), "CreateApp=reset,count=1,when=after");
/// # Ok::<(), rtc_mock_server::FaultError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(into = "FaultForm")]
pub struct Fault {
    target: Target,
    method: Option<Method>,
    header: Option<(HeaderName, Option<HeaderValue>)>,
    kind: FaultKind,
    rate: f64,
    count: Option<u64>,
    nth: Option<u64>,
    when: FaultTime,
}

/// What a fault is for.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Target {
    /// Requests of any operation.
    All,
    /// Requests of an operation.
    Operation(OperationId),
    /// Notifications that the mock sends, of one event or of any.
    Notification(Option<NotifyEvent>),
    /// The calls to IAM.
    Iam,
}

/// How the calls to IAM are named where an operation could be.
const IAM: &str = "IAM";

/// How all notifications are named where an operation could be.
const NOTIFICATION: &str = "Notification";

/// When a fault strikes: before the request has changed anything, or after.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
#[expect(clippy::exhaustive_enums, reason = "there is no third time")]
pub enum FaultTime {
    /// Before the operation: nothing has changed.
    Before,
    /// After the operation: what it changed has changed, and its answer is lost or spoilt.
    After,
}

impl Fault {
    /// A fault for every request that is let in, or for every notification when only a notification
    /// can have it; the methods narrow it down.
    pub fn new(kind: FaultKind) -> Self {
        let when = kind.first_time();
        let of_notification = kind.is_of_notification() && !kind.is_of_request();
        Self {
            target: if of_notification { Target::Notification(None) } else { Target::All },
            method: None,
            header: None,
            kind,
            rate: 1.0,
            count: None,
            nth: None,
            when,
        }
    }

    /// Only for requests of the operation.
    #[must_use]
    pub fn operation(mut self, operation: OperationId) -> Self {
        self.target = Target::Operation(operation);
        self
    }

    /// Only for calls to the IAM endpoint: tokens, temporary keys, projects, the account. They meet
    /// no other faults.
    #[must_use]
    pub fn iam(mut self) -> Self {
        self.target = Target::Iam;
        self
    }

    /// For the notifications that the mock sends, of one event or of any, and not for requests.
    ///
    /// # Errors
    ///
    /// A kind that a notification cannot have, and limits that only a request has.
    pub fn notification(mut self, event: Option<NotifyEvent>) -> Result<Self, FaultError> {
        self.target = Target::Notification(event);
        self.checked()
    }

    /// Whether the kind goes with what it is for.
    fn checked(self) -> Result<Self, FaultError> {
        match &self.target {
            Target::Notification(_) if !self.kind.is_of_notification() => {
                Err(FaultError::NoNotification { kind: self.kind.to_string() })
            }
            Target::Notification(_) if self.method.is_some() || self.header.is_some() => {
                Err(FaultError::OnlyRequests)
            }
            Target::All | Target::Operation(_) | Target::Iam if !self.kind.is_of_request() => {
                Err(FaultError::NoRequest { kind: self.kind.to_string() })
            }
            _ => Ok(self),
        }
    }

    /// Only for requests with the method.
    #[must_use]
    pub fn method(mut self, method: Method) -> Self {
        self.method = Some(method);
        self
    }

    /// Only for requests that have the header, with the value if one is given.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: Option<HeaderValue>) -> Self {
        self.header = Some((name, value));
        self
    }

    /// Only by this chance, from over 0 to 1. The server's seed decides, so a run can be repeated.
    ///
    /// # Errors
    ///
    /// Another number.
    pub fn rate(mut self, rate: f64) -> Result<Self, FaultError> {
        if !(rate > 0.0 && rate <= 1.0) {
            return Err(FaultError::Rate(rate.to_string()));
        }
        self.rate = rate;
        Ok(self)
    }

    /// Only so many times, then no more: "fail twice, then succeed" has 2.
    #[must_use]
    pub fn count(mut self, count: u64) -> Self {
        self.count = Some(count);
        self
    }

    /// Only from the request with this number on, among those that are meant; the first one is 1.
    /// Without a [`count`](Self::count) only that one.
    ///
    /// # Errors
    ///
    /// 0.
    pub fn nth(mut self, nth: u64) -> Result<Self, FaultError> {
        if nth == 0 {
            return Err(FaultError::Nth);
        }
        self.nth = Some(nth);
        Ok(self)
    }

    /// When it strikes; without this before, if the kind can.
    ///
    /// # Errors
    ///
    /// [`FaultTime::Before`] with a kind that acts on an answer: that is always after.
    pub fn when(mut self, when: FaultTime) -> Result<Self, FaultError> {
        if when == FaultTime::Before && self.kind.first_time() == FaultTime::After {
            return Err(FaultError::Before { kind: self.kind.to_string() });
        }
        self.when = when;
        Ok(self)
    }

    /// What goes wrong.
    pub fn kind(&self) -> &FaultKind {
        &self.kind
    }

    /// Whether a request is meant, all numbers and chances aside.
    fn means(&self, asked: Asked, head: &Parts) -> bool {
        let header = |(name, value): &(HeaderName, Option<HeaderValue>)| match value {
            Some(value) => head.headers.get_all(name).iter().any(|given| given == value),
            None => head.headers.contains_key(name),
        };
        let is_target = match self.target {
            Target::All => matches!(asked, Asked::Operation(_)),
            Target::Operation(meant) => asked == Asked::Operation(meant),
            Target::Notification(_) => false,
            Target::Iam => asked == Asked::Iam,
        };
        is_target
            && self.kind.is_of_request()
            && self.method.as_ref().is_none_or(|meant| *meant == head.method)
            && self.header.as_ref().is_none_or(header)
    }

    /// Whether an attempt to deliver a notification is meant.
    fn means_notification(&self, event: &NotifyEvent) -> bool {
        match &self.target {
            Target::Notification(meant) => meant.as_ref().is_none_or(|meant| meant == event),
            Target::All | Target::Operation(_) | Target::Iam => false,
        }
    }

    /// How many times it strikes at most.
    fn most(&self) -> u64 {
        self.count.unwrap_or(if self.nth.is_some() { 1 } else { u64::MAX })
    }
}

impl Target {
    fn as_str(&self) -> &str {
        match self {
            Self::All => "*",
            Self::Operation(operation) => operation.as_str(),
            Self::Notification(None) => NOTIFICATION,
            Self::Iam => IAM,
            Self::Notification(Some(event)) => event.as_str(),
        }
    }
}

/// `*`, the name of an operation, `IAM`, `Notification`, or the name of an event.
impl FromStr for Target {
    type Err = FaultError;

    fn from_str(text: &str) -> Result<Self, FaultError> {
        if text == "*" {
            return Ok(Self::All);
        }
        if text == IAM {
            return Ok(Self::Iam);
        }
        if text == NOTIFICATION {
            return Ok(Self::Notification(None));
        }
        let event = NotifyEvent::from(text);
        if event.is_known() {
            return Ok(Self::Notification(Some(event)));
        }
        text.parse().map(Self::Operation).map_err(|_| FaultError::Operation(text.into()))
    }
}

impl FromStr for Fault {
    type Err = FaultError;

    fn from_str(text: &str) -> Result<Self, FaultError> {
        parse::fault(text)
    }
}

/// In the words of `--fault`.
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.target.as_str(), self.kind)?;
        if self.rate < 1.0 {
            write!(f, ",rate={}", self.rate)?;
        }
        if let Some(count) = self.count {
            write!(f, ",count={count}")?;
        }
        if let Some(nth) = self.nth {
            write!(f, ",nth={nth}")?;
        }
        if self.when != self.kind.first_time() {
            f.write_str(",when=after")?;
        }
        if let Some(method) = &self.method {
            write!(f, ",method={method}")?;
        }
        if let Some((name, value)) = &self.header {
            write!(f, ",header={name}")?;
            if let Some(value) = value {
                write!(f, ":{}", value.to_str().unwrap_or_default())?;
            }
        }
        Ok(())
    }
}
