//! A notification on its way, with all that was tried.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use rtc_model::record_callback::NotifyEvent;
use rtc_model::{AppId, JobId, RoomId, Secret, Timestamp};
use serde::{Deserialize, Serialize};

use crate::admin_api::{DeliveryAttempt, DeliveryState, RecordedDelivery};
use crate::notices::Notice;

/// A notification with how far it is.
#[derive(Debug, Clone)]
pub(super) struct Delivery {
    pub(super) id: u64,
    pub(super) project: Box<str>,
    pub(super) notice: Notice,
    pub(super) stage: Stage,
    pub(super) attempts: Vec<DeliveryAttempt>,
    /// The attempts that count for the schedule; those that were asked for do not.
    pub(super) tries: usize,
    /// Whether a fault changed its time or its place: that happens once.
    pub(super) was_moved: bool,
}

/// How far a delivery is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// The next attempt is due at the time, once those of the job before it are over.
    Waiting(SystemTime),
    /// An attempt is under way; it was due at the time.
    UnderWay(SystemTime),
    /// It is over.
    Over(DeliveryState),
}

impl Delivery {
    pub(super) fn new(id: u64, project: Box<str>, notice: Notice) -> Self {
        let stage = Stage::Waiting(notice.at);
        Self { id, project, notice, stage, attempts: Vec::new(), tries: 0, was_moved: false }
    }

    /// When the attempt that is under way was due.
    pub(super) fn due(&self) -> Option<SystemTime> {
        match self.stage {
            Stage::UnderWay(due) => Some(due),
            Stage::Waiting(_) | Stage::Over(_) => None,
        }
    }

    /// The host and port that are asked; what cannot be read is a host of its own.
    pub(super) fn authority(&self) -> &str {
        let url = &self.notice.url;
        let rest = url.split_once("://").map_or(url.as_str(), |(_, rest)| rest);
        rest.split(['/', '?', '#']).next().unwrap_or_default()
    }

    /// As the admin API shows it.
    pub(super) fn recorded(&self) -> RecordedDelivery {
        let notice = &self.notice;
        let (state, next_attempt) = match self.stage {
            Stage::Waiting(due) => (DeliveryState::Waiting, Some(due)),
            Stage::UnderWay(_) => (DeliveryState::Waiting, None),
            Stage::Over(state) => (state, None),
        };
        RecordedDelivery {
            id: self.id,
            project_id: self.project.to_string(),
            app_id: notice.app.clone(),
            job_id: notice.job.clone(),
            room_id: notice.room.clone(),
            event_type: notice.event.clone(),
            url: notice.url.clone(),
            signed: notice.key.is_some(),
            state,
            time: Timestamp::from(notice.at),
            next_attempt: next_attempt.map(Timestamp::from),
            body: String::from_utf8_lossy(&notice.body).into_owned(),
            attempts: self.attempts.clone(),
        }
    }
}

/// A delivery on disk.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct StoredDelivery {
    project: Box<str>,
    at: Nanos,
    due: Nanos,
    app: AppId,
    job: JobId,
    room: RoomId,
    event: NotifyEvent,
    url: String,
    key: Option<Secret>,
    body: String,
    attempts: Vec<DeliveryAttempt>,
    tries: usize,
}

/// A time to the nanosecond, since 1970.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Nanos(u64);

impl From<SystemTime> for Nanos {
    fn from(time: SystemTime) -> Self {
        let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Self(u64::try_from(since.as_nanos()).unwrap_or(u64::MAX))
    }
}

impl From<Nanos> for SystemTime {
    fn from(nanos: Nanos) -> Self {
        Self::UNIX_EPOCH + Duration::from_nanos(nanos.0)
    }
}

impl Delivery {
    /// As it is kept; `None` when it is over.
    pub(super) fn stored(&self) -> Option<StoredDelivery> {
        let (Stage::Waiting(due) | Stage::UnderWay(due)) = self.stage else { return None };
        let notice = self.notice.clone();
        Some(StoredDelivery {
            project: self.project.clone(),
            at: notice.at.into(),
            due: due.into(),
            app: notice.app,
            job: notice.job,
            room: notice.room,
            event: notice.event,
            url: notice.url,
            key: notice.key,
            body: String::from_utf8_lossy(&notice.body).into_owned(),
            attempts: self.attempts.clone(),
            tries: self.tries,
        })
    }

    /// As it was kept. An attempt that was under way is made again: who was told twice must bear it,
    /// who was told never could not. What is of a later time than `now` comes of a clock that was
    /// set, which is not kept: it is due at once.
    pub(super) fn restored(id: u64, stored: StoredDelivery, now: SystemTime) -> Self {
        let tried = stored.attempts.last().and_then(|attempt| attempt.time.to_system_time());
        let newest = tried.into_iter().chain([stored.at.into()]).max();
        let due: SystemTime = stored.due.into();
        let due = if newest > Some(now) { due.min(now) } else { due };
        let notice = Notice {
            at: stored.at.into(),
            app: stored.app,
            job: stored.job,
            room: stored.room,
            event: stored.event,
            url: stored.url,
            key: stored.key,
            body: Bytes::from(stored.body),
        };
        Self {
            id,
            project: stored.project,
            notice,
            stage: Stage::Waiting(due),
            attempts: stored.attempts,
            tries: stored.tries,
            was_moved: false,
        }
    }
}
