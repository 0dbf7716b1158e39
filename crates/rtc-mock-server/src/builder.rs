//! The settings of a server, and its start.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
#[cfg(feature = "store")]
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use rtc_signer::Credentials;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::admin::AdminToken;
use crate::auth::{AuthMode, Gatekeeper, Lockout};
use crate::clock::{Clock, LiveClock};
use crate::deliveries::{Deliveries, DeliverySettings, StoredDelivery, postman};
use crate::events::Events;
use crate::fault::{Fault, Faults};
use crate::fixture::Fixture;
use crate::handlers::Service;
use crate::iam::Account;
use crate::ids::{Ids, Seed};
use crate::jobs::ZeroTimes;
use crate::journal::{Journal, JournalLimits};
use crate::listener::{self, Bounds, Serving};
use crate::metrics::Metrics;
use crate::origin::Origin;
use crate::pipeline::Core;
use crate::server::{
    DEFAULT_ACCESS_KEY, DEFAULT_PROJECT_ID, DEFAULT_SECRET_KEY, DEFAULT_TOKEN, MockServer,
};
use crate::settings::{BucketCheck, Settings};
use crate::state::State;
use crate::store::{Opened, Store};
use crate::throttle::{Counter, Throttle};
use crate::tls::{Prepared, TlsSettings};

pub use self::error::StartError;

mod error;

/// How long a stopping server waits for the answers under way.
const GRACE: Duration = Duration::from_secs(5);

/// The settings of a [`MockServer`].
///
/// ```
/// use rtc_mock_server::{Clock, MockServer};
/// use rtc_signer::Credentials;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let server = MockServer::builder()
///     .credentials(Credentials::new("AK", "SK"), "my-project")
///     .clock("frozen@2024-03-15T08:15:30Z".parse()?)
///     .seed(1)
///     .start()
///     .await?;
/// assert_eq!(server.project_id(), "my-project");
/// # Ok(())
/// # }
/// ```
#[must_use = "a server is started by `start`"]
pub struct MockServerBuilder {
    listen: SocketAddr,
    admin_listen: Option<SocketAddr>,
    admin_token: Option<String>,
    keys: Vec<(Credentials, Vec<String>)>,
    token: Option<String>,
    account: Account,
    auth: AuthMode,
    lockout: Option<Lockout>,
    clock: Clock,
    faults: Vec<Fault>,
    fixture: Fixture,
    journal: JournalLimits,
    seed: Option<u64>,
    pub(crate) settings: Settings,
    pub(crate) delivery: DeliverySettings,
    throttle: Throttle,
    bounds: Bounds,
    pub(crate) tls: TlsSettings,
    #[cfg(feature = "store")]
    pub(crate) data_dir: Option<PathBuf>,
}

