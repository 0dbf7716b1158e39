//! Jobs that mix and record a room.

use rtc_model::mix_stream_jobs::{
    CreateMixJob, EncodeTemplate, LayoutTemplate, MixJob, MixParam, ShowMixJob, StopMixJob,
    UpdateMixJob, UpdateMixParam,
};
use rtc_model::{ApiError, AppId, ErrorCode, JobId};

use crate::handlers::individual_stream_jobs::no_rule;
use crate::handlers::job_rules::{check_in_use, check_rule, job_mut, no_job, stop};
use crate::handlers::{Call, Handle, Service};
use crate::jobs::{Job, Work};
use crate::state::Entry;

impl Handle<CreateMixJob> for Service {
    fn handle(&self, call: &Call<'_>, operation: CreateMixJob) -> Result<MixJob, ApiError> {
        let mut state = self.write();
        let entry = self.settled(&mut state, call, &operation.app_id)?;
        check_in_use(entry)?;
        let param = operation.body.record_param.as_ref();
        let rule = param.map(|param| check_rule(entry, param)).transpose()?;
        let rule = rule.ok_or_else(|| no_rule("record_param"))?;
        let mix = without_ignored(operation.body.mix_param);
        let room = mix.room_id.clone();
        let id = self.add_job(
            entry,
            |id| Job::new(id, mix.room_id.clone(), Work::Mix(mix), rule, call.now),
            |job| job.room == room && job.work.is_mix(),
        )?;
        self.mix_answer(entry, &operation.app_id, &id)
    }
}

impl Handle<ShowMixJob> for Service {
    fn handle(&self, call: &Call<'_>, operation: ShowMixJob) -> Result<MixJob, ApiError> {
        let mut state = self.write();
        let entry = self.settled(&mut state, call, &operation.app_id)?;
        self.mix_answer(entry, &operation.app_id, &operation.job_id)
    }
}

impl Handle<UpdateMixJob> for Service {
    fn handle(&self, call: &Call<'_>, operation: UpdateMixJob) -> Result<MixJob, ApiError> {
        let mut state = self.write();
        let entry = self.settled(&mut state, call, &operation.app_id)?;
        let job = job_mut(entry, &operation.job_id, Work::is_mix)?;
        job.check_changeable()?;
        if let Work::Mix(mix) = &mut job.work {
            *mix = changed(mix, operation.body.mix_param)?;
        }
        job.touch(call.now);
        self.mix_answer(entry, &operation.app_id, &operation.job_id)
    }
}

impl Handle<StopMixJob> for Service {
    fn handle(&self, call: &Call<'_>, operation: StopMixJob) -> Result<(), ApiError> {
        let mut state = self.write();
        let entry = self.settled(&mut state, call, &operation.app_id)?;
        stop(entry, operation.job_id, Work::is_mix, call.now)
    }
}

impl Service {
    fn mix_answer(&self, entry: &Entry, app: &AppId, id: &JobId) -> Result<MixJob, ApiError> {
        let job = entry.jobs.get(id);
        let answer = job.and_then(|job| job.mix(app, self.settings.zero_times));
        answer.ok_or_else(|| no_job(id))
    }
}

/// Without video, what belongs to video is ignored.
fn without_ignored(mix: MixParam) -> MixParam {
    if mix.encode_template != EncodeTemplate::AUDIO_ONLY {
        return mix;
    }
    let mut audio = MixParam::new(mix.room_id, mix.encode_template);
    audio.max_idle_time = mix.max_idle_time;
    audio
}

/// The mix with a change made to it; what is left out stays. The layout changes only between
/// custom ones, and needs its panes.
fn changed(mix: &MixParam, change: UpdateMixParam) -> Result<MixParam, ApiError> {
    let mut new = mix.clone();
    if let Some(idle) = change.max_idle_time {
        new.max_idle_time = Some(idle);
    }
    if new.encode_template == EncodeTemplate::AUDIO_ONLY {
        return Ok(new);
    }
    if let Some(layout) = change.layout_template {
        // There is one custom layout, so "between custom ones" leaves the layout as it is.
        if new.layout_template.as_ref() != Some(&layout) {
            let detail =
                "mix_param.layout_template: a layout can only be changed between custom ones";
            return Err(ApiError::of(ErrorCode::INVALID_PARAMETER_COMBINATION, detail));
        }
        new.layout_template = Some(layout);
    }
    if let Some(panes) = change.layout_panes {
        if panes.is_empty() && new.layout_template != Some(LayoutTemplate::NineGridsView) {
            let detail = "mix_param.layout_panes: the layout needs at least one pane";
            return Err(ApiError::of(ErrorCode::INVALID_PARAMETER_COMBINATION, detail));
        }
        new.layout_panes = Some(panes);
    }
    if let Some(images) = change.user_background_images {
        new.user_background_images = Some(images);
    }
    for (place, image) in [
        (&mut new.background_image, change.background_image),
        (&mut new.default_user_background_image, change.default_user_background_image),
        (&mut new.screen_background_image, change.screen_background_image),
    ] {
        if let Some(image) = image {
            // An empty picture takes the old one away.
            *place = Some(image).filter(|image| !image.is_empty());
        }
    }
    Ok(new)
}
