//! Receivers that are not as they should be, and notifications that are not either.

use std::time::Duration;

use rtc_mock_server::admin_api::{DeliveryState, RecordedDelivery};
use rtc_mock_server::{MockServer, MockServerBuilder};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::deliveries::{ALL, builder, start_job};
use crate::receiver::Receiver;

const PATIENCE: Duration = Duration::from_secs(120);
const SECOND: Duration = Duration::from_secs(1);

/// The first delivery of a job, after its first attempt.
async fn first(builder: MockServerBuilder) -> (MockServer, RecordedDelivery) {
    let server = builder.start().await.unwrap();
    start_job(&server).await;
    assert!(server.deliveries().settled(PATIENCE).await);
    let first = server.deliveries().list().remove(0);
    (server, first)
}

fn error(delivery: &RecordedDelivery) -> &str {
    delivery.attempts.last().and_then(|attempt| attempt.error.as_deref()).unwrap_or_default()
}

#[tokio::test]
async fn hosts_that_are_not_allowed_are_refused_without_another_attempt() {
    for (url, reason) in [
        ("http://169.254.169.254/latest/meta-data", "no setting allows it"),
        ("http://[fe80::1]/", "no setting allows it"),
        ("http://0.0.0.0:1/", "no setting allows it"),
        ("http://203.0.113.7/", "--allow-callback-to"),
        #[cfg(feature = "tls")]
        ("https://[2001:db8::1]:8443/x", "--allow-callback-to"),
        #[cfg(not(feature = "tls"))]
        ("https://127.0.0.1:1/", "switch the feature tls on"),
    ] {
        let (_server, delivery) =
            first(builder(url, &ALL).allow_callback_to("169.254.169.254")).await;
        assert_eq!(delivery.state, DeliveryState::Refused, "{url}: {delivery:?}");
        assert!(error(&delivery).contains(reason), "{url}: {}", error(&delivery));
    }
}

#[tokio::test]
async fn nobody_listening_and_a_host_that_is_not_there_are_failures_that_are_told() {
    for (url, reason) in [
        ("http://127.0.0.1:1/", "no connection to 127.0.0.1:1"),
        ("http://no-host.invalid/", "not found"),
    ] {
        // A question to the DNS that gets lost takes some seconds.
        let builder = builder(url, &ALL).callback_timeout(Duration::from_secs(60));
        let (_server, delivery) = first(builder).await;
        assert_eq!(delivery.state, DeliveryState::Waiting, "{delivery:?}");
        assert!(error(&delivery).contains(reason), "{}", error(&delivery));
    }
}

#[tokio::test]
async fn redirections_are_not_followed() {
    let (elsewhere, receiver) = (Receiver::start().await, Receiver::start().await);
    let answer =
        format!("HTTP/1.1 307 No\r\nLocation: {}\r\nContent-Length: 0\r\n\r\n", elsewhere.url);
    receiver.answer_with([answer.as_str()]);
    let (_server, delivery) = first(builder(&receiver.url, &ALL)).await;
    assert_eq!(delivery.attempts[0].status, Some(307));
    assert!(error(&delivery).contains("not followed"), "{}", error(&delivery));
    assert!(elsewhere.came().is_empty());
}

/// A receiver that never ends: it reads, and then writes `answer` again and again.
async fn endless(answer: &'static [u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let _ = stream.read(&mut [0; 4096]).await;
                let head = b"HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\n";
                if !answer.is_empty() {
                    let _ = stream.write_all(head).await;
                }
                while !answer.is_empty() && stream.write_all(answer).await.is_ok() {}
                std::future::pending::<()>().await;
            });
        }
    });
    url
}

#[tokio::test]
async fn an_endless_answer_is_read_to_a_bound_and_a_missing_one_is_waited_for_to_another() {
    let url = endless(&[b'x'; 8_192]).await;
    let (_server, delivery) = first(builder(&url, &ALL)).await;
    assert_eq!(
        (delivery.state, delivery.attempts[0].status),
        (DeliveryState::Delivered, Some(200))
    );

    let url = endless(b"").await;
    let builder = builder(&url, &ALL).callback_timeout(Duration::from_millis(100));
    let (_server, delivery) = first(builder).await;
    assert!(error(&delivery).contains("no answer within 0.1 s"), "{}", error(&delivery));
}

