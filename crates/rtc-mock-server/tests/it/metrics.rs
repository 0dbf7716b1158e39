//! `/metrics`.

use std::collections::BTreeMap;

use rtc_mock_server::MockServer;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::http::{api, request, started, talk};

/// The samples by their names with labels.
async fn scrape(server: &MockServer) -> BTreeMap<String, f64> {
    let url = server.admin_url().unwrap();
    let answer = talk(
        url.trim_start_matches("http://"),
        b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
    )
    .await;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let media_type = "content-type: application/openmetrics-text; version=1.0.0; charset=utf-8";
    assert!(head.to_lowercase().contains(media_type), "{head}");
    assert!(body.ends_with("# EOF\n"), "{body}");
    let samples = body.lines().filter(|line| !line.starts_with('#'));
    samples
        .map(|line| {
            let (name, value) = line.rsplit_once(' ').unwrap();
            (name.to_owned(), value.parse().unwrap())
        })
        .collect()
}

#[tokio::test]
async fn requests_refusals_and_faults_are_counted() {
    let server = started().await;
    let before = scrape(&server).await;
    assert!(!before.keys().any(|name| name.starts_with("rtc_mock_requests_total")), "{before:?}");

    api(&server, "POST /v2/apps", r#"{"app_name":"one"}"#).await;
    api(&server, "POST /v2/apps", r#"{"app_name":"two"}"#).await;
    api(&server, "POST /v2/apps", r#"{"app_name":"two"}"#).await;
    api(&server, "GET /v3/projects", "").await;
    api(&server, "GET /nothing", "").await;
    let address = server.address().to_string();
    talk(&address, b"GET /v2/apps HTTP/1.1\r\nHost: h\r\n\r\n").await;
    talk(&address, b"GET /v2/apps HTTP/1.1\r\nHost: h\r\nX-Auth-Token: x\r\n\r\n").await;
    let bad = b"GET /v2/apps HTTP/1.1\r\nHost: h\r\nAuthorization: SDK-HMAC-SHA256 Access=no, SignedHeaders=host;x-sdk-date, Signature=00\r\n\r\n";
    talk(&address, bad).await;
    let id = server.faults().add("ListApps=close,count=1".parse().unwrap()).unwrap();
    talk(&address, &request("GET /v2/apps", "")).await;
    server.faults().remove(&id);
    server.faults().add("ListApps=status(418)".parse().unwrap()).unwrap();
    api(&server, "GET /v2/apps", "").await;

    let counts = scrape(&server).await;
    for (name, count) in [
        (r#"rtc_mock_requests_total{operation="CreateApp",status="201"}"#, 2.0),
        (r#"rtc_mock_requests_total{operation="CreateApp",status="400"}"#, 1.0),
        (r#"rtc_mock_requests_total{operation="IAM",status="200"}"#, 1.0),
        (r#"rtc_mock_requests_total{operation="none",status="404"}"#, 1.0),
        (r#"rtc_mock_requests_total{operation="ListApps",status="401"}"#, 3.0),
        (r#"rtc_mock_requests_total{operation="ListApps",status="none"}"#, 1.0),
        (r#"rtc_mock_requests_total{operation="ListApps",status="418"}"#, 1.0),
        (r#"rtc_mock_refusals_total{reason="no_credentials"}"#, 1.0),
        (r#"rtc_mock_refusals_total{reason="unknown_token"}"#, 1.0),
        (r#"rtc_mock_refusals_total{reason="malformed_authorization"}"#, 1.0),
        ("rtc_mock_faults_struck_total", 2.0),
        ("rtc_mock_request_duration_seconds_count", 10.0),
        (r#"rtc_mock_request_duration_seconds_bucket{le="+Inf"}"#, 10.0),
        ("rtc_mock_journal_entries", 10.0),
        ("rtc_mock_apps", 3.0),
    ] {
        assert_eq!(counts.get(name), Some(&count), "{name}: {counts:#?}");
    }
    assert!(counts["rtc_mock_journal_bytes"] > 1_000.0);
    assert!(counts["rtc_mock_request_duration_seconds_sum"] > 0.0);
    let buckets = counts.iter().filter(|(name, _)| name.contains("_bucket"));
    assert!(buckets.count() > 10);
}

#[tokio::test]
async fn open_connections_are_counted_until_they_end() {
    let server = started().await;
    let api = r#"rtc_mock_connections{listener="api"}"#;
    let admin = r#"rtc_mock_connections{listener="admin"}"#;
    let mut streams = Vec::new();
    for _ in 0..3 {
        let mut stream = TcpStream::connect(server.address()).await.unwrap();
        stream.write_all(&request("GET /nothing", "")).await.unwrap();
        assert_eq!(stream.read_u8().await.unwrap(), b'H', "it is served");
        streams.push(stream);
    }
    let counts = scrape(&server).await;
    assert_eq!((counts[api], counts[admin]), (3.0, 1.0));
    drop(streams);
    // The server sees the end of a connection in its own time.
    for _ in 0..1_000 {
        if scrape(&server).await[api] == 0.0 {
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("connections stay open");
}

#[tokio::test]
async fn attempts_to_deliver_and_what_waits_are_counted() {
    use crate::deliveries::{ALL, builder, start_job};
    use crate::receiver::Receiver;

    let patience = std::time::Duration::from_secs(20);
    let receiver = Receiver::start().await;
    receiver.answer_with(["HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n"; 2]);
    let fault = "RECORD_FILE_COMPLETE=twice,count=1".parse().unwrap();
    let server = builder(&receiver.url, &ALL).fault(fault).start().await.unwrap();
    let counts = async || {
        let samples = scrape(&server).await;
        let attempts = |outcome: &str| {
            samples[&format!(r#"rtc_mock_delivery_attempts_total{{outcome="{outcome}"}}"#)]
        };
        let waiting = samples["rtc_mock_deliveries_waiting"];
        format!(
            "{waiting} {} {} {}",
            attempts("delivered"),
            attempts("failed"),
            attempts("refused")
        )
    };
    assert_eq!(counts().await, "0 0 0 0");
    start_job(&server).await;
    assert!(server.deliveries().settled(patience).await);
    assert_eq!(counts().await, "2 0 1 0");
    server.clock().advance(std::time::Duration::from_secs(60)).unwrap();
    assert!(server.deliveries().settled(patience).await);
    assert_eq!(counts().await, "0 5 2 0", "one of the four was sent twice");
    let line = "PUT /v2/apps/a/record-callback";
    assert_eq!(api(&server, line, r#"{"url":"http://203.0.113.7/"}"#).await.0, 200);
    server.clock().advance(std::time::Duration::from_secs(60)).unwrap();
    assert!(server.deliveries().settled(patience).await);
    assert_eq!(counts().await, "0 5 2 4");
}
