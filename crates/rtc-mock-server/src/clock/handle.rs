//! The clock of a server in the hands of a test.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::admin_api::Happened;
use crate::clock::{Clock, ClockError};
use crate::pipeline::Core;

/// The clock of a running [`MockServer`](crate::MockServer).
///
/// It is the one clock of the mock: signatures are judged by it, `Date` and the times in answers
/// are taken from it, jobs live by it. Delays of faults are real time.
///
/// ```
/// use std::time::Duration;
/// use rtc_mock_server::MockServer;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let server = MockServer::builder().clock("frozen@2024-03-15T08:15:30Z".parse()?).start().await?;
/// let before = server.clock().now();
/// server.clock().advance(Duration::from_secs(86_400))?;
/// assert_eq!(server.clock().now(), before + Duration::from_secs(86_400));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct ServerClock {
    core: Arc<Core>,
}

impl ServerClock {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        Self { core }
    }

    /// The time of the mock.
    pub fn now(&self) -> SystemTime {
        self.core.clock.now()
    }

    /// How the clock is set.
    pub fn setting(&self) -> Clock {
        self.core.clock.setting()
    }

    /// Sets the clock, also back; then what is due happens. What has happened stays as it is when
    /// the clock is set back.
    pub fn set(&self, clock: Clock) -> Vec<Happened> {
        self.core.set_clock(|_| Ok::<_, ClockError>(clock)).unwrap_or_default()
    }

    /// Sets the clock forward. What falls due on the way has happened when this returns, and is
    /// given in the order in which it did, each with its own time.
    ///
    /// # Errors
    ///
    /// A time beyond the year 9999; nothing has changed then.
    pub fn advance(&self, by: Duration) -> Result<Vec<Happened>, ClockError> {
        self.core.set_clock(|clock| clock.advanced(by))
    }
}

impl fmt::Debug for ServerClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ServerClock({})", self.setting())
    }
}
