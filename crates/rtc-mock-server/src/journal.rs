//! The journal: what came in, what went out, and what was found of the credentials.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use crossbeam_utils::CachePadded;
use http::StatusCode;
use rtc_model::OperationId;
use rtc_signer::Explanation;

use crate::auth::Verdict;

pub use self::filter::{RequestFilter, VerdictKind};
pub(crate) use self::stored::StoredHeads;
pub(crate) use self::verify::verify;
pub use self::verify::{Mismatch, Times};

mod filter;
mod stored;
mod verify;

/// How much the journal keeps; the oldest exchange goes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct JournalLimits {
    /// The number of exchanges. None are kept with 0.
    pub(crate) exchanges: usize,
    /// The bytes of heads and bodies together.
    pub(crate) bytes: usize,
}

impl Default for JournalLimits {
    fn default() -> Self {
        Self { exchanges: 1_000, bytes: 64 << 20 }
    }
}

/// One request with its answer.
#[derive(Debug)]
pub(crate) struct Record {
    pub(crate) id: u64,
    /// By the mock's clock.
    pub(crate) at: SystemTime,
    /// Of the work, by the machine's clock.
    pub(crate) duration: Duration,
    pub(crate) operation: Option<OperationId>,
    pub(crate) verdict: Verdict,
    pub(crate) heads: StoredHeads,
    pub(crate) body: Bytes,
    /// The answer; there is no status when none was made.
    pub(crate) status: Option<StatusCode>,
    pub(crate) reply_body: Bytes,
    /// The fault that decided on the answer, if one did.
    pub(crate) fault: Option<Arc<FaultMark>>,
    /// What can be known about a refused signature; found out when somebody looks, once.
    pub(crate) explanation: OnceLock<Box<Explanation>>,
}

/// A fault as the journal names it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct FaultMark {
    pub(crate) id: String,
    /// The fault in the words of `--fault`.
    pub(crate) spec: String,
}

impl Record {
    /// About what the record keeps in memory; what is made when somebody looks does not count.
    fn size(&self) -> usize {
        let verdict =
            if let Verdict::Refused(refusal) = &self.verdict { refusal.size() } else { 0 };
        let bodies = self.body.len() + self.reply_body.len();
        size_of::<Self>() + self.heads.size() + bodies + verdict
    }
}

/// A ring of records, bounded by count and bytes.
#[derive(Debug)]
pub(crate) struct Journal {
    limits: JournalLimits,
    ring: CachePadded<Mutex<Ring>>,
}

#[derive(Debug, Default)]
struct Ring {
    records: VecDeque<(usize, Arc<Record>)>,
    bytes: usize,
    next_id: u64,
}

impl Journal {
    pub(crate) fn new(limits: JournalLimits) -> Self {
        Self { limits, ring: CachePadded::default() }
    }

    /// Adds a record, which gets its id here; ids begin with 1.
    pub(crate) fn push(&self, record: Record) -> u64 {
        let size = record.size();
        // Memory is taken, and given back, outside the lock.
        let mut record = Arc::new(record);
        let mut _gone = None;
        let mut ring = self.lock();
        ring.next_id += 1;
        let id = ring.next_id;
        if let Some(record) = Arc::get_mut(&mut record) {
            record.id = id;
        }
        ring.bytes += size;
        ring.records.push_back((size, record));
        while ring.records.len() > self.limits.exchanges || ring.bytes > self.limits.bytes {
            let Some((size, record)) = ring.records.pop_front() else {
                break;
            };
            ring.bytes -= size;
            _gone = Some(record);
        }
        id
    }

    /// Forgets all records. Numbers go on, so that no two exchanges have the same.
    pub(crate) fn clear(&self) {
        let mut ring = self.lock();
        ring.bytes = 0;
        let records = std::mem::take(&mut ring.records);
        drop(ring);
        drop(records);
    }

    /// How many records there are, and about how many bytes.
    pub(crate) fn size(&self) -> (usize, usize) {
        let ring = self.lock();
        (ring.records.len(), ring.bytes)
    }

    /// The records, oldest first.
    pub(crate) fn records(&self) -> Vec<Arc<Record>> {
        self.lock().records.iter().map(|(_, record)| Arc::clone(record)).collect()
    }

    /// The record with the id, while it is kept.
    pub(crate) fn record(&self, id: u64) -> Option<Arc<Record>> {
        let ring = self.lock();
        let place = ring.records.binary_search_by_key(&id, |(_, record)| record.id).ok()?;
        ring.records.get(place).map(|(_, record)| Arc::clone(record))
    }

    fn lock(&self) -> MutexGuard<'_, Ring> {
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::*;

    fn record(body: usize) -> Record {
        let (head, ()) = http::Request::new(()).into_parts();
        Record {
            id: 0,
            at: SystemTime::UNIX_EPOCH,
            duration: Duration::ZERO,
            operation: None,
            verdict: Verdict::Unchecked,
            heads: StoredHeads::new(&head, &HeaderMap::new()),
            body: Bytes::from(vec![0; body]),
            status: Some(StatusCode::OK),
            reply_body: Bytes::new(),
            fault: None,
            explanation: OnceLock::new(),
        }
    }

    fn ids(journal: &Journal) -> Vec<u64> {
        journal.records().iter().map(|record| record.id).collect()
    }

    #[test]
    fn the_oldest_goes_when_there_are_too_many() {
        let journal = Journal::new(JournalLimits { exchanges: 2, ..JournalLimits::default() });
        for id in 1..=4 {
            assert_eq!(journal.push(record(0)), id);
        }
        assert_eq!(ids(&journal), [3, 4]);
        assert!(journal.record(2).is_none() && journal.record(3).is_some());
    }

    #[test]
    fn the_oldest_goes_when_they_are_too_large() {
        let journal = Journal::new(JournalLimits { bytes: 10_000, ..JournalLimits::default() });
        for _ in 0..3 {
            journal.push(record(4_000));
        }
        assert_eq!(ids(&journal), [2, 3]);
        journal.push(record(20_000));
        assert_eq!(ids(&journal), [0_u64; 0], "a record over the bound is not kept");
    }

    #[test]
    fn nothing_is_kept_with_a_limit_of_none() {
        let journal = Journal::new(JournalLimits { exchanges: 0, ..JournalLimits::default() });
        journal.push(record(0));
        assert!(journal.records().is_empty());
    }

    #[test]
    fn a_journal_that_was_emptied_goes_on_counting() {
        let journal = Journal::new(JournalLimits::default());
        journal.push(record(10));
        journal.clear();
        assert_eq!(journal.size(), (0, 0));
        assert_eq!(journal.push(record(10)), 2);
    }
}
