//! HTTP/1.1 messages as text: read from files, written to and read from raw sockets.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// How long a peer may take for an answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// A message: start line, headers in the order and spelling of the wire, body.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Message {
    /// The request line or status line.
    pub start_line: String,
    /// The headers.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Message {
    /// Makes a message.
    pub fn new(start_line: &str, headers: &[(&str, &str)], body: &[u8]) -> Self {
        let headers = headers.iter().map(|(name, value)| ((*name).into(), (*value).into()));
        Self { start_line: start_line.into(), headers: headers.collect(), body: body.into() }
    }

    /// The first header of the name, in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
        found.next().map(|(_, value)| value.as_str())
    }

    /// The same message with another value for a header; added where there is none.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        match self.headers.iter_mut().find(|(known, _)| known.eq_ignore_ascii_case(name)) {
            Some((_, old)) => value.clone_into(old),
            None => self.headers.push((name.into(), value.into())),
        }
        self
    }

    /// The same message without a header.
    #[must_use]
    pub fn without_header(mut self, name: &str) -> Self {
        self.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        self
    }

    /// The words of a request line: method, target, version. Of a status line: version, status, …
    pub fn word(&self, index: usize) -> &str {
        self.start_line.split(' ').nth(index).unwrap_or_default()
    }

    /// The status of an answer; 0 when there is none.
    pub fn status(&self) -> u16 {
        self.word(1).parse().unwrap_or_default()
    }

    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        match serde_json::from_slice(&self.body) {
            Ok(value) => value,
            Err(error) => panic!("no JSON ({error}): {}", String::from_utf8_lossy(&self.body)),
        }
    }

    /// The bytes of the wire.
    pub fn to_bytes(&self) -> Vec<u8> {
        let headers = self.headers.iter().map(|(name, value)| format!("{name}: {value}\r\n"));
        let head = format!("{}\r\n{}\r\n", self.start_line, headers.collect::<String>());
        let mut bytes = head.into_bytes();
        bytes.extend_from_slice(&self.body);
        bytes
    }

    /// Reads the head of a message; lines may end in LF or CRLF. Gives the rest as well.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let (end, skip) = head_end(bytes)?;
        let head = String::from_utf8_lossy(bytes.get(..end)?).into_owned();
        let mut lines = head.lines();
        let start_line = lines.next()?.to_owned();
        let headers = lines
            .map(|line| {
                let (name, value) = line.split_once(':')?;
                Some((name.to_owned(), value.trim().to_owned()))
            })
            .collect::<Option<_>>()?;
        Some(Self { start_line, headers, body: bytes.get(end + skip..)?.to_vec() })
    }
}

/// Where the head ends, and how long its end is.
fn head_end(bytes: &[u8]) -> Option<(usize, usize)> {
    let find = |end: &[u8]| bytes.windows(end.len()).position(|window| window == end);
    match (find(b"\r\n\r\n"), find(b"\n\n")) {
        (Some(crlf), Some(lf)) if lf < crlf => Some((lf, 2)),
        (Some(crlf), _) => Some((crlf, 4)),
        (None, Some(lf)) => Some((lf, 2)),
        (None, None) => None,
    }
}

/// Reads one message with its body by `Content-Length`; `None` when the peer left first.
pub async fn read_message(stream: &mut TcpStream) -> Option<Message> {
    let reading = async {
        let mut bytes = Vec::new();
        loop {
            if let Some(mut message) = Message::parse(&bytes) {
                let length =
                    message.header("content-length").and_then(|n| n.parse().ok()).unwrap_or(0);
                if message.body.len() >= length {
                    message.body.truncate(length);
                    return Some(message);
                }
            }
            if stream.read_buf(&mut bytes).await.ok()? == 0 {
                return None;
            }
        }
    };
    tokio::time::timeout(PATIENCE, reading).await.ok()?
}

/// Sends bytes on a new connection and reads one answer.
#[track_caller]
pub fn exchange(address: &str, bytes: Vec<u8>) -> impl Future<Output = Message> + Send + use<> {
    let caller = std::panic::Location::caller();
    let address = address.to_owned();
    async move {
        let mut stream = match TcpStream::connect(&address).await {
            Ok(stream) => stream,
            Err(error) => panic!("cannot connect to {address}: {error} (at {caller})"),
        };
        // A server may answer and close before it has read all.
        let (mut read, mut write) = stream.split();
        let (_, answer) = tokio::join!(write.write_all(&bytes), async {
            let mut all = Vec::new();
            loop {
                if let Some(message) = Message::parse(&all) {
                    let length =
                        message.header("content-length").and_then(|n| n.parse().ok()).unwrap_or(0);
                    if message.body.len() >= length {
                        return Some(message);
                    }
                }
                let more = tokio::time::timeout(PATIENCE, read.read_buf(&mut all)).await;
                match more {
                    Ok(Ok(n)) if n > 0 => {}
                    _ => return None,
                }
            }
        });
        match answer {
            Some(answer) => answer,
            None => panic!("the server closed without an answer (at {caller})"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_read_back_as_it_was_written() {
        let message = Message::new("GET / HTTP/1.1", &[("Host", "h"), ("X-A", "1")], b"body");
        assert_eq!(Message::parse(&message.to_bytes()), Some(message));
    }

    #[test]
    fn a_body_with_an_empty_line_is_not_taken_for_the_end_of_the_head() {
        let message = Message::parse(b"GET / HTTP/1.1\r\nHost: h\r\n\r\na\n\nb").unwrap();
        assert_eq!(message.body, b"a\n\nb");
    }
}
