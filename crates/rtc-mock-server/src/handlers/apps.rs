//! Applications.

use rtc_model::apps::{
    App, AppAuth, AppCallbacks, AppState, AppStatus, CreateApp, CreatedApp, DeleteApp, ShowApp,
};
use rtc_model::auto_record::{AppAutoRecordMode, AutoRecordMode};
use rtc_model::{ApiError, ErrorCode};

use crate::handlers::{Call, Handle, Service};

/// The documented number of apps.
const APP_QUOTA: usize = 20;

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
        if project.app_count() >= APP_QUOTA {
            return Err(ApiError::of(
                ErrorCode::APPS_EXCEED,
                format_args!("app num exceed: {APP_QUOTA} applications exist, no more are allowed"),
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

impl Handle<ShowApp> for Service {
    fn handle(&self, call: &Call<'_>, operation: ShowApp) -> Result<App, ApiError> {
        self.read().app(call.project, &operation.app_id).cloned()
    }
}

impl Handle<DeleteApp> for Service {
    fn handle(&self, call: &Call<'_>, operation: DeleteApp) -> Result<(), ApiError> {
        self.write().remove_app(call.project, &operation.app_id)
    }
}

impl Service {
    /// A new app is in use, asks for no join signature, records nothing by itself, and has no
    /// callback (decision D2).
    fn new_app(&self, id: &rtc_model::AppId, name: &str, call: &Call<'_>) -> App {
        let state = AppState::new().state(AppStatus::Activation).update_time(call.now);
        let authentication = AppAuth::new()
            .enable(false)
            .expire(300_u32)
            .app_key(self.ids().app_key())
            .update_time(call.now);
        App::new()
            .app_name(name)
            .app_id(id)
            .state(state)
            .create_time(call.now)
            .authentication(authentication)
            .callbacks(AppCallbacks::new())
            .auto_record_mode(AppAutoRecordMode::new().mode(AutoRecordMode::Off))
    }
}
