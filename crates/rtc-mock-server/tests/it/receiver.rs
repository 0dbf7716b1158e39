//! A receiver of notifications on a raw socket, which answers as it is told.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use http::{HeaderMap, HeaderName, HeaderValue};
use rtc_signer::{CallbackError, CallbackVerifier};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

/// The key of the callbacks in these tests.
pub(crate) const KEY: &str = "0123456789abcdef0123456789abcdef";
/// What the reference's receiver answers.
const OK: &str =
    "HTTP/1.1 200 OK\r\nContent-Length: 33\r\n\r\n{\"status\": 1, \"result\":\"success\"}";

/// A notification as it came.
#[derive(Debug, Clone)]
pub(crate) struct Came {
    pub(crate) target: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
    /// Whether the body was as long as it said.
    pub(crate) whole: bool,
}

impl Came {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The event and the format.
    pub(crate) fn word(&self) -> String {
        let json = self.json();
        let text = |name: &str| json[name].as_str().unwrap_or_default().to_owned();
        format!("{} {}", text("event_type"), text("record_format")).trim_end().to_owned()
    }

    pub(crate) fn verify(&self, now: SystemTime) -> Result<(), CallbackError> {
        let verifier = CallbackVerifier::new("key", KEY).unwrap();
        verifier.verify(&self.headers, &self.body, now).map(drop)
    }
}

#[derive(Clone)]
pub(crate) struct Receiver {
    pub(crate) url: String,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    came: Mutex<Vec<Came>>,
    answers: Mutex<VecDeque<String>>,
    news: Notify,
}

impl Receiver {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/rtc", listener.local_addr().unwrap());
        let shared = Arc::<Shared>::default();
        let in_task = Arc::clone(&shared);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&in_task)));
            }
        });
        Self { url, shared }
    }

    /// The next answers, whole; then it is 200 again.
    pub(crate) fn answer_with<'a>(&self, answers: impl IntoIterator<Item = &'a str>) {
        self.shared.answers.lock().unwrap().extend(answers.into_iter().map(str::to_owned));
    }

    pub(crate) fn came(&self) -> Vec<Came> {
        self.shared.came.lock().unwrap().clone()
    }

    pub(crate) fn words(&self) -> Vec<String> {
        self.came().iter().map(Came::word).collect()
    }

    /// Waits for so many notifications.
    pub(crate) async fn wait_for(&self, count: usize) -> Vec<Came> {
        let waiting = async {
            loop {
                let news = self.shared.news.notified();
                tokio::pin!(news);
                news.as_mut().enable();
                if self.came().len() >= count {
                    return self.came();
                }
                news.await;
            }
        };
        let all = tokio::time::timeout(Duration::from_secs(20), waiting).await;
        assert!(all.is_ok(), "{count} expected, came {:?}", self.words());
        self.came()
    }
}

async fn serve(mut stream: TcpStream, shared: Arc<Shared>) {
    let mut bytes = Vec::new();
    while let Some(came) = read(&mut stream, &mut bytes).await {
        shared.came.lock().unwrap().push(came);
        shared.news.notify_waiters();
        let answer = shared.answers.lock().unwrap().pop_front();
        let answer = answer.unwrap_or_else(|| OK.to_owned());
        if stream.write_all(answer.as_bytes()).await.is_err() || answer != OK {
            let _ = stream.shutdown().await;
            return;
        }
    }
}

async fn read(stream: &mut TcpStream, bytes: &mut Vec<u8>) -> Option<Came> {
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end;
        }
        if stream.read_buf(bytes).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let mut lines = head.split("\r\n");
    let line = lines.next().unwrap();
    assert!(line.starts_with("POST "), "{line}");
    let target = line.split(' ').nth(1).unwrap().to_owned();
    let headers: HeaderMap = lines
        .map(|line| {
            let (name, value) = line.split_once(':').unwrap();
            let name: HeaderName = name.parse().unwrap();
            (name, HeaderValue::from_str(value.trim()).unwrap())
        })
        .collect();
    let length: usize = headers["content-length"].to_str().unwrap().parse().unwrap();
    let mut whole = true;
    while bytes.len() < end + 4 + length {
        if stream.read_buf(bytes).await.unwrap_or(0) == 0 {
            whole = false;
            break;
        }
    }
    let stop = bytes.len().min(end + 4 + length);
    let body = bytes[end + 4..stop].to_vec();
    bytes.drain(..stop);
    Some(Came { target, headers, body, whole })
}
