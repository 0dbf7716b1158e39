//! The seam that carries one request to the service and its answer back.

mod hyper;

use std::error::Error as StdError;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Request, Response, response};
use tokio::time::timeout_at;

#[cfg(feature = "rustls")]
pub use self::hyper::TlsError;
pub use self::hyper::{HyperTransport, HyperTransportBuilder, TransportBuildError};

/// A boxed future, so that [`Transport`] and [`Authenticate`](crate::Authenticate) can be used as
/// trait objects.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Carries one request to the service and its answer back.
///
/// Every answer that arrives whole is an `Ok`, whatever its status. A transport sends a request at
/// most once, does not follow redirects and changes no header that is there.
/// Where a request was surely not sent, the client may call again, dated and signed anew.
///
/// ```
/// use bytes::Bytes;
/// use http::{Request, Response};
/// use rtc_client::{BoxFuture, Client, Limits, Transport, TransportError};
///
/// /// Answers without a network.
/// struct Canned;
///
/// impl Transport for Canned {
///     fn call(
///         &self,
///         _request: Request<Bytes>,
///         _limits: Limits,
///     ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
///         let answer = Response::new(Bytes::from_static(br#"{"app_id":"a1"}"#));
///         Box::pin(std::future::ready(Ok(answer)))
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let client = Client::builder()
///     .endpoint("http://rtc.example")
///     .token("a user token")
///     .transport(Canned)
///     .build()?;
/// let app = client.show_app("a1").await?.into_output();
/// assert_eq!(app.app_id, Some("a1".into()));
/// # Ok(())
/// # }
/// ```
pub trait Transport: Send + Sync + 'static {
    /// Sends `request`, whose URI is absolute, and reads the answer within `limits`.
    fn call(
        &self,
        request: Request<Bytes>,
        limits: Limits,
    ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>>;
}

impl<T: Transport + ?Sized> Transport for Arc<T> {
    fn call(
        &self,
        request: Request<Bytes>,
        limits: Limits,
    ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        (**self).call(request, limits)
    }
}

/// What carries the requests of a client.
#[derive(Clone)]
pub(crate) enum Carrier {
    /// The transport of its own, called without a box for each request.
    Hyper(Arc<HyperTransport>),
    Given(Arc<dyn Transport>),
}

impl Carrier {
    pub(crate) async fn call(
        &self,
        request: Request<Bytes>,
        limits: Limits,
    ) -> Result<Response<Bytes>, TransportError> {
        match self {
            // It keeps to the deadline and knows more when that passes.
            Self::Hyper(hyper) => hyper.exchange(request, limits).await,
            Self::Given(given) => {
                let deadline = tokio::time::Instant::from_std(limits.deadline);
                timeout_at(deadline, given.call(request, limits)).await.unwrap_or_else(|_| {
                    Err(TransportError::new(TransportErrorKind::Timeout, Delivery::Unknown))
                })
            }
        }
    }

    pub(crate) fn to_shared(&self) -> Arc<dyn Transport> {
        match self {
            Self::Hyper(hyper) => Arc::<HyperTransport>::clone(hyper),
            Self::Given(given) => Arc::clone(given),
        }
    }
}

/// What a transport must keep to.
///
/// ```
/// use std::time::{Duration, Instant};
/// use rtc_client::Limits;
///
/// let deadline = Instant::now() + Duration::from_secs(20);
/// let limits = Limits::new(16 * 1024, deadline).connect_timeout(Duration::from_secs(5));
/// assert_eq!((limits.max_body, limits.deadline), (16 * 1024, deadline));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// The largest body of an answer, in bytes. A transport stops as soon as it is passed.
    pub max_body: usize,
    /// When the answer must be there as a whole, by tokio's clock.
    pub deadline: Instant,
    /// How long it may take until a connection is there: name resolution, proxy, TCP and TLS.
    pub connect_timeout: Duration,
}

impl Limits {
    /// Limits of the body and of the time, which holds for connecting too.
    pub fn new(max_body: usize, deadline: Instant) -> Self {
        Self { max_body, deadline, connect_timeout: Duration::MAX }
    }

    /// Sets the time to connect.
    #[must_use]
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }
}

