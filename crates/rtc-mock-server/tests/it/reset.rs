//! After a reset a server is as it was at its start.

use std::time::Duration;

use rtc_mock_server::{DEFAULT_ACCESS_KEY, MockServer, Refusal, Verdict};

use crate::http::{admin, api, request, status, talk};

async fn code(server: &MockServer, bytes: &[u8]) -> String {
    status(&talk(&server.address().to_string(), bytes).await).to_owned()
}

/// A request with a signature that is wrong.
fn badly_signed() -> Vec<u8> {
    let digits = "0".repeat(64);
    format!("GET /v2/apps HTTP/1.1\r\nHost: h\r\nX-Sdk-Date: 20240315T081530Z\r\nAuthorization: SDK-HMAC-SHA256 Access={DEFAULT_ACCESS_KEY}, SignedHeaders=host;x-sdk-date, Signature={digits}\r\n\r\n").into_bytes()
}

/// The keys that IAM gives for the static token.
async fn temporary_key(server: &MockServer) -> String {
    let token = server.token();
    let body = format!(
        r#"{{"auth":{{"identity":{{"methods":["token"],"token":{{"id":"{token}","duration_seconds":900}}}}}}}}"#
    );
    let (_, body) = api(server, "POST /v3.0/OS-CREDENTIAL/securitytokens", &body).await;
    body["credential"]["secret"].as_str().unwrap().to_owned()
}

/// Whether the last request was refused since its key is locked.
fn is_locked(server: &MockServer) -> bool {
    let requests = server.requests();
    matches!(requests.last().unwrap().verdict(), Verdict::Refused(Refusal::Locked { .. }))
}

#[tokio::test]
async fn a_reset_wipes_what_is_counted_locked_and_paused() {
    let server = MockServer::builder()
        .admin_listen("127.0.0.1:0".parse().unwrap())
        .clock("frozen@2024-03-15T08:15:30Z".parse().unwrap())
        .throttle("2/s".parse().unwrap())
        .lockout()
        .seed(7)
        .start()
        .await
        .unwrap();
    let list = request("GET /v2/apps", "");
    let mut secrets = Vec::new();
    for _ in 0..2 {
        secrets.push(temporary_key(&server).await);
        for expected in ["200", "200", "429"] {
            assert_eq!(code(&server, &list).await, expected);
        }
        for _ in 0..6 {
            assert_eq!(code(&server, &badly_signed()).await, "401");
        }
        assert!(!is_locked(&server), "the sixth locks the key");
        code(&server, &badly_signed()).await;
        assert!(is_locked(&server));
        assert_eq!(admin(&server, "POST /deliveries/pause", "").await.1["changed"], true);
        assert_eq!(admin(&server, "POST /reset", "").await.0, 200);
        assert_eq!(admin(&server, "GET /deliveries", "").await.1["paused"], false);
    }
    assert_eq!(secrets[0], secrets[1], "the seed makes the same secrets again");
}

#[tokio::test]
async fn a_seed_that_was_drawn_makes_the_same_ids_when_it_is_given() {
    let made = async |server: &MockServer| {
        api(server, "POST /v2/apps", r#"{"app_name":"x"}"#).await.1["app_id"].clone()
    };
    let first = MockServer::builder().start().await.unwrap();
    let second = MockServer::builder().seed(first.seed()).start().await.unwrap();
    assert_eq!(second.seed(), first.seed());
    let id = made(&first).await;
    assert!(id.is_string(), "{id}");
    assert_eq!(made(&second).await, id);
    tokio::time::timeout(Duration::from_secs(20), first.shutdown()).await.unwrap();
}
