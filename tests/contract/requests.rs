//! The values of which the golden requests are made, written by hand from the calls in
//! `tests/golden/record.py`.

use rtc_contract_tests::golden::{self, Golden};
use rtc_model::Operation;
use rtc_model::apps::{AppReq, CreateApp, DeleteApp, ShowApp};
use rtc_model::record_callback::{AppCallbackUrlReq, ShowRecordCallback, UpdateRecordCallback};

/// The app of the reference's example.
pub(crate) const APP: &str = "123456789abcdefghijklmno";
/// The project of every golden request.
pub(crate) const PROJECT: &str = "0123456789abcdef0123456789abcdef";

/// Does something with each golden request and its value.
pub(crate) trait Visit {
    /// Is called once for each.
    fn visit<O: Operation + Clone + PartialEq + std::fmt::Debug>(
        &mut self,
        golden: Golden,
        operation: O,
    );
}

/// Visits all golden requests.
pub(crate) fn visit(visitor: &mut impl Visit) {
    for golden in golden::all().into_iter().filter(Golden::is_request) {
        match golden.id().as_str() {
            "CreateApp/request.python-sdk.ascii-name" => {
                visitor.visit(golden, CreateApp::new(AppReq::new("classroom")));
            }
            "CreateApp/request.python-sdk.non-ascii-name" => {
                visitor.visit(golden, CreateApp::new(AppReq::new("课堂 München 🎓")));
            }
            "ShowApp/request.python-sdk.plain" => visitor.visit(golden, ShowApp::new(APP)),
            "DeleteApp/request.python-sdk.plain" => visitor.visit(golden, DeleteApp::new(APP)),
            "ShowRecordCallback/request.python-sdk.plain" => {
                visitor.visit(golden, ShowRecordCallback::new(APP));
            }
            "UpdateRecordCallback/request.python-sdk.with-auth-key" => {
                let body =
                    AppCallbackUrlReq::new("http://mydomain.com").auth_key("78912374ae8cdb38");
                visitor.visit(golden, UpdateRecordCallback::new(APP, body));
            }
            "UpdateRecordCallback/request.python-sdk.without-auth-key" => {
                let body = AppCallbackUrlReq::new("http://mydomain.com");
                visitor.visit(golden, UpdateRecordCallback::new(APP, body));
            }
            other => {
                panic!("the golden request {other} has no value in tests/contract/requests.rs")
            }
        }
    }
}