impl MockServerBuilder {
    pub(crate) fn new() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            admin_listen: None,
            admin_token: None,
            keys: Vec::new(),
            token: None,
            account: Account::default(),
            auth: AuthMode::Enforce,
            lockout: None,
            clock: Clock::real(),
            faults: Vec::new(),
            fixture: Fixture::default(),
            journal: JournalLimits::default(),
            seed: None,
            settings: Settings::default(),
            delivery: DeliverySettings::default(),
            throttle: Throttle::Off,
            bounds: Bounds::default(),
            tls: TlsSettings::default(),
            #[cfg(feature = "store")]
            data_dir: None,
        }
    }

    /// Where the API listens; port 0 takes a free one.
    pub fn listen(mut self, address: SocketAddr) -> Self {
        self.listen = address;
        self
    }

    /// Where the admin API listens. It shows what clients sent, so another address than loopback
    /// needs an [`admin_token`](Self::admin_token).
    pub fn admin_listen(mut self, address: SocketAddr) -> Self {
        self.admin_listen = Some(address);
        self
    }

    /// What the admin API asks for: `Authorization: Bearer TOKEN`.
    pub fn admin_token(mut self, token: impl Into<String>) -> Self {
        self.admin_token = Some(token.into());
        self
    }

    /// Credentials that are accepted, for one project. May be called again for further ones; the
    /// first are what [`MockServer::credentials`] gives.
    pub fn credentials(self, credentials: Credentials, project_id: impl Into<String>) -> Self {
        self.credentials_for(credentials, [project_id.into()])
    }

    /// Credentials that are accepted, for several projects; the first is what a request without
    /// `X-Project-Id` acts in.
    pub fn credentials_for(
        mut self,
        credentials: Credentials,
        project_ids: impl IntoIterator<Item = String>,
    ) -> Self {
        self.keys.push((credentials, project_ids.into_iter().collect()));
        self
    }

    /// A user token that is accepted for the first project, always (decision D33).
    pub fn token(mut self, token: impl Into<String>) -> Self {
        self.token = Some(token.into());
        self
    }

    /// The user who gets tokens from the IAM endpoint (`POST /v3/auth/tokens`) by a password; by
    /// default [`DEFAULT_IAM_USER`](crate::DEFAULT_IAM_USER) with
    /// [`DEFAULT_IAM_PASSWORD`](crate::DEFAULT_IAM_PASSWORD).
    pub fn iam_user(mut self, name: impl Into<String>, password: impl Into<String>) -> Self {
        self.account.user = name.into();
        self.account.password = password.into();
        self
    }

    /// The name of the account (domain) that all projects and the user belong to; by default
    /// [`DEFAULT_IAM_DOMAIN`](crate::DEFAULT_IAM_DOMAIN).
    pub fn iam_domain(mut self, name: impl Into<String>) -> Self {
        self.account.domain = name.into();
        self
    }

    /// Whether credentials are checked.
    pub fn auth(mut self, mode: AuthMode) -> Self {
        self.auth = mode;
        self
    }

    /// Locks an access key for five minutes of the mock's clock after more than five refused
    /// signatures in a row, as the gateway does; not by default (decision D20).
    pub fn lockout(mut self) -> Self {
        self.lockout = Some(Lockout::default());
        self
    }

    /// The mock's clock.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// A fault that is there from the start. May be called again for further ones; they are tried
    /// in this order and have the ids 1, 2, 3 ….
    pub fn fault(mut self, fault: Fault) -> Self {
        self.faults.push(fault);
        self
    }

    /// What the mock holds at its start.
    pub fn fixture(mut self, fixture: Fixture) -> Self {
        self.fixture = fixture;
        self
    }

    /// How many exchanges the journal keeps, 1,000 by default.
    pub fn journal(mut self, exchanges: usize) -> Self {
        self.journal.exchanges = exchanges;
        self
    }

    /// How many bytes of heads and bodies the journal keeps, 64 MiB by default.
    pub fn journal_bytes(mut self, bytes: usize) -> Self {
        self.journal.bytes = bytes;
        self
    }

    /// Makes ids and the chances of faults repeatable, and tokens and temporary keys too; without it
    /// a seed is drawn, which [`MockServer::seed`] tells.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// How many apps a project may have, 20 by default.
    pub fn app_quota(mut self, apps: usize) -> Self {
        self.settings.app_quota = apps;
        self
    }

    /// How many jobs of an app may be not over, 100 by default.
    pub fn job_limit(mut self, jobs: usize) -> Self {
        self.settings.job_limit = jobs;
        self
    }

    /// How long a job stays in the state INIT, by the mock's clock. By default only until the next
    /// request (decision D11).
    pub fn job_init_delay(mut self, delay: Duration) -> Self {
        self.settings.job_init_delay = delay;
        self
    }

    /// Refuses record rules whose bucket is not there or not authorized (decision D28).
    pub fn check_buckets(mut self) -> Self {
        self.settings.buckets = BucketCheck::On;
        self
    }

    /// How often the API may be called; as often as it likes by default. A call too many is
    /// answered with 429 APIGW.0308.
    pub fn throttle(mut self, throttle: Throttle) -> Self {
        self.throttle = throttle;
        self
    }

    /// How many connections the API serves at a time, 10,000 by default. Further ones wait until
    /// another one ends: their requests are answered later, not refused. The admin API has 256 of
    /// its own, or as many as this if that is less.
    pub fn max_connections(mut self, connections: usize) -> Self {
        self.bounds.connections = connections;
        self
    }

    /// How long the head of a request may take to arrive, 30 s by default. The time begins with the
    /// end of the request before, so a connection that idles as long is closed too.
    pub fn head_timeout(mut self, time: Duration) -> Self {
        self.bounds.head_time = time;
        self
    }

    /// Writes a time that is not set as the year 1, as the reference's example does, instead of
    /// leaving it out (decision D13).
    pub fn zero_times(mut self) -> Self {
        self.settings.zero_times = ZeroTimes::Write;
        self
    }

    /// Binds the listeners and serves. The server is reachable when this returns.
    ///
    /// # Errors
    ///
    /// An address that cannot be bound, credentials that are empty, bounds of nothing, and a
    /// fixture that cannot be used: see [`StartError`].
    pub async fn start(mut self) -> Result<MockServer, StartError> {
        let open = self.admin_listen.filter(|address| !address.ip().is_loopback());
        if let Some(address) = open.filter(|_| self.admin_token.is_none()) {
            return Err(StartError::AdminNotLoopback { address });
        }
        if self.keys.is_empty() {
            let credentials = Credentials::new(DEFAULT_ACCESS_KEY, DEFAULT_SECRET_KEY);
            self.keys.push((credentials, vec![DEFAULT_PROJECT_ID.to_owned()]));
        }
        let (credentials, project_id) = match self.keys.first() {
            Some((credentials, projects)) => (credentials.clone(), projects.first().cloned()),
            None => return Err(StartError::NoProject),
        };
        let project_id = project_id.ok_or(StartError::NoProject)?;
        let token = self.token.take().unwrap_or_else(|| DEFAULT_TOKEN.to_owned());
        check_not_empty(&self.keys, &token, &self.account)?;
        if self.admin_token.as_deref() == Some("") {
            return Err(StartError::Empty { what: "admin token" });
        }
        self.bounds.check()?;

        Faults::check(&self.faults).map_err(StartError::Faults)?;

        let now = self.clock.now();
        let state = self.fixture.to_state(&project_id, now.into()).map_err(StartError::Fixture)?;
        let known =
            |id: &str| self.keys.iter().any(|(_, projects)| projects.iter().any(|p| p == id));
        if self.auth == AuthMode::Enforce {
            self.fixture.check_projects(known).map_err(StartError::Fixture)?;
        }
        let held = match self.open_store(now)? {
            None => Held { state, started: now, store: None, deliveries: Vec::new() },
            Some(Opened { store, state: kept, deliveries, started }) => {
                if kept.is_some() {
                    tracing::info!(
                        "the state that was kept goes on; a fixture counts only without one"
                    );
                }
                Held { state: kept.unwrap_or(state), started, store: Some(store), deliveries }
            }
        };
        let Prepared { acceptor, ca_pem } = self.tls.prepare(self.listen.ip())?;
        let listener = bind(self.listen).await?;
        let admin = match self.admin_listen {
            Some(address) => Some(bind(address).await?),
            None => None,
        };
        let local =
            |listener: &TcpListener, asked: SocketAddr| listener.local_addr().unwrap_or(asked);
        let address = local(&listener, self.listen);
        let admin_address = admin.as_ref().zip(self.admin_listen).map(|(l, asked)| local(l, asked));

        let bounds = self.bounds;
        let scheme = if acceptor.is_some() { "https" } else { "http" };
        let url = format!("{scheme}://{address}");
        let core = Arc::new(self.core(held, &project_id, &token, url, ca_pem));
        let (stop, stopped) = watch::channel(false);
        let serving = |listener, tls| Serving {
            listener,
            tls,
            bounds,
            core: Arc::clone(&core),
            stop: stopped.clone(),
            grace: GRACE,
        };
        let mut listeners = vec![tokio::spawn(listener::serve_api(serving(listener, acceptor)))];
        if let Some(admin) = admin {
            listeners.push(tokio::spawn(listener::serve_admin(serving(admin, None))));
        }
        listeners.push(tokio::spawn(postman::run(Arc::clone(&core), stopped.clone(), GRACE)));
        Ok(MockServer {
            core,
            address,
            scheme,
            admin_address,
            credentials,
            project_id,
            token,
            stop,
            listeners,
        })
    }

    fn core(
        self,
        held: Held,
        project_id: &str,
        token: &str,
        url: String,
        ca_pem: Option<String>,
    ) -> Core {
        let seed = Seed::given_or_drawn(self.seed);
        let mut gatekeeper = Gatekeeper::new(self.auth, project_id);
        gatekeeper.lock_out(self.lockout);
        for (credentials, projects) in self.keys {
            gatekeeper.add_key(credentials, projects);
        }
        gatekeeper.add_token(token.to_owned(), project_id);
        Core {
            service: Service::new(
                held.state,
                Ids::new(seed),
                self.settings,
                held.started,
                held.store,
                Deliveries::new(self.delivery, held.deliveries, self.clock.now()),
            ),
            gatekeeper,
            account: self.account,
            throttle: Counter::new(self.throttle),
            journal: Journal::new(self.journal),
            clock: LiveClock::new(self.clock.clone()),
            events: Events::default(),
            metrics: Metrics::default(),
            faults: Faults::new(seed.number(), &self.faults),
            origin: Origin {
                fixture: self.fixture,
                default_project: project_id.to_owned(),
                seed,
                clock: self.clock,
                faults: self.faults,
            },
            url,
            admin_token: self.admin_token.as_deref().map(AdminToken::new),
            ca_pem,
        }
    }
}

