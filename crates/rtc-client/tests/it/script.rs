//! A transport that answers by a script and keeps what it was asked.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use rtc_client::{
    BoxFuture, Client, Delivery, Limits, NoRetry, Transport, TransportError, TransportErrorKind,
};
use tokio::time::Instant;

/// What is answered.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
    pub(crate) after: Duration,
    /// What comes in the place of an answer.
    pub(crate) failure: Option<(TransportErrorKind, Delivery)>,
}

impl Answer {
    pub(crate) fn new(status: u16, body: impl Into<String>) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: body.into(),
            after: Duration::ZERO,
            failure: None,
        }
    }

    pub(crate) fn failure(kind: TransportErrorKind, delivery: Delivery) -> Self {
        Self { failure: Some((kind, delivery)), ..Self::new(0, "") }
    }

    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub(crate) fn ok(body: impl Into<String>) -> Self {
        Self::new(200, body)
    }

    pub(crate) fn after(mut self, after: Duration) -> Self {
        self.after = after;
        self
    }
}

/// What was asked.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    /// Method and target, such as `GET /v2/apps`.
    pub(crate) line: String,
    pub(crate) body: String,
    pub(crate) headers: HeaderMap,
    pub(crate) at: Instant,
}

type Answers = Box<dyn FnMut(&Request<Bytes>) -> Answer + Send>;

/// The script; its clones share what they keep.
#[derive(Clone)]
pub(crate) struct Script {
    answers: Arc<Mutex<Answers>>,
    calls: Arc<Mutex<Vec<Call>>>,
}

impl Script {
    /// Answers each call by a function; the client makes one attempt a call.
    pub(crate) fn by(
        answers: impl FnMut(&Request<Bytes>) -> Answer + Send + 'static,
    ) -> (Client, Self) {
        let script = Self::answering(answers);
        let client = Client::builder()
            .endpoint("http://rtc.example")
            .token("t0ken")
            .retry(NoRetry)
            .transport(script.clone())
            .build()
            .unwrap();
        (client, script)
    }

    /// The transport alone.
    pub(crate) fn answering(
        answers: impl FnMut(&Request<Bytes>) -> Answer + Send + 'static,
    ) -> Self {
        Self { answers: Arc::new(Mutex::new(Box::new(answers))), calls: Arc::default() }
    }

    /// Answers with these in their order; a call too many is a panic.
    pub(crate) fn of(answers: impl IntoIterator<Item = Answer>) -> (Client, Self) {
        let mut answers: VecDeque<_> = answers.into_iter().collect();
        Self::by(move |_| answers.pop_front().unwrap())
    }

    pub(crate) fn calls(&self) -> Vec<Call> {
        self.calls.lock().unwrap().clone()
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.calls().into_iter().map(|call| call.line).collect()
    }
}

impl Transport for Script {
    fn call(
        &self,
        request: Request<Bytes>,
        _limits: Limits,
    ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        let answer = (self.answers.lock().unwrap())(&request);
        self.calls.lock().unwrap().push(Call {
            line: format!("{} {}", request.method(), request.uri().path_and_query().unwrap()),
            headers: request.headers().clone(),
            body: String::from_utf8(request.into_body().into()).unwrap(),
            at: Instant::now(),
        });
        Box::pin(async move {
            if !answer.after.is_zero() {
                tokio::time::sleep(answer.after).await;
            }
            if let Some((kind, delivery)) = answer.failure {
                return Err(TransportError::new(kind, delivery));
            }
            let mut response =
                Response::builder().status(answer.status).header("X-request-Id", "r1");
            for (name, value) in answer.headers {
                response = response.header(name, value);
            }
            Ok(response.body(Bytes::from(answer.body)).unwrap())
        })
    }
}
