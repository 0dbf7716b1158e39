//! What each operation does: one synchronous function of the state an operation.

use std::ops::{Deref, DerefMut};
use std::sync::PoisonError;
use std::time::SystemTime;

use crossbeam_utils::sync::{ShardedLock, ShardedLockReadGuard, ShardedLockWriteGuard};
use rtc_model::{ApiError, Operation, Timestamp};

use crate::deliveries::Deliveries;
use crate::ids::Ids;
use crate::settings::Settings;
use crate::state::State;
use crate::store::Store;

mod apps;
mod auto_record;
mod deliveries;
mod individual_stream_jobs;
mod job_rules;
mod mix_stream_jobs;
mod obs;
mod operator;
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
    /// Most requests read only, hence a lock of which each thread that reads has a part of its own.
    state: ShardedLock<State>,
    ids: Ids,
    settings: Settings,
    started: SystemTime,
    store: Option<Store>,
    deliveries: Deliveries,
}

/// The state to change. What is to be told of the change, and what is to be kept of it, is queued
/// before others see it.
pub(crate) struct Writing<'s> {
    state: ShardedLockWriteGuard<'s, State>,
    service: &'s Service,
}

impl Deref for Writing<'_> {
    type Target = State;

    fn deref(&self) -> &State {
        &self.state
    }
}

impl DerefMut for Writing<'_> {
    fn deref_mut(&mut self) -> &mut State {
        &mut self.state
    }
}

impl Drop for Writing<'_> {
    fn drop(&mut self) {
        let Self { state, service } = self;
        let due = state.next_due();
        let told = state.take_told(service.settings.job_init_delay, service.deliveries.room());
        let is_due = state.next_due();
        service.deliveries.add(told, |changes| {
            if let Some(store) = &service.store {
                store.keep(state, changes);
            }
        });
        if is_due != due {
            service.deliveries.wake();
        }
    }
}

impl Service {
    /// A service that holds `state` and began at `started`; what of it is not in the store is put
    /// there.
    pub(crate) fn new(
        state: State,
        ids: Ids,
        settings: Settings,
        started: SystemTime,
        store: Option<Store>,
        deliveries: Deliveries,
    ) -> Self {
        let service =
            Self { state: ShardedLock::new(state), ids, settings, started, store, deliveries };
        drop(service.write());
        service
    }

    /// Whether the state is on disk, too.
    pub(crate) const fn is_kept(&self) -> bool {
        self.store.is_some()
    }

    /// Waits until everything that can be seen of the state by now is on disk; `false` when it
    /// cannot be put there. At once where the state is in memory alone.
    pub(crate) async fn is_safe(&self) -> bool {
        match &self.store {
            Some(store) => store.written().await,
            None => true,
        }
    }

    /// Whether the state can no longer be put on disk, where it should be.
    pub(crate) fn has_failed(&self) -> bool {
        self.store.as_ref().is_some_and(Store::has_failed)
    }

    /// Puts everything on disk and lets go of it.
    pub(crate) async fn close(&self) {
        if let Some(store) = &self.store {
            store.close().await;
        }
    }

    pub(crate) fn ids(&self) -> &Ids {
        &self.ids
    }

    /// The state to read from. A handler that panicked has changed nothing half: each changes the
    /// state in its last step.
    pub(crate) fn read(&self) -> ShardedLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The state to change.
    pub(crate) fn write(&self) -> Writing<'_> {
        let state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        Writing { state, service: self }
    }
}
