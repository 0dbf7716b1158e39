//! The messages of the admin API, as the server, its OpenAPI document and the client share them.

use std::time::Duration;

use rtc_model::jobs::JobState;
use rtc_model::record_callback::NotifyEvent;
use rtc_model::{AppId, JobId, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::fault::Fault;
use crate::journal::RequestFilter;

pub use self::deliveries::{
    DeliveryAttempt, DeliveryFilter, DeliveryList, DeliveryState, RecordedDelivery,
};
pub use self::events::Event;
pub use self::explain::{ComparedLine, Explain, Explained, ReasonKind, RequestRead};
pub use self::recorded::{
    RecordedExchange, RecordedFault, RecordedReply, RecordedRequest, RecordedVerdict,
};

mod deliveries;
mod events;
mod explain;
mod recorded;

/// A change of a job that happened because its time had come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Happened {
    /// When it was due, by the mock's clock.
    pub time: Timestamp,
    /// The project of the app.
    pub project_id: String,
    /// The app of the job.
    pub app_id: AppId,
    /// The job.
    pub job_id: JobId,
    /// The state that it came into.
    pub state: JobState,
}

/// How the clock is set, and what it shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct ClockStatus {
    /// The setting, in the words of `--clock`.
    pub clock: String,
    /// The time of the mock.
    pub time: Timestamp,
    /// What happened because its time had come, in order; after a change of the clock.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub happened: Vec<Happened>,
}

/// Sets the clock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "a message that callers write")]
pub struct SetClock {
    /// The setting: `real`, `frozen@RFC3339` or `offset@RFC3339`.
    pub clock: String,
}

/// Sets the clock forward.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "a message that callers write")]
pub struct Advance {
    /// By how many seconds.
    #[serde(default)]
    pub seconds: u64,
    /// And by how many milliseconds.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub milliseconds: u64,
}

impl Advance {
    /// A part of a millisecond is dropped.
    pub const fn by(time: Duration) -> Self {
        Self { seconds: time.as_secs(), milliseconds: time.subsec_millis() as u64 }
    }

    /// The whole.
    pub const fn time(self) -> Duration {
        Duration::from_secs(self.seconds).saturating_add(Duration::from_millis(self.milliseconds))
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
const fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// What begins anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum ResetPart {
    /// Apps, rules, jobs, rooms, buckets and ids: as the fixture and the seed say. What the IAM
    /// endpoint has issued is forgotten, and so are calls counted for throttling and failures that
    /// lock a key; notifications are sent again if they were paused.
    State,
    /// The journal: empty.
    Requests,
    /// The clock: as it was set at the start.
    Clock,
    /// The faults: those of the start.
    Faults,
}

impl ResetPart {
    /// Every part.
    pub const ALL: &'static [Self] = &[Self::State, Self::Requests, Self::Clock, Self::Faults];
}

/// Begins anew.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "a message that callers write")]
pub struct Reset {
    /// The parts that begin anew; all where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub only: Option<Vec<ResetPart>>,
}

/// A fault with what it did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct FaultStatus {
    /// Its id.
    pub id: String,
    /// The fault in the words of `--fault`.
    pub spec: String,
    /// The fault.
    pub fault: Fault,
    /// How many requests were meant while it could strike.
    pub matched: u64,
    /// How many times it struck.
    pub struck: u64,
}

/// All faults, in the order in which they are tried.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct FaultList {
    /// The faults.
    pub faults: Vec<FaultStatus>,
}

/// The events that a record callback is told of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "a message that callers write")]
pub struct Subscription {
    /// The events.
    pub notify_event_subscription: Vec<NotifyEvent>,
}

/// Whether something changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Changed {
    /// `false` when all was so already.
    pub changed: bool,
}

/// Facts about a running mock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Info {
    /// The version of the mock.
    pub version: String,
    /// The operations of the API.
    pub operations: Vec<String>,
    /// Where the API listens.
    pub url: String,
    /// Whether credentials are checked: `enforce` or `off`.
    pub auth: String,
    /// How the clock is set, in the words of `--clock`.
    pub clock: String,
    /// The time of the mock.
    pub time: Timestamp,
    /// How many apps there are in all projects.
    pub apps: usize,
    /// What makes ids and faults repeatable; see `--seed`.
    pub seed: u64,
}

/// That the mock is well.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Health {
    /// `ok`.
    pub status: String,
}

/// Why the admin API refused a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Problem {
    /// What was wrong, and what to do.
    pub error: String,
}

/// Exchanges of the journal, oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Requests {
    /// How many there are.
    pub count: u64,
    /// The exchanges. Bodies over 64 KB are left out; each exchange by itself has them.
    pub requests: Vec<RecordedExchange>,
}

/// How many exchanges there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Count {
    /// How many.
    pub count: u64,
}

/// What is expected to have come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "a message that callers write")]
pub struct Verify {
    /// Which exchanges.
    #[serde(default)]
    pub filter: RequestFilter,
    /// How many at least; 1 by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_least: Option<u64>,
    /// How many at most; any number by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<u64>,
}

/// Whether what was expected has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Verified {
    /// Whether it has.
    pub verified: bool,
    /// How many exchanges there were.
    pub count: u64,
    /// What came instead, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// The exchange that is no match but comes nearest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nearest: Option<RecordedExchange>,
}

/// What is waited for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "a message that callers write")]
pub struct Wait {
    /// Which exchanges.
    #[serde(default)]
    pub filter: RequestFilter,
    /// How many there have to be; 1 by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// How long to wait at most, in milliseconds of real time: 10,000 by default, 60,000 at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_ms: Option<u64>,
}
