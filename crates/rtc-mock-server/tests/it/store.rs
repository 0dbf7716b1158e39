//! A state that is kept in a folder.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use rtc_mock_server::{Clock, Fixture, MockServer, StartError, StoreError};
use serde_json::{Value, json};

use crate::http::{request, status, talk};

fn at(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000 + seconds)
}

async fn start(folder: &Path, seconds: u64) -> Result<MockServer, StartError> {
    let clock = Clock::frozen_at(at(seconds));
    MockServer::builder().clock(clock).data_dir(folder).start().await
}

async fn call(server: &MockServer, line: &str, body: Value) -> (String, Value) {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let answer = talk(&server.address().to_string(), &request(line, &body)).await;
    let json = answer.split_once("\r\n\r\n").and_then(|(_, body)| serde_json::from_str(body).ok());
    (status(&answer).to_owned(), json.unwrap_or_default())
}

/// Apps, rules, jobs of both kinds and a room, some of it changed and deleted again.
async fn fill(server: &MockServer) -> String {
    let make = async |name: &str| {
        let (code, app) = call(server, "POST /v2/apps", json!({ "app_name": name })).await;
        assert_eq!(code, "201");
        app["app_id"].as_str().unwrap().to_owned()
    };
    let (first, gone, last) = (make("z").await, make("b").await, make("a").await);
    let app = format!("/v2/apps/{first}");
    let rule = json!({
        "obs_addr": { "location": "cn-north-4", "bucket": "demo-bucket", "project_id": "p" },
        "record_formats": ["HLS"],
        "hls_config": { "record_cycle": 60 },
    });
    let (code, rule) = call(server, &format!("POST {app}/record-rules"), rule).await;
    assert_eq!(code, "201", "{rule}");
    let param = json!({ "record_rule_id": rule["rule_id"] });
    let callback = json!({ "url": "http://cb.example", "auth_key": "0123456789abcdef" });
    let mix = json!({ "mix_param": { "room_id": "r", "encode_template": "audio_only" }, "record_param": param });
    let job = |user: &str| json!({ "room_id": "r", "user_id": user, "record_param": param });
    for (line, body, expected) in [
        (format!("PUT {app}/record-callback"), callback, "200"),
        (format!("POST {app}/individual-stream-jobs"), job("anna"), "201"),
        (format!("POST {app}/individual-stream-jobs"), job("ben"), "201"),
        (format!("POST {app}/mix-stream-jobs"), mix, "201"),
        (format!("POST /v2/apps/{last}/disable"), Value::Null, "200"),
        (format!("DELETE /v2/apps/{gone}"), Value::Null, "204"),
    ] {
        let (code, answer) = call(server, &line, body).await;
        assert_eq!(code, expected, "{line}: {answer}");
    }
    server.join_room(first.as_str(), "r", "anna").unwrap();
    server.join_room(first.as_str(), "r", "ben").unwrap();
    server.leave_room(first.as_str(), "r", "ben").unwrap();
    first
}

#[tokio::test]
async fn what_the_operator_changes_is_kept_too() {
    let folder = tempfile::tempdir().unwrap();
    let server = start(folder.path(), 0).await.unwrap();
    fill(&server).await;
    // Time passes: who waited for somebody who left stops.
    assert!(!server.clock().advance(Duration::from_secs(3600)).unwrap().is_empty());
    let stopped = server.state().to_json();
    server.shutdown().await;

    let server = start(folder.path(), 0).await.unwrap();
    assert_eq!(server.state().to_json(), stopped);
    server.reset().unwrap();
    assert_eq!(server.state().to_json()["projects"][0]["apps"], json!(null));
    let begun_anew = server.state().to_json();
    server.shutdown().await;

    let server = start(folder.path(), 0).await.unwrap();
    assert_eq!(server.state().to_json(), begun_anew);
    server.shutdown().await;
}

