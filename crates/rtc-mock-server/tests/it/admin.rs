//! The admin API: who may use it, and what the operator does with it.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use rtc_mock_server::{MockServer, openapi_admin};

use crate::http::{admin, api, started, status, talk};

const LOOPBACK: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

#[tokio::test]
async fn a_reset_brings_back_the_start_or_a_part_of_it() {
    let server = started().await;
    let (_, first) = api(&server, "POST /v2/apps", r#"{"app_name":"new"}"#).await;
    assert_eq!(api(&server, "DELETE /v2/apps/a", "").await.0, 204);
    admin(&server, "POST /clock/advance", r#"{"seconds":60}"#).await;
    assert_eq!(admin(&server, "POST /reset", r#"{"only":["state"]}"#).await.0, 200);
    assert_eq!(api(&server, "GET /v2/apps/a", "").await.0, 200);
    let (_, again) = api(&server, "POST /v2/apps", r#"{"app_name":"new"}"#).await;
    assert_eq!(again, first, "the seed repeats the ids");
    assert_eq!(server.requests().len(), 4, "the journal is another part");
    assert_eq!(admin(&server, "GET /clock", "").await.1["time"], "2024-03-15T08:16:30.000Z");

    assert_eq!(admin(&server, "POST /reset", "").await.0, 200);
    assert!(server.requests().is_empty());
    assert_eq!(admin(&server, "GET /clock", "").await.1["time"], "2024-03-15T08:15:30.000Z");
    assert_eq!(api(&server, "GET /v2/apps", "").await.1["count"], 1);
    assert_eq!(admin(&server, "POST /reset", r#"{"only":["all"]}"#).await.0, 400);
}

#[tokio::test]
async fn the_state_is_exported_changed_and_put_back() {
    let server = started().await;
    let (status, before) = admin(&server, "GET /state", "").await;
    assert_eq!((status, before["projects"][0]["apps"][0]["app_id"].as_str()), (200, Some("a")));
    assert_eq!(api(&server, "DELETE /v2/apps/a", "").await.0, 204);

    let (status, answer) = admin(&server, "PUT /state", r#"{"projects":[{"aps":[]}]}"#).await;
    assert_eq!(status, 400);
    assert!(answer["error"].as_str().unwrap().contains("aps"), "{answer}");
    assert_eq!(api(&server, "GET /v2/apps/a", "").await.0, 404, "what is refused changes nothing");

    assert_eq!(admin(&server, "PUT /state", &before.to_string()).await.0, 200);
    assert_eq!(api(&server, "GET /v2/apps/a", "").await.0, 200);
    assert_eq!(admin(&server, "GET /state", "").await.1, before);
    assert_eq!(admin(&server, "PUT /state", r#"{"projects":[]}"#).await.0, 200);
    assert_eq!(api(&server, "GET /v2/apps", "").await.1["count"], 0);
}

#[tokio::test]
async fn the_events_of_a_callback_are_chosen_by_the_operator() {
    let server = started().await;
    let path = "PUT /apps/a/record-callback/subscription";
    let body = r#"{"notify_event_subscription":["RECORD_FILE_COMPLETE"]}"#;
    assert_eq!(admin(&server, path, body).await.0, 200);
    let (_, shown) = api(&server, "GET /v2/apps/a/record-callback", "").await;
    let events = &shown["record_callback"]["notify_event_subscription"];
    assert_eq!(*events, serde_json::json!(["RECORD_FILE_COMPLETE"]));
    let unknown = r#"{"notify_event_subscription":["DANCE"]}"#;
    let (status, answer) = admin(&server, path, unknown).await;
    assert_eq!(status, 400);
    assert!(answer["error"].as_str().unwrap().contains("DANCE"), "{answer}");
    let (status, _) = admin(&server, "PUT /apps/nobody/record-callback/subscription", body).await;
    assert_eq!(status, 404);
}

#[tokio::test]
async fn a_job_can_be_made_to_fail_once() {
    let server = started().await;
    let body = r#"{"room_id":"x","user_id":"u","is_record_audio":true,"record_param":{"record_rule_id":"r"}}"#;
    let (_, job) = api(&server, "POST /v2/apps/a/individual-stream-jobs", body).await;
    let id = job["job_id"].as_str().unwrap();
    let fail = format!("POST /jobs/{id}/fail");
    assert_eq!(admin(&server, &fail, "").await.0, 200);
    let (_, job) = api(&server, &format!("GET /v2/apps/a/individual-stream-jobs/{id}"), "").await;
    assert_eq!((&job["state"], &job["stop_reason"]), (&"STOPPED".into(), &"INTERNAL_ERROR".into()));
    assert_eq!(admin(&server, &fail, "").await.0, 400, "it is over");
    assert_eq!(admin(&server, "POST /jobs/nothing/fail", "").await.0, 404);
}

#[tokio::test]
async fn a_token_guards_the_admin_api_wherever_it_listens() {
    let builder = MockServer::builder().admin_token("hush-hush");
    let server = builder.admin_listen("0.0.0.0:0".parse().unwrap()).start().await.unwrap();
    let url = server.admin_url().unwrap();
    let address = url.replace("http://0.0.0.0", "127.0.0.1");
    let asks = |path: &str, header: &str| {
        format!("GET {path} HTTP/1.1\r\nHost: mock.example:1\r\n{header}\r\n").into_bytes()
    };
    for (path, header, expected) in [
        ("/requests", "Authorization: Bearer hush-hush\r\n", "200"),
        ("/requests", "Authorization: Bearer hush\r\n", "401"),
        ("/requests", "", "401"),
        ("/nothing", "", "401"),
        ("/health", "", "200"),
    ] {
        let answer = talk(&address, &asks(path, header)).await;
        assert_eq!(status(&answer), expected, "{path} {header}");
        assert!(!answer.contains("hush") && !answer.to_lowercase().contains("access-control"));
    }
}

#[tokio::test]
async fn no_page_of_another_origin_is_let_in_or_told_that_it_may_read() {
    let open = started().await;
    let guarded = MockServer::builder().admin_token("hush").admin_listen(LOOPBACK);
    let guarded = guarded.start().await.unwrap();
    let admin_of = |server: &MockServer| server.admin_url().unwrap().replace("http://", "");
    let (open_admin, guarded_admin) = (admin_of(&open), admin_of(&guarded));
    let api = open.address().to_string();
    let (here, there, nowhere) = ("http://localhost:3000", "https://evil.example", "null");
    let token = "Authorization: Bearer hush\r\n";
    let asks =
        "Access-Control-Request-Method: PUT\r\nAccess-Control-Request-Headers: authorization\r\n";
    for (address, line, origin, headers, expected) in [
        (&open_admin, "GET /state", here, "", "200"),
        (&open_admin, "GET /state", there, "", "403"),
        (&open_admin, "GET /state", nowhere, "", "403"),
        (&open_admin, "GET /health", there, "", "403"),
        (&open_admin, "POST /reset", there, "", "403"),
        (&open_admin, "OPTIONS /faults", here, asks, "405"),
        (&open_admin, "OPTIONS /faults", there, asks, "403"),
        (&open_admin, "OPTIONS /", there, asks, "403"),
        (&guarded_admin, "GET /state", there, token, "200"),
        (&guarded_admin, "GET /health", there, "", "200"),
        (&guarded_admin, "OPTIONS /faults", there, asks, "401"),
        (&guarded_admin, "OPTIONS /health", there, asks, "401"),
        (&api, "OPTIONS /v2/apps", there, asks, "404"),
        (&api, "GET /v2/apps", there, "", "401"),
    ] {
        let head =
            format!("{line} HTTP/1.1\r\nHost: localhost\r\nOrigin: {origin}\r\n{headers}\r\n");
        let answer = talk(address, head.as_bytes()).await;
        assert_eq!(status(&answer), expected, "{line} of {origin}: {answer}");
        assert!(!answer.to_lowercase().contains("access-control-"), "{line} of {origin}: {answer}");
    }
}

#[tokio::test]
async fn the_admin_api_describes_itself_and_what_is_not_there_says_what_is() {
    let server = started().await;
    assert_eq!(admin(&server, "GET /openapi-admin.json", "").await.1, openapi_admin());
    let (status, answer) = admin(&server, "PATCH /clock", "").await;
    assert_eq!((status, &answer["error"]), (405, &"/clock has GET, PUT".into()));
    let (status, answer) = admin(&server, "GET /nothing", "").await;
    assert_eq!(status, 404);
    assert!(answer["error"].as_str().unwrap().contains("POST /clock/advance"), "{answer}");
    let large = format!(r#"{{"clock":"{}"}}"#, "x".repeat(17 << 20));
    assert_eq!(admin(&server, "PUT /clock", &large).await.0, 413);
}
