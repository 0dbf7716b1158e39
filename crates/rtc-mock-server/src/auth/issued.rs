//! Tokens and temporary keys that the IAM endpoint has issued, until they expire by the mock's clock.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use rtc_signer::{Credentials, Verifier};
use time::OffsetDateTime;

use crate::auth::{Projects, Refusal};
use crate::raw::SERVICE_HOSTS;

/// How many tokens, and how many keys, are known at a time; the oldest are forgotten first.
const KEPT: usize = 10_000;

/// What the IAM endpoint has issued.
#[derive(Default)]
pub(crate) struct Issued {
    tokens: Mutex<Newest<Token>>,
    keys: Mutex<Newest<Arc<Temporary>>>,
}

#[derive(Clone)]
struct Token {
    projects: Projects,
    expires: SystemTime,
}

/// A temporary key. It is accepted with its security token only, which its verifier knows.
pub(crate) struct Temporary {
    pub(crate) verifier: Verifier,
    pub(crate) projects: Projects,
    expires: SystemTime,
}

impl Issued {
    /// Lets a token in until it expires.
    pub(crate) fn add_token(&self, token: &str, projects: Projects, expires: SystemTime) {
        lock(&self.tokens).insert(token.as_bytes().into(), Token { projects, expires });
    }

    /// Lets a temporary key in until it expires.
    pub(crate) fn add_key(&self, key: Credentials, projects: Projects, expires: SystemTime) {
        let name = key.access_key().as_bytes().into();
        let verifier = Verifier::new().with_key(key).with_other_hosts(SERVICE_HOSTS);
        lock(&self.keys).insert(name, Arc::new(Temporary { verifier, projects, expires }));
    }

    /// Forgets all tokens and keys.
    pub(crate) fn clear(&self) {
        *lock(&self.tokens) = Newest::default();
        *lock(&self.keys) = Newest::default();
    }

    /// The projects of a token.
    pub(crate) fn token(&self, token: &[u8], now: SystemTime) -> Result<Projects, Refusal> {
        let Token { projects, expires } =
            lock(&self.tokens).get(token).cloned().ok_or(Refusal::UnknownToken)?;
        if now < expires {
            return Ok(projects);
        }
        Err(Refusal::ExpiredToken { expires_at: iam_time(expires) })
    }

    /// A temporary key, whether it is over or not.
    pub(crate) fn key(&self, access_key: &str) -> Option<Arc<Temporary>> {
        lock(&self.keys).get(access_key.as_bytes()).cloned()
    }
}

impl Temporary {
    pub(crate) fn check_age(&self, access_key: &str, now: SystemTime) -> Result<(), Refusal> {
        if now < self.expires {
            return Ok(());
        }
        let (access_key, expires_at) = (access_key.to_owned(), iam_time(self.expires));
        Err(Refusal::ExpiredKey { access_key, expires_at })
    }
}

/// A map that forgets the oldest of too many.
struct Newest<V> {
    all: BTreeMap<Box<[u8]>, V>,
    order: VecDeque<Box<[u8]>>,
}

impl<V> Default for Newest<V> {
    fn default() -> Self {
        Self { all: BTreeMap::new(), order: VecDeque::new() }
    }
}

impl<V> Newest<V> {
    fn insert(&mut self, name: Box<[u8]>, value: V) {
        if self.all.insert(name.clone(), value).is_none() {
            self.order.push_back(name);
        }
        while self.order.len() > KEPT {
            if let Some(oldest) = self.order.pop_front() {
                self.all.remove(&oldest);
            }
        }
    }

    fn get(&self, name: &[u8]) -> Option<&V> {
        self.all.get(name)
    }
}

fn lock<V>(newest: &Mutex<Newest<V>>) -> MutexGuard<'_, Newest<V>> {
    newest.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A time as IAM writes it: `2020-01-04T09:05:22.701000Z`.
pub(crate) fn iam_time(time: SystemTime) -> String {
    const LAST_SECOND: i64 = 253_402_300_799;
    let micros = time.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_micros());
    let seconds = i64::try_from(micros / 1_000_000).unwrap_or(LAST_SECOND).min(LAST_SECOND);
    let t = OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let (date, month) = (t.date(), u8::from(t.month()));
    let (hour, minute, second) = (t.hour(), t.minute(), t.second());
    let (year, day, micros) = (date.year(), date.day(), micros % 1_000_000);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{micros:06}Z")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn times_have_six_digits_after_the_point() {
        let time = SystemTime::UNIX_EPOCH + Duration::from_millis(1_578_128_722_701);
        assert_eq!(iam_time(time), "2020-01-04T09:05:22.701000Z");
        let far = SystemTime::UNIX_EPOCH + Duration::from_secs(1 << 40);
        assert_eq!(iam_time(far), "9999-12-31T23:59:59.000000Z");
    }

    #[test]
    fn the_oldest_of_too_many_tokens_is_forgotten() {
        let (issued, now) = (Issued::default(), SystemTime::UNIX_EPOCH);
        let later = now + Duration::from_secs(1);
        for number in 0..=KEPT {
            issued.add_token(&number.to_string(), Projects::default(), later);
        }
        assert!(matches!(issued.token(b"0", now), Err(Refusal::UnknownToken)));
        assert!(issued.token(b"1", now).is_ok());
        assert!(matches!(issued.token(b"1", later), Err(Refusal::ExpiredToken { .. })));
    }
}
