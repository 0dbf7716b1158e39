//! Hooks for metrics.

use std::time::Duration;

use http::StatusCode;
use rtc_model::OperationId;

use crate::error::{Error, ErrorKind};

/// Is told of every attempt and of every call that ends, to count and time them.
///
/// The methods are called on the task of the call, between an attempt and the next: they must not
/// block. A call whose future is dropped does not end, and is not told of.
///
/// ```
/// use std::sync::atomic::{AtomicU64, Ordering};
/// use rtc_client::{Client, Ended, Observe};
///
/// #[derive(Default)]
/// struct Metrics { calls: AtomicU64, failed: AtomicU64, retries: AtomicU64 }
///
/// impl Observe for Metrics {
///     fn call(&self, ended: &Ended<'_>) {
///         self.calls.fetch_add(1, Ordering::Relaxed);
///         self.retries.fetch_add(u64::from(ended.attempts.saturating_sub(1)), Ordering::Relaxed);
///         if ended.error.is_some() {
///             self.failed.fetch_add(1, Ordering::Relaxed);
///         }
///     }
/// }
///
/// # fn main() -> Result<(), rtc_client::BuildError> {
/// let client = Client::builder()
///     .endpoint("http://127.0.0.1:8470")
///     .token("t")
///     .observe(Metrics::default())
///     .build()?;
/// # Ok(())
/// # }
/// ```
pub trait Observe: Send + Sync + 'static {
    /// An attempt ended.
    fn attempt(&self, ended: &Ended<'_>) {
        let _ = ended;
    }

    /// A call ended, with its last attempt.
    fn call(&self, ended: &Ended<'_>) {
        let _ = ended;
    }
}

/// An attempt or a call that ended.
///
/// ```
/// use std::time::Duration;
/// use rtc_client::{Client, Ended, Observe};
///
/// /// Tells of slow calls.
/// struct Slow;
///
/// impl Observe for Slow {
///     fn call(&self, ended: &Ended<'_>) {
///         let Ended { operation, attempts, duration, request_id, .. } = ended;
///         if *duration > Duration::from_secs(1) {
///             eprintln!("{operation}: {duration:?}, {attempts} attempts, {request_id:?}");
///         }
///     }
/// }
///
/// # fn main() -> Result<(), rtc_client::BuildError> {
/// let client =
///     Client::builder().endpoint("http://127.0.0.1:8470").token("t").observe(Slow).build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Ended<'a> {
    /// The operation.
    pub operation: OperationId,
    /// How many attempts the call has made so far; 0 where none was possible.
    pub attempts: u32,
    /// How long the attempt, or the call with its pauses, took.
    pub duration: Duration,
    /// The status of the answer, where one came.
    pub status: Option<StatusCode>,
    /// The id that the service gave to the request.
    pub request_id: Option<&'a str>,
    /// How it failed, where it did.
    pub error: Option<ErrorKind>,
}

impl<'a> Ended<'a> {
    pub(crate) fn failed(error: &'a Error, attempts: u32, duration: Duration) -> Self {
        Self {
            operation: error.operation(),
            attempts,
            duration,
            status: error.status(),
            request_id: error.request_id(),
            error: Some(error.kind()),
        }
    }
}
