//! What is found of a notification.

use std::num::NonZeroUsize;
use std::time::{Duration, SystemTime};

use http::{HeaderMap, StatusCode};
use rtc_model::callback::Notification;
use rtc_signer::{
    CallbackError, CallbackVerifier, EmptyKeyError, RecentCallbacks, WhenFull, X_RTC_RAND,
    X_RTC_SIGNATURE, X_RTC_TIMESTAMP,
};

use crate::cli::serve::with_causes;

/// How many notifications are remembered to tell repetitions.
const REMEMBERED: NonZeroUsize = NonZeroUsize::new(100_000).unwrap();

/// Judges notifications by the keys that it was given.
pub(super) struct Judge {
    verifier: Option<CallbackVerifier>,
    recent: RecentCallbacks,
}

/// A notification as it is shown.
#[derive(Debug)]
pub(super) struct Seen {
    /// When it was there.
    pub(super) time: SystemTime,
    pub(super) verdict: Verdict,
    /// When it was signed, as far as that is known.
    pub(super) signed_at: Option<SystemTime>,
    /// What it says; of a refused one, what somebody says.
    pub(super) notification: Option<Notification>,
    /// What is answered.
    pub(super) answer: StatusCode,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Signed with the key of this number, from 1.
    Verified(usize),
    /// The same once more.
    Repeated,
    /// It has none of the three headers.
    Unsigned,
    /// It has a signature, and there is no key.
    Unchecked,
    Refused(String),
}

impl Judge {
    pub(super) fn new<'k>(
        keys: impl IntoIterator<Item = &'k str>,
        any_age: bool,
    ) -> Result<Self, EmptyKeyError> {
        let mut verifier: Option<CallbackVerifier> = None;
        for key in keys {
            verifier = Some(match verifier {
                None => CallbackVerifier::new("", key)?,
                Some(verifier) => verifier.with_key("", key)?,
            });
        }
        if any_age {
            verifier = verifier.map(|verifier| verifier.with_tolerance(Duration::MAX));
        }
        // One that was sent so long ago is worth less than the newest.
        let recent = RecentCallbacks::new(REMEMBERED, WhenFull::ForgetOldest);
        Ok(Self { verifier, recent })
    }

    pub(super) fn judge(&self, headers: &HeaderMap, body: &[u8], now: SystemTime) -> Seen {
        let mut seen = Seen {
            time: now,
            verdict: Verdict::Unsigned,
            signed_at: None,
            notification: Notification::from_json(body).ok(),
            answer: StatusCode::OK,
        };
        let signed =
            [X_RTC_RAND, X_RTC_TIMESTAMP, X_RTC_SIGNATURE].iter().any(|n| headers.contains_key(n));
        match &self.verifier {
            Some(_) if !signed => seen.answer = StatusCode::UNAUTHORIZED,
            Some(verifier) => {
                match verifier.receive(headers, body, now, &self.recent, Notification::from_json) {
                    Ok((_, by)) => {
                        seen.verdict = Verdict::Verified(by.key_index() + 1);
                        seen.signed_at = Some(by.signed_at());
                    }
                    Err(error) => seen.refuse(&error),
                }
            }
            None => {
                if signed {
                    seen.verdict = Verdict::Unchecked;
                }
                if let Err(error) = Notification::from_json(body) {
                    seen.verdict = Verdict::Refused(format!("the body cannot be read: {error}"));
                    seen.answer = StatusCode::BAD_REQUEST;
                }
            }
        }
        seen
    }
}

impl Seen {
    /// One that did not get as far as a judgement.
    pub(super) fn refused(time: SystemTime, answer: StatusCode, reason: String) -> Self {
        let verdict = Verdict::Refused(reason);
        Self { time, verdict, signed_at: None, notification: None, answer }
    }

    fn refuse(&mut self, error: &CallbackError) {
        self.answer = error.status();
        self.verdict = match error {
            CallbackError::Replayed => Verdict::Repeated,
            error => Verdict::Refused(with_causes(error)),
        };
        if let CallbackError::TooOld { signed_at, .. } | CallbackError::TooNew { signed_at, .. } =
            error
        {
            self.signed_at = Some(*signed_at);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use rtc_signer::{CallbackRand, CallbackSigner};

    use super::*;

    const KEY: &str = "0123456789abcdef0123456789abcdef";
    const BODY: &[u8] = br#"{"event_type":"RECORD_FILE_COMPLETE","room_id":"r"}"#;

    fn now() -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(1_704_164_645)
    }

    fn headers(key: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        let signer = CallbackSigner::new(key).unwrap();
        signer.sign(BODY, CallbackRand::new([7; 16]), now()).unwrap().apply(&mut headers);
        headers
    }

    fn found(seen: &Seen) -> (&Verdict, u16) {
        (&seen.verdict, seen.answer.as_u16())
    }

    #[test]
    fn a_key_tells_verified_repeated_unsigned_and_refused() {
        let judge = Judge::new(["another key of at least 32 chars.", KEY], false).unwrap();
        let seen = judge.judge(&headers(KEY), BODY, now() + Duration::from_secs(2));
        assert_eq!(found(&seen), (&Verdict::Verified(2), 200));
        assert_eq!(seen.signed_at, Some(now()));
        assert_eq!(seen.notification.unwrap().room_id, Some("r".into()));
        let seen = judge.judge(&headers(KEY), BODY, now());
        assert_eq!(found(&seen), (&Verdict::Repeated, 200));
        let seen = judge.judge(&HeaderMap::new(), BODY, now());
        assert_eq!(found(&seen), (&Verdict::Unsigned, 401));
        let seen = judge.judge(&headers(KEY), b"{}", now());
        assert!(matches!(found(&seen), (Verdict::Refused(_), 401)), "{seen:?}");
        let seen = judge.judge(&headers(KEY), BODY, now() + Duration::from_secs(301));
        assert!(matches!(found(&seen), (Verdict::Refused(why), 401) if why.contains("ago")));
        assert_eq!(seen.signed_at, Some(now()));
    }

    #[test]
    fn without_a_key_nothing_is_verified() {
        let judge = Judge::new([], false).unwrap();
        let seen = judge.judge(&headers(KEY), BODY, now());
        assert_eq!(found(&seen), (&Verdict::Unchecked, 200));
        let seen = judge.judge(&HeaderMap::new(), BODY, now());
        assert_eq!(found(&seen), (&Verdict::Unsigned, 200));
        let seen = judge.judge(&HeaderMap::new(), b"[]", now());
        assert!(matches!(found(&seen), (Verdict::Refused(why), 400) if why.contains("object")));
    }

    #[test]
    fn any_age_is_taken_when_it_is_asked_for() {
        let judge = Judge::new([KEY], true).unwrap();
        let seen = judge.judge(&headers(KEY), BODY, now() + Duration::from_secs(1 << 30));
        assert_eq!(seen.verdict, Verdict::Verified(1));
        let seen = judge.judge(&headers(KEY), BODY, now());
        assert_eq!(seen.verdict, Verdict::Repeated);
    }

    #[test]
    fn an_empty_key_is_refused() {
        assert!(Judge::new([""], false).is_err());
    }
}
