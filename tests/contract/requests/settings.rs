//! Auto record and the record callback.

use rtc_contract_tests::golden::Golden;
use rtc_model::auto_record::{AutoRecordMode, AutoRecordModeReq, ShowAutoRecord, UpdateAutoRecord};
use rtc_model::record_callback::{AppCallbackUrlReq, ShowRecordCallback, UpdateRecordCallback};

use crate::requests::{APP, RULE, Visit};

/// Visits a golden request of this group; `None` when it has no value here.
pub(super) fn visit(case: (&str, &str), golden: Golden, visitor: &mut impl Visit) -> Option<()> {
    match case {
        ("ShowAutoRecord", "plain") => visitor.visit(golden, ShowAutoRecord::new(APP)),
        ("UpdateAutoRecord", "individual") => {
            let body =
                AutoRecordModeReq::new(AutoRecordMode::IndividualRecord).record_rule_id(RULE);
            visitor.visit(golden, UpdateAutoRecord::new(APP, body));
        }
        ("UpdateAutoRecord", "off") => {
            let body = AutoRecordModeReq::new(AutoRecordMode::Off);
            visitor.visit(golden, UpdateAutoRecord::new(APP, body));
        }
        ("UpdateAutoRecord", "off-empty-rule") => {
            let body = AutoRecordModeReq::new(AutoRecordMode::Off).record_rule_id("");
            visitor.visit(golden, UpdateAutoRecord::new(APP, body));
        }
        ("ShowRecordCallback", "plain") => visitor.visit(golden, ShowRecordCallback::new(APP)),
        ("UpdateRecordCallback", "with-auth-key") => {
            let body = AppCallbackUrlReq::new("http://mydomain.com").auth_key("78912374ae8cdb38");
            visitor.visit(golden, UpdateRecordCallback::new(APP, body));
        }
        ("UpdateRecordCallback", "without-auth-key") => {
            let body = AppCallbackUrlReq::new("http://mydomain.com");
            visitor.visit(golden, UpdateRecordCallback::new(APP, body));
        }
        _ => return None,
    }
    Some(())
}
