//! What the operator of the mock does, by the admin API or the library: let time pass, let a job
//! fail, choose the events of a callback, begin anew.

use std::time::SystemTime;

use rtc_model::record_callback::{AppCallbackUrl, NotifyEvent};
use rtc_model::{ApiError, AppId, ErrorCode, JobId, Timestamp};

use crate::admin_api::Happened;
use crate::handlers::Service;
use crate::handlers::job_rules::no_job;
use crate::ids::Seed;
use crate::state::State;

impl Service {
    /// Sets the clock by `set` and lets happen what is due then, in the order of its times. Nobody
    /// else sees the time before.
    pub(crate) fn set_time<E>(
        &self,
        set: impl FnOnce() -> Result<SystemTime, E>,
    ) -> Result<Vec<Happened>, E> {
        let mut state = self.write();
        let now = set()?;
        let mut happened = Vec::new();
        while let Some((project, app)) = state.take_turn(now) {
            let Ok(entry) = state.entry_mut(&project, &app) else { continue };
            let before: Vec<_> =
                entry.jobs.live().map(|job| (job.id.clone(), job.transitions().count())).collect();
            entry.settle(now, self.settings.job_init_delay);
            for (id, known) in before {
                let job = entry.jobs.get(&id);
                for (time, state) in job.into_iter().flat_map(|job| job.transitions().skip(known)) {
                    happened.push(Happened {
                        time: Timestamp::from(time),
                        project_id: project.to_string(),
                        app_id: app.clone(),
                        job_id: id.clone(),
                        state,
                    });
                }
            }
        }
        happened.sort_by_key(|happened| happened.time);
        Ok(happened)
    }

    /// Ends a job as a fault of the service would: `INTERNAL_ERROR`.
    pub(crate) fn fail_job(&self, id: &JobId, now: SystemTime) -> Result<(), ApiError> {
        let mut state = self.write();
        let (project, app) = state.owner_of(id).ok_or_else(|| no_job(id))?;
        let entry = state.entry_mut(&project, &app)?;
        entry.settle(now, self.settings.job_init_delay);
        let room = match entry.jobs.get_mut(id) {
            Some(job) => {
                job.fail(now)?;
                job.room.clone()
            }
            None => return Err(no_job(id)),
        };
        entry.jobs.sort(id.clone());
        entry.forget_room(&room);
        Ok(())
    }

    /// Chooses the events of an app's record callback, which the API cannot (decision D3); the
    /// callback must be there.
    pub(crate) fn subscribe(
        &self,
        project: Option<&str>,
        app: &AppId,
        events: Vec<NotifyEvent>,
        now: SystemTime,
    ) -> Result<AppCallbackUrl, ApiError> {
        let mut state = self.write();
        let project = match project {
            Some(project) => project.to_owned(),
            None => state.project_of(app)?.to_owned(),
        };
        let entry = state.entry_mut(&project, app)?;
        self.tell_before(entry, now);
        let callbacks = &mut entry.app.callbacks;
        let callback = callbacks.as_mut().and_then(|all| all.record_callback.as_mut());
        let callback = callback.ok_or_else(|| {
            let detail = "the application has no record callback; set one by UpdateRecordCallback";
            ApiError::of(ErrorCode::INVALID_PARAMETER_VALUE, detail)
        })?;
        callback.notify_event_subscription = events;
        callback.update_time = Some(now.into());
        Ok(callback.clone())
    }

    /// Holds `state` and nothing of before; who was still to be told of that is not.
    pub(crate) fn hold(&self, state: State) {
        let mut held = self.write();
        *held = state;
        self.deliveries.clear(|gone| self.keep(gone));
    }

    /// Begins anew with `state`; what `seed` makes repeatable comes again.
    pub(crate) fn replace(&self, state: State, seed: Seed) {
        self.hold(state);
        self.ids.restart(seed);
    }
}
