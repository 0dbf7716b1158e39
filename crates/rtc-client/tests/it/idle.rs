//! Connections that the peer closes while nobody uses them.
//!
//! The policy here attempts again only what surely was not sent, and only once: what the usual one
//! would mend is a call that fails, and so is a request that comes twice.
//!
//! That a connection is closed has come to this side when the bell rings: what one thread sends over
//! the loopback comes in the order in which it was sent. When the runtime learns of both at once, the
//! test goes on and calls before the task of the connection has seen the end.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rtc_client::{
    Attempt, Client, Decision, Delivery, Ended, Error, ErrorKind, Observe, RetryPolicy,
};
use rtc_model::apps::AppReq;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::yield_now;

use crate::peer::{Received, read};
use crate::support::answer;

const CALLS: usize = 10_000;
/// After so many calls the peer closes the connection.
const CALLS_OF_A_CONNECTION: usize = 3;

/// Attempts a call once more, at once, where the first attempt surely was not sent.
struct OnlyUnsent;

impl RetryPolicy for OnlyUnsent {
    fn next(&self, attempt: &Attempt<'_>) -> Decision {
        let Attempt { made, error, .. } = *attempt;
        let unsent = (ErrorKind::Transport, Delivery::NotSent);
        if made == 1 && (error.kind(), error.delivery()) == unsent {
            Decision::Again(Duration::ZERO)
        } else {
            Decision::GiveUp
        }
    }
}

/// Counts the attempts.
#[derive(Clone, Default)]
struct Attempts(Arc<AtomicUsize>);

impl Observe for Attempts {
    fn attempt(&self, _ended: &Ended<'_>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// What came to the peer.
struct Seen {
    connections: usize,
    /// How often the request of each call came.
    requests: Vec<u32>,
}

/// Accepts connections and answers what comes over them.
async fn peer(listener: TcpListener, bell: TcpStream, seen: Arc<Mutex<Seen>>) {
    let bell = Arc::new(tokio::sync::Mutex::new(bell));
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        seen.lock().unwrap().connections += 1;
        tokio::spawn(serve(stream, Arc::clone(&bell), Arc::clone(&seen)));
    }
}

async fn serve(
    mut stream: TcpStream,
    bell: Arc<tokio::sync::Mutex<TcpStream>>,
    seen: Arc<Mutex<Seen>>,
) {
    while let Some(request) = read(&mut stream).await {
        let id = id(&request);
        seen.lock().unwrap().requests[id] += 1;
        let status = if request.line.starts_with("POST") { "201 Created" } else { "200 OK" };
        let answer = answer(status, &format!(r#"{{"app_id":"app-{id}"}}"#));
        stream.write_all(answer.as_bytes()).await.unwrap();
        if is_last(id) {
            // At once, or when the answer has been read.
            for _ in 0..id % 4 {
                yield_now().await;
            }
            drop(stream);
            bell.lock().await.write_all(b"!").await.unwrap();
            return;
        }
    }
}

/// Which call a request belongs to; it stands in the path or in the body.
fn id(request: &Received) -> usize {
    let text = format!("{} {}", request.line, String::from_utf8_lossy(&request.body));
    let (_, rest) = text.split_once("app-").unwrap();
    let end = rest.find(|char: char| !char.is_ascii_digit()).unwrap();
    rest[..end].parse().unwrap()
}

/// Whether the peer closes the connection after this call.
fn is_last(id: usize) -> bool {
    (id + 1).is_multiple_of(CALLS_OF_A_CONNECTION)
}

async fn call(client: &Client, id: usize) -> Result<(), Error> {
    let name = format!("app-{id}");
    if id.is_multiple_of(2) {
        let reply = client.show_app(name.as_str()).await?;
        assert_eq!(reply.output().app_id, Some(name.into()));
    } else {
        let reply = client.create_app(AppReq::new(name.as_str())).await?;
        assert_eq!(reply.output().app_id, name.into());
    }
    Ok(())
}

#[tokio::test]
async fn of_10_000_calls_over_connections_that_are_closed_when_idle_none_fails_or_comes_twice() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let mut bell = TcpStream::connect(address).await.unwrap();
    let (rope, _) = listener.accept().await.unwrap();
    let seen = Arc::new(Mutex::new(Seen { connections: 0, requests: vec![0; CALLS] }));
    tokio::spawn(peer(listener, rope, Arc::clone(&seen)));
    let attempts = Attempts::default();
    let client = Client::builder()
        .endpoint(format!("http://{address}"))
        .token("t")
        .retry(OnlyUnsent)
        .observe(attempts.clone())
        .build()
        .unwrap();

    for id in 0..CALLS {
        call(&client, id).await.unwrap();
        if is_last(id) {
            assert_eq!(bell.read_u8().await.unwrap(), b'!');
            // The client notices the end itself, or only with its next request.
            for _ in 0..id / CALLS_OF_A_CONNECTION % 3 {
                yield_now().await;
            }
        }
    }
    let Seen { connections, requests } = &*seen.lock().unwrap();
    assert!(requests.iter().all(|came| *came == 1), "{requests:?}");
    let fewest = CALLS.div_ceil(CALLS_OF_A_CONNECTION);
    assert!((fewest..CALLS / 2).contains(connections), "{connections} connections");
    let attempts = attempts.0.load(Ordering::Relaxed);
    assert!(attempts > CALLS, "no call met a connection that was closed: {attempts}");
}
