//! Messages in unusual forms: each is answered once, and the server goes on.

use rtc_mock_server::MockServer;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::http::{request, status, talk};

/// What is sent on one connection, and the statuses of all that comes back, in order.
#[derive(Clone)]
struct Case {
    name: &'static str,
    bytes: Vec<u8>,
    expected: &'static [&'static str],
}

/// Shortens the tables.
macro_rules! cases {
    ($($name:literal, $bytes:expr => $($status:literal)*;)*) => {
        vec![$(Case { name: $name, bytes: $bytes.into(), expected: &[$($status),*] }),*]
    };
}

const POST: &str = "POST /v2/apps HTTP/1.1";
const LIST: &str = "GET /v2/apps HTTP/1.1";
const JSON: &str = r#"{"app_name":"a"}"#;
const CHUNKS: &str = "10\r\n{\"app_name\":\"a\"}\r\n0\r\n\r\n";

/// A message with the mock's own token; headers end in CR LF.
fn message(line: &str, headers: &str, body: &str) -> Vec<u8> {
    let token = rtc_mock_server::DEFAULT_TOKEN;
    format!("{line}\r\nX-Auth-Token: {token}\r\n{headers}\r\n{body}").into_bytes()
}

/// The same with a host.
fn hosted(line: &str, headers: &str, body: &str) -> Vec<u8> {
    message(line, &format!("Host: h\r\n{headers}"), body)
}

fn post(headers: &str, body: &str) -> Vec<u8> {
    hosted(POST, headers, body)
}

fn list(headers: &str) -> Vec<u8> {
    hosted(LIST, headers, "")
}

/// The text with a byte in the place of each `~`.
fn with_byte(byte: u8, mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.iter_mut().filter(|found| **found == b'~').for_each(|found| *found = byte);
    bytes
}

fn lengths() -> Vec<Case> {
    // What follows would be a second request to a server that took the other length.
    let and_more = |body: &str| format!("{body}GET /v2/apps HTTP/1.1\r\nHost: h\r\n\r\n");
    let length = |value: &str| post(&format!("Content-Length: {value}\r\n"), JSON);
    let coding = |value: &str| post(&format!("Transfer-Encoding: {value}\r\n"), CHUNKS);
    cases! {
        "chunks", coding("chunked") => "201";
        "chunks in other letters", coding("CHUNKED") => "201";
        "chunks that are no chunks", coding("xchunked") => "400";
        "chunks that are packed afterwards", coding("chunked, gzip") => "400";
        "both lengths: chunks win, and the connection is closed",
            post("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", &and_more(CHUNKS)) => "201";
        "both lengths in the other order",
            post("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n", &and_more(CHUNKS)) => "201";
        "chunks in HTTP/1.0", message("POST /v2/apps HTTP/1.0", "Transfer-Encoding: chunked\r\n", CHUNKS) => "400";
        "two lengths that are equal", post("Content-Length: 16\r\nContent-Length: 16\r\n", JSON) => "201";
        "two lengths that differ", post("Content-Length: 16\r\nContent-Length: 17\r\n", JSON) => "400";
        "a list of lengths", length("16, 16") => "400";
        "a length with a sign", length("+16") => "400";
        "a negative length", length("-1") => "400";
        "a hexadecimal length", length("0x10") => "400";
        "no length", length("") => "400";
        "a length beyond 64 bits", length("18446744073709551617") => "400";
        "a body that ends too early", length("17") => "400";
        "a body in a GET", hosted(LIST, "Content-Length: 3\r\n", "abcGET /v2/apps HTTP/1.0\r\n\r\n") => "200" "401";
    }
}

fn chunks() -> Vec<Case> {
    let chunked = |body: &str| post("Transfer-Encoding: chunked\r\n", body);
    let long = "a".repeat(300 << 10);
    cases! {
        "a broken chunk", chunked("zz\r\n") => "400";
        "a chunk with a name", chunked(&CHUNKS.replace("10\r", "10;name=value\r")) => "201";
        "a chunk size beyond 64 bits", chunked("10000000000000010\r\na") => "400";
        "a chunk that is longer than it says", chunked("1\r\nabc\r\n0\r\n\r\n") => "400";
        "a chunk with a bare line feed", chunked("10\n{}") => "400";
        "a name of a chunk without an end", chunked(&format!("1;{long}")) => "400";
        "chunks that end too early", chunked("10\r\n{\"app_name\"") => "400";
        "trailers", chunked(&CHUNKS.replace("0\r\n\r\n", "0\r\nX-A: b\r\n\r\n")) => "201";
        "trailers without an end", chunked(&format!("0\r\nX-A: {long}")) => "400";
    }
}

