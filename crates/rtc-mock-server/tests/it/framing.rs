//! Messages in unusual forms: each is answered once, and the server goes on.

use rtc_mock_server::MockServer;

use crate::http::{request, status, talk};

/// What the server answers to bytes: the statuses, in order.
async fn statuses(bytes: &[u8]) -> Vec<String> {
    let server = MockServer::start().await.unwrap();
    let answers = talk(&server.address().to_string(), bytes).await;
    let found = answers.split("HTTP/1.").skip(1);
    found.map(|answer| answer[2..5].to_owned()).collect()
}

fn with_head(line: &str, headers: &str, body: &str) -> Vec<u8> {
    let token = rtc_mock_server::DEFAULT_TOKEN;
    format!("{line}\r\nX-Auth-Token: {token}\r\n{headers}\r\n{body}").into_bytes()
}

#[tokio::test]
async fn each_form_is_answered_once() {
    let post = "POST /v2/apps HTTP/1.1";
    let json = r#"{"app_name":"a"}"#;
    let chunks = "10\r\n{\"app_name\":\"a\"}\r\n0\r\n\r\n";
    for (name, bytes, expected) in [
        (
            "chunks",
            with_head(post, "Host: h\r\nTransfer-Encoding: chunked\r\n", chunks),
            &["201"][..],
        ),
        (
            "both lengths: chunks win, and the connection is closed",
            with_head(
                post,
                "Host: h\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n",
                chunks,
            ),
            &["201"],
        ),
        (
            "two lengths that differ",
            with_head(post, "Host: h\r\nContent-Length: 16\r\nContent-Length: 17\r\n", json),
            &["400"],
        ),
        (
            "a broken chunk",
            with_head(post, "Host: h\r\nTransfer-Encoding: chunked\r\n", "zz\r\n"),
            &["400"],
        ),
        ("HTTP/1.0", with_head("POST /v2/apps HTTP/1.0", "Content-Length: 16\r\n", json), &["201"]),
        ("HEAD", with_head("HEAD /v2/apps HTTP/1.1", "Host: h\r\n", ""), &["404"]),
        ("OPTIONS *", with_head("OPTIONS * HTTP/1.1", "Host: h\r\n", ""), &["404"]),
        (
            "a target with a host",
            with_head("GET http://other.example/v2/apps HTTP/1.1", "Host: other.example\r\n", ""),
            &["200"],
        ),
        (
            "a body that is waited for",
            with_head(post, "Host: h\r\nExpect: 100-continue\r\nContent-Length: 16\r\n", json),
            &["100", "201"],
        ),
        (
            "a body that no answer depends on is not asked for",
            with_head(
                "POST /nothing HTTP/1.1",
                "Host: h\r\nExpect: 100-continue\r\nContent-Length: 16\r\n",
                "",
            ),
            &["404"],
        ),
        (
            "a body that is too large is not asked for",
            with_head(post, "Host: h\r\nExpect: 100-continue\r\nContent-Length: 20000000\r\n", ""),
            &["413"],
        ),
        ("no HTTP", b"hello\r\n\r\n".to_vec(), &["400"]),
    ] {
        assert_eq!(statuses(&bytes).await, expected, "{name}");
    }
}

#[tokio::test]
async fn a_project_that_cannot_be_read_is_not_taken_for_none() {
    let server = MockServer::start().await.unwrap();
    let mut bytes = with_head("GET /v2/apps HTTP/1.1", "Host: h\r\nX-Project-Id: XX\r\n", "");
    let at = bytes.windows(2).position(|window| window == b"XX").unwrap();
    bytes[at..at + 2].copy_from_slice("é".as_bytes());
    assert_eq!(status(&talk(&server.address().to_string(), &bytes).await), "403");
    let project = server.project_id();
    let two = format!("Host: h\r\nX-Project-Id: {project}\r\nX-Project-Id: other\r\n");
    let two = with_head("GET /v2/apps HTTP/1.1", &two, "");
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
