//! What is told to callbacks, next to the state that it is told of.

use std::time::SystemTime;

use crate::admin_api::DeliveryAttempt;
use crate::deliveries::{Deliveries, DeliveryChange, DeliveryEnding};
use crate::handlers::Service;
use crate::settings::Probe;
use crate::state::Entry;

impl Service {
    /// The notifications.
    pub(crate) fn deliveries(&self) -> &Deliveries {
        &self.deliveries
    }

    /// Whether a callback's URL must be reachable.
    pub(crate) fn probes(&self) -> bool {
        self.settings.probe == Probe::On
    }

    /// Lets happen what is due and somebody is to be told of.
    pub(crate) fn run_agenda(&self, now: SystemTime) {
        if self.next_due().is_some_and(|due| due <= now) {
            let most = self.deliveries.room();
            self.write().run_agenda(now, self.settings.job_init_delay, most);
        }
    }

    /// When something is due that somebody is to be told of.
    pub(crate) fn next_due(&self) -> Option<SystemTime> {
        self.read().next_due()
    }

    /// Notes how an attempt ended; `base` is the time from which the next one counts.
    pub(crate) fn finish_delivery(
        &self,
        id: u64,
        attempt: DeliveryAttempt,
        ending: DeliveryEnding,
        base: SystemTime,
    ) {
        self.deliveries.finish(id, attempt, ending, base, |change| self.keep(vec![change]));
    }

    /// To be called under the lock of the deliveries, so that the order of the changes is that of
    /// the queue.
    pub(super) fn keep(&self, deliveries: Vec<DeliveryChange>) {
        if let Some(store) = &self.store {
            store.keep_deliveries(deliveries);
        }
    }

    /// Tells a callback, as it is still, of what happened before it is changed, as far as there is
    /// room in the queue.
    pub(super) fn tell_before(&self, entry: &mut Entry, now: SystemTime) {
        entry.settle(now, self.settings.job_init_delay);
        entry.record(self.deliveries.room());
    }

    /// Makes one more attempt; `None` when there is no such delivery, `false` when an attempt is
    /// under way.
    pub(crate) fn redeliver(&self, id: u64, now: SystemTime) -> Option<bool> {
        self.deliveries.redeliver(id, now, |change| self.keep(vec![change]))
    }
}
