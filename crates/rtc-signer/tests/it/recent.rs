//! The store of seen notifications in memory, and the one call that asks it.

use std::error::Error;
use std::num::NonZeroUsize;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::{HeaderMap, StatusCode};
use proptest::prelude::*;
use rtc_model::callback::Notification;
use rtc_model::record_callback::NotifyEvent;
use rtc_signer::{
    CallbackError, CallbackRand, CallbackSigner, CallbackVerifier, FullError, Novelty,
    RecentCallbacks, SeenCallbacks as _, WhenFull,
};

const KEY: &str = "0123456789abcdef0123456789abcdef";
const TOLERANCE: Duration = Duration::from_secs(300);
const BODY: &[u8] = br#"{"event_type":"RECORD_FILE_COMPLETE","record_duration":61}"#;

fn at(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_704_164_645 + seconds)
}

fn verifier() -> CallbackVerifier {
    CallbackVerifier::new("current", KEY).unwrap()
}

/// The headers of the notification with a number, signed at a time.
fn signed(number: u64, body: &[u8], when: SystemTime) -> HeaderMap {
    let rand = CallbackRand::new(u128::from(number).to_be_bytes());
    let mut headers = HeaderMap::new();
    CallbackSigner::new(KEY).unwrap().sign(body, rand, when).unwrap().apply(&mut headers);
    headers
}

fn store(capacity: usize, when_full: WhenFull) -> RecentCallbacks {
    RecentCallbacks::new(NonZeroUsize::new(capacity).unwrap(), when_full)
}

/// What the store says of a notification.
fn ask(
    store: &RecentCallbacks,
    number: u64,
    signed_at: SystemTime,
    now: SystemTime,
) -> Result<Novelty, Box<dyn Error + Send + Sync>> {
    let headers = signed(number, BODY, signed_at);
    let verifier = verifier();
    let pair = verifier.verify(&headers, BODY, signed_at).unwrap().pair();
    store.remember(pair, now)
}

/// Lets the store forget a notification.
fn forgotten(store: &RecentCallbacks, number: u64, signed_at: SystemTime) {
    let (headers, verifier) = (signed(number, BODY, signed_at), verifier());
    store.forget(verifier.verify(&headers, BODY, signed_at).unwrap().pair());
}

#[test]
fn one_call_verifies_reads_and_remembers() {
    let (verifier, recent) = (verifier(), store(9, WhenFull::Refuse));
    let headers = signed(1, BODY, at(0));
    let receive = |body: &[u8], now| {
        let received = verifier.receive(&headers, body, now, &recent, Notification::from_json);
        received.map(|(notification, signed)| (notification, signed.key_label().to_owned()))
    };
    let error = receive(b"{}", at(0)).unwrap_err();
    assert!(matches!(error, CallbackError::SignatureMismatch), "{error}");
    assert!(recent.is_empty());
    let (notification, label) = receive(BODY, at(0)).unwrap();
    assert_eq!(notification.event_type, Some(NotifyEvent::RecordFileComplete));
    assert_eq!((notification.record_duration, label.as_str()), (Some(61), "current"));
    let error = receive(BODY, at(1)).unwrap_err();
    assert!(matches!(error, CallbackError::Replayed), "{error}");
}

#[test]
fn what_cannot_be_read_is_not_remembered() {
    let (verifier, recent) = (verifier(), store(9, WhenFull::Refuse));
    let body = br#"{"start_time":"yesterday"}"#;
    let headers = signed(1, body, at(0));
    for _ in 0..2 {
        let error = verifier
            .receive(&headers, body, at(0), &recent, Notification::from_json)
            .expect_err("it is no time");
        assert_eq!(error.status(), StatusCode::BAD_REQUEST);
        assert!(error.source().unwrap().to_string().starts_with("start_time: "), "{error:?}");
    }
    assert!(recent.is_empty());
    // The version that can read it gets it.
    let read = |body: &[u8]| serde_json::from_slice::<serde_json::Value>(body);
    assert!(verifier.receive(&headers, body, at(0), &recent, read).is_ok());
}

