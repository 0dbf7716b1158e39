//! The journal: what it keeps, and what it shows.

use std::time::Duration;

use rtc_mock_server::{Exchange, MockServer, RequestFilter};

use crate::http::{admin, api, request, started, talk};

#[tokio::test]
async fn what_was_on_the_wire_is_kept_and_secrets_are_not_shown() {
    let server = MockServer::start().await.unwrap();
    let address = server.address().to_string();
    let secret = "hush-hush-hush-hush";
    let token = rtc_mock_server::DEFAULT_TOKEN;
    let put = "PUT /v2/apps/a/record-callback";
    for body in [
        format!(r#"{{"url":"http://h","auth\u005fkey":"{secret}"}}"#),
        format!(r#"{{"url":"http://h","auth_key":["{secret}"]}}"#),
        format!(r#"{{"url":"http://{secret}:x@h/","auth_key":"0123456789abcdef"}}"#),
        format!("auth_key={secret}"),
    ] {
        talk(&address, &request(put, &body)).await;
    }
    talk(&address, &request(&format!("GET /v2/apps?auth_key={secret}"), "")).await;
    let bearer =
        format!("GET /v2/apps HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer {secret}\r\n\r\n");
    talk(&address, bearer.as_bytes()).await;

    let exchanges = server.requests();
    assert_eq!(exchanges.len(), 6);
    for exchange in &exchanges {
        let shown = exchange.to_json().to_string();
        assert!(!shown.contains(secret) && !shown.contains(token), "{shown}");
    }
    // The accessors give what was sent.
    assert!(String::from_utf8_lossy(exchanges[3].body()).contains(secret));
    assert_eq!(exchanges[4].target(), format!("/v2/apps?auth_key={secret}"));
    assert_eq!(exchanges[4].headers()["x-auth-token"], token);
}

#[tokio::test]
async fn the_byte_bound_holds_for_what_is_really_kept() {
    let bound = 64 << 10;
    let server = MockServer::builder().journal(100_000).journal_bytes(bound).start().await.unwrap();
    let body = format!(r#"{{"app_name":"{}"}}"#, "x".repeat(4_000));
    let bytes = request("POST /v2/apps", &body).repeat(100);
    talk(&server.address().to_string(), &bytes).await;
    let kept: usize = server.requests().iter().map(|exchange| exchange.body().len()).sum();
    assert!(kept > bound / 2 && kept < bound, "{kept} bytes are kept");
    let last = server.requests().last().map(Exchange::id);
    assert_eq!(last, Some(100), "the newest are kept");
}

#[tokio::test]
async fn a_span_of_time_begins_with_its_since_and_ends_before_its_until() {
    let server = started().await;
    let begun = server.clock().now();
    for _ in 0..3 {
        api(&server, "GET /v2/apps", "").await;
        server.clock().advance(Duration::from_secs(1)).unwrap();
    }
    let at = |seconds| begun + Duration::from_secs(seconds);
    let any = RequestFilter::any;
    for (filter, ids) in [
        (any().until(at(0)), &[][..]),
        (any().until(at(1)), &[1]),
        (any().since(at(1)), &[2, 3]),
        (any().since(at(1)).until(at(2)), &[2]),
        (any().since(at(2)).until(at(1)), &[]),
        (any().until(at(1) + Duration::from_millis(1)), &[1, 2]),
    ] {
        let found: Vec<_> =
            server.received(filter.clone()).all().iter().map(Exchange::id).collect();
        assert_eq!(found, ids, "{filter}");
    }
    let span = "since=2024-03-15T08:15:31Z&until=2024-03-15T08:15:32Z";
    let (status, found) = admin(&server, &format!("GET /requests?{span}"), "").await;
    assert_eq!((status, &found["count"], &found["requests"][0]["id"]), (200, &1.into(), &2.into()));
    let body = r#"{"until":"2024-03-15T08:15:32Z"}"#;
    assert_eq!(admin(&server, "POST /requests/count", body).await.1["count"], 2);
    let body = r#"{"filter":{"until":"2024-03-15T08:15:30Z"}}"#;
    let (status, missed) = admin(&server, "POST /requests/verify", body).await;
    let message = missed["message"].as_str().unwrap();
    assert_eq!(status, 409);
    assert!(message.contains("until 2024-03-15T08:15:30.000Z"), "{message}");
    assert!(message.contains("it came later"), "{message}");
}
