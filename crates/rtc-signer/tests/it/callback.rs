//! The X-Rtc-* signature of notifications.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::error::Error;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::{HeaderMap, HeaderName, HeaderValue};
use proptest::prelude::*;
use rtc_signer::{
    CallbackError, CallbackPair, CallbackRand, CallbackSigner, CallbackVerifier, Novelty,
    SeenCallbacks, X_RTC_RAND, X_RTC_SIGNATURE, X_RTC_TIMESTAMP,
};
use serde::Deserialize;

use crate::support::read;

const KEY: &str = "0123456789abcdef0123456789abcdef";
const SECONDS: u64 = 1_704_164_645;
const TOLERANCE: Duration = Duration::from_secs(300);

#[derive(Clone, Debug, Deserialize)]
struct Row {
    name: String,
    key: String,
    rand: String,
    timestamp: String,
    body: String,
    signature: String,
}

impl Row {
    fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            (X_RTC_RAND, &self.rand),
            (X_RTC_TIMESTAMP, &self.timestamp),
            (X_RTC_SIGNATURE, &self.signature),
        ] {
            headers.insert(name, HeaderValue::from_str(value).unwrap());
        }
        headers
    }

    fn at(&self) -> SystemTime {
        let number: u64 = self.timestamp.parse().unwrap();
        let millis = self.timestamp.len() == 13;
        UNIX_EPOCH + Duration::from_millis(if millis { number } else { number * 1000 })
    }

    fn outcome(&self) -> Result<usize, CallbackError> {
        let verifier = CallbackVerifier::new("only", self.key.as_str()).unwrap();
        let headers = self.headers();
        let verified = verifier.verify(&headers, self.body.as_bytes(), self.at())?;
        assert_eq!(verified.signed_at(), self.at());
        Ok(verified.key_index())
    }
}

/// The first row is the vector of the callback's specification; all were made with Python.
fn rows() -> Vec<Row> {
    let rows: Vec<Row> = read("callback.jsonl");
    assert_eq!(rows.len(), 6);
    rows
}

fn now() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(SECONDS)
}

fn verifier() -> CallbackVerifier {
    CallbackVerifier::new("current", KEY).unwrap()
}

fn signed(body: &[u8], at: SystemTime) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let signer = CallbackSigner::new(KEY).unwrap();
    signer.sign(body, CallbackRand::new([7; 16]), at).unwrap().apply(&mut headers);
    headers
}

#[test]
fn every_vector_is_accepted() {
    for row in rows() {
        assert_eq!(row.outcome().unwrap(), 0, "{}", row.name);
    }
    let documented = "b0fba991d4aaf774f2b779b2b13cdd2ec8fdd8b9c40a62cbb40dc75dae98b92b";
    assert_eq!(rows()[0].signature, documented);
}

#[test]
fn the_signer_leads_to_the_vector_with_a_rand_of_its_form() {
    let row = &rows()[1];
    let signer = CallbackSigner::new(row.key.as_str()).unwrap();
    let rand = row.rand.parse().unwrap();
    let signed = signer.sign(row.body.as_bytes(), rand, row.at()).unwrap();
    assert_eq!(signed.rand(), row.rand);
    assert_eq!(signed.timestamp(), row.timestamp);
    assert_eq!(signed.signature(), row.signature);
    let mut headers = HeaderMap::new();
    headers.insert(X_RTC_RAND, HeaderValue::from_static("an older one"));
    signed.apply(&mut headers);
    assert_eq!(headers, row.headers());
    assert!(headers[X_RTC_SIGNATURE].is_sensitive());
}

#[test]
fn every_tampered_copy_is_refused() {
    type Change = fn(&mut Row);
    let changes: [(&str, Change); 9] = [
        ("signature, first digit", |row| {
            let other = if row.signature.starts_with('0') { "1" } else { "0" };
            row.signature.replace_range(..1, other);
        }),
        ("signature, last digit", |row| {
            let other = if row.signature.ends_with('0') { "1" } else { "0" };
            row.signature.replace_range(63.., other);
        }),
        ("rand", |row| row.rand.push('0')),
        ("timestamp", |row| {
            let other = if row.timestamp.ends_with('1') { "2" } else { "1" };
            row.timestamp.pop();
            row.timestamp.push_str(other);
        }),
        ("body, more", |row| row.body.push(' ')),
        ("body, other", |row| row.body.insert(0, ' ')),
        ("key, more", |row| row.key.push('x')),
        ("key, less", |row| {
            row.key = row.key.chars().skip(1).chain(['!']).collect();
        }),
        ("rand and body exchanged a letter", |row| {
            row.body.push_str(&row.rand[..1]);
            row.rand.push('x');
            row.rand.remove(0);
        }),
    ];
    for row in rows() {
        for (name, change) in changes {
            let mut copy = row.clone();
            change(&mut copy);
            let refused = matches!(copy.outcome(), Err(CallbackError::SignatureMismatch));
            assert!(refused, "{}: {name}", row.name);
        }
    }
}

