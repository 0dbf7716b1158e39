//! The transport on hyper: one shared pool of connections.

mod builder;
mod connection;
mod connector;
mod pool;
#[cfg(feature = "rustls")]
mod tls;

#[cfg(feature = "rustls")]
use std::error::Error as StdError;
use std::fmt;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;

use bytes::Bytes;
use http::header::PROXY_AUTHORIZATION;
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Body as _, Incoming};
use hyper::client::conn::TrySendError;
use hyper_util::client::legacy::connect::HttpConnector;
use tokio::sync::Semaphore;
use tokio::time::{Instant, Sleep, sleep_until};

pub use self::builder::{HyperTransportBuilder, TransportBuildError};
use self::connection::BoxError;
use self::connector::{Proxies, TlsAbove};
use self::pool::Pool;
#[cfg(feature = "rustls")]
pub use self::tls::TlsError;
use crate::transport::{
    BoxFuture, Delivery, Limits, Transport, TransportError, TransportErrorKind,
};

/// The most that is set aside for a body on the word of its `Content-Length`.
const FIRST_PIECE: usize = 64 * 1024;

/// HTTP by hyper over one pool of connections, which clones share.
///
/// The head of an answer may have 100 headers; one that has more, or that does not end within the
/// 408 KiB that are read of it, is an error of the kind [`TransportErrorKind::HeadTooLarge`].
///
/// The [builder](crate::Client::builder) of a client makes one by itself; make it by hand to share
/// the pool between clients, for a proxy, for certificates of one's own, or for other bounds: see
/// [`builder`](Self::builder).
///
/// ```
/// use rtc_client::{Client, HyperTransport};
///
/// # fn main() -> Result<(), rtc_client::BuildError> {
/// let transport = HyperTransport::plain();
/// let builder = || Client::builder().endpoint("http://127.0.0.1:8470");
/// let alice = builder().token("Alice's token").transport(transport.clone()).build()?;
/// let bob = builder().token("Bob's token").transport(transport).build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct HyperTransport {
    pool: Arc<Pool>,
    /// What the connections can carry.
    tls: TlsAbove,
    /// A permit for each request on its way.
    turns: Arc<Semaphore>,
    proxies: Option<Arc<Proxies>>,
}

impl HyperTransport {
    /// Settings to make a transport of.
    pub fn builder() -> HyperTransportBuilder {
        HyperTransportBuilder::new()
    }

    /// A transport for `http` only, with the settings that [`builder`](Self::builder) begins with.
    pub fn plain() -> Self {
        Self::builder().plain(None)
    }

    /// A transport for `https` and `http`, with ring and the system's root certificates.
    ///
    /// Reads the certificates from the disk, so make it once. Fails if there is none.
    ///
    /// ```no_run
    /// use rtc_client::{Client, HyperTransport};
    ///
    /// let transport = HyperTransport::tls()?;
    /// let client = Client::builder().token("a token").transport(transport).build()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[cfg(feature = "rustls")]
    pub fn tls() -> Result<Self, TransportBuildError> {
        Self::builder().build()
    }

    /// Sends a request and reads its answer.
    pub(super) async fn exchange(
        &self,
        request: Request<Bytes>,
        limits: Limits,
    ) -> Result<Response<Bytes>, TransportError> {
        let deadline = Instant::from_std(limits.deadline);
        if deadline <= Instant::now() {
            // A timer that has run out is not looked at before what is ready at once.
            return Err(timed_out(Delivery::NotSent));
        }
        let mut deadline = pin!(sleep_until(deadline));
        let Some(turn) = before(&mut deadline, self.turns.acquire()).await else {
            return Err(TransportError::new(TransportErrorKind::Timeout, Delivery::NotSent)
                .with_source(NoTurn));
        };
        let origin = self.pool.origin(request.uri()).ok_or_else(|| no_connection(NoOrigin))?;
        let connection = self.pool.connection(&origin, limits.connect_timeout);
        let mut connection = match before(&mut deadline, connection).await {
            Some(Ok(connection)) => connection,
            Some(Err(error)) => return Err(not_connected(error)),
            None => return Err(timed_out(Delivery::NotSent)),
        };
        let mut request = request.map(Full::new);
        if let Some(value) = self.proxies.as_ref().and_then(|by| by.authorization(request.uri())) {
            request.headers_mut().insert(PROXY_AUTHORIZATION, value);
        }
        let response = match before(&mut deadline, connection.send(request)).await {
            Some(Ok(response)) => response,
            Some(Err(error)) => return Err(failed(error)),
            None => return Err(timed_out(Delivery::Unknown)),
        };
        let (head, body) = response.into_parts();
        let body = before(&mut deadline, read(body, limits.max_body))
            .await
            .unwrap_or_else(|| Err(timed_out(Delivery::Answered)));
        let body = match body {
            Ok(body) => body,
            Err(error) => return Err(error.with_head(head)),
        };
        self.pool.give_back(&origin, connection);
        drop(turn);
        Ok(Response::from_parts(head, body))
    }
}

