//! Points in time as the API writes them.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;
use std::time::SystemTime;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use time::format_description::well_known::Rfc3339;
use time::{Date, Month, OffsetDateTime, Time, UtcOffset};

/// A point in time in UTC, written as `2006-01-02T15:04:05.075Z`.
///
/// Read with 0 to 9 fraction digits, since the documented examples of jobs have none; written with
/// as many digits as it was read with, and with three when it was made from a [`SystemTime`].
///
/// The service writes the year 1 for a time that is not set ([`UNSET`](Self::UNSET)); see
/// [`is_set`](Self::is_set).
///
/// ```
/// use rtc_model::Timestamp;
///
/// let time: Timestamp = "2020-07-26T07:53:05.075Z".parse()?;
/// assert_eq!(time.to_string(), "2020-07-26T07:53:05.075Z");
/// assert!(!"0001-01-01T00:00:00Z".parse::<Timestamp>()?.is_set());
/// # Ok::<(), rtc_model::timestamp::TimestampError>(())
/// ```
#[derive(Clone, Copy)]
pub struct Timestamp {
    instant: OffsetDateTime,
    digits: u8,
}

impl Timestamp {
    /// How the service writes a time that is not set: `0001-01-01T00:00:00Z`.
    pub const UNSET: Self = Self {
        instant: match Date::from_calendar_date(1, Month::January, 1) {
            Ok(date) => OffsetDateTime::new_in_offset(date, Time::MIDNIGHT, UtcOffset::UTC),
            Err(_) => panic!("the first day of the year 1 is a date"),
        },
        digits: 0,
    };

    /// Whether the time is set: the year 1 stands for "not set".
    pub fn is_set(&self) -> bool {
        self.instant.year() > 1
    }

    /// The same time cut to whole seconds and written without a fraction, as notifications write it.
    ///
    /// ```
    /// use rtc_model::Timestamp;
    ///
    /// let time: Timestamp = "2020-07-26T07:53:05.975Z".parse()?;
    /// assert_eq!(time.in_seconds().to_string(), "2020-07-26T07:53:05Z");
    /// # Ok::<(), rtc_model::timestamp::TimestampError>(())
    /// ```
    #[must_use]
    pub fn in_seconds(self) -> Self {
        let whole = self.instant.replace_nanosecond(0);
        Self { instant: whole.unwrap_or(self.instant), digits: 0 }
    }

    /// The same instant as a [`SystemTime`]; `None` when it is not set.
    pub fn to_system_time(&self) -> Option<SystemTime> {
        self.is_set().then(|| self.instant.into())
    }
}

impl From<SystemTime> for Timestamp {
    /// Cuts to whole milliseconds. A time that RFC 3339 cannot write (a year past 9999 or before
    /// 0) becomes [`UNSET`](Self::UNSET).
    fn from(time: SystemTime) -> Self {
        let since_epoch = match time.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(after) => i128::try_from(after.as_nanos()).ok(),
            Err(before) => i128::try_from(before.duration().as_nanos()).ok().map(|nanos| -nanos),
        };
        let instant = since_epoch
            .map(|nanos| nanos.div_euclid(1_000_000) * 1_000_000)
            .and_then(|nanos| OffsetDateTime::from_unix_timestamp_nanos(nanos).ok())
            .filter(|instant| (1..=9999).contains(&instant.year()));
        instant.map_or(Self::UNSET, |instant| Self { instant, digits: 3 })
    }
}

impl FromStr for Timestamp {
    type Err = TimestampError;

