//! A receiver of notifications that verifies them, and sometimes fails itself.

use std::io;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use bytes::Bytes;
use fastrand::Rng;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use rtc_model::JobId;
use rtc_model::callback::{ACCEPTED, Notification};
use rtc_signer::CallbackVerifier;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use super::figures::{Figures, TOLD_WRONG, locked};
use super::ledger::{Came, Ledger};
use super::mock::Mode;
use super::model::Formats;

/// The key of all callbacks.
pub(crate) const AUTH_KEY: &str = "0123456789abcdef0123456789abcdef";
/// The largest body that is read.
const LARGEST: usize = 64 << 10;

/// A receiver that listens.
#[derive(Debug, Clone)]
pub(crate) struct Receiver {
    pub(crate) url: String,
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    verifier: CallbackVerifier,
    ledger: Mutex<Ledger>,
    rng: Mutex<Rng>,
    figures: Arc<Figures>,
    refused: AtomicU64,
    connections: AtomicUsize,
    /// Moves when the connections are to be closed.
    close: watch::Sender<u64>,
}

impl Receiver {
    pub(crate) async fn start(
        seed: u64,
        mode: Mode,
        figures: Arc<Figures>,
    ) -> Result<Self, String> {
        let verifier =
            CallbackVerifier::new("soak", AUTH_KEY).map_err(|error| error.to_string())?;
        let inner = Arc::new(Inner {
            verifier,
            ledger: Mutex::new(Ledger::new(mode)),
            rng: Mutex::new(Rng::with_seed(seed)),
            figures,
            refused: AtomicU64::new(0),
            connections: AtomicUsize::new(0),
            close: watch::Sender::new(0),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(|error| error.to_string())?;
        let address = listener.local_addr().map_err(|error| error.to_string())?;
        let accepting = Arc::clone(&inner);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                accepting.connections.fetch_add(1, Ordering::Relaxed);
                tokio::spawn(serve(Arc::clone(&accepting), stream));
            }
        });
        Ok(Self { url: format!("http://{address}"), inner })
    }

    /// From now on all of this job is owed, since it is over.
    pub(crate) fn owe(&self, job: JobId, formats: Formats) {
        locked(&self.inner.ledger).owe(job, formats);
    }

    /// Of how many jobs something is owed; an error when it is owed for too long.
    pub(crate) fn owed(&self) -> Result<usize, String> {
        let settled = locked(&self.inner.ledger).settle();
        settled.inspect_err(|_| self.inner.figures.count(TOLD_WRONG))
    }

    /// Jobs that told something and that nobody has made.
    pub(crate) fn unowed(&self) -> Vec<JobId> {
        locked(&self.inner.ledger).unowed().cloned().collect()
    }

    /// How many notifications were not trusted.
    pub(crate) fn refused(&self) -> u64 {
        self.inner.refused.load(Ordering::Relaxed)
    }

    /// Closes the connections that nothing comes on; gives how many there still are.
    pub(crate) fn close_idle(&self) -> usize {
        self.inner.close.send_modify(|count| *count += 1);
        self.inner.connections.load(Ordering::Relaxed)
    }
}

async fn serve(inner: Arc<Inner>, stream: TcpStream) {
    let mut close = inner.close.subscribe();
    {
        let service = service_fn(|request| answer(&inner, request));
        let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
        tokio::pin!(connection);
        // What goes wrong with a connection is wanted here.
        tokio::select! {
            _ = connection.as_mut() => {}
            _ = close.changed() => {
                connection.as_mut().graceful_shutdown();
                let _ = connection.await;
            }
        }
    }
    inner.connections.fetch_sub(1, Ordering::Relaxed);
}

/// An answer, or none: then the connection ends.
async fn answer(
    inner: &Inner,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, io::Error> {
    let (head, body) = request.into_parts();
    let body = Limited::new(body, LARGEST).collect().await.map_err(io::Error::other)?.to_bytes();
    let figures = &inner.figures;
    if inner.verifier.verify(&head.headers, &body, SystemTime::now()).is_err() {
        inner.refused.fetch_add(1, Ordering::Relaxed);
        figures.count("notifications refused for their signature");
        return Ok(respond(StatusCode::UNAUTHORIZED));
    }
    let chance = locked(&inner.rng).u8(..100);
    if chance < 3 {
        figures.count("notifications that the receiver failed to take");
        return Ok(respond(StatusCode::INTERNAL_SERVER_ERROR));
    }
    let taken = Notification::from_json(&body).map_err(|error| error.to_string());
    match taken.and_then(|notification| locked(&inner.ledger).take(&notification)) {
        Ok(Came::First) => figures.count("notifications"),
        Ok(Came::Again) => figures.count("notifications that came again"),
        Err(error) => {
            figures.count(TOLD_WRONG);
            figures.violation(error);
        }
    }
    // Taken, but the sender is not told.
    match chance {
        3 => Ok(respond(StatusCode::SERVICE_UNAVAILABLE)),
        4 => Err(io::Error::other("no answer")),
        _ => Ok(respond(StatusCode::OK)),
    }
}

fn respond(status: StatusCode) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::from(ACCEPTED));
    *response.status_mut() = status;
    response
}
