//! The mock's clock: one time for skew checks, `Date`, and the times in answers.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use rtc_model::Timestamp;

/// Where the mock takes its time from.
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
    source: Source,
}

#[derive(Clone)]
enum Source {
    Real,
    Frozen(SystemTime),
    /// Runs, ahead of the machine's clock by the first and behind it by the second.
    Offset(Duration, Duration),
    Custom(Arc<dyn Fn() -> SystemTime + Send + Sync>),
}

impl Clock {
    /// The machine's clock.
    pub const fn real() -> Self {
        Self { source: Source::Real }
    }

    /// A clock that stands still.
    pub const fn frozen_at(time: SystemTime) -> Self {
        Self { source: Source::Frozen(time) }
    }

    /// A clock that shows `time` now and runs from there.
    pub fn starting_at(time: SystemTime) -> Self {
        let now = SystemTime::now();
        let ahead = time.duration_since(now).unwrap_or_default();
        let behind = now.duration_since(time).unwrap_or_default();
        Self { source: Source::Offset(ahead, behind) }
    }

    /// A clock of yours.
    pub fn custom(now: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        Self { source: Source::Custom(Arc::new(now)) }
    }

    /// The time.
    pub fn now(&self) -> SystemTime {
        match &self.source {
            Source::Real => SystemTime::now(),
            Source::Frozen(time) => *time,
            Source::Offset(ahead, behind) => {
                let now = SystemTime::now();
                now.checked_add(*ahead).and_then(|now| now.checked_sub(*behind)).unwrap_or(now)
            }
            Source::Custom(now) => now(),
        }
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
        let error = || ClockError(text.to_owned());
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

/// How the clock was set, in the words of the `--clock` flag.
impl fmt::Display for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.source {
            Source::Real => f.write_str("real"),
            Source::Frozen(time) => write!(f, "frozen@{}", Timestamp::from(*time)),
            Source::Offset(..) => write!(f, "offset, now {}", Timestamp::from(self.now())),
            Source::Custom(_) => f.write_str("custom"),
        }
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Clock({self})")
    }
}

/// A text that sets no clock.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} sets no clock; write real, frozen@2024-03-15T08:15:30Z or offset@2024-03-15T08:15:30Z"
)]
pub struct ClockError(String);

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
    fn other_texts_are_refused() {
        for text in ["", "frozen", "frozen@", "frozen@noon", "stopped@2024-03-15T08:15:30Z", "Real"]
        {
            assert!(text.parse::<Clock>().is_err(), "{text}");
        }
    }
}
