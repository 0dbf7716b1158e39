//! A store of seen notifications in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::num::NonZeroUsize;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use ring::digest::{Context, SHA256};

use super::{CallbackPair, Novelty, SeenCallbacks};

/// What [`RecentCallbacks`] does with a new notification when it is full.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WhenFull {
    /// The new one is refused with [`FullError`], as by a store that failed: nothing is accepted
    /// twice, and the sender may come again later.
    Refuse,
    /// The one that is over first is forgotten, and the new one is accepted: nothing is turned
    /// away, and what was forgotten can be repeated until its age refuses it.
    ForgetOldest,
}

/// The notifications of the last minutes, in the memory of one process.
///
/// A pair is kept until its age alone refuses the notification, so what is needed is the number of
/// notifications in twice the verifier's tolerance (10 minutes by default). Several receivers behind
/// one URL need a store that they share, and so does a receiver that must remember over its restart.
///
/// Bounds: `capacity` pairs, each kept as a hash, whatever its length; 256 bytes for each at most.
/// What happens when it is full is [yours to say](WhenFull). Threads may share it.
///
/// Time is what callers say: a pair is dropped once a `now` lies past its end, and a clock that goes
/// back after that would let it pass again.
///
/// ```
/// use std::num::NonZeroUsize;
/// use std::time::{Duration, UNIX_EPOCH};
/// use rtc_signer::http::HeaderMap;
/// use rtc_signer::{
///     CallbackError, CallbackRand, CallbackSigner, CallbackVerifier, RecentCallbacks, WhenFull,
/// };
///
/// let key = "0123456789abcdef0123456789abcdef";
/// let now = UNIX_EPOCH + Duration::from_secs(1_704_164_645);
/// let mut headers = HeaderMap::new();
/// CallbackSigner::new(key)?.sign(b"{}", CallbackRand::new([7; 16]), now)?.apply(&mut headers);
///
/// let verifier = CallbackVerifier::new("current", key)?;
/// let recent = RecentCallbacks::new(NonZeroUsize::new(10_000).unwrap(), WhenFull::Refuse);
/// assert!(verifier.verify_once(&headers, b"{}", now, &recent).is_ok());
/// let error = verifier.verify_once(&headers, b"{}", now, &recent).unwrap_err();
/// assert!(matches!(error, CallbackError::Replayed));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct RecentCallbacks {
    capacity: NonZeroUsize,
    when_full: WhenFull,
    pairs: Mutex<Pairs>,
}

impl RecentCallbacks {
    /// An empty store for `capacity` pairs.
    pub const fn new(capacity: NonZeroUsize, when_full: WhenFull) -> Self {
        let pairs = Pairs { until: BTreeMap::new(), order: BTreeSet::new() };
        Self { capacity, when_full, pairs: Mutex::new(pairs) }
    }

    /// Forgets a pair, so that the notification is accepted when it comes again: for a receiver that
    /// could not do its work after all and answers with an error.
    pub fn forget(&self, pair: CallbackPair<'_>) {
        self.lock().remove(&digest(pair));
    }

    /// How many pairs it holds, those among them that no call has yet found to be over.
    pub fn len(&self) -> usize {
        self.lock().until.len()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A thread that panicked here has left nothing half done that matters.
    fn lock(&self) -> MutexGuard<'_, Pairs> {
        self.pairs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SeenCallbacks for RecentCallbacks {
    fn remember(
        &self,
        pair: CallbackPair<'_>,
        now: SystemTime,
    ) -> Result<Novelty, Box<dyn Error + Send + Sync>> {
        let digest = digest(pair);
        let mut pairs = self.lock();
        pairs.drop_old(now);
        if pairs.until.contains_key(&digest) {
            return Ok(Novelty::Seen);
        }
        if pairs.until.len() >= self.capacity.get() {
            match self.when_full {
                WhenFull::Refuse => return Err(FullError { capacity: self.capacity.get() }.into()),
                WhenFull::ForgetOldest => pairs.drop_first(),
            }
        }
        pairs.insert(digest, End::of(pair));
        Ok(Novelty::New)
    }
}

/// [`RecentCallbacks`] is full and was told to [refuse](WhenFull::Refuse).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{capacity} notifications are remembered and no more are allowed; allow more, or shorten the \
     tolerance of the verifier"
)]
pub struct FullError {
    capacity: usize,
}

/// Every pair by its hash, and in the order in which they are over.
#[derive(Debug)]
struct Pairs {
    until: BTreeMap<Digest, End>,
    order: BTreeSet<(End, Digest)>,
}

impl Pairs {
    fn insert(&mut self, digest: Digest, end: End) {
        self.until.insert(digest, end);
        self.order.insert((end, digest));
    }

    fn remove(&mut self, digest: &Digest) {
        if let Some(end) = self.until.remove(digest) {
            self.order.remove(&(end, *digest));
        }
    }

    fn drop_old(&mut self, now: SystemTime) {
        while let Some((End::At(end), _)) = self.order.first() {
            if *end >= now {
                break;
            }
            self.drop_first();
        }
    }

    fn drop_first(&mut self) {
        if let Some((_, digest)) = self.order.pop_first() {
            self.until.remove(&digest);
        }
    }
}

type Digest = [u8; 32];

/// Until when a pair is kept, the earliest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum End {
    At(SystemTime),
    Never,
}

impl End {
    fn of(pair: CallbackPair<'_>) -> Self {
        pair.keep_until().map_or(Self::Never, Self::At)
    }
}

/// Neither text holds a line feed, so no two pairs are the same text.
fn digest(pair: CallbackPair<'_>) -> Digest {
    let mut context = Context::new(&SHA256);
    context.update(pair.rand().as_bytes());
    context.update(b"\n");
    context.update(pair.timestamp().as_bytes());
    let mut digest = [0; 32];
    for (to, from) in digest.iter_mut().zip(context.finish().as_ref()) {
        *to = *from;
    }
    digest
}
