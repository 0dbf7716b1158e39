//! The recording event callback.

use rtc_model::ApiError;
use rtc_model::record_callback::{
    AppCallbackUrl, NotifyEvent, RecordCallback, ShowRecordCallback, UpdateRecordCallback,
};

use crate::handlers::{Call, Handle, Service};

impl Handle<ShowRecordCallback> for Service {
    fn handle(
        &self,
        call: &Call<'_>,
        operation: ShowRecordCallback,
    ) -> Result<RecordCallback, ApiError> {
        let state = self.read();
        let app = &state.entry(call.project, &operation.app_id)?.app;
        let mut answer = RecordCallback::new().app_id(operation.app_id);
        // An app whose callback was never set is answered without one (decision D2).
        answer.record_callback =
            app.callbacks.as_ref().and_then(|callbacks| callbacks.record_callback.clone());
        Ok(answer)
    }
}

impl Handle<UpdateRecordCallback> for Service {
    fn handle(
        &self,
        call: &Call<'_>,
        operation: UpdateRecordCallback,
    ) -> Result<RecordCallback, ApiError> {
        let mut state = self.write();
        let entry = state.entry_mut(call.project, &operation.app_id)?;
        self.tell_before(entry, call.now);
        let app = &mut entry.app;
        let callbacks = app.callbacks.get_or_insert_default();
        // The events cannot be set here, so the ones that were there stay (decision D3).
        let events = callbacks
            .record_callback
            .take()
            .map_or_else(default_subscription, |old| old.notify_event_subscription);
        let mut callback = AppCallbackUrl::new()
            .url(operation.body.url)
            .notify_event_subscription(events)
            .update_time(call.time());
        // The whole is replaced: a key that is left out or empty is cleared.
        callback.auth_key = operation.body.auth_key.filter(|key| !key.expose_secret().is_empty());
        callbacks.record_callback = Some(callback.clone());
        Ok(RecordCallback::new().app_id(operation.app_id).record_callback(callback))
    }
}

/// The events that a new callback is told of (decision D3).
pub(crate) fn default_subscription() -> Vec<NotifyEvent> {
    vec![NotifyEvent::RecordNewFileStart, NotifyEvent::RecordFileComplete]
}
