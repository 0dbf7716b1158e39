//! When a call is attempted again.

mod after;
mod budget;

use std::time::Duration;

pub(crate) use self::after::{date, retry_after};
pub(crate) use self::budget::Budget;
use crate::error::{Error, ErrorKind};
use crate::transport::Delivery;

/// Decides whether a call is attempted again, and after which pause.
///
/// A policy is asked after each attempt that failed. It only decides: the client waits, and gives
/// the call up without waiting where the pause would end after the call's
/// [timeout](crate::ClientBuilder::timeout) or where the
/// [budget](crate::ClientBuilder::retry_budget) is used up.
///
/// ```
/// use std::time::Duration;
/// use rtc_client::{Attempt, Client, Decision, RetryPolicy};
///
/// /// Waits where the service says how long, and never otherwise.
/// struct AsTold;
///
/// impl RetryPolicy for AsTold {
///     fn next(&self, attempt: &Attempt<'_>) -> Decision {
///         match attempt.error.retry_after() {
///             Some(wait) if attempt.made < 5 => Decision::Again(wait),
///             _ => Decision::GiveUp,
///         }
///     }
/// }
///
/// # fn main() -> Result<(), rtc_client::BuildError> {
/// let client = Client::builder().endpoint("http://127.0.0.1:8470").token("t").retry(AsTold).build()?;
/// # Ok(())
/// # }
/// ```
pub trait RetryPolicy: Send + Sync + 'static {
    /// What to do after an attempt that failed.
    fn next(&self, attempt: &Attempt<'_>) -> Decision;
}

/// An attempt that failed, and what surrounds it.
///
/// ```
/// use std::time::Duration;
/// use rtc_client::{Attempt, Backoff, Client, Decision, RetryPolicy};
///
/// /// The usual policy, in the first ten seconds of a call.
/// struct Hasty;
///
/// impl RetryPolicy for Hasty {
///     fn next(&self, attempt: &Attempt<'_>) -> Decision {
///         if attempt.elapsed > Duration::from_secs(10) {
///             return Decision::GiveUp;
///         }
///         Backoff::default().next(attempt)
///     }
/// }
///
/// # fn main() -> Result<(), rtc_client::BuildError> {
/// let client = Client::builder().endpoint("http://127.0.0.1:8470").token("t").retry(Hasty).build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Attempt<'a> {
    /// How many attempts of the call were made, this one included.
    pub made: u32,
    /// How it failed; it knows the operation, and whether a repetition
    /// [does no harm](Error::is_retryable).
    pub error: &'a Error,
    /// The time since the call began.
    pub elapsed: Duration,
    /// A random number from 0 to less than 1, for pauses that differ.
    pub random: f64,
}

/// What to do after an attempt that failed.
///
/// ```
/// use std::time::Duration;
/// use rtc_client::Decision;
///
/// /// What another policy has decided, with pauses of a second at most.
/// fn soon(decided: Decision) -> Decision {
///     match decided {
///         Decision::Again(pause) => Decision::Again(pause.min(Duration::from_secs(1))),
///         other => other,
///     }
/// }
///
/// assert_eq!(soon(Decision::Again(Duration::from_secs(4))), Decision::Again(Duration::from_secs(1)));
/// assert_eq!(soon(Decision::GiveUp), Decision::GiveUp);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Decision {
    /// The call fails with the error of this attempt.
    GiveUp,
    /// Another attempt after this pause.
    Again(Duration),
}

/// The policy that a client begins with: three attempts in all, pauses that double, of which a
/// random part is waited ("full jitter").
///
/// - Whatever surely was not processed is attempted again for every operation: a connection that
///   did not come about, and 429.
/// - What may have been processed is attempted again for idempotent operations only: a connection
///   closed without an answer or within it, a time that passed, 502, 503 and 504. See the project's
///   `docs/idempotency.md` for what a repetition is answered.
/// - A request handed to a connection that turned out to be closed before its first byte was
///   written is attempted again at once.
/// - Where the answer says how long to wait (`Retry-After`), that is waited, and up to a fifth of a
///   second more, so that those who were told the same do not come all at once.
/// - A refusal for the [difference of the clocks](Error::is_clock_skew) is attempted once more,
///   dated by the service's clock. Another 401 is never: more than five in a row lock an access key.
///
/// ```
/// use std::time::Duration;
/// use rtc_client::{Backoff, Client};
///
/// # fn main() -> Result<(), rtc_client::BuildError> {
/// let patient = Backoff::default().attempts(6).longest_pause(Duration::from_secs(60));
/// let client = Client::builder()
///     .endpoint("http://127.0.0.1:8470")
///     .token("t")
///     .retry(patient)
///     .timeout(Duration::from_secs(300))
///     .build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub struct Backoff {
    attempts: u32,
    first_pause: Duration,
    first_throttled_pause: Duration,
    longest_pause: Duration,
}

/// How much longer than told is waited at most after a `Retry-After`.
const SPREAD: Duration = Duration::from_millis(200);

