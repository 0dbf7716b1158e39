//! The values of which the golden requests are made, written by hand from the calls in
//! `tests/golden/cases.py`.

use rtc_contract_tests::golden::{self, Golden};
use rtc_model::Operation;

mod apps;
mod individual_stream_jobs;
mod mix_stream_jobs;
mod obs;
mod record_rules;
mod rooms;
mod settings;

/// The app of the reference's example.
pub(crate) const APP: &str = "123456789abcdefghijklmno";
/// The record rule of the reference's example.
const RULE: &str = "456789abc";
/// The job of the reference's example.
const JOB: &str = "607824b4fa163e19fe301cc817dda855";
/// The room of the reference's example.
const ROOM: &str = "gigu";
/// The user of the golden requests.
const USER: &str = "anna";
/// The bucket of the golden requests.
const BUCKET: &str = "demo-bucket";
/// The project of that bucket.
const BUCKET_PROJECT: &str = "abcdef0123456789abcdef0123456789";
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
        let (id, operation) = (golden.id(), golden.folder.clone());
        let case = golden.name.strip_prefix("request.python-sdk.").unwrap_or_default().to_owned();
        let case = (operation.as_str(), case.as_str());
        let found = match case.0 {
            "CreateApp" | "ListApps" | "ShowApp" | "DeleteApp" | "StartApp" | "StopApp" => {
                apps::visit(case, golden, visitor)
            }
            "ShowAutoRecord"
            | "UpdateAutoRecord"
            | "ShowRecordCallback"
            | "UpdateRecordCallback" => settings::visit(case, golden, visitor),
            "RemoveUsers" | "RemoveRoom" => rooms::visit(case, golden, visitor),
            name if name.contains("RecordRule") => record_rules::visit(case, golden, visitor),
            name if name.contains("IndividualStreamJob") => {
                individual_stream_jobs::visit(case, golden, visitor)
            }
            name if name.contains("MixJob") => mix_stream_jobs::visit(case, golden, visitor),
            name if name.contains("ObsBucket") => obs::visit(case, golden, visitor),
            _ => None,
        };
        assert!(found.is_some(), "the golden request {id} has no value in tests/contract/requests");
    }
}
