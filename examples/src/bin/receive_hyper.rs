//! Receives notifications on raw hyper.
//!
//! `RTC_AUTH_KEY=… cargo run --package rtc-examples --bin receive_hyper -- 127.0.0.1:8480`

use std::convert::Infallible;
use std::error::Error;
use std::io::{self, Write as _};
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use rtc_model::callback::{ACCEPTED, Notification};
use rtc_signer::{CallbackError, CallbackVerifier, RecentCallbacks, WhenFull};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

/// A notification has less than 2 KB.
const MAX_BODY: usize = 64 << 10;
/// How long a head may take to arrive, and then a body.
const PATIENCE: Duration = Duration::from_secs(10);
/// How many connections are served at a time; further ones wait.
const MAX_CONNECTIONS: usize = 1_000;
/// More than come in ten minutes: so long one could be repeated.
const REMEMBERED: NonZeroUsize = NonZeroUsize::new(100_000).unwrap();

struct Receiver {
    verifier: CallbackVerifier,
    recent: RecentCallbacks,
}

impl Receiver {
    /// From headers and raw body to the status to answer.
    fn receive(&self, headers: &HeaderMap, body: &[u8]) -> StatusCode {
        let read = Notification::from_json;
        match self.verifier.receive(headers, body, SystemTime::now(), &self.recent, read) {
            Ok((notification, signed)) => match work(&notification) {
                Ok(()) => StatusCode::OK,
                Err(error) => {
                    // It shall not be taken for a repetition when it is sent again.
                    self.recent.forget(signed.pair());
                    eprintln!("cannot work: {error}");
                    StatusCode::INTERNAL_SERVER_ERROR
                }
            },
            Err(CallbackError::Replayed) => StatusCode::OK,
            Err(error) => {
                // The log is told why, a stranger is not.
                eprintln!("refused: {error}");
                error.status()
            }
        }
    }
}

/// What your program does with a notification; it is answered after this, so it should be short.
fn work(notification: &Notification) -> io::Result<()> {
    let event = notification.event_type.as_ref().map_or("?", |event| event.as_str());
    let object = notification.obs_object.as_deref().unwrap_or("-");
    writeln!(io::stdout(), "{event} {object}")
}

async fn answer(receiver: &Receiver, request: Request<Incoming>) -> Response<Full<Bytes>> {
    let (head, body) = request.into_parts();
    if head.method != Method::POST {
        return respond(StatusCode::METHOD_NOT_ALLOWED);
    }
    let body = Limited::new(body, MAX_BODY).collect();
    respond(match tokio::time::timeout(PATIENCE, body).await {
        Ok(Ok(body)) => receiver.receive(&head.headers, &body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => StatusCode::PAYLOAD_TOO_LARGE,
        Ok(Err(_)) => StatusCode::BAD_REQUEST,
        Err(_) => StatusCode::REQUEST_TIMEOUT,
    })
}

/// The answer of the reference, or a status without a word.
fn respond(status: StatusCode) -> Response<Full<Bytes>> {
    let mut response = Response::default();
    *response.status_mut() = status;
    if status == StatusCode::OK {
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        *response.body_mut() = Full::from(ACCEPTED);
    }
    response
}

#[tokio::main]
#[expect(clippy::print_stdout, reason = "the output of the program")]
async fn main() -> Result<(), Box<dyn Error>> {
    let key = std::env::var("RTC_AUTH_KEY").map_err(|_| "set RTC_AUTH_KEY to the auth_key")?;
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:8480".into());
    let verifier = CallbackVerifier::new("current", key)?;
    let recent = RecentCallbacks::new(REMEMBERED, WhenFull::Refuse);
    let receiver = Arc::new(Receiver { verifier, recent });

    let listener = TcpListener::bind(address).await?;
    println!("ready url=http://{}", listener.local_addr()?);
    let slots = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    loop {
        let slot = Arc::clone(&slots).acquire_owned().await?;
        let Ok((stream, _)) = listener.accept().await else {
            // Without a pause a full table of descriptors would spin a core.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let receiver = Arc::clone(&receiver);
        tokio::spawn(async move {
            let service = service_fn(|request| {
                let receiver = Arc::clone(&receiver);
                async move { Ok::<_, Infallible>(answer(&receiver, request).await) }
            });
            let mut http = http1::Builder::new();
            http.timer(TokioTimer::new()).header_read_timeout(PATIENCE);
            if let Err(error) = http.serve_connection(TokioIo::new(stream), service).await {
                eprintln!("connection ended: {error}");
            }
            drop(slot);
        });
    }
}
