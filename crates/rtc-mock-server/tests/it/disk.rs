//! A data directory on a disk that is full.

use serde_json::Value;

use crate::http::{request, status, talk};
use crate::program::{address, program, start_by, stop};

/// Files may grow to 4 MiB, and what is over is an error and not a signal.
const FULL: [&str; 4] =
    ["sh", "-c", "trap '' XFSZ; ulimit -f 8192; exec \"$@\"", "rtc-mock-server"];

async fn admin(url: &str, line: &str, body: &str) -> (String, Value) {
    let length = body.len();
    let text =
        format!("{line} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n{body}");
    let answer = talk(url, text.as_bytes()).await;
    let body = answer.split_once("\r\n\r\n").map(|(_, body)| body).unwrap_or_default();
    (status(&answer).to_owned(), serde_json::from_str(body).unwrap_or_default())
}

#[tokio::test]
async fn what_cannot_be_kept_is_acknowledged_nowhere() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    let flags = ["--data-dir", path, "--app-quota", "1000000"];
    let (child, line) = start_by(&FULL, &flags).await;
    let (api, url) = (address(&line, "api=http://"), address(&line, "admin=http://"));
    assert_eq!(admin(url, "GET /health", "").await.0, "200");

    // A state that is larger than the disk.
    let apps: Vec<_> = (0..20_000)
        .map(|number| serde_json::json!({ "app_id": format!("a{number}"), "app_name": format!("{number:0>64}") }))
        .collect();
    let state = serde_json::json!({ "projects": [{ "apps": apps }] }).to_string();
    let (code, said) = admin(url, "PUT /state", &state).await;
    let reason = "the state can no longer be written to the data directory";
    assert!(code == "500" && said["error"].as_str().unwrap().contains(reason), "{code} {said}");

    let answer = talk(api, &request("POST /v2/apps", r#"{"app_name":"x"}"#)).await;
    assert!(status(&answer) == "500" && answer.contains("RTC.00002002"), "{answer}");
    assert_eq!(admin(url, "POST /reset", "").await.0, "500");
    let (code, said) = admin(url, "GET /health", "").await;
    assert!(code == "503" && said["error"].as_str().unwrap().starts_with(reason), "{code} {said}");
    let health = program(&["health", "--url", &format!("http://{url}")]).output().unwrap();
    assert_eq!(health.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&health.stderr).contains(reason));

    // The journal tells what the client was told.
    let answer = talk(api, &request("DELETE /v2/apps/a1", "")).await;
    assert_eq!(status(&answer), "500");
    let (_, journal) = admin(url, "GET /requests", "").await;
    let last = journal["requests"].as_array().unwrap().last().unwrap();
    assert_eq!(last["reply"]["status"], 500, "{last}");
    let id = answer.lines().find_map(|line| line.strip_prefix("x-request-id: ")).unwrap();
    assert!(last.to_string().contains(id), "{id}: {last}");
    let (_, said) = stop(child, "-KILL").await;
    assert!(said.contains("RTC.00002002"), "the log tells why: {said}");
}
