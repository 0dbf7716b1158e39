//! The form of `X-Sdk-Date`: `20240102T030405Z`, always UTC, whole seconds.
//!
//! Source: the API signing guide, and the signers of the official SDKs.

use std::fmt;
use std::ops::Deref;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use time::{Date, Month, PrimitiveDateTime, Time};

use crate::encode::ascii;

/// A date as `X-Sdk-Date` writes it, 16 ASCII characters.
///
/// Made by [`format_sdk_date`]; it derefs to `str`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SdkDate([u8; 16]);

impl SdkDate {
    pub(crate) const EPOCH: Self = Self(*b"19700101T000000Z");

    /// The date as text.
    pub fn as_str(&self) -> &str {
        ascii(&self.0)
    }

    pub(crate) const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// The day, `20240102`.
    pub(crate) fn day(&self) -> &[u8] {
        self.0.split_at(8).0
    }

    /// Takes a text that is a date, and tells when that is.
    pub(crate) fn read(text: &[u8]) -> Option<(Self, SystemTime)> {
        let text: &[u8; 16] = text.try_into().ok()?;
        Some((Self(*text), parse(text)?))
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
    let seconds = seconds(at)?;
    let (year, month, day) = calendar(u32::try_from(seconds / 86_400).ok()?)?;
    let clock = u32::try_from(seconds % 86_400).ok()?;
    let day = digits([year / 100, year % 100, month, day]);
    let time = digits([clock / 3600, clock / 60 % 60, clock % 60, 0]);
    let time = u64::from(b'T') | time << 8 & (u64::MAX >> 8) | u64::from(b'Z') << 56;
    Some(SdkDate((u128::from(time) << 64 | u128::from(day)).to_le_bytes()))
}

/// The digits of four numbers below 100, the first in the lowest byte.
fn digits(numbers: [u32; 4]) -> u64 {
    // All at once, 16 bits for each; below 100, `* 103 >> 10` is a division by ten.
    let numbers = numbers.into_iter().rev().fold(0, |all, number| all << 16 | u64::from(number));
    let tens = ((numbers * 103) >> 10) & 0x000F_000F_000F_000F;
    let ones = numbers - 10 * tens;
    tens | ones << 8 | 0x3030_3030_3030_3030
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
    parse(text.as_bytes().try_into().ok()?)
}

fn parse(text: &[u8; 16]) -> Option<SystemTime> {
    let [y1, y2, y3, y4, m1, m2, d1, d2, b'T', h1, h2, n1, n2, s1, s2, b'Z'] = *text else {
        return None;
    };
    let pairs = [[y1, y2], [y3, y4], [m1, m2], [d1, d2], [h1, h2], [n1, n2], [s1, s2]];
    if !pairs.as_flattened().iter().all(u8::is_ascii_digit) {
        return None;
    }
    let pairs = pairs.map(|[tens, ones]| (tens - b'0') * 10 + (ones - b'0'));
    let [century, year, month, day, hour, minute, second] = pairs;
    let year = i32::from(century) * 100 + i32::from(year);
    let date = Date::from_calendar_date(year, Month::try_from(month).ok()?, day).ok()?;
    let clock = Time::from_hms(hour, minute, second).ok()?;
    let seconds = PrimitiveDateTime::new(date, clock).assume_utc().unix_timestamp();
    let distance = Duration::from_secs(seconds.unsigned_abs());
    if seconds < 0 { UNIX_EPOCH.checked_sub(distance) } else { UNIX_EPOCH.checked_add(distance) }
}

/// The first days of the years 0 and 1970 are so many days apart.
const DAYS_BEFORE_1970: u32 = 719_528;

/// Year, month and day of a day counted from the year 0; `None` after the year 9999.
///
/// The division of Neri and Schneider (Euclidean affine functions, 2022), since a date is a good
/// part of the cost of a signature. Years begin in March, so that the leap day is their last.
fn calendar(days: u32) -> Option<(u32, u32, u32)> {
    const DAYS_OF_400_YEARS: u32 = 146_097;
    if days >= 25 * DAYS_OF_400_YEARS {
        return None;
    }
    // Counted from the first of March of the year -400.
    let quarters = 4 * (days + DAYS_OF_400_YEARS - 60) + 3;
    let century = quarters / DAYS_OF_400_YEARS;
    let quarters = (quarters % DAYS_OF_400_YEARS) | 3;
    let product = 2_939_745 * u64::from(quarters);
    let [_, _, _, _, year @ ..] = product.to_le_bytes();
    let [low @ .., _, _, _, _] = product.to_le_bytes();
    let year_day = u32::from_le_bytes(low) / 2_939_745 / 4;
    let product = 2141 * year_day + 197_913;
    let (month, day) = (product >> 16, (product & 0xFFFF) / 2141 + 1);
    let (month, next) = if month > 12 { (month - 12, 1) } else { (month, 0) };
    Some((100 * century + u32::from_le_bytes(year) + next - 400, month, day))
}

/// Whole seconds since the year 0, rounded down.
fn seconds(at: SystemTime) -> Option<u64> {
    let before_1970 = u64::from(DAYS_BEFORE_1970) * 86_400;
    match at.duration_since(UNIX_EPOCH) {
        Ok(after) => before_1970.checked_add(after.as_secs()),
        Err(error) => {
            let before = error.duration();
            let rounded = before.as_secs().checked_add(u64::from(before.subsec_nanos() > 0))?;
            before_1970.checked_sub(rounded)
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

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
        let first = parse_sdk_date("00000101T000000Z").unwrap();
        assert_eq!(format_sdk_date(first - Duration::from_nanos(1)), None);
    }

    proptest! {
        /// Reading is left to the `time` crate, writing is our own.
        #[test]
        fn every_second_is_written_and_read_back(seconds in -62_167_219_200..253_402_300_800_i64) {
            let distance = Duration::from_secs(seconds.unsigned_abs());
            let at = if seconds < 0 { UNIX_EPOCH - distance } else { UNIX_EPOCH + distance };
            prop_assert_eq!(parse_sdk_date(&format_sdk_date(at).unwrap()), Some(at));
        }
    }

    #[test]
    fn every_day_of_the_calendar_follows_the_day_before() {
        let mut date = Date::from_calendar_date(0, Month::January, 1).unwrap();
        for days in 0..146_097 * 25 {
            let (year, month, day) = calendar(days).unwrap();
            let (time_year, time_month, time_day) = date.to_calendar_date();
            assert_eq!((year, month), (time_year.unsigned_abs(), u32::from(u8::from(time_month))));
            assert_eq!(day, u32::from(time_day));
            date = date.next_day().unwrap_or(date);
        }
        assert_eq!(calendar(146_097 * 25), None);
    }
}
