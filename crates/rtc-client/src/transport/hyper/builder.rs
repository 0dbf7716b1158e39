//! The settings of the transport on hyper.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::Uri;
use hyper_util::client::proxy::matcher::Matcher;
use tokio::sync::Semaphore;

use super::connection::{Dial, Dialer};
use super::connector::{Connector, Loopback, Proxies, TlsAbove};
use super::pool::{Keep, Pool};
#[cfg(feature = "rustls")]
use super::tls::{Identity, Roots, TlsError};
use super::{HyperTransport, tcp};

/// The settings of a [`HyperTransport`].
///
/// ```
/// use rtc_client::{Client, HyperTransport};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let transport = HyperTransport::builder()
///     .proxy("http://proxy.example:3128")
///     .max_connections(16)
///     .build_plain()?;
/// let client = Client::builder()
///     .endpoint("http://rtc.example")
///     .token("t")
///     .transport(transport)
///     .build()?;
/// # Ok(())
/// # }
/// ```
#[must_use]
pub struct HyperTransportBuilder {
    max_connections: usize,
    max_idle: usize,
    idle_timeout: Duration,
    proxy: Proxy,
    #[cfg(feature = "rustls")]
    roots: Roots,
    #[cfg(feature = "rustls")]
    identity: Option<Identity>,
    #[cfg(feature = "http2")]
    http2: Http2,
}

enum Proxy {
    None,
    Given(String),
    Environment,
}

/// Whether HTTP/2 is offered to a server with TLS.
#[cfg(feature = "http2")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Http2 {
    Offered,
    No,
}

impl HyperTransportBuilder {
    /// Requests on their way at a time: 256.
    pub const DEFAULT_MAX_CONNECTIONS: usize = 256;
    /// Unused connections that are kept to a server: 64.
    pub const DEFAULT_MAX_IDLE: usize = 64;
    /// How long an unused connection is kept: 60 s, below the 75 s after which common servers close
    /// one.
    pub const DEFAULT_IDLE_TIMEOUT: Duration = Duration::from_secs(60);

    pub(super) fn new() -> Self {
        Self {
            max_connections: Self::DEFAULT_MAX_CONNECTIONS,
            max_idle: Self::DEFAULT_MAX_IDLE,
            idle_timeout: Self::DEFAULT_IDLE_TIMEOUT,
            proxy: Proxy::None,
            #[cfg(feature = "rustls")]
            roots: Roots::System,
            #[cfg(feature = "rustls")]
            identity: None,
            #[cfg(feature = "http2")]
            http2: Http2::No,
        }
    }

    /// How many requests are on their way at a time, to all servers together, each on a connection
    /// of its own with HTTP/1.1. A call too many waits for its turn, within its time. At least 1.
    /// Default: [256](Self::DEFAULT_MAX_CONNECTIONS).
    ///
    /// Connections that are kept unused to other servers come on top: see
    /// [`max_idle`](Self::max_idle).
    pub fn max_connections(mut self, connections: usize) -> Self {
        self.max_connections = connections;
        self
    }

    /// How many unused connections are kept to each server, which are as a rule the service and IAM.
    /// Default: [64](Self::DEFAULT_MAX_IDLE).
    pub fn max_idle(mut self, connections: usize) -> Self {
        self.max_idle = connections;
        self
    }

    /// How long an unused connection is kept. Default: [60 s](Self::DEFAULT_IDLE_TIMEOUT).
    pub fn idle_timeout(mut self, time: Duration) -> Self {
        self.idle_timeout = time;
        self
    }

    /// Reaches the service by a proxy: `http://[user:password@]host:port`, or the same with
    /// `socks5://`, `socks5h://` (the proxy resolves the name), `socks4://` or `socks4a://`.
    ///
    /// With `socks5://` and `socks4://` this machine resolves the name, which holds up the runtime
    /// for as long as that takes, and which no time-out ends; prefer `socks5h://` and `socks4a://`.
    ///
    /// An https endpoint is reached through a tunnel (`CONNECT`), so the proxy sees no request. The
    /// link-local address of [server metadata](crate::MetadataCredentials) is reached directly.
    pub fn proxy(mut self, url: impl Into<String>) -> Self {
        self.proxy = Proxy::Given(url.into());
        self
    }