#[test]
fn a_letter_moved_between_the_fields_is_refused() {
    // All of these have the same signed content as the row, and so its signature.
    let row = &rows()[0];
    for (rand, timestamp, body) in [
        ("8f1d2", "c1704164645", row.body.as_str()),
        ("8f1d2c1", "704164645", &row.body),
        ("8f1d2c170416464", "5", &row.body),
    ] {
        let moved = Row { rand: rand.into(), timestamp: timestamp.into(), ..row.clone() };
        let headers = Row { body: body.into(), ..moved }.headers();
        assert!(verifier().verify(&headers, body.as_bytes(), now()).is_err(), "{rand}");
    }
    // A rand that ends in 0 could lend it to the timestamp, and a repetition would look new.
    let at = UNIX_EPOCH + Duration::from_secs(SECONDS);
    let signer = CallbackSigner::new(KEY).unwrap();
    let rand: CallbackRand = "000000000000000000000000000000a0".parse().unwrap();
    let mut headers = HeaderMap::new();
    signer.sign(b"{}", rand, at).unwrap().apply(&mut headers);
    verifier().verify(&headers, b"{}", at).unwrap();
    headers.insert(X_RTC_RAND, HeaderValue::from_static("000000000000000000000000000000a"));
    headers.insert(X_RTC_TIMESTAMP, HeaderValue::from_static("01704164645"));
    assert_malformed(verifier().verify(&headers, b"{}", at).err(), &X_RTC_TIMESTAMP);
}

#[test]
fn the_tolerance_holds_to_the_nanosecond_in_both_directions() {
    let headers = signed(b"{}", now());
    let least = Duration::from_nanos(1);
    for tolerance in [TOLERANCE, Duration::from_secs(1), Duration::from_secs(86_400)] {
        let verifier = verifier().with_tolerance(tolerance);
        let outcome = |at: SystemTime| verifier.verify(&headers, b"{}", at).map(|_| ());
        outcome(now()).unwrap();
        outcome(now() + tolerance).unwrap();
        outcome(now() - tolerance).unwrap();
        let old = outcome(now() + tolerance + least).unwrap_err();
        assert!(matches!(old, CallbackError::TooOld { tolerance: told, .. } if told == tolerance));
        let new = outcome(now() - tolerance - least).unwrap_err();
        assert!(matches!(new, CallbackError::TooNew { tolerance: told, .. } if told == tolerance));
    }
    let default = verifier();
    default.verify(&headers, b"{}", now() + TOLERANCE).unwrap();
    assert!(default.verify(&headers, b"{}", now() + TOLERANCE + least).is_err());
}

#[test]
fn the_age_is_told_in_words() {
    let headers = signed(b"{}", now());
    let late = now() + Duration::from_secs(3_600);
    let error = verifier().verify(&headers, b"{}", late).unwrap_err().to_string();
    assert!(error.contains("3600s ago") && error.contains("300s are allowed"), "{error}");
    let early = now() - Duration::from_secs(3_600);
    let error = verifier().verify(&headers, b"{}", early).unwrap_err().to_string();
    assert!(error.contains("3600s ahead"), "{error}");
}

#[test]
fn a_missing_header_is_named() {
    for name in [X_RTC_RAND, X_RTC_TIMESTAMP, X_RTC_SIGNATURE] {
        let mut headers = signed(b"{}", now());
        headers.remove(&name);
        let error = verifier().verify(&headers, b"{}", now()).unwrap_err();
        assert!(error.to_string().contains(name.as_str()), "{error}");
        let CallbackError::MissingHeader { name: missing } = error else { panic!("{error}") };
        assert_eq!(missing, name);
    }
}

#[test]
fn a_header_that_came_twice_is_named() {
    for name in [X_RTC_RAND, X_RTC_TIMESTAMP, X_RTC_SIGNATURE] {
        let mut headers = signed(b"{}", now());
        let same = headers[&name].clone();
        headers.append(name.clone(), same);
        let error = verifier().verify(&headers, b"{}", now()).unwrap_err();
        assert!(error.to_string().contains(name.as_str()), "{error}");
        let CallbackError::RepeatedHeader { name: repeated } = error else { panic!("{error}") };
        assert_eq!(repeated, name);
    }
}