fn heads() -> Vec<Case> {
    let lines = |end: &str| {
        let text = String::from_utf8(list("")).unwrap();
        text.replace("\r\n", end)
    };
    let many = "X-A: b\r\n".repeat(100_000);
    let name = format!("{}: b\r\n", "a".repeat(70 << 10));
    cases! {
        "no HTTP", "hello\r\n\r\n" => "400";
        "nothing", "" => ;
        "half a head", "GET /v2/apps HTTP/1.1\r\nHost: h\r\n" => ;
        "bare line feeds", lines("\n") => "200";
        "bare carriage returns", lines("\r") => "400";
        "a folded header", list("X-A: b\r\n c\r\n") => "400";
        "a header that begins with a space", hosted(LIST, " X-A: b\r\n", "") => "400";
        "a space before the colon", list("X-A : b\r\n") => "400";
        "a header without a name", list(": b\r\n") => "400";
        "a header without a colon", list("X-A\r\n") => "400";
        "an empty header", list("X-A:\r\n") => "200";
        "no host", message(LIST, "", "") => "400";
        "two hosts", list("Host: i\r\n") => "400";
        "NUL in a header", with_byte(0, list("X-A: ~\r\n")) => "400";
        "NUL in a name", with_byte(0, list("X-~: b\r\n")) => "400";
        "8 bits in a header", with_byte(0xe9, list("X-A: ~\r\n")) => "200";
        "8 bits in a name", with_byte(0xe9, list("X-~: b\r\n")) => "400";
        "100,000 headers", list(&many) => "431";
        "a name of 70 KB", list(&name) => "431";
        "empty lines before the request", [&b"\r\n\r\n\n"[..], &list("")].concat() => "200";
    }
}

fn lines() -> Vec<Case> {
    let line = |line: &str| hosted(line, "", "");
    let method = |length: usize| line(&format!("{} /v2/apps HTTP/1.1", "A".repeat(length)));
    let target = |length: usize| line(&format!("GET /{} HTTP/1.1", "a".repeat(length)));
    cases! {
        "HEAD", line("HEAD /v2/apps HTTP/1.1") => "404";
        "TRACE", line("TRACE /v2/apps HTTP/1.1") => "404";
        "a method in small letters", line("get /v2/apps HTTP/1.1") => "404";
        "a method of 1 KB", method(1 << 10) => "404";
        "a method of 2 MB", method(2 << 20) => "431";
        "8 bits in the method", with_byte(0xe9, line("G~T /v2/apps HTTP/1.1")) => "400";
        "a target of 40 KB", target(40 << 10) => "414";
        "a target of 70 KB", target(70 << 10) => "414";
        "a target of 2 MB", target(2 << 20) => "431";
        "NUL in the target", with_byte(0, line("GET /v2/~ HTTP/1.1")) => "400";
        "8 bits in the target", with_byte(0xe9, line("GET /v2/~ HTTP/1.1")) => "400";
        "a space in the target", line("GET /v2/a b HTTP/1.1") => "400";
        "a target with a host", line("GET http://h/v2/apps HTTP/1.1") => "200";
        "a target that is a host", line("GET h:443 HTTP/1.1") => "404";
        "a tunnel", line("CONNECT h:443 HTTP/1.1") => "404";
        "OPTIONS *", line("OPTIONS * HTTP/1.1") => "404";
        "a target without a slash", line("GET v2/apps HTTP/1.1") => "400";
        "no target", line("GET  HTTP/1.1") => "400";
        "no version", line("GET /v2/apps") => "400";
        "HTTP/2 that was never agreed on", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" => ;
        "HTTP/3.0", line("GET /v2/apps HTTP/3.0") => "400";
        "HTTP/1.0", message("POST /v2/apps HTTP/1.0", "Content-Length: 16\r\n", JSON) => "201";
    }
}

fn several() -> Vec<Case> {
    let old = |headers: &str| message("GET /v2/apps HTTP/1.0", headers, "");
    let waiting = |line: &str, length: &str| {
        let headers = format!("Expect: 100-continue\r\nContent-Length: {length}\r\n");
        hosted(line, &headers, "")
    };
    cases! {
        "several at once", [list(""), post("Content-Length: 16\r\n", JSON), list("")].concat() => "200" "201" "200";
        "one that is refused does not end the others",
            [post("Content-Length: 3\r\n", "abc"), list("")].concat() => "400" "200";
        "nothing after a request that closes", [list("Connection: close\r\n"), list("")].concat() => "200";
        "nothing after HTTP/1.0", [old(""), old("")].concat() => "200";
        "HTTP/1.0 that stays", [old("Connection: keep-alive\r\n"), old("")].concat() => "200" "200";
        "nothing after what cannot be read", [list("X-A\r\n"), list("")].concat() => "400";
        "a body that is waited for",
            [waiting(POST, "16"), JSON.into()].concat() => "100" "201";
        "a body that no answer depends on is not asked for",
            waiting("POST /nothing HTTP/1.1", "16") => "404";
        "a body that is too large is not asked for", waiting(POST, "20000000") => "413";
    }
}

