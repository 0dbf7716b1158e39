//! The running server.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use rtc_signer::Credentials;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::admin_api::ResetPart;
use crate::builder::{MockServerBuilder, StartError};
use crate::clock::ServerClock;
use crate::deliveries::ServerDeliveries;
use crate::exchange::Exchange;
use crate::fault::ServerFaults;
use crate::fixture::{Fixture, FixtureError};
use crate::journal::RequestFilter;
use crate::pipeline::Core;
use crate::received::Received;

pub use self::events::ServerEvents;
pub use self::project::ServerProject;

mod events;
mod operator;
mod project;

/// The access key that the mock knows when none is given. Not a secret of anybody.
pub const DEFAULT_ACCESS_KEY: &str = "RTCMOCKACCESSKEY0001";
/// The secret key that the mock knows when none is given. Not a secret of anybody.
pub const DEFAULT_SECRET_KEY: &str = "rtc-mock-secret-key-not-for-real-use-001";
/// The project that the mock has when none is given.
pub const DEFAULT_PROJECT_ID: &str = "00000000000000000000000000000001";
/// The user token that the mock knows when none is given. Not a secret of anybody.
pub const DEFAULT_TOKEN: &str = "rtc-mock-token-not-for-real-use-0001";

/// A mock of the RTC service that listens on this machine.
///
/// Dropping it stops it; [`shutdown`](Self::shutdown) also waits for the answers under way.
/// Servers share nothing, so a test may start as many as it likes.
///
/// ```
/// use rtc_mock_server::MockServer;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let server = MockServer::start().await?;
/// assert!(server.url().starts_with("http://127.0.0.1:"));
/// // Point a client at server.url() with server.credentials() and server.project_id() …
/// assert!(server.requests().is_empty());
/// server.shutdown().await;
/// # Ok(())
/// # }
/// ```
pub struct MockServer {
    pub(crate) core: Arc<Core>,
    pub(crate) address: SocketAddr,
    pub(crate) scheme: &'static str,
    pub(crate) admin_address: Option<SocketAddr>,
    pub(crate) credentials: Credentials,
    pub(crate) project_id: String,
    pub(crate) token: String,
    pub(crate) stop: watch::Sender<bool>,
    pub(crate) listeners: Vec<JoinHandle<()>>,
}

impl MockServer {
    /// Starts a server with the settings that [`builder`](Self::builder) begins with.
    pub async fn start() -> Result<Self, StartError> {
        Self::builder().start().await
    }

    /// Begins with the default settings: a free port of 127.0.0.1, no admin listener, signatures
    /// enforced, the machine's clock, no apps.
    pub fn builder() -> MockServerBuilder {
        MockServerBuilder::new()
    }

    /// Where the API is: `http://127.0.0.1:PORT`, with TLS `https://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("{}://{}", self.scheme, self.address)
    }

    /// What makes ids and the chances of faults repeatable: the seed that was
    /// [given](crate::MockServerBuilder::seed), or the one that was drawn.
    pub fn seed(&self) -> u64 {
        self.core.origin.seed.number()
    }

    /// The certificate that a client must trust, in PEM, where the mock made its own.
    pub fn ca_pem(&self) -> Option<&str> {
        self.core.ca_pem.as_deref()
    }

    /// The address that the API listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where the admin API is, if there is one.
    pub fn admin_url(&self) -> Option<String> {
        self.admin_address.map(|address| format!("http://{address}"))
    }

    /// Credentials that the mock accepts.
    pub fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    /// The project of the credentials.
    pub fn project_id(&self) -> &str {
        &self.project_id
    }

    /// A user token that the mock accepts.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// The exchanges in the journal, oldest first.
    pub fn requests(&self) -> Vec<Exchange> {
        let records = self.core.journal.records();
        records.into_iter().map(|record| Exchange::new(Arc::clone(&self.core), record)).collect()
    }

    /// What the mock holds now. A mock that starts with it holds the same.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use rtc_mock_server::{Fixture, MockServer};
    ///
    /// let server = MockServer::start().await?;
    /// let state = server.state().to_json().to_string();
    /// let same = MockServer::builder().fixture(Fixture::from_json(&state)?).start().await?;
    /// # let _ = same;
    /// # Ok(())
    /// # }
    /// ```
    pub fn state(&self) -> Fixture {
        Fixture::of(&self.core.service.read())
    }

    /// The exchanges that are meant, to be counted, asserted, or waited for.
    pub fn received(&self, filter: impl Into<RequestFilter>) -> Received {
        Received::new(Arc::clone(&self.core), filter.into())
    }

    /// The clock, to be read, set, and set forward.
    pub fn clock(&self) -> ServerClock {
        ServerClock::new(Arc::clone(&self.core))
    }

    /// The faults, to be added, counted, and removed.
    pub fn faults(&self) -> ServerFaults {
        ServerFaults::new(Arc::clone(&self.core))
    }

    /// The notifications that are sent to record callbacks, to be looked at, waited for, sent again.
    pub fn deliveries(&self) -> ServerDeliveries {
        ServerDeliveries::new(Arc::clone(&self.core))
    }

    /// What happens from now on. What is in the journal must be looked at after this, so that
    /// nothing is missed.
    pub fn events(&self) -> ServerEvents {
        ServerEvents::new(Arc::clone(&self.core), self.stop.subscribe())
    }

    /// Begins anew: the fixture again, an empty journal, the clock and the faults of the start.
    /// With a seed the same ids come again.
    ///
    /// # Errors
    ///
    /// A fixture that cannot be used; the one that the server started with can.
    pub fn reset(&self) -> Result<(), FixtureError> {
        self.core.reset(ResetPart::ALL)
    }

    /// Stops accepting, waits a few seconds for the answers under way, and leaves. A state that is
    /// kept is on disk then, and its folder is free.
    pub async fn shutdown(mut self) {
        self.stop.send_replace(true);
        for listener in std::mem::take(&mut self.listeners) {
            // A listener that panicked has stopped too.
            let _ = listener.await;
        }
        self.core.service.close().await;
    }
}

impl Drop for MockServer {
    fn drop(&mut self) {
        self.stop.send_replace(true);
    }
}

impl fmt::Debug for MockServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MockServer")
            .field("url", &self.url())
            .field("admin_url", &self.admin_url())
            .finish_non_exhaustive()
    }
}
