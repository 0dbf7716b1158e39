//! L7: the official Python SDK against the mock as a program, told nothing but what
//! `rtc-mock-server env` prints.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use rtc_client::{Client, Credentials};
use rtc_contract_tests::case::{End, Level, Outcome};
use rtc_contract_tests::golden;
use rtc_contract_tests::http_text::{Message, exchange};
use rtc_contract_tests::program::MockProgram;
use rtc_contract_tests::programs;
use rtc_contract_tests::python::Python;
use rtc_mock_server::DEFAULT_TOKEN;
use serde::Deserialize;
use serde_json::Value;

use crate::Flags;
use crate::l5_server::program_at;
use crate::requests::APP;

/// A step of `tests/peer/python_sdk.py`, as it reports it.
#[derive(Debug, Deserialize)]
struct Step {
    #[serde(rename = "step")]
    name: String,
    operation: String,
    ok: bool,
    #[serde(default)]
    detail: Value,
}

/// Runs the peer, unless it is not wanted or cannot be had.
pub(crate) async fn run(flags: &Flags) -> Vec<Outcome> {
    if flags.level.is_some_and(|level| level != Level::L7) {
        return Vec::new();
    }
    let started = Instant::now();
    let python = match Python::with_sdk() {
        Ok(python) => python,
        Err(reason) => {
            let reason = format!("the official Python SDK cannot be had: {reason}");
            let end = if flags.require_peer { End::Failed(reason) } else { End::Skipped(reason) };
            return vec![outcome("", "official Python SDK", started, end)];
        }
    };
    let mut outcomes = steps(&python).await;
    // A Python that hangs or a server that dies must be told as a failure like any other.
    for (name, case) in [
        ("Python and Rust read the same callback, and see each other's updates", Together::Both),
        ("the README's Python program prints the reference's example", Together::Example),
        ("without a project id it is looked up at the mock's IAM endpoint", Together::Lookup),
        ("over TLS, with the mock's CA and without a project id", Together::Tls),
        ("a temporary key of the mock's IAM endpoint is accepted", Together::Temporary),
    ] {
        let started = Instant::now();
        let end = match together(&python, case).await {
            Ok(()) => End::Passed,
            Err(reason) => End::Failed(reason),
        };
        outcomes.push(outcome("ShowRecordCallback", name, started, end));
    }
    outcomes
}

fn outcome(operation: &str, name: &str, started: Instant, end: End) -> Outcome {
    Outcome::new(Level::L7, operation, name, started.elapsed(), end)
}

