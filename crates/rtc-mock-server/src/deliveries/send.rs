//! One attempt to deliver a notification.

use std::error::Error;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;
use http::header::{CONTENT_TYPE, USER_AGENT};
use http::uri::Scheme;
use http::{HeaderValue, Request, StatusCode, Uri};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rtc_model::Timestamp;
use rtc_signer::{CallbackRand, CallbackSigner, SignedCallback};
use tower_service::Service as _;

use crate::admin_api::DeliveryAttempt;
use crate::deliveries::allowed::{Allowed, ConnectError};
use crate::deliveries::connect::Connector;
use crate::deliveries::lines::Ending;
use crate::deliveries::tls::{self, Tls};

/// How much of an answer is read: what it says does not matter.
const MAX_ANSWER: usize = 64 << 10;
/// How long a connection is kept that nothing is sent on.
const IDLE: Duration = Duration::from_secs(10);
/// How many connections to a host are kept.
const MAX_IDLE: usize = 16;

/// What is sent.
#[derive(Debug)]
pub(super) struct Letter<'a> {
    pub(super) url: &'a str,
    pub(super) body: &'a Bytes,
    /// The three headers of the signature.
    pub(super) signed: Option<&'a SignedCallback>,
    /// After how many bytes of the body the connection ends, if it is cut.
    pub(super) cut: Option<usize>,
}

/// Sends notifications. Clients are made when they are needed first.
pub(super) struct Sender {
    allowed: Arc<Allowed>,
    timeout: Duration,
    ca: Option<Box<[u8]>>,
    plain: OnceLock<Client<Connector, Content>>,
    tls: OnceLock<Result<Tls, String>>,
}

impl Sender {
    pub(super) fn new(allowed: Allowed, timeout: Duration, ca: Option<Box<[u8]>>) -> Self {
        let (plain, tls) = (OnceLock::new(), OnceLock::new());
        Self { allowed: Arc::new(allowed), timeout, ca, plain, tls }
    }

    /// Sends a letter, at the time of the mock's clock.
    pub(super) async fn send(
        &self,
        letter: Letter<'_>,
        now: SystemTime,
    ) -> (DeliveryAttempt, Ending) {
        let started = Instant::now();
        let outcome = match tokio::time::timeout(self.timeout, self.post(&letter)).await {
            Ok(outcome) => outcome,
            Err(_) => {
                Outcome::failed(None, format!("no answer within {} s", self.timeout.as_secs_f32()))
            }
        };
        let duration_us = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
        let signed = letter.signed;
        let attempt = DeliveryAttempt {
            time: Timestamp::from(now),
            duration_us,
            status: outcome.status.map(|status| status.as_u16()),
            error: outcome.error,
            timestamp: signed.map(|signed| signed.timestamp().to_owned()),
            rand: signed.map(|signed| signed.rand().to_owned()),
            signature: signed.map(|signed| signed.signature().to_owned()),
            fault: None,
        };
        (attempt, outcome.ending)
    }

    /// Whether a connection to the URL comes about; nothing is sent on it.
    pub(super) async fn reach(&self, url: &str) -> Result<(), String> {
        let target: Uri = url.parse().map_err(|error| format!("it cannot be read: {error}"))?;
        let reaching = async {
            if target.scheme() == Some(&Scheme::HTTPS) {
                return tls::reach(self.tls()?, target).await;
            }
            let mut connector = Connector { allowed: Arc::clone(&self.allowed) };
            connector.call(target).await.map(drop).map_err(|error| chain(&error))
        };
        match tokio::time::timeout(self.timeout, reaching).await {
            Ok(reached) => reached,
            Err(_) => Err(format!("no connection within {} s", self.timeout.as_secs_f32())),
        }
    }

