//! What each operation does: one synchronous function of the state an operation.

use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use rtc_model::{ApiError, Operation, Timestamp};

use crate::ids::Ids;
use crate::state::State;

mod apps;
mod record_callback;

/// Who calls, and when.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Call<'a> {
    /// The project that the caller acts in.
    pub(crate) project: &'a str,
    /// The mock's time.
    pub(crate) now: Timestamp,
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
}

impl Service {
    pub(crate) fn new(state: State, ids: Ids) -> Self {
        Self { state: RwLock::new(state), ids }
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
