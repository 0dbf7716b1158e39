//! `inspect`, `reset`, `clock` and `fault` against a running mock.

use std::process::Output;

use crate::http::{api, started, talk};
use crate::program::program;

/// What a command says of the mock at the URL: its exit code, stdout and stderr.
async fn said(url: &str, args: &[&str]) -> (i32, String, String) {
    let mut command = tokio::process::Command::from(program(args));
    let Output { status, stdout, stderr } = command.args(["--url", url]).output().await.unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code().unwrap(), text(stdout), text(stderr))
}

/// What a command prints that must succeed.
async fn printed(url: &str, args: &[&str]) -> String {
    let (code, printed, error) = said(url, args).await;
    assert_eq!(code, 0, "{args:?}: {error}");
    printed
}

#[tokio::test]
async fn exchanges_are_listed_chosen_and_shown_whole() {
    let server = started().await;
    let url = &server.admin_url().unwrap();
    assert_eq!(printed(url, &["inspect"]).await, "no exchange in the journal is meant\n");
    api(&server, "GET /v2/apps/a", "").await;
    server.faults().add("CreateApp=status(503)".parse().unwrap()).unwrap();
    api(&server, "POST /v2/apps", r#"{"app_name":"x"}"#).await;
    talk(&server.address().to_string(), b"GET /v2/apps/b HTTP/1.1\r\nHost: h\r\n\r\n").await;
    let bad = b"GET /v2/apps/a HTTP/1.1\r\nHost: h\r\nX-Sdk-Date: 20240315T081530Z\r\nAuthorization: SDK-HMAC-SHA256 Access=RTCMOCKACCESSKEY0001, SignedHeaders=host;x-sdk-date, Signature=0000000000000000000000000000000000000000000000000000000000000000\r\n\r\n";
    talk(&server.address().to_string(), bad).await;

    let list = printed(url, &["inspect"]).await;
    let lines: Vec<_> = list.lines().collect();
    assert_eq!(lines[0], "id  time                      operation  status  verdict   fault");
    assert_eq!(lines[1], " 1  2024-03-15T08:15:30.000Z  ShowApp       200  accepted");
    let second = " 2  2024-03-15T08:15:30.000Z  CreateApp     503  accepted  CreateApp=status(503)";
    assert_eq!(lines[2], second);
    assert!(lines[3].ends_with("401  refused"), "{list}");

    for (flags, ids) in [
        (&["--operation", "ShowApp"][..], &["1", "3", "4"][..]),
        (&["--status", "4xx"], &["3", "4"]),
        (&["--verdict", "accepted"], &["1", "2"]),
        (&["--fault", "any"], &["2"]),
        (&["--method", "POST"], &["2"]),
        (&["--path", "/v2/apps/a*", "--since-id", "1"], &["4"]),
        (&["--since", "2025-01-01T00:00:00Z"], &[]),
        (&["--until", "2025-01-01T00:00:00Z", "--method", "POST"], &["2"]),
        (&["--until", "2024-03-15T08:15:30Z"], &[]),
    ] {
        let list = printed(url, &[&["inspect"], flags].concat()).await;
        let found: Vec<_> =
            list.lines().skip(1).filter_map(|line| line.split_whitespace().next()).collect();
        assert_eq!(found, ids, "{flags:?}");
    }

    let whole = printed(url, &["inspect", "4"]).await;
    for part in
        ["exchange 4: ShowApp", "GET /v2/apps/a", "\n401\n", "APIGW.0301", "credentials refused"]
    {
        assert!(whole.contains(part), "{part}: {whole}");
    }
    let explanation = server.requests()[3].explanation().unwrap();
    assert!(whole.contains(explanation.lines().next().unwrap()), "{whole}");

    let json = printed(url, &["inspect", "--json", "--fault", "any"]).await;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&json["count"], &json["requests"][0]["id"]), (&1.into(), &2.into()));
}

#[tokio::test]
async fn a_reset_is_of_all_or_of_some_parts() {
    let server = started().await;
    let url = &server.admin_url().unwrap();
    api(&server, "DELETE /v2/apps/a", "").await;
    let text = printed(url, &["reset", "--only", "requests,clock"]).await;
    assert_eq!(text, "begun anew: requests, clock\n");
    assert!(server.requests().is_empty());
    assert_eq!(api(&server, "GET /v2/apps/a", "").await.0, 404);
    assert_eq!(printed(url, &["reset"]).await, "begun anew: state, requests, clock, faults\n");
    assert_eq!(api(&server, "GET /v2/apps/a", "").await.0, 200);
    let (code, _, error) = said(url, &["reset", "--only", "all"]).await;
    assert!(code == 2 && error.contains("state, requests, clock, faults"), "{error}");
}

