//! Connections that the peer closes while nobody uses them.
//!
//! A client of one attempt a call makes the calls: it hides nothing. When the peer has closed a
//! connection it waits until this side has closed it too, and only then comes the next call; what
//! becomes of one that comes before is tested beside (`stale.rs`).

use std::sync::{Arc, Mutex};

use rtc_client::{Client, NoRetry};
use rtc_model::apps::AppReq;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::yield_now;

use crate::peer::{Received, read};
use crate::support::answer;

const CALLS: usize = 10_000;
/// After so many calls the peer closes the connection.
const CALLS_OF_A_CONNECTION: usize = 3;

/// What came to the peer.
struct Seen {
    connections: usize,
    /// How often the request of each call came.
    requests: Vec<u32>,
}

/// Accepts connections and answers what comes over them. Tells of each that both sides have closed.
async fn peer(listener: TcpListener, closed: mpsc::UnboundedSender<()>, seen: Arc<Mutex<Seen>>) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        seen.lock().unwrap().connections += 1;
        tokio::spawn(serve(stream, closed.clone(), Arc::clone(&seen)));
    }
}

async fn serve(mut stream: TcpStream, closed: mpsc::UnboundedSender<()>, seen: Arc<Mutex<Seen>>) {
    while let Some(request) = read(&mut stream).await {
        let id = id(&request);
        seen.lock().unwrap().requests[id] += 1;
        let status = if request.line.starts_with("POST") { "201 Created" } else { "200 OK" };
        let answer = answer(status, &format!(r#"{{"app_id":"app-{id}"}}"#));
        stream.write_all(answer.as_bytes()).await.unwrap();
        if is_last(id) {
            // Together with the answer, or when that has been read.
            for _ in 0..id % 4 {
                yield_now().await;
            }
            stream.shutdown().await.unwrap();
            assert_eq!(stream.read(&mut [0]).await.unwrap(), 0, "a request on a closed connection");
            closed.send(()).unwrap();
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

/// Reads an app or makes one, in turns.
async fn call(client: &Client, id: usize) {
    let name = format!("app-{id}");
    if id.is_multiple_of(2) {
        let reply = client.show_app(name.as_str()).await.unwrap();
        assert_eq!(reply.output().app_id, Some(name.into()));
    } else {
        let reply = client.create_app(AppReq::new(name.as_str())).await.unwrap();
        assert_eq!(reply.output().app_id, name.into());
    }
}

#[tokio::test]
async fn of_10_000_calls_over_connections_that_are_closed_when_idle_none_fails_or_comes_twice() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let client = Client::builder().endpoint(endpoint).token("t").retry(NoRetry).build().unwrap();
    let seen = Arc::new(Mutex::new(Seen { connections: 0, requests: vec![0; CALLS] }));
    let (tell, mut closed) = mpsc::unbounded_channel();
    tokio::spawn(peer(listener, tell, Arc::clone(&seen)));
    for id in 0..CALLS {
        call(&client, id).await;
        if is_last(id) {
            closed.recv().await.unwrap();
        }
    }
    let Seen { connections, requests } = &*seen.lock().unwrap();
    assert!(requests.iter().all(|came| *came == 1), "{requests:?}");
    let fewest = CALLS.div_ceil(CALLS_OF_A_CONNECTION);
    assert!((fewest..CALLS / 2).contains(connections), "{connections} connections");
}
