//! L8: nothing was forgotten. Every answer that an operation can give out of the mock's state must
//! have been asserted by the levels before.

use std::fmt::Write as _;
use std::fs;

use rtc_contract_tests::case::{Case, Level};
use rtc_contract_tests::{coverage, repository};
use rtc_model::OperationId;
use rtc_model::operation::BodyKind;

/// The codes, without their prefix `RTC.0000`, that an operation answers out of its request and the
/// mock's state, by status: 400 and 404.
#[expect(clippy::match_same_arms, reason = "a row an operation")]
fn codes(id: OperationId) -> (&'static [u16], &'static [u16]) {
    use OperationId as O;
    match id {
        O::CreateApp => (&[1002, 1003, 1005, 1017, 1020], &[]),
        O::ListApps => (&[1003], &[]),
        O::ShowApp | O::StopApp | O::ShowAutoRecord | O::ShowRecordCallback => (&[1003], &[1003]),
        O::DeleteApp => (&[1003, 1006], &[1003]),
        O::StartApp => (&[1003, 1016], &[1003]),
        O::UpdateAutoRecord => (&[1002, 1003, 1004, 1005], &[1003]),
        O::UpdateRecordCallback => (&[1002, 1003, 1005], &[1003]),
        O::CreateRecordRule => (&[1002, 1003, 1004, 1005], &[1003]),
        O::ListRecordRules | O::ShowRecordRule => (&[1003], &[1003]),
        O::UpdateRecordRule => (&[1002, 1003, 1004, 1005, 1019], &[1003]),
        O::DeleteRecordRule => (&[1003, 1013], &[1003]),
        O::CreateIndividualStreamJob => (&[1002, 1003, 1005, 1006, 1007, 1016], &[1003]),
        O::ShowIndividualStreamJob | O::ShowMixJob | O::RemoveRoom => (&[1003], &[1003]),
        O::UpdateIndividualStreamJob => (&[1002, 1003, 1005, 1009, 1022], &[1003]),
        O::StopIndividualStreamJob | O::StopMixJob => (&[1003, 1009], &[1003]),
        O::CreateMixJob => (&[1002, 1003, 1004, 1005, 1006, 1007, 1016], &[1003]),
        O::UpdateMixJob => (&[1002, 1003, 1004, 1005, 1009, 1022], &[1003]),
        O::RemoveUsers => (&[1002, 1003, 1005], &[1003]),
        O::ListObsBuckets => (&[], &[]),
        O::ListObsBucketObjects => (&[1003, 1005], &[1003]),
        O::UpdateObsBucketAuthority => (&[1002, 1003, 1005], &[1003]),
        other => panic!("{other} has no row in tests/contract/l8_coverage.rs"),
    }
}

/// Adds the level; it looks at what the cases before it have asserted, so it comes after them.
pub(crate) fn add(cases: &mut Vec<Case>, bless: bool) {
    for id in OperationId::ALL {
        let what = "every answer out of the mock's state was asserted";
        cases.push(Case::sync(Level::L8, id.as_str(), what, move || no_hole(*id)));
    }
    cases.push(Case::sync(Level::L8, "", "docs/coverage.md is current", move || current(bless)));
}

/// All cells of an operation that can be asserted without faults.
fn cells(id: OperationId) -> Vec<(u16, String)> {
    let (bad, missing) = codes(id);
    let success = id.meta().success.iter().map(|status| (status.as_u16(), String::new()));
    let bad = bad.iter().map(|code| (400, format!("RTC.0000{code}")));
    let missing = missing.iter().map(|code| (404, format!("RTC.0000{code}")));
    let gateway = [(401, "APIGW.0301".to_owned()), (403, "APIGW.0302".to_owned())];
    success.chain(bad).chain(missing).chain(gateway).collect()
}

fn no_hole(id: OperationId) {
    let asserted = coverage::all();
    let holes: Vec<_> = cells(id)
        .into_iter()
        .filter(|(status, code)| {
            !asserted.contains(&(id.as_str().to_owned(), *status, code.clone()))
        })
        .collect();
    assert!(holes.is_empty(), "nobody has asserted {holes:?}");
    // And the other way round: what was seen must be expected.
    let surprises: Vec<_> = asserted
        .into_iter()
        .filter(|(operation, status, code)| {
            operation == id.as_str() && !cells(id).contains(&(*status, code.clone()))
        })
        .collect();
    assert!(surprises.is_empty(), "these have no row: {surprises:?}");
}

fn current(bless: bool) {
    let path = repository().join("docs/coverage.md");
    let table = table();
    if bless {
        fs::write(&path, &table).unwrap();
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == table,
        "docs/coverage.md is not current; run `cargo xtask contract-test --bless`"
    );
}

/// The table of the docs, of what this run has asserted.
fn table() -> String {
    let asserted = coverage::all();
    let seen = |id: OperationId, status: u16, code: &str| {
        asserted.contains(&(id.as_str().to_owned(), status, code.to_owned()))
    };
    let mut text = String::from(
        "# Coverage\n\nMade by `cargo xtask contract-test`; a cell says what a run has asserted of status, code and body. Codes are those of the service without `RTC.0000`; 401 is a refused credential, 403 another project, \"bad body\" a body that is not the documented JSON. Status 500 is documented for every operation and comes by fault only, never out of the mock's state.\n\n| operation | success | 400 | 404 | 401 | 403 | bad body |\n|---|---|---|---|---|---|---|\n",
    );
    for id in OperationId::ALL {
        let meta = id.meta();
        let success = meta.success.iter().filter(|status| seen(*id, status.as_u16(), ""));
        let success: Vec<_> = success.map(|status| status.as_str().to_owned()).collect();
        let (bad, missing) = codes(*id);
        let list = |status: u16, codes: &[u16]| -> String {
            let seen = codes.iter().filter(|code| seen(*id, status, &format!("RTC.0000{code}")));
            seen.map(u16::to_string).collect::<Vec<_>>().join(", ")
        };
        let yes = |is: bool| if is { "yes" } else { "" };
        let bad_body =
            if meta.body == BodyKind::Json { yes(seen(*id, 400, "RTC.00001002")) } else { "–" };
        let _ = writeln!(
            text,
            "| {id} | {} | {} | {} | {} | {} | {bad_body} |",
            success.join(", "),
            list(400, bad),
            list(404, missing),
            yes(seen(*id, 401, "APIGW.0301")),
            yes(seen(*id, 403, "APIGW.0302")),
        );
    }
    text
}
