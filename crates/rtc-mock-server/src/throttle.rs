//! Throttling as the gateway does it, by the mock's clock.

use std::collections::BTreeMap;
use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use http::StatusCode;
use rtc_model::operation::ApiGroup;
use rtc_model::{ApiError, ErrorCode};

/// How many windows are kept; those that are over go first.
const MAX_WINDOWS: usize = 10_000;

/// How often the API may be called, counted for each project and group of the API.
///
/// ```
/// use rtc_mock_server::Throttle;
///
/// assert_eq!("documented".parse(), Ok(Throttle::Documented));
/// assert_eq!("10/s".parse::<Throttle>()?.to_string(), "10/s");
/// # Ok::<(), rtc_mock_server::ThrottleError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Throttle {
    /// As often as it likes.
    #[default]
    Off,
    /// By the table of the page "API Throttling" (`rtc_07_0033`): apps, rules, auto record and
    /// callbacks 60 calls a minute, rooms 60 a minute, jobs 10 a second, buckets 2 a second.
    Documented,
    /// So many calls a second in each group.
    PerSecond(NonZeroU32),
}

impl Throttle {
    /// The calls allowed in a window, and its length.
    fn limit(self, group: ApiGroup) -> Option<(u32, Duration)> {
        const SECOND: Duration = Duration::from_secs(1);
        const MINUTE: Duration = Duration::from_secs(60);
        match (self, group) {
            (Self::Off, _) => None,
            (Self::PerSecond(calls), _) => Some((calls.get(), SECOND)),
            (Self::Documented, ApiGroup::Jobs) => Some((10, SECOND)),
            (Self::Documented, ApiGroup::Obs) => Some((2, SECOND)),
            (Self::Documented, _) => Some((60, MINUTE)),
        }
    }
}

impl FromStr for Throttle {
    type Err = ThrottleError;

    fn from_str(text: &str) -> Result<Self, ThrottleError> {
        match (text, text.strip_suffix("/s").map(str::parse)) {
            ("off", _) => Ok(Self::Off),
            ("documented", _) => Ok(Self::Documented),
            (_, Some(Ok(calls))) => Ok(Self::PerSecond(calls)),
            _ => Err(ThrottleError(text.to_owned())),
        }
    }
}

impl fmt::Display for Throttle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Off => f.write_str("off"),
            Self::Documented => f.write_str("documented"),
            Self::PerSecond(calls) => write!(f, "{calls}/s"),
        }
    }
}

/// A text that sets no throttling.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} sets no throttling; write off, documented, or a number of calls as 10/s")]
pub struct ThrottleError(String);

/// Counts the calls.
pub(crate) struct Counter {
    throttle: Throttle,
    windows: Mutex<BTreeMap<(Arc<str>, ApiGroup), Window>>,
}

/// The calls since a time. A window begins with the first call after the one before is over.
struct Window {
    began: SystemTime,
    calls: u32,
}

impl Window {
    /// Also when the clock was set back.
    fn is_over(&self, now: SystemTime, length: Duration) -> bool {
        now.duration_since(self.began).map_or(true, |age| age >= length)
    }
}

impl Counter {
    pub(crate) fn new(throttle: Throttle) -> Self {
        Self { throttle, windows: Mutex::default() }
    }

    /// Forgets all calls.
    pub(crate) fn clear(&self) {
        self.windows.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Counts a call, or refuses it; a refused one does not count.
    pub(crate) fn count(
        &self,
        project: &Arc<str>,
        group: ApiGroup,
        now: SystemTime,
    ) -> Result<(), ApiError> {
        let Some((limit, length)) = self.throttle.limit(group) else { return Ok(()) };
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        if windows.len() >= MAX_WINDOWS {
            let throttle = self.throttle;
            windows.retain(|(_, group), window| {
                throttle.limit(*group).is_some_and(|(_, length)| !window.is_over(now, length))
            });
            // So many live at once: whoever they are, they begin anew.
            if windows.len() >= MAX_WINDOWS {
                windows.clear();
            }
        }
        let window = windows.entry((Arc::clone(project), group));
        let window = window.or_insert(Window { began: now, calls: 0 });
        if window.is_over(now, length) {
            *window = Window { began: now, calls: 0 };
        }
        if window.calls >= limit {
            let unit = if length.as_secs() == 1 { "second" } else { "minute" };
            let message = format!(
                "The throttling threshold has been reached: policy user over ratelimit,limit:{limit},time:1 {unit}"
            );
            let code = ErrorCode::GATEWAY_THROTTLED;
            return Err(ApiError::new(StatusCode::TOO_MANY_REQUESTS, code, message));
        }
        window.calls += 1;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    /// How many calls of many are let through.
    fn passed(counter: &Counter, project: &str, group: ApiGroup, now: SystemTime) -> usize {
        let project = Arc::from(project);
        (0..200).filter(|_| counter.count(&project, group, now).is_ok()).count()
    }

    #[test]
    fn the_documented_table_holds_for_each_project_and_group() {
        let counter = Counter::new(Throttle::Documented);
        for project in ["a", "b"] {
            for (group, calls) in [
                (ApiGroup::AppManagement, 60),
                (ApiGroup::Rooms, 60),
                (ApiGroup::Jobs, 10),
                (ApiGroup::Obs, 2),
            ] {
                assert_eq!(passed(&counter, project, group, at(100)), calls, "{group:?}");
            }
        }
        assert_eq!(passed(&counter, "a", ApiGroup::Jobs, at(101)), 10);
        assert_eq!(passed(&counter, "a", ApiGroup::Rooms, at(159)), 0);
        assert_eq!(passed(&counter, "a", ApiGroup::Rooms, at(160)), 60);
        assert_eq!(passed(&counter, "a", ApiGroup::Rooms, at(10)), 60, "the clock was set back");
    }

    #[test]
    fn a_number_holds_for_every_group_and_off_for_none() {
        let counter = Counter::new("3/s".parse().unwrap());
        assert_eq!(passed(&counter, "a", ApiGroup::Rooms, at(0)), 3);
        assert_eq!(passed(&Counter::new(Throttle::Off), "a", ApiGroup::Rooms, at(0)), 200);
        for text in ["", "0/s", "-1/s", "3", "3/m", "on"] {
            assert!(text.parse::<Throttle>().is_err(), "{text}");
        }
    }

    #[test]
    fn windows_are_bounded() {
        let counter = Counter::new(Throttle::Documented);
        for number in 0..=MAX_WINDOWS {
            let project = Arc::from(number.to_string());
            counter.count(&project, ApiGroup::Rooms, at(0)).unwrap();
        }
        assert!(counter.windows.lock().unwrap().len() <= MAX_WINDOWS);
    }
}