    async fn post(&self, letter: &Letter<'_>) -> Outcome {
        let request = match request(letter) {
            Ok(request) => request,
            Err(error) => {
                return Outcome { status: None, error: Some(error), ending: Ending::Refused };
            }
        };
        let answer = if request.uri().scheme() == Some(&Scheme::HTTPS) {
            match self.tls() {
                Ok(client) => tls::request(client, request).await,
                // Another attempt would find no more.
                Err(error) => {
                    return Outcome { status: None, error: Some(error), ending: Ending::Refused };
                }
            }
        } else {
            self.plain().request(request).await
        };
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) => {
                let refused = refusal(&error).is_some();
                let ending = if refused { Ending::Refused } else { Ending::Failed };
                return Outcome { status: None, error: Some(chain(&error)), ending };
            }
        };
        let status = answer.status();
        let read = Limited::new(answer.into_body(), MAX_ANSWER).collect().await;
        let note = read.err().and_then(|error| {
            let is_long = error.is::<LengthLimitError>();
            (!is_long).then(|| format!("the answer was cut: {}", chain(&*error)))
        });
        match (status, note) {
            // An answer that is longer than is read is an answer (decision D17).
            (status, None) if status.is_success() => {
                Outcome { status: Some(status), error: None, ending: Ending::Delivered }
            }
            (status, _) if status.is_redirection() => {
                Outcome::failed(Some(status), "redirections are not followed".to_owned())
            }
            (status, note) => Outcome {
                status: Some(status),
                error: Some(note.unwrap_or_else(|| format!("answered with {status}"))),
                ending: Ending::Failed,
            },
        }
    }

    fn plain(&self) -> &Client<Connector, Content> {
        self.plain.get_or_init(|| client(Connector { allowed: Arc::clone(&self.allowed) }))
    }

    fn tls(&self) -> Result<&Tls, String> {
        let made = self.tls.get_or_init(|| {
            tls::client(Connector { allowed: Arc::clone(&self.allowed) }, self.ca.as_deref())
        });
        made.as_ref().map_err(Clone::clone)
    }
}

/// How an attempt went.
struct Outcome {
    status: Option<StatusCode>,
    error: Option<String>,
    ending: Ending,
}

impl Outcome {
    fn failed(status: Option<StatusCode>, error: String) -> Self {
        Self { status, error: Some(error), ending: Ending::Failed }
    }
}

/// A client with the bounds that all have.
pub(super) fn client<C>(connector: C) -> Client<C, Content>
where
    C: hyper_util::client::legacy::connect::Connect + Clone,
{
    Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(IDLE)
        .pool_max_idle_per_host(MAX_IDLE)
        .build(connector)
}

fn request(letter: &Letter<'_>) -> Result<Request<Content>, String> {
    let target: Uri =
        letter.url.parse().map_err(|error| format!("the URL cannot be read: {error}"))?;
    let content = Content { rest: letter.body.clone(), cut: letter.cut.map(Cutting::Sending) };
    let mut request = Request::post(target)
        .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
        .header(
            USER_AGENT,
            HeaderValue::from_static(concat!("rtc-mock-server/", env!("CARGO_PKG_VERSION"))),
        )
        .body(content)
        .map_err(|error| format!("the URL cannot be sent to: {error}"))?;
    if let Some(signed) = letter.signed {
        signed.apply(request.headers_mut());
    }
    Ok(request)
}

/// Signs a body as the service does; without the texts of a signature where there is no key.
pub(super) fn sign(
    key: &str,
    body: &[u8],
    rand: CallbackRand,
    at: SystemTime,
) -> Result<SignedCallback, String> {
    let signer = CallbackSigner::new(key).map_err(|error| error.to_string())?;
    signer.sign(body, rand, at).map_err(|error| error.to_string())
}

fn refusal<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e ConnectError> {
    let mut error = Some(error);
    while let Some(this) = error {
        if let Some(found @ ConnectError::Refused { .. }) = this.downcast_ref() {
            return Some(found);
        }
        error = this.source();
    }
    None
}

/// An error with its causes.
pub(super) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.ends_with(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        source = cause.source();
    }
    text
}

/// The body of a request; it may end before it is whole.
#[derive(Debug)]
pub(super) struct Content {
    rest: Bytes,
    cut: Option<Cutting>,
}

/// How far a body that is cut is.
#[derive(Debug)]
enum Cutting {
    /// So many bytes are to be sent.
    Sending(usize),
    /// They are, and must be written out first.
    Flushing,
    /// Nothing comes any more.
    Ended,
}

/// A body was cut on purpose.
#[derive(Debug, thiserror::Error)]
#[error("the body was cut on purpose")]
pub(super) struct Cut;

impl Body for Content {
    type Data = Bytes;
    type Error = Cut;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Cut>>> {
        let rest = std::mem::take(&mut self.rest);
        match self.cut {
            Some(Cutting::Sending(bytes)) => {
                self.cut = Some(Cutting::Flushing);
                Poll::Ready(Some(Ok(Frame::data(rest.slice(..bytes.min(rest.len()))))))
            }
            Some(Cutting::Flushing) => {
                self.cut = Some(Cutting::Ended);
                context.waker().wake_by_ref();
                Poll::Pending
            }
            Some(Cutting::Ended) => Poll::Ready(Some(Err(Cut))),
            None if rest.is_empty() => Poll::Ready(None),
            None => Poll::Ready(Some(Ok(Frame::data(rest)))),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.cut.is_none() && self.rest.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.rest.len() as u64)
    }
}

/// What a client answers with.
pub(super) type Answer = Result<http::Response<Incoming>, hyper_util::client::legacy::Error>;
