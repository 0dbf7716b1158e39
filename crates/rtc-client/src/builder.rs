//! Making a client.

mod error;
mod origin;

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use http::HeaderValue;
use http::header::InvalidHeaderValue;
use rtc_signer::Credentials;

pub use self::error::BuildError;
use self::origin::Origins;
pub use self::origin::ProjectLookup;
use crate::auth::Authenticate;
use crate::client::{Client, Clock, Settings, Times};
use crate::endpoint;
use crate::env::{self, Surroundings};
use crate::observe::Observe;
use crate::retry::{Backoff, Budget, RetryPolicy};
use crate::skew::Offset;
use crate::transport::{Carrier, HyperTransport, HyperTransportBuilder, Transport};

/// The endpoint of the service, which has no regions.
const ENDPOINT: &str = "https://rtc-api.myhuaweicloud.com";
/// The product that `User-Agent` names first.
pub(crate) const PRODUCT: &str = concat!("huaweicloud-rtc-rust/", env!("CARGO_PKG_VERSION"));

/// Settings of a [`Client`]. One of [`credentials`](Self::credentials),
/// [`credentials_provider`](Self::credentials_provider), [`token`](Self::token),
/// [`password_login`](Self::password_login) and [`authenticate`](Self::authenticate) is needed, and
/// only one, or [`default_credentials`](Self::default_credentials); the rest has defaults.
///
/// Setters check nothing; [`build`](Self::build) checks all. `Debug` shows no secret.
///
/// ```
/// use std::time::Duration;
/// use rtc_client::{Client, Credentials};
///
/// # fn main() -> Result<(), rtc_client::BuildError> {
/// let client = Client::builder()
///     .endpoint("http://127.0.0.1:8470")
///     .credentials(Credentials::new("the access key", "the secret key"))
///     .project_id("0123456789abcdef0123456789abcdef")
///     .timeout(Duration::from_secs(20))
///     .build()?;
/// # Ok(())
/// # }
/// ```
#[must_use]
pub struct ClientBuilder {
    endpoint: Option<String>,
    credentials: Option<Credentials>,
    token: Option<Result<HeaderValue, InvalidHeaderValue>>,
    authenticate: Option<Box<dyn Authenticate>>,
    origins: Origins,
    project_id: Option<String>,
    user_agent: Option<String>,
    times: Times,
    max_body: usize,
    connections: HyperTransportBuilder,
    transport: Option<Arc<dyn Transport>>,
    clock: Clock,
    retry: Box<dyn RetryPolicy>,
    retry_budget: u32,
    seed: Option<u64>,
    observer: Option<Box<dyn Observe>>,
}

impl ClientBuilder {
    /// Time to connect: 10 s.
    pub const DEFAULT_CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
    /// Time of one attempt: 20 s.
    pub const DEFAULT_ATTEMPT_TIMEOUT: Duration = Duration::from_secs(20);
    /// Time of the whole call: 60 s.
    pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(60);
    /// Attempts that a client may make on top of one a call before answered calls give some back:
    /// 100.
    pub const DEFAULT_RETRY_BUDGET: u32 = 100;
    /// Largest body of an answer: 16 MiB.
    pub const DEFAULT_MAX_RESPONSE_BODY: usize = 16 * 1024 * 1024;

    pub(crate) fn new() -> Self {
        Self {
            endpoint: None,
            credentials: None,
            token: None,
            authenticate: None,
            origins: Origins::default(),
            project_id: None,
            user_agent: None,
            times: Times {
                connect: Self::DEFAULT_CONNECT_TIMEOUT,
                attempt: Self::DEFAULT_ATTEMPT_TIMEOUT,
                call: Self::DEFAULT_TIMEOUT,
            },
            max_body: Self::DEFAULT_MAX_RESPONSE_BODY,
            connections: HyperTransport::builder(),
            transport: None,
            clock: Box::new(SystemTime::now),
            retry: Box::new(Backoff::default()),
            retry_budget: Self::DEFAULT_RETRY_BUDGET,
            seed: None,
            observer: None,
        }
    }

    /// Takes the settings that the official SDKs read from the environment, to be changed further;
    /// see [`Client::from_env`]. What is set here goes before them, keys and tokens included. The
    /// [proxy](HyperTransportBuilder::proxy_from_env) is taken from there, too.
    ///
    /// ```no_run
    /// use std::time::Duration;
    /// use rtc_client::ClientBuilder;
    ///
    /// let client = ClientBuilder::from_env()?.timeout(Duration::from_secs(20)).build()?;
    /// # Ok::<(), rtc_client::BuildError>(())
    /// ```
    pub fn from_env() -> Result<Self, BuildError> {
        let builder = env::builder(&Surroundings::real())?;
        Ok(builder.connections(HyperTransport::builder().proxy_from_env()))
    }

