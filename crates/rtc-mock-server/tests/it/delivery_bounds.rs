//! Much time at once, a queue that is full, and a clock that goes back.

use std::time::Duration;

use rtc_mock_server::admin_api::DeliveryState;
use rtc_mock_server::{Clock, MockServer};
use serde_json::json;

use crate::deliveries::{ALL, builder, start_job};
use crate::http::{admin, api};
use crate::receiver::Receiver;

const PATIENCE: Duration = Duration::from_secs(120);
const MINUTE: Duration = Duration::from_secs(60);
const YEARS: Duration = Duration::from_secs(20 * 365 * 86_400);

async fn settled(server: &MockServer) {
    assert!(server.deliveries().settled(PATIENCE).await);
}

fn waiting(server: &MockServer) -> usize {
    let list = server.deliveries().list();
    list.iter().filter(|one| one.state == DeliveryState::Waiting).count()
}

#[tokio::test]
async fn a_full_queue_stays_bounded_whatever_is_changed() {
    let (first, second) = ("http://127.0.0.1:1/", "http://127.0.0.1:2/");
    let server = builder(first, &ALL).callback_queue(50).start().await.unwrap();
    server.deliveries().pause();
    let job = start_job(&server).await;
    server.clock().advance(YEARS).unwrap();
    settled(&server).await;
    // What a call itself makes comes on top.
    let most = 50..60;
    assert!(most.contains(&waiting(&server)), "{}", waiting(&server));
    let events = json!({ "notify_event_subscription": ALL }).to_string();
    let url = json!({ "url": second }).to_string();
    let rule = r#"{"record_param":{"record_rule_id":"r"}}"#;
    let path = format!("/v2/apps/a/individual-stream-jobs/{job}");
    assert_eq!(admin(&server, "PUT /apps/a/record-callback/subscription", &events).await.0, 200);
    for (line, body, expected) in [
        ("PUT /v2/apps/a/record-callback".to_owned(), url.as_str(), 200),
        (format!("PUT {path}"), rule, 200),
        (format!("DELETE {path}"), "", 204),
        ("DELETE /v2/apps/a".to_owned(), "", 204),
    ] {
        assert_eq!(api(&server, &line, body).await.0, expected, "{line}");
        settled(&server).await;
        assert!(most.contains(&waiting(&server)), "{line}: {}", waiting(&server));
    }
}

#[tokio::test]
async fn what_had_no_room_is_told_to_the_callback_of_then() {
    let receiver = Receiver::start().await;
    let server = builder("http://127.0.0.1:1/", &["RECORD_FILE_COMPLETE"])
        .callback_queue(1)
        .callback_retries([])
        .start()
        .await
        .unwrap();
    server.deliveries().pause();
    let job = start_job(&server).await;
    server.clock().advance(10 * MINUTE).unwrap();
    let body = json!({ "url": receiver.url }).to_string();
    assert_eq!(api(&server, "PUT /v2/apps/a/record-callback", &body).await.0, 200);
    server.deliveries().resume();
    settled(&server).await;
    let line = format!("DELETE /v2/apps/a/individual-stream-jobs/{job}");
    assert_eq!(api(&server, &line, "").await.0, 204);
    settled(&server).await;
    // Ten files of a minute, five of two, and those that were open at the end.
    let (list, came) = (server.deliveries().list(), receiver.came().len());
    let failed = list.iter().filter(|one| one.state == DeliveryState::Failed).count();
    assert_eq!((list.len(), failed + came), (17, 17));
    assert!((1..4).contains(&failed), "{failed}");
    let ends: Vec<_> =
        receiver.came().iter().map(|one| one.json()["end_time"].to_string()).collect();
    assert!(ends.is_sorted(), "{ends:?}");
}