#[test]
fn each_reason_has_its_status() {
    let (verifier, recent) = (verifier(), store(1, WhenFull::Refuse));
    let status = |headers: &HeaderMap, now| {
        verifier.verify_once(headers, BODY, now, &recent).unwrap_err().status()
    };
    assert_eq!(status(&HeaderMap::new(), at(0)), StatusCode::UNAUTHORIZED);
    assert_eq!(status(&signed(1, b"{}", at(0)), at(0)), StatusCode::UNAUTHORIZED);
    assert_eq!(status(&signed(1, BODY, at(0)), at(301)), StatusCode::UNAUTHORIZED);
    assert_eq!(status(&signed(1, BODY, at(301)), at(0)), StatusCode::UNAUTHORIZED);
    verifier.verify_once(&signed(1, BODY, at(0)), BODY, at(0), &recent).unwrap();
    assert_eq!(status(&signed(1, BODY, at(0)), at(0)), StatusCode::OK);
    assert_eq!(status(&signed(2, BODY, at(0)), at(0)), StatusCode::SERVICE_UNAVAILABLE);
}

#[test]
fn what_is_forgotten_is_new_again() {
    let recent = store(9, WhenFull::Refuse);
    assert_eq!(ask(&recent, 1, at(0), at(0)).unwrap(), Novelty::New);
    assert_eq!(ask(&recent, 1, at(0), at(0)).unwrap(), Novelty::Seen);
    forgotten(&recent, 1, at(0));
    assert!(recent.is_empty());
    assert_eq!(ask(&recent, 1, at(0), at(0)).unwrap(), Novelty::New);
}

#[test]
fn a_pair_is_kept_until_its_age_refuses_it_and_no_longer() {
    let recent = store(9, WhenFull::Refuse);
    ask(&recent, 1, at(0), at(0)).unwrap();
    assert_eq!(ask(&recent, 1, at(0), at(0) + TOLERANCE).unwrap(), Novelty::Seen);
    let late = at(0) + TOLERANCE + Duration::from_nanos(1);
    ask(&recent, 2, at(300), late).unwrap();
    assert_eq!(recent.len(), 1);
}

#[test]
fn a_full_store_refuses_or_forgets_as_it_was_told() {
    let recent = store(2, WhenFull::Refuse);
    ask(&recent, 1, at(0), at(0)).unwrap();
    ask(&recent, 2, at(1), at(1)).unwrap();
    let error = ask(&recent, 3, at(2), at(2)).unwrap_err();
    assert!(error.downcast_ref::<FullError>().is_some(), "{error}");
    assert_eq!(ask(&recent, 1, at(0), at(2)).unwrap(), Novelty::Seen);
    // Once one of them is over there is room.
    assert_eq!(ask(&recent, 3, at(2), at(301)).unwrap(), Novelty::New);

    let recent = store(2, WhenFull::ForgetOldest);
    ask(&recent, 1, at(1), at(1)).unwrap();
    ask(&recent, 2, at(0), at(1)).unwrap();
    assert_eq!(ask(&recent, 3, at(2), at(2)).unwrap(), Novelty::New);
    assert_eq!(ask(&recent, 1, at(1), at(2)).unwrap(), Novelty::Seen);
    assert_eq!(ask(&recent, 2, at(0), at(2)).unwrap(), Novelty::New);
}

#[test]
fn a_pair_without_an_end_is_the_last_to_be_forgotten() {
    let endless = verifier().with_tolerance(Duration::MAX);
    let recent = store(2, WhenFull::ForgetOldest);
    let headers = signed(1, BODY, at(0));
    endless.verify_once(&headers, BODY, at(0), &recent).unwrap();
    ask(&recent, 2, at(0), at(0)).unwrap();
    ask(&recent, 3, at(0), at(0)).unwrap();
    let error = endless.verify_once(&headers, BODY, at(1 << 40), &recent).unwrap_err();
    assert!(matches!(error, CallbackError::Replayed), "{error}");
    assert_eq!(recent.len(), 1);
}

