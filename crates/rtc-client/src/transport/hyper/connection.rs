//! One connection: how it comes about, and a request over it.

use std::error::Error as StdError;
use std::future::poll_fn;

use bytes::Bytes;
use http::header::{HOST, HeaderValue};
use http::uri::{PathAndQuery, Scheme};
use http::{Request, Response, Uri};
use http_body_util::Full;
use hyper::body::Incoming;
#[cfg(feature = "http2")]
use hyper::client::conn::http2;
use hyper::client::conn::{TrySendError, http1};
use hyper::rt::{Read, Write};
use hyper_util::client::legacy::connect::{self, Connection as _};
use tower_service::Service;

use crate::transport::BoxFuture;

pub(super) type BoxError = Box<dyn StdError + Send + Sync>;

/// How much is read of a head that does not end. hyper allows 100 headers besides, which is not set
/// here since another number costs an allocation for each answer.
const MAX_HEAD: usize = 408 * 1024;

/// The end of a connection that requests are given to; a task of its own drives the other.
///
/// Dropped while an answer is on its way, it closes the connection.
pub(super) struct Connection {
    sender: Sender,
    /// Whether the other end is a proxy that is given whole requests.
    forwards: bool,
}

enum Sender {
    Http1(http1::SendRequest<Full<Bytes>>),
    #[cfg(feature = "http2")]
    Http2(http2::SendRequest<Full<Bytes>>),
}

impl Connection {
    /// Whether a request can be sent now.
    pub(super) fn is_ready(&self) -> bool {
        match &self.sender {
            Sender::Http1(sender) => sender.is_ready(),
            #[cfg(feature = "http2")]
            Sender::Http2(sender) => sender.is_ready(),
        }
    }

    pub(super) fn is_closed(&self) -> bool {
        match &self.sender {
            Sender::Http1(sender) => sender.is_closed(),
            #[cfg(feature = "http2")]
            Sender::Http2(sender) => sender.is_closed(),
        }
    }

    /// Waits until a request can be sent, which is never where the connection ends first.
    pub(super) async fn ready(&mut self) -> Result<(), hyper::Error> {
        match &mut self.sender {
            Sender::Http1(sender) => sender.ready().await,
            #[cfg(feature = "http2")]
            Sender::Http2(sender) => sender.ready().await,
        }
    }

    /// The same connection once more, where it carries many requests at a time.
    pub(super) fn shared(&self) -> Option<Self> {
        match &self.sender {
            Sender::Http1(_) => None,
            #[cfg(feature = "http2")]
            Sender::Http2(sender) => {
                Some(Self { sender: Sender::Http2(sender.clone()), forwards: self.forwards })
            }
        }
    }

    /// Sends a request with an absolute URI. An error that holds the request has sent nothing of it.
    pub(super) async fn send(
        &mut self,
        mut request: Request<Full<Bytes>>,
    ) -> Result<Response<Incoming>, TrySendError<Request<Full<Bytes>>>> {
        match &mut self.sender {
            Sender::Http1(sender) => {
                if !request.headers().contains_key(HOST)
                    && let Some(host) = host(request.uri())
                {
                    request.headers_mut().insert(HOST, host);
                }
                if !self.forwards {
                    let uri = std::mem::take(request.uri_mut());
                    *request.uri_mut() = path_only(uri);
                }
                sender.try_send_request(request).await
            }
            #[cfg(feature = "http2")]
            Sender::Http2(sender) => sender.try_send_request(request).await,
        }
    }
}

/// What `Host` says of a URI: its port only if that is not the scheme's own.
fn host(uri: &Uri) -> Option<HeaderValue> {
    let host = uri.host()?;
    let own = if uri.scheme() == Some(&Scheme::HTTPS) { 443 } else { 80 };
    match uri.port_u16().filter(|port| *port != own) {
        Some(port) => HeaderValue::try_from(format!("{host}:{port}")).ok(),
        None => HeaderValue::from_str(host).ok(),
    }
}

fn path_only(uri: Uri) -> Uri {
    let path = uri.into_parts().path_and_query;
    Uri::from(path.unwrap_or(const { PathAndQuery::from_static("/") }))
}

/// Makes connections.
pub(super) trait Dial: Send + Sync {
    /// Connects to the scheme, host and port of a URI.
    fn dial(&self, target: Uri) -> BoxFuture<'_, Result<Connection, BoxError>>;
}

/// Makes them by a connector, and speaks HTTP over what that gives.
pub(super) struct Dialer<C>(pub(super) C);

impl<C> Dial for Dialer<C>
where
    C: Service<Uri, Error: Into<BoxError>, Future: Send> + Clone + Send + Sync,
    C::Response: connect::Connection + Read + Write + Unpin + Send + 'static,
{
    fn dial(&self, target: Uri) -> BoxFuture<'_, Result<Connection, BoxError>> {
        let mut connector = self.0.clone();
        Box::pin(async move {
            poll_fn(|context| connector.poll_ready(context)).await.map_err(Into::into)?;
            let stream = connector.call(target).await.map_err(Into::into)?;
            let made = stream.connected();
            Ok(handshake(stream, &made).await?)
        })
    }
}

/// Speaks HTTP over a stream, as whoever made it has agreed.
pub(super) async fn handshake<S>(
    stream: S,
    made: &connect::Connected,
) -> Result<Connection, hyper::Error>
where
    S: Read + Write + Unpin + Send + 'static,
{
    let forwards = made.is_proxied();
    if made.is_negotiated_h2() {
        #[cfg(feature = "http2")]
        {
            let executor = hyper_util::rt::TokioExecutor::new();
            let (sender, driver) = http2::handshake(executor, stream).await?;
            // What ends a connection is told to the requests on it.
            tokio::spawn(async { drop(driver.await) });
            return Ok(Connection { sender: Sender::Http2(sender), forwards });
        }
    }
    let mut http1 = http1::Builder::new();
    // Bodies are small: to copy one behind its head costs less than to write the two by `writev`.
    let (sender, driver) = http1.writev(false).max_buf_size(MAX_HEAD).handshake(stream).await?;
    tokio::spawn(async { drop(driver.await) });
    Ok(Connection { sender: Sender::Http1(sender), forwards })
}
