//! Jobs as they are answered.

use rtc_model::individual_stream_jobs::IndividualStreamJob;
use rtc_model::jobs::RecordParam;
use rtc_model::mix_stream_jobs::MixJob;
use rtc_model::{AppId, Timestamp};

use crate::jobs::{IDLE_TIME, Job, Work, ZeroTimes};

impl Job {
    fn stop_time(&self, zero_times: ZeroTimes) -> Option<Timestamp> {
        match (&self.stopped, zero_times) {
            (Some((time, _)), _) => Some(Timestamp::from(*time)),
            (None, ZeroTimes::Write) => Some(Timestamp::UNSET),
            (None, ZeroTimes::LeaveOut) => None,
        }
    }

    /// The answer about a single-stream job; `None` for a mix job.
    pub(crate) fn individual(&self, app: &AppId, zero: ZeroTimes) -> Option<IndividualStreamJob> {
        let Work::Individual(work) = &self.work else { return None };
        let mut answer = IndividualStreamJob::new()
            .job_id(&self.id)
            .stream_name(self.stream_name(app))
            .app_id(app)
            .room_id(&self.room)
            .user_id(&work.user)
            .is_record_audio(work.audio)
            .video_type(work.video.clone())
            .select_stream_type(work.quality.clone())
            .max_idle_time(work.max_idle_time)
            .record_param(RecordParam::new(&self.rule))
            .create_time(self.created)
            .update_time(self.updated)
            .state(self.state());
        answer.start_time = self.started.map(Timestamp::from);
        answer.stop_time = self.stop_time(zero);
        answer.stop_reason = self.stopped.as_ref().map(|(_, reason)| reason.clone());
        Some(answer)
    }

    /// The answer about a mix job; `None` for a single-stream job.
    pub(crate) fn mix(&self, app: &AppId, zero: ZeroTimes) -> Option<MixJob> {
        let Work::Mix(mix) = &self.work else { return None };
        let mut mix = mix.clone();
        mix.max_idle_time.get_or_insert(IDLE_TIME);
        let mut answer = MixJob::new()
            .job_id(&self.id)
            .stream_name(self.stream_name(app))
            .app_id(app)
            .room_id(&self.room)
            .mix_param(mix)
            .record_param(RecordParam::new(&self.rule))
            .create_time(self.created)
            .update_time(self.updated)
            .state(self.state());
        answer.start_time = self.started.map(Timestamp::from);
        answer.stop_time = self.stop_time(zero);
        answer.stop_reason = self.stopped.as_ref().map(|(_, reason)| reason.clone());
        Some(answer)
    }
}
