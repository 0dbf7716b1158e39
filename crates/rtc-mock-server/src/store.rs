//! A state that survives: every change is on disk before its answer goes out.
//!
//! A handler changes the state in memory. While it still holds the lock, what differs from the disk
//! is queued as records; a thread writes all that is queued in one commit. The edge answers once
//! everything that was queued when the answer was made is on disk, so no answer, a reader's
//! neither, tells of a state that could still be lost. Nobody waits for the disk under the lock.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use redb::{Builder, Database, ReadableDatabase as _, ReadableTable as _, TableDefinition};
use rtc_model::Timestamp;
use serde::{Deserialize, Serialize};

pub use self::error::StoreError;
use self::known::{Change, Known, Place};
use self::writer::Writer;
use crate::builder::{MockServerBuilder, StartError};
use crate::deliveries::{DeliveryChange, StoredDelivery};
use crate::state::State;

mod error;
mod known;
mod record;
mod writer;

/// The file in the folder.
const FILE: &str = "state.redb";
/// A store in the making: it becomes [`FILE`] when it is whole.
const NEW_FILE: &str = "state.redb.new";
/// Locked while a store is made or opened.
const LOCK_FILE: &str = "lock";
/// The form of the records.
const VERSION: u32 = 2;
/// How much of the file is kept in memory: the state is there already.
const CACHE: usize = 4 << 20;

const RECORDS: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("records");
/// The notifications that are not over.
const DELIVERIES: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("deliveries");
const META: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("meta");
const ABOUT: &str = "about";

/// What a store says of itself.
#[derive(Debug, Serialize, Deserialize)]
struct About {
    version: u32,
    /// When it was made: buckets whose making was not told are as old.
    started: Timestamp,
}

/// The state on disk.
pub(crate) struct Store {
    known: Mutex<Known>,
    writer: Writer,
}

/// A store with what it holds.
pub(crate) struct Opened {
    pub(crate) store: Store,
    /// `None` when the store is new.
    pub(crate) state: Option<State>,
    /// The notifications that were still to be sent.
    pub(crate) deliveries: Vec<(u64, StoredDelivery)>,
    pub(crate) started: SystemTime,
}

impl MockServerBuilder {
    /// Keeps the state in this folder, which is made if need be: everything that was acknowledged
    /// survives the end of the process, whatever ends it. A fixture counts only when the folder has
    /// no state yet. One server at a time can use a folder.
    ///
    /// Not kept: the journal, the clock's setting, tokens and temporary keys. What the methods of
    /// [`MockServer`](crate::MockServer) change is on disk with the next answer at the latest, and
    /// when [`shutdown`](crate::MockServer::shutdown) returns.
    pub fn data_dir(mut self, folder: impl Into<PathBuf>) -> Self {
        self.data_dir = Some(folder.into());
        self
    }

    pub(crate) fn open_store(&self, now: SystemTime) -> Result<Option<Opened>, StartError> {
        let opened = self.data_dir.as_ref().map(|folder| Store::open(folder, now));
        opened.transpose().map_err(StartError::Store)
    }
}

impl Store {
    /// Opens the store of a folder, or makes it.
    pub(crate) fn open(folder: &Path, now: SystemTime) -> Result<Opened, StoreError> {
        make_folder(folder).map_err(|source| StoreError::io(folder, source))?;
        // Of two that begin at once, the second finds what the first has made, and in use.
        let _alone = lock(folder)?;
        let path = folder.join(FILE);
        let is_new = !path.try_exists().map_err(|source| StoreError::io(&path, source))?;
        if is_new {
            make_file(folder, now)?;
        }
        let database = open(&path)?;
        let damaged = |reason: String| StoreError::Damaged { path: path.clone(), reason };
        let about = read_about(&database).map_err(|error| damaged(error.to_string()))?;
        let about: About = serde_json::from_slice(&about)
            .map_err(|error| damaged(format!("it does not say what it is: {error}")))?;
        if about.version != VERSION {
            return Err(StoreError::Version { path, found: about.version, known: VERSION });
        }
        let (records, letters) = read(&database).map_err(|error| damaged(error.to_string()))?;
        let state = record::state(&records).map_err(damaged)?;
        let deliveries = letters.iter().map(|(id, letter)| {
            let read = serde_json::from_slice(letter);
            read.map(|letter| (*id, letter))
                .map_err(|error| damaged(format!("the delivery {id} cannot be read: {error}")))
        });
        let deliveries = deliveries.collect::<Result<_, _>>()?;
        let store = Self {
            known: Mutex::new(Known::new(&records)),
            writer: Writer::start(database).map_err(|source| StoreError::io(&path, source))?,
        };
        let started = about.started.to_system_time().unwrap_or(now);
        // A store that was never written to has had no fixture either.
        let state = (!is_new && !records.is_empty()).then_some(state);
        Ok(Opened { store, state, deliveries, started })
    }

