//! The events of a server in the hands of a test.

use std::fmt;
use std::sync::Arc;

use tokio::sync::watch;

use crate::admin_api::Event;
use crate::events::Watch;
use crate::pipeline::Core;

/// What happens at a running [`MockServer`](crate::MockServer), one event after the other, from
/// [`MockServer::events`](crate::MockServer::events) on. For requests alone
/// [`Received::wait`](crate::Received::wait) is simpler.
///
/// ```
/// use rtc_mock_server::MockServer;
/// use rtc_mock_server::admin_api::Event;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let server = MockServer::start().await?;
/// let mut events = server.events();
/// server.clear_requests();
/// assert_eq!(events.next().await, Some(Event::Cleared));
/// server.shutdown().await;
/// assert_eq!(events.next().await, None);
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is heard before `next`"]
pub struct ServerEvents {
    core: Arc<Core>,
    watch: Watch,
    stop: watch::Receiver<bool>,
}

impl ServerEvents {
    pub(crate) fn new(core: Arc<Core>, stop: watch::Receiver<bool>) -> Self {
        let watch = core.events.watch();
        Self { core, watch, stop }
    }

    /// Waits for the next event; `None` when the mock has stopped. May be dropped while it waits:
    /// no event is lost. Who is more than 256 events behind is told how many were missed.
    pub async fn next(&mut self) -> Option<Event> {
        loop {
            let heard = tokio::select! {
                biased;
                heard = self.watch.next() => heard,
                // An error means that the server was dropped, which stops it as well.
                _ = self.stop.wait_for(|stop| *stop) => return None,
            };
            // None for an exchange that has left the journal.
            if let Some(event) = crate::admin::told(&self.core, heard) {
                return Some(event);
            }
        }
    }
}

impl fmt::Debug for ServerEvents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerEvents").finish_non_exhaustive()
    }
}
