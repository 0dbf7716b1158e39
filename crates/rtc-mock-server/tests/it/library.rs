//! The library, as tests use it.

use std::sync::Arc;
use std::time::Duration;

use rtc_mock_server::admin_api::{Event, Explain, ReasonKind, ResetPart};
use rtc_mock_server::{
    Clock, ExplainError, Fixture, FixtureError, MockServer, Refusal, StartError, Verdict,
};
use rtc_model::record_callback::NotifyEvent;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::http::{api, request, started, status, talk};

const CREATE: &str = "POST /v2/apps";

fn address(server: &MockServer) -> String {
    server.address().to_string()
}

#[tokio::test]
async fn a_started_server_is_reachable_and_a_dropped_one_is_not() {
    let server = MockServer::start().await.unwrap();
    let address = address(&server);
    assert_eq!(status(&talk(&address, &request(CREATE, r#"{"app_name":"a"}"#)).await), "201");
    drop(server);
    for _ in 0..200 {
        if TcpStream::connect(&address).await.is_err() {
            return;
        }
        tokio::task::yield_now().await;
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("a dropped server still accepts connections");
}

#[tokio::test]
async fn two_hundred_servers_at_once_share_nothing() {
    let mut servers = Vec::new();
    for _ in 0..200 {
        servers.push(Arc::new(MockServer::start().await.unwrap()));
    }
    let mut tests = tokio::task::JoinSet::new();
    for (number, server) in servers.iter().enumerate() {
        let server = Arc::clone(server);
        tests.spawn(async move {
            // Each has the same first app, and another number of further ones.
            for app in 0..=number % 5 {
                let body = format!(r#"{{"app_name":"app {app}"}}"#);
                let answer = talk(&address(&server), &request(CREATE, &body)).await;
                assert_eq!(status(&answer), "201", "{answer}");
            }
        });
    }
    while let Some(test) = tests.join_next().await {
        test.unwrap();
    }
    for (number, server) in servers.iter().enumerate() {
        let apps = 1 + number % 5;
        assert_eq!(server.requests().len(), apps);
        let list = talk(&address(server), &request("GET /v2/apps", "")).await;
        assert!(list.contains(&format!(r#""count":{apps}"#)), "{list}");
        assert_eq!(list.matches("app_name").count(), apps, "{list}");
    }
}

#[tokio::test]
async fn a_call_too_many_is_refused_after_the_credentials_and_before_the_body() {
    let builder = MockServer::builder().throttle("2/s".parse().unwrap());
    let clock = "frozen@2024-03-15T08:15:30Z".parse().unwrap();
    let server = builder.clock(clock).start().await.unwrap();
    let server = &server;
    let send = async |bytes: Vec<u8>| talk(&address(server), &bytes).await;
    for _ in 0..2 {
        assert_eq!(status(&send(request("GET /v2/apps", "")).await), "200");
    }
    let refused = send(request(CREATE, "{")).await;
    assert_eq!(status(&refused), "429");
    let message = "The throttling threshold has been reached: policy user over ratelimit,limit:2,time:1 second";
    assert!(refused.contains(message) && refused.contains("APIGW.0308"), "{refused}");
    let no_credentials = send(b"GET /v2/apps HTTP/1.1\r\nHost: h\r\n\r\n".to_vec()).await;
    assert_eq!(status(&no_credentials), "401");
    let other_group = request("POST /v2/apps/a/rooms/r/dismiss", "");
    assert_eq!(status(&send(other_group).await), "404");
}

#[tokio::test]
async fn pipelined_requests_are_answered_in_order_also_after_a_half_close() {
    let server = MockServer::start().await.unwrap();
    let mut bytes = request(CREATE, r#"{"app_name":"a"}"#);
    bytes.extend(request("GET /v2/apps/nobody", ""));
    bytes.extend(request("GET /nothing", ""));
    let answers = talk(&address(&server), &bytes).await;
    let statuses: Vec<_> = answers.split("HTTP/1.1 ").skip(1).map(|a| &a[..3]).collect();
    assert_eq!(statuses, ["201", "404", "404"], "{answers}");
    assert_eq!(server.requests().len(), 3);
}

#[tokio::test]
async fn shutdown_finishes_the_answer_under_way_and_closes_the_connection() {
    let server = MockServer::start().await.unwrap();
    let mut stream = TcpStream::connect(address(&server)).await.unwrap();
    let bytes = request(CREATE, r#"{"app_name":"a"}"#);
    let (first, rest) = bytes.split_at(bytes.len() - 4);
    stream.write_all(first).await.unwrap();
    // The server has the head once it answers another connection that came later.
    talk(&address(&server), &request("GET /nothing", "")).await;
    let stopping = tokio::spawn(server.shutdown());
    tokio::task::yield_now().await;
    stream.write_all(rest).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert_eq!(status(&answer), "201", "{answer}");
    stopping.await.unwrap();
}

#[tokio::test]
async fn dates_and_times_are_of_the_mocks_clock() {
    let clock: Clock = "frozen@2024-03-15T08:15:30.250Z".parse().unwrap();
    let server = MockServer::builder().clock(clock).seed(1).start().await.unwrap();
    let created = talk(&address(&server), &request(CREATE, r#"{"app_name":"a"}"#)).await;
    assert!(created.contains("date: Fri, 15 Mar 2024 08:15:30 GMT\r\n"), "{created}");
    let id = created.rsplit('"').nth(1).unwrap();
    let shown = talk(&address(&server), &request(&format!("GET /v2/apps/{id}"), "")).await;
    assert!(shown.contains(r#""create_time":"2024-03-15T08:15:30.250Z""#), "{shown}");
}

#[tokio::test]
async fn a_seed_repeats_the_ids() {
    let mut answers = Vec::new();
    for _ in 0..2 {
        let clock = Clock::frozen_at(std::time::SystemTime::UNIX_EPOCH);
        let server = MockServer::builder().clock(clock).seed(42).start().await.unwrap();
        answers.push(talk(&address(&server), &request(CREATE, r#"{"app_name":"a"}"#)).await);
    }
    assert_eq!(answers[0], answers[1]);
}

#[tokio::test]
async fn a_refused_request_is_told_by_its_verdict() {
    let server = MockServer::start().await.unwrap();
    talk(&address(&server), b"GET /v2/apps/a HTTP/1.1\r\nHost: h\r\n\r\n").await;
    let exchange = server.requests().pop().unwrap();
    assert!(matches!(exchange.verdict(), Verdict::Refused(Refusal::NoCredentials)));
    assert_eq!(exchange.explanation(), None, "there is no signature to explain");
    let line = exchange.to_string();
    assert!(line.contains("GET /v2/apps/a (ShowApp): 401") && line.contains("sign it"), "{line}");
}

#[tokio::test]
async fn bodies_that_are_no_text_are_shown_in_base64_and_keys_are_masked() {
    let server = MockServer::start().await.unwrap();
    let mut bytes = request(CREATE, "xx");
    let length = bytes.len();
    bytes[length - 2..].copy_from_slice(&[0xff, 0xfe]);
    talk(&address(&server), &bytes).await;
    let body = r#"{"url":"http://h","auth_key":"0123456789abcdef"}"#;
    talk(&address(&server), &request("PUT /v2/apps/a/record-callback", body)).await;
    let shown: Vec<_> = server.requests().iter().map(rtc_mock_server::Exchange::to_json).collect();
    assert_eq!(shown[0]["request"]["body_base64"], "//4=");
    assert_eq!(shown[1]["request"]["body"], r#"{"auth_key":"***","url":"http://h"}"#);
    assert!(!shown[1].to_string().contains(rtc_mock_server::DEFAULT_TOKEN), "{}", shown[1]);
}

#[tokio::test]
async fn what_cannot_be_started_says_why() {
    let outside = "0.0.0.0:0".parse().unwrap();
    let error = MockServer::builder().admin_listen(outside).start().await.unwrap_err();
    assert!(matches!(error, StartError::AdminNotLoopback { .. }), "{error}");
    let taken = MockServer::start().await.unwrap();
    let error = MockServer::builder().listen(taken.address()).start().await.unwrap_err();
    assert!(matches!(error, StartError::Bind { .. }), "{error}");
    let none = rtc_signer::Credentials::new("AK", "SK");
    let error = MockServer::builder().credentials_for(none, []).start().await.unwrap_err();
    assert!(matches!(error, StartError::NoProject), "{error}");
}

#[tokio::test]
async fn what_a_fixture_leaves_out_stays_absent() {
    let fixture = Fixture::from_json(r#"{"projects":[{"apps":[{"app_id":"a","app_name":"n"}]}]}"#);
    let clock = Clock::frozen_at(std::time::SystemTime::UNIX_EPOCH);
    let server =
        MockServer::builder().fixture(fixture.unwrap()).clock(clock).start().await.unwrap();
    let shown = talk(&address(&server), &request("GET /v2/apps/a", "")).await;
    let body: serde_json::Value =
        serde_json::from_str(shown.split("\r\n\r\n").nth(1).unwrap()).unwrap();
    let time = "1970-01-01T00:00:00.000Z";
    let state = serde_json::json!({ "state": "ACTIVATION", "update_time": time });
    let expected = serde_json::json!({
        "app_id": "a", "app_name": "n", "state": state, "create_time": time,
    });
    assert_eq!(body, expected);
}

#[tokio::test]
async fn a_key_is_locked_after_too_many_refused_signatures_where_the_switch_says_so() {
    use rtc_mock_server::{DEFAULT_ACCESS_KEY, DEFAULT_SECRET_KEY};
    use rtc_signer::{Credentials, Payload, Signer};
    use std::fmt::Write as _;

    let ask = async |server: &MockServer, secret: &str| {
        let host = server.address().to_string();
        let mut head =
            http::Request::get("/v2/apps").header("host", &host).body(()).unwrap().into_parts().0;
        let signer = Signer::new(Credentials::new(DEFAULT_ACCESS_KEY, secret));
        signer.sign_parts(&mut head, Payload::Bytes(b""), server.clock().now()).unwrap();
        let mut bytes = String::from("GET /v2/apps HTTP/1.1\r\n");
        for (name, value) in &head.headers {
            write!(bytes, "{name}: {}\r\n", value.to_str().unwrap()).unwrap();
        }
        talk(&host, format!("{bytes}\r\n").as_bytes()).await
    };
    let clock: Clock = "frozen@2024-03-15T08:15:30Z".parse().unwrap();
    for lockout in [false, true] {
        let builder = MockServer::builder().clock(clock.clone());
        let builder = if lockout { builder.lockout() } else { builder };
        let server = builder.start().await.unwrap();
        for _ in 0..6 {
            assert_eq!(status(&ask(&server, "wrong").await), "401");
        }
        let answer = ask(&server, DEFAULT_SECRET_KEY).await;
        assert_eq!(status(&answer), if lockout { "401" } else { "200" }, "{answer}");
        assert_eq!(answer.contains("AK access failed to reach the limit,forbidden."), lockout);
        server.clock().advance(Duration::from_secs(300)).unwrap();
        assert_eq!(status(&ask(&server, DEFAULT_SECRET_KEY).await), "200");
    }
}

#[tokio::test]
async fn a_state_is_put_back_and_parts_begin_anew() {
    let server = started().await;
    let before = server.state();
    assert_eq!(api(&server, "DELETE /v2/apps/a", "").await.0, 204);
    server.set_state(&before).unwrap();
    assert_eq!(api(&server, "GET /v2/apps/a", "").await.0, 200);
    let foreign = Fixture::from_json(r#"{"projects":[{"project_id":"nobodys"}]}"#).unwrap();
    let refused = server.set_state(&foreign).unwrap_err();
    assert_eq!(refused, FixtureError::NoProject { project: "nobodys".to_owned() });
    assert_eq!(server.state().to_json(), before.to_json());

    let begun = server.clock().now();
    server.clock().advance(Duration::from_secs(60)).unwrap();
    server.faults().add("*=status(503),count=1".parse().unwrap()).unwrap();
    server.set_state(&Fixture::default()).unwrap();
    server.reset_parts(&[ResetPart::State, ResetPart::Clock]).unwrap();
    assert_eq!(server.state().to_json(), before.to_json());
    assert_eq!(server.clock().now(), begun);
    assert_eq!((server.faults().list().len(), server.requests().len()), (1, 2));
    server.reset_parts(&[ResetPart::Faults]).unwrap();
    assert!(server.faults().list().is_empty());
}

#[tokio::test]
async fn an_exchange_is_found_by_its_number_until_the_journal_is_emptied() {
    let server = started().await;
    api(&server, "GET /v2/apps/a", "").await;
    api(&server, "GET /v2/apps/b", "").await;
    assert_eq!(server.request(2).unwrap().target(), "/v2/apps/b");
    assert!(server.request(3).is_none());
    assert_eq!(server.clear_requests(), 2);
    assert!(server.request(2).is_none() && server.requests().is_empty());
    api(&server, "GET /v2/apps/a", "").await;
    assert_eq!(server.requests()[0].id(), 3, "numbers go on");
}

#[tokio::test]
async fn jobs_fail_events_are_chosen_and_only_users_that_there_can_be_join() {
    let server = started().await;
    let subscribed = server.subscribe("a", [NotifyEvent::RecordFileComplete]).unwrap();
    assert_eq!(subscribed, [NotifyEvent::RecordFileComplete]);
    let (_, shown) = api(&server, "GET /v2/apps/a/record-callback", "").await;
    let events = &shown["record_callback"]["notify_event_subscription"];
    assert_eq!(*events, serde_json::json!(["RECORD_FILE_COMPLETE"]));
    let unknown = server.subscribe("a", [NotifyEvent::from("DANCE")]).unwrap_err();
    assert!(unknown.message().contains("DANCE is no event"), "{unknown}");
    assert_eq!(server.subscribe("nobody", []).unwrap_err().status(), 404);

    let body = r#"{"room_id":"x","user_id":"u","is_record_audio":true,"record_param":{"record_rule_id":"r"}}"#;
    let (_, job) = api(&server, "POST /v2/apps/a/individual-stream-jobs", body).await;
    let id = job["job_id"].as_str().unwrap();
    server.fail_job(id).unwrap();
    let (_, job) = api(&server, &format!("GET /v2/apps/a/individual-stream-jobs/{id}"), "").await;
    assert_eq!(job["stop_reason"], "INTERNAL_ERROR");
    assert_eq!(server.fail_job(id).unwrap_err().status(), 400, "it is over");
    assert_eq!(server.fail_job("nothing").unwrap_err().status(), 404);

    for (room, user) in [("a b", "u"), ("x", "")] {
        let refused = server.join_room("a", room, user).unwrap_err();
        assert_eq!(refused.status(), 400, "{refused}");
    }
}

#[tokio::test]
async fn an_app_of_two_projects_is_meant_with_its_project() {
    let apps = r#""apps":[{"app_id":"a","app_name":"n","callbacks":{"record_callback":{"url":"http://h"}}}]"#;
    let fixture =
        format!(r#"{{"projects":[{{"project_id":"one",{apps}}},{{"project_id":"two",{apps}}}]}}"#);
    let keys = rtc_signer::Credentials::new("AK", "SK");
    let builder = MockServer::builder().credentials_for(keys, ["one", "two"].map(str::to_owned));
    let fixture = Fixture::from_json(&fixture).unwrap();
    let server = builder.fixture(fixture).start().await.unwrap();
    let refused = server.join_room("a", "x", "u").unwrap_err();
    assert!(refused.message().contains("several projects"), "{refused}");
    assert!(server.subscribe("a", []).is_err());
    let two = server.project("two");
    assert!(two.join_room("a", "x", "u").unwrap() && !two.join_room("a", "x", "u").unwrap());
    let events = two.subscribe("a", [NotifyEvent::RecordFileComplete]).unwrap();
    let state = server.state().to_json();
    let project = |place: usize| &state["projects"][place];
    assert_eq!(project(0)["rooms"], serde_json::json!([]));
    assert_eq!(project(1)["rooms"][0]["users"], serde_json::json!(["u"]));
    let told = |place| &project(place)["apps"][0]["callbacks"]["record_callback"];
    assert_ne!(told(0)["notify_event_subscription"], serde_json::json!(events));
    assert_eq!(told(1)["notify_event_subscription"], serde_json::json!(events));
    assert!(two.leave_room("a", "x", "u").unwrap());
    assert_eq!(server.project("three").leave_room("a", "x", "u").unwrap_err().status(), 404);
}

#[tokio::test]
async fn signatures_are_explained_and_counts_are_told_by_the_library() {
    let server = started().await;
    let signed = "GET /v2/apps HTTP/1.1\r\nHost: h\r\nX-Sdk-Date: 20240315T081530Z\r\nAuthorization: SDK-HMAC-SHA256 Access=RTCMOCKACCESSKEY0001, SignedHeaders=host;x-sdk-date, Signature=0000000000000000000000000000000000000000000000000000000000000000\r\n\r\n";
    talk(&address(&server), signed.as_bytes()).await;
    let of = |id| Explain { id: Some(id), ..Explain::default() };
    let recorded = server.explain(&of(1)).unwrap();
    assert_eq!(recorded.reason_kind, Some(ReasonKind::Unknown));
    let theirs = recorded.canonical_request.clone().map(|text| text.replace("host:h", "host:g"));
    let beside = server.explain(&Explain { canonical_request: theirs, ..of(1) }).unwrap();
    assert!(beside.difference.unwrap().contains("host:g"));
    assert_eq!(server.explain(&of(2)).unwrap_err(), ExplainError::NoExchange);
    let nothing = server.explain(&Explain::default()).unwrap_err();
    assert!(matches!(nothing, ExplainError::Question(_)), "{nothing}");

    let counts = server.metrics();
    assert!(counts.contains("ListApps") && counts.ends_with("# EOF\n"), "{counts}");
}

#[tokio::test]
async fn events_are_heard_by_the_library_from_when_it_asks_until_the_server_stops() {
    let server = started().await;
    api(&server, "GET /v2/apps", "").await;
    let (mut events, mut late) = (server.events(), server.events());
    api(&server, "GET /v2/apps/a", "").await;
    let Some(Event::Exchange(exchange)) = events.next().await else {
        panic!("the exchange is not told");
    };
    assert_eq!((exchange.id, exchange.operation.as_deref()), (2, Some("ShowApp")));
    server.faults().add("*=reset".parse().unwrap()).unwrap();
    assert_eq!(events.next().await, Some(Event::Faults));
    server.reset_parts(&[ResetPart::Faults]).unwrap();
    assert_eq!(events.next().await, Some(Event::Reset));
    for _ in 0..300 {
        server.clear_requests();
    }
    let missed = late.next().await;
    assert!(matches!(missed, Some(Event::Missed(3..))), "{missed:?}");
    drop(server);
    while late.next().await.is_some() {}
    assert_eq!(late.next().await, None);
}
