//! What tests ask a server about what it received.

use std::time::Duration;

use http::StatusCode;
use rtc_mock_server::{MockServer, RequestFilter, Times, VerdictKind};
use rtc_model::OperationId;

use crate::http::{admin, api, request, started, talk};

const CREATE: &str = "POST /v2/apps";

#[tokio::test]
async fn a_failed_assertion_says_what_came_instead() {
    let server = MockServer::start().await.unwrap();
    api(&server, CREATE, r#"{"app_name":"a"}"#).await;
    api(&server, CREATE, r#"{"app_name":5}"#).await;
    api(&server, "GET /nothing", "").await;
    let created = RequestFilter::of(OperationId::CreateApp).status(StatusCode::CREATED);
    let exchange = server.received(created.clone()).once();
    assert_eq!(exchange.id(), 1);
    server.received(OperationId::CreateApp).times(2);
    server.received(OperationId::DeleteApp).never();
    let mismatch = server.received(created).check(Times::exactly(2)).unwrap_err();
    let said = mismatch.to_string();
    for part in [
        "expected CreateApp with status 201 exactly 2 times, but it came once",
        "#1 POST /v2/apps (CreateApp): 201",
        "the nearest of 2 others: #2 POST /v2/apps (CreateApp): 400",
        "its status is 400",
        "RTC.00001002",
    ] {
        assert!(said.contains(part), "{part}:\n{said}");
    }
    assert_eq!(mismatch.nearest().unwrap().id(), 2);
    assert_eq!(mismatch.count(), 1);
    let lost = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        server.received(OperationId::DeleteApp).once()
    }));
    let said = *lost.unwrap_err().downcast::<String>().unwrap();
    assert!(said.starts_with("expected DeleteApp exactly once, but it came not at all"), "{said}");
}

#[tokio::test]
async fn what_comes_later_is_waited_for_and_what_does_not_come_is_told() {
    let server = MockServer::start().await.unwrap();
    let waiting = server.received(OperationId::ListApps);
    let asking = async {
        for _ in 0..3 {
            api(&server, "GET /v2/apps", "").await;
        }
    };
    let (found, ()) = tokio::join!(waiting.wait(3), asking);
    assert_eq!(found.unwrap().len(), 3);
    let impatient = server.received(OperationId::CreateApp).within(Duration::from_millis(1));
    let said = impatient.wait(1).await.unwrap_err().to_string();
    assert!(said.contains("expected CreateApp at least once, but it came not at all"), "{said}");
    assert!(said.contains("GET /v2/apps (ListApps): 200"), "{said}");
}

#[tokio::test]
async fn many_who_wait_all_hear_of_it() {
    let server = MockServer::start().await.unwrap();
    let mut waiting = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let received = server.received(OperationId::ListApps).within(Duration::from_secs(60));
        waiting.spawn(async move { received.wait(300).await.unwrap().len() });
    }
    let bytes = request("GET /v2/apps", "").repeat(300);
    talk(&server.address().to_string(), &bytes).await;
    while let Some(found) = waiting.join_next().await {
        assert_eq!(found.unwrap(), 300);
    }
}

#[tokio::test]
async fn the_admin_api_lists_counts_verifies_and_waits() {
    let server = started().await;
    api(&server, "GET /v2/apps/a", "").await;
    api(&server, "GET /v2/apps/b", "").await;
    talk(&server.address().to_string(), b"GET /v2/apps/a HTTP/1.1\r\nHost: h\r\n\r\n").await;
    for (query, ids) in [
        ("", &[1, 2, 3][..]),
        ("?operation=ShowApp&status=4xx", &[2, 3]),
        ("?verdict=refused", &[3]),
        ("?path=/v2/apps/a", &[1, 3]),
        ("?path=/v2/*&since_id=1&method=GET", &[2, 3]),
        ("?since=2024-03-15T08:15:30Z&fault=none", &[1, 2, 3]),
        ("?since=2024-03-15T08:15:31Z", &[]),
        ("?fault=any", &[]),
        ("?operation=none", &[]),
    ] {
        let (status, answer) = admin(&server, &format!("GET /requests{query}"), "").await;
        assert_eq!(status, 200, "{query}: {answer}");
        let found: Vec<_> = answer["requests"]
            .as_array()
            .unwrap()
            .iter()
            .map(|r| r["id"].as_u64().unwrap())
            .collect();
        assert_eq!(found, ids, "{query}");
    }
    let (_, answer) = admin(&server, "POST /requests/count", r#"{"status":404}"#).await;
    assert_eq!(answer["count"], 1);
    let verify = r#"{"filter":{"operation":"ShowApp","status":404},"at_least":2}"#;
    let (status, answer) = admin(&server, "POST /requests/verify", verify).await;
    assert_eq!((status, &answer["verified"], &answer["count"]), (409, &false.into(), &1.into()));
    assert!(answer["message"].as_str().unwrap().contains("at least 2 times"), "{answer}");
    assert_eq!(answer["nearest"]["id"], 3, "the newest of those that come near");
    let verify = r#"{"filter":{"operation":"DeleteApp"},"at_most":0}"#;
    assert_eq!(admin(&server, "POST /requests/verify", verify).await.0, 200);

    let wait = r#"{"filter":{"operation":"ListApps"},"count":2}"#;
    let asking = async {
        for _ in 0..2 {
            api(&server, "GET /v2/apps", "").await;
        }
    };
    let ((status, answer), ()) = tokio::join!(admin(&server, "POST /requests/wait", wait), asking);
    assert_eq!((status, &answer["count"]), (200, &2.into()));
    let wait = r#"{"filter":{"operation":"DeleteApp"},"timeout_ms":1}"#;
    let (status, answer) = admin(&server, "POST /requests/wait", wait).await;
    assert_eq!((status, &answer["count"]), (409, &0.into()));

    assert_eq!(admin(&server, "DELETE /requests", "").await.1["changed"], true);
    assert!(server.requests().is_empty());
    api(&server, "GET /v2/apps", "").await;
    assert_eq!(server.requests()[0].id(), 6, "numbers go on");
    let refused = server.received(RequestFilter::any().verdict(VerdictKind::Refused));
    refused.never();
}