    fn from_str(text: &str) -> Result<Self, TimestampError> {
        // The well-known parser takes more fraction digits than can be held and cuts them.
        let digits = text
            .split_once('.')
            .map_or(0, |(_, rest)| rest.bytes().take_while(u8::is_ascii_digit).count());
        let digits = u8::try_from(digits).ok().filter(|digits| *digits <= 9);
        let instant = OffsetDateTime::parse(text, &Rfc3339).ok();
        match (instant, digits) {
            (Some(instant), Some(digits)) => {
                let instant =
                    instant.checked_to_offset(UtcOffset::UTC).ok_or(TimestampError(()))?;
                if !(1..=9999).contains(&instant.year()) {
                    return Err(TimestampError(()));
                }
                // A leap second is read as the last nanosecond before it, which may be more digits
                // than were there.
                let unit = 10_u32.pow(9 - u32::from(digits));
                let nanosecond = instant.nanosecond() / unit * unit;
                let instant =
                    instant.replace_nanosecond(nanosecond).map_err(|_| TimestampError(()))?;
                Ok(Self { instant, digits })
            }
            _ => Err(TimestampError(())),
        }
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let t = self.instant;
        let mut text = *b"0000-00-00T00:00:00.000000000";
        for (place, number) in [
            (0..4, t.year().unsigned_abs()),
            (5..7, u8::from(t.month()).into()),
            (8..10, t.day().into()),
            (11..13, t.hour().into()),
            (14..16, t.minute().into()),
            (17..19, t.second().into()),
            (20..29, t.nanosecond()),
        ] {
            write_digits(text.get_mut(place).unwrap_or_default(), number);
        }
        let length = if self.digits == 0 { 19 } else { 20 + usize::from(self.digits) };
        let text = text.get(..length).and_then(|text| std::str::from_utf8(text).ok());
        f.write_str(text.unwrap_or_default())?;
        f.write_str("Z")
    }
}

/// Fills the places with a number's last digits.
fn write_digits(places: &mut [u8], mut number: u32) {
    for place in places.iter_mut().rev() {
        *place = b'0' + u8::try_from(number % 10).unwrap_or_default();
        number /= 10;
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

// The number of digits is a matter of writing, not of the instant.
impl PartialEq for Timestamp {
    fn eq(&self, other: &Self) -> bool {
        self.instant == other.instant
    }
}

impl Eq for Timestamp {}

impl PartialOrd for Timestamp {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Timestamp {
    fn cmp(&self, other: &Self) -> Ordering {
        self.instant.cmp(&other.instant)
    }
}

impl Hash for Timestamp {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.instant.hash(state);
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl serde::de::Visitor<'_> for Visitor {
            type Value = Timestamp;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a time such as 2006-01-02T15:04:05.075Z")
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Timestamp, E> {
                text.parse().map_err(|_| E::invalid_value(serde::de::Unexpected::Str(text), &self))
            }
        }
        deserializer.deserialize_str(Visitor)
    }
}

/// A text that is no time in RFC 3339 with at most 9 fraction digits.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a time such as 2006-01-02T15:04:05.075Z")]
pub struct TimestampError(());

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn zero_to_nine_fraction_digits_are_read_and_written_back() {
        for text in [
            "2021-04-16T16:22:44Z",
            "2021-04-16T16:22:44.5Z",
            "2020-07-26T07:53:05.075Z",
            "2020-01-04T09:05:22.701000Z",
            "2020-01-04T09:05:22.123456789Z",
        ] {
            assert_eq!(text.parse::<Timestamp>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn more_than_nine_digits_and_texts_that_are_no_time_are_refused() {
        for text in
            ["", "2020", "2020-01-04T09:05:22.1234567891Z", "2020-13-04T09:05:22Z", "2020-01-04 x"]
        {
            assert!(text.parse::<Timestamp>().is_err(), "{text}");
        }
    }

    #[test]
    fn another_offset_is_the_same_instant_in_utc() {
        let east: Timestamp = "2020-07-16T15:11:55+08:00".parse().unwrap();
        assert_eq!(east.to_string(), "2020-07-16T07:11:55Z");
    }

    #[test]
    fn a_leap_second_is_read_as_the_second_before_it() {
        let leap: Timestamp = "2016-12-31T23:59:60Z".parse().unwrap();
        assert_eq!(leap.to_string(), "2016-12-31T23:59:59Z");
        assert_eq!(leap, leap.to_string().parse().unwrap());
    }

    #[test]
    fn the_year_one_is_not_set() {
        let unset: Timestamp = "0001-01-01T00:00:00Z".parse().unwrap();
        assert_eq!(unset, Timestamp::UNSET);
        assert_eq!(unset.to_system_time(), None);
        assert_eq!(Timestamp::UNSET.to_string(), "0001-01-01T00:00:00Z");
    }

    #[test]
    fn a_system_time_is_cut_to_milliseconds() {
        let time = SystemTime::UNIX_EPOCH + Duration::from_nanos(1_595_749_985_075_999_999);
        assert_eq!(Timestamp::from(time).to_string(), "2020-07-26T07:53:05.075Z");
        let before = SystemTime::UNIX_EPOCH - Duration::from_nanos(1);
        assert_eq!(Timestamp::from(before).to_string(), "1969-12-31T23:59:59.999Z");
    }
}
