//! What a call records.
//!
//! The subscriber is that of the whole process, so this is here and not with the other tests of
//! calls: one of a thread alone can miss a span whose place in the code another thread is just
//! reaching for the first time, without a subscriber.

use std::collections::{BTreeMap, VecDeque};
use std::thread::{self, ThreadId};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use super::attempts::timed_out;
use super::*;
use crate::retry::Backoff;
use crate::transport::{BoxFuture, Delivery, Limits, Transport, TransportError};

/// Plays answers.
struct Canned(Mutex<VecDeque<Result<Response<Bytes>, TransportError>>>);

impl Transport for Canned {
    fn call(
        &self,
        _request: Request<Bytes>,
        _limits: Limits,
    ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        let answer = self.0.lock().unwrap().pop_front().unwrap();
        Box::pin(std::future::ready(answer))
    }
}

fn answer(status: StatusCode, body: &'static str) -> Response<Bytes> {
    let answer = Response::builder().status(status).header("x-request-id", "r1");
    answer.body(Bytes::from_static(body.as_bytes())).unwrap()
}

type Fields = BTreeMap<&'static str, String>;

/// Keeps the spans of this crate with all that is recorded in them, and its events, as far as they
/// are of one thread.
#[derive(Clone)]
struct Spans {
    thread: ThreadId,
    seen: Arc<Mutex<Vec<Fields>>>,
}

impl Spans {
    fn of_this_thread() -> Self {
        Self { thread: thread::current().id(), seen: Arc::default() }
    }

    fn is_meant(&self) -> bool {
        thread::current().id() == self.thread
    }
}

struct Writer<'f>(&'f mut Fields);

impl Visit for Writer<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }
}

impl Subscriber for Spans {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("rtc_client")
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        if !self.is_meant() {
            return Id::from_u64(u64::MAX);
        }
        let mut fields = Fields::from([("name", span.metadata().name().to_owned())]);
        span.record(&mut Writer(&mut fields));
        let mut spans = self.seen.lock().unwrap();
        spans.push(fields);
        Id::from_u64(spans.len() as u64)
    }

    fn record(&self, span: &Id, values: &Record<'_>) {
        let at = usize::try_from(span.into_u64()).unwrap() - 1;
        if let Some(fields) = self.seen.lock().unwrap().get_mut(at) {
            values.record(&mut Writer(fields));
        }
    }

    fn record_follows_from(&self, _span: &Id, _follows: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let event = Fields::from([("event", format!("{event:?}"))]);
        if self.is_meant() {
            self.seen.lock().unwrap().push(event);
        }
    }

    fn enter(&self, _span: &Id) {}

    fn exit(&self, _span: &Id) {}
}

#[tokio::test(start_paused = true)]
async fn a_call_is_one_span_with_its_facts_and_nothing_else() {
    let refusal = r#"{"error_code":"APIGW.0308","error_msg":"m"}"#;
    let mut repeating = answer(StatusCode::OK, "{}");
    repeating.headers_mut().insert("x-request-id", HeaderValue::from_static("a t0ken of ours"));
    let client = Client::builder()
        .token("t0ken")
        .retry(Backoff::default().attempts(2).first_throttled_pause(Duration::from_millis(2)))
        .seed(1)
        .transport(Canned(Mutex::new(VecDeque::from([
            Ok(answer(StatusCode::OK, "{}")),
            Ok(answer(StatusCode::TOO_MANY_REQUESTS, refusal)),
            Ok(answer(StatusCode::TOO_MANY_REQUESTS, refusal)),
            Err(timed_out(Delivery::Unknown)),
            Err(timed_out(Delivery::Unknown)),
            Ok(repeating),
        ]))))
        .build()
        .unwrap();
    let spans = Spans::of_this_thread();
    tracing::subscriber::set_global_default(spans.clone()).unwrap();
    client.show_record_callback("a1").await.unwrap();
    client.show_app("a1").await.unwrap_err();
    client.show_app("a1").await.unwrap_err();
    client.show_app("a1").await.unwrap();

    let call = |operation, more: &[(&'static str, &str)]| {
        let mut fields =
            Fields::from([("name", "rtc_call".into()), ("operation", format!("{operation:?}"))]);
        fields.extend(more.iter().map(|(name, value)| (*name, (*value).to_owned())));
        fields
    };
    let (one, two) = (("attempts", "1"), ("attempts", "2"));
    let expected = [
        call("ShowRecordCallback", &[one, ("status", "200"), ("request_id", "\"r1\"")]),
        call("ShowApp", &[two, ("status", "429"), ("request_id", "\"r1\"")]),
        call("ShowApp", &[two]),
        call("ShowApp", &[one, ("status", "200"), ("request_id", "\"a *** of ours\"")]),
    ];
    let mut seen = spans.seen.lock().unwrap().clone();
    for call in &mut seen {
        let millis: u64 = call.remove("duration_ms").unwrap().parse().unwrap();
        assert!(millis < 1000, "the pauses are a few milliseconds of a paused clock: {millis}");
    }
    assert_eq!(seen, expected);
}
