//! Notifications of the record callback: what is sent, when, in which order, and what is told of it.

use std::time::Duration;

use rtc_mock_server::admin_api::DeliveryState;
use rtc_mock_server::{Clock, Fixture, MockServer, MockServerBuilder};
use serde_json::{Value, json};

use crate::http::{admin, api};
use crate::receiver::{KEY, Receiver};

const PATIENCE: Duration = Duration::from_secs(20);
const SECOND: Duration = Duration::from_secs(1);

/// A builder of a mock with an app `a` whose callback is `url`, and a rule `r` of HLS files of a
/// minute and MP4 files of two.
pub(crate) fn builder(url: &str, events: &[&str]) -> MockServerBuilder {
    let fixture = json!({ "projects": [{
        "apps": [{ "app_id": "a", "app_name": "n", "callbacks": { "record_callback": {
            "url": url, "auth_key": KEY, "notify_event_subscription": events,
        } } }],
        "record_rules": [{
            "rule_id": "r", "app_id": "a",
            "obs_addr": { "location": "cn-north-4", "project_id": "p", "bucket": "demo-bucket", "object": "top" },
            "record_formats": ["HLS", "MP4"],
            "hls_config": { "record_cycle": 60, "record_prefix": "{app_id}/{record_format}/{file_start_time}" },
            "mp4_config": { "record_cycle": 120 },
        }],
    }] });
    MockServer::builder()
        .admin_listen("127.0.0.1:0".parse().unwrap())
        .clock("frozen@2024-03-01T08:00:00Z".parse().unwrap())
        .fixture(Fixture::from_json(&fixture.to_string()).unwrap())
        .seed(1)
}

pub(crate) const ALL: [&str; 3] =
    ["RECORD_NEW_FILE_START", "RECORD_FILE_COMPLETE", "CLOUD_RECORD_OVER"];

pub(crate) const JOB: &str = r#"{"room_id":"x","user_id":"u","video_type":"CAMERASTREAM","select_stream_type":"HD","record_param":{"record_rule_id":"r"}}"#;

pub(crate) async fn start_job(server: &MockServer) -> String {
    let (status, job) = api(server, "POST /v2/apps/a/individual-stream-jobs", JOB).await;
    assert_eq!(status, 201, "{job}");
    job["job_id"].as_str().unwrap().to_owned()
}

async fn stop_job(server: &MockServer, job: &str) {
    let line = format!("DELETE /v2/apps/a/individual-stream-jobs/{job}");
    assert_eq!(api(server, &line, "").await.0, 204);
}

async fn settled(server: &MockServer) {
    assert!(server.deliveries().settled(PATIENCE).await);
}

#[tokio::test]
async fn a_job_is_told_of_from_its_start_to_its_end_in_order_and_signed() {
    let receiver = Receiver::start().await;
    let server = builder(&receiver.url, &ALL).start().await.unwrap();
    let job = start_job(&server).await;
    settled(&server).await;
    assert_eq!(receiver.words(), ["RECORD_NEW_FILE_START HLS", "RECORD_NEW_FILE_START MP4"]);
    server.clock().advance(59 * SECOND).unwrap();
    settled(&server).await;
    assert_eq!(receiver.came().len(), 2, "no file is complete");
    server.clock().advance(2 * SECOND).unwrap();
    settled(&server).await;
    server.clock().advance(84 * SECOND).unwrap();
    settled(&server).await;
    stop_job(&server, &job).await;
    settled(&server).await;
    let expected = [
        "RECORD_NEW_FILE_START HLS",
        "RECORD_NEW_FILE_START MP4",
        "RECORD_FILE_COMPLETE HLS",
        "RECORD_NEW_FILE_START HLS",
        "RECORD_FILE_COMPLETE HLS",
        "RECORD_NEW_FILE_START HLS",
        "RECORD_FILE_COMPLETE MP4",
        "RECORD_NEW_FILE_START MP4",
        "RECORD_FILE_COMPLETE HLS",
        "RECORD_FILE_COMPLETE MP4",
        "CLOUD_RECORD_SERVER_OVER",
    ];
    assert_eq!(receiver.words(), expected);
    let came = receiver.came();
    for one in &came {
        one.verify(server.clock().now()).unwrap();
        assert_eq!((one.target.as_str(), one.whole), ("/rtc", true));
        assert_eq!(one.headers["content-type"], "application/json");
    }
    let stream = format!("s_{job}_x_u");
    let file = json!({
        "event_type": "RECORD_FILE_COMPLETE", "stream_name": stream, "record_format": "HLS",
        "download_url": "https://demo-bucket.obs.cn-north-4.myhuaweicloud.com/top/a/hls/20240301080100.m3u8",
        "file_size": 24_000_000, "record_duration": 60,
        "start_time": "2024-03-01T08:01:00Z", "end_time": "2024-03-01T08:02:00Z",
        "width": 1280, "height": 720,
        "obs_location": "http://obs.cn-north-4.myhuaweicloud.com",
        "obs_bucket": "demo-bucket", "obs_object": "top/a/hls/20240301080100.m3u8",
        "app_id": "a", "job_id": job, "room_id": "x",
    });
    assert_eq!(came[4].json(), file);
    let mp4 = came[9].json();
    let path = format!("top/a/mp4/{stream}_20240301080200/{stream}_20240301080200.mp4");
    assert_eq!((&mp4["obs_object"], &mp4["record_duration"]), (&json!(path), &json!(25)));
    assert_eq!(came[10].json()["detail_message"], "stopped by the tenant");
    let states: Vec<_> = server.deliveries().list().iter().map(|one| one.state).collect();
    assert_eq!(states, [DeliveryState::Delivered; 11]);
}

