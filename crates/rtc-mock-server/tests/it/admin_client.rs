//! The client of the admin API, against a running mock and against peers that are none.

use std::time::Duration;

use rtc_mock_server::admin_api::{
    DeliveryFilter, Event, Explain, ReasonKind, Reset, ResetPart, Verify, Wait,
};
use rtc_mock_server::{AdminClient, AdminErrorKind, MockServer, RequestFilter};
use rtc_model::OperationId;
use rtc_model::jobs::JobState;
use rtc_model::record_callback::NotifyEvent;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::http::{api, started, talk};

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

#[tokio::test]
async fn secrets_are_shown_and_hidden_on_demand() {
    let server = started().await;
    let admin = client(&server);
    let callback = r#"{"url":"http://h","auth_key":"0123456789abcdef"}"#;
    assert_eq!(api(&server, "PUT /v2/apps/a/record-callback", callback).await.0, 200);
    let holds = |shown: &str, secret: &str| shown.contains(secret);
    let shown = |exchange: &_| serde_json::to_string(exchange).unwrap();
    for secret in [rtc_mock_server::DEFAULT_TOKEN, "0123456789abcdef"] {
        assert!(!holds(&shown(&admin.request(1).await.unwrap()), secret), "{secret}");
        assert!(holds(&shown(&admin.revealed_request(1).await.unwrap()), secret), "{secret}");
    }
    let key = "/projects/0/apps/0/callbacks/record_callback/auth_key";
    let masked = admin.masked_state().await.unwrap();
    assert_eq!(masked.pointer(key).unwrap(), "***");
    let whole = admin.state().await.unwrap().to_json();
    assert_eq!(whole.pointer(key).unwrap(), "0123456789abcdef");
}

#[tokio::test]
async fn signatures_are_explained_by_number_and_by_request() {
    let server = started().await;
    let admin = client(&server);
    let signed = "GET /v2/apps HTTP/1.1\r\nHost: h\r\nX-Sdk-Date: 20240315T081530Z\r\nAuthorization: SDK-HMAC-SHA256 Access=RTCMOCKACCESSKEY0001, SignedHeaders=host;x-sdk-date, Signature=0000000000000000000000000000000000000000000000000000000000000000\r\n\r\n";
    talk(&server.address().to_string(), signed.as_bytes()).await;
    let recorded = admin.explain(&Explain { id: Some(1), ..Explain::default() }).await.unwrap();
    assert_eq!(recorded.verdict, "refused");
    assert_eq!(recorded.reason_kind, Some(ReasonKind::Unknown));
    assert!(recorded.expected_signature.is_some());
    let theirs = recorded.canonical_request.clone().unwrap().replace("/v2/apps", "/v2/Apps");
    let given = Explain {
        request: Some(signed.to_owned()),
        canonical_request: Some(theirs),
        now: Some("2024-03-15T08:15:30Z".to_owned()),
        ..Explain::default()
    };
    let given = admin.explain(&given).await.unwrap();
    assert_eq!(given.canonical_request, recorded.canonical_request);
    assert!(given.comparison.unwrap().iter().any(|line| !line.same));

    let nothing = admin.explain(&Explain::default()).await.unwrap_err();
    assert_eq!(nothing.status().unwrap(), 400);
    let gone = admin.explain(&Explain { id: Some(9), ..Explain::default() }).await.unwrap_err();
    assert_eq!(gone.status().unwrap(), 404);
}

