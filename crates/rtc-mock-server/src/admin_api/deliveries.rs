//! Notifications on their way, as the admin API shows them.

use rtc_model::record_callback::NotifyEvent;
use rtc_model::{AppId, JobId, RoomId, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A notification of the record callback with all that was tried to deliver it. The key that signs
/// it is not shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct RecordedDelivery {
    /// The number of the delivery; the first one is 1.
    pub id: u64,
    /// The project of the app.
    pub project_id: String,
    /// The app.
    pub app_id: AppId,
    /// The job.
    pub job_id: JobId,
    /// The room.
    pub room_id: RoomId,
    /// What happened.
    pub event_type: NotifyEvent,
    /// Where it is sent.
    pub url: String,
    /// Whether it is signed: the callback had a key when it happened.
    pub signed: bool,
    /// How far it is.
    pub state: DeliveryState,
    /// When it happened, by the mock's clock.
    pub time: Timestamp,
    /// When the next attempt is due, by the mock's clock, once the notifications of the job before
    /// it are over; absent when none is due, and while one is under way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_attempt: Option<Timestamp>,
    /// The body that is sent.
    pub body: String,
    /// The attempts, oldest first; the last 100.
    pub attempts: Vec<DeliveryAttempt>,
}

/// How far a delivery is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum DeliveryState {
    /// It waits for its next attempt, or one is under way.
    Waiting,
    /// The receiver has it.
    Delivered,
    /// All attempts failed.
    Failed,
    /// It may not be sent to where it should, or cannot.
    Refused,
}

/// An attempt to deliver a notification.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct DeliveryAttempt {
    /// When it was made, by the mock's clock.
    pub time: Timestamp,
    /// How long it took, in microseconds of real time.
    pub duration_us: u64,
    /// The status of the answer, if one came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The value of `X-Rtc-Timestamp`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<String>,
    /// The value of `X-Rtc-Rand`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rand: Option<String>,
    /// The value of `X-Rtc-Signature`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<String>,
    /// The fault that spoilt it, in the words of `--fault`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
}

/// Deliveries, oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct DeliveryList {
    /// Whether sending is stopped.
    pub paused: bool,
    /// How many there are.
    pub count: u64,
    /// All that wait, and the last 1,000 that are over.
    pub deliveries: Vec<RecordedDelivery>,
}

/// Which deliveries are meant; without anything all.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "a message that callers write")]
pub struct DeliveryFilter {
    /// Only those of the app.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app_id: Option<AppId>,
    /// Only those of the job.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job_id: Option<JobId>,
    /// Only those that are so far.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<DeliveryState>,
}

impl DeliveryFilter {
    pub(crate) fn matches(&self, delivery: &RecordedDelivery) -> bool {
        self.app_id.as_ref().is_none_or(|app| *app == delivery.app_id)
            && self.job_id.as_ref().is_none_or(|job| *job == delivery.job_id)
            && self.state.is_none_or(|state| state == delivery.state)
    }
}