#[tokio::test]
async fn a_receiver_that_fails_is_asked_again_by_the_clock_and_those_behind_wait() {
    const FAILURE: &str = "HTTP/1.1 500 Oh\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    let receiver = Receiver::start().await;
    receiver.answer_with([FAILURE, FAILURE]);
    let server = builder(&receiver.url, &ALL).start().await.unwrap();
    start_job(&server).await;
    settled(&server).await;
    assert_eq!(receiver.came().len(), 1);
    let waiting = &server.deliveries().list()[0];
    let (attempt, now) = (&waiting.attempts[0], server.clock().now());
    assert_eq!((waiting.state, attempt.status), (DeliveryState::Waiting, Some(500)));
    assert!(waiting.next_attempt.unwrap().to_system_time().unwrap() >= now + SECOND);
    server.clock().advance(SECOND / 2).unwrap();
    settled(&server).await;
    assert_eq!(receiver.came().len(), 1, "it is not due yet");
    server.clock().advance(SECOND).unwrap();
    settled(&server).await;
    assert_eq!(receiver.came().len(), 2);
    server.clock().advance(4 * SECOND).unwrap();
    settled(&server).await;
    assert_eq!(receiver.came().len(), 2, "the third attempt is 5 s after the second");
    server.clock().advance(2 * SECOND).unwrap();
    settled(&server).await;
    let words = receiver.words();
    assert_eq!(words[..3], ["RECORD_NEW_FILE_START HLS"; 3]);
    assert_eq!(words[3], "RECORD_NEW_FILE_START MP4");
    let rands: std::collections::BTreeSet<_> =
        receiver.came().iter().map(|one| one.headers["x-rtc-rand"].clone()).collect();
    assert_eq!(rands.len(), 4, "each attempt is signed anew");
}

#[tokio::test]
async fn attempts_end_after_the_last_of_the_schedule_and_the_next_notification_goes_out() {
    let receiver = Receiver::start().await;
    receiver.answer_with(["HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n"; 4]);
    let server = builder(&receiver.url, &ALL).start().await.unwrap();
    start_job(&server).await;
    settled(&server).await;
    // All that falls due on the way is made, each counted from when it was due.
    server.clock().advance(50 * SECOND).unwrap();
    settled(&server).await;
    let list = server.deliveries().list();
    assert_eq!((list[0].state, list[0].attempts.len()), (DeliveryState::Failed, 4));
    assert_eq!((list[1].state, list[1].attempts.len()), (DeliveryState::Delivered, 1));
    assert!(server.deliveries().redeliver(list[0].id));
    settled(&server).await;
    let again = server.deliveries().get(list[0].id).unwrap();
    assert_eq!((again.state, again.attempts.len()), (DeliveryState::Delivered, 5));
    assert!(!server.deliveries().redeliver(99));
}

