//! What is counted for `/metrics`. A request pays for some additions to atomic numbers; texts are
//! made when somebody asks.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use crossbeam_utils::CachePadded;
use http::StatusCode;
use rtc_model::OperationId;

use crate::auth::{Refusal, Verdict};
use crate::deliveries::DeliveryEnding;
use crate::pipeline::Core;

pub(crate) use self::text::openmetrics;

mod text;

/// The operations, the calls to IAM, and what is none of them.
const ROWS: usize = OperationId::ALL.len() + 2;
/// Parts of the counts that threads share.
const SHARDS: usize = 8;
/// A number a status; the first is for exchanges without an answer.
const STATUSES: usize = 600;
/// The upper ends of the durations, in microseconds; what takes longer has a place of its own.
const BOUNDS: [u64; 12] =
    [50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 100_000, 250_000, 1_000_000];

/// What a request asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    Operation(OperationId),
    Iam,
    Nothing,
}

/// What is listened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Listening {
    Api,
    Admin,
}

/// The counts of a server since its start.
pub(crate) struct Metrics {
    shards: [CachePadded<Shard>; SHARDS],
    refusals: [AtomicU64; REASONS.len()],
    open: [AtomicU64; 2],
    attempts: [AtomicU64; DeliveryEnding::ALL.len()],
}

/// What every request adds to. Threads have one each as far as they go round: the memory of a
/// count would go from core to core with each request.
struct Shard {
    /// A row is made when its first request comes: 5 KB each.
    requests: [OnceLock<Box<[AtomicU64; STATUSES]>>; ROWS],
    durations: [AtomicU64; BOUNDS.len() + 1],
    duration_us: AtomicU64,
}

impl Default for Shard {
    fn default() -> Self {
        Self {
            requests: [const { OnceLock::new() }; ROWS],
            durations: [const { AtomicU64::new(0) }; BOUNDS.len() + 1],
            duration_us: AtomicU64::new(0),
        }
    }
}

thread_local! {
    /// The shard of the thread.
    static SHARD: usize = {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        NEXT.fetch_add(1, Ordering::Relaxed) % SHARDS
    };
}

impl Default for Metrics {
    fn default() -> Self {
        Self {
            shards: Default::default(),
            refusals: [const { AtomicU64::new(0) }; REASONS.len()],
            open: [const { AtomicU64::new(0) }; 2],
            attempts: [const { AtomicU64::new(0) }; DeliveryEnding::ALL.len()],
        }
    }
}

impl Metrics {
    /// Counts an exchange.
    pub(crate) fn count(
        &self,
        asked: Asked,
        status: Option<StatusCode>,
        duration: Duration,
        verdict: &Verdict,
    ) {
        let status = status.map_or(0, |status| usize::from(status.as_u16()));
        let Some(shard) = self.shards.get(SHARD.with(|shard| *shard)) else { return };
        let row = shard
            .requests
            .get(asked.row())
            .map(|row| row.get_or_init(|| Box::new([const { AtomicU64::new(0) }; STATUSES])));
        add(row.and_then(|row| row.get(status)), 1);
        let micros = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
        add(shard.durations.get(BOUNDS.partition_point(|bound| *bound < micros)), 1);
        add(Some(&shard.duration_us), micros);
        if let Verdict::Refused(refusal) = verdict {
            let reason = reason(refusal);
            let place = REASONS.iter().position(|known| *known == reason);
            add(place.and_then(|place| self.refusals.get(place)), 1);
        }
    }

    /// Counts an attempt to deliver a notification.
    pub(crate) fn count_attempt(&self, ending: DeliveryEnding) {
        let place = DeliveryEnding::ALL.iter().position(|known| *known == ending);
        add(place.and_then(|place| self.attempts.get(place)), 1);
    }

    /// How often a call had each status; the first is of exchanges without an answer.
    fn requests(&self, asked: Asked) -> [u64; STATUSES] {
        let mut sums = [0; STATUSES];
        let rows = self.shards.iter().filter_map(|shard| shard.requests.get(asked.row())?.get());
        for row in rows {
            sums.iter_mut().zip(row.iter()).for_each(|(sum, count)| *sum += read(count));
        }
        sums
    }

    /// How many requests took as long as each of the bounds, and those that took longer.
    fn durations(&self) -> [u64; BOUNDS.len() + 1] {
        let mut sums = [0; BOUNDS.len() + 1];
        for shard in &self.shards {
            sums.iter_mut().zip(&shard.durations).for_each(|(sum, count)| *sum += read(count));
        }
        sums
    }

    /// What all requests took together, in microseconds.
    fn duration_us(&self) -> u64 {
        self.shards.iter().map(|shard| read(&shard.duration_us)).sum()
    }

    fn open(&self, listening: Listening) -> &AtomicU64 {
        let [api, admin] = &self.open;
        match listening {
            Listening::Api => api,
            Listening::Admin => admin,
        }
    }
}