#[test]
fn of_many_threads_with_the_same_notification_one_is_the_first() {
    let (verifier, recent) = (verifier(), store(99, WhenFull::Refuse));
    let headers: Vec<_> = (0..50).map(|number| signed(number, BODY, at(0))).collect();
    let accepted = || {
        let one = |headers| verifier.verify_once(headers, BODY, at(0), &recent).is_ok();
        headers.iter().filter(|headers| one(headers)).count()
    };
    let total: usize = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(accepted)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert_eq!((total, recent.len()), (50, 50));
}

#[test]
fn a_pair_takes_256_bytes_at_most_however_long_it_is() {
    const COUNT: u64 = 5_000;
    let recent = store(5_000, WhenFull::Refuse);
    let verifier = verifier();
    let mut pairs = Vec::new();
    for number in 0..COUNT {
        let mut headers = signed(number, BODY, at(number % 200));
        let rand = format!("{number}{}", "x".repeat(2_000));
        headers.insert("x-rtc-rand", rand.parse().unwrap());
        let mut signature = ring_hmac(&headers);
        signature.set_sensitive(true);
        headers.insert("x-rtc-signature", signature);
        pairs.push(headers);
    }
    let used = allocation_counter::measure(|| {
        for headers in &pairs {
            verifier.verify_once(headers, BODY, at(100), &recent).unwrap();
        }
    });
    assert_eq!(recent.len(), 5_000);
    assert!(used.bytes_current <= 256 * 5_000, "{} bytes", used.bytes_current);
}

/// The signature of a random text that this crate's own signer would not write.
fn ring_hmac(headers: &HeaderMap) -> http::HeaderValue {
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, KEY.as_bytes());
    let text = |name: &str| headers[name].as_bytes().to_vec();
    let content = [text("x-rtc-rand"), text("x-rtc-timestamp"), BODY.to_vec()].concat();
    let tag = ring::hmac::sign(&key, &content);
    let hex = tag.as_ref().iter().flat_map(|byte| [byte >> 4, byte & 15]);
    let digits: String = hex.filter_map(|digit| char::from_digit(digit.into(), 16)).collect();
    digits.parse().unwrap()
}

/// The same store, slow and plain: what is there, in the order in which it is over.
#[derive(Default)]
struct Plain(Vec<(SystemTime, u64, u64)>);

impl Plain {
    fn remember(
        &mut self,
        pair: (u64, u64),
        now: SystemTime,
        capacity: usize,
        refuse: bool,
    ) -> Option<Novelty> {
        self.0.retain(|(end, ..)| *end >= now);
        if self.0.iter().any(|(_, number, signed)| (*number, *signed) == pair) {
            return Some(Novelty::Seen);
        }
        if self.0.len() == capacity {
            if refuse {
                return None;
            }
            self.0.remove(0);
        }
        self.0.push((at(pair.1) + TOLERANCE, pair.0, pair.1));
        self.0.sort_unstable_by_key(|(end, ..)| *end);
        Some(Novelty::New)
    }
}

proptest! {
    #[test]
    fn it_does_what_a_plain_list_does_and_never_holds_more_than_its_capacity(
        capacity in 1_usize..6,
        refuse: bool,
        // Times of signing are all different, so that which one is the oldest is not left open.
        steps in prop::collection::vec((0_u64..8, 0_u64..400, prop::bool::weighted(0.2)), 1..60),
    ) {
        let when_full = if refuse { WhenFull::Refuse } else { WhenFull::ForgetOldest };
        let recent = store(capacity, when_full);
        let mut plain = Plain::default();
        for (number, now, forget) in steps {
            let signed_at = number * 37;
            if forget {
                forgotten(&recent, number, at(signed_at));
                plain.0.retain(|(_, other, _)| *other != number);
                continue;
            }
            let expected = plain.remember((number, signed_at), at(now), capacity, refuse);
            let found = ask(&recent, number, at(signed_at), at(now)).ok();
            prop_assert_eq!(found, expected, "number {} at {}", number, now);
            prop_assert_eq!(recent.len(), plain.0.len());
            prop_assert!(recent.len() <= capacity);
        }
    }
}
