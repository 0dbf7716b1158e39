//! `listen`: receives notifications and shows them.

use std::convert::Infallible;
use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use clap::Args;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use rtc_model::callback::ACCEPTED;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, mpsc};

use crate::cli::listen::judge::Judge;
use crate::cli::serve::Signals;
use crate::cli::{Failure, Hidden, duration};

mod judge;
mod show;

/// The largest body that is read; a notification has less than 2 KB.
const MAX_BODY: usize = 1 << 20;
/// The largest request head.
const MAX_HEAD: usize = 64 << 10;
/// How long a head may take to arrive, and then a body.
const PATIENCE: Duration = Duration::from_secs(10);
/// How many connections are served at a time; further ones wait to be accepted.
const MAX_CONNECTIONS: usize = 256;
/// How many lines wait for a reader; further ones are dropped.
const MAX_LINES: usize = 1_000;
/// How long answers under way are waited for at the end, and then lines not yet written.
const GRACE: Duration = Duration::from_secs(1);
/// How long to wait after a failed accept: without a pause a full descriptor table spins a core.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

#[derive(Debug, Args)]
pub(crate) struct ListenArgs {
    /// The `auth_key` of the callback; given several times, each of them is tried. Without one
    /// signatures are not checked.
    #[arg(long, env = "RTC_MOCK_AUTH_KEY", value_name = "KEY", hide_env_values = true)]
    auth_key: Vec<Hidden>,
    /// Where to listen; port 0 takes a free one.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8472")]
    listen: SocketAddr,
    /// Listens on this port of 127.0.0.1 instead.
    #[arg(long, value_name = "P", conflicts_with = "listen")]
    port: Option<u16>,
    /// Writes JSON, one object a line.
    #[arg(long)]
    json: bool,
    /// What is answered whatever comes, such as 500 to see how a sender tries again. Several, parted
    /// by commas: one after the other, the last one from then on.
    #[arg(long, value_name = "STATUS", value_delimiter = ',', value_parser = status)]
    answer: Vec<StatusCode>,
    /// How long to wait before each answer, such as `500ms` or `6s`.
    #[arg(long, value_name = "TIME", value_parser = duration, default_value = "0s")]
    answer_after: Duration,
    /// Takes notifications of any age, such as those of a mock whose clock does not go with this
    /// one; else they may be five minutes old or new.
    #[arg(long)]
    any_age: bool,
}

/// What all connections share.
struct Receiver {
    judge: Judge,
    answers: Vec<StatusCode>,
    answered: AtomicUsize,
    answer_after: Duration,
    json: bool,
    lines: mpsc::Sender<String>,
}

/// Receives until SIGTERM or SIGINT, or until nobody reads what is shown.
pub(crate) fn run(args: &ListenArgs) -> Result<(), Failure> {
    let keys = args.auth_key.iter().map(|key| key.0.as_str());
    let judge = Judge::new(keys, args.any_age)
        .map_err(|error| Failure::Usage(format!("--auth-key: {error}")))?;
    let address = args.port.map_or(args.listen, |port| SocketAddr::from(([127, 0, 0, 1], port)));
    let failed = |what: &str, error: io::Error| Failure::Failed(format!("{what}: {error}"));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| failed("cannot start", error))?;
    runtime.block_on(async {
        let mut signals =
            Signals::new().map_err(|error| failed("cannot listen for signals", error))?;
        let listener = TcpListener::bind(address).await.map_err(|error| match error.kind() {
            io::ErrorKind::AddrInUse => Failure::AddressInUse(address),
            _ => failed(&format!("cannot listen on {address}"), error),
        })?;
        let url = listener.local_addr().map(|address| format!("http://{address}"));
        let url = url.map_err(|error| failed("cannot tell the address", error))?;
        let ready = if args.json {
            serde_json::json!({ "url": url }).to_string()
        } else {
            format!("ready url={url}")
        };
        writeln!(io::stdout(), "{ready}").map_err(|error| failed("cannot write", error))?;
        let (lines, written) = writer().map_err(|error| failed("cannot start", error))?;
        let receiver = Receiver {
            judge,
            answers: args.answer.clone(),
            answered: AtomicUsize::new(0),
            answer_after: args.answer_after,
            json: args.json,
            lines: lines.clone(),
        };
        tokio::select! {
            () = serve(listener, Arc::new(receiver), &mut signals) => {}
            // Nobody reads any more.
            () = lines.closed() => {}
        }
        drop(lines);
        let _ = tokio::time::timeout(GRACE, written).await;
        Ok(())
    })?;
    // A line that nobody reads must not hold up the end.
    runtime.shutdown_timeout(Duration::ZERO);
    Ok(())
}