#[tokio::test]
async fn only_what_is_subscribed_to_is_told_and_nothing_of_before() {
    let receiver = Receiver::start().await;
    let server =
        builder("http://127.0.0.1:1/", &["CLOUD_RECORD_SERVER_OVER"]).start().await.unwrap();
    let job = start_job(&server).await;
    server.clock().advance(600 * SECOND).unwrap();
    settled(&server).await;
    assert!(server.deliveries().list().is_empty());
    let line = "PUT /v2/apps/a/record-callback";
    let body = json!({ "url": receiver.url, "auth_key": "" }).to_string();
    assert_eq!(api(&server, line, &body).await.0, 200);
    let events = r#"{"notify_event_subscription":["RECORD_FILE_COMPLETE","CLOUD_RECORD_OVER"]}"#;
    let line = "PUT /apps/a/record-callback/subscription";
    assert_eq!(admin(&server, line, events).await.0, 200);
    stop_job(&server, &job).await;
    settled(&server).await;
    let words = receiver.words();
    assert_eq!(
        words,
        ["RECORD_FILE_COMPLETE HLS", "RECORD_FILE_COMPLETE MP4", "CLOUD_RECORD_SERVER_OVER"]
    );
    assert!(!receiver.came()[0].headers.contains_key("x-rtc-signature"), "there is no key");
}

#[tokio::test]
async fn a_user_who_joins_is_recorded_where_auto_record_was_on_when_the_room_was_made() {
    let receiver = Receiver::start().await;
    let server = builder(&receiver.url, &ALL).start().await.unwrap();
    server.join_room("a", "old", "anna").unwrap();
    let mode = r#"{"mode":"AUTO_INDIVIDUAL_RECORD","record_rule_id":"r"}"#;
    let (status, answer) = api(&server, "PUT /v2/apps/a/auto-record-mode", mode).await;
    assert_eq!(status, 200, "{answer}");
    server.join_room("a", "old", "ben").unwrap();
    settled(&server).await;
    assert!(receiver.came().is_empty());
    assert!(server.join_room("a", "new", "ben").unwrap());
    assert!(!server.join_room("a", "new", "ben").unwrap());
    settled(&server).await;
    assert_eq!(receiver.words(), ["RECORD_NEW_FILE_START HLS", "RECORD_NEW_FILE_START MP4"]);
    let told = receiver.came()[0].json();
    assert_eq!(told["stream_name"], "a_new_ben_av_m");
    server.leave_room("a", "new", "ben").unwrap();
    server.clock().advance(30 * SECOND).unwrap();
    settled(&server).await;
    let over = receiver.came()[4].json();
    assert_eq!(
        (&over["event_type"], &over["job_id"]),
        (&json!("CLOUD_RECORD_SERVER_OVER"), &told["job_id"])
    );
    let job = told["job_id"].as_str().unwrap();
    let (_, job) = api(&server, &format!("GET /v2/apps/a/individual-stream-jobs/{job}"), "").await;
    assert_eq!(job["stop_reason"], "EXCEED_MAX_IDLE_TIME");
}

#[tokio::test]
async fn on_a_running_clock_notifications_come_by_themselves() {
    let receiver = Receiver::start().await;
    let server = builder(&receiver.url, &ALL)
        .clock(Clock::real())
        .job_init_delay(Duration::from_millis(50))
        .callback_retries([Duration::from_millis(50)])
        .start()
        .await
        .unwrap();
    receiver.answer_with(["HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n"]);
    start_job(&server).await;
    assert_eq!(receiver.wait_for(3).await.len(), 3);
    assert_eq!(receiver.words()[0], receiver.words()[1], "the first was sent again");
}

