//! The header `Retry-After` (RFC 9110, 10.2.3).

use std::time::{Duration, SystemTime};

use http::HeaderMap;
use http::header::{DATE, RETRY_AFTER};

/// How long the answer asks to wait: a number of seconds, or the time that is left until a date, by
/// the clock of the answer itself where it tells it, else by `now`.
pub(crate) fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(Duration::from_secs(text.parse().unwrap_or(u64::MAX)));
    }
    let at = httpdate::parse_http_date(text).ok()?;
    Some(at.duration_since(date(headers).unwrap_or(now)).unwrap_or_default())
}

/// The time that an answer says it is of.
pub(crate) fn date(headers: &HeaderMap) -> Option<SystemTime> {
    httpdate::parse_http_date(headers.get(DATE)?.to_str().ok()?.trim()).ok()
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    const NOW: Duration = Duration::from_secs(1_704_164_645);

    fn read(text: &str, date: Option<&str>) -> Option<Duration> {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, HeaderValue::from_str(text).unwrap());
        if let Some(date) = date {
            headers.insert(DATE, HeaderValue::from_str(date).unwrap());
        }
        retry_after(&headers, SystemTime::UNIX_EPOCH + NOW)
    }

    #[test]
    fn both_forms_are_read() {
        let seconds = |seconds| Some(Duration::from_secs(seconds));
        assert_eq!(read("0", None), seconds(0));
        assert_eq!(read(" 120 ", None), seconds(120));
        assert_eq!(read("Tue, 02 Jan 2024 03:04:10 GMT", None), seconds(5));
        assert_eq!(read("Tue, 02 Jan 2024 03:04:00 GMT", None), seconds(0), "it is past");
        let date = Some("Tue, 02 Jan 2024 05:00:00 GMT");
        assert_eq!(read("Tue, 02 Jan 2024 05:01:00 GMT", date), seconds(60), "by its own clock");
        assert_eq!(read("99999999999999999999999", None), seconds(u64::MAX));
        assert_eq!(retry_after(&HeaderMap::new(), SystemTime::UNIX_EPOCH), None);
    }

    #[test]
    fn other_texts_say_nothing() {
        for text in ["", "-1", "1.5", "soon", "Tue, 32 Jan 2024 03:04:10 GMT"] {
            assert_eq!(read(text, None), None, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "[ -~]{0,40}", date in "[ -~]{0,40}") {
            read(&text, Some(&date));
        }
    }
}
