//! Waiting for a job.

use std::time::Duration;

use rtc_model::Operation;
use rtc_model::individual_stream_jobs::IndividualStreamJob;
use rtc_model::jobs::{JobState, StopReason};
use rtc_model::mix_stream_jobs::MixJob;
use tokio::time::{Instant, sleep};

use crate::client::after;
use crate::{Client, Error};

/// The shortest pause: even a wait that asks for none leaves others the processor.
const SHORTEST: Duration = Duration::from_millis(1);

/// What to wait for, how often to look and how long.
///
/// The job is queried at once and then after pauses that grow from
/// [`first_pause`](Self::first_pause) by [`factor`](Self::factor) to
/// [`longest_pause`](Self::longest_pause). When the [`total`](Self::total) time has passed, it is
/// queried a last time; every query has the [timeout](crate::ClientBuilder::timeout) of the client
/// besides.
///
/// The wait holds nothing but the time: dropping its future, in `select!` for instance, loses
/// nothing, and waiting again goes on. A query that fails ends the wait with its error.
///
/// ```
/// use std::time::Duration;
/// use rtc_client::Wait;
///
/// let wait = Wait::stopped().first_pause(Duration::from_secs(1)).total(Duration::from_secs(3600));
/// assert_ne!(wait, Wait::default());
/// assert_eq!(Wait::default(), Wait::running());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub struct Wait {
    goal: Goal,
    first_pause: Duration,
    factor: u32,
    longest_pause: Duration,
    total: Duration,
}

