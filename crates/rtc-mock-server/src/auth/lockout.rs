//! Keys that are locked after too many failures, where the switch says so (decision D20).

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use http::header::AUTHORIZATION;
use http::request::Parts;
use rtc_signer::Authorization;

use crate::auth::Refusal;

/// So many failures in a row are let by; one more locks the key.
const FAILURES: u32 = 5;
/// How long a key is locked, by the mock's clock.
const LOCKED: Duration = Duration::from_secs(300);

/// Failures of known keys, as long as they follow each other.
#[derive(Debug, Default)]
pub(crate) struct Lockout {
    keys: Mutex<BTreeMap<Arc<str>, Failures>>,
}

#[derive(Debug, Default)]
struct Failures {
    count: u32,
    until: Option<SystemTime>,
}

impl Lockout {
    /// Whether the key may try.
    pub(crate) fn check(&self, key: &str, now: SystemTime) -> Result<(), Refusal> {
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(until) = keys.get(key).and_then(|failures| failures.until) else { return Ok(()) };
        if now < until {
            return Err(Refusal::Locked { access_key: key.to_owned() });
        }
        keys.remove(key);
        Ok(())
    }

    /// Forgets all failures.
    pub(crate) fn clear(&self) {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Counts how an attempt ended.
    pub(crate) fn count(&self, key: &Arc<str>, is_good: bool, now: SystemTime) {
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        if is_good {
            keys.remove(key);
            return;
        }
        let failures = keys.entry(Arc::clone(key)).or_default();
        failures.count += 1;
        if failures.count > FAILURES {
            failures.until = now.checked_add(LOCKED);
        }
    }
}

/// The access key that a request says it was signed with.
pub(crate) fn claimed(head: &Parts) -> Option<String> {
    let text = head.headers.get(AUTHORIZATION)?.to_str().ok()?;
    Some(text.parse::<Authorization>().ok()?.access_key().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_locked_by_the_sixth_failure_in_a_row_and_for_five_minutes() {
        let (lockout, key) = (Lockout::default(), Arc::<str>::from("AK"));
        let at = |seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        for _ in 0..5 {
            lockout.count(&key, false, at(0));
        }
        lockout.count(&key, true, at(1));
        for second in 2..7 {
            lockout.count(&key, false, at(second));
            assert!(lockout.check("AK", at(second)).is_ok(), "{second}");
        }
        lockout.count(&key, false, at(7));
        assert!(lockout.check("AK", at(7)).is_err() && lockout.check("other", at(7)).is_ok());
        assert!(lockout.check("AK", at(306)).is_err());
        assert!(lockout.check("AK", at(307)).is_ok());
        lockout.count(&key, false, at(307));
        assert!(lockout.check("AK", at(307)).is_ok(), "it begins anew");
    }
}
