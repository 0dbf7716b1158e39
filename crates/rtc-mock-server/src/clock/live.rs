//! The clock of a running server, which can be set.

use std::sync::PoisonError;
use std::time::{Duration, SystemTime};

use crossbeam_utils::sync::ShardedLock;

use crate::clock::{Base, Clock};

/// A clock that can be set while it is read. Each request reads it and hardly any sets it, hence the
/// lock, of which each thread that reads has a part of its own.
#[derive(Debug)]
pub(crate) struct LiveClock(ShardedLock<Running>);

#[derive(Debug)]
struct Running {
    clock: Clock,
    /// What it showed when it was set last.
    landed: SystemTime,
}

impl LiveClock {
    pub(crate) fn new(clock: Clock) -> Self {
        Self(ShardedLock::new(Running { clock, landed: SystemTime::UNIX_EPOCH }))
    }

    /// The time.
    pub(crate) fn now(&self) -> SystemTime {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clock.now()
    }

    /// How it is set.
    pub(crate) fn setting(&self) -> Clock {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clock.clone()
    }

    /// What it showed when it was set last: what was due before happened while it was set.
    pub(crate) fn landed(&self) -> SystemTime {
        self.0.read().unwrap_or_else(PoisonError::into_inner).landed
    }

    /// How long to wait until it has gone on by so much; `None` when that does not happen by
    /// itself. A clock of the caller's own is to be looked at again after `look`.
    pub(crate) fn real_time(&self, wait: Duration, look: Duration) -> Option<Duration> {
        match &self.0.read().unwrap_or_else(PoisonError::into_inner).clock.base {
            Base::Machine => Some(wait),
            Base::Custom(_) => Some(wait.min(look)),
            Base::Frozen(_) => wait.is_zero().then_some(wait),
        }
    }

    /// Sets it to what `change` makes of it.
    pub(crate) fn change<E>(
        &self,
        change: impl FnOnce(&Clock) -> Result<Clock, E>,
    ) -> Result<SystemTime, E> {
        let mut running = self.0.write().unwrap_or_else(PoisonError::into_inner);
        running.clock = change(&running.clock)?;
        running.landed = running.clock.now();
        Ok(running.landed)
    }
}