#[track_caller]
fn assert_malformed(error: Option<CallbackError>, expected: &HeaderName) {
    let Some(CallbackError::MalformedHeader { name, .. }) = &error else { panic!("{error:?}") };
    assert_eq!(name, expected);
}

#[test]
fn a_malformed_header_is_named() {
    let digits = "0".repeat(64);
    let (short, long) = (&digits[1..], format!("{digits}0"));
    let other = format!("{}g", &digits[1..]);
    let cases: [(HeaderName, &[&[u8]]); 3] = [
        (X_RTC_RAND, &[b"", b"a b", b"a\tb", b" a", b"\xff", "é".as_bytes()]),
        (X_RTC_TIMESTAMP, &[b"", b"-1", b"+1704164645", b" 1704164645", b"01704164645", b"1.7e9"]),
        (X_RTC_SIGNATURE, &[b"", short.as_bytes(), long.as_bytes(), other.as_bytes(), b"\xff"]),
    ];
    for (name, values) in cases {
        for value in values {
            let mut headers = signed(b"{}", now());
            headers.insert(name.clone(), HeaderValue::from_bytes(value).unwrap());
            assert_malformed(verifier().verify(&headers, b"{}", now()).err(), &name);
        }
    }
}

#[test]
fn hex_digits_of_the_signature_are_read_in_any_case() {
    let row = &rows()[0];
    let upper = Row { signature: row.signature.to_uppercase(), ..row.clone() };
    assert_eq!(upper.outcome().unwrap(), 0);
}

#[test]
fn the_result_says_which_of_several_keys_signed() {
    let rotation = CallbackVerifier::new("new", "another key of at least 32 chars.")
        .unwrap()
        .with_key("old", KEY)
        .unwrap()
        .with_key("oldest", "a third key of at least 32 chars.")
        .unwrap();
    let headers = signed(b"{}", now());
    let verified = rotation.verify(&headers, b"{}", now()).unwrap();
    assert_eq!((verified.key_index(), verified.key_label()), (1, "old"));
    let others = CallbackVerifier::new("new", "another key of at least 32 chars.").unwrap();
    let error = others.verify(&headers, b"{}", now()).unwrap_err();
    assert!(matches!(error, CallbackError::SignatureMismatch));
}

#[test]
fn an_empty_key_is_refused_on_both_sides() {
    assert!(CallbackSigner::new("").is_err());
    assert!(CallbackVerifier::new("a", "").is_err());
    let error = verifier().with_key("b", "").unwrap_err();
    assert!(error.to_string().contains("empty"), "{error}");
}

#[test]
fn a_time_before_1970_cannot_be_signed() {
    let signer = CallbackSigner::new(KEY).unwrap();
    let before = UNIX_EPOCH - Duration::from_secs(1);
    assert!(signer.sign(b"", CallbackRand::new([0; 16]), before).is_err());
}

/// A store as a test needs it: in memory, and telling how often it was asked.
#[derive(Default)]
struct Memory {
    seen: RefCell<BTreeSet<(String, String)>>,
    asked: RefCell<Vec<Option<SystemTime>>>,
}

impl SeenCallbacks for Memory {
    fn remember(
        &self,
        pair: CallbackPair<'_>,
        _now: SystemTime,
    ) -> Result<Novelty, Box<dyn Error + Send + Sync>> {
        self.asked.borrow_mut().push(pair.keep_until());
        let new =
            self.seen.borrow_mut().insert((pair.rand().to_owned(), pair.timestamp().to_owned()));
        Ok(if new { Novelty::New } else { Novelty::Seen })
    }
}

#[test]
fn a_repetition_is_refused_and_told_how_long_to_remember() {
    let store = Memory::default();
    let headers = signed(b"{}", now());
    let verifier = verifier();
    verifier.verify_once(&headers, b"{}", now(), &store).unwrap();
    let error = verifier.verify_once(&headers, b"{}", now() + TOLERANCE, &store).unwrap_err();
    assert!(matches!(error, CallbackError::Replayed), "{error}");
    assert_eq!(*store.asked.borrow(), [Some(now() + TOLERANCE); 2]);
    // Past that time the store is not needed any more.
    let late = now() + TOLERANCE + Duration::from_nanos(1);
    let error = verifier.verify_once(&headers, b"{}", late, &Memory::default()).unwrap_err();
    assert!(matches!(error, CallbackError::TooOld { .. }), "{error}");
}