#[tokio::test]
async fn everything_is_there_again_and_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let server = start(folder.path(), 0).await.unwrap();
    let app = fill(&server).await;
    let before = server.state().to_json();
    server.shutdown().await;

    let server = start(folder.path(), 1).await.unwrap();
    assert_eq!(server.state().to_json(), before);
    // Newer apps come after the older ones, and what was deleted is gone.
    call(&server, "POST /v2/apps", json!({ "app_name": "new" })).await;
    let (_, list) = call(&server, "GET /v2/apps", Value::Null).await;
    let names: Vec<_> = list["apps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|app| app["app_name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["z", "a", "new"]);
    server.shutdown().await;

    // Whoever left before is still waited for no longer than the idle time.
    let server = start(folder.path(), 40).await.unwrap();
    let jobs = server.state().to_json()["projects"][0]["individual_stream_jobs"].clone();
    let ben = jobs.as_array().unwrap().iter().find(|job| job["user_id"] == "ben").unwrap();
    let line =
        format!("GET /v2/apps/{app}/individual-stream-jobs/{}", ben["job_id"].as_str().unwrap());
    let (_, ben) = call(&server, &line, Value::Null).await;
    assert_eq!(ben["stop_reason"], "EXCEED_MAX_IDLE_TIME", "{ben}");
    let stopped = server.state().to_json();
    server.shutdown().await;
    let server = start(folder.path(), 41).await.unwrap();
    assert_eq!(server.state().to_json(), stopped, "that a job ended by itself is kept too");
}

#[tokio::test]
async fn an_export_makes_the_same_state() {
    let server = MockServer::builder().clock(Clock::frozen_at(at(0))).start().await.unwrap();
    fill(&server).await;
    let exported = server.state().to_json();
    let fixture = Fixture::from_json(&exported.to_string()).unwrap();
    let other = MockServer::builder().clock(Clock::frozen_at(at(5))).fixture(fixture);
    assert_eq!(other.start().await.unwrap().state().to_json(), exported);
}

#[tokio::test]
async fn a_fixture_counts_until_there_is_a_state() {
    let folder = tempfile::tempdir().unwrap();
    let fixture = |id: &str| {
        let app = json!({ "app_id": id, "app_name": id });
        Fixture::from_json(&json!({ "projects": [{ "apps": [app] }] }).to_string()).unwrap()
    };
    for id in ["first", "second"] {
        let builder = MockServer::builder().data_dir(folder.path()).fixture(fixture(id));
        let server = builder.start().await.unwrap();
        assert_eq!(call(&server, "GET /v2/apps/first", Value::Null).await.0, "200");
        server.shutdown().await;
    }
}

#[tokio::test]
async fn one_server_at_a_time_uses_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let server = start(folder.path(), 0).await.unwrap();
    let second = start(folder.path(), 0).await;
    assert!(matches!(second, Err(StartError::Store(StoreError::InUse { .. }))), "{second:?}");
    server.shutdown().await;
    start(folder.path(), 0).await.unwrap();
}

fn file(folder: &Path) -> PathBuf {
    folder.join("state.redb")
}

#[tokio::test]
async fn a_damaged_store_is_told_and_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let server = start(folder.path(), 0).await.unwrap();
    fill(&server).await;
    let state = server.state().to_json();
    server.shutdown().await;
    let whole = std::fs::read(file(folder.path())).unwrap();

    let mut wrong = vec![Vec::new(), b"hello".to_vec(), vec![0; whole.len()]];
    wrong.push(whole[..whole.len() / 2].to_vec());
    for bytes in wrong {
        std::fs::write(file(folder.path()), &bytes).unwrap();
        let refused = start(folder.path(), 0).await;
        assert!(
            matches!(refused, Err(StartError::Store(StoreError::Damaged { .. }))),
            "{refused:?}"
        );
        assert!(std::fs::read(file(folder.path())).unwrap() == bytes, "it was written to");
    }
    // A byte that was changed anywhere: told, or nothing was lost by it.
    let mut told = 0;
    for place in (0..whole.len()).step_by(whole.len() / 97) {
        let mut bytes = whole.clone();
        bytes[place] ^= 0x55;
        std::fs::write(file(folder.path()), &bytes).unwrap();
        match start(folder.path(), 0).await {
            Ok(server) => {
                assert_eq!(server.state().to_json(), state, "byte {place}");
                server.shutdown().await;
            }
            Err(StartError::Store(StoreError::Damaged { .. })) => {
                told += 1;
                assert!(std::fs::read(file(folder.path())).unwrap() == bytes, "byte {place}");
            }
            Err(other) => panic!("byte {place}: {other:?}"),
        }
    }
    assert!(told > 0);
    std::fs::write(file(folder.path()), &whole).unwrap();
    assert_eq!(start(folder.path(), 0).await.unwrap().state().to_json(), state);
}

