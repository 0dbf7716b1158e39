//! What the inspector is made of: its page, the stream of events, explanations, and secrets that are
//! shown when somebody asks.

use std::fmt::Write as _;

use ::http::Request;
use rtc_mock_server::{DEFAULT_ACCESS_KEY, DEFAULT_SECRET_KEY, DEFAULT_TOKEN, MockServer};
use rtc_signer::{Credentials, Payload, Signer};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

use crate::http::{admin, api, started, status, talk};

/// A query that is signed for one path and sent to another: its text, and the canonical request
/// that was signed.
fn query(server: &MockServer, path: &str, sent: &str, secret_key: &str) -> (String, String) {
    let (mut head, ()) =
        Request::get(path).header("host", "rtc.example").body(()).unwrap().into_parts();
    let signer = Signer::new(Credentials::new(DEFAULT_ACCESS_KEY, secret_key));
    signer.sign_parts(&mut head, Payload::Bytes(b""), server.clock().now()).unwrap();
    let mut text = format!("GET {sent} HTTP/1.1\r\n");
    for (name, value) in &head.headers {
        write!(text, "{name}: {}\r\n", value.to_str().unwrap()).unwrap();
    }
    let date = head.headers["x-sdk-date"].to_str().unwrap();
    let canonical = format!(
        "GET\n{path}/\n\nhost:rtc.example\nx-sdk-date:{date}\n\nhost;x-sdk-date\ne3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    );
    (text + "\r\n", canonical)
}

async fn explain(server: &MockServer, body: Value) -> (u16, Value) {
    admin(server, "POST /explain", &body.to_string()).await
}

#[tokio::test]
async fn a_refused_exchange_is_explained_and_compared_with_the_clients_own_text() {
    let server = started().await;
    let (text, canonical) = query(&server, "/v2/apps/b", "/v2/apps/a", DEFAULT_SECRET_KEY);
    let answer = talk(&server.address().to_string(), text.as_bytes()).await;
    assert_eq!(status(&answer), "401");

    let (status, alone) = explain(&server, json!({ "id": 1 })).await;
    assert_eq!((status, &alone["verdict"]), (200, &"refused".into()));
    assert_eq!(alone["reason_kind"], "unknown");
    assert_eq!(alone["comparison"], Value::Null);
    assert_eq!(alone["request"]["path"], "/v2/apps/a");

    let (_, compared) = explain(&server, json!({ "id": 1, "canonical_request": canonical })).await;
    assert_eq!(compared["reason_kind"], "difference", "{compared}");
    assert!(compared["reason"].as_str().unwrap().contains("line 2, the path"), "{compared}");
    let lines = compared["comparison"].as_array().unwrap();
    assert_eq!(lines.len(), 8);
    let same: Vec<_> = lines.iter().map(|line| line["same"].as_bool().unwrap()).collect();
    assert_eq!(same, [true, false, true, true, true, true, true, true]);
    let differs = json!({ "ours": "/v2/apps/a/", "theirs": "/v2/apps/b/", "same": false });
    assert_eq!(lines[1], differs);
}

#[tokio::test]
async fn an_accepted_exchange_has_its_signature_shown() {
    let server = started().await;
    let (text, canonical) = query(&server, "/v2/apps/a", "/v2/apps/a", DEFAULT_SECRET_KEY);
    assert_eq!(status(&talk(&server.address().to_string(), text.as_bytes()).await), "200");
    let (_, explained) = explain(&server, json!({ "id": 1 })).await;
    assert_eq!((&explained["verdict"], &explained["reason"]), (&"accepted".into(), &Value::Null));
    assert_eq!(explained["canonical_request"], canonical.as_str());
    assert_eq!(explained["expected_signature"], explained["given_signature"]);
}

#[tokio::test]
async fn a_request_that_is_given_is_explained_with_the_mocks_keys_or_others() {
    let server = started().await;
    let (text, _) = query(&server, "/v2/apps/a", "/v2/apps/a", DEFAULT_SECRET_KEY);
    let (_, explained) = explain(&server, json!({ "request": text })).await;
    assert_eq!(explained["verdict"], "accepted");
    let stale = json!({ "request": text, "now": "2024-03-16T08:15:30Z" });
    let (_, explained) = explain(&server, stale).await;
    assert_eq!(
        (&explained["verdict"], &explained["reason_kind"]),
        (&"refused".into(), &"exact".into())
    );

    let (text, _) = query(&server, "/x?", "/x", "another secret key");
    let (_, explained) = explain(&server, json!({ "request": text })).await;
    assert_eq!(explained["verdict"], "refused");
    let mut with_key = json!({
        "request": text, "access_key": DEFAULT_ACCESS_KEY, "secret_key": "another secret key",
    });
    let (_, explained) = explain(&server, with_key.clone()).await;
    assert_eq!(explained["verdict"], "accepted", "{explained}");
    with_key["secret_key"] = Value::Null;
    assert_eq!(explain(&server, with_key).await.0, 400);
    assert!(server.requests().is_empty(), "nothing of it is in the journal");
}

#[tokio::test]
async fn what_cannot_be_explained_is_refused_with_the_reason() {
    let server = started().await;
    for (body, status, word) in [
        (json!({}), 400, "either"),
        (json!({ "id": 1, "request": "GET / HTTP/1.1" }), 400, "either"),
        (json!({ "id": 1 }), 404, "no exchange"),
        (json!({ "id": 1, "now": "2024-03-16T08:15:30Z" }), 400, "go with request"),
        (json!({ "request": "GET /" }), 400, "request: the first line"),
        (json!({ "request": "GET / HTTP/1.1", "now": "today" }), 400, "now: "),
        (json!({ "reqest": "GET / HTTP/1.1" }), 400, "reqest"),
    ] {
        let (found, answer) = explain(&server, body).await;
        assert_eq!(found, status, "{answer}");
        assert!(answer["error"].as_str().unwrap().contains(word), "{answer}");
    }
    let (found, explained) = explain(&server, json!({ "request": "GET / HTTP/1.1" })).await;
    assert_eq!((found, &explained["reason_kind"]), (200, &"exact".into()));
    assert_eq!(explained["canonical_request"], Value::Null);
}

#[tokio::test]
async fn secrets_are_shown_when_asked_for_and_else_masked() {
    let server = started().await;
    let body = r#"{"url":"http://h","auth_key":"hush-hush-hush-1"}"#;
    assert_eq!(api(&server, "PUT /v2/apps/a/record-callback?auth_key=hush", body).await.0, 200);
    for (path, shown) in [
        ("/requests/1", false),
        ("/requests/1?reveal=false", false),
        ("/requests", false),
        ("/requests/1?reveal=true", true),
        ("/state?masked=true", false),
    ] {
        let (status, answer) = admin(&server, &format!("GET {path}"), "").await;
        let text = answer.to_string();
        assert_eq!(status, 200);
        assert_eq!(text.contains("hush"), shown, "{path}: {text}");
        assert_eq!(text.contains(DEFAULT_TOKEN), shown, "{path}");
    }
    assert!(admin(&server, "GET /state", "").await.1.to_string().contains("hush-hush-hush-1"));
    assert_eq!(admin(&server, "GET /requests/1?reveal=please", "").await.0, 400);
}

#[tokio::test]
async fn exchanges_are_heard_of_as_they_happen() {
    let server = started().await;
    let url = server.admin_url().unwrap();
    let mut stream = TcpStream::connect(url.trim_start_matches("http://")).await.unwrap();
    stream.write_all(b"GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    let mut lines = BufReader::new(stream).lines();
    let mut head = String::new();
    loop {
        let line = lines.next_line().await.unwrap().unwrap();
        if line.is_empty() {
            break;
        }
        head.push_str(&line.to_lowercase());
    }
    assert!(head.contains("200 ok") && head.contains("content-type: text/event-stream"), "{head}");

    api(&server, "GET /v2/apps/a", "").await;
    let mut told = Vec::new();
    while told.len() < 3 {
        let line = lines.next_line().await.unwrap().unwrap();
        if line.starts_with("event: ") || line.starts_with("id: ") || line.starts_with("data: ") {
            told.push(line);
        }
    }
    assert_eq!(told[..2], ["event: exchange", "id: 1"]);
    let data: Value = serde_json::from_str(told[2].trim_start_matches("data: ")).unwrap();
    let mut listed = admin(&server, "GET /requests", "").await.1;
    assert_eq!(data, listed["requests"][0].take());
    server.shutdown().await;
    while let Ok(Some(_)) = lines.next_line().await {}
}

#[tokio::test]
async fn the_page_is_served_with_a_strict_policy_and_without_the_token() {
    for builder in [MockServer::builder(), MockServer::builder().admin_token("hush-hush")] {
        let server = builder.admin_listen("127.0.0.1:0".parse().unwrap()).start().await.unwrap();
        let url = server.admin_url().unwrap();
        let ask = async |path: &str, host: &str| {
            let text = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n");
            talk(url.trim_start_matches("http://"), text.as_bytes()).await
        };
        for path in ["/", "/assets/inspector.js", "/assets/inspector.css"] {
            let answer = ask(path, "localhost").await.to_lowercase();
            let (head, _) = answer.split_once("\r\n\r\n").unwrap();
            assert_eq!(status(head), "200");
            for header in [
                "content-security-policy: default-src 'self'; ",
                "x-content-type-options: nosniff",
                "referrer-policy: no-referrer",
                "cache-control: no-cache",
            ] {
                assert!(head.contains(header), "{path}: {head}");
            }
            assert!(!head.contains("unsafe"), "{head}");
        }
        assert_eq!(status(&ask("/assets/nothing.js", "localhost").await), "404");
        assert_eq!(status(&ask("/assets/..%2Findex.html", "localhost").await), "404");
    }
    let server = started().await;
    let text = b"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n";
    let answer = talk(server.admin_url().unwrap().trim_start_matches("http://"), text).await;
    assert_eq!(status(&answer), "403", "a page of another host reads nothing here");
}
