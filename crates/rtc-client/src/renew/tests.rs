//! Keeping, renewing, failing and giving up.

use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::prelude::*;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::*;

const HOUR: Duration = Duration::from_secs(3600);
const MINUTE: Duration = Duration::from_secs(60);

fn at(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_704_164_645 + seconds)
}

/// What a source does next.
#[derive(Clone, Copy)]
enum Next {
    /// Gives its number, valid for a time.
    Value(Option<Duration>),
    Fails(CredentialsErrorKind),
    Panics,
    Never,
}

/// A source that counts, and answers after a permit.
struct Source {
    asked: AtomicUsize,
    permits: Semaphore,
    next: Mutex<Next>,
}

impl Source {
    fn new(next: Next) -> Arc<Self> {
        Arc::new(Self {
            asked: AtomicUsize::new(0),
            permits: Semaphore::new(0),
            next: Mutex::new(next),
        })
    }

    /// One that answers without a permit.
    fn open(next: Next) -> Arc<Self> {
        let source = Self::new(next);
        source.permits.add_permits(1_000_000);
        source
    }

    fn then(&self, next: Next) {
        *self.next.lock().unwrap() = next;
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    fn renewing(self: &Arc<Self>) -> Renewing<usize> {
        let source = Arc::clone(self);
        Renewing::new(Box::new(move |now| {
            let source = Arc::clone(&source);
            Box::pin(async move {
                let number = source.asked.fetch_add(1, Ordering::SeqCst) + 1;
                source.permits.acquire().await.unwrap().forget();
                let next = *source.next.lock().unwrap();
                match next {
                    Next::Value(life) => {
                        Ok(Fetched { value: number, expires_at: life.map(|life| now + life) })
                    }
                    Next::Fails(CredentialsErrorKind::Refused) => {
                        Err(CredentialsError::refused(format!("refusal {number}")))
                    }
                    Next::Fails(_) => Err(CredentialsError::failed(format!("failure {number}"))),
                    Next::Panics => panic!("as told"),
                    Next::Never => std::future::pending().await,
                }
            })
        }))
    }
}

/// Lets all tasks run until they wait.
async fn settle() {
    sleep(Duration::from_millis(1)).await;
}

#[tokio::test(start_paused = true)]
async fn a_thousand_tasks_whose_value_ends_at_once_make_one_renewal() {
    let source = Source::new(Next::Value(Some(HOUR)));
    let value = source.renewing();
    source.permits.add_permits(1);
    assert_eq!(value.get(at(0)).await.unwrap(), 1);
    let mut tasks = JoinSet::new();
    for _ in 0..1000 {
        let value = value.clone();
        tasks.spawn(async move { value.get(at(3600)).await.unwrap() });
    }
    settle().await;
    assert_eq!(source.asked(), 2);
    source.permits.add_permits(1);
    assert_eq!(tasks.join_all().await, [2; 1000]);
    assert_eq!(source.asked(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_value_is_renewed_ahead_of_its_end_while_calls_go_on_with_it() {
    for (life, renewed_after) in [(24 * HOUR, 24 * 3600 - 2400), (HOUR, 2700), (MINUTE, 45)] {
        let source = Source::new(Next::Value(Some(life)));
        let value = source.renewing();
        source.permits.add_permits(1);
        assert_eq!(value.get(at(0)).await.unwrap(), 1);
        assert_eq!(value.get(at(renewed_after - 1)).await.unwrap(), 1);
        settle().await;
        assert_eq!(source.asked(), 1);
        for _ in 0..10 {
            assert_eq!(value.get(at(renewed_after)).await.unwrap(), 1, "without waiting");
            settle().await;
        }
        assert_eq!(source.asked(), 2);
        source.permits.add_permits(1);
        settle().await;
        assert_eq!(value.get(at(renewed_after)).await.unwrap(), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn a_value_without_an_end_is_fetched_once() {
    let source = Source::open(Next::Value(None));
    let value = source.renewing();
    for years in 0..100 {
        assert_eq!(value.get(at(years * 365 * 86_400)).await.unwrap(), 1);
    }
    assert_eq!(source.asked(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_failed_renewal_fails_no_call_while_the_value_holds_and_is_tried_every_minute() {
    let source = Source::open(Next::Value(Some(HOUR)));
    let value = source.renewing();
    value.get(at(0)).await.unwrap();
    source.then(Next::Fails(CredentialsErrorKind::Failed));
    for second in 2700..3600 {
        assert_eq!(value.get(at(second)).await.unwrap(), 1);
        settle().await;
    }
    assert_eq!(source.asked(), 1 + 15);
    let error = value.get(at(3600)).await.unwrap_err();
    assert_eq!(error.to_string(), "failure 17");
    source.then(Next::Value(Some(HOUR)));
    assert_eq!(value.get(at(3601)).await.unwrap(), 18, "no failure is kept");
}

#[tokio::test(start_paused = true)]
async fn all_that_wait_are_told_of_the_failure_and_the_next_call_tries_again() {
    let source = Source::new(Next::Fails(CredentialsErrorKind::Failed));
    let value = source.renewing();
    let mut tasks = JoinSet::new();
    for _ in 0..100 {
        let value = value.clone();
        tasks.spawn(async move { value.get(at(0)).await.unwrap_err().to_string() });
    }
    settle().await;
    source.permits.add_permits(2);
    assert!(tasks.join_all().await.iter().all(|error| error == "failure 1"));
    source.then(Next::Value(None));
    assert_eq!(value.get(at(0)).await.unwrap(), 2);
}

#[tokio::test(start_paused = true)]
async fn what_is_refused_is_not_sent_again_for_a_minute() {
    let source = Source::open(Next::Fails(CredentialsErrorKind::Refused));
    let value = source.renewing();
    for second in 0..60 {
        let error = value.get(at(second)).await.unwrap_err();
        assert_eq!(error.to_string(), "refusal 1");
    }
    assert_eq!(source.asked(), 1);
    source.then(Next::Value(None));
    assert_eq!(value.get(at(60)).await.unwrap(), 2);
}

#[tokio::test(start_paused = true)]
async fn who_gives_up_takes_the_renewal_from_nobody() {
    let source = Source::new(Next::Value(None));
    let value = source.renewing();
    let first = tokio::spawn({
        let value = value.clone();
        async move { value.get(at(0)).await }
    });
    settle().await;
    let second = tokio::spawn({
        let value = value.clone();
        async move { value.get(at(0)).await }
    });
    settle().await;
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    source.permits.add_permits(1);
    assert_eq!(second.await.unwrap().unwrap(), 1);

    // Also where nobody is left.
    let source = Source::new(Next::Value(None));
    let value = source.renewing();
    assert!(timeout(Duration::from_secs(1), value.get(at(0))).await.is_err());
    source.permits.add_permits(1);
    settle().await;
    assert_eq!(value.get(at(0)).await.unwrap(), 1);
    assert_eq!(source.asked(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_renewal_that_never_ends_is_given_up_after_a_minute() {
    let source = Source::open(Next::Never);
    let value = source.renewing();
    let begin = Instant::now();
    let error = value.get(at(0)).await.unwrap_err();
    assert_eq!(error.to_string(), "none came within 60 s");
    assert_eq!(begin.elapsed().as_secs(), 60);
    source.then(Next::Value(None));
    assert_eq!(value.get(at(0)).await.unwrap(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_source_that_panics_is_an_error_and_no_endless_loop() {
    let source = Source::open(Next::Panics);
    let value = source.renewing();
    let error = value.get(at(0)).await.unwrap_err();
    assert_eq!(error.to_string(), "the task that asked for them ended early");
    assert_eq!(source.asked(), 2);
    source.then(Next::Value(None));
    assert_eq!(value.get(at(0)).await.unwrap(), 3);
}

#[test]
fn a_runtime_that_goes_takes_no_renewal_along() {
    let source = Source::new(Next::Value(None));
    let value = source.renewing();
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let first = runtime();
    let waited = first.block_on(async { timeout(Duration::ZERO, value.get(at(0))).await });
    assert!(waited.is_err());
    drop(first);
    source.permits.add_permits(1);
    assert_eq!(runtime().block_on(value.get(at(0))).unwrap(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_refused_value_is_fetched_anew_unless_it_is_new() {
    let source = Source::open(Next::Value(Some(HOUR)));
    let value = source.renewing();
    value.get(at(0)).await.unwrap();
    value.refused(at(59));
    assert_eq!(value.get(at(59)).await.unwrap(), 1);
    value.refused(at(60));
    assert_eq!(value.get(at(60)).await.unwrap(), 2);
    value.refused(at(61));
    assert_eq!(value.get(at(61)).await.unwrap(), 2);
}

proptest! {
    #[test]
    fn a_value_is_renewed_within_its_life_whatever_its_times(
        fetched in 0_u64..1 << 33,
        expires in proptest::option::of(0_u64..1 << 33),
        now in 0_u64..1 << 33,
    ) {
        let time = |seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        let kept = Kept::new((), time(fetched), expires.map(time));
        let now = time(now);
        prop_assert!(!kept.is_fresh(now) || kept.is_valid(now));
        match expires.map(time) {
            None => prop_assert!(kept.is_fresh(now)),
            Some(expires) => {
                let renew = kept.renew_at.unwrap();
                prop_assert!(renew <= expires && expires <= renew + AHEAD);
                if expires > time(fetched) {
                    prop_assert!(renew > time(fetched));
                }
            }
        }
    }
}
