//! A plain socket client, so that the server is not tested with the libraries that it is made of.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Sends bytes, closes its side, and reads all that comes back until the server closes.
pub(crate) async fn talk(address: &str, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    stream.shutdown().await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    String::from_utf8(answer).unwrap()
}

/// A request with the mock's own token.
pub(crate) fn request(line: &str, body: &str) -> Vec<u8> {
    let token = rtc_mock_server::DEFAULT_TOKEN;
    let length = body.len();
    format!("{line} HTTP/1.1\r\nHost: h\r\nX-Auth-Token: {token}\r\nContent-Length: {length}\r\n\r\n{body}")
        .into_bytes()
}

/// The status of the first answer.
pub(crate) fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or_default()
}
