//! The clock: set and advanced while the server runs.

use std::time::Duration;

use rtc_mock_server::{Clock, Fixture, MockServer};
use rtc_model::jobs::JobState;

use crate::http::{admin, api, started};

const MIX: &str = r#"{"mix_param":{"room_id":"x","encode_template":"audio_only","max_idle_time":30},"record_param":{"record_rule_id":"r"}}"#;

fn single(user: &str, idle: u32) -> String {
    format!(
        r#"{{"room_id":"x","user_id":"{user}","is_record_audio":true,"max_idle_time":{idle},"record_param":{{"record_rule_id":"r"}}}}"#
    )
}

#[tokio::test]
async fn what_falls_due_while_the_clock_advances_happens_in_order_with_its_own_times() {
    let server = started().await;
    let mut jobs = Vec::new();
    for (user, idle) in [("late", 60), ("early", 20)] {
        let path = "POST /v2/apps/a/individual-stream-jobs";
        let (status, job) = api(&server, path, &single(user, idle)).await;
        assert_eq!(status, 201, "{job}");
        jobs.push(job["job_id"].as_str().unwrap().to_owned());
        assert!(server.join_room("a", "x", user).unwrap());
    }
    for user in ["late", "early"] {
        assert!(server.leave_room("a", "x", user).unwrap());
    }
    let (status, answer) = admin(&server, "POST /clock/advance", r#"{"seconds":45}"#).await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(answer["clock"], "frozen@2024-03-15T08:16:15.000Z");
    assert_eq!(answer["happened"][0]["job_id"], jobs[1].as_str());
    assert_eq!(answer["happened"][0]["state"], "STOPPED");
    assert_eq!(answer["happened"][0]["time"], "2024-03-15T08:15:50.000Z");

    let happened = server.clock().advance(Duration::from_secs(86_400)).unwrap();
    assert_eq!(happened.len(), 1);
    assert_eq!((happened[0].job_id.as_str(), &happened[0].state), (&*jobs[0], &JobState::Stopped));
    assert_eq!(happened[0].time.to_string(), "2024-03-15T08:16:30.000Z");
    let path = format!("GET /v2/apps/a/individual-stream-jobs/{}", jobs[0]);
    let (_, job) = api(&server, &path, "").await;
    assert_eq!(job["stop_time"], "2024-03-15T08:16:30.000Z");
    assert_eq!(job["stop_reason"], "EXCEED_MAX_IDLE_TIME");
}

#[tokio::test]
async fn what_falls_due_at_once_is_told_in_the_order_of_its_times() {
    let server = started().await;
    for (user, idle) in [("late", 60), ("early", 20), ("later", 80), ("between", 40)] {
        let path = "POST /v2/apps/a/individual-stream-jobs";
        assert_eq!(api(&server, path, &single(user, idle)).await.0, 201);
        assert!(server.join_room("a", "x", user).unwrap());
        assert!(server.leave_room("a", "x", user).unwrap());
    }
    let happened = server.clock().advance(Duration::from_secs(90)).unwrap();
    let times: Vec<_> = happened.iter().map(|event| event.time.to_string()).collect();
    let expected = ["15:50", "16:10", "16:30", "16:50"].map(|t| format!("2024-03-15T08:{t}.000Z"));
    assert_eq!(times, expected);
}

#[tokio::test]
async fn a_start_that_is_due_happens_too_and_no_job_is_told_twice() {
    let fixture = r#"{"projects":[{"apps":[{"app_id":"a","app_name":"n"}],"record_rules":[{"rule_id":"r","app_id":"a"}]}]}"#;
    let server = MockServer::builder()
        .clock("frozen@2024-03-15T08:15:30Z".parse().unwrap())
        .fixture(Fixture::from_json(fixture).unwrap())
        .start()
        .await
        .unwrap();
    let (status, job) = api(&server, "POST /v2/apps/a/mix-stream-jobs", MIX).await;
    assert_eq!(status, 201, "{job}");
    let happened = server.clock().advance(Duration::from_secs(1)).unwrap();
    assert_eq!(happened.len(), 1, "{happened:?}");
    assert_eq!(happened[0].state, JobState::Running);
    assert!(server.clock().advance(Duration::from_secs(1)).unwrap().is_empty());
}

#[tokio::test]
async fn the_clock_can_be_set_and_what_cannot_be_set_changes_nothing() {
    let server = started().await;
    let (status, answer) =
        admin(&server, "PUT /clock", r#"{"clock":"frozen@2030-01-01T00:00:00Z"}"#).await;
    assert_eq!((status, &answer["time"]), (200, &"2030-01-01T00:00:00.000Z".into()));
    for (line, body, reason) in [
        ("PUT /clock", r#"{"clock":"noon"}"#, "frozen@"),
        ("PUT /clock", "{}", "clock"),
        ("PUT /clock", r#"{"clock":"real","x":1}"#, "x"),
        ("POST /clock/advance", r#"{"seconds":-1}"#, "seconds"),
        ("POST /clock/advance", r#"{"seconds":300000000000}"#, "9999"),
        ("POST /clock/advance", r#"{"seconds":18446744073709551615}"#, "9999"),
    ] {
        let (status, answer) = admin(&server, line, body).await;
        assert_eq!(status, 400, "{line} {body}: {answer}");
        assert!(answer["error"].as_str().unwrap().contains(reason), "{line} {body}: {answer}");
    }
    let (_, answer) = admin(&server, "GET /clock", "").await;
    assert_eq!(answer["clock"], "frozen@2030-01-01T00:00:00.000Z");
    server.clock().set(Clock::real());
    let (_, answer) = admin(&server, "GET /clock", "").await;
    assert_eq!(answer["clock"], "real");
}
