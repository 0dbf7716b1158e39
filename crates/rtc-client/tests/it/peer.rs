//! A peer on a raw socket: it plays its answers one after the other and keeps what it received.
//!
//! Nothing but a slow answer waits for a time to pass. A request is kept before its answer is begun, so that
//! whoever has the answer finds the request.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// What the peer does about one request.
#[derive(Debug, Clone)]
pub(crate) enum Answer {
    /// Writes the bytes and keeps the connection.
    Bytes(Vec<u8>),
    /// Writes the bytes and closes the connection.
    BytesThenClose(Vec<u8>),
    /// Writes the bytes and then neither writes nor closes.
    BytesThenSilence(Vec<u8>),
    /// Writes the bytes one by one, with a pause of a millisecond after each, and keeps the
    /// connection.
    Slowly(Vec<u8>),
    /// Writes the head and then, as long as somebody reads, the byte, with a pause of a millisecond
    /// before each.
    Dripping {
        /// Written at once.
        head: Vec<u8>,
        /// Written again and again.
        byte: u8,
    },
    /// Writes the bytes and resets the connection.
    BytesThenReset(Vec<u8>),
    /// Writes the head and then the piece, until nobody reads any more.
    Endless {
        /// Written once.
        head: Vec<u8>,
        /// Written again and again.
        piece: Vec<u8>,
    },
}

/// A request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    /// The number of the connection, from 0.
    pub(crate) connection: usize,
    /// When it had come whole.
    pub(crate) at: Instant,
    pub(crate) line: String,
    /// In the order of arrival, names as they were written.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Received {
    /// The only value of a header.
    #[track_caller]
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|(given, _)| given.eq_ignore_ascii_case(name));
        let value = found.next().map(|(_, value)| value.as_str());
        assert!(found.next().is_none(), "{name} was sent twice: {self:?}");
        value
    }

    /// The head as the `http` crate holds it.
    pub(crate) fn parts(&self) -> http::request::Parts {
        let mut words = self.line.split(' ');
        let mut request =
            http::Request::builder().method(words.next().unwrap()).uri(words.next().unwrap());
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        request.body(()).unwrap().into_parts().0
    }
}

#[derive(Default)]
struct Shared {
    answers: VecDeque<Answer>,
    received: Vec<Received>,
}

/// The peer; it stops when it is dropped.
pub(crate) struct Peer {
    address: SocketAddr,
    shared: Arc<Mutex<Shared>>,
    accept: JoinHandle<()>,
}

impl Peer {
    /// Starts a peer that plays `answers` in the order of the requests, on whichever connection.
    /// A request too many closes its connection.
    pub(crate) async fn start(answers: impl IntoIterator<Item = Answer>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Mutex::new(Shared {
            answers: answers.into_iter().collect(),
            received: Vec::new(),
        }));
        let accept = tokio::spawn(accept(listener, Arc::clone(&shared)));
        Self { address, shared, accept }
    }

    /// Starts a peer that answers once with these bytes and keeps the connection.
    pub(crate) async fn once(answer: impl Into<Vec<u8>>) -> Self {
        Self::start([Answer::Bytes(answer.into())]).await
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn received(&self) -> Vec<Received> {
        self.shared.lock().unwrap().received.clone()
    }

    /// The one request that came.
    #[track_caller]
    pub(crate) fn only(&self) -> Received {
        let mut received = self.received();
        assert_eq!(received.len(), 1, "{received:?}");
        received.remove(0)
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.accept.abort();
    }
}

async fn accept(listener: TcpListener, shared: Arc<Mutex<Shared>>) {
    let mut connections = tokio::task::JoinSet::new();
    for number in 0.. {
        let (stream, _) = listener.accept().await.unwrap();
        connections.spawn(serve(stream, number, Arc::clone(&shared)));
    }
}

async fn serve(mut stream: TcpStream, connection: usize, shared: Arc<Mutex<Shared>>) {
    while let Some(mut request) = read(&mut stream).await {
        request.connection = connection;
        let answer = {
            let mut shared = shared.lock().unwrap();
            shared.received.push(request);
            shared.answers.pop_front()
        };
        // A client that gave up is no concern of the peer's.
        let written = match answer {
            None => return,
            Some(Answer::Bytes(bytes)) => stream.write_all(&bytes).await,
            Some(Answer::BytesThenClose(bytes)) => {
                let _ = stream.write_all(&bytes).await;
                return;
            }
            Some(Answer::BytesThenReset(bytes)) => {
                let _ = stream.write_all(&bytes).await;
                stream.set_zero_linger().unwrap();
                return;
            }
            Some(Answer::Slowly(bytes)) => {
                let mut written = Ok(());
                for byte in bytes {
                    tokio::time::sleep(Duration::from_millis(1)).await;
                    written = written.and(stream.write_all(&[byte]).await);
                }
                written
            }
            Some(Answer::Dripping { head, byte }) => {
                let mut written = stream.write_all(&head).await;
                while written.is_ok() {
                    tokio::time::sleep(Duration::from_millis(1)).await;
                    written = stream.write_all(&[byte]).await;
                }
                return;
            }
            Some(Answer::BytesThenSilence(bytes)) => {
                let _ = stream.write_all(&bytes).await;
                return std::future::pending().await;
            }
            Some(Answer::Endless { head, piece }) => {
                let mut written = stream.write_all(&head).await;
                while written.is_ok() {
                    written = stream.write_all(&piece).await;
                }
                return;
            }
        };
        if written.is_err() {
            return;
        }
    }
}

/// Reads one request; `None` where the connection is closed before it is whole.
pub(crate) async fn read(stream: &mut TcpStream) -> Option<Received> {
    let mut bytes = Vec::new();
    let head_end = loop {
        if let Some(at) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break at;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8(bytes[..head_end].to_vec()).unwrap();
    let mut lines = head.split("\r\n");
    let line = lines.next().unwrap().to_owned();
    let headers: Vec<_> = lines
        .map(|line| line.split_once(':').unwrap())
        .map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
        .collect();
    let mut body = bytes.split_off(head_end + 4);
    let at = Instant::now();
    let mut received = Received { connection: 0, at, line, headers, body: Vec::new() };
    let length = received.header("content-length").map_or(0, |length| length.parse().unwrap());
    while body.len() < length {
        if stream.read_buf(&mut body).await.ok()? == 0 {
            return None;
        }
    }
    assert_eq!(body.len(), length, "more was sent than announced");
    received.body = body;
    received.at = Instant::now();
    Some(received)
}
