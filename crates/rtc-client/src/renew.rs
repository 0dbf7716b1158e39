//! A value that is fetched when it is first needed, kept, and renewed ahead of its end.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use tokio::sync::watch;
use tokio::time::{Instant, timeout};

use crate::credentials::{CredentialsError, CredentialsErrorKind};
use crate::transport::BoxFuture;

/// How long before its end a value is renewed, as the official SDKs do (decision C3); a value of a short life is
/// renewed in the last quarter of it.
const AHEAD: Duration = Duration::from_secs(40 * 60);
/// The longest time of one renewal.
const LIMIT: Duration = Duration::from_secs(60);
/// How long after a failed renewal the next one is begun where the old value still holds, or where
/// what was sent was refused: IAM locks who sends a wrong password again and again. So long at most
/// where whoever was asked says how long to wait.
const PAUSE: Duration = Duration::from_secs(60);

/// What was fetched.
pub(crate) struct Fetched<T> {
    pub(crate) value: T,
    /// The end of its validity; it is valid for ever without one.
    pub(crate) expires_at: Option<SystemTime>,
}

/// Fetches the value; the time is that of the call that needs it.
pub(crate) type Fetch<T> = Box<
    dyn Fn(SystemTime) -> BoxFuture<'static, Result<Fetched<T>, CredentialsError>> + Send + Sync,
>;

/// What all that wait for a renewal are told.
pub(crate) type Outcome<T> = Result<T, Arc<CredentialsError>>;

/// The value with its renewal. Clones share both.
///
/// A renewal is a task of its own, so that it ends whether or not somebody still waits for it;
/// there is at most one at a time.
pub(crate) struct Renewing<T>(Arc<Shared<T>>);

struct Shared<T> {
    fetch: Fetch<T>,
    state: Mutex<State<T>>,
}

struct State<T> {
    kept: Option<Kept<T>>,
    renewal: Option<Renewal<T>>,
    failure: Option<Failure>,
}

struct Kept<T> {
    value: T,
    fetched_at: SystemTime,
    renew_at: Option<SystemTime>,
    expires_at: Option<SystemTime>,
}

struct Renewal<T> {
    outcome: watch::Receiver<Option<Outcome<T>>>,
    begun: Instant,
}

struct Failure {
    error: Arc<CredentialsError>,
    retry_at: SystemTime,
}

