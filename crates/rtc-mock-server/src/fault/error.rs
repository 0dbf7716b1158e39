//! Why a text is no fault.

/// Why a text is no fault, or a fault cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FaultError {
    /// There is no `=`.
    #[error("{0:?} is no fault; write OPERATION=KIND, such as CreateApp=status(503),count=2")]
    Form(String),
    /// No operation has the name.
    #[error(
        "{0:?} is no operation; write one such as CreateApp, * for all, IAM for the calls to IAM, or Notification or an event such as RECORD_FILE_COMPLETE for what the mock sends"
    )]
    Operation(String),
    /// There is no such kind.
    #[error(
        "{0:?} is no kind of fault; there are status(503), throttle(3s), delay(50ms..200ms), delay(lognormal 100ms 0.5), reset, close, end(10), garbage, length(+5), trickle(16/100ms), and for notifications late(10m), twice, reorder, wrong-signature, old-signature(1h), end(10)"
    )]
    Kind(String),
    /// The value of a kind is out of its range.
    #[error("{value:?} is no {what}; {range}")]
    Value {
        /// What was given.
        value: String,
        /// What was expected.
        what: &'static str,
        /// What is allowed.
        range: &'static str,
    },
    /// There is no such key.
    #[error(
        "{0:?} is no key of a fault; there are rate, count, nth, when, method, and header as the last"
    )]
    Key(String),
    /// A key is there twice.
    #[error("{0} is there twice; give it once")]
    Twice(String),
    /// The chance is none.
    #[error("the rate {0} is no chance; write one from over 0 to 1")]
    Rate(String),
    /// Nothing has the number 0.
    #[error("nth=0 is no request; the first one is 1")]
    Nth,
    /// A kind that acts on an answer cannot act before there is one.
    #[error("{kind} acts on the answer, so it is always after; leave when=before out")]
    Before {
        /// The kind.
        kind: String,
    },
    /// A notification cannot have the kind.
    #[error(
        "{kind} is no fault of a notification; there are late(10m), twice, reorder, wrong-signature, old-signature(1h), end(10)"
    )]
    NoNotification {
        /// The kind.
        kind: String,
    },
    /// A request cannot have the kind.
    #[error(
        "{kind} is a fault of notifications; write it with Notification or an event such as RECORD_FILE_COMPLETE"
    )]
    NoRequest {
        /// The kind.
        kind: String,
    },
    /// A notification has neither a method nor headers to choose by.
    #[error("method and header choose among requests; leave them out for notifications")]
    OnlyRequests,
    /// The id of a fault is not allowed.
    #[error("{0:?} is no id of a fault; write 1 to 64 letters, digits, _ and -")]
    Id(String),
    /// There are too many.
    #[error("there are {0} faults, and 1000 are allowed; remove some")]
    TooMany(usize),
}