#[tokio::test]
async fn many_apps_that_are_behind_are_told_of_through_a_small_queue() {
    let receiver = Receiver::start().await;
    let fixture = (0..20).map(|app| {
        let job = json!({ "app_id": format!("a{app}"), "job_id": format!("{app:032x}"), "room_id": "x", "user_id": "u",
            "state": "INIT", "record_param": { "record_rule_id": "r" } });
        let app = json!({ "app_id": format!("a{app}"), "app_name": format!("n{app}"), "callbacks": { "record_callback": {
            "url": receiver.url, "notify_event_subscription": ["RECORD_NEW_FILE_START"] } } });
        (app, job)
    });
    let (apps, jobs): (Vec<_>, Vec<_>) = fixture.unzip();
    let rules: Vec<_> = (0..20)
        .map(|app| {
            json!({ "rule_id": "r", "app_id": format!("a{app}"),
        "record_formats": ["MP4"], "mp4_config": { "record_cycle": 60 } })
        })
        .collect();
    let fixture = json!({ "projects": [{ "apps": apps, "record_rules": rules, "individual_stream_jobs": jobs }] });
    let server = MockServer::builder()
        .clock("frozen@2024-03-01T08:00:00Z".parse().unwrap())
        .fixture(rtc_mock_server::Fixture::from_json(&fixture.to_string()).unwrap())
        .callback_queue(1)
        .start()
        .await
        .unwrap();
    assert_eq!(server.clock().advance(9 * MINUTE).unwrap().len(), 20);
    settled(&server).await;
    assert_eq!(receiver.came().len(), 200);
}

#[tokio::test]
async fn a_clock_that_is_set_back_makes_no_files_of_the_time_to_come() {
    let receiver = Receiver::start().await;
    let server = builder(&receiver.url, &ALL).start().await.unwrap();
    let old = start_job(&server).await;
    server.clock().advance(60 * MINUTE).unwrap();
    settled(&server).await;
    let before = receiver.came().len();
    server.clock().set("frozen@2024-03-01T08:30:00Z".parse::<Clock>().unwrap());
    let body = r#"{"room_id":"y","user_id":"u","record_param":{"record_rule_id":"r"}}"#;
    let (status, new) = api(&server, "POST /v2/apps/a/individual-stream-jobs", body).await;
    assert_eq!(status, 201);
    settled(&server).await;
    assert_eq!(receiver.came().len(), before + 2, "the files of the new job are begun");
    for job in [&old, new["job_id"].as_str().unwrap()] {
        let line = format!("DELETE /v2/apps/a/individual-stream-jobs/{job}");
        assert_eq!(api(&server, &line, "").await.0, 204);
    }
    settled(&server).await;
    let files = receiver.came().split_off(before + 2);
    assert_eq!(files.len(), 6);
    for file in
        files.iter().map(crate::receiver::Came::json).filter(|file| file["end_time"].is_string())
    {
        assert_eq!((&file["record_duration"], &file["start_time"]), (&json!(0), &file["end_time"]));
    }
}

#[tokio::test]
async fn a_clock_that_is_set_back_leaves_nothing_waiting_for_a_time_that_was() {
    let receiver = Receiver::start().await;
    let server = builder(&receiver.url, &ALL).start().await.unwrap();
    server.deliveries().pause();
    start_job(&server).await;
    server.clock().advance(60 * MINUTE).unwrap();
    settled(&server).await;
    let waiting = waiting(&server);
    server.clock().set("frozen@2024-03-01T08:00:00Z".parse::<Clock>().unwrap());
    server.deliveries().resume();
    settled(&server).await;
    assert_eq!((waiting > 100, receiver.came().len()), (true, waiting));
}

#[tokio::test]
async fn jobs_that_are_behind_share_a_small_queue() {
    let receiver = Receiver::start().await;
    let server = builder(&receiver.url, &ALL).callback_queue(8).start().await.unwrap();
    for user in 0..4 {
        let body = format!(
            r#"{{"room_id":"x","user_id":"u{user}","record_param":{{"record_rule_id":"r"}}}}"#
        );
        let line = "POST /v2/apps/a/individual-stream-jobs";
        assert_eq!(api(&server, line, &body).await.0, 201);
    }
    settled(&server).await;
    server.deliveries().pause();
    server.clock().advance(200 * MINUTE).unwrap();
    settled(&server).await;
    server.deliveries().resume();
    settled(&server).await;
    let jobs: Vec<_> = receiver.came().iter().map(|one| one.json()["job_id"].to_string()).collect();
    assert_eq!(jobs.len(), 4 * (2 + 400 + 200));
    let half: std::collections::BTreeSet<_> = jobs[..jobs.len() / 8].iter().collect();
    assert_eq!(half.len(), 4, "all of them get on from the first");
}
