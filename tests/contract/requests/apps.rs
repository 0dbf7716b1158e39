//! Apps.

use rtc_contract_tests::golden::Golden;
use rtc_model::apps::{
    AppReq, AppStatus, CreateApp, DeleteApp, ListApps, ShowApp, StartApp, StopApp,
};

use crate::requests::{APP, Visit};

/// Visits a golden request of this group; `None` when it has no value here.
pub(super) fn visit(case: (&str, &str), golden: Golden, visitor: &mut impl Visit) -> Option<()> {
    match case {
        ("CreateApp", "ascii-name") => {
            visitor.visit(golden, CreateApp::new(AppReq::new("classroom")));
        }
        ("CreateApp", "non-ascii-name") => {
            visitor.visit(golden, CreateApp::new(AppReq::new("课堂 München 🎓")));
        }
        ("ListApps", "plain") => visitor.visit(golden, ListApps::new()),
        ("ListApps", "state-offset-limit") => {
            let list = ListApps::new().state(AppStatus::Activation).offset(0).limit(10);
            visitor.visit(golden, list);
        }
        ("ListApps", "second-page") => visitor.visit(golden, ListApps::new().offset(1).limit(1)),
        ("ShowApp", "plain") => visitor.visit(golden, ShowApp::new(APP)),
        ("DeleteApp", "plain") => visitor.visit(golden, DeleteApp::new(APP)),
        ("StartApp", "plain") => visitor.visit(golden, StartApp::new(APP)),
        ("StopApp", "plain") => visitor.visit(golden, StopApp::new(APP)),
        _ => return None,
    }
    Some(())
}