#[tokio::test]
async fn a_receiver_that_never_answers_holds_up_no_other_and_no_call() {
    let (url, receiver) = (endless(b"").await, Receiver::start().await);
    let server = builder(&url, &ALL).start().await.unwrap();
    for user in 0..40 {
        let body = format!(
            r#"{{"room_id":"x","user_id":"u{user}","record_param":{{"record_rule_id":"r"}}}}"#
        );
        let line = "POST /v2/apps/a/individual-stream-jobs";
        assert_eq!(crate::http::api(&server, line, &body).await.0, 201);
    }
    let line = "PUT /v2/apps/a/record-callback";
    let body = format!(r#"{{"url":"{}"}}"#, receiver.url);
    assert_eq!(crate::http::api(&server, line, &body).await.0, 200);
    let (status, _) = crate::http::api(
        &server,
        "POST /v2/apps/a/individual-stream-jobs",
        r#"{"room_id":"x","user_id":"other","record_param":{"record_rule_id":"r"}}"#,
    )
    .await;
    assert_eq!((status, receiver.wait_for(2).await.len()), (201, 2));
}

#[cfg(feature = "tls")]
#[tokio::test]
async fn a_receiver_behind_tls_must_be_trusted() {
    use std::sync::Arc;

    let certified = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = rustls::pki_types::PrivateKeyDer::try_from(certified.signing_key.serialize_der());
    let config = rustls::ServerConfig::builder_with_provider(Arc::new(
        rustls::crypto::ring::default_provider(),
    ))
    .with_safe_default_protocol_versions()
    .unwrap()
    .with_no_client_auth()
    .with_single_cert(vec![certified.cert.der().clone()], key.unwrap())
    .unwrap();
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://localhost:{}/", listener.local_addr().unwrap().port());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(mut stream) = acceptor.accept(stream).await else { return };
                let _ = stream.read(&mut [0; 4096]).await;
                let answer = b"HTTP/1.1 204 Yes\r\nConnection: close\r\n\r\n";
                let _ = stream.write_all(answer).await;
                let _ = stream.shutdown().await;
            });
        }
    });
    let (_server, delivery) = first(builder(&url, &ALL)).await;
    assert_eq!(delivery.state, DeliveryState::Waiting);
    assert!(error(&delivery).contains("certificate"), "{}", error(&delivery));
    let (_server, delivery) = first(builder(&url, &ALL).callback_ca(certified.cert.pem())).await;
    let attempt = &delivery.attempts[0];
    assert_eq!(
        (delivery.state, attempt.status),
        (DeliveryState::Delivered, Some(204)),
        "{delivery:?}"
    );
}