/// How a wait ended. `J` is the job as it was answered last.
///
/// ```
/// use rtc_client::Waited;
///
/// fn tell<J>(waited: &Waited<J>) -> String {
///     match waited {
///         Waited::Reached(_) => "at work".into(),
///         Waited::StoppedBefore { reason, .. } => format!("over: {reason:?}"),
///         _ => "not at work yet".into(),
///     }
/// }
///
/// assert_eq!(tell(&Waited::Reached("a job")), "at work");
/// assert_eq!(Waited::TimedOut("a job").into_job(), "a job");
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Waited<J> {
    /// The job is in the state that was waited for.
    Reached(J),
    /// The job was to be at work and is over.
    #[non_exhaustive]
    StoppedBefore {
        /// The job.
        job: J,
        /// Why it is over, where the service says it.
        reason: Option<StopReason>,
    },
    /// The time passed. The job is in another state, which may be one that this version does not
    /// know.
    TimedOut(J),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Goal {
    Running,
    Stopped,
}

impl Wait {
    /// The first pause: 500 ms.
    pub const DEFAULT_FIRST_PAUSE: Duration = Duration::from_millis(500);
    /// The growth of the pauses: each is twice the one before.
    pub const DEFAULT_FACTOR: u32 = 2;
    /// The longest pause: 10 s.
    pub const DEFAULT_LONGEST_PAUSE: Duration = Duration::from_secs(10);
    /// The time in all: 5 minutes.
    pub const DEFAULT_TOTAL: Duration = Duration::from_secs(5 * 60);

    /// Waits until the job is at work (`RUNNING`).
    pub fn running() -> Self {
        Self::until(Goal::Running)
    }

    /// Waits until the job is over (`STOPPED`).
    pub fn stopped() -> Self {
        Self::until(Goal::Stopped)
    }

    fn until(goal: Goal) -> Self {
        Self {
            goal,
            first_pause: Self::DEFAULT_FIRST_PAUSE,
            factor: Self::DEFAULT_FACTOR,
            longest_pause: Self::DEFAULT_LONGEST_PAUSE,
            total: Self::DEFAULT_TOTAL,
        }
    }

    /// The pause after the first query; at least 1 ms and at most the
    /// [longest](Self::longest_pause). Default: [500 ms](Self::DEFAULT_FIRST_PAUSE).
    pub fn first_pause(mut self, pause: Duration) -> Self {
        self.first_pause = pause;
        self
    }

    /// How many times as long each pause is as the one before; 1 keeps them alike, and 0 counts as
    /// 1. Default: [2](Self::DEFAULT_FACTOR).
    pub fn factor(mut self, factor: u32) -> Self {
        self.factor = factor;
        self
    }

    /// The longest pause; at least 1 ms. Default: [10 s](Self::DEFAULT_LONGEST_PAUSE).
    pub fn longest_pause(mut self, pause: Duration) -> Self {
        self.longest_pause = pause;
        self
    }

    /// The time after which the last query is made; with zero there is one query. Default:
    /// [5 minutes](Self::DEFAULT_TOTAL).
    pub fn total(mut self, total: Duration) -> Self {
        self.total = total;
        self
    }

    /// The pause before the second query.
    fn first(&self) -> Duration {
        self.bounded(self.first_pause)
    }

    /// The pause after `pause`.
    fn longer(&self, pause: Duration) -> Duration {
        self.bounded(pause.saturating_mul(self.factor.max(1)))
    }

    fn bounded(&self, pause: Duration) -> Duration {
        pause.min(self.longest_pause).max(SHORTEST)
    }
}

impl Default for Wait {
    /// The same as [`Wait::running`].
    fn default() -> Self {
        Self::running()
    }
}

impl<J> Waited<J> {
    /// The job as it was answered last.
    pub fn job(&self) -> &J {
        match self {
            Self::Reached(job) | Self::StoppedBefore { job, .. } | Self::TimedOut(job) => job,
        }
    }

    /// The job as it was answered last.
    pub fn into_job(self) -> J {
        match self {
            Self::Reached(job) | Self::StoppedBefore { job, .. } | Self::TimedOut(job) => job,
        }
    }

    /// Whether the job is in the state that was waited for.
    pub fn is_reached(&self) -> bool {
        matches!(self, Self::Reached(_))
    }
}

/// What both kinds of jobs tell.
pub(crate) trait Job {
    fn state(&self) -> Option<&JobState>;
    fn stop_reason(&self) -> Option<&StopReason>;
}

impl Job for IndividualStreamJob {
    fn state(&self) -> Option<&JobState> {
        self.state.as_ref()
    }

    fn stop_reason(&self) -> Option<&StopReason> {
        self.stop_reason.as_ref()
    }
}

impl Job for MixJob {
    fn state(&self) -> Option<&JobState> {
        self.state.as_ref()
    }

    fn stop_reason(&self) -> Option<&StopReason> {
        self.stop_reason.as_ref()
    }
}

/// Sends `show` until the job is what `wait` waits for.
pub(crate) async fn for_job<O>(
    client: &Client,
    show: O,
    wait: Wait,
) -> Result<Waited<O::Output>, Error>
where
    O: Operation<Output: Job> + Clone,
{
    let deadline = after(Instant::now(), wait.total);
    let mut pause = wait.first();
    loop {
        let job = client.send(show.clone()).await?.into_output();
        match (wait.goal, job.state()) {
            (Goal::Running, Some(JobState::Running)) | (Goal::Stopped, Some(JobState::Stopped)) => {
                return Ok(Waited::Reached(job));
            }
            (Goal::Running, Some(JobState::Stopped)) => {
                let reason = job.stop_reason().cloned();
                return Ok(Waited::StoppedBefore { job, reason });
            }
            _ => {}
        }
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(Waited::TimedOut(job));
        }
        sleep(pause.min(left)).await;
        pause = wait.longer(pause);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pauses(wait: Wait, count: usize) -> Vec<u128> {
        let next = |pause: &Duration| Some(wait.longer(*pause));
        let pauses = std::iter::successors(Some(wait.first()), next).take(count);
        pauses.map(|pause| pause.as_millis()).collect()
    }

    #[test]
    fn the_pauses_double_from_half_a_second_to_ten() {
        let expected = [500, 1000, 2000, 4000, 8000, 10_000, 10_000];
        assert_eq!(pauses(Wait::default(), 7), expected);
    }

    #[test]
    fn no_setting_makes_a_pause_vanish_or_overflow() {
        let zero = Wait::running().first_pause(Duration::ZERO).longest_pause(Duration::ZERO);
        assert_eq!(pauses(zero.factor(0), 3), [1, 1, 1]);
        let still = Wait::running().first_pause(Duration::from_secs(3)).factor(0);
        assert_eq!(pauses(still, 3), [3000, 3000, 3000]);
        let above = Wait::running().first_pause(Duration::from_secs(11));
        assert_eq!(pauses(above, 2), [10_000, 10_000]);
        let endless = Wait::running().first_pause(Duration::MAX).longest_pause(Duration::MAX);
        assert_eq!(endless.longer(endless.first()), Duration::MAX);
    }
}