impl Backoff {
    /// Attempts in all: 3.
    pub const DEFAULT_ATTEMPTS: u32 = 3;
    /// The bound of the first pause: 200 ms.
    pub const DEFAULT_FIRST_PAUSE: Duration = Duration::from_millis(200);
    /// The bound of the first pause after 429: 4 s, since the service counts calls by the minute
    /// (page "API Throttling").
    pub const DEFAULT_FIRST_THROTTLED_PAUSE: Duration = Duration::from_secs(4);
    /// The bound of all pauses: 20 s.
    pub const DEFAULT_LONGEST_PAUSE: Duration = Duration::from_secs(20);

    /// The most attempts of one call, the first included; 0 counts as 1. Default:
    /// [3](Self::DEFAULT_ATTEMPTS).
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts;
        self
    }

    /// The longest that is waited after the first failure; each bound is twice the one before.
    /// Default: [200 ms](Self::DEFAULT_FIRST_PAUSE).
    pub fn first_pause(mut self, pause: Duration) -> Self {
        self.first_pause = pause;
        self
    }

    /// The same after a 429 that does not say how long to wait. Default:
    /// [4 s](Self::DEFAULT_FIRST_THROTTLED_PAUSE).
    pub fn first_throttled_pause(mut self, pause: Duration) -> Self {
        self.first_throttled_pause = pause;
        self
    }

    /// What no bound exceeds. A `Retry-After` is not bounded by it. Default:
    /// [20 s](Self::DEFAULT_LONGEST_PAUSE).
    pub fn longest_pause(mut self, pause: Duration) -> Self {
        self.longest_pause = pause;
        self
    }

    /// A random part of the bound that holds after `made` attempts.
    fn pause(&self, first: Duration, made: u32, random: f64) -> Duration {
        let doublings = made.saturating_sub(1).min(31);
        let bound = first.saturating_mul(1 << doublings).min(self.longest_pause);
        part(bound, random)
    }
}

impl Default for Backoff {
    fn default() -> Self {
        Self {
            attempts: Self::DEFAULT_ATTEMPTS,
            first_pause: Self::DEFAULT_FIRST_PAUSE,
            first_throttled_pause: Self::DEFAULT_FIRST_THROTTLED_PAUSE,
            longest_pause: Self::DEFAULT_LONGEST_PAUSE,
        }
    }
}

impl RetryPolicy for Backoff {
    fn next(&self, attempt: &Attempt<'_>) -> Decision {
        let Attempt { made, error, random, .. } = *attempt;
        if error.is_clock_skew() {
            return Decision::Again(Duration::ZERO);
        }
        if made >= self.attempts || !error.is_retryable() {
            return Decision::GiveUp;
        }
        Decision::Again(match error.retry_after() {
            _ if found_closed(error) => Duration::ZERO,
            Some(told) => told.saturating_add(part(SPREAD, random)),
            None if error.is_throttled() => self.pause(self.first_throttled_pause, made, random),
            None => self.pause(self.first_pause, made, random),
        })
    }
}

/// The policy of exactly one attempt.
///
/// ```
/// # fn main() -> Result<(), rtc_client::BuildError> {
/// use rtc_client::{Client, NoRetry};
///
/// let client = Client::builder().endpoint("http://127.0.0.1:8470").token("t").retry(NoRetry).build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::exhaustive_structs, reason = "there is nothing to add")]
pub struct NoRetry;

impl RetryPolicy for NoRetry {
    fn next(&self, _attempt: &Attempt<'_>) -> Decision {
        Decision::GiveUp
    }
}

/// Whether the request was handed to a connection that was closed before its first byte was
/// written.
pub(crate) fn found_closed(error: &Error) -> bool {
    error.kind() == ErrorKind::Transport && error.delivery() == Delivery::NotSent
}

/// A part of a time; `random` is from 0 to 1.
fn part(whole: Duration, random: f64) -> Duration {
    // Bounded once more, since a time cannot be multiplied by what is no number.
    whole.mul_f64(random.clamp(0.0, 1.0)).min(whole)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_pause_is_within_its_bound_for_every_random_number(
            made in any::<u32>(), first in any::<u64>(), longest in any::<u64>(), random in any::<f64>(),
        ) {
            let (first, longest) = (Duration::from_millis(first), Duration::from_millis(longest));
            let backoff = Backoff::default().longest_pause(longest);
            let pause = backoff.pause(first, made, random);
            prop_assert!(pause <= longest);
            prop_assert!(pause <= first.saturating_mul(1 << made.saturating_sub(1).min(31)));
        }
    }

    #[test]
    fn the_bounds_of_the_pauses_double_up_to_the_longest() {
        let backoff = Backoff::default().longest_pause(Duration::from_secs(1));
        let bounds: Vec<_> = (1..=5)
            .map(|made| backoff.pause(Duration::from_millis(200), made, 1.0).as_millis())
            .collect();
        assert_eq!(bounds, [200, 400, 800, 1000, 1000]);
        assert_eq!(backoff.pause(Duration::from_millis(200), 1, 0.5).as_millis(), 100);
    }
}
