//! The signature with which a client joins a room.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use proptest::prelude::*;
use rtc_signer::{RoomIdError, RoomJoin, RoomKey, RoomSignError, RoomVerifyError};
use serde::Deserialize;

use crate::support::read;

const APP_KEY: &str = "app-key-16-chars";
const HOUR: Duration = Duration::from_secs(3_600);
const LEAST: Duration = Duration::from_nanos(1);

#[derive(Clone, Debug, Deserialize)]
struct Row {
    name: String,
    key: String,
    app_id: String,
    room_id: String,
    user_id: String,
    ctime: u64,
    signature: String,
}

impl Row {
    fn join(&self) -> RoomJoin<'_> {
        RoomJoin::new(&self.app_id, &self.room_id, &self.user_id).unwrap()
    }

    fn outcome(&self) -> Result<SystemTime, RoomVerifyError> {
        let key = RoomKey::new(self.key.as_str()).unwrap();
        let before = seconds(self.ctime) - Duration::from_secs(1);
        key.verify(&self.join(), self.ctime, &self.signature, before)
    }
}

/// Made with Python's hmac module, see vectors/README.md.
fn rows() -> Vec<Row> {
    let rows: Vec<Row> = read("room.jsonl");
    assert_eq!(rows.len(), 4);
    rows
}

fn seconds(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(seconds)
}

fn now() -> SystemTime {
    seconds(1_704_164_645)
}

fn key() -> RoomKey {
    RoomKey::new(APP_KEY).unwrap()
}

fn join() -> RoomJoin<'static> {
    RoomJoin::new("a1", "r1", "u1").unwrap()
}

#[test]
fn every_vector_is_signed_and_accepted() {
    for row in rows() {
        let key = RoomKey::new(row.key.as_str()).unwrap();
        let before = seconds(row.ctime) - Duration::from_secs(1);
        let signed = key.sign(&row.join(), Duration::from_secs(1), before).unwrap();
        assert_eq!(signed.ctime(), row.ctime, "{}", row.name);
        assert_eq!(signed.to_string(), row.signature, "{}", row.name);
        assert_eq!(row.outcome(), Ok(seconds(row.ctime)), "{}", row.name);
    }
}

#[test]
fn every_tampered_copy_is_refused() {
    let changes: [fn(&mut Row); 7] = [
        |row| row.key.push('x'),
        |row| row.app_id.push('x'),
        |row| row.room_id.push('x'),
        |row| row.user_id.push('x'),
        |row| row.user_id = row.user_id.to_uppercase(),
        |row| row.ctime += 1,
        |row| {
            let other = if row.signature.ends_with('0') { "1" } else { "0" };
            row.signature.replace_range(63.., other);
        },
    ];
    for row in rows() {
        for (number, change) in changes.iter().enumerate() {
            let mut copy = row.clone();
            change(&mut copy);
            let refused = copy.outcome() == Err(RoomVerifyError::SignatureMismatch);
            assert!(refused, "{}: change {number}", row.name);
        }
    }
}

#[test]
fn it_is_valid_before_its_expiry_and_not_at_it() {
    let signed = key().sign(&join(), RoomKey::RECOMMENDED_VALIDITY, now()).unwrap();
    let outcome = |at| key().verify(&join(), signed.ctime(), signed.as_str(), at);
    assert_eq!(signed.expires_at(), now() + 2 * HOUR);
    assert_eq!(outcome(now()), Ok(signed.expires_at()));
    assert_eq!(outcome(signed.expires_at() - LEAST), Ok(signed.expires_at()));
    for late in [signed.expires_at(), signed.expires_at() + HOUR] {
        let expired = RoomVerifyError::Expired { expires_at: signed.expires_at(), now: late };
        assert_eq!(outcome(late), Err(expired));
    }
    let error = outcome(signed.expires_at() + HOUR).unwrap_err().to_string();
    assert!(error.contains("3600s ago"), "{error}");
}

