//! Notifications of the record callback: kept, sent, tried again, and told of.
//!
//! They are made under the state's lock and sent by a task of its own ([`postman`]), so no answer
//! of the API waits for a receiver. Those of a job go out one after the other; a host that does not
//! answer holds up nobody else. What is not known of the real service is decision D17.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use tokio::sync::Notify;

use self::lines::Lines;
use self::send::Sender;
use crate::admin_api::{DeliveryAttempt, DeliveryFilter, RecordedDelivery};
use crate::state::Told;

#[cfg(feature = "store")]
pub(crate) use self::delivery::Nanos;
pub(crate) use self::delivery::StoredDelivery;
pub use self::handle::ServerDeliveries;
pub(crate) use self::lines::Ending as DeliveryEnding;
pub(crate) use self::settings::DeliverySettings;

mod allowed;
mod connect;
mod delivery;
mod handle;
mod lines;
pub(crate) mod postman;
mod send;
mod settings;
#[cfg(feature = "tls")]
mod tls;
#[cfg(not(feature = "tls"))]
#[path = "deliveries/no_tls.rs"]
mod tls;

/// The notifications of a server.
pub(crate) struct Deliveries {
    lines: Mutex<Lines>,
    sender: Sender,
    retries: Vec<Duration>,
    queue: usize,
    /// Wakes the postman.
    wake: Arc<Notify>,
    /// Wakes those who wait until nothing is due.
    quiet: Notify,
}

/// A delivery that changed: what the store keeps of it, nothing when it is over.
#[cfg_attr(not(feature = "store"), expect(dead_code, reason = "only the store reads it"))]
pub(crate) struct DeliveryChange {
    pub(crate) id: u64,
    pub(crate) stored: Option<StoredDelivery>,
}

impl Deliveries {
    /// With those that were kept.
    pub(crate) fn new(settings: DeliverySettings, kept: Vec<(u64, StoredDelivery)>) -> Self {
        let mut lines = Lines::default();
        for (id, stored) in kept {
            lines.insert(delivery::Delivery::restored(id, stored));
        }
        Self {
            lines: Mutex::new(lines),
            sender: Sender::new(settings.allowed, settings.timeout, settings.ca),
            retries: settings.retries,
            queue: settings.queue,
            wake: Arc::default(),
            quiet: Notify::new(),
        }
    }

    /// How many more may wait.
    pub(crate) fn room(&self) -> usize {
        self.queue.saturating_sub(self.lock().waiting())
    }

    /// Takes what is to be told; gives what the store keeps of it.
    pub(crate) fn add(&self, told: Told) -> Vec<DeliveryChange> {
        if told.is_empty() {
            return Vec::new();
        }
        let mut lines = self.lock();
        let ids = lines.add(told);
        let changes = ids.map(|id| change(&lines, id)).collect();
        drop(lines);
        self.wake();
        changes
    }

    /// Lets the postman look again.
    pub(crate) fn wake(&self) {
        self.wake.notify_one();
    }

    /// All that are meant, oldest first.
    pub(crate) fn list(&self, filter: &DeliveryFilter) -> Vec<RecordedDelivery> {
        let lines = self.lock();
        lines.all().map(delivery::Delivery::recorded).filter(|one| filter.matches(one)).collect()
    }

    pub(crate) fn get(&self, id: u64) -> Option<RecordedDelivery> {
        self.lock().get(id).map(delivery::Delivery::recorded)
    }

    pub(crate) fn is_paused(&self) -> bool {
        self.lock().is_paused
    }

    /// Stops sending, or goes on; `false` when it is so already. Attempts under way go on.
    pub(crate) fn set_paused(&self, paused: bool) -> bool {
        let was_paused = std::mem::replace(&mut self.lock().is_paused, paused);
        self.wake();
        was_paused != paused
    }

    /// Makes an attempt due now; `None` when there is no such delivery, `false` when an attempt is
    /// under way.
    pub(crate) fn redeliver(&self, id: u64, now: SystemTime) -> Option<(bool, DeliveryChange)> {
        let mut lines = self.lock();
        lines.get(id)?;
        let is_due = lines.redeliver(id, now);
        let change = change(&lines, id);
        drop(lines);
        self.wake();
        Some((is_due, change))
    }

    /// Notes how an attempt ended; `base` is the time from which the next one counts.
    pub(crate) fn finish(
        &self,
        id: u64,
        attempt: DeliveryAttempt,
        ending: DeliveryEnding,
        base: SystemTime,
    ) -> DeliveryChange {
        let mut lines = self.lock();
        lines.finish(id, attempt, ending, base, &self.retries);
        change(&lines, id)
    }

    /// Makes everything due now that waits for its time.
    pub(crate) fn hurry(&self, now: SystemTime) {
        self.lock().hurry(now);
        self.wake();
    }

    /// Forgets those that are over; how many there were.
    pub(crate) fn forget_over(&self) -> usize {
        self.lock().forget_over()
    }

    /// Forgets all.
    pub(crate) fn clear(&self) -> Vec<DeliveryChange> {
        let ids = self.lock().clear();
        self.wake();
        ids.into_iter().map(|id| DeliveryChange { id, stored: None }).collect()
    }

    /// How many are not over.
    pub(crate) fn waiting(&self) -> usize {
        self.lock().waiting()
    }

    /// Whether a connection to the URL comes about.
    pub(crate) async fn reach(&self, url: &str) -> Result<(), String> {
        self.sender.reach(url).await
    }

    fn lock(&self) -> MutexGuard<'_, Lines> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn change(lines: &Lines, id: u64) -> DeliveryChange {
    DeliveryChange { id, stored: lines.get(id).and_then(delivery::Delivery::stored) }
}
