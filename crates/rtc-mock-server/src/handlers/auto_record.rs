//! Auto record.

use rtc_model::auto_record::{
    AppAutoRecordMode, AutoRecord, AutoRecordMode, ShowAutoRecord, UpdateAutoRecord,
};
use rtc_model::{ApiError, ErrorCode};

use crate::handlers::{Call, Handle, Service};

impl Handle<ShowAutoRecord> for Service {
    fn handle(&self, call: &Call<'_>, operation: ShowAutoRecord) -> Result<AutoRecord, ApiError> {
        let state = self.read();
        let entry = state.entry(call.project, &operation.app_id)?;
        // An app whose setting was never made records nothing by itself.
        let mode = entry.app.auto_record_mode.clone();
        let mode = mode.unwrap_or_else(|| AppAutoRecordMode::new().mode(AutoRecordMode::Off));
        Ok(AutoRecord::new().app_id(operation.app_id).auto_record_mode(mode))
    }
}

impl Handle<UpdateAutoRecord> for Service {
    fn handle(&self, call: &Call<'_>, operation: UpdateAutoRecord) -> Result<AutoRecord, ApiError> {
        let mut state = self.write();
        let entry = state.entry_mut(call.project, &operation.app_id)?;
        if let Some(rule) = operation.body.rule().filter(|rule| !entry.rules.contains_key(rule)) {
            let detail =
                format_args!("record_rule_id: the record rule {:?} does not exist", rule.as_str());
            return Err(ApiError::of(ErrorCode::INVALID_PARAMETER_VALUE, detail));
        }
        let mut mode = AppAutoRecordMode::new().mode(operation.body.mode).update_time(call.time());
        mode.record_rule_id = operation.body.record_rule_id;
        entry.app.auto_record_mode = Some(mode.clone());
        Ok(AutoRecord::new().app_id(operation.app_id).auto_record_mode(mode))
    }
}