    /// Reaches the service by the proxy that `HTTPS_PROXY`, `HTTP_PROXY` or `ALL_PROXY` name, in
    /// capitals or not, unless `NO_PROXY` spares its host. This machine itself (`localhost`,
    /// `127.0.0.1`, `[::1]`) and the link-local address of
    /// [server metadata](crate::MetadataCredentials) are always reached directly.
    ///
    /// `NO_PROXY` is a list parted by commas: names, which spare what ends in them too
    /// (`rtc.example` also `a.rtc.example`), addresses, and networks (`10.0.0.0/8`). `*` spares all
    /// names, not addresses. Within CGI, where `REQUEST_METHOD` is set, there is no proxy, since a
    /// request could name one there.
    ///
    /// ```
    /// use rtc_client::{Client, HyperTransport};
    ///
    /// # fn main() -> Result<(), rtc_client::BuildError> {
    /// let client = Client::builder()
    ///     .endpoint("http://rtc.example")
    ///     .token("t")
    ///     .connections(HyperTransport::builder().proxy_from_env())
    ///     .build()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn proxy_from_env(mut self) -> Self {
        self.proxy = Proxy::Environment;
        self
    }

    /// Trusts the certificates in this PEM text, and no longer those of the system.
    ///
    /// ```no_run
    /// use rtc_client::HyperTransport;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let company = std::fs::read("/etc/ssl/company.pem")?;
    /// let transport = HyperTransport::builder().root_certificates(company).build()?;
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(feature = "rustls")]
    pub fn root_certificates(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.roots = Roots::Given(pem.into());
        self
    }

    /// Shows this certificate to a server that asks for one: the chain, the own certificate first,
    /// and its private key, both as PEM.
    ///
    /// ```no_run
    /// use rtc_client::HyperTransport;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let (chain, key) = (std::fs::read("client.pem")?, std::fs::read("client.key")?);
    /// let transport = HyperTransport::builder().client_certificate(chain, key).build()?;
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(feature = "rustls")]
    pub fn client_certificate(
        mut self,
        chain_pem: impl Into<Vec<u8>>,
        key_pem: impl Into<Vec<u8>>,
    ) -> Self {
        self.identity = Some(Identity { chain: chain_pem.into(), key: key_pem.into() });
        self
    }

    /// Offers HTTP/2 to an https endpoint, which then carries many requests over one connection.
    /// Without it, and for http, requests go by HTTP/1.1.
    ///
    /// A call whose time is up while it waits for its turn on the connection, since the server
    /// allows only so many requests at once, counts as one that may have been sent.
    ///
    /// ```no_run
    /// use rtc_client::{Client, HyperTransport};
    ///
    /// # fn main() -> Result<(), rtc_client::BuildError> {
    /// let client =
    ///     Client::builder().token("t").connections(HyperTransport::builder().http2()).build()?;
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(feature = "http2")]
    pub fn http2(mut self) -> Self {
        self.http2 = Http2::Offered;
        self
    }

    /// Makes a transport for `https` and `http`. Unless certificates are given, those of the
    /// system are read from the disk.
    #[cfg(feature = "rustls")]
    pub fn build(self) -> Result<HyperTransport, TransportBuildError> {
        let config = super::tls::config(&self.roots, self.identity.as_ref())?;
        self.with_tls(config)
    }

    #[cfg(feature = "rustls")]
    pub(super) fn with_tls(
        self,
        config: rustls::ClientConfig,
    ) -> Result<HyperTransport, TransportBuildError> {
        let proxies = self.proxies()?;
        let tcp = Connector { tcp: tcp(), proxies: proxies.clone(), tls: TlsAbove::Yes };
        let tls =
            hyper_rustls::HttpsConnectorBuilder::new().with_tls_config(config).https_or_http();
        #[cfg(feature = "http2")]
        if self.http2 == Http2::Offered {
            let dialer = Dialer(tls.enable_all_versions().wrap_connector(tcp));
            return Ok(self.over(dialer, TlsAbove::Yes, proxies));
        }
        let dialer = Dialer(tls.enable_http1().wrap_connector(tcp));
        Ok(self.over(dialer, TlsAbove::Yes, proxies))
    }

    /// Makes a transport for `http` only.
    pub fn build_plain(self) -> Result<HyperTransport, TransportBuildError> {
        let proxies = self.proxies()?;
        Ok(self.plain(proxies))
    }

    pub(super) fn plain(&self, proxies: Option<Arc<Proxies>>) -> HyperTransport {
        let tcp = Connector { tcp: tcp(), proxies: proxies.clone(), tls: TlsAbove::No };
        self.over(Dialer(tcp), TlsAbove::No, proxies)
    }

    fn over(
        &self,
        dialer: impl Dial + 'static,
        tls: TlsAbove,
        proxies: Option<Arc<Proxies>>,
    ) -> HyperTransport {
        let keep = Keep { connections: self.max_idle, time: self.idle_timeout };
        #[cfg(feature = "http2")]
        let many_over_one = self.http2 == Http2::Offered;
        #[cfg(not(feature = "http2"))]
        let many_over_one = false;
        let pool = Arc::new(Pool::new(dialer, keep, many_over_one));
        let most = self.max_connections.clamp(1, Semaphore::MAX_PERMITS);
        HyperTransport { pool, tls, turns: Arc::new(Semaphore::new(most)), proxies }
    }

    fn proxies(&self) -> Result<Option<Arc<Proxies>>, TransportBuildError> {
        let (matcher, loopback) = match &self.proxy {
            Proxy::None => return Ok(None),
            Proxy::Environment => (Matcher::from_env(), Loopback::Direct),
            Proxy::Given(url) => (one_proxy(url)?, Loopback::ByProxy),
        };
        Ok(Some(Arc::new(Proxies::new(matcher, loopback))))
    }
}

