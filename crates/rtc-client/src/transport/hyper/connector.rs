//! How a connection comes about: directly, or by a proxy.

use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::uri::Scheme;
use http::{HeaderValue, Uri};
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::client::legacy::connect::proxy::{SocksV4, SocksV5, Tunnel};
use hyper_util::client::legacy::connect::{Connected, Connection, HttpConnector};
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tower_service::Service;

use super::connection::BoxError;
use crate::transport::BoxFuture;

/// Which proxy a host is reached by.
#[derive(Debug)]
pub(super) struct Proxies {
    matcher: Matcher,
    loopback: Loopback,
}

/// Whether a proxy is used to reach this machine itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Loopback {
    /// It is, as for any other host.
    ByProxy,
    /// It is not.
    Direct,
}

impl Proxies {
    pub(super) fn new(matcher: Matcher, loopback: Loopback) -> Self {
        Self { matcher, loopback }
    }

    fn intercept(&self, target: &Uri) -> Option<Intercept> {
        let spared = target.host().is_some_and(|host| {
            is_link_local(host) || (self.loopback == Loopback::Direct && is_loopback(host))
        });
        if spared { None } else { self.matcher.intercept(target) }
    }

    /// What a proxy must be sent with each plain request; a tunnel gets it once, when it is made.
    pub(super) fn authorization(&self, target: &Uri) -> Option<HeaderValue> {
        let intercept = self.intercept(target).filter(|by| forwards(target, by))?;
        let mut value = intercept.basic_auth()?.clone();
        value.set_sensitive(true);
        Some(value)
    }
}

fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// Whether the host is on this link only, as the metadata of a server is: what a proxy finds there
/// is that of the proxy's own machine.
fn is_link_local(host: &str) -> bool {
    host.parse::<Ipv4Addr>().is_ok_and(|ip| ip.is_link_local())
}

/// Whether the proxy is given whole requests and not a tunnel to the target.
fn forwards(target: &Uri, proxy: &Intercept) -> bool {
    target.scheme() == Some(&Scheme::HTTP) && proxy.uri().scheme() == Some(&Scheme::HTTP)
}

/// Connects by TCP. TLS, if there is to be any, is laid over it by another connector.
#[derive(Clone)]
pub(super) struct Connector {
    pub(super) tcp: HttpConnector,
    pub(super) proxies: Option<Arc<Proxies>>,
    pub(super) tls: TlsAbove,
}

/// Whether a connector that speaks TLS stands above.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TlsAbove {
    #[cfg(feature = "rustls")]
    Yes,
    No,
}

impl Connector {
    async fn connect(mut self, target: Uri) -> Result<Stream, BoxError> {
        if self.tls == TlsAbove::No && target.scheme() != Some(&Scheme::HTTP) {
            return Err("this transport has no TLS; it carries http only".into());
        }
        let by = self.proxies.as_ref().and_then(|proxies| proxies.intercept(&target));
        let Some(by) = by else {
            return Ok(Stream { tcp: self.tcp.call(target).await?, forwards: false });
        };
        if forwards(&target, &by) {
            return Ok(Stream { tcp: self.tcp.call(by.uri().clone()).await?, forwards: true });
        }
        // SOCKS asks for the port, which a URI may leave out.
        let target = with_port(target)?;
        let proxy = by.uri().clone();
        let tcp = match proxy.scheme_str() {
            Some("http") => {
                let mut tunnel = Tunnel::new(proxy, self.tcp);
                if let Some(auth) = by.basic_auth() {
                    tunnel = tunnel.with_auth(auth.clone());
                }
                tunnel.call(target).await?
            }
            Some(scheme @ ("socks5" | "socks5h")) => {
                let mut socks = SocksV5::new(proxy.clone(), self.tcp).local_dns(scheme == "socks5");
                if let Some((user, password)) = by.raw_auth() {
                    socks = socks.with_auth(user.to_owned(), password.to_owned());
                }
                socks.call(target).await?
            }
            Some(scheme @ ("socks4" | "socks4a")) => {
                SocksV4::new(proxy.clone(), self.tcp).local_dns(scheme == "socks4").call(target).await?
            }
            _ => return Err(format!("a proxy of the kind {proxy} is not supported; give one with http, socks5, socks5h, socks4 or socks4a").into()),
        };
        Ok(Stream { tcp, forwards: false })
    }
}

/// The same target with its port written out.
fn with_port(target: Uri) -> Result<Uri, http::Error> {
    if target.port().is_some() {
        return Ok(target);
    }
    let port = if target.scheme() == Some(&Scheme::HTTPS) { 443 } else { 80 };
    let host = target.host().unwrap_or_default();
    let authority = format!("{host}:{port}");
    let mut parts = target.into_parts();
    parts.authority = Some(authority.parse().map_err(http::Error::from)?);
    Ok(Uri::from_parts(parts)?)
}

impl Service<Uri> for Connector {
    type Response = Stream;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<Stream, BoxError>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.tcp.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, target: Uri) -> Self::Future {
        Box::pin(self.clone().connect(target))
    }
}

/// A connection, and whether its other end is a proxy that is given whole requests.
pub(super) struct Stream {
    tcp: TokioIo<TcpStream>,
    forwards: bool,
}

impl Connection for Stream {
    fn connected(&self) -> Connected {
        // Without the addresses, which would be copied into the extensions of every answer.
        Connected::new().proxy(self.forwards)
    }
}

impl Read for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_read(context, buffer)
    }
}

impl Write for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.tcp).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.tcp).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.tcp.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_shutdown(context)
    }
}
