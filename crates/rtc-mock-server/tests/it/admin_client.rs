//! The client of the admin API, against a running mock and against peers that are none.

use std::time::Duration;

use rtc_mock_server::admin_api::{DeliveryFilter, Reset, ResetPart, Verify, Wait};
use rtc_mock_server::{AdminClient, AdminErrorKind, MockServer, RequestFilter};
use rtc_model::OperationId;
use rtc_model::jobs::JobState;
use rtc_model::record_callback::NotifyEvent;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::http::{api, started};

fn client(server: &MockServer) -> AdminClient {
    AdminClient::new(&server.admin_url().unwrap()).unwrap()
}

#[tokio::test]
async fn facts_documents_and_the_state_are_read() {
    let server = started().await;
    let admin = client(&server);
    assert_eq!(admin.health().await.unwrap().status, "ok");
    let info = admin.info().await.unwrap();
    assert_eq!((info.operations.len(), info.apps), (OperationId::ALL.len(), 1));
    assert_eq!(admin.openapi().await.unwrap(), rtc_mock_server::openapi());
    assert_eq!(admin.openapi_admin().await.unwrap(), rtc_mock_server::openapi_admin());

    let state = admin.state().await.unwrap();
    assert_eq!(state.to_json(), server.state().to_json());
    assert_eq!(api(&server, "DELETE /v2/apps/a", "").await.0, 204);
    assert!(admin.set_state(&state).await.unwrap().changed);
    assert_eq!(api(&server, "GET /v2/apps/a", "").await.0, 200);

    let error = admin.ca_pem().await.unwrap_err();
    assert_eq!(error.kind(), AdminErrorKind::Refused);
    assert_eq!(error.status().unwrap(), 404);
    assert!(error.to_string().contains("--tls-self-signed"), "{error}");
}

