//! When a call is attempted again, and how.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rtc_client::{
    Attempt, Backoff, Client, ClientBuilder, Decision, Delivery, Ended, Error, ErrorKind, NoRetry,
    Observe, RetryPolicy, TransportErrorKind,
};
use rtc_model::apps::{AppReq, ShowApp};
use rtc_signer::date::format_sdk_date;
use tokio::time::Instant;

use crate::script::{Answer, Script};
use crate::support::{APP, credentials, now};

const OK: &str = r#"{"app_id":"a1"}"#;

/// A builder whose transport plays these answers, each when its turn comes.
fn playing(answers: impl IntoIterator<Item = Answer>) -> (ClientBuilder, Script) {
    let mut answers: VecDeque<_> = answers.into_iter().collect();
    let script = Script::answering(move |_| answers.pop_front().unwrap());
    let builder = Client::builder()
        .endpoint("http://rtc.example")
        .credentials(credentials())
        .clock(now)
        .transport(script.clone());
    (builder, script)
}

fn fails(kind: TransportErrorKind, delivery: Delivery) -> Answer {
    Answer::failure(kind, delivery)
}

fn status(status: u16) -> Answer {
    Answer::new(status, r#"{"error_code":"APIGW.0201","error_msg":"m"}"#)
}

/// What each operation meets, and how many attempts it is worth: idempotent, not idempotent.
fn failures() -> Vec<(Answer, u32, u32)> {
    use Delivery::{Answered, NotSent, Unknown};
    use TransportErrorKind::{BodyTooLarge, Connect, Exchange, HeadTooLarge, Timeout};

    vec![
        (fails(Connect, NotSent), 3, 3),
        (fails(Exchange, NotSent), 3, 3),
        (fails(Timeout, NotSent), 3, 3),
        (status(429), 3, 3),
        (fails(Exchange, Unknown), 3, 1),
        (fails(Exchange, Answered), 3, 1),
        (fails(Timeout, Unknown), 3, 1),
        (fails(Timeout, Answered), 3, 1),
        (status(502), 3, 1),
        (status(503), 3, 1),
        (status(504), 3, 1),
        (fails(BodyTooLarge, Answered), 1, 1),
        (fails(HeadTooLarge, Answered), 1, 1),
        (status(302), 1, 1),
        (status(400), 1, 1),
        (status(401), 1, 1),
        (status(403), 1, 1),
        (status(404), 1, 1),
        (status(500), 1, 1),
        (Answer::ok("[]"), 1, 1),
    ]
}

#[tokio::test(start_paused = true)]
async fn each_failure_is_worth_three_attempts_or_one() {
    for (answer, idempotent, other) in failures() {
        let told = format!("{answer:?}");
        let (builder, script) = playing(vec![answer.clone(); 3]);
        let error = builder.build().unwrap().show_app(APP).await.unwrap_err();
        assert_eq!(
            (error.attempts(), script.calls().len()),
            (idempotent, idempotent as usize),
            "{told}"
        );
        assert_eq!(error.is_retryable(), idempotent > 1, "{told}");

        let (builder, script) = playing(vec![answer; 3]);
        let error = builder.build().unwrap().create_app(AppReq::new("n")).await.unwrap_err();
        assert_eq!((error.attempts(), script.calls().len()), (other, other as usize), "{told}");
        assert_eq!(error.is_retryable(), other > 1, "{told}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_that_succeeds_at_last_is_a_success() {
    let down = fails(TransportErrorKind::Connect, Delivery::NotSent);
    let (builder, script) = playing([down, status(429), Answer::new(201, OK)]);
    let reply = builder.build().unwrap().create_app(AppReq::new("n")).await.unwrap();
    assert_eq!(reply.status(), 201);
    let bodies: Vec<_> = script.calls().into_iter().map(|call| call.body).collect();
    assert_eq!(bodies, [r#"{"app_name":"n"}"#; 3], "each attempt carries the same body");
}

#[tokio::test(start_paused = true)]
async fn each_attempt_is_dated_and_signed_anew() {
    let (builder, script) = playing([status(503), Answer::ok(OK)]);
    let mut hours = 0;
    let ticking = Mutex::new(move || {
        hours += 1;
        now() + Duration::from_secs(3600) * hours
    });
    let client = builder.clock(move || (ticking.lock().unwrap())()).build().unwrap();
    client.show_app(APP).await.unwrap();
    let sent = script.calls();
    let header = |at: usize, name: &str| sent[at].headers[name].to_str().unwrap().to_owned();
    // Between the two the clock was asked for the time of the refusal.
    assert_eq!(header(0, "x-sdk-date"), "20240102T040405Z");
    assert_eq!(header(1, "x-sdk-date"), "20240102T060405Z");
    assert_ne!(header(0, "authorization"), header(1, "authorization"));
}

/// The pauses between the calls.
fn pauses(script: &Script) -> Vec<Duration> {
    let calls = script.calls();
    calls.windows(2).map(|pair| pair[1].at - pair[0].at).collect()
}

#[tokio::test(start_paused = true)]
async fn the_pauses_are_random_parts_of_bounds_that_double() {
    let backoff = || {
        Backoff::default()
            .attempts(40)
            .first_pause(Duration::from_secs(1))
            .longest_pause(Duration::from_secs(8))
    };
    let run = async |seed| {
        let (builder, script) = playing(vec![status(503); 40]);
        let client = builder.retry(backoff()).seed(seed).timeout(Duration::from_secs(3600)).build();
        client.unwrap().show_app(APP).await.unwrap_err();
        pauses(&script)
    };
    let first = run(1).await;
    assert_eq!(first, run(1).await, "the seed makes them repeatable");
    assert_ne!(first, run(2).await);
    for (made, pause) in first.iter().enumerate() {
        // The timers of tokio have milliseconds.
        let bound = Duration::from_secs(1 << made.min(3)) + Duration::from_millis(1);
        assert!(*pause <= bound, "{made}: {pause:?}");
    }
    let tail = &first[3..];
    assert!(tail.iter().any(|pause| *pause > Duration::from_secs(4)), "{tail:?}");
    assert!(tail.iter().any(|pause| *pause < Duration::from_secs(4)), "{tail:?}");
}

#[tokio::test(start_paused = true)]
async fn retry_after_is_waited_for_in_both_forms() {
    for (code, value) in [(429, "7"), (429, "Tue, 02 Jan 2024 03:04:12 GMT"), (503, "7")] {
        let (builder, script) =
            playing([status(code).header("Retry-After", value), Answer::ok(OK)]);
        builder.build().unwrap().show_app(APP).await.unwrap();
        let pause = pauses(&script)[0];
        let told = Duration::from_secs(7);
        assert!(pause >= told && pause < told + Duration::from_millis(250), "{value}: {pause:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_pause_past_the_end_of_the_call_is_not_waited_for() {
    let (builder, script) = playing([status(429).header("Retry-After", "61")]);
    let begin = Instant::now();
    let error = builder.build().unwrap().show_app(APP).await.unwrap_err();
    assert_eq!(begin.elapsed(), Duration::ZERO);
    assert!(error.is_throttled());
    assert_eq!(error.retry_after(), Some(Duration::from_secs(61)), "the caller may wait itself");
    assert_eq!(script.calls().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_timeout_of_the_call_holds_for_all_attempts_and_pauses() {
    let slow = || Answer::ok(OK).after(Duration::from_secs(1000));
    let (builder, script) = playing([slow(), slow(), slow()]);
    let client = builder
        .attempt_timeout(Duration::from_secs(4))
        .timeout(Duration::from_secs(10))
        .retry(Backoff::default().first_pause(Duration::from_millis(1)))
        .build()
        .unwrap();
    let begin = Instant::now();
    let error = client.show_app(APP).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Timeout, 3));
    assert_eq!(begin.elapsed(), Duration::from_secs(10));
    let starts: Vec<_> = script.calls().iter().map(|call| (call.at - begin).as_secs()).collect();
    assert_eq!(starts, [0, 4, 8]);
}

#[tokio::test(start_paused = true)]
async fn a_single_call_can_have_other_timeouts() {
    let slow = || Answer::ok(OK).after(Duration::from_secs(5));
    let (builder, _) = playing([slow(), slow(), slow()]);
    let client = builder.retry(NoRetry).build().unwrap();
    let begin = Instant::now();
    client.with_timeout(Duration::from_secs(2)).show_app(APP).await.unwrap_err();
    assert_eq!(begin.elapsed(), Duration::from_secs(2));
    client.with_attempt_timeout(Duration::from_secs(3)).show_app(APP).await.unwrap_err();
    assert_eq!(begin.elapsed(), Duration::from_secs(5));
    client.show_app(APP).await.unwrap();
    assert_eq!(begin.elapsed(), Duration::from_secs(10), "the client itself is as before");
}

#[tokio::test(start_paused = true)]
async fn a_client_whose_calls_all_fail_soon_makes_one_attempt_a_call() {
    let (builder, script) = playing(vec![status(503); 6]);
    let client = builder.retry_budget(2).build().unwrap();
    for attempts in [3, 1, 1] {
        let error = client.clone().show_app(APP).await.unwrap_err();
        assert_eq!(error.attempts(), attempts);
    }
    assert_eq!(script.calls().len(), 5);
}

#[tokio::test(start_paused = true)]
async fn a_policy_of_ones_own_is_asked_after_each_failure() {
    struct Odd(Arc<Mutex<Vec<(u32, u16, Duration)>>>);

    impl RetryPolicy for Odd {
        fn next(&self, attempt: &Attempt<'_>) -> Decision {
            assert!((0.0..1.0).contains(&attempt.random));
            let status = attempt.error.status().unwrap().as_u16();
            self.0.lock().unwrap().push((attempt.made, status, attempt.elapsed));
            match attempt.made {
                1 => Decision::Again(Duration::from_secs(9)),
                _ => Decision::GiveUp,
            }
        }
    }

    let asked = Arc::default();
    let (builder, script) = playing([status(500), status(404)]);
    let client = builder.retry(Odd(Arc::clone(&asked))).build().unwrap();
    client.show_app(APP).await.unwrap_err();
    let nine = Duration::from_secs(9);
    assert_eq!(*asked.lock().unwrap(), [(1, 500, Duration::ZERO), (2, 404, nine)]);
    assert_eq!(pauses(&script), [nine]);
}

#[tokio::test(start_paused = true)]
async fn an_error_after_a_lost_answer_says_so() {
    let cut = fails(TransportErrorKind::Exchange, Delivery::Unknown);
    let (builder, _) =
        playing([cut, status(404), status(503), status(404), status(429), status(404)]);
    let client = builder.build().unwrap();
    for is_after in [true, true, false] {
        let error = client.delete_app(APP).await.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::NotFound, 2));
        assert_eq!(error.is_after_lost_answer(), is_after, "{error:?}");
        assert!(error.to_string().ends_with(", after 2 attempts"), "{error}");
    }
}

/// A refusal for the clock, as the gateway words it.
fn skewed(here: Duration, there: Duration) -> Answer {
    let sdk = |at: Duration| format_sdk_date(now() + at).unwrap().as_str().to_owned();
    Answer::new(
        401,
        format!(
            r#"{{"error_code":"APIGW.0301","error_msg":"Incorrect IAM authentication information: calc aksk signature fail:signature expired, signature time:{},server time:{}","request_id":"g"}}"#,
            sdk(here),
            sdk(there),
        ),
    )
}

const MINUTES_20: Duration = Duration::from_secs(20 * 60);

fn dates(script: &Script) -> Vec<String> {
    let calls = script.calls();
    calls.iter().map(|call| call.headers["x-sdk-date"].to_str().unwrap().to_owned()).collect()
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_is_off_is_corrected_by_the_first_refusal_and_for_all_later_calls() {
    let (builder, script) =
        playing([skewed(Duration::ZERO, MINUTES_20), Answer::new(201, OK), Answer::ok(OK)]);
    let client = builder.build().unwrap();
    client.create_app(AppReq::new("n")).await.unwrap();
    client.clone().show_app(APP).await.unwrap();
    assert_eq!(dates(&script), ["20240102T030405Z", "20240102T032405Z", "20240102T032405Z"]);
    assert_eq!(pauses(&script)[0], Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_second_refusal_for_the_clock_ends_the_call() {
    let (builder, script) = playing([
        skewed(Duration::ZERO, MINUTES_20),
        skewed(MINUTES_20, 3 * MINUTES_20),
        Answer::ok(OK),
    ]);
    let client = builder.build().unwrap();
    let error = client.show_app(APP).await.unwrap_err();
    assert!(error.is_clock_skew() && error.kind() == ErrorKind::Unauthorized);
    assert_eq!(error.attempts(), 2);
    client.show_app(APP).await.unwrap();
    assert_eq!(dates(&script)[2], "20240102T040405Z", "what was learnt is kept all the same");
}

#[tokio::test(start_paused = true)]
async fn no_other_refusal_of_the_credentials_is_attempted_again() {
    let refusal = || {
        Answer::new(401, r#"{"error_code":"APIGW.0301","error_msg":"verify aksk signature fail"}"#)
    };
    let date = || ("Date", "Tue, 02 Jan 2024 03:24:05 GMT");
    // Within the 15 minutes, without a date, and with a token, which has no date.
    let (builder, script) = playing([
        refusal().header("Date", "Tue, 02 Jan 2024 03:14:05 GMT"),
        refusal(),
        refusal().header(date().0, date().1),
        Answer::ok(OK),
    ]);
    let client = builder.build().unwrap();
    for _ in 0..2 {
        let error = client.show_app(APP).await.unwrap_err();
        assert!(!error.is_clock_skew() && error.attempts() == 1);
    }
    // The same words with a date that is 20 minutes off are put down to the clocks.
    client.show_app(APP).await.unwrap();
    assert_eq!(dates(&script)[3], "20240102T032405Z");

    let (client, script) = Script::of([refusal().header(date().0, date().1)]);
    let error: Error = client.show_app(APP).await.unwrap_err();
    assert!(!error.is_clock_skew() && script.calls().len() == 1);
}

#[tokio::test(start_paused = true)]
async fn with_no_retry_the_refusal_is_the_answer_and_the_next_call_is_dated_right() {
    let (builder, script) = playing([skewed(Duration::ZERO, MINUTES_20), Answer::ok(OK)]);
    let client = builder.retry(NoRetry).build().unwrap();
    assert!(client.show_app(APP).await.unwrap_err().is_clock_skew());
    client.show_app(APP).await.unwrap();
    assert_eq!(dates(&script)[1], "20240102T032405Z");
}

#[tokio::test(start_paused = true)]
async fn an_observer_is_told_of_attempts_and_calls() {
    type Told = (&'static str, String, u32, Option<u16>, Option<ErrorKind>, u64);
    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<Told>>>);

    impl Log {
        fn add(&self, what: &'static str, ended: &Ended<'_>) {
            self.0.lock().unwrap().push((
                what,
                ended.operation.to_string(),
                ended.attempts,
                ended.status.map(|status| status.as_u16()),
                ended.error,
                ended.duration.as_secs(),
            ));
        }
    }

    impl Observe for Log {
        fn attempt(&self, ended: &Ended<'_>) {
            self.add("attempt", ended);
        }

        fn call(&self, ended: &Ended<'_>) {
            self.add("call", ended);
        }
    }

    let log = Log::default();
    let slow = Answer::ok(OK).after(Duration::from_secs(3));
    let (builder, _) = playing([status(429).header("Retry-After", "5"), slow, Answer::ok("[]")]);
    let client = builder.observe(log.clone()).build().unwrap();
    client.send(ShowApp::new(APP)).await.unwrap();
    client.send(ShowApp::new(APP)).await.unwrap_err();
    client.send(ShowApp::new("")).await.unwrap_err();
    let named = || "ShowApp".to_owned();
    let (throttled, decode) = (Some(ErrorKind::Throttled), Some(ErrorKind::Decode));
    assert_eq!(
        *log.0.lock().unwrap(),
        [
            ("attempt", named(), 1, Some(429), throttled, 0),
            ("attempt", named(), 2, Some(200), None, 3),
            ("call", named(), 2, Some(200), None, 8),
            ("attempt", named(), 1, Some(200), None, 0),
            ("call", named(), 1, Some(200), decode, 0),
            ("call", named(), 0, None, Some(ErrorKind::InvalidRequest), 0),
        ]
    );
}