#[tokio::test]
async fn sending_stops_goes_on_and_is_hurried_by_the_admin_api() {
    let receiver = Receiver::start().await;
    receiver.answer_with(["HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n"]);
    let server = builder(&receiver.url, &ALL).start().await.unwrap();
    let changed = json!({ "changed": true });
    assert_eq!(admin(&server, "POST /deliveries/pause", "").await, (200, changed.clone()));
    start_job(&server).await;
    settled(&server).await;
    let (_, list) = admin(&server, "GET /deliveries", "").await;
    assert_eq!((&list["paused"], &list["count"]), (&json!(true), &json!(2)));
    assert!(receiver.came().is_empty());
    assert_eq!(admin(&server, "POST /deliveries/flush", "").await.0, 409);
    assert_eq!(admin(&server, "POST /deliveries/resume", "").await, (200, changed.clone()));
    settled(&server).await;
    assert_eq!(receiver.came().len(), 1);
    let (_, waiting) = admin(&server, "GET /deliveries?state=waiting", "").await;
    assert_eq!(waiting["count"], 2);
    assert_eq!(admin(&server, "POST /deliveries/flush", "").await, (200, changed.clone()));
    assert_eq!(receiver.came().len(), 3);
    let (status, one) = admin(&server, "POST /deliveries/1/redeliver", "").await;
    assert_eq!((status, &one["id"]), (200, &json!(1)));
    settled(&server).await;
    assert_eq!(receiver.came().len(), 4);
    let (_, one) = admin(&server, "GET /deliveries/1", "").await;
    assert_eq!(one["attempts"].as_array().unwrap().len(), 3, "{one}");
    assert!(!one.to_string().contains(KEY), "the key is not shown");
    for (line, status) in [
        ("GET /deliveries/7", 404),
        ("GET /deliveries/x", 404),
        ("POST /deliveries/7/redeliver", 404),
        ("GET /deliveries?state=gone", 400),
        ("GET /deliveries?colour=red", 400),
        ("GET /deliveries?job_id=none", 200),
    ] {
        assert_eq!(admin(&server, line, "").await.0, status, "{line}");
    }
    assert_eq!(admin(&server, "DELETE /deliveries", "").await, (200, changed));
    assert_eq!(admin(&server, "GET /deliveries", "").await.1["count"], 0);
}

#[tokio::test]
async fn advancing_the_clock_by_the_admin_api_answers_when_the_notifications_are_out() {
    let receiver = Receiver::start().await;
    let server = builder(&receiver.url, &ALL).start().await.unwrap();
    start_job(&server).await;
    let (status, _) = admin(&server, "POST /clock/advance", r#"{"seconds":60}"#).await;
    assert_eq!((status, receiver.came().len()), (200, 4));
}

#[tokio::test]
async fn a_change_of_the_rule_of_a_job_ends_its_files_and_a_changed_rule_does_not() {
    let receiver = Receiver::start().await;
    let server = builder(&receiver.url, &["RECORD_FILE_COMPLETE"]).start().await.unwrap();
    let job = start_job(&server).await;
    server.clock().advance(10 * SECOND).unwrap();
    let rule = json!({
        "obs_addr": { "location": "cn-north-4", "project_id": "p", "bucket": "other" },
        "record_formats": ["MP4"], "mp4_config": { "record_cycle": 60 },
    });
    let (status, answer) = api(&server, "PUT /v2/apps/a/record-rules/r", &rule.to_string()).await;
    assert_eq!(status, 200, "{answer}");
    server.clock().advance(50 * SECOND).unwrap();
    settled(&server).await;
    assert_eq!(receiver.words(), ["RECORD_FILE_COMPLETE HLS"]);
    assert_eq!(receiver.came()[0].json()["obs_bucket"], "demo-bucket");
    let line = format!("PUT /v2/apps/a/individual-stream-jobs/{job}");
    let body = r#"{"record_param":{"record_rule_id":"r"}}"#;
    assert_eq!(api(&server, &line, body).await.0, 200);
    settled(&server).await;
    let files: Vec<Value> =
        receiver.came().iter().map(|one| one.json()["record_duration"].clone()).collect();
    assert_eq!(files, [60, 0, 60]);
    server.clock().advance(60 * SECOND).unwrap();
    settled(&server).await;
    let last = receiver.came()[3].json();
    assert_eq!((&last["obs_bucket"], &last["record_format"]), (&json!("other"), &json!("MP4")));
}

#[tokio::test]
async fn a_reset_forgets_what_was_to_be_sent() {
    let server = builder("http://127.0.0.1:1/", &ALL).start().await.unwrap();
    start_job(&server).await;
    settled(&server).await;
    assert_eq!(server.deliveries().list().len(), 2);
    server.reset().unwrap();
    assert!(server.deliveries().list().is_empty());
}
