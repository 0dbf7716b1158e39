//! The form of `X-Sdk-Date`: `20240102T030405Z`, always UTC, whole seconds.
//!
//! Source: the API signing guide, and the signers of the official SDKs.

use std::fmt;
use std::ops::Deref;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use time::{Date, Month, OffsetDateTime, PrimitiveDateTime, Time};

use crate::encode::ascii;

/// A date as `X-Sdk-Date` writes it, 16 ASCII characters.
///
/// Made by [`format_sdk_date`]; it derefs to `str`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SdkDate([u8; 16]);

impl SdkDate {
    /// The date as text.
    pub fn as_str(&self) -> &str {
        ascii(&self.0)
    }
}

impl Deref for SdkDate {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl AsRef<str> for SdkDate {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl fmt::Display for SdkDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for SdkDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SdkDate").field(&self.as_str()).finish()
    }
}

/// Writes a time as `X-Sdk-Date` does; a part of a second is dropped.
///
/// `None` if the year is outside 0000 to 9999.
///
/// ```
/// use std::time::{Duration, UNIX_EPOCH};
/// let at = UNIX_EPOCH + Duration::from_secs(1_704_164_645);
/// let date = rtc_signer::date::format_sdk_date(at).unwrap();
/// assert_eq!(date.as_str(), "20240102T030405Z");
/// ```
pub fn format_sdk_date(at: SystemTime) -> Option<SdkDate> {
    let at = OffsetDateTime::from_unix_timestamp(unix_seconds(at)?).ok()?;
    let year = u32::try_from(at.year()).ok().filter(|year| *year <= 9999)?;
    let mut text = *b"00000000T000000Z";
    let mut put = |from: usize, width: usize, mut value: u32| {
        for digit in text.iter_mut().skip(from).take(width).rev() {
            *digit = b"0123456789"[(value % 10) as usize];
            value /= 10;
        }
    };
    put(0, 4, year);
    put(4, 2, u8::from(at.month()).into());
    put(6, 2, at.day().into());
    put(9, 2, at.hour().into());
    put(11, 2, at.minute().into());
    put(13, 2, at.second().into());
    Some(SdkDate(text))
}

/// Reads `20240102T030405Z`; `None` for any other form or for a date that does not exist.
///
/// ```
/// use rtc_signer::date::{format_sdk_date, parse_sdk_date};
/// let at = parse_sdk_date("20240102T030405Z").unwrap();
/// assert_eq!(format_sdk_date(at).unwrap().as_str(), "20240102T030405Z");
/// assert_eq!(parse_sdk_date("2024-01-02T03:04:05Z"), None);
/// ```
pub fn parse_sdk_date(text: &str) -> Option<SystemTime> {
    let text: &[u8; 16] = text.as_bytes().try_into().ok()?;
    if text[8] != b'T' || text[15] != b'Z' {
        return None;
    }
    let number = |from: usize, width: usize| {
        text.iter().skip(from).take(width).try_fold(0_u16, |sum, digit| {
            digit.is_ascii_digit().then(|| sum * 10 + u16::from(digit - b'0'))
        })
    };
    let pair = |from: usize| number(from, 2).and_then(|value| u8::try_from(value).ok());
    let month = Month::try_from(pair(4)?).ok()?;
    let date = Date::from_calendar_date(number(0, 4)?.into(), month, pair(6)?).ok()?;
    let clock = Time::from_hms(pair(9)?, pair(11)?, pair(13)?).ok()?;
    let seconds = PrimitiveDateTime::new(date, clock).assume_utc().unix_timestamp();
    let distance = Duration::from_secs(seconds.unsigned_abs());
    if seconds < 0 { UNIX_EPOCH.checked_sub(distance) } else { UNIX_EPOCH.checked_add(distance) }
}

/// Whole seconds since 1970, rounded down.
fn unix_seconds(at: SystemTime) -> Option<i64> {
    match at.duration_since(UNIX_EPOCH) {
        Ok(after) => i64::try_from(after.as_secs()).ok(),
        Err(error) => {
            let before = error.duration();
            let seconds = i64::try_from(before.as_secs()).ok()?.checked_neg()?;
            if before.subsec_nanos() > 0 { seconds.checked_sub(1) } else { Some(seconds) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_written_and_read_back() {
        for text in [
            "00000101T000000Z",
            "19691231T235959Z",
            "19700101T000000Z",
            "20000229T120000Z",
            "20240315T081530Z",
            "99991231T235959Z",
        ] {
            let at = parse_sdk_date(text).unwrap();
            assert_eq!(format_sdk_date(at).unwrap().as_str(), text);
        }
    }

    #[test]
    fn a_part_of_a_second_is_dropped_downwards() {
        let half = Duration::from_millis(500);
        assert_eq!(format_sdk_date(UNIX_EPOCH + half).unwrap().as_str(), "19700101T000000Z");
        assert_eq!(format_sdk_date(UNIX_EPOCH - half).unwrap().as_str(), "19691231T235959Z");
    }

    #[test]
    fn other_forms_and_dates_that_do_not_exist_are_refused() {
        for text in [
            "",
            "20240102T030405",
            "20240102T030405z",
            "20240102 030405Z",
            "20240102T030405Z ",
            "2024010AT030405Z",
            "+2024102T030405Z",
            "20241302T030405Z",
            "20240230T030405Z",
            "20230229T030405Z",
            "20240102T240000Z",
            "20240102T036005Z",
            "20240102T030460Z",
            "２024010T03040Z",
        ] {
            assert_eq!(parse_sdk_date(text), None, "{text}");
        }
    }

    #[test]
    fn a_year_of_five_digits_is_refused() {
        let last = parse_sdk_date("99991231T235959Z").unwrap();
        assert_eq!(format_sdk_date(last + Duration::from_secs(1)), None);
    }
}
