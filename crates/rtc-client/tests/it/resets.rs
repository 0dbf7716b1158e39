//! A peer that resets a connection before it has read the request.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rtc_client::{Attempt, Backoff, Client, Decision, Delivery, ErrorKind, RetryPolicy};
use rtc_model::apps::AppReq;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::peer::read;
use crate::support::{APP, answer};

/// When the first connection is reset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Resets {
    /// As soon as it is accepted.
    AtOnce,
    /// When the first byte has come, which is not read.
    AtTheFirstByte,
    /// When a part of the head has been read.
    WithinTheHead,
}

/// Resets its first connection and answers over the others.
struct Peer {
    address: SocketAddr,
    seen: Arc<Mutex<Seen>>,
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Seen {
    connections: usize,
    /// The requests that were read to their end.
    requests: usize,
}

impl Peer {
    async fn start(resets: Resets) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::<Mutex<Seen>>::default();
        let kept = Arc::clone(&seen);
        tokio::spawn(async move {
            for number in 1.. {
                let (stream, _) = listener.accept().await.unwrap();
                kept.lock().unwrap().connections = number;
                if number == 1 {
                    reset(stream, resets).await;
                } else {
                    tokio::spawn(serve(stream, Arc::clone(&kept)));
                }
            }
        });
        Self { address, seen }
    }

    /// How many connections were accepted, and how many requests read.
    fn seen(&self) -> (usize, usize) {
        let seen = self.seen.lock().unwrap();
        (seen.connections, seen.requests)
    }
}

async fn reset(mut stream: TcpStream, resets: Resets) {
    match resets {
        Resets::AtOnce => {}
        Resets::AtTheFirstByte => assert_eq!(stream.peek(&mut [0]).await.unwrap(), 1),
        Resets::WithinTheHead => assert_ne!(stream.read_u8().await.unwrap(), 0),
    }
    stream.set_zero_linger().unwrap();
}

async fn serve(mut stream: TcpStream, seen: Arc<Mutex<Seen>>) {
    while let Some(request) = read(&mut stream).await {
        seen.lock().unwrap().requests += 1;
        let status = if request.line.starts_with("POST") { "201 Created" } else { "200 OK" };
        let answer = answer(status, r#"{"app_id":"a1"}"#);
        stream.write_all(answer.as_bytes()).await.unwrap();
    }
}

/// The usual policy without its pauses; keeps what is said of the attempts that failed.
#[derive(Clone, Default)]
struct Failures(Arc<Mutex<Vec<(ErrorKind, Delivery)>>>);

impl RetryPolicy for Failures {
    fn next(&self, attempt: &Attempt<'_>) -> Decision {
        self.0.lock().unwrap().push((attempt.error.kind(), attempt.error.delivery()));
        Backoff::default().first_pause(Duration::ZERO).next(attempt)
    }
}

impl Failures {
    fn client(&self, peer: &Peer) -> Client {
        Client::builder()
            .endpoint(format!("http://{}", peer.address))
            .token("t")
            .retry(self.clone())
            .build()
            .unwrap()
    }

    /// What is said of the only attempt that failed.
    #[track_caller]
    fn only(&self) -> (ErrorKind, Delivery) {
        let failures = self.0.lock().unwrap();
        assert_eq!(failures.len(), 1, "{failures:?}");
        failures[0]
    }
}

#[tokio::test]
async fn an_idempotent_call_survives_a_reset_before_its_request_was_read() {
    for resets in [Resets::AtOnce, Resets::AtTheFirstByte, Resets::WithinTheHead] {
        let (peer, failures) = (Peer::start(resets).await, Failures::default());
        let reply = failures.client(&peer).show_app(APP).await.unwrap();
        assert_eq!(reply.output().app_id, Some("a1".into()));
        assert_eq!(peer.seen(), (2, 1), "{resets:?}: {:?}", failures.only());
    }
}

#[tokio::test]
async fn another_call_whose_request_had_begun_to_come_is_not_attempted_again() {
    for resets in [Resets::AtTheFirstByte, Resets::WithinTheHead] {
        let (peer, failures) = (Peer::start(resets).await, Failures::default());
        let error = failures.client(&peer).create_app(AppReq::new("n")).await.unwrap_err();
        let told = (error.kind(), error.delivery());
        assert_eq!(told, (ErrorKind::Transport, Delivery::Unknown), "{resets:?}");
        assert_eq!((failures.only(), error.attempts()), (told, 1));
        assert!(!error.is_retryable());
        assert_eq!(peer.seen(), (1, 0), "{resets:?}");
    }
}

/// Here it depends on the moment whether anything was written before the reset came.
#[tokio::test]
async fn another_call_over_a_connection_that_is_reset_at_once_is_attempted_again_only_if_unsent() {
    for _ in 0..20 {
        let (peer, failures) = (Peer::start(Resets::AtOnce).await, Failures::default());
        let outcome = failures.client(&peer).create_app(AppReq::new("n")).await;
        match (failures.only(), outcome) {
            ((ErrorKind::Connect | ErrorKind::Transport, Delivery::NotSent), Ok(_)) => {
                assert_eq!(peer.seen(), (2, 1));
            }
            ((ErrorKind::Transport, Delivery::Unknown), Err(error)) => {
                assert_eq!((error.attempts(), error.delivery()), (1, Delivery::Unknown));
                assert_eq!(peer.seen(), (1, 0));
            }
            other => panic!("{other:?}"),
        }
    }
}
