//! A scripted peer on a raw socket: it replays bytes and keeps what it was sent.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::http_text::{Message, read_message};

/// A server that answers each request with the next of its replies.
#[derive(Debug)]
pub struct ScriptedPeer {
    url: String,
    received: Arc<Mutex<Vec<Message>>>,
    task: JoinHandle<()>,
}

impl ScriptedPeer {
    /// Listens on a free port and answers with `replies`, one a request, byte for byte.
    pub async fn start(replies: Vec<Vec<u8>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port can be bound");
        let address = listener.local_addr().expect("a bound socket has an address");
        let received = Arc::<Mutex<Vec<Message>>>::default();
        let log = Arc::clone(&received);
        let task = tokio::spawn(async move {
            let mut replies = replies.into_iter();
            while let Ok((mut stream, _)) = listener.accept().await {
                while let Some(request) = read_message(&mut stream).await {
                    log.lock().unwrap_or_else(PoisonError::into_inner).push(request);
                    let Some(reply) = replies.next() else { return };
                    if stream.write_all(&reply).await.is_err() {
                        break;
                    }
                }
            }
        });
        Self { url: format!("http://{address}"), received, task }
    }

    /// Where the peer listens.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The requests so far.
    pub fn received(&self) -> Vec<Message> {
        self.received.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for ScriptedPeer {
    fn drop(&mut self) {
        self.task.abort();
    }
}