impl fmt::Debug for MockServerBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MockServerBuilder")
            .field("listen", &self.listen)
            .field("admin_listen", &self.admin_listen)
            .field("auth", &self.auth)
            .field("clock", &self.clock)
            .finish_non_exhaustive()
    }
}

/// What a server begins with, and where it is kept.
struct Held {
    state: State,
    started: SystemTime,
    store: Option<Store>,
    deliveries: Vec<(u64, StoredDelivery)>,
}

/// An empty key or token would let everybody in who sends an empty one.
fn check_not_empty(
    keys: &[(Credentials, Vec<String>)],
    token: &str,
    account: &Account,
) -> Result<(), StartError> {
    let empty = |what| Err(StartError::Empty { what });
    for (what, text) in [
        ("IAM user", &account.user),
        ("IAM password", &account.password),
        ("IAM domain", &account.domain),
    ] {
        if text.is_empty() {
            return empty(what);
        }
    }
    if token.is_empty() {
        return empty("token");
    }
    for (credentials, projects) in keys {
        if credentials.access_key().is_empty() {
            return empty("access key");
        }
        if credentials.secret_key().expose_secret().is_empty() {
            return empty("secret key");
        }
        if projects.iter().any(String::is_empty) {
            return empty("project id");
        }
    }
    Ok(())
}

async fn bind(address: SocketAddr) -> Result<TcpListener, StartError> {
    TcpListener::bind(address).await.map_err(|source| StartError::Bind { address, source })
}
