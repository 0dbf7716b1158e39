//! What a server received, in the hands of a test.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::exchange::Exchange;
use crate::journal::{Mismatch, RequestFilter, Times, verify};
use crate::pipeline::Core;

/// How long is waited when nothing else is said.
const PATIENCE: Duration = Duration::from_secs(10);

/// The exchanges of a [`MockServer`](crate::MockServer) that a filter means: to be looked at,
/// asserted, or waited for.
///
/// ```
/// use rtc_mock_server::{MockServer, RequestFilter};
/// use rtc_model::OperationId;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let server = MockServer::start().await?;
/// // Drive a client against server.url() …
/// server.received(OperationId::DeleteApp).never();
/// assert_eq!(server.received(RequestFilter::any()).count(), 0);
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is asserted yet"]
pub struct Received {
    core: Arc<Core>,
    filter: RequestFilter,
    patience: Duration,
}

impl Received {
    pub(crate) fn new(core: Arc<Core>, filter: RequestFilter) -> Self {
        Self { core, filter, patience: PATIENCE }
    }

    /// The exchanges, oldest first.
    pub fn all(&self) -> Vec<Exchange> {
        self.core.exchanges(&self.filter)
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.all().len()
    }

    /// The exchanges if there are as many as expected, else what came instead.
    pub fn check(&self, times: Times) -> Result<Vec<Exchange>, Mismatch> {
        verify(self.core.exchanges(&RequestFilter::any()), &self.filter, times)
    }

    /// The exchanges, of which there are exactly so many.
    ///
    /// # Panics
    ///
    /// When there are not, with what came instead.
    #[track_caller]
    pub fn times(&self, times: u64) -> Vec<Exchange> {
        self.asserted(Times::exactly(times))
    }

    /// The exchanges, of which there are so many or more.
    ///
    /// # Panics
    ///
    /// When there are not, with what came instead.
    #[track_caller]
    pub fn at_least(&self, times: u64) -> Vec<Exchange> {
        self.asserted(Times::at_least(times))
    }

    /// The only exchange.
    ///
    /// # Panics
    ///
    /// When there is none or another one, with what came instead.
    #[track_caller]
    pub fn once(&self) -> Exchange {
        self.times(1).pop().expect("exactly one was asserted")
    }

    /// That nothing of the kind came.
    ///
    /// # Panics
    ///
    /// When something did, with what.
    #[track_caller]
    pub fn never(&self) {
        self.times(0);
    }

    /// How long [`wait`](Self::wait) waits at most, in real time; 10 s by default.
    pub fn within(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Waits, without asking again and again, until there are so many or more; gives them, or what
    /// came instead when the time is up.
    ///
    /// ```
    /// use std::time::Duration;
    /// use rtc_mock_server::MockServer;
    /// use rtc_model::OperationId;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let server = MockServer::start().await?;
    /// let waiting = server.received(OperationId::CreateApp).within(Duration::from_millis(10));
    /// let mismatch = waiting.wait(1).await.unwrap_err();
    /// assert_eq!(
    ///     mismatch.to_string(),
    ///     "expected CreateApp at least once, but it came not at all; nothing came"
    /// );
    /// # Ok(())
    /// # }
    /// ```
    pub async fn wait(&self, times: u64) -> Result<Vec<Exchange>, Mismatch> {
        self.core.wait_for(&self.filter, times, self.patience).await
    }

    #[track_caller]
    #[expect(clippy::panic, reason = "this is how a test fails")]
    fn asserted(&self, times: Times) -> Vec<Exchange> {
        match self.check(times) {
            Ok(found) => found,
            Err(mismatch) => panic!("{mismatch}"),
        }
    }
}

impl fmt::Debug for Received {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Received({})", self.filter)
    }
}