    /// Whether nothing can be written any more.
    pub(crate) fn has_failed(&self) -> bool {
        self.writer.has_failed()
    }

    /// Queues what of the state differs from the disk, together with the notifications of it. To
    /// be called under the state's lock, so that the order of the changes is that of the queue.
    pub(crate) fn keep(&self, state: &mut State, deliveries: Vec<DeliveryChange>) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let changes = known.changes(state);
        self.queue(changes, deliveries);
    }

    /// Queues what became of notifications.
    pub(crate) fn keep_deliveries(&self, deliveries: Vec<DeliveryChange>) {
        self.queue(Ok(Vec::new()), deliveries);
    }

    fn queue(&self, changes: serde_json::Result<Vec<Change>>, deliveries: Vec<DeliveryChange>) {
        let letters = deliveries.into_iter().map(|change| {
            let value = change.stored.map(|stored| serde_json::to_vec(&stored)).transpose()?;
            Ok(Change { place: Place::Delivery(change.id), value })
        });
        let all = changes.and_then(|mut changes| {
            changes.extend(letters.collect::<serde_json::Result<Vec<_>>>()?);
            Ok(changes)
        });
        match all {
            Ok(changes) => self.writer.queue(changes),
            Err(error) => self.writer.fail(&error),
        }
    }

    /// Waits until all that is queued by now is on disk; `false` when it cannot be written.
    pub(crate) async fn written(&self) -> bool {
        self.writer.written().await
    }

    /// Writes what is queued and lets go of the file.
    pub(crate) async fn close(&self) {
        self.writer.close().await;
    }
}

/// Keys of callbacks and apps are in it: it is its owner's alone.
fn make_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Waits until nobody else makes or opens a store in the folder; dropped, it lets others in.
fn lock(folder: &Path) -> Result<Option<fs::File>, StoreError> {
    let path = folder.join(LOCK_FILE);
    let failed = |source| StoreError::io(&path, source);
    let mut options = fs::OpenOptions::new();
    let file = options.create(true).write(true).truncate(false).open(&path).map_err(failed)?;
    // Not every file system has locks, and only who begins at the same moment needs one.
    Ok(file.lock().is_ok().then_some(file))
}

/// Under another name first: a store that is half made is none.
fn make_file(folder: &Path, now: SystemTime) -> Result<(), StoreError> {
    let (path, new) = (folder.join(FILE), folder.join(NEW_FILE));
    match fs::remove_file(&new) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(StoreError::io(&new, error));
        }
        _ => {}
    }
    let about = About { version: VERSION, started: Timestamp::from(now) };
    let make = || -> Result<(), redb::Error> {
        let about = serde_json::to_vec(&about).map_err(std::io::Error::from)?;
        let database = settings().create(&new)?;
        let transaction = database.begin_write()?;
        transaction.open_table(META)?.insert(ABOUT, about.as_slice())?;
        transaction.open_table(RECORDS)?;
        transaction.open_table(DELIVERIES)?;
        transaction.commit()?;
        Ok(())
    };
    make().map_err(|source| StoreError::new(&new, source))?;
    fs::rename(&new, &path).map_err(|source| StoreError::io(&path, source))?;
    // The name must survive as well.
    #[cfg(unix)]
    fs::File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(|source| StoreError::io(folder, source))?;
    Ok(())
}

fn settings() -> Builder {
    let mut builder = Builder::new();
    builder.set_cache_size(CACHE).set_check_integrity_on_open(true);
    builder
}

/// An empty file would be taken for a new store; here it is one that lost what it held.
fn open(path: &Path) -> Result<Database, StoreError> {
    let length = fs::metadata(path).map_err(|source| StoreError::io(path, source))?.len();
    if length == 0 {
        let reason = "it is empty".to_owned();
        return Err(StoreError::Damaged { path: path.to_path_buf(), reason });
    }
    settings().open(path).map_err(|error| StoreError::new(path, error.into()))
}

type Records = BTreeMap<String, Vec<u8>>;

type Letters = BTreeMap<u64, Vec<u8>>;

fn read_about(database: &Database) -> Result<Vec<u8>, redb::Error> {
    let about = database.begin_read()?.open_table(META)?.get(ABOUT)?;
    Ok(about.map(|about| about.value().to_vec()).unwrap_or_default())
}

fn read(database: &Database) -> Result<(Records, Letters), redb::Error> {
    let transaction = database.begin_read()?;
    let mut records = Records::new();
    for record in transaction.open_table(RECORDS)?.iter()? {
        let (key, value) = record?;
        records.insert(key.value().to_owned(), value.value().to_vec());
    }
    let mut letters = Letters::new();
    for letter in transaction.open_table(DELIVERIES)?.iter()? {
        let (id, value) = letter?;
        letters.insert(id.value(), value.value().to_vec());
    }
    Ok((records, letters))
}