    /// Where the service is: `https://host[:port][/prefix]` or the same with `http://`. Without a
    /// scheme `https://` is added. Default: `https://rtc-api.myhuaweicloud.com`.
    pub fn endpoint(mut self, endpoint: impl Into<String>) -> Self {
        self.endpoint = Some(endpoint.into());
        self
    }

    /// Signs every attempt with an access key (AK/SK).
    ///
    /// Set the [project](Self::project_id) too, or let it be [looked up](Self::project_lookup): the
    /// reference makes it mandatory with AK/SK.
    pub fn credentials(mut self, credentials: Credentials) -> Self {
        self.credentials = Some(credentials);
        self
    }

    /// Sends a user token of IAM (`X-Auth-Token`). A token is valid for 24 hours; this one is not
    /// renewed, see [`password_login`](Self::password_login).
    pub fn token(mut self, token: impl Into<String>) -> Self {
        self.token = Some(HeaderValue::try_from(token.into()).map(|mut token| {
            token.set_sensitive(true);
            token
        }));
        self
    }

    /// Uses another way to authenticate, such as one that fetches tokens.
    pub fn authenticate(mut self, authenticate: impl Authenticate) -> Self {
        self.authenticate = Some(Box::new(authenticate));
        self
    }

    /// The project, sent as `X-Project-Id`. The reference makes it mandatory with AK/SK; where it
    /// is not set, see [`project_lookup`](Self::project_lookup).
    pub fn project_id(mut self, project_id: impl Into<String>) -> Self {
        self.project_id = Some(project_id.into());
        self
    }

    /// Names the caller in `User-Agent`, after the name and version of this crate. The header is
    /// not signed, since proxies rewrite it.
    pub fn user_agent(mut self, product: impl Into<String>) -> Self {
        self.user_agent = Some(product.into());
        self
    }

    /// The longest time to connect, for each attempt: name resolution, proxy, TCP and TLS together.
    /// Default: [10 s](Self::DEFAULT_CONNECT_TIMEOUT). For one call:
    /// [`Client::with_connect_timeout`].
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.times.connect = timeout;
        self
    }

    /// The longest time of one attempt, from authentication to the last byte of the answer.
    /// Default: [20 s](Self::DEFAULT_ATTEMPT_TIMEOUT). For one call:
    /// [`Client::with_attempt_timeout`].
    pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.times.attempt = timeout;
        self
    }

    /// The longest time of a whole call, with all its attempts and the pauses between them. Default:
    /// [60 s](Self::DEFAULT_TIMEOUT). For one call: [`Client::with_timeout`].
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.times.call = timeout;
        self
    }

    /// When a call is attempted again. Default: [`Backoff`], three attempts in all;
    /// [`NoRetry`](crate::NoRetry) makes one.
    pub fn retry(mut self, policy: impl RetryPolicy) -> Self {
        self.retry = Box::new(policy);
        self
    }

    /// How many attempts the client, with all its clones, may make on top of one a call. Each
    /// takes one out; ten answered calls give one back. Where all fails, calls thus soon cost one
    /// attempt each. Default: [100](Self::DEFAULT_RETRY_BUDGET).
    pub fn retry_budget(mut self, attempts: u32) -> Self {
        self.retry_budget = attempts;
        self
    }

    /// Makes the random part of the pauses repeatable.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// Tells `observer` of every attempt and every call, for metrics.
    pub fn observe(mut self, observer: impl Observe) -> Self {
        self.observer = Some(Box::new(observer));
        self
    }

    /// The largest body of an answer, in bytes. Reading stops where it is passed. Default:
    /// [16 MiB](Self::DEFAULT_MAX_RESPONSE_BODY).
    pub fn max_response_body(mut self, bytes: usize) -> Self {
        self.max_body = bytes;
        self
    }

    /// How connections are made and kept: a proxy, certificates, bounds of the pool.
    ///
    /// ```
    /// use rtc_client::{Client, HyperTransport};
    ///
    /// # fn main() -> Result<(), rtc_client::BuildError> {
    /// let client = Client::builder()
    ///     .endpoint("http://rtc.example")
    ///     .token("t")
    ///     .connections(HyperTransport::builder().proxy("socks5h://proxy.example:1080"))
    ///     .build()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn connections(mut self, settings: HyperTransportBuilder) -> Self {
        self.connections = settings;
        self
    }

    /// Carries the requests in another way than the [connections](Self::connections) would, or over
    /// a pool that is shared with other clients; see [`Transport`] and [`HyperTransport`].
    pub fn transport(mut self, transport: impl Transport) -> Self {
        self.transport = Some(Arc::new(transport));
        self
    }

    /// Takes the time of signing from `clock` in place of [`SystemTime::now`].
    pub fn clock(mut self, clock: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        self.clock = Box::new(clock);
        self
    }

    /// Makes the client. Nothing is sent; for an `https` endpoint the system's root certificates
    /// are read from the disk.
    pub fn build(self) -> Result<Client, BuildError> {
        let endpoint = endpoint::parse(self.endpoint_text())?;
        let lookup = self.origins.lookup(self.endpoint.is_some(), self.project_id.is_some());
        let way = self.origins.way(self.credentials, self.token, self.authenticate, lookup)?;
        let text_header = |name, text: Option<String>| text.map(|text| text_header(name, text));
        let project_id = text_header("the project id", self.project_id).transpose()?;
        let user_agent = match &self.user_agent {
            None => HeaderValue::from_static(PRODUCT),
            Some(own) => {
                header("the user agent", HeaderValue::try_from(format!("{PRODUCT} {own}")))?
            }
        };
        let authority = endpoint.authority().map_or("", |authority| authority.as_str());
        let host = header("the host of the endpoint", HeaderValue::try_from(authority))?;
        let Times { connect, attempt, call } = self.times;
        for (timeout, name) in
            [(connect, "connect_timeout"), (attempt, "attempt_timeout"), (call, "timeout")]
        {
            if timeout.is_zero() {
                return Err(BuildError::ZeroTimeout { name });
            }
        }
        let carrier = match self.transport {
            Some(transport) => Carrier::Given(transport),
            // IAM is reached by https as a rule.
            None if endpoint::is_https(&endpoint)
                || (cfg!(feature = "rustls") && way.asks_iam()) =>
            {
                Carrier::Hyper(Arc::new(tls(&endpoint, self.connections)?))
            }
            None => Carrier::Hyper(Arc::new(self.connections.build_plain()?)),
        };
        let authentication = way.authentication(&carrier);
        let settings = Settings {
            endpoint,
            host,
            project_id,
            user_agent,
            authentication,
            carrier,
            clock: self.clock,
            max_body: self.max_body,
            retry: self.retry,
            budget: Budget::new(self.retry_budget),
            random: Mutex::new(self.seed.map_or_else(fastrand::Rng::new, fastrand::Rng::with_seed)),
            offset: Offset::default(),
            observer: self.observer,
        };
        Ok(Client::new(settings, self.times))
    }
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // An endpoint with a password in it is refused later, but may be shown before.
        let endpoint = endpoint::parse(self.endpoint_text());
        f.debug_struct("ClientBuilder")
            .field("endpoint", &endpoint.as_ref().map_err(|_| "(not valid)"))
            .field("credentials", &self.credentials)
            .field("token", &self.token)
            .field("origins", &self.origins)
            .field("project_id", &self.project_id)
            .field("user_agent", &self.user_agent)
            .field("times", &self.times)
            .field("max_response_body", &self.max_body)
            .finish_non_exhaustive()
    }
}

