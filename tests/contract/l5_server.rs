//! L5: the mock, in process and as a program, driven with golden requests by a plain socket.

use std::path::PathBuf;

use rtc_contract_tests::case::{Case, Level};
use rtc_contract_tests::coverage;
use rtc_contract_tests::golden::{self, Golden};
use rtc_contract_tests::http_text::{Message, exchange};
use rtc_contract_tests::program::MockProgram;
use rtc_contract_tests::programs;
use rtc_contract_tests::vectors::{ACCESS_KEY, SECRET_KEY};
use rtc_mock_server::{Clock, Fixture, MockServer};
use rtc_model::Timestamp;
use rtc_signer::Credentials;
use rtc_signer::date::parse_sdk_date;
use serde_json::{Value, json};

use crate::requests::{APP, PROJECT};

mod expected;

pub(crate) fn add(cases: &mut Vec<Case>) {
    for golden in golden::all().into_iter().filter(Golden::is_request) {
        let (operation, name) = (golden.folder.clone(), golden.name.clone());
        let in_process = golden.clone();
        cases.push(Case::new(
            Level::L5,
            &*operation,
            format!("{name} in process"),
            || async move {
                let fixture = fixture_for(&in_process.folder);
                let server = server_with(date(&in_process.message), &fixture).await;
                let answer =
                    exchange(&server.address().to_string(), in_process.message.to_bytes()).await;
                check(&in_process, &answer);
            },
        ));
        cases.push(Case::new(
            Level::L5,
            &*operation,
            format!("{name} as a program"),
            || async move {
                let label = golden.id().replace('/', "-");
                let fixture = fixture_for(&golden.folder);
                let program = program_with(&frozen(&golden.message), &label, &fixture, &[]).await;
                let answer = exchange(program.address(), golden.message.to_bytes()).await;
                check(&golden, &answer);
                assert_eq!(program.terminate().await, Some(0), "exit code after SIGTERM");
            },
        ));
    }
}

/// The answer is what the fixture and the request make of it.
fn check(golden: &Golden, answer: &Message) {
    let expected = expected::answer(golden);
    assert_eq!(answer.status(), expected.status, "{}", String::from_utf8_lossy(&answer.body));
    match expected.body {
        expected::Body::Empty => {
            assert_eq!(answer.body, b"");
            assert_eq!(answer.header("content-type"), None);
        }
        expected::Body::Is(body) => assert_json_diff::assert_json_eq!(answer.json(), body),
        expected::Body::NewApp => {
            let body = answer.json();
            let id = body["app_id"].as_str().unwrap();
            assert!(id.len() == 24 && id.bytes().all(|c| c.is_ascii_hexdigit()), "{id}");
            assert_eq!(body.as_object().unwrap().len(), 1, "{body}");
        }
        expected::Body::Holds(parts) => {
            let answer = answer.json();
            for part in parts {
                assert_json_diff::assert_json_include!(actual: answer.clone(), expected: part);
            }
        }
    }
    check_head(answer);
    coverage::asserted(&golden.folder, answer.status(), "");
}

/// What every answer has: a request id, a date, a length, and JSON where there is a body.
pub(crate) fn check_head(answer: &Message) {
    let id = answer.header("x-request-id").unwrap_or_default();
    assert!(id.len() == 32 && id.bytes().all(|c| c.is_ascii_hexdigit()), "X-request-Id {id:?}");
    assert!(answer.header("date").is_some(), "no Date: {:?}", answer.headers);
    if !answer.body.is_empty() {
        assert_eq!(answer.header("content-type"), Some("application/json"));
    }
}

/// The date of a signed message.
pub(crate) fn date(message: &Message) -> std::time::SystemTime {
    let text = message.header("x-sdk-date").unwrap_or_default();
    parse_sdk_date(text).unwrap_or_else(|| panic!("{text:?} is no date"))
}

