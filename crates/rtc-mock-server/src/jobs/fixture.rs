//! Jobs out of fixtures, in the form in which they are answered.

use std::time::SystemTime;

use rtc_model::individual_stream_jobs::{IndividualStreamJob, IndividualStreamJobReq};
use rtc_model::jobs::{JobState, RecordParam, StopReason};
use rtc_model::mix_stream_jobs::MixJob;
use rtc_model::{JobId, RoomId, Timestamp};

use crate::jobs::{Individual, Job, Maker, Progress, Work};

impl Job {
    /// The job that an answer describes, or the field that it lacks.
    pub(crate) fn from_individual(
        job: &IndividualStreamJob,
        now: Timestamp,
    ) -> Result<Self, &'static str> {
        let room = job.room_id.clone().ok_or("room_id")?;
        let mut request = IndividualStreamJobReq::new(&room, job.user_id.clone().ok_or("user_id")?);
        request.is_record_audio = job.is_record_audio;
        request.video_type.clone_from(&job.video_type);
        request.select_stream_type.clone_from(&job.select_stream_type);
        request.max_idle_time = job.max_idle_time;
        let life = Life {
            state: job.state.as_ref(),
            times: [job.create_time, job.update_time, job.start_time, job.stop_time],
            reason: job.stop_reason.as_ref(),
        };
        let mut work = Individual::new(&request);
        if job.stream_name.as_ref().is_some_and(|name| !name.starts_with("s_")) {
            work.maker = Maker::AutoRecord;
        }
        let work = Work::Individual(work);
        life.job(job.job_id.as_ref(), room, work, job.record_param.as_ref(), now)
    }

    /// The job that an answer describes, or the field that it lacks.
    pub(crate) fn from_mix(job: &MixJob, now: Timestamp) -> Result<Self, &'static str> {
        let mix = job.mix_param.clone().ok_or("mix_param")?;
        let life = Life {
            state: job.state.as_ref(),
            times: [job.create_time, job.update_time, job.start_time, job.stop_time],
            reason: job.stop_reason.as_ref(),
        };
        let room = mix.room_id.clone();
        life.job(job.job_id.as_ref(), room, Work::Mix(mix), job.record_param.as_ref(), now)
    }
}

/// What both kinds of jobs tell of their life.
struct Life<'a> {
    state: Option<&'a JobState>,
    /// Made, changed, started, stopped.
    times: [Option<Timestamp>; 4],
    reason: Option<&'a StopReason>,
}

impl Life<'_> {
    fn job(
        &self,
        id: Option<&JobId>,
        room: RoomId,
        work: Work,
        rule: Option<&RecordParam>,
        now: Timestamp,
    ) -> Result<Job, &'static str> {
        let now = now.to_system_time().unwrap_or(SystemTime::UNIX_EPOCH);
        let [created, updated, started, stopped] =
            self.times.map(|time| time.and_then(|time| time.to_system_time()));
        let rule = rule.ok_or("record_param")?.record_rule_id.clone();
        let created = created.unwrap_or(now);
        let mut job = Job::new(id.ok_or("job_id")?.clone(), room, work, rule, created);
        job.updated = updated.unwrap_or(created);
        match self.state {
            Some(JobState::Init) => {}
            Some(JobState::Stopped) => {
                let reason = self.reason.cloned().unwrap_or(StopReason::TenantStop);
                job.started = started;
                job.stopped = Some((stopped.unwrap_or(now), reason));
                job.progress = Progress::All;
            }
            _ => {
                job.started = Some(started.unwrap_or(created));
                job.progress = Progress::Before(now);
            }
        }
        Ok(job)
    }
}
