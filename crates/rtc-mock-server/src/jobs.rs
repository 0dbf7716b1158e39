//! Recording jobs: what they do, and how they live.
//!
//! A job's state is a function of the time: nothing runs in between. Whoever looks at a job first
//! lets happen what was due ([`Job::settle`]).

use std::time::{Duration, SystemTime};

use rtc_model::individual_stream_jobs::IndividualStreamJobReq;
use rtc_model::jobs::{JobState, StopReason, StreamQuality, VideoType};
use rtc_model::mix_stream_jobs::MixParam;
use rtc_model::{ApiError, ErrorCode, JobId, RoomId, RuleId, UserId};

use crate::rooms::Room;

pub(crate) use self::list::Jobs;

mod answer;
mod fixture;
mod list;

/// The idle time of a job that names none, in seconds.
const IDLE_TIME: i32 = 30;

/// A recording job.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) id: JobId,
    pub(crate) room: RoomId,
    pub(crate) work: Work,
    pub(crate) rule: RuleId,
    created: SystemTime,
    updated: SystemTime,
    started: Option<SystemTime>,
    stopped: Option<(SystemTime, StopReason)>,
}

/// What a job does.
#[derive(Debug)]
pub(crate) enum Work {
    /// Records one user.
    Individual(Individual),
    /// Mixes and records a room.
    Mix(MixParam),
}

impl Work {
    pub(crate) fn is_individual(&self) -> bool {
        matches!(self, Self::Individual(_))
    }

    pub(crate) fn is_mix(&self) -> bool {
        matches!(self, Self::Mix(_))
    }
}

/// Which streams of a user are recorded.
#[derive(Debug)]
pub(crate) struct Individual {
    pub(crate) user: UserId,
    audio: bool,
    video: VideoType,
    quality: StreamQuality,
    max_idle_time: i32,
}

impl Individual {
    /// The defaults of the reference. An absent `video_type` records no video: the reference says
    /// so, and in the same breath that the camera is the default.
    pub(crate) fn new(request: &IndividualStreamJobReq) -> Self {
        Self {
            user: request.user_id.clone(),
            audio: request.is_record_audio.unwrap_or(true),
            video: request.video_type.clone().unwrap_or(VideoType::None),
            quality: request.select_stream_type.clone().unwrap_or(StreamQuality::Fhd),
            max_idle_time: request.max_idle_time.unwrap_or(IDLE_TIME),
        }
    }
}

impl Job {
    /// A new job, in the state INIT.
    pub(crate) fn new(id: JobId, room: RoomId, work: Work, rule: RuleId, now: SystemTime) -> Self {
        let (created, updated) = (now, now);
        Self { id, room, work, rule, created, updated, started: None, stopped: None }
    }

    /// The state, as of the last look.
    pub(crate) fn state(&self) -> JobState {
        match (&self.stopped, self.started) {
            (Some(_), _) => JobState::Stopped,
            (None, Some(_)) => JobState::Running,
            (None, None) => JobState::Init,
        }
    }

    /// Lets happen what was due: the start after `init_delay`, and the end of an idle job
    /// (decision D11: the idle time counts from the last leave).
    pub(crate) fn settle(&mut self, now: SystemTime, init_delay: Duration, room: Option<&Room>) {
        if self.stopped.is_some() {
            return;
        }
        let Some(due) = self.created.checked_add(init_delay) else { return };
        if self.started.is_none() && now >= due {
            self.started = Some(due);
        }
        let Some(started) = self.started else { return };
        let idle_since = room.and_then(|room| match &self.work {
            Work::Individual(individual) => room.gone_since(&individual.user),
            Work::Mix(_) => room.empty_since(),
        });
        let max = Duration::from_secs(u64::try_from(self.max_idle_time()).unwrap_or(0));
        let end = idle_since.and_then(|since| since.max(started).checked_add(max));
        if let Some(end) = end.filter(|end| now >= *end) {
            self.stopped = Some((end, StopReason::ExceedMaxIdleTime));
        }
    }

    /// When the job came into the states after INIT, in order.
    pub(crate) fn transitions(&self) -> impl Iterator<Item = (SystemTime, JobState)> {
        let started = self.started.map(|time| (time, JobState::Running));
        let stopped = self.stopped.as_ref().map(|(time, _)| (*time, JobState::Stopped));
        started.into_iter().chain(stopped)
    }

    /// Ends the job as a fault of the service would.
    pub(crate) fn fail(&mut self, now: SystemTime) -> Result<(), ApiError> {
        if self.stopped.is_some() {
            return Err(self.done());
        }
        self.stopped = Some((now, StopReason::InternalError));
        Ok(())
    }

    /// Stops the job (decision D12: also one in INIT).
    pub(crate) fn stop(&mut self, now: SystemTime) -> Result<(), ApiError> {
        if self.stopped.is_some() {
            return Err(self.done());
        }
        self.stopped = Some((now, StopReason::TenantStop));
        Ok(())
    }

    /// Whether the job may be changed (decision D12).
    pub(crate) fn check_changeable(&self) -> Result<(), ApiError> {
        match self.state() {
            JobState::Init => Err(ApiError::documented(ErrorCode::JOB_NOT_INITIALIZED)),
            JobState::Stopped => Err(self.done()),
            _ => Ok(()),
        }
    }

    /// When it stopped.
    pub(crate) fn stopped_at(&self) -> Option<SystemTime> {
        self.stopped.as_ref().map(|(time, _)| *time)
    }

    /// Marks the job as changed.
    pub(crate) fn touch(&mut self, now: SystemTime) {
        self.updated = now;
    }

    fn done(&self) -> ApiError {
        let detail = format_args!("task canceled or completed: the job {} is over", self.id);
        ApiError::of(ErrorCode::JOB_DONE, detail)
    }

    fn max_idle_time(&self) -> i32 {
        match &self.work {
            Work::Individual(individual) => individual.max_idle_time,
            Work::Mix(mix) => mix.max_idle_time.unwrap_or(IDLE_TIME),
        }
    }
}

/// How a time that is not set is answered (decision D13).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum ZeroTimes {
    /// Not at all.
    #[default]
    LeaveOut,
    /// As the year 1, as the reference's example does.
    Write,
}
