//! The clock of a running server, which can be set.

use std::sync::{PoisonError, RwLock};
use std::time::SystemTime;

use crate::clock::Clock;

/// A clock that can be set while it is read.
#[derive(Debug)]
pub(crate) struct LiveClock(RwLock<Clock>);

impl LiveClock {
    pub(crate) fn new(clock: Clock) -> Self {
        Self(RwLock::new(clock))
    }

    /// The time.
    pub(crate) fn now(&self) -> SystemTime {
        self.0.read().unwrap_or_else(PoisonError::into_inner).now()
    }

    /// How it is set.
    pub(crate) fn setting(&self) -> Clock {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Sets it to what `change` makes of it.
    pub(crate) fn change<E>(
        &self,
        change: impl FnOnce(&Clock) -> Result<Clock, E>,
    ) -> Result<SystemTime, E> {
        let mut clock = self.0.write().unwrap_or_else(PoisonError::into_inner);
        *clock = change(&clock)?;
        Ok(clock.now())
    }
}
