//! A plain socket client, so that the server is not tested with the libraries that it is made of.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Sends bytes, closes its side, and reads all that comes back until the server closes.
pub(crate) async fn talk(address: &str, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    // A server that has heard enough may close before all is sent.
    if stream.write_all(bytes).await.is_ok() {
        let _ = stream.shutdown().await;
    }
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

/// A request to the admin API of a server: its status, and its body as JSON.
pub(crate) async fn admin(
    server: &rtc_mock_server::MockServer,
    line: &str,
    body: &str,
) -> (u16, serde_json::Value) {
    let url = server.admin_url().unwrap();
    let length = body.len();
    let bytes =
        format!("{line} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n{body}");
    let answer = talk(url.trim_start_matches("http://"), bytes.as_bytes()).await;
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    (status(&answer).parse().unwrap(), serde_json::from_str(body).unwrap_or_default())
}

/// A server with an admin API, a clock that stands still, and an app "a" with a rule "r".
pub(crate) async fn started() -> rtc_mock_server::MockServer {
    let fixture = r#"{"projects":[{
        "apps":[{"app_id":"a","app_name":"n","callbacks":{"record_callback":{"url":"http://h"}}}],
        "record_rules":[{"rule_id":"r","app_id":"a"}]
    }]}"#;
    rtc_mock_server::MockServer::builder()
        .admin_listen("127.0.0.1:0".parse().unwrap())
        .clock("frozen@2024-03-15T08:15:30Z".parse().unwrap())
        .fixture(rtc_mock_server::Fixture::from_json(fixture).unwrap())
        .seed(1)
        .start()
        .await
        .unwrap()
}

/// Asks the API with the mock's own token: the status, and the body as JSON.
pub(crate) async fn api(
    server: &rtc_mock_server::MockServer,
    line: &str,
    body: &str,
) -> (u16, serde_json::Value) {
    let answer = talk(&server.address().to_string(), &request(line, body)).await;
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    (status(&answer).parse().unwrap(), serde_json::from_str(body).unwrap_or_default())
}
