//! What both kinds of jobs have to keep.

use std::time::SystemTime;

use rtc_model::apps::AppStatus;
use rtc_model::jobs::RecordParam;
use rtc_model::{ApiError, ErrorCode, JobId, RuleId};

use crate::handlers::{Call, Service};
use crate::jobs::{Job, Work};
use crate::state::{Entry, State, not_found};

impl Service {
    /// The app of a job call, its jobs brought up to the time.
    pub(super) fn settled<'s>(
        &self,
        state: &'s mut State,
        call: &Call<'_>,
        app: &rtc_model::AppId,
    ) -> Result<&'s mut Entry, ApiError> {
        let entry = state.entry_mut(call.project, app)?;
        entry.settle(call.now, self.settings.job_init_delay);
        Ok(entry)
    }

    /// Adds a job, unless the app is stopped, does the same already, or has too many (decision
    /// D11). `same` tells whether another job does the same.
    pub(super) fn add_job(
        &self,
        entry: &mut Entry,
        job: impl FnOnce(JobId) -> Job,
        same: impl Fn(&Job) -> bool,
    ) -> Result<JobId, ApiError> {
        check_in_use(entry)?;
        if let Some(other) = entry.jobs.live().find(|job| same(job)) {
            let detail = format_args!("job exists and is not over: {} does the same", other.id);
            return Err(ApiError::of(ErrorCode::JOB_RUNNING, detail));
        }
        let limit = self.settings.job_limit;
        if entry.jobs.live_count() >= limit {
            let detail = format_args!("{limit} jobs are not over, no more are allowed");
            return Err(ApiError::of(ErrorCode::JOB_EXCEED, detail));
        }
        let id = loop {
            let id = self.ids().job_id();
            if entry.jobs.get(&id).is_none() {
                break id;
            }
        };
        entry.jobs.insert(job(id.clone()));
        Ok(id)
    }
}

/// A stopped app records nothing.
pub(super) fn check_in_use(entry: &Entry) -> Result<(), ApiError> {
    match entry.status() {
        AppStatus::Activation => Ok(()),
        other => {
            let detail = format_args!("app is stopped: its state is {other}");
            Err(ApiError::of(ErrorCode::APP_DEACTIVATION, detail))
        }
    }
}

/// The rule that a job names; an unknown one is a wrong value (decision D11).
pub(super) fn check_rule(entry: &Entry, param: &RecordParam) -> Result<RuleId, ApiError> {
    let id = &param.record_rule_id;
    if entry.rules.contains_key(id) {
        return Ok(id.clone());
    }
    let detail = format_args!(
        "record_param.record_rule_id: the record rule {:?} does not exist",
        id.as_str()
    );
    Err(ApiError::of(ErrorCode::INVALID_PARAMETER_VALUE, detail))
}

/// A job of the app. One of the other kind is not found (`kind` tells).
pub(super) fn job_mut<'e>(
    entry: &'e mut Entry,
    id: &JobId,
    kind: fn(&Work) -> bool,
) -> Result<&'e mut Job, ApiError> {
    let job = entry.jobs.get_mut(id).filter(|job| kind(&job.work));
    job.ok_or_else(|| no_job(id))
}

/// Stops a job; its room goes if it only waited for somebody to come back to it.
pub(super) fn stop(
    entry: &mut Entry,
    id: JobId,
    kind: fn(&Work) -> bool,
    now: SystemTime,
) -> Result<(), ApiError> {
    let job = job_mut(entry, &id, kind)?;
    job.stop(now)?;
    let room = job.room.clone();
    entry.jobs.sort(id);
    entry.forget_room(&room);
    Ok(())
}

/// "Not found" for a job.
pub(super) fn no_job(id: &JobId) -> ApiError {
    not_found("job", id.as_str())
}
