//! The rules of the service that can be set otherwise.

use std::time::Duration;

use crate::jobs::ZeroTimes;

/// The rules of the service that can be set otherwise.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Settings {
    /// How many apps a project may have; the reference says 20.
    pub(crate) app_quota: usize,
    /// How many jobs of an app may be not over (decision D11).
    pub(crate) job_limit: usize,
    /// How long a job stays in INIT.
    pub(crate) job_init_delay: Duration,
    /// Whether a rule's bucket must be there and authorized (decision D28).
    pub(crate) buckets: BucketCheck,
    /// Whether a callback's URL must be reachable (decision D4).
    pub(crate) probe: Probe,
    /// How a time that is not set is answered (decision D13).
    pub(crate) zero_times: ZeroTimes,
}

/// Whether a callback's URL must be reachable (decision D4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Probe {
    /// It is not looked at.
    #[default]
    Off,
    /// It must.
    On,
}

/// Whether a rule's bucket must be there and authorized (decision D28).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum BucketCheck {
    /// It is not looked at.
    #[default]
    Off,
    /// It must.
    On,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            app_quota: 20,
            job_limit: 100,
            job_init_delay: Duration::ZERO,
            buckets: BucketCheck::default(),
            probe: Probe::default(),
            zero_times: ZeroTimes::default(),
        }
    }
}
