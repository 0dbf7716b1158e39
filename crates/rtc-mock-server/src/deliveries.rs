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
    pub(crate) fn new(
        settings: DeliverySettings,
        kept: Vec<(u64, StoredDelivery)>,
        now: SystemTime,
    ) -> Self {
        let mut lines = Lines::default();
        for (id, stored) in kept {
            lines.insert(delivery::Delivery::restored(id, stored, now));
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

    /// Takes what is to be told. `keep` is given what the store keeps of it before it can be sent,
    /// or its end could be kept before its beginning.
    pub(crate) fn add(&self, told: Told, keep: impl FnOnce(Vec<DeliveryChange>)) {
        if told.is_empty() {
            return keep(Vec::new());
        }
        let mut lines = self.lock();
        let ids = lines.add(told);
        keep(ids.map(|id| change(&lines, id)).collect());
        drop(lines);
        self.wake();
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
    /// under way. `keep` is given what the store keeps of it.
    pub(crate) fn redeliver(
        &self,
        id: u64,
        now: SystemTime,
        keep: impl FnOnce(DeliveryChange),
    ) -> Option<bool> {
        let mut lines = self.lock();
        lines.get(id)?;
        let is_due = lines.redeliver(id, now);
        keep(change(&lines, id));
        drop(lines);
        self.wake();
        Some(is_due)
    }

    /// Notes how an attempt ended; `base` is the time from which the next one counts. `keep` is
    /// given what the store keeps of it.
    pub(crate) fn finish(
        &self,
        id: u64,
        attempt: DeliveryAttempt,
        ending: DeliveryEnding,
        base: SystemTime,
        keep: impl FnOnce(DeliveryChange),
    ) {
        let mut lines = self.lock();
        lines.finish(id, attempt, ending, base, &self.retries);
        keep(change(&lines, id));
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

    /// Forgets all; `keep` is given that the store keeps none of them.
    pub(crate) fn clear(&self, keep: impl FnOnce(Vec<DeliveryChange>)) {
        let mut lines = self.lock();
        let ids = lines.clear().into_iter();
        keep(ids.map(|id| DeliveryChange { id, stored: None }).collect());
        drop(lines);
        self.wake();
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::admin_api::DeliveryState;

    /// A delivery of a job to a host, at some seconds.
    pub(super) fn notice(job: &str, host: &str, at: u64) -> (Box<str>, crate::notices::Notice) {
        let notice = crate::notices::Notice {
            at: SystemTime::UNIX_EPOCH + Duration::from_secs(at),
            app: "app".into(),
            job: job.into(),
            room: "room".into(),
            event: rtc_model::record_callback::NotifyEvent::RecordNewFileStart,
            url: format!("http://{host}/"),
            key: None,
            body: bytes::Bytes::from_static(b"{}"),
        };
        ("p".into(), notice)
    }

    #[test]
    fn what_changes_is_kept_before_anybody_can_go_on_from_it() {
        let deliveries =
            Deliveries::new(DeliverySettings::default(), Vec::new(), SystemTime::now());
        let is_locked = || assert!(deliveries.lines.try_lock().is_err());
        deliveries.add(vec![notice("j", "h", 1)], |changes| {
            is_locked();
            assert!(changes.len() == 1 && changes[0].stored.is_some());
        });
        let now = SystemTime::now();
        let redelivered = deliveries.redeliver(1, now, |change| {
            is_locked();
            assert!(change.stored.is_some());
        });
        assert_eq!(redelivered, Some(true));
        assert_eq!(deliveries.redeliver(2, now, |_| unreachable!()), None);
        assert!(deliveries.lock().take_due(now).is_some());
        deliveries.finish(1, attempt(now), DeliveryEnding::Delivered, now, |change| {
            is_locked();
            assert!(change.stored.is_none(), "it is over");
        });
        assert_eq!(deliveries.get(1).unwrap().state, DeliveryState::Delivered);
        deliveries.clear(|gone| {
            is_locked();
            assert!(gone.len() == 1 && gone[0].stored.is_none());
        });
    }

    /// An attempt about which there is nothing to say.
    pub(super) fn attempt(now: SystemTime) -> DeliveryAttempt {
        let time = rtc_model::Timestamp::from(now);
        let (status, error, timestamp, rand, signature, fault) =
            (None, None, None, None, None, None);
        DeliveryAttempt { time, duration_us: 0, status, error, timestamp, rand, signature, fault }
    }
}
