//! Transports and authentication of the caller's own.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{HeaderValue, Request, Response};
use rtc_client::{
    AuthError, Authenticate, BoxFuture, Client, Delivery, ErrorKind, HyperTransport, Limits,
    Transport, TransportError, TransportErrorKind,
};

use crate::peer::{Answer, Peer};
use crate::support::{APP, answer, chain, now};

/// Never ends.
struct Never;

impl Transport for Never {
    fn call(
        &self,
        _request: Request<Bytes>,
        _limits: Limits,
    ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        Box::pin(std::future::pending())
    }
}

impl Authenticate for Never {
    fn apply<'a>(
        &'a self,
        _request: &'a mut Request<Bytes>,
        _now: SystemTime,
    ) -> BoxFuture<'a, Result<(), AuthError>> {
        Box::pin(std::future::pending())
    }
}

/// Fails as told.
struct Fails(TransportErrorKind, Delivery);

impl Transport for Fails {
    fn call(
        &self,
        _request: Request<Bytes>,
        _limits: Limits,
    ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        let error = TransportError::new(self.0, self.1).with_source(std::io::Error::other("below"));
        Box::pin(std::future::ready(Err(error)))
    }
}

/// Writes the time into a header and counts.
struct Stamp(Arc<AtomicUsize>);

impl Authenticate for Stamp {
    fn apply<'a>(
        &'a self,
        request: &'a mut Request<Bytes>,
        now: SystemTime,
    ) -> BoxFuture<'a, Result<(), AuthError>> {
        Box::pin(async move {
            self.0.fetch_add(1, Ordering::Relaxed);
            let seconds = now.duration_since(SystemTime::UNIX_EPOCH).map_err(AuthError::new)?;
            let value = HeaderValue::from(seconds.as_secs());
            request.headers_mut().insert("x-stamp", value);
            Ok(())
        })
    }
}

#[tokio::test(start_paused = true)]
async fn the_timeout_holds_for_a_transport_that_knows_none() {
    let client = Client::builder().token("t").transport(Never).build().unwrap();
    let begin = tokio::time::Instant::now();
    let error = client.show_app(APP).await.unwrap_err();
    assert_eq!(begin.elapsed().as_secs(), 60, "the documented default");
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert_eq!(error.delivery(), Delivery::Unknown);
}

#[tokio::test(start_paused = true)]
async fn the_timeout_counts_authentication_and_then_nothing_was_sent() {
    let transport = Fails(TransportErrorKind::Exchange, Delivery::Unknown);
    let client = Client::builder()
        .authenticate(Never)
        .transport(transport)
        .timeout(Duration::from_secs(7))
        .build()
        .unwrap();
    let begin = tokio::time::Instant::now();
    let error = client.show_app(APP).await.unwrap_err();
    assert_eq!(begin.elapsed().as_secs(), 7);
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Timeout, Delivery::NotSent));
}

#[tokio::test]
async fn the_longest_timeout_is_no_overflow() {
    let peer = Peer::once(answer("200 OK", "{}")).await;
    let client = Client::builder()
        .endpoint(peer.url())
        .token("t")
        .timeout(Duration::MAX)
        .connect_timeout(Duration::MAX)
        .build()
        .unwrap();
    client.show_app(APP).await.unwrap();
}

#[tokio::test]
async fn what_a_transport_says_reaches_the_caller() {
    for (below, kind) in [
        (TransportErrorKind::Connect, ErrorKind::Connect),
        (TransportErrorKind::Timeout, ErrorKind::Timeout),
        (TransportErrorKind::Exchange, ErrorKind::Transport),
        (TransportErrorKind::BodyTooLarge, ErrorKind::BodyTooLarge),
        (TransportErrorKind::HeadTooLarge, ErrorKind::HeadTooLarge),
    ] {
        for delivery in [Delivery::NotSent, Delivery::Unknown] {
            let client =
                Client::builder().token("t").transport(Fails(below, delivery)).build().unwrap();
            let error = client.show_app(APP).await.unwrap_err();
            assert_eq!((error.kind(), error.delivery()), (kind, delivery));
            let texts = chain(&error);
            assert_eq!(texts.len(), 3, "{texts:?}");
            assert_eq!(texts[2], "below");
        }
    }
}

#[tokio::test]
async fn an_own_authentication_gets_the_time_of_the_clients_clock_once_a_call() {
    let peer = Peer::once(answer("200 OK", "{}")).await;
    let calls = Arc::new(AtomicUsize::new(0));
    let client = Client::builder()
        .endpoint(peer.url())
        .authenticate(Stamp(Arc::clone(&calls)))
        .clock(now)
        .build()
        .unwrap();
    client.show_app(APP).await.unwrap();
    assert_eq!(peer.only().header("x-stamp"), Some("1704164645"));
    assert_eq!(calls.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn an_own_authentication_that_fails_is_named_as_the_cause() {
    let before = SystemTime::UNIX_EPOCH - Duration::from_secs(1);
    let client = Client::builder()
        .authenticate(Stamp(Arc::default()))
        .transport(Never)
        .clock(move || before)
        .build()
        .unwrap();
    let error = client.show_app(APP).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Authentication, Delivery::NotSent));
    assert_eq!(chain(&error).len(), 3);
}

#[tokio::test]
async fn clients_can_share_one_transport() {
    let peer = Peer::start(vec![Answer::Bytes(answer("200 OK", "{}").into()); 2]).await;
    let transport = HyperTransport::plain();
    for token in ["Alice's", "Bob's"] {
        let client = Client::builder()
            .endpoint(peer.url())
            .token(token)
            .transport(transport.clone())
            .build()
            .unwrap();
        client.show_app(APP).await.unwrap();
    }
    let received = peer.received();
    assert_eq!(received[0].header("x-auth-token"), Some("Alice's"));
    assert_eq!(received[1].header("x-auth-token"), Some("Bob's"));
    assert!(received.iter().all(|request| request.connection == 0));
}
