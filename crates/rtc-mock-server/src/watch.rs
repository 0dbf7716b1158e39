//! What the operator and tests see of the mock while it runs.

use std::sync::Arc;
use std::time::Duration;

use crate::admin_api::Happened;
use crate::clock::{Clock, ClockError};
use crate::events::Event;
use crate::exchange::Exchange;
use crate::journal::{Mismatch, RequestFilter, Times, verify};
use crate::pipeline::Core;

impl Core {
    /// The exchanges that are meant, oldest first.
    pub(crate) fn exchanges(self: &Arc<Self>, filter: &RequestFilter) -> Vec<Exchange> {
        let records = self.journal.records().into_iter();
        let meant = records.filter(|record| filter.matches(record));
        meant.map(|record| Exchange::new(Arc::clone(self), record)).collect()
    }

    /// Waits until so many of the exchanges meant are in the journal; what came instead when the
    /// time is up.
    pub(crate) async fn wait_for(
        self: &Arc<Self>,
        filter: &RequestFilter,
        count: u64,
        patience: Duration,
    ) -> Result<Vec<Exchange>, Mismatch> {
        // Watched before the journal is looked at, so that nothing comes in between.
        let mut watch = self.events.watch();
        let waiting = async {
            loop {
                let found = self.exchanges(filter);
                // With fewer that come there is no need to go through the journal again.
                let mut missing = count.saturating_sub(found.len() as u64);
                if missing == 0 {
                    return found;
                }
                while missing > 0 {
                    match watch.next().await {
                        Ok(Event::Exchange(id)) => {
                            let record = self.journal.record(id);
                            missing -= u64::from(record.is_some_and(|it| filter.matches(&it)));
                        }
                        Ok(_) => {}
                        // Some were missed: the journal tells.
                        Err(_) => break,
                    }
                }
            }
        };
        match tokio::time::timeout(patience, waiting).await {
            Ok(found) => Ok(found),
            Err(_) => verify(self.exchanges(&RequestFilter::any()), filter, Times::at_least(count)),
        }
    }

    /// Sets the clock, lets happen what is due, and tells those who watch.
    pub(crate) fn set_clock(
        &self,
        change: impl FnOnce(&Clock) -> Result<Clock, ClockError>,
    ) -> Result<Vec<Happened>, ClockError> {
        let happened = self.turn_clock(change)?;
        self.events.tell(Event::Clock);
        Ok(happened)
    }

    /// Sets the clock and lets happen what is due.
    pub(crate) fn turn_clock(
        &self,
        change: impl FnOnce(&Clock) -> Result<Clock, ClockError>,
    ) -> Result<Vec<Happened>, ClockError> {
        let happened = self.service.set_time(|| {
            let before = self.clock.now();
            let now = self.clock.change(change)?;
            if now < before {
                // Nothing waits for a time that the clock showed already.
                self.service.deliveries().hurry(now);
            }
            Ok(now)
        })?;
        self.service.deliveries().wake();
        Ok(happened)
    }
}