impl Asked {
    /// All, in the order of their rows.
    fn all() -> impl Iterator<Item = Self> {
        let operations = OperationId::ALL.iter().map(|id| Self::Operation(*id));
        operations.chain([Self::Iam, Self::Nothing])
    }

    fn row(self) -> usize {
        match self {
            // The list has the order of the type.
            Self::Operation(id) => OperationId::ALL.binary_search(&id).unwrap_or(ROWS - 1),
            Self::Iam => OperationId::ALL.len(),
            Self::Nothing => OperationId::ALL.len() + 1,
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Operation(id) => id.as_str(),
            Self::Iam => "IAM",
            Self::Nothing => "none",
        }
    }
}

/// A connection that counts as open until it is dropped.
pub(crate) struct Open {
    core: Arc<Core>,
    listening: Listening,
}

impl Open {
    pub(crate) fn new(core: &Arc<Core>, listening: Listening) -> Self {
        core.metrics.open(listening).fetch_add(1, Ordering::Relaxed);
        Self { core: Arc::clone(core), listening }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.core.metrics.open(self.listening).fetch_sub(1, Ordering::Relaxed);
    }
}

/// Why credentials were refused, in words that do not grow in number.
const REASONS: [&str; 22] = [
    "no_credentials",
    "unknown_token",
    "expired_token",
    "expired_key",
    "locked",
    "login",
    "foreign_project",
    "missing_authorization",
    "malformed_authorization",
    "unsupported_algorithm",
    "unknown_access_key",
    "missing_date",
    "date_not_signed",
    "malformed_date",
    "outside_skew",
    "missing_signed_header",
    "security_token",
    "payload_mismatch",
    "credential_date",
    "wrong_scope",
    "signature_mismatch",
    OTHER,
];
const OTHER: &str = "other";

fn reason(refusal: &Refusal) -> &'static str {
    use rtc_signer::VerifyErrorKind as Kind;
    match refusal {
        Refusal::NoCredentials => "no_credentials",
        Refusal::UnknownToken => "unknown_token",
        Refusal::ExpiredToken { .. } => "expired_token",
        Refusal::ExpiredKey { .. } => "expired_key",
        Refusal::Locked { .. } => "locked",
        Refusal::Login => "login",
        Refusal::ForeignProject { .. } => "foreign_project",
        Refusal::Signature(error) => match error.kind() {
            Kind::MissingAuthorization => "missing_authorization",
            Kind::MalformedAuthorization => "malformed_authorization",
            Kind::UnsupportedAlgorithm => "unsupported_algorithm",
            Kind::UnknownAccessKey => "unknown_access_key",
            Kind::MissingDate => "missing_date",
            Kind::DateNotSigned => "date_not_signed",
            Kind::MalformedDate => "malformed_date",
            Kind::OutsideSkew => "outside_skew",
            Kind::MissingSignedHeader => "missing_signed_header",
            Kind::SecurityToken => "security_token",
            Kind::PayloadMismatch => "payload_mismatch",
            Kind::CredentialDate => "credential_date",
            Kind::WrongScope => "wrong_scope",
            Kind::SignatureMismatch => "signature_mismatch",
            _ => OTHER,
        },
    }
}

fn read(count: &AtomicU64) -> u64 {
    count.load(Ordering::Relaxed)
}

fn add(count: Option<&AtomicU64>, by: u64) {
    // Every place is there; a count is no reason to fail.
    if let Some(count) = count {
        count.fetch_add(by, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_and_every_reason_has_a_place_of_its_own() {
        for (row, asked) in Asked::all().enumerate() {
            assert_eq!(asked.row(), row, "{asked:?}");
        }
        let mut reasons = REASONS.to_vec();
        reasons.sort_unstable();
        reasons.dedup();
        assert_eq!(reasons.len(), REASONS.len());
        assert!(REASONS.contains(&reason(&Refusal::Login)));
    }

    #[test]
    fn durations_are_sorted_into_their_bounds() {
        let metrics = Metrics::default();
        for micros in [0, 50, 51, 2_000_000] {
            let duration = Duration::from_micros(micros);
            metrics.count(Asked::Nothing, None, duration, &Verdict::Unchecked);
        }
        std::thread::scope(|scope| {
            // Another shard, most likely.
            const SEVEN: Duration = Duration::from_micros(7);
            scope.spawn(|| metrics.count(Asked::Nothing, None, SEVEN, &Verdict::Unchecked));
        });
        let counts = metrics.durations();
        assert_eq!(metrics.requests(Asked::Nothing)[0], 5);
        assert_eq!((counts[0], counts[1], counts[BOUNDS.len()]), (3, 1, 1));
        assert_eq!(metrics.duration_us(), 2_000_108);
    }
}