/// Lines are written by a thread of its own: a full pipe must not stop the receiver. Gives where to
/// send them, and what ends once all are written.
fn writer() -> io::Result<(mpsc::Sender<String>, tokio::sync::oneshot::Receiver<()>)> {
    let (lines, mut waiting) = mpsc::channel::<String>(MAX_LINES);
    let (done, written) = tokio::sync::oneshot::channel();
    std::thread::Builder::new().name("lines".to_owned()).spawn(move || {
        while let Some(line) = waiting.blocking_recv() {
            if writeln!(io::stdout(), "{line}").is_err() {
                break;
            }
        }
        // Nobody waits for it where the program is over.
        let _ = done.send(());
    })?;
    Ok((lines, written))
}

async fn serve(listener: TcpListener, receiver: Arc<Receiver>, signals: &mut Signals) {
    let graceful = GracefulShutdown::new();
    let slots = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    loop {
        let accepted = tokio::select! {
            accepted = accept(&listener, &slots) => accepted,
            () = signals.next() => break,
        };
        let Some((stream, slot)) = accepted else {
            tokio::time::sleep(ACCEPT_PAUSE).await;
            continue;
        };
        let receiver = Arc::clone(&receiver);
        let service = service_fn(move |request| {
            let receiver = Arc::clone(&receiver);
            async move { Ok::<_, Infallible>(receiver.answer(request).await) }
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(PATIENCE)
            .half_close(true)
            .max_buf_size(MAX_HEAD)
            .serve_connection(TokioIo::new(stream), service);
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            // A sender that leaves early has nothing to be told.
            let _ = connection.await;
            drop(slot);
        });
    }
    drop(listener);
    tokio::select! {
        _ = tokio::time::timeout(GRACE, graceful.shutdown()) => {}
        // A second signal leaves at once.
        () = signals.next() => {}
    }
}

/// The next connection with its slot; `None` when accepting failed.
async fn accept(
    listener: &TcpListener,
    slots: &Arc<Semaphore>,
) -> Option<(tokio::net::TcpStream, tokio::sync::OwnedSemaphorePermit)> {
    // The semaphore is never closed.
    let slot = Arc::clone(slots).acquire_owned().await.ok()?;
    Some((listener.accept().await.ok()?.0, slot))
}

impl Receiver {
    async fn answer(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let (head, body) = request.into_parts();
        if head.method != Method::POST {
            return respond(StatusCode::METHOD_NOT_ALLOWED);
        }
        let body = tokio::time::timeout(PATIENCE, Limited::new(body, MAX_BODY).collect()).await;
        let now = SystemTime::now();
        let mut seen = match body {
            Ok(Ok(body)) => self.judge.judge(&head.headers, &body.to_bytes(), now),
            Ok(Err(error)) if error.is::<LengthLimitError>() => judge::Seen::refused(
                now,
                StatusCode::PAYLOAD_TOO_LARGE,
                format!("the body is larger than {MAX_BODY} bytes"),
            ),
            Ok(Err(error)) => {
                let reason = format!("the body did not arrive: {error}");
                judge::Seen::refused(now, StatusCode::BAD_REQUEST, reason)
            }
            Err(_) => {
                let reason = format!("the body took longer than {PATIENCE:?}");
                judge::Seen::refused(now, StatusCode::REQUEST_TIMEOUT, reason)
            }
        };
        if let Some(last) = self.answers.len().checked_sub(1) {
            let number = self.answered.fetch_add(1, Ordering::Relaxed);
            seen.answer = self.answers.get(number.min(last)).copied().unwrap_or(seen.answer);
        }
        let line = if self.json { show::json(&seen) } else { show::text(&seen) };
        // What nobody reads is dropped.
        let _ = self.lines.try_send(line);
        if !self.answer_after.is_zero() {
            tokio::time::sleep(self.answer_after).await;
        }
        respond(seen.answer)
    }
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

/// A status that ends an exchange.
fn status(text: &str) -> Result<StatusCode, String> {
    let status = text.parse::<StatusCode>().ok();
    status
        .filter(|status| (200..600).contains(&status.as_u16()))
        .ok_or_else(|| format!("{text:?} is no status to answer with; there are 200 to 599"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_that_end_an_exchange_can_be_answered() {
        assert_eq!(status("500"), Ok(StatusCode::INTERNAL_SERVER_ERROR));
        assert_eq!(status("204"), Ok(StatusCode::NO_CONTENT));
        for text in ["", "100", "600", "0200", "ok", "-1"] {
            assert!(status(text).is_err(), "{text}");
        }
    }
}
