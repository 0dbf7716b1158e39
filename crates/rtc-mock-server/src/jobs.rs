//! Recording jobs: what they do, and how they live.
//!
//! A job's state is a function of the time. Whoever looks at a job first lets happen what was due
//! ([`Job::settle`]); what it records, and who is told of it, follows from that ([`Job::record`]).

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use rtc_model::individual_stream_jobs::IndividualStreamJobReq;
use rtc_model::jobs::{JobState, StopReason, StreamQuality, VideoType};
use rtc_model::mix_stream_jobs::MixParam;
use rtc_model::record_rules::RecordRule;
use rtc_model::{ApiError, AppId, ErrorCode, JobId, RoomId, RuleId, UserId};

use crate::rooms::Room;

pub(crate) use self::list::Jobs;
#[cfg(feature = "store")]
pub(crate) use self::recording::OpenFile;
pub(crate) use self::recording::{Moment, Progress, Recording, What};

mod answer;
mod fixture;
mod list;
mod recording;

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
    progress: Progress,
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
    maker: Maker,
}

/// Who made a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Maker {
    /// A call of the API.
    Call,
    /// Auto record, when a user joined.
    AutoRecord,
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
            maker: Maker::Call,
        }
    }

    /// The video that is recorded.
    pub(crate) fn video(&self) -> &VideoType {
        &self.video
    }

    /// Its quality.
    pub(crate) fn quality(&self) -> &StreamQuality {
        &self.quality
    }

    /// What auto record does for a user: sound and camera.
    pub(crate) fn auto(user: UserId) -> Self {
        Self {
            user,
            audio: true,
            video: VideoType::CameraStream,
            quality: StreamQuality::Fhd,
            max_idle_time: IDLE_TIME,
            maker: Maker::AutoRecord,
        }
    }
}

impl Job {
    /// A new job, in the state INIT.
    pub(crate) fn new(id: JobId, room: RoomId, work: Work, rule: RuleId, now: SystemTime) -> Self {
        let (created, updated) = (now, now);
        let progress = Progress::Nothing;
        Self { id, room, work, rule, created, updated, started: None, stopped: None, progress }
    }

    /// The name of the stream that is recorded, as the reference forms it.
    pub(crate) fn stream_name(&self, app: &AppId) -> String {
        match &self.work {
            Work::Individual(Individual { user, maker: Maker::AutoRecord, .. }) => {
                format!("{app}_{}_{user}_av_m", self.room)
            }
            Work::Individual(work) => format!("s_{}_{}_{}", self.id, self.room, work.user),
            Work::Mix(_) => format!("m_{}_{}", self.id, self.room),
        }
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
        if let Some(end) = self.idle_end(room).filter(|end| now >= *end) {
            self.stopped = Some((end, StopReason::ExceedMaxIdleTime));
        }
    }

    /// When it is over because nobody is there, if nobody comes.
    fn idle_end(&self, room: Option<&Room>) -> Option<SystemTime> {
        let started = self.started?;
        let idle_since = room.and_then(|room| match &self.work {
            Work::Individual(individual) => room.gone_since(&individual.user),
            Work::Mix(_) => room.empty_since(),
        });
        let max = Duration::from_secs(u64::try_from(self.max_idle_time()).unwrap_or(0));
        idle_since?.max(started).checked_add(max)
    }

    /// Lets the files be written until `now`; gives what may be told of it, at most about `most`.
    /// `rule` is the record rule as it is now.
    pub(crate) fn record(
        &mut self,
        now: SystemTime,
        rule: Option<&RecordRule>,
        most: usize,
        told: &mut Vec<Moment>,
    ) {
        let end = self.stopped_at().unwrap_or(now);
        if let (Progress::Nothing | Progress::Before(_), Some(started)) =
            (&self.progress, self.started)
        {
            // A rule in use is not deleted; a job out of a fixture may name one that is not there.
            let rule = Arc::new(rule.cloned().unwrap_or_default());
            self.progress = Progress::Open(match self.progress {
                Progress::Before(time) => Recording::silent(rule, started, time.max(started)),
                _ => Recording::begin(rule, started, told),
            });
        }
        if let Progress::Open(recording) = &mut self.progress {
            // A file is not begun at the moment at which the job is over.
            let last = if self.stopped.is_some() {
                end.checked_sub(Duration::from_nanos(1)).unwrap_or(end)
            } else {
                end
            };
            if !recording.run(last, most, told) {
                return;
            }
        }
        if let Some(at) = self.stopped_at() {
            if let Progress::Open(recording) = &self.progress {
                recording.complete(at, told);
            }
            if !matches!(self.progress, Progress::All) {
                told.push(Moment { at, what: What::Over });
            }
            self.progress = Progress::All;
        }
    }

    /// Lets the time go by without telling anybody what was recorded.
    pub(crate) fn skip(&mut self, now: SystemTime, rule: Option<&RecordRule>) {
        match (&mut self.progress, self.started) {
            _ if self.stopped.is_some() => self.progress = Progress::All,
            (Progress::Open(recording), _) => recording.skip(now),
            (Progress::Nothing | Progress::Before(_), Some(started)) => {
                let rule = Arc::new(rule.cloned().unwrap_or_default());
                self.progress = Progress::Open(Recording::silent(rule, started, now.max(started)));
            }
            _ => {}
        }
    }

    /// Records by another rule from now on: the files are completed, new ones begin. What of the
    /// files before is more than `most` is not told.
    pub(crate) fn change_rule(
        &mut self,
        rule: &RecordRule,
        now: SystemTime,
        most: usize,
    ) -> Vec<Moment> {
        let mut told = Vec::new();
        if let Progress::Open(recording) = &mut self.progress {
            if !recording.run(now, most, &mut told) {
                recording.skip(now);
            }
            recording.complete(now, &mut told);
            *recording = Recording::begin(Arc::new(rule.clone()), now, &mut told);
        }
        told
    }

    /// Until when at least is told what it recorded.
    pub(crate) fn told_until(&self) -> SystemTime {
        let Progress::Open(recording) = &self.progress else { return self.created };
        recording.files.iter().map(|file| file.since).min().unwrap_or(self.created)
    }

    /// Whether all is told of the job.
    pub(crate) fn is_told(&self) -> bool {
        matches!(self.progress, Progress::All)
    }

    /// When something is due, if nobody does anything: its start, the end of a file, its end.
    pub(crate) fn next_due(&self, init_delay: Duration, room: Option<&Room>) -> Option<SystemTime> {
        if self.stopped.is_some() {
            return self.stopped_at().filter(|_| !self.is_told());
        }
        let file = match &self.progress {
            Progress::Open(recording) => recording.next_due(),
            _ => self.started,
        };
        file.into_iter().chain(self.next_turn(init_delay, room)).min()
    }

    /// When its state changes, if nobody does anything.
    pub(crate) fn next_turn(
        &self,
        init_delay: Duration,
        room: Option<&Room>,
    ) -> Option<SystemTime> {
        if self.stopped.is_some() {
            return None;
        }
        match self.started {
            None => self.created.checked_add(init_delay),
            Some(_) => self.idle_end(room),
        }
    }

    /// The progress, to be kept on disk.
    #[cfg(feature = "store")]
    pub(crate) fn progress(&self) -> &Progress {
        &self.progress
    }

    /// The progress as it was kept.
    #[cfg(feature = "store")]
    pub(crate) fn set_progress(&mut self, progress: Progress) {
        self.progress = progress;
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

    /// Why it stopped.
    pub(crate) fn stop_reason(&self) -> Option<&StopReason> {
        self.stopped.as_ref().map(|(_, reason)| reason)
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