/// The life-like run: every step is a case.
async fn steps(python: &Python) -> Vec<Outcome> {
    let program = MockProgram::start(&[]).await;
    let mut variables = program.env();
    // Users join rooms by the admin API: the real service has none for it.
    variables.insert("RTC_MOCK_ADMIN".into(), program.admin_url().into());
    let output = tokio::task::block_in_place(|| python.run("python_sdk.py", &[], &variables));
    let text = String::from_utf8_lossy(&output.stdout);
    let mut outcomes = Vec::new();
    for line in text.lines() {
        let (operation, name, end) = match serde_json::from_str::<Step>(line) {
            Ok(step) if step.ok => (step.operation, step.name, End::Passed),
            Ok(step) => (step.operation, step.name, End::Failed(step.detail.to_string())),
            Err(error) => (String::new(), line.to_owned(), End::Failed(error.to_string())),
        };
        outcomes.push(Outcome::new(Level::L7, &operation, &name, Duration::ZERO, end));
    }
    let failed = outcomes.iter().any(|outcome| outcome.end != End::Passed);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let end = match (output.status.success(), failed, outcomes.is_empty()) {
        (true, false, false) => End::Passed,
        (false, true, false) => End::Failed("a step failed, see above".into()),
        _ => End::Failed(format!(
            "the peer ended with {} after {} steps: {said}",
            output.status,
            outcomes.len()
        )),
    };
    outcomes.push(outcome("", "the peer reports every step", Instant::now(), end));
    outcomes
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Together {
    Both,
    Example,
    Lookup,
    Temporary,
    Tls,
}

async fn together(python: &Python, case: Together) -> Result<(), String> {
    let text = |error: &dyn std::error::Error| error.to_string();
    let flags: &[&str] = if case == Together::Tls { &["--tls-self-signed"] } else { &[] };
    let program = program_at("real", "peer", flags).await;
    let mut variables = program.env();
    match case {
        Together::Both | Together::Example => {}
        Together::Tls => {
            let file = programs().join("../contract/ca.pem");
            variables = program.env_with(&["--ca", file.to_str().unwrap_or_default()]);
            variables.remove("HUAWEICLOUD_SDK_PROJECT_ID");
        }
        Together::Lookup => drop(variables.remove("HUAWEICLOUD_SDK_PROJECT_ID")),
        Together::Temporary => variables.extend(temporary_key(&program).await),
    }
    let expected = golden::get("ShowRecordCallback/reply.200.reference").message.json();
    let python = |script: &str, args: &[&str]| -> Result<Value, String> {
        let output = tokio::task::block_in_place(|| python.run(script, args, &variables));
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into_owned());
        }
        serde_json::from_slice(&output.stdout).map_err(|error| error.to_string())
    };
    let same = |what: &str, found: &Value, expected: &Value| {
        if found == expected {
            Ok(())
        } else {
            Err(format!("{what}: {found} instead of {expected}"))
        }
    };
    match case {
        Together::Example | Together::Temporary | Together::Tls => {
            same("Python", &python("show_record_callback.py", &[APP])?, &expected)
        }
        Together::Lookup => {
            same("Python", &python("show_record_callback.py", &[APP])?, &expected)?;
            let journal = program.admin("/requests").await.json();
            let first = &journal["requests"][0]["request"];
            same("the path of the first request", &first["path"], &"/v3/projects".into())?;
            same("its query", &first["query"], &"name=cn-north-4".into())
        }
        Together::Both => {
            let client = rust_client(&variables)?;
            let show = || async {
                let reply = client.show_record_callback(APP).await.map_err(|error| text(&error))?;
                serde_json::to_value(reply.output()).map_err(|error| text(&error))
            };
            same("Rust", &show().await?, &expected)?;
            same("Python", &python("python_sdk.py", &["show", APP])?, &expected)?;
            let url = "https://python.example/rtc";
            python("python_sdk.py", &["update", APP, url, "0123456789abcdef"])?;
            let seen = show().await?;
            same("url after Python's update", &seen["record_callback"]["url"], &url.into())?;
            same("Python after its update", &python("python_sdk.py", &["show", APP])?, &seen)
        }
    }
}

/// The variables of a temporary key.
async fn temporary_key(program: &MockProgram) -> [(String, String); 3] {
    let body = br#"{"auth":{"identity":{"methods":["token"],"token":{}}}}"#;
    let length = body.len().to_string();
    let headers =
        [("Host", program.address()), ("X-Auth-Token", DEFAULT_TOKEN), ("Content-Length", &length)];
    let line = "POST /v3.0/OS-CREDENTIAL/securitytokens HTTP/1.1";
    let request = Message::new(line, &headers, body);
    let answer = exchange(program.address(), request.to_bytes()).await.json();
    [("AK", "access"), ("SK", "secret"), ("SECURITY_TOKEN", "securitytoken")].map(|(name, part)| {
        let value = answer["credential"][part].as_str().unwrap_or_default();
        (format!("HUAWEICLOUD_SDK_{name}"), value.to_owned())
    })
}

/// A client of the same variables.
fn rust_client(variables: &BTreeMap<String, String>) -> Result<Client, String> {
    let variable = |name: &str| variables.get(name).cloned().unwrap_or_default();
    Client::builder()
        .endpoint(variable("HUAWEICLOUD_SDK_REGION_CLOUDRTC_CN_NORTH_4"))
        .credentials(Credentials::new(
            variable("HUAWEICLOUD_SDK_AK"),
            variable("HUAWEICLOUD_SDK_SK"),
        ))
        .project_id(variable("HUAWEICLOUD_SDK_PROJECT_ID"))
        .build()
        .map_err(|error| error.to_string())
}
