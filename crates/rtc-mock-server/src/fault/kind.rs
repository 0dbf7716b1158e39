//! What goes wrong.

use std::fmt;
use std::time::Duration;

use http::StatusCode;
use rtc_model::ErrorCode;

use crate::fault::FaultTime;

/// The longest delay, of any kind.
pub(super) const MAX_DELAY: Duration = Duration::from_secs(600);
/// The longest time by the mock's clock.
pub(super) const MAX_LATE: Duration = Duration::from_secs(86_400);

/// What goes wrong. Delays of answers are real time, whatever the mock's clock shows.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum FaultKind {
    /// An error status with the body that the service or its gateway would write:
    /// `status(503)`, or with a code of one's own `status(500 RTC.00002001)`.
    Status {
        /// The status, 400 to 599.
        status: StatusCode,
        /// The code in the body; without one what is documented for the status.
        code: Option<ErrorCode>,
    },
    /// The gateway's 429 with a `Retry-After` of whole seconds: `throttle(3s)`.
    Throttle {
        /// When the caller may come back.
        retry_after: Duration,
    },
    /// The answer comes late.
    Delay(Delay),
    /// The connection is reset (TCP RST); no byte of an answer is sent: `reset`.
    Reset,
    /// The connection is closed; no byte of an answer is sent: `close`.
    Close,
    /// The connection is closed after so many bytes of the answer's body, or of the notification's:
    /// `end(10)`.
    End {
        /// How many bytes of the body are sent. The head is always sent.
        bytes: usize,
    },
    /// So many bytes that are no HTTP, then the end: `garbage`, `garbage(1000)`.
    Garbage {
        /// How many, up to 1,000,000; 64 by default.
        bytes: usize,
    },
    /// A `Content-Length` that is wrong by so much, then the end: `length(+5)`, `length(-5)`.
    Length {
        /// How much is added to the true length; less than nothing is not written.
        by: i32,
    },
    /// The answer, its head too, comes in pieces: `trickle(16/100ms)`.
    Trickle {
        /// The bytes of a piece, 1 or more.
        bytes: usize,
        /// The pause after each piece.
        every: Duration,
    },
    /// A notification is sent so much later, by the mock's clock: `late(10m)`.
    Late {
        /// How much.
        by: Duration,
    },
    /// A notification is sent twice: `twice`.
    Twice,
    /// A notification is sent after the one that should follow it, or after a minute of the mock's
    /// clock when none follows: `reorder`.
    Reorder,
    /// A notification is signed with another key: `wrong-signature`.
    WrongSignature,
    /// A notification is signed with a time that long ago: `old-signature(1h)`.
    OldSignature {
        /// How long.
        by: Duration,
    },
}

/// How long a delay is: at most 10 minutes.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Delay {
    /// Always the same: `delay(200ms)`.
    Fixed(Duration),
    /// Anything in between, all as likely: `delay(50ms..200ms)`.
    Uniform(Duration, Duration),
    /// As delays of networks are: half of them are shorter than the median, few are much longer:
    /// `delay(lognormal 100ms 0.5)`.
    LogNormal {
        /// The median.
        median: Duration,
        /// How far they spread: the standard deviation of the logarithm, over 0 to 5.
        sigma: f64,
    },
}

impl FaultKind {
    /// An error status with the documented body.
    pub fn status(status: StatusCode) -> Self {
        Self::Status { status, code: None }
    }

    /// Whether a notification can have it.
    pub(super) fn is_of_notification(&self) -> bool {
        matches!(
            self,
            Self::Late { .. }
                | Self::Twice
                | Self::Reorder
                | Self::WrongSignature
                | Self::OldSignature { .. }
                | Self::End { .. }
        )
    }

    /// Whether it sends a notification at another time than its own.
    pub(super) fn moves(&self) -> bool {
        matches!(self, Self::Late { .. } | Self::Reorder)
    }

    /// Whether the answer to a request can have it.
    pub(super) fn is_of_request(&self) -> bool {
        !self.is_of_notification() || matches!(self, Self::End { .. })
    }

    /// The earliest time at which it can strike.
    pub(super) fn first_time(&self) -> FaultTime {
        match self {
            Self::End { .. } | Self::Length { .. } | Self::Trickle { .. } => FaultTime::After,
            _ => FaultTime::Before,
        }
    }
}

