//! The timestamp of a notification.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Numbers below are seconds (until the year 5138), others milliseconds (since 1973).
const FIRST_MILLISECONDS: u64 = 100_000_000_000;

/// Writes whole UNIX seconds; `None` for a time before 1970.
pub(super) fn write(at: SystemTime) -> Option<String> {
    Some(at.duration_since(UNIX_EPOCH).ok()?.as_secs().to_string())
}

/// Reads UNIX seconds or milliseconds by magnitude (decision D18).
///
/// Digits only and no zero in front: the random text stands before the timestamp without a
/// separator, so a `0` could be moved from the one to the other under the same signature, and a
/// repetition would look new.
pub(super) fn read(text: &str) -> Option<SystemTime> {
    if text.starts_with('0') || !text.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let number: u64 = text.parse().ok()?;
    let distance = if number < FIRST_MILLISECONDS {
        Duration::from_secs(number)
    } else {
        Duration::from_millis(number)
    };
    UNIX_EPOCH.checked_add(distance)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_and_milliseconds_are_told_apart_by_magnitude() {
        let at = |seconds, millis| {
            Some(UNIX_EPOCH + Duration::from_secs(seconds) + Duration::from_millis(millis))
        };
        assert_eq!(read("1"), at(1, 0));
        assert_eq!(read("1704164645"), at(1_704_164_645, 0));
        assert_eq!(read("1704164645678"), at(1_704_164_645, 678));
        assert_eq!(read("99999999999"), at(99_999_999_999, 0));
        assert_eq!(read("100000000000"), at(100_000_000, 0));
    }

    #[test]
    fn anything_but_plain_digits_is_refused() {
        for text in
            ["", "0", "01704164645", "+1", "-1", "1.5", " 1", "1 ", "１", "1e9", "0x1", "now"]
        {
            assert_eq!(read(text), None, "{text:?}");
        }
        assert_eq!(read("18446744073709551616"), None, "2^64");
    }

    #[test]
    fn seconds_are_written_and_a_time_before_1970_is_not() {
        let at = UNIX_EPOCH + Duration::from_millis(1_704_164_645_999);
        assert_eq!(write(at).as_deref(), Some("1704164645"));
        assert_eq!(write(UNIX_EPOCH - Duration::from_nanos(1)), None);
    }
}