#[tokio::test]
async fn a_url_that_cannot_be_reached_is_refused_where_it_is_probed() {
    let receiver = Receiver::start().await;
    let server = builder("http://h", &ALL).probe_callback_url().start().await.unwrap();
    let put = async |app: &str, url: &str| {
        let line = format!("PUT /v2/apps/{app}/record-callback");
        let answer = crate::http::api(&server, &line, &format!(r#"{{"url":"{url}"}}"#)).await;
        (answer.0, answer.1["error_code"].as_str().unwrap_or_default().to_owned())
    };
    assert_eq!(put("a", &receiver.url).await, (200, String::new()));
    for url in ["http://127.0.0.1:1/", "http://169.254.169.254/", "https://127.0.0.1:1/"] {
        assert_eq!(put("a", url).await, (400, "RTC.00001018".to_owned()), "{url}");
    }
    assert_eq!(put("a", "ftp://h/").await, (400, "RTC.00001003".to_owned()));
    assert_eq!(put("none", "http://127.0.0.1:1/").await.0, 404);
    assert!(receiver.came().is_empty(), "nothing is sent to it");
}

/// What comes of a job with a fault, in the order in which it comes.
async fn with_fault(spec: &str, seconds: u32) -> (MockServer, Receiver) {
    let receiver = Receiver::start().await;
    let builder = builder(&receiver.url, &ALL).fault(spec.parse().unwrap());
    let (server, _) = first(builder).await;
    server.clock().advance(seconds * SECOND).unwrap();
    assert!(server.deliveries().settled(PATIENCE).await);
    (server, receiver)
}

#[tokio::test]
async fn a_notification_can_come_late_twice_and_out_of_order() {
    let (start, mp4) = ("RECORD_NEW_FILE_START HLS", "RECORD_NEW_FILE_START MP4");
    let (server, receiver) = with_fault("Notification=late(10s),count=1", 9).await;
    assert!(receiver.came().is_empty());
    server.clock().advance(SECOND).unwrap();
    assert!(server.deliveries().settled(PATIENCE).await);
    assert_eq!(receiver.words(), [start, mp4]);

    let (server, receiver) = with_fault("RECORD_NEW_FILE_START=twice,count=1", 0).await;
    assert_eq!(receiver.words(), [start, start, mp4]);
    let attempts = server.deliveries().list().remove(0).attempts;
    assert_eq!(attempts.len(), 2);
    assert_eq!(attempts[0].fault.as_deref(), Some("RECORD_NEW_FILE_START=twice,count=1"));

    let (_server, receiver) = with_fault("Notification=reorder,count=1", 0).await;
    assert_eq!(receiver.words(), [mp4, start]);
}

#[tokio::test]
async fn a_fault_that_always_strikes_moves_each_notification_once() {
    let (start, mp4) = ("RECORD_NEW_FILE_START HLS", "RECORD_NEW_FILE_START MP4");
    let (server, receiver) = with_fault("Notification=reorder", 0).await;
    assert_eq!(receiver.words(), [mp4, start]);
    server.clock().advance(120 * SECOND).unwrap();
    assert!(server.deliveries().settled(PATIENCE).await);
    // Of the next six, two each.
    let words = receiver.words();
    let hls = "RECORD_FILE_COMPLETE HLS";
    let expected =
        [start, hls, start, hls, "RECORD_NEW_FILE_START MP4", "RECORD_FILE_COMPLETE MP4"];
    assert_eq!(words[2..], expected);

    let (server, receiver) = with_fault("Notification=late(10s)", 9).await;
    assert!(receiver.came().is_empty());
    server.clock().advance(SECOND).unwrap();
    assert!(server.deliveries().settled(PATIENCE).await);
    assert_eq!(receiver.words(), [start]);
    server.clock().advance(10 * SECOND).unwrap();
    assert!(server.deliveries().settled(PATIENCE).await);
    assert_eq!(receiver.words(), [start, mp4], "it waited for the one before, and then its time");
}

#[tokio::test]
async fn a_notification_can_be_signed_wrongly_or_long_ago_and_be_cut() {
    let (server, receiver) = with_fault("Notification=wrong-signature,count=1", 0).await;
    let now = server.clock().now();
    let verdicts: Vec<_> =
        receiver.came().iter().map(|one| one.verify(now).map_err(|e| e.to_string())).collect();
    assert!(verdicts[0].is_err() && verdicts[1].is_ok(), "{verdicts:?}");

    let (server, receiver) = with_fault("Notification=old-signature(1h),count=1", 0).await;
    let came = receiver.came();
    assert!(came[0].verify(server.clock().now()).is_err());
    assert!(came[0].verify(server.clock().now() - 3_600 * SECOND).is_ok(), "it is only old");

    let (server, receiver) = with_fault("Notification=end(10),count=1", 2).await;
    let came = receiver.came();
    assert_eq!((came[0].whole, came[0].body.len(), came[1].whole), (false, 10, true));
    let list = server.deliveries().list();
    assert_eq!((list[0].state, list[0].attempts.len()), (DeliveryState::Delivered, 2));
    assert_eq!(server.faults().list()[0].struck, 1);
}

#[tokio::test]
async fn faults_of_notifications_and_of_requests_are_not_mixed_up() {
    use rtc_mock_server::Fault;
    for spec in [
        "Notification=reset",
        "RECORD_FILE_COMPLETE=status(503)",
        "CreateApp=late(1s)",
        "*=wrong-signature",
        "Notification=twice,method=POST",
        "Notification=late(25h)",
        "Notification=late(soon)",
        "RECORD_NOTHING=twice",
    ] {
        assert!(spec.parse::<Fault>().is_err(), "{spec}");
    }
    for spec in ["Notification=end(3)", "CLOUD_RECORD_SERVER_OVER=old-signature(60s),rate=0.5"] {
        let fault: Fault = spec.parse().unwrap();
        assert_eq!(fault.to_string(), spec);
        let json = serde_json::to_string(&fault).unwrap();
        assert_eq!(serde_json::from_str::<Fault>(&json).unwrap(), fault);
    }
}
