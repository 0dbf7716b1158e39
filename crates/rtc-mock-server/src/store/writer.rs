//! The one thread that writes: all that is queued, in one commit.

use std::error::Error;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use redb::Database;
use tokio::sync::watch;

use super::known::{Change, Place};
use super::{DELIVERIES, RECORDS};

/// The thread with its queue. It ends, and lets go of the file, when this is dropped.
pub(super) struct Writer {
    shared: Arc<Shared>,
    /// The number of the newest change that is queued.
    newest: AtomicU64,
    thread: Mutex<Option<JoinHandle<()>>>,
}

struct Shared {
    queue: Mutex<Queue>,
    wake: Condvar,
    progress: watch::Sender<Progress>,
}

#[derive(Default)]
struct Queue {
    changes: Vec<Change>,
    newest: u64,
    is_closed: bool,
}

/// How far the disk is.
#[derive(Clone, Copy)]
enum Progress {
    /// Everything up to the number is on it.
    Written(u64),
    /// It cannot be written, or not with what is in memory.
    Failed,
}

impl Writer {
    pub(super) fn start(database: Database) -> io::Result<Self> {
        let shared = Arc::new(Shared {
            queue: Mutex::default(),
            wake: Condvar::new(),
            progress: watch::Sender::new(Progress::Written(0)),
        });
        let in_thread = Arc::clone(&shared);
        let thread = std::thread::Builder::new()
            .name("state-writer".to_owned())
            .spawn(move || run(&in_thread, &database))?;
        Ok(Self { shared, newest: AtomicU64::new(0), thread: Mutex::new(Some(thread)) })
    }

    pub(super) fn queue(&self, changes: Vec<Change>) {
        if changes.is_empty() {
            return;
        }
        let mut queue = lock(&self.shared);
        queue.changes.extend(changes);
        queue.newest += 1;
        self.newest.store(queue.newest, Ordering::Release);
        self.shared.wake.notify_one();
    }

    /// What is in memory cannot be written.
    pub(super) fn fail(&self, error: &dyn Error) {
        fail(&self.shared, error);
    }

    /// Whether nothing can be written any more.
    pub(super) fn has_failed(&self) -> bool {
        matches!(*self.shared.progress.borrow(), Progress::Failed)
    }

    /// Whether all that is queued by now has come to be on disk.
    pub(super) async fn written(&self) -> bool {
        let newest = self.newest.load(Ordering::Acquire);
        let mut progress = self.shared.progress.subscribe();
        let reached = progress.wait_for(|progress| match progress {
            Progress::Written(number) => *number >= newest,
            Progress::Failed => true,
        });
        // The sender lives as long as this does.
        reached.await.is_ok_and(|progress| matches!(*progress, Progress::Written(_)))
    }

    /// Writes what is queued, and waits until the file is let go of.
    pub(super) async fn close(&self) {
        self.end();
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            // A thread that panicked has let go of it too.
            let _ = tokio::task::spawn_blocking(|| thread.join()).await;
        }
    }

    fn end(&self) {
        lock(&self.shared).is_closed = true;
        self.shared.wake.notify_one();
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.end();
    }
}

fn lock(shared: &Shared) -> MutexGuard<'_, Queue> {
    shared.queue.lock().unwrap_or_else(PoisonError::into_inner)
}

fn run(shared: &Shared, database: &Database) {
    loop {
        let mut queue = lock(shared);
        while queue.changes.is_empty() && !queue.is_closed {
            queue = shared.wake.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
        let (changes, newest) = (std::mem::take(&mut queue.changes), queue.newest);
        drop(queue);
        if changes.is_empty() {
            return;
        }
        if matches!(*shared.progress.borrow(), Progress::Failed) {
            continue;
        }
        match commit(database, &changes) {
            Ok(()) => drop(shared.progress.send_replace(Progress::Written(newest))),
            Err(error) => fail(shared, &error),
        }
    }
}

fn commit(database: &Database, changes: &[Change]) -> Result<(), redb::Error> {
    let mut transaction = database.begin_write()?;
    transaction.set_two_phase_commit(true);
    {
        let mut records = transaction.open_table(RECORDS)?;
        let mut letters = transaction.open_table(DELIVERIES)?;
        for Change { place, value } in changes {
            match (place, value) {
                (Place::State(key), Some(value)) => {
                    drop(records.insert(key.as_str(), value.as_slice())?);
                }
                (Place::State(key), None) => drop(records.remove(key.as_str())?),
                (Place::Delivery(id), Some(value)) => drop(letters.insert(id, value.as_slice())?),
                (Place::Delivery(id), None) => drop(letters.remove(id)?),
            }
        }
    }
    transaction.commit()?;
    Ok(())
}

fn fail(shared: &Shared, error: &dyn Error) {
    let reason = error.to_string();
    tracing::error!(reason, "the state cannot be written; every call is answered with 500 now");
    shared.progress.send_replace(Progress::Failed);
}

#[cfg(test)]
mod tests {
    use redb::StorageBackend;
    use redb::backends::InMemoryBackend;

    use super::*;

    /// A disk that counts its syncs, and makes them wait while somebody holds its gate.
    #[derive(Debug, Clone, Default)]
    struct Disk {
        memory: Arc<InMemoryBackend>,
        gate: Arc<Mutex<()>>,
        syncs: Arc<AtomicU64>,
    }

    impl StorageBackend for Disk {
        fn len(&self) -> io::Result<u64> {
            self.memory.len()
        }

        fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
            self.memory.read(offset, out)
        }

        fn set_len(&self, len: u64) -> io::Result<()> {
            self.memory.set_len(len)
        }

        fn sync_data(&self) -> io::Result<()> {
            let _open = self.gate.lock().unwrap();
            self.syncs.fetch_add(1, Ordering::SeqCst);
            self.memory.sync_data()
        }

        fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
            self.memory.write(offset, data)
        }
    }

    fn change(number: u64) -> Vec<Change> {
        vec![Change { place: Place::Delivery(number), value: Some(vec![0; 10]) }]
    }

    #[tokio::test]
    async fn what_is_queued_while_the_disk_is_busy_shares_one_commit() {
        let disk = Disk::default();
        let writer = Writer::start(Database::builder().create_with_backend(disk.clone()).unwrap());
        let writer = writer.unwrap();
        writer.queue(change(0));
        assert!(writer.written().await, "the tables are there");
        let syncs = || disk.syncs.load(Ordering::SeqCst);
        let before = syncs();
        writer.queue(change(1));
        assert!(writer.written().await);
        let of_one = syncs() - before;
        assert!(of_one > 0);

        let (before, busy) = (syncs(), disk.gate.lock().unwrap());
        (2..=100).for_each(|number| writer.queue(change(number)));
        drop(busy);
        assert!(writer.written().await);
        // One for what the thread took before the disk was busy, one for the rest.
        assert!(syncs() - before <= 2 * of_one, "{} of {of_one} each", syncs() - before);
    }
}