#[tokio::test]
async fn notifications_that_were_not_delivered_are_sent_after_a_restart() {
    use crate::deliveries::{ALL, builder, start_job};
    use crate::receiver::Receiver;

    const FAILURE: &str = "HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n";
    let patience = Duration::from_secs(20);
    let (folder, receiver) = (tempfile::tempdir().unwrap(), Receiver::start().await);
    let start = async |time: &str| {
        let clock = format!("frozen@2024-03-01T08:{time}Z").parse().unwrap();
        let builder = builder(&receiver.url, &ALL).clock(clock).data_dir(folder.path());
        builder.start().await.unwrap()
    };
    receiver.answer_with([FAILURE; 2]);
    let server = start("00:00").await;
    let job = start_job(&server).await;
    assert!(server.deliveries().settled(patience).await);
    server.shutdown().await;

    let server = start("00:01").await;
    assert!(server.deliveries().settled(patience).await);
    let first = server.deliveries().list().remove(0);
    assert_eq!(first.attempts.len(), 2, "the attempt before counts: {first:?}");
    server.shutdown().await;
    assert_eq!(receiver.came().len(), 2);

    // A file of the job was complete while nobody ran.
    let server = start("01:10").await;
    assert!(server.deliveries().settled(patience).await);
    let words = receiver.words();
    let begun = ["RECORD_NEW_FILE_START HLS", "RECORD_NEW_FILE_START MP4"];
    assert_eq!(words[2..], [begun[0], begun[1], "RECORD_FILE_COMPLETE HLS", begun[0]]);
    let file = receiver.came()[4].json();
    assert_eq!((&file["job_id"], &file["end_time"]), (&json!(job), &json!("2024-03-01T08:01:00Z")));
    server.shutdown().await;

    let server = start("01:20").await;
    assert!(server.deliveries().settled(patience).await);
    assert_eq!(receiver.came().len(), 6, "nothing is sent again");
}

#[tokio::test]
async fn notifications_of_a_time_that_the_clock_shows_no_more_are_sent_after_a_restart() {
    use crate::deliveries::{ALL, builder, start_job};
    use crate::receiver::Receiver;

    let patience = Duration::from_secs(20);
    let (folder, receiver) = (tempfile::tempdir().unwrap(), Receiver::start().await);
    let start =
        async || builder(&receiver.url, &ALL).data_dir(folder.path()).start().await.unwrap();
    receiver.answer_with(["HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n"]);
    let server = start().await;
    start_job(&server).await;
    assert!(server.deliveries().settled(patience).await);
    server.deliveries().pause();
    server.clock().advance(Duration::from_secs(3600)).unwrap();
    assert!(server.deliveries().settled(patience).await);
    let waiting = server.deliveries().list().len();
    server.shutdown().await;
    assert_eq!(receiver.came().len(), 1);

    // The setting of the clock is not kept: it is an hour earlier again.
    let server = start().await;
    assert!(server.deliveries().settled(patience).await);
    assert_eq!(receiver.came().len(), 1, "the first was tried just now, by either clock");
    server.clock().advance(Duration::from_secs(1)).unwrap();
    assert!(server.deliveries().settled(patience).await);
    assert_eq!(receiver.came().len(), 1 + waiting);
}