#[tokio::test]
async fn the_journal_is_listed_counted_verified_awaited_and_emptied() {
    let server = started().await;
    let admin = client(&server);
    api(&server, "GET /v2/apps/a", "").await;
    api(&server, "GET /v2/apps/b", "").await;
    let shown = RequestFilter::of(OperationId::ShowApp);
    let missed = serde_json::from_str(r#"{"status":"4xx","path":"/v2/apps/b"}"#).unwrap();
    assert_eq!(admin.requests(&shown).await.unwrap().count, 2);
    let found = admin.requests(&missed).await.unwrap().requests;
    assert_eq!((found.len(), found[0].id), (1, 2));
    assert_eq!(admin.request(2).await.unwrap(), found[0]);
    assert_eq!(admin.request(7).await.unwrap_err().status().unwrap(), 404);
    assert_eq!(admin.count_requests(&missed).await.unwrap().count, 1);

    let verify = |least| Verify { filter: shown.clone(), at_least: Some(least), at_most: None };
    assert!(admin.verify_requests(&verify(2)).await.unwrap().verified);
    let verified = admin.verify_requests(&verify(3)).await.unwrap();
    assert!(!verified.verified && verified.count == 2, "{verified:?}");

    let wait = |count, timeout_ms| Wait { filter: shown.clone(), count: Some(count), timeout_ms };
    let error = admin.wait_for_requests(&wait(3, Some(1))).await.unwrap_err();
    assert_eq!(error.kind(), AdminErrorKind::Unmet);
    assert_eq!(error.unmet().unwrap().count, 2);
    let third = wait(3, None);
    let waiting = admin.wait_for_requests(&third);
    let (waited, _) = tokio::join!(waiting, api(&server, "GET /v2/apps/a", ""));
    assert_eq!(waited.unwrap().count, 3);

    assert!(admin.clear_requests().await.unwrap().changed);
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn clock_faults_rooms_and_jobs_are_worked() {
    let server = started().await;
    let admin = client(&server);
    assert_eq!(admin.clock().await.unwrap().clock, "frozen@2024-03-15T08:15:30.000Z");
    let set = admin.set_clock("frozen@2024-01-01T00:00:00Z").await.unwrap();
    assert_eq!(set.time.to_string(), "2024-01-01T00:00:00.000Z");
    let advanced = admin.advance_clock(Duration::from_secs(86_400)).await.unwrap();
    assert_eq!(advanced.time.to_string(), "2024-01-02T00:00:00.000Z");
    let error = admin.set_clock("yesterday").await.unwrap_err();
    assert!(error.to_string().contains("PUT /clock was refused with 400"), "{error}");

    let fault = |spec: &str| spec.parse().unwrap();
    let added = admin.add_fault(&fault("ShowApp=status(503),count=2")).await.unwrap();
    assert_eq!(api(&server, "GET /v2/apps/a", "").await.0, 503);
    assert_eq!(admin.fault(&added.id).await.unwrap().struck, 1);
    admin.set_fault("mine", &fault("*=reset,rate=0.5,header=x:a/b")).await.unwrap();
    assert_eq!(admin.faults().await.unwrap().faults.len(), 2);
    assert!(admin.remove_fault("mine").await.unwrap().changed);
    assert_eq!(admin.remove_fault("a/../b?").await.unwrap_err().status().unwrap(), 404);
    let all = admin.replace_faults(&[fault("*=close"), fault("*=garbage")]).await.unwrap();
    assert_eq!(all.faults.len(), 2);
    assert!(admin.clear_faults().await.unwrap().changed);

    assert!(admin.join_room("a", "x", "u").await.unwrap().changed);
    let mine = admin.clone().project_id(server.project_id());
    assert!(!mine.join_room("a", "x", "u").await.unwrap().changed);
    let error = admin.clone().project_id("other&").join_room("a", "x", "u").await.unwrap_err();
    assert_eq!(error.status().unwrap(), 404);
    assert!(admin.leave_room("a", "x", "u").await.unwrap().changed);
    let events = [NotifyEvent::RecordFileComplete];
    let subscribed = admin.subscribe("a", &events).await.unwrap();
    assert_eq!(subscribed.notify_event_subscription, events);
    let body = r#"{"room_id":"x","user_id":"u","is_record_audio":true,"record_param":{"record_rule_id":"r"}}"#;
    let path = "POST /v2/apps/a/individual-stream-jobs";
    let (_, job) = api(&server, path, body).await;
    assert!(admin.fail_job(job["job_id"].as_str().unwrap()).await.unwrap().changed);
    admin.join_room("a", "x", "u").await.unwrap();
    let (_, job) = api(&server, path, body).await;
    admin.leave_room("a", "x", "u").await.unwrap();
    let happened = admin.advance_clock(Duration::from_secs(3_600)).await.unwrap().happened;
    let last = happened.last().unwrap();
    assert_eq!(
        (last.job_id.as_ref(), &last.state),
        (job["job_id"].as_str().unwrap(), &JobState::Stopped)
    );

    let all = DeliveryFilter::default();
    assert!(admin.pause_deliveries().await.unwrap().changed);
    assert!(admin.deliveries(&all).await.unwrap().paused);
    assert_eq!(admin.flush_deliveries().await.unwrap_err().status().unwrap(), 409);
    assert!(admin.resume_deliveries().await.unwrap().changed);
    assert_eq!(admin.delivery(9_999).await.unwrap_err().status().unwrap(), 404);
    assert_eq!(admin.redeliver(9_999).await.unwrap_err().status().unwrap(), 404);
    admin.clear_deliveries().await.unwrap();

    let reset = Reset { only: Some(vec![ResetPart::Clock]) };
    assert!(admin.reset(&reset).await.unwrap().changed);
    assert_eq!(admin.clock().await.unwrap().time.to_string(), "2024-03-15T08:15:30.000Z");
}

#[tokio::test]
async fn a_token_is_sent_and_never_shown() {
    let builder = MockServer::builder().admin_listen("127.0.0.1:0".parse().unwrap());
    let server = builder.admin_token("hush-hush").start().await.unwrap();
    let admin = client(&server);
    assert!(admin.health().await.is_ok(), "health needs none");
    for (token, kind) in [
        (None, Some(AdminErrorKind::Refused)),
        (Some("hush"), Some(AdminErrorKind::Refused)),
        (Some("hush\nhush"), Some(AdminErrorKind::Request)),
        (Some("hush-hush"), None),
    ] {
        let admin = token.map_or(admin.clone(), |token| admin.clone().token(token));
        let error = admin.clock().await.err();
        assert_eq!(error.as_ref().map(rtc_mock_server::AdminError::kind), kind, "{token:?}");
        assert!(!format!("{error:?} {admin:?}").contains("hush"), "{token:?}");
    }
}

/// What a client makes of a peer that answers with these bytes and closes.
async fn answered(bytes: &'static [u8]) -> AdminErrorKind {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let peer = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut asked = Vec::new();
        while !asked.ends_with(b"\r\n\r\n") {
            asked.push(stream.read_u8().await.unwrap());
        }
        let _ = stream.write_all(bytes).await;
    };
    let admin = AdminClient::new(&url).unwrap().max_answer(64);
    let (error, ()) = tokio::join!(admin.clock(), peer);
    error.unwrap_err().kind()
}

#[tokio::test]
async fn peers_that_are_no_admin_api_are_told_apart() {
    for (bytes, kind) in [
        (&b""[..], AdminErrorKind::Connection),
        (b"no HTTP at all\r\n\r\n", AdminErrorKind::Connection),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}", AdminErrorKind::Connection),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", AdminErrorKind::Unreadable),
        (b"HTTP/1.1 200 OK\r\n\r\n0123456789012345678901234567890123456789012345678901234567890123456789", AdminErrorKind::TooLarge),
        (b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n", AdminErrorKind::Refused),
        (b"HTTP/1.1 409 Conflict\r\nContent-Length: 2\r\n\r\n{}", AdminErrorKind::Refused),
    ] {
        assert_eq!(answered(bytes).await, kind, "{}", String::from_utf8_lossy(bytes));
    }
    let server = started().await;
    let error = AdminClient::new(&server.url()).unwrap().clock().await.unwrap_err();
    assert_eq!(error.kind(), AdminErrorKind::NotAdmin);
    let nobody = AdminClient::new("http://127.0.0.1:9").unwrap().clock().await.unwrap_err();
    assert_eq!(nobody.kind(), AdminErrorKind::Connect);
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_says_nothing_is_given_up() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let admin = AdminClient::new(&url).unwrap().timeout(Duration::from_secs(3));
    let before = tokio::time::Instant::now();
    let error = admin.health().await.unwrap_err();
    assert_eq!(error.kind(), AdminErrorKind::Timeout);
    assert_eq!(before.elapsed().as_secs(), 3);

    let wait = Wait { filter: RequestFilter::any(), count: None, timeout_ms: Some(4_000) };
    let error = admin.wait_for_requests(&wait).await.unwrap_err();
    assert_eq!(error.kind(), AdminErrorKind::Timeout);
    assert_eq!(before.elapsed().as_secs(), 10, "a wait takes so much longer");
}