/// The statuses of all answers, in order.
fn statuses(answers: &str) -> Vec<&str> {
    answers.split("HTTP/1.").skip(1).filter_map(|answer| answer.get(2..5)).collect()
}

/// A connection that answered what it should not have, or not enough, fails; and so does a server
/// that answers nobody else afterwards.
#[tokio::test]
async fn each_form_is_answered_once_and_others_are_served_afterwards() {
    let cases = [lengths(), chunks(), heads(), lines(), several()].concat();
    let mut wrong = Vec::new();
    for Case { name, bytes, expected } in cases {
        let server = MockServer::builder().start().await.unwrap();
        let address = server.address().to_string();
        let answers = talk(&address, &bytes).await;
        let found = statuses(&answers);
        if found != expected {
            wrong.push(format!("{name}: {found:?} instead of {expected:?}"));
        }
        // What the server saw is what it answered, and hyper answers some by itself.
        let seen = server.requests().len();
        let answered = found.iter().filter(|status| **status != "100").count();
        if seen > answered {
            wrong.push(format!("{name}: {seen} requests were seen and {answered} answered"));
        }
        assert_eq!(status(&talk(&address, &list("")).await), "200", "after {name}");
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn a_peer_that_sends_too_much_is_heard_until_it_can_read_the_answer() {
    let server = MockServer::start().await.unwrap();
    for bytes in [list(&"a:b\r\n".repeat(400_000)), [list("X-A\r\n"), vec![b'a'; 4 << 20]].concat()]
    {
        let mut stream = TcpStream::connect(server.address()).await.unwrap();
        // A connection that was closed too early would be reset while this writes or reads.
        stream.write_all(&bytes).await.unwrap();
        stream.shutdown().await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert_eq!(statuses(&answer).len(), 1, "{answer}");
    }
}

#[tokio::test]
async fn chunks_without_an_end_are_answered_and_end() {
    let server = MockServer::start().await.unwrap();
    let mut stream = TcpStream::connect(server.address()).await.unwrap();
    let mut answers = Vec::new();
    let chunk = [b"10000\r\n", " ".repeat(1 << 16).as_bytes(), b"\r\n"].concat();
    stream.write_all(&post("Transfer-Encoding: chunked\r\n", "")).await.unwrap();
    let (mut reading, mut writing) = stream.split();
    let write = async { while writing.write_all(&chunk).await.is_ok() {} };
    // A peer that goes on writing after all that is reset at last.
    let read = async { while matches!(reading.read_buf(&mut answers).await, Ok(1..)) {} };
    tokio::join!(write, read);
    assert_eq!(statuses(&String::from_utf8(answers).unwrap()), ["413"]);
    assert_eq!(server.requests().len(), 1);
    assert_eq!(status(&talk(&server.address().to_string(), &list("")).await), "200");
}

#[tokio::test]
async fn a_project_that_cannot_be_read_is_not_taken_for_none() {
    let server = MockServer::start().await.unwrap();
    let mut bytes = list("X-Project-Id: XX\r\n");
    let at = bytes.windows(2).position(|window| window == b"XX").unwrap();
    bytes[at..at + 2].copy_from_slice("é".as_bytes());
    assert_eq!(status(&talk(&server.address().to_string(), &bytes).await), "403");
    let project = server.project_id();
    let two = list(&format!("X-Project-Id: {project}\r\nX-Project-Id: other\r\n"));
    assert_eq!(status(&talk(&server.address().to_string(), &two).await), "403");
}

#[tokio::test]
async fn the_admin_api_answers_this_machine_only() {
    let admin = "127.0.0.1:0".parse().unwrap();
    let server = MockServer::builder().admin_listen(admin).start().await.unwrap();
    let url = server.admin_url().unwrap();
    let address = url.trim_start_matches("http://");
    for (host, expected) in [
        ("localhost", "200"),
        ("127.0.0.1:1", "200"),
        ("[::1]", "200"),
        ("evil.example", "403"),
        ("127.0.0.1.evil.example", "403"),
    ] {
        let bytes = format!("GET /requests HTTP/1.1\r\nHost: {host}\r\n\r\n");
        assert_eq!(status(&talk(address, bytes.as_bytes()).await), expected, "{host}");
    }
    let bytes = "GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let answer = talk(address, bytes.as_bytes()).await;
    assert!(answer.contains("\"openapi\":\"3.1.0\""));
    let join = "PUT /apps/nobody/rooms/r/users/u HTTP/1.1\r\nHost: localhost\r\n\r\n";
    assert_eq!(status(&talk(address, join.as_bytes()).await), "404");
    talk(&server.address().to_string(), &request("GET /nothing", "")).await;
}
