//! Auto record: whether rooms are recorded without a job (pages `ShowAutoRecord` and
//! `UpdateAutoRecord`).

use crate::id::{AppId, RuleId};
use crate::operation::json_output;
use crate::timestamp::Timestamp;
use crate::validate::{Field, Violation};

operation! {
    /// Queries whether the rooms of an app are recorded without a job.
    ///
    /// ```
    /// use rtc_model::auto_record::ShowAutoRecord;
    ///
    /// let show = ShowAutoRecord::new("123456789abcdefghijklmno");
    /// assert_eq!(show.app_id.as_str(), "123456789abcdefghijklmno");
    /// ```
    ShowAutoRecord: GET "/v2/apps/{app_id}/auto-record-mode" => OK
    path { /** The application. */ app_id: AppId }
    returns AutoRecord;
    errors BAD_REQUEST, NOT_FOUND, INTERNAL_SERVER_ERROR;
    Idempotent, AppManagement
}

operation! {
    /// Sets whether the rooms of an app are recorded without a job. Rooms that are there already
    /// are not affected.
    ///
    /// ```
    /// use rtc_model::auto_record::{AutoRecordMode, AutoRecordModeReq, UpdateAutoRecord};
    ///
    /// let body = AutoRecordModeReq::new(AutoRecordMode::IndividualRecord).record_rule_id("456789abc");
    /// let update = UpdateAutoRecord::new("123456789abcdefghijklmno", body);
    /// assert_eq!(update.body.mode, AutoRecordMode::IndividualRecord);
    /// ```
    UpdateAutoRecord: PUT "/v2/apps/{app_id}/auto-record-mode" => OK
    path { /** The application. */ app_id: AppId }
    body AutoRecordModeReq;
    returns AutoRecord;
    errors BAD_REQUEST, NOT_FOUND, INTERNAL_SERVER_ERROR;
    Idempotent, AppManagement
}

open_enum! {
    /// What is recorded by itself.
    pub enum AutoRecordMode {
        /// Nothing.
        Off = "AUTO_RECORD_OFF",
        /// Every single stream, by the record rule that is named beside it.
        IndividualRecord = "AUTO_INDIVIDUAL_RECORD",
    }
}

object! {
    /// The auto-record setting of an app.
    pub struct AutoRecord: Default {
        optional {
            /// The app.
            app_id: AppId,
            /// The setting.
            auto_record_mode: AppAutoRecordMode,
        }
    }
}

object! {
    /// The auto-record setting as it is answered.
    pub struct AppAutoRecordMode: Default {
        optional {
            /// What is recorded by itself.
            mode: AutoRecordMode,
            /// The record rule; may be empty.
            record_rule_id: String { chars 0..=128 },
            /// When the setting was changed last, UTC.
            update_time: Timestamp,
        }
    }
}

object! {
    /// The auto-record setting as it is made.
    pub struct AutoRecordModeReq {
        required {
            /// What is recorded by itself.
            mode: AutoRecordMode,
        }
        optional {
            /// The record rule; mandatory with [`AutoRecordMode::IndividualRecord`].
            record_rule_id: String { chars 0..=128 },
        }
    }
    check check_rule;
}

json_output!(AutoRecord);

impl AutoRecordModeReq {
    /// The record rule that is named, if any: an empty id names none.
    pub fn rule(&self) -> Option<RuleId> {
        self.record_rule_id.as_deref().filter(|id| !id.is_empty()).map(RuleId::from)
    }
}

fn check_rule(mode: &AutoRecordModeReq, at: &Field<'_>) -> Result<(), Violation> {
    if mode.mode == AutoRecordMode::IndividualRecord && mode.rule().is_none() {
        let place = at.name("record_rule_id");
        return Err(place.combination("AUTO_INDIVIDUAL_RECORD needs a record rule"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::{Validate as _, ViolationKind};

    #[test]
    fn individual_record_needs_a_rule() {
        for rule in [None, Some(String::new())] {
            let mut mode = AutoRecordModeReq::new(AutoRecordMode::IndividualRecord);
            mode.record_rule_id = rule;
            let violation = mode.validate(&Field::ROOT).unwrap_err();
            assert_eq!(violation.kind(), ViolationKind::Combination);
        }
        assert!(AutoRecordModeReq::new(AutoRecordMode::Off).validate(&Field::ROOT).is_ok());
    }
}
