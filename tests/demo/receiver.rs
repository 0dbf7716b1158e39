//! A backend that is told of recordings: it verifies what comes and believes nothing else.

use std::convert::Infallible;
use std::io;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use rtc_model::callback::{ACCEPTED, Notification};
use rtc_signer::{CallbackVerifier, EmptyKeyError, RecentCallbacks, WhenFull};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

const PATIENCE: Duration = Duration::from_secs(10);

/// What came, and what was found of it.
pub(crate) type Found = Result<Notification, String>;

/// A receiver that listens.
pub(crate) struct Receiver {
    pub(crate) url: String,
    found: mpsc::UnboundedReceiver<Found>,
}

impl Receiver {
    pub(crate) async fn start(auth_key: &str) -> io::Result<Self> {
        let backend = Backend::new(auth_key).map_err(io::Error::other)?;
        let backend = Arc::new(backend);
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}/rtc", listener.local_addr()?);
        let (tell, found) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (backend, tell) = (Arc::clone(&backend), tell.clone());
                tokio::spawn(async move {
                    let service = service_fn(|request| answer(&backend, &tell, request));
                    let connection = http1::Builder::new();
                    // A sender that goes away is none of ours.
                    let _ = connection.serve_connection(TokioIo::new(stream), service).await;
                });
            }
        });
        Ok(Self { url, found })
    }

    /// What was found of the next one.
    pub(crate) async fn next(&mut self) -> io::Result<Found> {
        let next = tokio::time::timeout(PATIENCE, self.found.recv()).await;
        next.ok().flatten().ok_or_else(|| io::Error::other("no notification came"))
    }
}

struct Backend {
    verifier: CallbackVerifier,
    recent: RecentCallbacks,
}

impl Backend {
    fn new(auth_key: &str) -> Result<Self, EmptyKeyError> {
        let remembered = const { NonZeroUsize::new(1_000).unwrap() };
        Ok(Self {
            verifier: CallbackVerifier::new("demo", auth_key)?,
            recent: RecentCallbacks::new(remembered, WhenFull::Refuse),
        })
    }

    fn receive(&self, headers: &HeaderMap, body: &[u8]) -> (StatusCode, Found) {
        let (now, read) = (SystemTime::now(), Notification::from_json);
        match self.verifier.receive(headers, body, now, &self.recent, read) {
            Ok((notification, _)) => (StatusCode::OK, Ok(notification)),
            Err(error) => (error.status(), Err(error.to_string())),
        }
    }
}

async fn answer(
    backend: &Backend,
    tell: &mpsc::UnboundedSender<Found>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let mut response = Response::new(Full::default());
    *response.status_mut() = match Limited::new(body, 64 << 10).collect().await {
        Ok(body) => {
            let (status, found) = backend.receive(&head.headers, &body.to_bytes());
            // Nobody listens any more when the demo is over.
            let _ = tell.send(found);
            status
        }
        Err(_) => StatusCode::BAD_REQUEST,
    };
    if response.status() == StatusCode::OK {
        *response.body_mut() = Full::from(ACCEPTED);
    }
    Ok(response)
}