#[tokio::test]
async fn the_clock_is_shown_set_and_advanced() {
    let server = started().await;
    let url = &server.admin_url().unwrap();
    let shown = "2024-03-15T08:15:30.000Z  (frozen@2024-03-15T08:15:30.000Z)\n";
    assert_eq!(printed(url, &["clock"]).await, shown);
    assert_eq!(printed(url, &["clock", "show"]).await, shown);
    let body = r#"{"room_id":"x","user_id":"u","is_record_audio":true,"record_param":{"record_rule_id":"r"}}"#;
    server.join_room("a", "x", "u").unwrap();
    api(&server, "POST /v2/apps/a/individual-stream-jobs", body).await;
    server.leave_room("a", "x", "u").unwrap();
    let advanced = printed(url, &["clock", "advance", "1d"]).await;
    assert!(advanced.starts_with("2024-03-16T08:15:30.000Z"), "{advanced}");
    assert!(advanced.contains(" of app a is STOPPED\n"), "{advanced}");
    let advanced = printed(url, &["clock", "advance", "1500ms"]).await;
    assert!(advanced.starts_with("2024-03-16T08:15:31.500Z"), "{advanced}");
    let set = printed(url, &["clock", "set", "offset@2030-01-01T00:00:00Z", "--json"]).await;
    let set: serde_json::Value = serde_json::from_str(&set).unwrap();
    assert!(set["time"].as_str().unwrap().starts_with("2030-01-01T00:00:"), "{set}");
    for args in [&["clock", "set", "yesterday"][..], &["clock", "advance", "1y"]] {
        let (code, _, error) = said(url, args).await;
        assert!(code == 2 && !error.is_empty(), "{args:?}: {error}");
    }
}

#[tokio::test]
async fn faults_are_listed_added_removed_and_replaced() {
    let server = started().await;
    let url = &server.admin_url().unwrap();
    assert_eq!(printed(url, &["fault"]).await, "there is no fault\n");
    let added = printed(url, &["fault", "add", "ShowApp=status(503),count=2"]).await;
    assert_eq!(added, "id  meant  struck  fault\n1       0       0  ShowApp=status(503),count=2\n");
    api(&server, "GET /v2/apps/a", "").await;
    printed(url, &["fault", "add", "*=reset,nth=9", "--id", "later"]).await;
    let list = printed(url, &["fault", "list"]).await;
    assert_eq!(list.lines().nth(1), Some("1          1       1  ShowApp=status(503),count=2"));
    assert!(list.lines().nth(2).unwrap().starts_with("later  "), "{list}");
    assert_eq!(printed(url, &["fault", "remove", "later"]).await, "fault later is removed\n");
    let (code, _, error) = said(url, &["fault", "remove", "later"]).await;
    assert!(code == 1 && error.contains("no fault has that id"), "{error}");

    let file = tempfile::NamedTempFile::new().unwrap();
    let path = file.path().to_str().unwrap();
    std::fs::write(path, r#"["*=close", {"operation":"CreateApp","kind":"reset"}]"#).unwrap();
    printed(url, &["fault", "replace", path]).await;
    let specs: Vec<_> = server.faults().list().into_iter().map(|fault| fault.spec).collect();
    assert_eq!(specs, ["*=close", "CreateApp=reset"]);
    std::fs::write(path, r#"["*=close", {"kind":"explode"}]"#).unwrap();
    let (code, _, error) = said(url, &["fault", "replace", path]).await;
    assert!(code == 1 && error.contains("[1]: ") && error.contains("explode"), "{error}");
    assert_eq!(printed(url, &["fault", "clear"]).await, "all faults are removed\n");
    let (code, _, error) = said(url, &["fault", "add", "Dance=reset"]).await;
    assert!(code == 2 && error.contains("Dance"), "{error}");
}

#[tokio::test]
async fn whoever_cannot_be_asked_is_told_apart() {
    let (code, _, error) = said("http://127.0.0.1:9", &["inspect"]).await;
    assert_eq!(code, 1);
    assert!(error.contains("nobody answers at http://127.0.0.1:9"), "{error}");
    assert!(error.contains("Start one with `rtc-mock-server`"), "{error}");
    let (code, _, error) = said("localhost:1", &["clock"]).await;
    assert!(code == 2 && error.contains("http://HOST:PORT"), "{error}");

    let server = started().await;
    let (code, _, error) = said(&server.url(), &["fault"]).await;
    assert!(code == 1 && error.contains("is the API of the mock"), "{error}");

    let builder = rtc_mock_server::MockServer::builder().admin_token("hush-hush");
    let server = builder.admin_listen("127.0.0.1:0".parse().unwrap()).start().await.unwrap();
    let url = &server.admin_url().unwrap();
    let (code, _, error) = said(url, &["clock"]).await;
    assert!(code == 1 && error.contains("RTC_MOCK_ADMIN_TOKEN"), "{error}");
    printed(url, &["clock", "advance", "1s", "--admin-token", "hush-hush"]).await;
    let mut command = tokio::process::Command::from(program(&["reset", "--url", url]));
    command.env("RTC_MOCK_ADMIN_TOKEN", "hush-hush");
    assert!(command.output().await.unwrap().status.success());
}
