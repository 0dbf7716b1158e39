//! Kept connections that turn out to be closed.
//!
//! The moment is made as follows. The test is the main future of a runtime of one thread, which
//! comes before the tasks. A time passes and the peer closes while the thread is held up, so that
//! the runtime learns of both at once: the test goes on and calls before the task of the connection
//! has seen the end.

use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rtc_client::{Backoff, Client, Delivery, ErrorKind};
use rtc_model::apps::AppReq;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::peer::read;
use crate::support::{APP, answer, credentials, now};

/// Accepts one connection and answers one request on it. Gives the connection and what was asked.
async fn serve(listener: &TcpListener) -> (TcpStream, String) {
    let mut stream = accept(listener).await;
    let request = answer_one(&mut stream).await;
    (stream, request)
}

/// The next connection, which must come soon: a call that makes none is over without a sign here.
async fn accept(listener: &TcpListener) -> TcpStream {
    timeout(Duration::from_secs(10), listener.accept()).await.unwrap().unwrap().0
}

async fn answer_one(stream: &mut TcpStream) -> String {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        assert_ne!(stream.read_buf(&mut request).await.unwrap(), 0);
    }
    stream.write_all(answer("200 OK", "{}").as_bytes()).await.unwrap();
    String::from_utf8(request).unwrap()
}

/// Ends connections so that whoever calls next does not know it yet.
async fn close_unnoticed(streams: Vec<TcpStream>) {
    let mut passing = pin!(sleep(Duration::from_millis(20)));
    // Asked once before it is over, so that the runtime knows of it.
    while timeout(Duration::ZERO, passing.as_mut()).await.is_ok() {
        passing.set(sleep(Duration::from_millis(20)));
    }
    drop(streams);
    std::thread::sleep(Duration::from_millis(40));
    passing.await;
}

/// A client whose clock goes on by an hour each time, and how often it was asked.
fn client(address: SocketAddr, connect_timeout: Duration) -> (Client, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let client = Client::builder()
        .endpoint(format!("http://{address}"))
        .credentials(credentials())
        .clock(move || now() + Duration::from_secs(3600) * hours(&count))
        .connect_timeout(connect_timeout)
        .timeout(12 * connect_timeout)
        .retry(Backoff::default().attempts(2))
        .build()
        .unwrap();
    (client, asked)
}

fn hours(count: &AtomicUsize) -> u32 {
    u32::try_from(count.fetch_add(1, Ordering::Relaxed)).unwrap()
}

#[tokio::test]
async fn a_call_on_a_connection_that_is_closed_is_dated_and_signed_anew_on_another() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (client, dated) = client(listener.local_addr().unwrap(), Duration::from_secs(10));
    let (first, (stream, _)) = tokio::join!(client.show_app(APP), serve(&listener));
    first.unwrap();
    close_unnoticed(vec![stream]).await;
    let (second, (_stream, request)) = tokio::join!(client.show_app(APP), serve(&listener));
    second.unwrap();
    assert_eq!(dated.load(Ordering::Relaxed), 3, "one attempt, then two");
    assert!(request.contains("x-sdk-date: 20240102T050405Z\r\n"), "{request}");
}

#[tokio::test]
async fn a_call_that_is_not_idempotent_comes_once_after_a_connection_that_is_closed() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (client, dated) = client(listener.local_addr().unwrap(), Duration::from_secs(10));
    let (first, (stream, _)) = tokio::join!(client.show_app(APP), serve(&listener));
    first.unwrap();
    close_unnoticed(vec![stream]).await;
    let made = async {
        let mut stream = accept(&listener).await;
        let request = read(&mut stream).await.unwrap();
        let answer = answer("201 Created", r#"{"app_id":"a1"}"#);
        stream.write_all(answer.as_bytes()).await.unwrap();
        // Nothing else comes, over this connection or another.
        let more = timeout(Duration::from_millis(50), read(&mut stream)).await;
        let another = timeout(Duration::ZERO, listener.accept()).await;
        assert!(more.is_err() && another.is_err());
        request
    };
    let (reply, request) = tokio::join!(client.create_app(AppReq::new("n")), made);
    assert_eq!(reply.unwrap().output().app_id, "a1".into());
    assert_eq!(request.body, br#"{"app_name":"n"}"#);
    assert_eq!(dated.load(Ordering::Relaxed), 3, "one attempt, then two");
}

/// More than a runtime of one thread runs of its tasks before it comes back to the test.
const MANY: usize = 100;

#[tokio::test]
async fn connections_that_are_closed_together_cost_one_attempt() {
    for order in [Vec::from_iter, |streams: std::vec::IntoIter<_>| streams.rev().collect()] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (client, dated) = client(listener.local_addr().unwrap(), Duration::from_secs(10));
        let mut calls = JoinSet::new();
        for _ in 0..MANY {
            let client = client.clone();
            calls.spawn(async move { client.show_app(APP).await.map(drop) });
        }
        // None is answered before all are there, so each call has a connection of its own.
        let mut streams = Vec::new();
        while streams.len() < MANY {
            streams.push(accept(&listener).await);
        }
        for stream in &mut streams {
            answer_one(stream).await;
        }
        assert!(calls.join_all().await.iter().all(Result::is_ok));
        close_unnoticed(order(streams.into_iter())).await;
        let (last, _) = tokio::join!(client.show_app(APP), serve(&listener));
        last.unwrap();
        assert_eq!(dated.load(Ordering::Relaxed), MANY + 2, "one attempt each, and two");
    }
}

#[tokio::test]
async fn the_connect_timeout_holds_also_after_a_connection_that_is_closed() {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    let (client, dated) = client(address, Duration::from_millis(300));
    let (first, (stream, _)) = tokio::join!(client.show_app(APP), serve(&listener));
    first.unwrap();
    // Nobody accepts these, so that a connection more gets no answer.
    let mut queue = Vec::new();
    while let Ok(Ok(queued)) =
        timeout(Duration::from_millis(200), TcpStream::connect(address)).await
    {
        queue.push(queued);
    }
    close_unnoticed(vec![stream]).await;
    let begin = std::time::Instant::now();
    let error = client.show_app(APP).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Connect, Delivery::NotSent));
    assert!(begin.elapsed() < Duration::from_secs(10), "{:?}", begin.elapsed());
    assert_eq!(dated.load(Ordering::Relaxed), 3, "one attempt, then two");
}
