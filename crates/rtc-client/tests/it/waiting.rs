//! Waiting for jobs, by a clock that stands still but for sleeps.

use std::time::Duration;

use rtc_client::model::jobs::{JobState, StopReason};
use rtc_client::{ErrorKind, Wait, Waited};
use tokio::time::Instant;

use crate::script::{Answer, Script};

fn job(state: &str) -> Answer {
    Answer::ok(serde_json::json!({ "job_id": "j1", "state": state }).to_string())
}

fn stopped(reason: &str) -> Answer {
    let body = serde_json::json!({ "job_id": "j1", "state": "STOPPED", "stop_reason": reason });
    Answer::ok(body.to_string())
}

/// When the calls were made, in milliseconds after `begin`.
fn times(script: &Script, begin: Instant) -> Vec<u128> {
    script.calls().iter().map(|call| (call.at - begin).as_millis()).collect()
}

#[tokio::test(start_paused = true)]
async fn a_job_that_is_at_work_is_told_at_once() {
    let begin = Instant::now();
    let (client, script) = Script::of([job("RUNNING")]);
    let waited = client.wait_for_individual_stream_job("a1", "j1", Wait::default()).await.unwrap();
    assert!(waited.is_reached());
    assert_eq!(waited.job().state, Some(JobState::Running));
    assert_eq!(waited.into_job().job_id, Some("j1".into()));
    assert_eq!(script.lines(), ["GET /v2/apps/a1/individual-stream-jobs/j1"]);
    assert_eq!(begin.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn the_pauses_double_up_to_ten_seconds() {
    let begin = Instant::now();
    let init = std::iter::repeat_n(job("INIT"), 7);
    let (client, script) = Script::of(init.chain([job("RUNNING")]));
    let waited = client.wait_for_mix_job("a1", "j1", Wait::running()).await.unwrap();
    assert!(matches!(waited, Waited::Reached(_)), "{waited:?}");
    assert_eq!(times(&script, begin), [0, 500, 1500, 3500, 7500, 15_500, 25_500, 35_500]);
    assert!(script.lines().iter().all(|line| line == "GET /v2/apps/a1/mix-stream-jobs/j1"));
}

#[tokio::test(start_paused = true)]
async fn the_pauses_and_the_time_can_be_set() {
    let begin = Instant::now();
    let (client, script) = Script::by(|_| job("INIT"));
    let wait = Wait::running()
        .first_pause(Duration::from_secs(1))
        .factor(3)
        .longest_pause(Duration::from_secs(5))
        .total(Duration::from_secs(12));
    let waited = client.wait_for_mix_job("a1", "j1", wait).await.unwrap();
    assert!(matches!(waited, Waited::TimedOut(_)), "{waited:?}");
    assert_eq!(times(&script, begin), [0, 1000, 4000, 9000, 12_000]);
}

#[tokio::test(start_paused = true)]
async fn after_five_minutes_the_job_is_queried_a_last_time() {
    for last in ["INIT", "RUNNING"] {
        let begin = Instant::now();
        let (client, script) = Script::by(move |_| {
            job(if begin.elapsed() < Duration::from_secs(300) { "INIT" } else { last })
        });
        let waited = client.wait_for_mix_job("a1", "j1", Wait::default()).await.unwrap();
        assert_eq!(begin.elapsed(), Duration::from_secs(300));
        assert_eq!(waited.is_reached(), last == "RUNNING");
        assert_eq!(waited.job().state, Some(last.into()));
        let times = times(&script, begin);
        assert_eq!(times[times.len() - 2..], [295_500, 300_000]);
    }
}

#[tokio::test(start_paused = true)]
async fn no_time_is_one_query_and_all_the_time_is_no_overflow() {
    let (client, script) = Script::of([job("INIT")]);
    let wait = Wait::running().total(Duration::ZERO);
    let waited = client.wait_for_individual_stream_job("a1", "j1", wait).await.unwrap();
    assert!(matches!(waited, Waited::TimedOut(_)), "{waited:?}");
    assert_eq!(script.lines().len(), 1);

    let (client, _) = Script::of([job("INIT"), job("RUNNING")]);
    let wait = Wait::running().total(Duration::MAX).longest_pause(Duration::MAX);
    let waited = client.wait_for_individual_stream_job("a1", "j1", wait).await.unwrap();
    assert!(waited.is_reached());
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_comes_after_the_time_still_counts() {
    for (state, is_reached) in [("INIT", false), ("RUNNING", true)] {
        let begin = Instant::now();
        let (client, script) = Script::of([job(state).after(Duration::from_secs(20))]);
        let wait = Wait::running().total(Duration::from_secs(10));
        let waited = client.wait_for_mix_job("a1", "j1", wait).await.unwrap();
        assert_eq!(waited.is_reached(), is_reached);
        assert_eq!(begin.elapsed(), Duration::from_secs(20));
        assert_eq!(script.lines().len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_job_that_is_over_before_it_was_at_work_is_told_with_the_reason() {
    for (answer, expected) in [
        (stopped("TENANT_STOP"), Some(StopReason::TenantStop)),
        (stopped("INTERNAL_ERROR"), Some(StopReason::InternalError)),
        (stopped("NEW_REASON"), Some("NEW_REASON".into())),
        (job("STOPPED"), None),
    ] {
        let (client, script) = Script::of([job("INIT"), answer]);
        let waited = client.wait_for_mix_job("a1", "j1", Wait::running()).await.unwrap();
        assert!(!waited.is_reached());
        let Waited::StoppedBefore { job, reason, .. } = waited else { panic!("{waited:?}") };
        assert_eq!(reason, expected);
        assert_eq!((job.state, job.stop_reason), (Some(JobState::Stopped), expected));
        assert_eq!(script.lines().len(), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn waiting_for_the_end_passes_over_all_other_states() {
    let answers =
        [job("INIT"), job("RUNNING"), job("NEW"), Answer::ok("{}"), stopped("TENANT_STOP")];
    let (client, script) = Script::of(answers);
    let waited = client.wait_for_individual_stream_job("a1", "j1", Wait::stopped()).await.unwrap();
    let Waited::Reached(job) = waited else { panic!("{waited:?}") };
    assert_eq!(job.stop_reason, Some(StopReason::TenantStop));
    assert_eq!(script.lines().len(), 5);
}

#[tokio::test(start_paused = true)]
async fn a_state_that_is_unknown_or_absent_is_not_the_one_waited_for() {
    let (client, _) = Script::of([job("NEW"), Answer::ok("{}"), job("RUNNING")]);
    let waited = client.wait_for_mix_job("a1", "j1", Wait::running()).await.unwrap();
    assert!(waited.is_reached());
}

#[tokio::test(start_paused = true)]
async fn a_query_that_fails_ends_the_wait_with_its_error() {
    let gone = Answer::new(404, r#"{"error_code":"RTC.00001003","error_msg":"m"}"#);
    let fault = Answer::new(500, r#"{"error_code":"RTC.00002002","error_msg":"m"}"#);
    for (answer, kind) in [(gone, ErrorKind::NotFound), (fault, ErrorKind::Server)] {
        let (client, script) = Script::of([job("INIT"), answer]);
        let error = client.wait_for_mix_job("a1", "j1", Wait::running()).await.unwrap_err();
        assert_eq!(error.kind(), kind);
        assert_eq!(error.is_not_found(), kind == ErrorKind::NotFound);
        assert_eq!(script.lines().len(), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_is_dropped_asks_nothing_more_and_can_be_begun_again() {
    let (client, script) = Script::by(|_| job("INIT"));
    let wait = client.wait_for_mix_job("a1", "j1", Wait::running());
    tokio::time::timeout(Duration::from_secs(2), wait).await.unwrap_err();
    assert_eq!(script.lines().len(), 3);
    tokio::time::sleep(Duration::from_secs(600)).await;
    assert_eq!(script.lines().len(), 3);
    let again = client.wait_for_mix_job("a1", "j1", Wait::running().total(Duration::ZERO)).await;
    assert!(!again.unwrap().is_reached());
    assert_eq!(script.lines().len(), 4);
}

#[test]
fn a_wait_can_be_sent_between_threads() {
    fn sent<T: Send>(_: T) {}
    let (client, _) = Script::of([]);
    sent(client.wait_for_individual_stream_job("a1", "j1", Wait::running()));
    sent(client.wait_for_mix_job("a1", String::from("j1"), Wait::stopped()));
}