/// The proxy for all hosts.
fn one_proxy(url: &str) -> Result<Matcher, TransportBuildError> {
    let matcher = Matcher::builder().all(url).build();
    // The matcher passes over what it cannot read.
    let proxy = matcher.intercept(&Uri::from_static("http://rtc.example/"));
    match proxy {
        Some(proxy) if proxy.uri().scheme_str() != Some("https") => Ok(matcher),
        _ => Err(TransportBuildError::Proxy {
            // What stands before an @ may be a password.
            url: if url.contains('@') { "(hidden)".into() } else { url.into() },
        }),
    }
}

impl fmt::Debug for HyperTransportBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HyperTransportBuilder")
            .field("max_connections", &self.max_connections)
            .field("max_idle", &self.max_idle)
            .field("idle_timeout", &self.idle_timeout)
            .finish_non_exhaustive()
    }
}

/// Why no transport was made of the settings.
///
/// ```
/// use rtc_client::{HyperTransport, TransportBuildError};
///
/// let error = HyperTransport::builder().proxy("ftp://proxy.example").build_plain().unwrap_err();
/// assert!(matches!(error, TransportBuildError::Proxy { .. }), "{error}");
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TransportBuildError {
    /// The proxy cannot be used.
    #[error(
        "the proxy {url:?} cannot be used; give one like http://proxy.example:3128 or socks5://proxy.example:1080 (TLS to the proxy itself is not supported)"
    )]
    Proxy {
        /// The URL as it was given; nothing of it where it holds an `@`.
        url: String,
    },
    /// Certificates or keys cannot be used.
    #[cfg(feature = "rustls")]
    #[error("TLS cannot be set up")]
    Tls(
        #[source]
        #[from]
        TlsError,
    ),
}
