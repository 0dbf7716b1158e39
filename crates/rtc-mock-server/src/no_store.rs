//! In the place of the store where the feature is off.

use std::time::SystemTime;

use crate::builder::{MockServerBuilder, StartError};
use crate::deliveries::{DeliveryChange, StoredDelivery};
use crate::state::State;

/// There is none.
pub(crate) enum Store {}

/// There is none.
pub(crate) struct Opened {
    pub(crate) store: Store,
    pub(crate) state: Option<State>,
    pub(crate) deliveries: Vec<(u64, StoredDelivery)>,
    pub(crate) started: SystemTime,
}

impl MockServerBuilder {
    #[expect(
        clippy::unused_self,
        clippy::unnecessary_wraps,
        reason = "the same form as with a store"
    )]
    pub(crate) fn open_store(&self, _now: SystemTime) -> Result<Option<Opened>, StartError> {
        Ok(None)
    }
}

impl Store {
    pub(crate) fn keep(&self, _state: &mut State, _deliveries: Vec<DeliveryChange>) {
        match *self {}
    }

    pub(crate) fn keep_deliveries(&self, _deliveries: Vec<DeliveryChange>) {
        match *self {}
    }

    pub(crate) fn has_failed(&self) -> bool {
        match *self {}
    }

    #[expect(clippy::unused_async, reason = "the same form as with a store")]
    pub(crate) async fn written(&self) -> bool {
        match *self {}
    }

    #[expect(clippy::unused_async, reason = "the same form as with a store")]
    pub(crate) async fn close(&self) {
        match *self {}
    }
}
