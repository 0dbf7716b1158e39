//! The notifications of a server in the hands of a test.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::admin_api::{DeliveryFilter, RecordedDelivery};
use crate::pipeline::Core;

/// The notifications that a running [`MockServer`](crate::MockServer) sends.
///
/// ```
/// use std::time::Duration;
/// use rtc_mock_server::MockServer;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let server = MockServer::start().await?;
/// // … set a callback, start a job …
/// assert!(server.deliveries().settled(Duration::from_secs(5)).await);
/// for delivery in server.deliveries().list() {
///     println!("{} {:?}: {} attempts", delivery.event_type, delivery.state, delivery.attempts.len());
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct ServerDeliveries {
    core: Arc<Core>,
}

impl ServerDeliveries {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        Self { core }
    }

    /// All that are not over, and the last 1,000 that are, oldest first.
    pub fn list(&self) -> Vec<RecordedDelivery> {
        self.core.service.deliveries().list(&DeliveryFilter::default())
    }

    /// How many are not over.
    pub fn waiting(&self) -> usize {
        self.core.service.deliveries().waiting()
    }

    /// One of them.
    pub fn get(&self, id: u64) -> Option<RecordedDelivery> {
        self.core.service.deliveries().get(id)
    }

    /// Waits until nothing is due by the mock's clock and no attempt is under way; `false` when it
    /// takes longer than `patience`, in real time.
    pub async fn settled(&self, patience: Duration) -> bool {
        self.core.settled(patience).await
    }

    /// Makes one more attempt now, also of a delivery that is over; `false` when there is no such
    /// delivery, or an attempt is under way.
    pub fn redeliver(&self, id: u64) -> bool {
        self.core.redeliver(id) == Some(true)
    }

    /// Stops sending until [`resume`](Self::resume); `false` when it is stopped already.
    pub fn pause(&self) -> bool {
        self.core.service.deliveries().set_paused(true)
    }

    /// Goes on sending; `false` when it was not stopped.
    pub fn resume(&self) -> bool {
        self.core.service.deliveries().set_paused(false)
    }

    /// Makes all attempts now that wait for their time, and waits for them; `false` when that takes
    /// longer than `patience`, in real time.
    pub async fn flush(&self, patience: Duration) -> bool {
        self.core.service.deliveries().hurry(self.core.clock.now());
        self.core.settled(patience).await
    }

    /// Forgets those that are over; how many there were.
    pub fn clear(&self) -> usize {
        self.core.service.deliveries().forget_over()
    }
}

impl fmt::Debug for ServerDeliveries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ServerDeliveries({} waiting)", self.waiting())
    }
}
