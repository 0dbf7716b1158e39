//! Auto record: whether rooms are recorded without a job (page `ShowAutoRecord`).

use crate::id::RuleId;
use crate::timestamp::Timestamp;

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
    /// The auto-record setting of an app, as it is answered.
    #[derive(Default)]
    pub struct AppAutoRecordMode {
        optional {
            /// What is recorded by itself.
            mode: AutoRecordMode,
            /// The record rule; 0 to 128 characters.
            record_rule_id: RuleId,
            /// When the setting was changed last, UTC.
            update_time: Timestamp,
        }
    }
}