/// Whether the service may have acted on a request.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use rtc_client::model::apps::AppReq;
/// use rtc_client::{Client, Delivery};
///
/// // Connections can be made, but what comes is not answered.
/// let peer = std::net::TcpListener::bind("127.0.0.1:0")?;
/// let endpoint = format!("http://{}", peer.local_addr()?);
/// let client = Client::builder().endpoint(endpoint).token("t").build()?;
/// let client = client.with_timeout(std::time::Duration::from_millis(200));
///
/// let error = client.create_app(AppReq::new("classroom")).await.unwrap_err();
/// match error.delivery() {
///     Delivery::NotSent => println!("to be called again"),
///     Delivery::Unknown => println!("is there an app of this name now?"),
///     _ => println!("{error}"),
/// }
/// assert_eq!(error.delivery(), Delivery::Unknown);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Delivery {
    /// The request did not leave this machine: sending it again repeats nothing.
    NotSent,
    /// The request was sent, or a part of it, and no answer came: it may have been processed.
    Unknown,
    /// The answer came, or its beginning.
    Answered,
}

/// Why a transport brought no answer.
///
/// `Display` gives this level only; what lies below is the source.
pub struct TransportError {
    kind: TransportErrorKind,
    delivery: Delivery,
    head: Option<Box<response::Parts>>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// The kinds of [`TransportError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TransportErrorKind {
    /// No connection came about: name resolution, TCP, TLS, or too long for the connect timeout.
    Connect,
    /// The deadline passed.
    Timeout,
    /// The connection broke, or the peer sent what is no HTTP. With [`Delivery::NotSent`]: the
    /// connection turned out to be closed before the first byte of the request was written. Another
    /// attempt does no harm then; the [policy](crate::RetryPolicy) decides whether there is one.
    Exchange,
    /// The body of the answer is larger than allowed.
    BodyTooLarge,
    /// The head of the answer is larger than allowed; nothing is known of it.
    HeadTooLarge,
}

impl TransportError {
    /// Makes an error of its kind and of what is known about the request.
    ///
    /// ```
    /// use rtc_client::{Delivery, TransportError, TransportErrorKind};
    ///
    /// let error = TransportError::new(TransportErrorKind::Connect, Delivery::NotSent)
    ///     .with_source(std::io::Error::other("the network is down"));
    /// assert_eq!(error.delivery(), Delivery::NotSent);
    /// ```
    pub fn new(kind: TransportErrorKind, delivery: Delivery) -> Self {
        Self { kind, delivery, head: None, source: None }
    }

    /// Adds what lies below, which must not show a secret.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Adds the head of the answer, where it came before the error; the delivery is
    /// [`Delivery::Answered`] then.
    #[must_use]
    pub fn with_head(mut self, head: response::Parts) -> Self {
        self.head = Some(Box::new(head));
        self.delivery = Delivery::Answered;
        self
    }

    /// The kind.
    pub fn kind(&self) -> TransportErrorKind {
        self.kind
    }

    /// Whether the service may have acted on the request.
    pub fn delivery(&self) -> Delivery {
        self.delivery
    }

    /// The head of the answer, where it came before the error.
    pub fn head(&self) -> Option<&response::Parts> {
        self.head.as_deref()
    }

    pub(crate) fn head_mut(&mut self) -> Option<&mut response::Parts> {
        self.head.as_deref_mut()
    }
}

impl fmt::Debug for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Headers of an answer may hold secrets, a cookie for instance.
        f.debug_struct("TransportError")
            .field("kind", &self.kind)
            .field("delivery", &self.delivery)
            .field("status", &self.head().map(|head| head.status))
            .field("source", &self.source)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            TransportErrorKind::Connect => "no connection to the endpoint was made",
            TransportErrorKind::Timeout => "the deadline of the call passed",
            TransportErrorKind::Exchange => "the exchange over the connection failed",
            TransportErrorKind::BodyTooLarge => "the body is larger than allowed",
            TransportErrorKind::HeadTooLarge => "the head of the answer is larger than allowed",
        })?;
        f.write_str(match self.delivery {
            Delivery::NotSent => "; the request was not sent",
            Delivery::Unknown => "; the request may have been processed",
            Delivery::Answered => "; the answer had begun",
        })
    }
}

impl StdError for TransportError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        let source: &(dyn StdError + 'static) = self.source.as_deref()?;
        Some(source)
    }
}
