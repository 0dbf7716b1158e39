//! The faults of a server in the hands of a test.

use std::fmt;
use std::sync::Arc;

use crate::admin_api::FaultStatus;
use crate::events::Event;
use crate::fault::{Fault, FaultError};
use crate::pipeline::Core;

/// The faults of a running [`MockServer`](crate::MockServer).
///
/// ```
/// use rtc_mock_server::MockServer;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let server = MockServer::start().await?;
/// // Fail twice, then succeed.
/// let id = server.faults().add("CreateApp=status(503),count=2".parse()?)?;
/// // Drive a client against server.url() …
/// assert_eq!(server.faults().get(&id).map(|fault| fault.struck), Some(0));
/// server.faults().clear();
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct ServerFaults {
    core: Arc<Core>,
}

impl ServerFaults {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        Self { core }
    }

    /// Adds a fault after the others; gives its id.
    ///
    /// # Errors
    ///
    /// Too many faults: 1,000 are allowed.
    pub fn add(&self, fault: Fault) -> Result<String, FaultError> {
        self.changed(self.core.faults.add(fault))
    }

    /// Puts a fault in the place of the one with the id, or after the others.
    ///
    /// # Errors
    ///
    /// An id that is not 1 to 64 letters, digits, `_` and `-`; too many faults.
    pub fn set(&self, id: &str, fault: Fault) -> Result<(), FaultError> {
        self.changed(self.core.faults.set(id, fault))
    }

    /// Puts these faults in the place of all.
    ///
    /// # Errors
    ///
    /// Too many faults.
    pub fn replace(&self, faults: Vec<Fault>) -> Result<(), FaultError> {
        self.changed(self.core.faults.replace(faults))
    }

    /// The faults with what they did, in the order in which they are tried.
    pub fn list(&self) -> Vec<FaultStatus> {
        self.core.faults.list()
    }

    /// A fault with what it did.
    pub fn get(&self, id: &str) -> Option<FaultStatus> {
        self.core.faults.get(id)
    }

    /// Removes a fault; `false` when there is none with the id.
    pub fn remove(&self, id: &str) -> bool {
        self.changed(self.core.faults.remove(id))
    }

    /// Removes all; gives how many there were.
    pub fn clear(&self) -> usize {
        self.changed(self.core.faults.clear())
    }

    fn changed<T>(&self, outcome: T) -> T {
        self.core.events.tell(Event::Faults);
        outcome
    }
}

impl fmt::Debug for ServerFaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.list().iter().map(|fault| &fault.spec)).finish()
    }
}
