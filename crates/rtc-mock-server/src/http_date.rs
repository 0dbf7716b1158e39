//! `Date` headers.

use std::cell::RefCell;
use std::time::SystemTime;

use http::HeaderValue;

thread_local! {
    /// The second that was written last. What threads share would go from core to core with each
    /// answer.
    static LAST: RefCell<Option<(u64, HeaderValue)>> = const { RefCell::new(None) };
}

/// The time for `Date`, written once a second: most answers have the second of the one before. A
/// year that HTTP cannot write has none.
pub(crate) fn http_date(time: SystemTime) -> Option<HeaderValue> {
    const YEAR_10000: u64 = 253_402_300_800;
    let seconds = time.duration_since(SystemTime::UNIX_EPOCH).ok()?.as_secs();
    if seconds >= YEAR_10000 {
        return None;
    }
    LAST.with_borrow_mut(|last| {
        if let Some((second, date)) = last
            && *second == seconds
        {
            return Some(date.clone());
        }
        let date = HeaderValue::from_str(&httpdate::fmt_http_date(time)).ok()?;
        *last = Some((seconds, date.clone()));
        Some(date)
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn each_second_has_its_own_text_also_when_the_clock_goes_back() {
        let at = |millis| http_date(SystemTime::UNIX_EPOCH + Duration::from_millis(millis));
        for (millis, expected) in [
            (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
            (999, "Thu, 01 Jan 1970 00:00:00 GMT"),
            (1_000, "Thu, 01 Jan 1970 00:00:01 GMT"),
            (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
            (253_402_300_799_000, "Fri, 31 Dec 9999 23:59:59 GMT"),
        ] {
            assert_eq!(at(millis).unwrap(), expected, "{millis}");
        }
        assert_eq!(at(253_402_300_800_000), None);
        assert_eq!(http_date(SystemTime::UNIX_EPOCH - Duration::from_secs(1)), None);
    }
}