#[tokio::test]
async fn events_are_told_as_they_happen_until_the_mock_stops() {
    let server = started().await;
    let admin = client(&server);
    let mut events = admin.events().await.unwrap();
    // Who waits and gives up loses nothing.
    let waited = tokio::select! {
        biased;
        event = events.next() => Some(event),
        () = tokio::task::yield_now() => None,
    };
    assert!(waited.is_none());
    api(&server, "GET /v2/apps/a", "").await;
    let Some(Event::Exchange(exchange)) = events.next().await.unwrap() else {
        panic!("the exchange is not told");
    };
    assert_eq!(*exchange, admin.request(1).await.unwrap());
    admin.set_clock("frozen@2024-03-15T08:16:30Z").await.unwrap();
    let Some(Event::Clock(clock)) = events.next().await.unwrap() else {
        panic!("the clock is not told");
    };
    assert_eq!(clock.time.to_string(), "2024-03-15T08:16:30.000Z");
    admin.add_fault(&"*=reset".parse().unwrap()).await.unwrap();
    assert_eq!(events.next().await.unwrap(), Some(Event::Faults));
    admin.clear_requests().await.unwrap();
    assert_eq!(events.next().await.unwrap(), Some(Event::Cleared));
    admin.reset(&Reset::default()).await.unwrap();
    assert_eq!(events.next().await.unwrap(), Some(Event::Reset));

    server.shutdown().await;
    assert_eq!(events.next().await.unwrap(), None);
    assert_eq!(events.next().await.unwrap(), None, "and it stays so");
    assert_eq!(admin.events().await.unwrap_err().kind(), AdminErrorKind::Connect);
}

#[tokio::test]
async fn a_stream_of_events_too_many_is_refused() {
    let server = started().await;
    let admin = client(&server);
    let mut streams = Vec::new();
    let error = loop {
        match admin.events().await {
            Ok(events) => streams.push(events),
            Err(error) => break error,
        }
    };
    assert_eq!(streams.len(), 64);
    assert_eq!(error.kind(), AdminErrorKind::Refused);
    assert_eq!(error.status().unwrap(), 503);
    assert!(error.to_string().contains("64 streams of events"), "{error}");
}

/// A peer that takes one request and begins to answer with a stream of events.
async fn begin_stream(listener: TcpListener, bytes: &str) -> TcpStream {
    let (mut stream, _) = listener.accept().await.unwrap();
    let mut asked = Vec::new();
    while !asked.ends_with(b"\r\n\r\n") {
        asked.push(stream.read_u8().await.unwrap());
    }
    let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    let answer = format!("{head}{:x}\r\n{bytes}\r\n", bytes.len());
    stream.write_all(answer.as_bytes()).await.unwrap();
    stream
}

/// What a client reads of a stream that begins with these bytes, and how it ends.
async fn streamed(bytes: &str, closes: bool) -> (Vec<Event>, Option<AdminErrorKind>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let admin = AdminClient::new(&url).unwrap().timeout(Duration::from_secs(5)).max_answer(50);
    let peer = async {
        let stream = begin_stream(listener, bytes).await;
        (!closes).then_some(stream)
    };
    let read = async {
        let mut events = admin.events().await.unwrap();
        let mut read = Vec::new();
        let end = loop {
            match events.next().await {
                Ok(Some(event)) => read.push(event),
                Ok(None) => break None,
                Err(error) => break Some(error.kind()),
            }
        };
        (read, end)
    };
    let (read, _stream) = tokio::join!(read, peer);
    read
}

#[tokio::test]
async fn a_stream_of_events_that_is_dropped_closes_its_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let admin = AdminClient::new(&url).unwrap();
    let (events, mut peer) = tokio::join!(admin.events(), begin_stream(listener, ":\n\n"));
    drop(events.unwrap());
    assert_eq!(peer.read(&mut [0; 1]).await.unwrap(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_stream_of_events_that_breaks_or_falls_silent_is_an_error() {
    let reset = "event: reset\ndata: {}\n\n";
    for (bytes, closes, end) in [
        (reset, true, AdminErrorKind::Connection),
        (reset, false, AdminErrorKind::Timeout),
        ("event: delivery\ndata: {}\n\n", true, AdminErrorKind::Unreadable),
        (
            "data: 012345678901234567890123456789012345678901234567890",
            false,
            AdminErrorKind::TooLarge,
        ),
    ] {
        let begun = tokio::time::Instant::now();
        let (read, ended) = streamed(bytes, closes).await;
        assert_eq!(ended, Some(end), "{bytes}");
        assert_eq!(read.len(), usize::from(bytes == reset), "{bytes}");
        let waited = begun.elapsed().as_secs();
        assert_eq!(waited, if end == AdminErrorKind::Timeout { 20 } else { 0 }, "{bytes}");
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