impl Delay {
    /// A delay of the kind.
    pub(super) fn sample(&self, random: &mut fastrand::Rng) -> Duration {
        let delay = match *self {
            Self::Fixed(delay) => delay,
            Self::Uniform(least, most) => least + most.saturating_sub(least).mul_f64(random.f64()),
            Self::LogNormal { median, sigma } => {
                // Box and Muller: two even numbers make a normal one. 1 - [0, 1) is never 0.
                let radius = (-2.0 * (1.0 - random.f64()).ln()).sqrt();
                let normal = radius * (std::f64::consts::TAU * random.f64()).cos();
                let seconds = median.as_secs_f64() * (sigma * normal).exp();
                Duration::try_from_secs_f64(seconds).unwrap_or(MAX_DELAY)
            }
        };
        delay.min(MAX_DELAY)
    }
}

/// In the words of `--fault`.
impl fmt::Display for FaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status { status, code: None } => write!(f, "status({})", status.as_u16()),
            Self::Status { status, code: Some(code) } => {
                write!(f, "status({} {})", status.as_u16(), code.as_str())
            }
            Self::Throttle { retry_after } => write!(f, "throttle({})", Time(*retry_after)),
            Self::Delay(Delay::Fixed(delay)) => write!(f, "delay({})", Time(*delay)),
            Self::Delay(Delay::Uniform(least, most)) => {
                write!(f, "delay({}..{})", Time(*least), Time(*most))
            }
            Self::Delay(Delay::LogNormal { median, sigma }) => {
                write!(f, "delay(lognormal {} {sigma})", Time(*median))
            }
            Self::Reset => f.write_str("reset"),
            Self::Close => f.write_str("close"),
            Self::End { bytes } => write!(f, "end({bytes})"),
            Self::Garbage { bytes: 64 } => f.write_str("garbage"),
            Self::Garbage { bytes } => write!(f, "garbage({bytes})"),
            Self::Length { by } => write!(f, "length({by:+})"),
            Self::Trickle { bytes, every } => write!(f, "trickle({bytes}/{})", Time(*every)),
            Self::Late { by } => write!(f, "late({})", Time(*by)),
            Self::Twice => f.write_str("twice"),
            Self::Reorder => f.write_str("reorder"),
            Self::WrongSignature => f.write_str("wrong-signature"),
            Self::OldSignature { by } => write!(f, "old-signature({})", Time(*by)),
        }
    }
}

/// A time with its unit.
struct Time(Duration);

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_millis() {
            millis if millis % 1_000 == 0 && millis > 0 => write!(f, "{}s", millis / 1_000),
            millis => write!(f, "{millis}ms"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_the_delays_of_a_log_normal_are_shorter_than_the_median() {
        let median = Duration::from_millis(100);
        let delay = Delay::LogNormal { median, sigma: 0.5 };
        let mut random = fastrand::Rng::with_seed(1);
        let delays: Vec<_> = (0..10_000).map(|_| delay.sample(&mut random)).collect();
        let count = |from: u64, to: u64| {
            let range = Duration::from_millis(from)..Duration::from_millis(to);
            delays.iter().filter(|delay| range.contains(*delay)).count()
        };
        assert!((4_800..5_200).contains(&count(0, 100)), "{}", count(0, 100));
        // One standard deviation to both sides is e^±0.5: 68 % of all.
        assert!((6_600..7_050).contains(&count(61, 165)), "{}", count(61, 165));
    }

    #[test]
    fn even_delays_fill_their_range_and_none_is_over_the_bound() {
        let (least, most) = (Duration::from_millis(50), Duration::from_millis(60));
        let mut random = fastrand::Rng::with_seed(1);
        let delays: Vec<_> =
            (0..1_000).map(|_| Delay::Uniform(least, most).sample(&mut random)).collect();
        assert!(delays.iter().all(|delay| (least..=most).contains(delay)));
        assert!(delays.iter().any(|delay| *delay > Duration::from_millis(59)));
        let endless = Delay::LogNormal { median: MAX_DELAY, sigma: 5.0 };
        assert!((0..100).all(|_| endless.sample(&mut random) <= MAX_DELAY));
    }
}
