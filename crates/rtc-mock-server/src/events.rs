//! What happens at the mock, for those who watch.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, broadcast};

/// How many events a watcher may be behind.
const BEHIND: usize = 256;
/// How many streams of events may be open.
pub(crate) const MAX_STREAMS: usize = 64;

/// Something that happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Event {
    /// An exchange is in the journal, with this number.
    Exchange(u64),
    /// The journal was emptied.
    Cleared,
    /// The clock was set.
    Clock,
    /// The faults were changed.
    Faults,
    /// A delivery was made, or got on.
    Delivery(u64),
    /// The mock began anew.
    Reset,
}

/// Tells watchers of events; costs next to nothing while there are none.
#[derive(Debug)]
pub(crate) struct Events {
    sender: broadcast::Sender<Event>,
    watchers: Arc<AtomicUsize>,
    streams: Arc<Semaphore>,
}

impl Default for Events {
    fn default() -> Self {
        Self {
            sender: broadcast::Sender::new(BEHIND),
            watchers: Arc::default(),
            streams: Arc::new(Semaphore::new(MAX_STREAMS)),
        }
    }
}

impl Events {
    /// Tells the watchers.
    pub(crate) fn tell(&self, event: Event) {
        if self.watchers.load(Ordering::SeqCst) > 0 {
            // Nobody left to hear it: then it is not heard.
            let _ = self.sender.send(event);
        }
    }

    /// A place among the streams of events, while it is held; `None` when all are taken.
    pub(crate) fn stream_place(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.streams).try_acquire_owned().ok()
    }

    /// Hears every event from now on. What is in the journal must be looked at after this.
    pub(crate) fn watch(&self) -> Watch {
        self.watchers.fetch_add(1, Ordering::SeqCst);
        Watch { watchers: Arc::clone(&self.watchers), receiver: self.sender.subscribe() }
    }
}

/// Hears events until it is dropped.
pub(crate) struct Watch {
    watchers: Arc<AtomicUsize>,
    receiver: broadcast::Receiver<Event>,
}

impl Watch {
    /// The next event, or how many were missed because they came too quickly.
    pub(crate) async fn next(&mut self) -> Result<Event, u64> {
        loop {
            match self.receiver.recv().await {
                Ok(event) => return Ok(event),
                Err(broadcast::error::RecvError::Lagged(missed)) => return Err(missed),
                // Who watches holds the mock, and with it the sender.
                Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
            }
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.watchers.fetch_sub(1, Ordering::SeqCst);
    }
}
