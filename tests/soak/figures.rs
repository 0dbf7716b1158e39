//! What is counted.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rtc_client::{Ended, ErrorKind, Observe};

/// What was acknowledged and is not there.
pub(crate) const LOSSES: &str = "losses";
/// What was done again although that must not be.
pub(crate) const TWICE: &str = "done twice";
/// Notifications that did not come, or not in order.
pub(crate) const TOLD_WRONG: &str = "notifications lost or out of order";
/// Changes without an answer.
pub(crate) const LOST_ANSWERS: &str = "answers to changes lost";
/// Those of them that had been made.
pub(crate) const MADE_ANYWAY: &str = "answers to changes lost, the change made";
/// Changes whose answer came and could not be read.
pub(crate) const UNREAD: &str = "answers to changes not readable";

/// The counts of a run.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    calls: AtomicU64,
    attempts: AtomicU64,
    failed: Mutex<BTreeMap<String, u64>>,
    counts: Mutex<BTreeMap<&'static str, u64>>,
    violations: Mutex<Vec<String>>,
}

impl Figures {
    /// Adds one to a count.
    pub(crate) fn count(&self, what: &'static str) {
        *locked(&self.counts).entry(what).or_default() += 1;
    }

    /// Takes down what must not be.
    pub(crate) fn violation(&self, what: String) {
        locked(&self.violations).push(what);
    }

    /// What must not be and was.
    pub(crate) fn violations(&self) -> Vec<String> {
        locked(&self.violations).clone()
    }

    /// How many calls have ended.
    pub(crate) fn calls(&self) -> u64 {
        self.calls.load(Ordering::Relaxed)
    }

    /// All of it, a line each.
    pub(crate) fn lines(&self) -> Vec<(String, u64)> {
        let (calls, attempts) = (self.calls(), self.attempts.load(Ordering::Relaxed));
        let mut lines = vec![
            ("calls".to_owned(), calls),
            ("retries".to_owned(), attempts.saturating_sub(calls)),
        ];
        let failed = locked(&self.failed);
        lines.push((
            "failed calls, and refusals after a lost answer".to_owned(),
            failed.values().sum(),
        ));
        lines.extend(failed.iter().map(|(kind, count)| (format!("  {kind}"), *count)));
        let mut counts = locked(&self.counts);
        for must in [LOSSES, TWICE, TOLD_WRONG] {
            counts.entry(must).or_default();
        }
        lines.extend(counts.iter().map(|(what, count)| ((*what).to_owned(), *count)));
        lines
    }
}

/// Tells the figures of the calls of a client.
#[derive(Debug)]
pub(crate) struct Counting(pub(crate) Arc<Figures>);

impl Observe for Counting {
    fn call(&self, ended: &Ended<'_>) {
        self.0.calls.fetch_add(1, Ordering::Relaxed);
        self.0.attempts.fetch_add(u64::from(ended.attempts), Ordering::Relaxed);
        // What is not there is an answer that is asked for.
        if let Some(kind) = ended.error.filter(|kind| *kind != ErrorKind::NotFound) {
            *locked(&self.0.failed).entry(format!("{kind:?}")).or_default() += 1;
        }
    }
}

/// What a mutex holds, whatever happened to others who held it.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
