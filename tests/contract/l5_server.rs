//! L5: the mock, in process and as a program, driven with golden requests by a plain socket.

use std::path::PathBuf;

use rtc_contract_tests::case::{Case, Level};
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

pub(crate) fn add(cases: &mut Vec<Case>) {
    for golden in golden::all().into_iter().filter(Golden::is_request) {
        let (operation, name) = (golden.folder.clone(), golden.name.clone());
        let in_process = golden.clone();
        cases.push(Case::new(
            Level::L5,
            &*operation,
            format!("{name} in process"),
            || async move {
                let server = server_at(date(&in_process.message)).await;
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
                let program = program_at(&frozen(&golden.message), "golden", &[]).await;
                let answer = exchange(program.address(), golden.message.to_bytes()).await;
                check(&golden, &answer);
                assert_eq!(program.terminate().await, Some(0), "exit code after SIGTERM");
            },
        ));
    }
}

/// The answer is the golden reply, where the fixture holds its values.
fn check(golden: &Golden, answer: &Message) {
    let same_as = |id: &str| {
        let expected = golden::get(id).message;
        assert_eq!(answer.status(), expected.status());
        assert_json_diff::assert_json_eq!(answer.json(), expected.json());
    };
    match golden.folder.as_str() {
        "ShowRecordCallback" => same_as("ShowRecordCallback/reply.200.reference"),
        "ShowApp" => same_as("ShowApp/reply.200.full"),
        "DeleteApp" => {
            assert_eq!((answer.status(), answer.body.as_slice()), (204, &b""[..]));
            assert_eq!(answer.header("content-type"), None);
        }
        "CreateApp" => {
            assert_eq!(answer.status(), 201);
            let body = answer.json();
            let id = body["app_id"].as_str().unwrap();
            assert!(id.len() == 24 && id.bytes().all(|c| c.is_ascii_hexdigit()), "{id}");
            assert_eq!(body.as_object().unwrap().len(), 1, "{body}");
        }
        "UpdateRecordCallback" => {
            let sent = golden.message.json();
            let now = Timestamp::from(date(&golden.message)).to_string();
            let mut callback = json!({
                "url": sent["url"],
                "notify_event_subscription": ["RECORD_NEW_FILE_START", "RECORD_FILE_COMPLETE"],
                "update_time": now,
            });
            // Leaving out the key clears it (decision D3).
            if !sent["auth_key"].is_null() {
                callback["auth_key"] = sent["auth_key"].clone();
            }
            assert_eq!(answer.status(), 200);
            let expected = json!({ "app_id": APP, "record_callback": callback });
            assert_json_diff::assert_json_eq!(answer.json(), expected);
        }
        other => panic!("nothing is expected of {other}"),
    }
    check_head(answer);
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

/// The fixture of all server cases: the app of the reference's example, with all of its fields.
pub(crate) fn fixture() -> Value {
    let app = golden::get("ShowApp/reply.200.full").message.json();
    json!({ "projects": [{ "project_id": PROJECT, "apps": [app] }] })
}

/// A server that knows the key of the golden requests and holds the fixture.
pub(crate) async fn server_at(time: std::time::SystemTime) -> MockServer {
    MockServer::builder()
        .credentials(Credentials::new(ACCESS_KEY, SECRET_KEY), PROJECT)
        .clock(Clock::frozen_at(time))
        .fixture(Fixture::from_json(&fixture().to_string()).unwrap())
        .start()
        .await
        .unwrap()
}

/// The same server as a program, its clock set by `--clock`. `label` keeps the fixture files of
/// cases apart.
pub(crate) async fn program_at(clock: &str, label: &str, flags: &[&str]) -> MockProgram {
    let file: PathBuf = programs().join(format!("../contract/fixture-{label}.json"));
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(&file, fixture().to_string()).unwrap();
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