impl<T> Clone for Renewing<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T: Clone + Send + Sync + 'static> Renewing<T> {
    pub(crate) fn new(fetch: Fetch<T>) -> Self {
        let state = State { kept: None, renewal: None, failure: None };
        Self(Arc::new(Shared { fetch, state: Mutex::new(state) }))
    }

    /// The value; waits for a renewal only where there is none that holds.
    pub(crate) async fn get(&self, now: SystemTime) -> Outcome<T> {
        // The task of a renewal ends early where the runtime that it was begun on does.
        for _ in 0..2 {
            let mut outcome = match self.look(now) {
                Ok(known) => return known,
                Err(renewal) => renewal,
            };
            if let Ok(known) = outcome.wait_for(Option::is_some).await
                && let Some(known) = known.clone()
            {
                return known;
            }
        }
        Err(Arc::new(CredentialsError::failed("the task that asked for them ended early")))
    }

    /// Lets the value go since the service refused it, so that the next call fetches another; not
    /// where it has just been fetched, since then it is not the value that is wrong.
    pub(crate) fn refused(&self, now: SystemTime) {
        let mut state = self.0.lock();
        let is_old =
            |kept: &Kept<T>| now.duration_since(kept.fetched_at).is_ok_and(|age| age >= PAUSE);
        if state.kept.as_ref().is_some_and(is_old) {
            state.kept = None;
        }
    }

    /// What is known at once, or the renewal to wait for, which is begun where there is none.
    fn look(&self, now: SystemTime) -> Result<Outcome<T>, watch::Receiver<Option<Outcome<T>>>> {
        let mut state = self.0.lock();
        let paused = state.failure.as_ref().filter(|failure| now < failure.retry_at);
        let held = state.kept.as_ref().filter(|kept| kept.is_valid(now));
        if let Some(kept) = held
            && (kept.is_fresh(now) || paused.is_some())
        {
            return Ok(Ok(kept.value.clone()));
        }
        let held = held.map(|kept| kept.value.clone());
        if held.is_none()
            && let Some(failure) = paused
            && (failure.error.kind() == CredentialsErrorKind::Refused
                || failure.error.wait().is_some())
        {
            return Ok(Err(Arc::clone(&failure.error)));
        }
        let renewal = match &state.renewal {
            Some(renewal) if renewal.is_going_on() => renewal.outcome.clone(),
            _ => self.begin(&mut state, now),
        };
        match held {
            Some(value) => Ok(Ok(value)),
            None => Err(renewal),
        }
    }

    fn begin(&self, state: &mut State<T>, now: SystemTime) -> watch::Receiver<Option<Outcome<T>>> {
        let (tell, outcome) = watch::channel(None);
        state.renewal = Some(Renewal { outcome: outcome.clone(), begun: Instant::now() });
        let shared = Arc::clone(&self.0);
        tokio::spawn(async move {
            let fetched = timeout(LIMIT, (shared.fetch)(now)).await.unwrap_or_else(|_| {
                Err(CredentialsError::failed(format!("none came within {} s", LIMIT.as_secs())))
            });
            tell.send_replace(Some(shared.end(fetched, now)));
        });
        outcome
    }
}

impl<T: Clone> Shared<T> {
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        // Nothing panics while it holds the lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps what a renewal brought, before anybody is told.
    fn end(&self, fetched: Result<Fetched<T>, CredentialsError>, now: SystemTime) -> Outcome<T> {
        let mut state = self.lock();
        let begun = state.renewal.take().map(|renewal| renewal.begun);
        match fetched {
            Ok(Fetched { value, expires_at }) => {
                state.failure = None;
                state.kept = Some(Kept::new(value.clone(), now, expires_at));
                Ok(value)
            }
            Err(error) => {
                let error = Arc::new(error);
                let pause = error.wait().map_or(PAUSE, |wait| wait.min(PAUSE));
                // Counted from now; the time given is that of the begin.
                let pause = pause + begun.map(|begun| begun.elapsed()).unwrap_or_default();
                let retry_at = now.checked_add(pause).unwrap_or(now);
                state.failure = Some(Failure { error: Arc::clone(&error), retry_at });
                let is_held = state.kept.as_ref().is_some_and(|kept| kept.is_valid(now));
                drop(state);
                if is_held {
                    let error = error.whole();
                    tracing::warn!(%error, "a renewal ahead of expiry failed; the old one is used");
                }
                Err(error)
            }
        }
    }
}

impl<T> Kept<T> {
    fn new(value: T, fetched_at: SystemTime, expires_at: Option<SystemTime>) -> Self {
        let renew_at = expires_at.map(|expires_at| {
            let life = expires_at.duration_since(fetched_at).unwrap_or_default();
            expires_at - AHEAD.min(life / 4)
        });
        Self { value, fetched_at, renew_at, expires_at }
    }

    fn is_fresh(&self, now: SystemTime) -> bool {
        self.renew_at.is_none_or(|at| now < at)
    }

    fn is_valid(&self, now: SystemTime) -> bool {
        self.expires_at.is_none_or(|at| now < at)
    }
}

impl<T> Renewal<T> {
    /// Whether its outcome will come. It does not where its task went with the runtime, or stands
    /// still with it.
    fn is_going_on(&self) -> bool {
        self.outcome.has_changed().is_ok() && self.begun.elapsed() <= LIMIT
    }
}

#[cfg(test)]
mod tests;