#[test]
fn twelve_hours_are_too_long_for_either_side() {
    let nearly = RoomKey::VALIDITY_LIMIT.checked_sub(LEAST).unwrap();
    key().sign(&join(), nearly, now()).unwrap();
    for valid_for in [Duration::ZERO, Duration::from_millis(999), 12 * HOUR, Duration::MAX] {
        let outcome = key().sign(&join(), valid_for, now());
        assert_eq!(outcome.unwrap_err(), RoomSignError::BadValidity { valid_for });
    }
    let signed = key().sign(&join(), 11 * HOUR, now()).unwrap();
    let outcome = |at| key().verify(&join(), signed.ctime(), signed.as_str(), at);
    let limit = signed.expires_at() - 12 * HOUR;
    assert_eq!(outcome(limit + LEAST), Ok(signed.expires_at()));
    let too_far = RoomVerifyError::TooFarAhead { ctime: signed.ctime() };
    assert_eq!(outcome(limit), Err(too_far));
    // Milliseconds, and numbers that are no time at all.
    for ctime in [1_704_164_645_000, u64::MAX] {
        let outcome = key().verify(&join(), ctime, signed.as_str(), now());
        assert_eq!(outcome, Err(RoomVerifyError::TooFarAhead { ctime }));
    }
}

#[test]
fn the_shortest_validity_still_lies_ahead() {
    for nanos in [0, 1, 999_999_999] {
        let at = now() + Duration::from_nanos(nanos);
        let signed = key().sign(&join(), Duration::from_secs(1), at).unwrap();
        assert!(signed.expires_at() > at);
        key().verify(&join(), signed.ctime(), signed.as_str(), at).unwrap();
    }
}

#[test]
fn a_time_without_unix_seconds_cannot_be_signed() {
    let before = UNIX_EPOCH - 24 * HOUR;
    let outcome = key().sign(&join(), HOUR, before);
    assert_eq!(outcome.unwrap_err(), RoomSignError::TimeOutOfRange);
}

#[test]
fn a_signature_that_is_no_hex_is_told_apart_from_a_wrong_one() {
    let signed = key().sign(&join(), HOUR, now()).unwrap();
    let outcome = |text: &str| key().verify(&join(), signed.ctime(), text, now());
    outcome(&signed.as_str().to_uppercase()).unwrap();
    let other = signed.as_str().replace(|digit: char| digit.is_ascii_digit(), "g");
    for text in ["", &signed.as_str()[1..], &format!("{signed} "), &other] {
        assert_eq!(outcome(text), Err(RoomVerifyError::MalformedSignature), "{text:?}");
    }
}

#[test]
fn a_plus_or_nothing_in_an_id_is_refused_with_its_name() {
    for (ids, error) in [
        (["", "r", "u"], RoomIdError::Empty { id: "app_id" }),
        (["a", "", "u"], RoomIdError::Empty { id: "room_id" }),
        (["a", "r", ""], RoomIdError::Empty { id: "user_id" }),
        (["a+", "r", "u"], RoomIdError::Plus { id: "app_id" }),
        (["a", "+r", "u"], RoomIdError::Plus { id: "room_id" }),
        (["a", "r", "u+v"], RoomIdError::Plus { id: "user_id" }),
    ] {
        assert_eq!(RoomJoin::new(ids[0], ids[1], ids[2]), Err(error));
    }
}

#[test]
fn nothing_shows_the_key_or_the_signature() {
    let signed = key().sign(&join(), HOUR, now()).unwrap();
    let error = key().verify(&join(), signed.ctime() + 1, signed.as_str(), now()).unwrap_err();
    let shown = format!("{:?} {signed:?} {error:?} {error}", key());
    assert!(!shown.contains(APP_KEY) && !shown.contains(signed.as_str()), "{shown}");
    assert!(RoomKey::new("").is_err());
}

proptest! {
    #[test]
    fn what_is_signed_is_accepted_for_these_ids_only(
        app_key in ".{1,40}",
        app in "[^+]{1,20}", room in "[^+]{1,20}", user in "[^+]{1,20}", other in "[^+]{1,20}",
        now in 0_u64..10_000_000_000,
        valid_for in 1_u64..12 * 3600,
    ) {
        let key = RoomKey::new(app_key).unwrap();
        let join = RoomJoin::new(&app, &room, &user).unwrap();
        let signed = key.sign(&join, Duration::from_secs(valid_for), seconds(now)).unwrap();
        prop_assert_eq!(signed.ctime(), now + valid_for);
        let outcome = |join: RoomJoin<'_>| {
            key.verify(&join, signed.ctime(), signed.as_str(), seconds(now))
        };
        prop_assert_eq!(outcome(join), Ok(signed.expires_at()));
        for changed in [[&other, &room, &user], [&app, &other, &user], [&app, &room, &other]] {
            let changed = RoomJoin::new(changed[0], changed[1], changed[2]).unwrap();
            let expected = if changed == join {
                Ok(signed.expires_at())
            } else {
                Err(RoomVerifyError::SignatureMismatch)
            };
            prop_assert_eq!(outcome(changed), expected);
        }
    }
}
