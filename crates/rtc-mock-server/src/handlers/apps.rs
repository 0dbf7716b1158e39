//! Applications.

use rtc_model::apps::{
    App, AppAuth, AppCallbacks, AppList, AppState, AppStateAnswer, AppStatus, CreateApp,
    CreatedApp, DeleteApp, ListApps, ShowApp, StartApp, StopApp,
};
use rtc_model::auto_record::{AppAutoRecordMode, AutoRecordMode};
use rtc_model::{ApiError, AppId, ErrorCode};

use crate::handlers::{Call, Handle, Service};
use crate::state::Page;

impl Handle<CreateApp> for Service {
    fn handle(&self, call: &Call<'_>, operation: CreateApp) -> Result<CreatedApp, ApiError> {
        let name = operation.body.app_name;
        let mut state = self.write();
        let project = state.project_mut(call.project);
        if let Some(owner) = project.app_named(&name) {
            return Err(ApiError::of(
                ErrorCode::APP_EXIST,
                format_args!("app exists: the application {owner} has the name {name:?}"),
            ));
        }
        let quota = self.settings.app_quota;
        if project.app_count() >= quota {
            return Err(ApiError::of(
                ErrorCode::APPS_EXCEED,
                format_args!("app num exceed: {quota} applications exist, no more are allowed"),
            ));
        }
        loop {
            let id = self.ids().app_id();
            // Chance may repeat an id; the name is free, as was seen above.
            if project.insert_app(id.clone(), &name, self.new_app(&id, &name, call)) {
                return Ok(CreatedApp::new(id));
            }
        }
    }
}

impl Handle<ListApps> for Service {
    fn handle(&self, call: &Call<'_>, operation: ListApps) -> Result<AppList, ApiError> {
        let page = Page::new(operation.offset, operation.limit);
        let status = operation.state.map(|state| AppStatus::from(state.as_str()));
        let state = self.read();
        let found = state.project(call.project).map(|p| p.page(status.as_ref(), page));
        let (count, apps) = found.unwrap_or_default();
        Ok(AppList::new().count(i32::try_from(count).unwrap_or(i32::MAX)).apps(apps))
    }
}

impl Handle<ShowApp> for Service {
    fn handle(&self, call: &Call<'_>, operation: ShowApp) -> Result<App, ApiError> {
        Ok(self.read().entry(call.project, &operation.app_id)?.app.clone())
    }
}

impl Handle<DeleteApp> for Service {
    fn handle(&self, call: &Call<'_>, operation: DeleteApp) -> Result<(), ApiError> {
        let mut state = self.write();
        let entry = state.entry_mut(call.project, &operation.app_id)?;
        entry.settle(call.now, self.settings.job_init_delay);
        if let Some(job) = entry.jobs.live().next() {
            let detail = format_args!("job exists and is not over: stop the job {} first", job.id);
            return Err(ApiError::of(ErrorCode::JOB_RUNNING, detail));
        }
        state.remove_app(call.project, &operation.app_id, self.deliveries.room())
    }
}

impl Handle<StartApp> for Service {
    fn handle(&self, call: &Call<'_>, operation: StartApp) -> Result<AppStateAnswer, ApiError> {
        let mut state = self.write();
        // An account in arrears is not put in use by a call (decision D7).
        if state.entry(call.project, &operation.app_id)?.status() == AppStatus::Arrears {
            let detail = "app is stopped: the account is in arrears";
            return Err(ApiError::of(ErrorCode::APP_DEACTIVATION, detail));
        }
        set_status(&mut state, call, operation.app_id, AppStatus::Activation)
    }
}

impl Handle<StopApp> for Service {
    fn handle(&self, call: &Call<'_>, operation: StopApp) -> Result<AppStateAnswer, ApiError> {
        set_status(&mut self.write(), call, operation.app_id, AppStatus::Deactivation)
    }
}

/// Idempotent; `update_time` moves only on a real change (decision D7). An app in arrears is
/// stopped already and stays in arrears.
fn set_status(
    state: &mut crate::state::State,
    call: &Call<'_>,
    app_id: AppId,
    status: AppStatus,
) -> Result<AppStateAnswer, ApiError> {
    let now = call.time();
    // Checked first: a project is not made by a call for an unknown app.
    state.entry(call.project, &app_id)?;
    let app = state.project_mut(call.project).set_status(&app_id, |app| {
        let state = app.state.get_or_insert_default();
        let current = state.state.clone().unwrap_or(AppStatus::Activation);
        if current != status && current != AppStatus::Arrears {
            state.state = Some(status);
            state.update_time = Some(now);
        }
    })?;
    let answer = app.state.clone().unwrap_or_default();
    Ok(AppStateAnswer::new().app_id(app_id).state(answer))
}

impl Service {
    /// A new app is in use, asks for no join signature, records nothing by itself, and has no
    /// callback (decision D2).
    fn new_app(&self, id: &AppId, name: &str, call: &Call<'_>) -> App {
        let now = call.time();
        let state = AppState::new().state(AppStatus::Activation).update_time(now);
        let authentication =
            AppAuth::new().enable(false).expire(300).app_key(self.ids().app_key()).update_time(now);
        App::new()
            .app_name(name)
            .app_id(id)
            .state(state)
            .create_time(now)
            .authentication(authentication)
            .callbacks(AppCallbacks::new())
            .auto_record_mode(AppAutoRecordMode::new().mode(AutoRecordMode::Off))
    }
}
