//! Jobs that record one user.

use rtc_model::individual_stream_jobs::{
    CreateIndividualStreamJob, IndividualStreamJob, ShowIndividualStreamJob,
    StopIndividualStreamJob, UpdateIndividualStreamJob,
};
use rtc_model::{ApiError, AppId, JobId};

use crate::handlers::job_rules::{check_in_use, check_rule, job_mut, no_job, stop};
use crate::handlers::{Call, Handle, Service};
use crate::jobs::{Individual, Job, Work};
use crate::state::Entry;

impl Handle<CreateIndividualStreamJob> for Service {
    fn handle(
        &self,
        call: &Call<'_>,
        operation: CreateIndividualStreamJob,
    ) -> Result<IndividualStreamJob, ApiError> {
        let mut state = self.write();
        let entry = self.settled(&mut state, call, &operation.app_id)?;
        let request = operation.body;
        check_in_use(entry)?;
        let param = request.record_param.as_ref();
        let rule = param.map(|param| check_rule(entry, param)).transpose()?;
        let rule = rule.ok_or_else(|| no_rule("record_param"))?;
        let work = Individual::new(&request);
        let (room, user) = (request.room_id.clone(), request.user_id.clone());
        let id = self.add_job(
            entry,
            |id| Job::new(id, request.room_id, Work::Individual(work), rule, call.now),
            |job| job.room == room && matches!(&job.work, Work::Individual(i) if i.user == user),
        )?;
        self.answer(entry, &operation.app_id, &id)
    }
}

impl Handle<ShowIndividualStreamJob> for Service {
    fn handle(
        &self,
        call: &Call<'_>,
        operation: ShowIndividualStreamJob,
    ) -> Result<IndividualStreamJob, ApiError> {
        let mut state = self.write();
        let entry = self.settled(&mut state, call, &operation.app_id)?;
        self.answer(entry, &operation.app_id, &operation.job_id)
    }
}

impl Handle<UpdateIndividualStreamJob> for Service {
    fn handle(
        &self,
        call: &Call<'_>,
        operation: UpdateIndividualStreamJob,
    ) -> Result<IndividualStreamJob, ApiError> {
        let mut state = self.write();
        let entry = self.settled(&mut state, call, &operation.app_id)?;
        let param = operation.body.record_param.as_ref();
        job_mut(entry, &operation.job_id, Work::is_individual)?.check_changeable()?;
        let rule = param.map(|param| check_rule(entry, param)).transpose()?;
        if let Some(rule) = rule {
            job_mut(entry, &operation.job_id, Work::is_individual)?.touch(call.now);
            entry.change_rule(&operation.job_id, rule, call.now, self.deliveries.room());
        }
        self.answer(entry, &operation.app_id, &operation.job_id)
    }
}

impl Handle<StopIndividualStreamJob> for Service {
    fn handle(&self, call: &Call<'_>, operation: StopIndividualStreamJob) -> Result<(), ApiError> {
        let mut state = self.write();
        let entry = self.settled(&mut state, call, &operation.app_id)?;
        stop(entry, operation.job_id, Work::is_individual, call.now)
    }
}

impl Service {
    fn answer(
        &self,
        entry: &Entry,
        app: &AppId,
        id: &JobId,
    ) -> Result<IndividualStreamJob, ApiError> {
        let job = entry.jobs.get(id);
        let answer = job.and_then(|job| job.individual(app, self.settings.zero_times));
        answer.ok_or_else(|| no_job(id))
    }
}

/// Validation has refused such a request before.
pub(super) fn no_rule(field: &str) -> ApiError {
    ApiError::of(rtc_model::ErrorCode::MISSING_PARAMETER, format_args!("{field} is absent"))
}
