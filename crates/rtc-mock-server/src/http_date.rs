//! `Date` headers.

use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use http::HeaderValue;

/// Writes times for `Date`, each second once: most answers have the second of the one before.
#[derive(Debug, Default)]
pub(crate) struct HttpDates(Mutex<Option<(u64, HeaderValue)>>);

impl HttpDates {
    /// The time for `Date`; a year that HTTP cannot write has none.
    pub(crate) fn at(&self, time: SystemTime) -> Option<HeaderValue> {
        const YEAR_10000: u64 = 253_402_300_800;
        let seconds = time.duration_since(SystemTime::UNIX_EPOCH).ok()?.as_secs();
        if seconds >= YEAR_10000 {
            return None;
        }
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((second, date)) = &*last
            && *second == seconds
        {
            return Some(date.clone());
        }
        let date = HeaderValue::from_str(&httpdate::fmt_http_date(time)).ok()?;
        *last = Some((seconds, date.clone()));
        Some(date)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn each_second_has_its_own_text_also_when_the_clock_goes_back() {
        let dates = HttpDates::default();
        let at = |millis| dates.at(SystemTime::UNIX_EPOCH + Duration::from_millis(millis));
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
        assert_eq!(dates.at(SystemTime::UNIX_EPOCH - Duration::from_secs(1)), None);
    }
}
