//! The mock's clock: one time for skew checks, `Date`, and the times in answers.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use rtc_model::Timestamp;

pub use self::handle::ServerClock;
pub(crate) use self::live::LiveClock;

mod handle;
mod live;

/// HTTP and RFC 3339 write years of four digits: the year 10,000 is the end of time.
const END: Duration = Duration::from_secs(253_402_300_800);

/// Where the mock takes its time from: a setting. The clock of a running server is
/// [`MockServer::clock`](crate::MockServer::clock).
///
/// ```
/// use std::time::SystemTime;
/// use rtc_mock_server::Clock;
///
/// let clock: Clock = "frozen@2024-03-15T08:15:30Z".parse()?;
/// assert_eq!(clock.now(), clock.now());
/// assert!(Clock::real().now() > clock.now());
/// # Ok::<(), rtc_mock_server::ClockError>(())
/// ```
#[derive(Clone)]
pub struct Clock {
    base: Base,
    /// By how much it is ahead of its base, and behind it.
    ahead: Duration,
    behind: Duration,
}

#[derive(Clone)]
enum Base {
    Machine,
    Frozen(SystemTime),
    Custom(Arc<dyn Fn() -> SystemTime + Send + Sync>),
}

impl Clock {
    /// The machine's clock.
    pub const fn real() -> Self {
        Self::new(Base::Machine)
    }

    /// A clock that stands still.
    pub const fn frozen_at(time: SystemTime) -> Self {
        Self::new(Base::Frozen(time))
    }

    /// A clock that shows `time` now and runs from there.
    pub fn starting_at(time: SystemTime) -> Self {
        let now = SystemTime::now();
        let ahead = time.duration_since(now).unwrap_or_default();
        let behind = now.duration_since(time).unwrap_or_default();
        Self { base: Base::Machine, ahead, behind }
    }

    /// A clock of yours.
    pub fn custom(now: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        Self::new(Base::Custom(Arc::new(now)))
    }

    const fn new(base: Base) -> Self {
        Self { base, ahead: Duration::ZERO, behind: Duration::ZERO }
    }

    /// The time.
    pub fn now(&self) -> SystemTime {
        let now = match &self.base {
            Base::Machine => SystemTime::now(),
            Base::Frozen(time) => *time,
            Base::Custom(now) => now(),
        };
        now.checked_add(self.ahead).and_then(|now| now.checked_sub(self.behind)).unwrap_or(now)
    }

    /// The same clock, set forward: one that stands still goes on standing still, the others run.
    ///
    /// # Errors
    ///
    /// A time beyond the year 9999.
    pub fn advanced(&self, by: Duration) -> Result<Self, ClockError> {
        let error = || ClockError::TooFar { by };
        let then = self.now().checked_add(by).ok_or_else(error)?;
        let since = then.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        if since >= END {
            return Err(error());
        }
        let mut clock = self.clone();
        match &mut clock.base {
            Base::Frozen(time) => *time = then,
            _ => clock.ahead = clock.ahead.checked_add(by).ok_or_else(error)?,
        }
        Ok(clock)
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::real()
    }
}

impl FromStr for Clock {
    type Err = ClockError;

    fn from_str(text: &str) -> Result<Self, ClockError> {
        let error = || ClockError::Text(text.to_owned());
        if text == "real" {
            return Ok(Self::real());
        }
        let (mode, time) = text.split_once('@').ok_or_else(error)?;
        let time = time.parse::<Timestamp>().ok().and_then(|time| time.to_system_time());
        match (mode, time) {
            ("frozen", Some(time)) => Ok(Self::frozen_at(time)),
            ("offset", Some(time)) => Ok(Self::starting_at(time)),
            _ => Err(error()),
        }
    }
}

/// The clock in the words of the `--clock` flag: `real`, or `frozen@` or `offset@` with the time
/// that it shows now; `custom` has no such words.
impl fmt::Display for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let now = || Timestamp::from(self.now());
        match &self.base {
            Base::Machine if self.ahead == self.behind => f.write_str("real"),
            Base::Machine => write!(f, "offset@{}", now()),
            Base::Frozen(_) => write!(f, "frozen@{}", now()),
            Base::Custom(_) => f.write_str("custom"),
        }
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Clock({self})")
    }
}

/// Why a clock is not set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ClockError {
    /// The text sets no clock.
    #[error(
        "{0:?} sets no clock; write real, frozen@2024-03-15T08:15:30Z or offset@2024-03-15T08:15:30Z"
    )]
    Text(String),
    /// The time would be beyond the year 9999.
    #[error("{} s more are beyond the year 9999; advance by less", by.as_secs())]
    TooFar {
        /// How far it was to go.
        by: Duration,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frozen_clock_stands_and_an_offset_clock_runs_from_its_time() {
        let frozen: Clock = "frozen@2024-03-15T08:15:30Z".parse().unwrap();
        assert_eq!(Timestamp::from(frozen.now()).to_string(), "2024-03-15T08:15:30.000Z");
        let offset: Clock = "offset@2024-03-15T08:15:30Z".parse().unwrap();
        let ahead = offset.now().duration_since(frozen.now()).unwrap();
        assert!(ahead < Duration::from_secs(60), "{ahead:?}");
    }

    #[test]
    fn a_clock_set_forward_stands_or_runs_as_before() {
        let day = Duration::from_secs(86_400);
        let frozen: Clock = "frozen@2024-03-15T08:15:30Z".parse().unwrap();
        let then = frozen.advanced(day).unwrap();
        assert_eq!(then.to_string(), "frozen@2024-03-16T08:15:30.000Z");
        let offset: Clock = "offset@2024-03-15T08:15:30Z".parse().unwrap();
        let ahead = offset.advanced(day).unwrap().now().duration_since(then.now()).unwrap();
        assert!(ahead < Duration::from_secs(60), "{ahead:?}");
        let real = Clock::real().advanced(day).unwrap();
        assert!(real.now() > SystemTime::now() && real.to_string().starts_with("offset@"));
        let custom = Clock::custom(|| SystemTime::UNIX_EPOCH).advanced(day).unwrap();
        assert_eq!(custom.now(), SystemTime::UNIX_EPOCH + day);
    }

    #[test]
    fn a_clock_does_not_go_beyond_the_year_9999() {
        let last: Clock = "frozen@9999-12-31T23:59:58Z".parse().unwrap();
        assert!(last.advanced(Duration::from_secs(1)).is_ok());
        for by in [Duration::from_secs(2), Duration::MAX] {
            assert_eq!(last.advanced(by).unwrap_err(), ClockError::TooFar { by });
        }
    }

    #[test]
    fn other_texts_are_refused() {
        for text in ["", "frozen", "frozen@", "frozen@noon", "stopped@2024-03-15T08:15:30Z", "Real"]
        {
            assert!(text.parse::<Clock>().is_err(), "{text}");
        }
    }
}
