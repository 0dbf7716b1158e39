//! The difference between the client's clock and the service's.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime};

use http::{HeaderMap, StatusCode};
use rtc_model::{ApiError, ErrorCode};
use rtc_signer::date::parse_sdk_date;

use crate::retry::date;

/// From which difference on a refusal is put down to the clocks. The gateway allows 15 minutes; one
/// less, since the request travelled and dates have whole seconds.
const REFUSED_FROM: Duration = Duration::from_secs(14 * 60);

/// By how much the client's clock is behind the service's, as far as is known.
#[derive(Debug, Default)]
pub(crate) struct Offset(AtomicI64);

impl Offset {
    /// The time of the service when the client's clock shows `at`.
    pub(crate) fn apply(&self, at: SystemTime) -> SystemTime {
        let millis = self.0.load(Ordering::Relaxed);
        let offset = Duration::from_millis(millis.unsigned_abs());
        let there = if millis < 0 { at.checked_sub(offset) } else { at.checked_add(offset) };
        there.unwrap_or(at)
    }

    /// Keeps that it is `there` at the service when the client's clock shows `here`.
    pub(crate) fn learn(&self, here: SystemTime, there: SystemTime) {
        let millis = |gap: Duration| i64::try_from(gap.as_millis()).unwrap_or(i64::MAX);
        let offset = match there.duration_since(here) {
            Ok(behind) => millis(behind),
            Err(ahead) => -millis(ahead.duration()),
        };
        self.0.store(offset, Ordering::Relaxed);
    }
}

/// The time of the service, where its refusal of a request dated `dated` is due to the clocks: a
/// 401 of the gateway whose own time (in its text, else its `Date`) is too far away.
pub(crate) fn time_of_refusal(
    error: &ApiError,
    headers: &HeaderMap,
    dated: SystemTime,
) -> Option<SystemTime> {
    if error.status() != StatusCode::UNAUTHORIZED
        || *error.code() != ErrorCode::GATEWAY_INCORRECT_IAM_AUTHENTICATION
    {
        return None;
    }
    let there = in_text(error.message()).or_else(|| date(headers))?;
    let gap = there.duration_since(dated).unwrap_or_else(|ahead| ahead.duration());
    (gap >= REFUSED_FROM).then_some(there)
}

/// The time in `…signature expired, signature time:20240102T030405Z,server time:20240102T032405Z`.
fn in_text(message: &str) -> Option<SystemTime> {
    const LENGTH: usize = "20240102T030405Z".len();
    let (_, after) = message.split_once("server time:")?;
    parse_sdk_date(after.trim_start().get(..LENGTH)?)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use http::header::DATE;
    use proptest::prelude::*;

    use super::*;

    const HERE: SystemTime = SystemTime::UNIX_EPOCH;

    fn at(seconds: u64) -> SystemTime {
        HERE + Duration::from_secs(seconds)
    }

    fn refusal(message: &str) -> ApiError {
        ApiError::new(StatusCode::UNAUTHORIZED, "APIG.0301".into(), message.to_owned())
    }

    proptest! {
        #[test]
        fn a_learnt_offset_leads_to_the_time_of_the_service(
            here in 0_u64..4_000_000_000, there in 0_u64..4_000_000_000, later in 0_u64..1000,
        ) {
            let offset = Offset::default();
            prop_assert_eq!(offset.apply(at(here)), at(here));
            offset.learn(at(here), at(there));
            prop_assert_eq!(offset.apply(at(here + later)), at(there + later));
        }

        #[test]
        fn no_message_panics(message in "(server time:)?\\PC{0,30}") {
            time_of_refusal(&refusal(&message), &HeaderMap::new(), HERE);
        }
    }

    #[test]
    fn a_refusal_far_from_the_time_of_signing_is_due_to_the_clocks() {
        let text = "x: signature expired, signature time:19700101T000000Z,server time:";
        let told =
            |time| time_of_refusal(&refusal(&format!("{text}{time}")), &HeaderMap::new(), HERE);
        assert_eq!(told("19700101T002000Z"), Some(at(1200)));
        assert_eq!(told("19700101T001359Z"), None, "the gateway allows this much");
        assert_eq!(told("soon"), None);

        let mut headers = HeaderMap::new();
        headers.insert(DATE, HeaderValue::from_static("Thu, 01 Jan 1970 01:00:00 GMT"));
        let dated = |error: &ApiError| time_of_refusal(error, &headers, HERE);
        assert_eq!(dated(&refusal("verify aksk signature fail")), Some(at(3600)));
        let other = ApiError::new(StatusCode::FORBIDDEN, "APIGW.0301".into(), "m");
        assert_eq!(dated(&other), None, "another status");
        let other = ApiError::new(StatusCode::UNAUTHORIZED, "APIGW.0307".into(), "m");
        assert_eq!(dated(&other), None, "another code");
        let early = time_of_refusal(&refusal("m"), &headers, at(3600 + 900));
        assert_eq!(early, Some(at(3600)), "a clock may be ahead as well");
    }
}
