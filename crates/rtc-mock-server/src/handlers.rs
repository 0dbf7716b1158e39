//! What each operation does: one synchronous function of the state an operation.

use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::SystemTime;

use rtc_model::{ApiError, Operation, Timestamp};

use crate::ids::Ids;
use crate::settings::Settings;
use crate::state::State;

mod apps;
mod auto_record;
mod individual_stream_jobs;
mod job_rules;
mod mix_stream_jobs;
mod obs;
mod record_callback;
mod record_rules;
mod rooms;

pub(crate) use self::record_callback::default_subscription;
pub(crate) use self::rooms::Presence;

/// Who calls, and when.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Call<'a> {
    /// The project that the caller acts in.
    pub(crate) project: &'a str,
    /// The mock's time.
    pub(crate) now: SystemTime,
}

impl Call<'_> {
    /// The mock's time as it is written.
    pub(crate) fn time(&self) -> Timestamp {
        self.now.into()
    }
}

/// Does what `O` asks for. An operation without an implementation does not compile (see
/// [`crate::router`]).
pub(crate) trait Handle<O: Operation> {
    fn handle(&self, call: &Call<'_>, operation: O) -> Result<O::Output, ApiError>;
}

/// The service behind the gateway: the state and the rules.
pub(crate) struct Service {
    state: RwLock<State>,
    ids: Ids,
    settings: Settings,
    started: SystemTime,
}

impl Service {
    /// A service that holds `state` and began at `started`.
    pub(crate) fn new(state: State, ids: Ids, settings: Settings, started: SystemTime) -> Self {
        Self { state: RwLock::new(state), ids, settings, started }
    }

    pub(crate) fn ids(&self) -> &Ids {
        &self.ids
    }

    /// The state to read from. A handler that panicked has changed nothing half: each changes the
    /// state in its last step.
    pub(crate) fn read(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The state to change.
    pub(crate) fn write(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }
}