/// A `--clock` that stands at the date of a signed message.
pub(crate) fn frozen(message: &Message) -> String {
    format!("frozen@{}", Timestamp::from(date(message)))
}

/// The fixture of all server cases: the app of the reference's example, with all of its fields, and
/// its record rule.
pub(crate) fn fixture() -> Value {
    let app = golden::get("ShowApp/reply.200.full").message.json();
    // The one by which the app records.
    let rule = golden::get("ShowRecordRule/reply.200.full").message.json();
    json!({ "projects": [{ "project_id": PROJECT, "apps": [app], "record_rules": [rule] }] })
}

/// The fixture with what an operation needs to succeed.
fn fixture_for(operation: &str) -> Value {
    let reply = |id: &str| golden::get(id).message.json();
    let mut fixture = fixture();
    let project = &mut fixture["projects"][0];
    project["rooms"] = json!([{ "app_id": APP, "room_id": "gigu", "users": ["anna", "ben"] }]);
    project["buckets"] = json!([{
        "bucket": "demo-bucket",
        "location": "cn-north-4",
        "creation_date": "2020/07/16 15:11:55 GMT+08:00",
    }]);
    match operation {
        "CreateRecordRule" => {
            project["record_rules"] = json!([]);
            project["apps"][0]["auto_record_mode"] = json!({ "mode": "AUTO_RECORD_OFF" });
        }
        "DeleteRecordRule" => {
            project["apps"][0]["auto_record_mode"] = json!({ "mode": "AUTO_RECORD_OFF" });
        }
        "ShowIndividualStreamJob" | "UpdateIndividualStreamJob" | "StopIndividualStreamJob" => {
            let job = reply("ShowIndividualStreamJob/reply.200.running");
            project["individual_stream_jobs"] = json!([without_name(job)]);
        }
        "ShowMixJob" | "UpdateMixJob" | "StopMixJob" => {
            let mut job = without_name(reply("ShowMixJob/reply.200.running"));
            if operation == "UpdateMixJob" {
                job["mix_param"]["layout_template"] = "custom".into();
                job["mix_param"]["layout_panes"] = json!([{ "id": 1, "user_id": "anna" }]);
            }
            project["mix_stream_jobs"] = json!([job]);
        }
        _ => {}
    }
    fixture
}

/// The mock makes the names of streams itself.
fn without_name(mut job: Value) -> Value {
    job.as_object_mut().and_then(|job| job.remove("stream_name"));
    job
}

/// A server that knows the key of the golden requests and holds the common fixture.
pub(crate) async fn server_at(time: std::time::SystemTime) -> MockServer {
    server_with(time, &fixture()).await
}

/// A server that knows the key of the golden requests.
pub(crate) async fn server_with(time: std::time::SystemTime, fixture: &Value) -> MockServer {
    MockServer::builder()
        .credentials(Credentials::new(ACCESS_KEY, SECRET_KEY), PROJECT)
        .clock(Clock::frozen_at(time))
        .fixture(Fixture::from_json(&fixture.to_string()).unwrap())
        .start()
        .await
        .unwrap()
}

/// The same server as a program, with the common fixture.
pub(crate) async fn program_at(clock: &str, label: &str, flags: &[&str]) -> MockProgram {
    program_with(clock, label, &fixture(), flags).await
}

/// The same server as a program, its clock set by `--clock`. `label` keeps the fixture files of
/// cases apart.
async fn program_with(clock: &str, label: &str, fixture: &Value, flags: &[&str]) -> MockProgram {
    let file: PathBuf = programs().join(format!("../contract/fixture-{label}.json"));
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(&file, fixture.to_string()).unwrap();
    let mut all = vec![
        "--access-key",
        ACCESS_KEY,
        "--secret-key",
        SECRET_KEY,
        "--project-id",
        PROJECT,
        "--clock",
        clock,
        "--fixture",
        file.to_str().unwrap(),
    ];
    all.extend(flags);
    MockProgram::start(&all).await
}