impl Transport for HyperTransport {
    fn call(
        &self,
        request: Request<Bytes>,
        limits: Limits,
    ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        Box::pin(self.exchange(request, limits))
    }
}

impl fmt::Debug for HyperTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = match self.tls {
            TlsAbove::No => "http",
            #[cfg(feature = "rustls")]
            TlsAbove::Yes => "https",
        };
        f.debug_struct("HyperTransport").field("scheme", &scheme).finish_non_exhaustive()
    }
}

fn tcp() -> HttpConnector {
    let mut tcp = HttpConnector::new();
    tcp.set_nodelay(true);
    // Of https too it is the TCP connection that is made here; see `Connector`.
    tcp.enforce_http(false);
    tcp
}

fn no_connection(source: impl Into<BoxError>) -> TransportError {
    TransportError::new(TransportErrorKind::Connect, Delivery::NotSent).with_source(source)
}

fn not_connected(error: BoxError) -> TransportError {
    #[cfg(feature = "rustls")]
    if is_no_tls(&*error) {
        return no_connection(NoTls { source: error });
    }
    no_connection(error)
}

fn failed(error: TrySendError<Request<Full<Bytes>>>) -> TransportError {
    // hyper gives the request back where it still held it when the connection ended.
    let is_unsent = error.message().is_some();
    let error = error.into_error();
    let (kind, delivery) = if is_head_too_large(&error) {
        (TransportErrorKind::HeadTooLarge, Delivery::Answered)
    } else if is_unsent {
        (TransportErrorKind::Exchange, Delivery::NotSent)
    } else {
        (TransportErrorKind::Exchange, Delivery::Unknown)
    };
    TransportError::new(kind, delivery).with_source(error)
}

/// Whether the head of an answer passed a bound.
fn is_head_too_large(error: &hyper::Error) -> bool {
    // hyper has a method for it in builds with its server only; others tell it by the text alone.
    error.is_parse() && error.to_string() == "message head is too large"
}

/// Whether what the peer sent in the place of a TLS record is none.
#[cfg(feature = "rustls")]
fn is_no_tls(error: &(dyn StdError + 'static)) -> bool {
    use rustls::{Error, InvalidMessage};

    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(Error::InvalidMessage(InvalidMessage::InvalidContentType)) =
            error.downcast_ref()
        {
            return true;
        }
        // What an I/O error holds is not its source.
        let held = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        next = match held {
            Some(held) => Some(held),
            None => error.source(),
        };
    }
    false
}

fn timed_out(delivery: Delivery) -> TransportError {
    TransportError::new(TransportErrorKind::Timeout, delivery)
}

/// What a future gives, or nothing once the deadline has passed: one timer for all the steps of a
/// call.
async fn before<F: Future>(deadline: &mut Pin<&mut Sleep>, future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending => deadline.as_mut().poll(context).map(|()| None),
    })
    .await
}

/// Reads a body of at most `max` bytes.
async fn read(mut body: Incoming, max: usize) -> Result<Bytes, TransportError> {
    let too_large = || TransportError::new(TransportErrorKind::BodyTooLarge, Delivery::Answered);
    let announced = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    if announced > max {
        return Err(too_large());
    }
    // As a rule all comes at once, and is passed on as it is.
    let mut first = Bytes::new();
    let mut whole = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| {
            TransportError::new(TransportErrorKind::Exchange, Delivery::Answered).with_source(error)
        })?;
        if let Ok(data) = frame.into_data() {
            if data.len() > max - first.len() - whole.len() {
                return Err(too_large());
            }
            if first.is_empty() && whole.is_empty() {
                first = data;
                continue;
            }
            if whole.is_empty() {
                whole.reserve_exact(announced.clamp(first.len(), FIRST_PIECE.max(first.len())));
                whole.extend_from_slice(&std::mem::take(&mut first));
            }
            let len = whole.len() + data.len();
            if len > whole.capacity() {
                // Twice as much each time, but never beyond the bound.
                whole.reserve_exact((2 * whole.capacity()).clamp(len, max) - whole.len());
            }
            whole.extend_from_slice(&data);
        }
    }
    Ok(if whole.is_empty() { first } else { whole.into() })
}

/// The source of a timeout before a request had its turn.
#[derive(Debug, thiserror::Error)]
#[error(
    "all connections were in use; raise max_connections of the transport, or call less at a time"
)]
struct NoTurn;

/// The source of a connect error whose peer answered in another protocol.
#[cfg(feature = "rustls")]
#[derive(Debug, thiserror::Error)]
#[error(
    "what the peer sent is no TLS; if it speaks plain http, write the endpoint with http:// (without a scheme it is https)"
)]
struct NoTls {
    source: BoxError,
}

/// The source of a connect error of a request that names no server.
#[derive(Debug, thiserror::Error)]
#[error("the URI of the request is not absolute")]
struct NoOrigin;

#[cfg(test)]
mod tests;