#[test]
fn the_store_is_not_asked_before_the_signature_is_right() {
    let store = Memory::default();
    let headers = signed(b"{}", now());
    assert!(verifier().verify_once(&headers, b"[]", now(), &store).is_err());
    let late = now() + TOLERANCE * 2;
    assert!(verifier().verify_once(&headers, b"{}", late, &store).is_err());
    assert!(store.asked.borrow().is_empty());
}

#[test]
fn a_store_that_fails_refuses_with_its_error_as_the_source() {
    struct Broken;
    impl SeenCallbacks for Broken {
        fn remember(
            &self,
            _: CallbackPair<'_>,
            _: SystemTime,
        ) -> Result<Novelty, Box<dyn Error + Send + Sync>> {
            Err("the disk is full".into())
        }
    }
    let headers = signed(b"{}", now());
    let store: &dyn SeenCallbacks = &Broken;
    let error = verifier().verify_once(&headers, b"{}", now(), store).unwrap_err();
    assert_eq!(error.source().unwrap().to_string(), "the disk is full");
    assert!(!error.to_string().contains("disk"), "{error}");
}

#[test]
fn a_tolerance_without_end_does_no_harm() {
    let store = Memory::default();
    let verifier = verifier().with_tolerance(Duration::MAX);
    let headers = signed(b"{}", now());
    let at = now() + Duration::from_secs(1 << 40);
    verifier.verify_once(&headers, b"{}", at, &store).unwrap();
    assert_eq!(*store.asked.borrow(), [None]);
}

#[test]
fn nothing_shows_a_key_or_a_signature() {
    let headers = signed(b"{}", now());
    let signature = headers[X_RTC_SIGNATURE].to_str().unwrap();
    let signer = CallbackSigner::new(KEY).unwrap();
    let signed = signer.sign(b"{}", CallbackRand::new([7; 16]), now()).unwrap();
    let verifier = verifier();
    let verified = verifier.verify(&headers, b"{}", now()).unwrap();
    let error = verifier.verify(&headers, b"[]", now()).unwrap_err();
    let shown = format!("{signer:?} {verifier:?} {signed:?} {verified:?} {error:?} {error}");
    assert!(shown.contains("current"), "{shown}");
    assert!(!shown.contains(KEY) && !shown.contains(signature), "{shown}");
}

proptest! {
    #[test]
    fn what_is_signed_is_accepted_and_a_changed_byte_is_not(
        key in ".{1,80}",
        body: Vec<u8>,
        rand: [u8; 16],
        seconds in 1_u64..4_000_000_000,
        place: prop::sample::Index,
        mask in 1_u8..,
    ) {
        let at = UNIX_EPOCH + Duration::from_secs(seconds);
        let mut headers = HeaderMap::new();
        let signer = CallbackSigner::new(key.as_str()).unwrap();
        signer.sign(&body, CallbackRand::new(rand), at).unwrap().apply(&mut headers);
        let verifier = CallbackVerifier::new("k", key.as_str()).unwrap();
        prop_assert!(verifier.verify(&headers, &body, at).is_ok());
        let mut other = body.clone();
        if other.is_empty() {
            other.push(mask);
        } else {
            let at = place.index(other.len());
            other[at] ^= mask;
        }
        let outcome = verifier.verify(&headers, &other, at);
        prop_assert!(matches!(outcome, Err(CallbackError::SignatureMismatch)));
    }

    #[test]
    fn no_headers_make_it_panic(
        rand: Vec<u8>, stamp: Vec<u8>, digits in "[0-9]{0,25}", signature: Vec<u8>, body: Vec<u8>,
    ) {
        let mut headers = HeaderMap::new();
        for (name, value) in
            [(X_RTC_RAND, rand), (X_RTC_TIMESTAMP, stamp), (X_RTC_SIGNATURE, signature)]
        {
            if let Ok(value) = HeaderValue::from_bytes(&value) {
                headers.insert(name, value);
            }
        }
        prop_assert!(verifier().verify(&headers, &body, now()).is_err());
        headers.insert(X_RTC_RAND, HeaderValue::from_static("x"));
        headers.insert(X_RTC_TIMESTAMP, HeaderValue::from_str(&digits).unwrap());
        prop_assert!(verifier().verify(&headers, &body, now()).is_err());
    }
}
