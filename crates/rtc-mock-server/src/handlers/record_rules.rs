//! Record rules.

use rtc_model::auto_record::AutoRecordMode;
use rtc_model::operation::Upserted;
use rtc_model::record_rules::{
    CreateRecordRule, DeleteRecordRule, ListRecordRules, RecordRule, RecordRuleList, RecordRuleReq,
    ShowRecordRule, UpdateRecordRule,
};
use rtc_model::{ApiError, AppId, ErrorCode, RuleId, Timestamp};

use crate::handlers::{Call, Handle, Service};
use crate::settings::BucketCheck;
use crate::state::{Entry, Page, State};

impl Handle<CreateRecordRule> for Service {
    fn handle(
        &self,
        call: &Call<'_>,
        operation: CreateRecordRule,
    ) -> Result<Upserted<RecordRule>, ApiError> {
        let mut state = self.write();
        state.entry(call.project, &operation.app_id)?;
        self.check_bucket(&state, call, &operation.body)?;
        let entry = state.entry_mut(call.project, &operation.app_id)?;
        let now = call.time();
        // One rule a location: the one that is there is replaced and keeps its id (decision D9).
        if let Some(id) = rule_at(entry, &operation.body) {
            let old = entry.rule(&id)?;
            let rule =
                rule(&operation.app_id, &id, operation.body, old.create_time.unwrap_or(now), now);
            entry.rules.insert(id, rule.clone());
            return Ok(Upserted::Replaced(rule));
        }
        let id = loop {
            let id = self.ids().rule_id();
            if !entry.rules.contains_key(&id) {
                break id;
            }
        };
        let rule = rule(&operation.app_id, &id, operation.body, now, now);
        entry.rules.insert(id, rule.clone());
        Ok(Upserted::Created(rule))
    }
}

impl Handle<ListRecordRules> for Service {
    fn handle(
        &self,
        call: &Call<'_>,
        operation: ListRecordRules,
    ) -> Result<RecordRuleList, ApiError> {
        let state = self.read();
        let entry = state.entry(call.project, &operation.app_id)?;
        let range = Page::new(operation.offset, operation.limit).range(entry.rules.len());
        let rules = entry.rules.values().skip(range.start).take(range.len());
        Ok(RecordRuleList::new().rules(rules.cloned()))
    }
}

impl Handle<ShowRecordRule> for Service {
    fn handle(&self, call: &Call<'_>, operation: ShowRecordRule) -> Result<RecordRule, ApiError> {
        let state = self.read();
        state.entry(call.project, &operation.app_id)?.rule(&operation.rule_id).cloned()
    }
}

impl Handle<UpdateRecordRule> for Service {
    fn handle(&self, call: &Call<'_>, operation: UpdateRecordRule) -> Result<RecordRule, ApiError> {
        let mut state = self.write();
        state.entry(call.project, &operation.app_id)?.rule(&operation.rule_id)?;
        self.check_bucket(&state, call, &operation.body)?;
        let entry = state.entry_mut(call.project, &operation.app_id)?;
        if rule_at(entry, &operation.body).is_some_and(|taken| taken != operation.rule_id) {
            let location = &operation.body.obs_addr.location;
            let detail =
                format_args!("record rule of the app exists: another rule stores to {location}");
            return Err(ApiError::of(ErrorCode::RECORD_RULE_EXIST, detail));
        }
        let now = call.time();
        let created = entry.rule(&operation.rule_id)?.create_time.unwrap_or(now);
        let rule = rule(&operation.app_id, &operation.rule_id, operation.body, created, now);
        entry.rules.insert(operation.rule_id, rule.clone());
        Ok(rule)
    }
}

impl Handle<DeleteRecordRule> for Service {
    fn handle(&self, call: &Call<'_>, operation: DeleteRecordRule) -> Result<(), ApiError> {
        let mut state = self.write();
        let entry = state.entry_mut(call.project, &operation.app_id)?;
        entry.rule(&operation.rule_id)?;
        entry.settle(call.now, self.settings.job_init_delay);
        if let Some(user) = user_of(entry, &operation.rule_id) {
            let detail = format_args!("the record rule is in use by {user}");
            return Err(ApiError::of(ErrorCode::RULE_FORBIDDEN_DELETE, detail));
        }
        entry.rules.remove(&operation.rule_id);
        Ok(())
    }
}

impl Service {
    /// Not checked by default: no error is documented for it (decision D28).
    fn check_bucket(
        &self,
        state: &State,
        call: &Call<'_>,
        rule: &RecordRuleReq,
    ) -> Result<(), ApiError> {
        if self.settings.buckets == BucketCheck::Off {
            return Ok(());
        }
        let (bucket, location) = (&rule.obs_addr.bucket, &rule.obs_addr.location);
        let project = state.project(call.project);
        match project.and_then(|project| project.buckets.get(bucket, location.as_str())) {
            Some(found) if found.authorized => Ok(()),
            found => {
                let reason = if found.is_some() { "is not authorized" } else { "does not exist" };
                let detail =
                    format_args!("obs_addr.bucket: the bucket {bucket:?} {reason} in {location}");
                Err(ApiError::of(ErrorCode::INVALID_PARAMETER_VALUE, detail))
            }
        }
    }
}

/// The rule that stores to the location of `request`.
fn rule_at(entry: &Entry, request: &RecordRuleReq) -> Option<RuleId> {
    let location = &request.obs_addr.location;
    let mut rules = entry.rules.iter();
    rules
        .find(|(_, rule)| rule.obs_addr.as_ref().is_some_and(|addr| addr.location == *location))
        .map(|(id, _)| id.clone())
}

/// Who uses the rule (decision D10).
fn user_of(entry: &Entry, rule: &RuleId) -> Option<String> {
    let mode = entry.app.auto_record_mode.as_ref();
    let mode = mode.filter(|mode| mode.mode != Some(AutoRecordMode::Off));
    if mode.and_then(|mode| mode.record_rule_id.as_deref()) == Some(rule.as_str()) {
        return Some("the auto-record mode".to_owned());
    }
    let mut jobs = entry.jobs.live();
    jobs.find(|job| job.rule == *rule).map(|job| format!("the job {}", job.id))
}

fn rule(
    app: &AppId,
    id: &RuleId,
    request: RecordRuleReq,
    created: Timestamp,
    updated: Timestamp,
) -> RecordRule {
    let mut rule = RecordRule::new()
        .rule_id(id)
        .app_id(app)
        .obs_addr(request.obs_addr)
        .record_formats(request.record_formats)
        .create_time(created)
        .update_time(updated);
    rule.hls_config = request.hls_config;
    rule.mp4_config = request.mp4_config;
    rule
}