/// Refuses keys that cannot be sent or signed with.
pub(crate) fn check_keys(credentials: &Credentials) -> Result<(), BuildError> {
    let name = "the access key";
    refuse_blank(name, credentials.access_key().as_bytes())?;
    header(name, HeaderValue::from_str(credentials.access_key()))?;
    // Not sent, but a line break that was copied along would end as a bare 401.
    let (name, secret_key) = ("the secret key", credentials.secret_key().expose_secret());
    refuse_blank(name, secret_key.as_bytes())?;
    header(name, HeaderValue::from_bytes(secret_key.as_bytes()))?;
    if let Some(token) = credentials.security_token() {
        let (name, token) = ("the security token", token.expose_secret());
        refuse_blank(name, token.as_bytes())?;
        header(name, HeaderValue::from_str(token))?;
    }
    Ok(())
}

/// A header of a text that must not be blank.
pub(crate) fn text_header(name: &'static str, text: String) -> Result<HeaderValue, BuildError> {
    refuse_blank(name, text.as_bytes())?;
    header(name, HeaderValue::try_from(text))
}

fn token(token: Result<HeaderValue, InvalidHeaderValue>) -> Result<HeaderValue, BuildError> {
    let token = header("the token", token)?;
    refuse_blank("the token", token.as_bytes())?;
    Ok(token)
}

fn refuse_blank(name: &'static str, text: &[u8]) -> Result<(), BuildError> {
    if text.trim_ascii().is_empty() { Err(BuildError::Empty { name }) } else { Ok(()) }
}

fn header(
    name: &'static str,
    value: Result<HeaderValue, InvalidHeaderValue>,
) -> Result<HeaderValue, BuildError> {
    value.map_err(|source| BuildError::Header { name, source })
}

#[cfg(feature = "rustls")]
fn tls(
    _endpoint: &http::Uri,
    connections: HyperTransportBuilder,
) -> Result<HyperTransport, BuildError> {
    Ok(connections.build()?)
}

#[cfg(not(feature = "rustls"))]
fn tls(
    endpoint: &http::Uri,
    _connections: HyperTransportBuilder,
) -> Result<HyperTransport, BuildError> {
    Err(BuildError::TlsNotBuilt { endpoint: endpoint.clone() })
}

#[cfg(test)]
mod tests;
