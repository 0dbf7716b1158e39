//! The program, as people and scripts use it.

use std::process::{Command, Stdio};
use std::time::Duration;

use rtc_mock_server::{DEFAULT_ACCESS_KEY, DEFAULT_SECRET_KEY};
use rtc_signer::{Credentials, Payload, Signer};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::process::Child;

use crate::http::{request, status, talk};

const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) fn program(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rtc-mock-server"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("RTC_MOCK_")) {
        command.env_remove(name);
    }
    command.args(args).stdin(Stdio::null());
    command
}

/// Starts it on free ports; gives it with its first line.
pub(crate) async fn start(flags: &[&str]) -> (Child, String) {
    start_by(&[], flags).await
}

/// The same by way of a command that takes the program as its argument.
pub(crate) async fn start_by(command: &[&str], flags: &[&str]) -> (Child, String) {
    let mut args = vec!["--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"];
    args.extend(flags);
    let mut program = program(&args);
    if let [first, rest @ ..] = command {
        let mut by = Command::new(first);
        by.args(rest).arg(program.get_program()).args(program.get_args()).stdin(Stdio::null());
        program = by;
    }
    let mut command = tokio::process::Command::from(program);
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    let mut child = command.spawn().unwrap();
    let mut line = String::new();
    let mut reader = BufReader::new(child.stdout.take().unwrap());
    tokio::time::timeout(PATIENCE, reader.read_line(&mut line)).await.unwrap().unwrap();
    (child, line)
}

pub(crate) fn address<'l>(line: &'l str, key: &str) -> &'l str {
    line.split_whitespace().find_map(|word| word.strip_prefix(key)).unwrap()
}

#[cfg(unix)]
pub(crate) async fn stop(mut child: Child, signal: &str) -> (Option<i32>, String) {
    let id = child.id().unwrap().to_string();
    assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
    let exit = tokio::time::timeout(PATIENCE, child.wait()).await.unwrap().unwrap();
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).await.unwrap();
    (exit.code(), said)
}

#[cfg(unix)]
#[tokio::test]
async fn it_says_when_it_is_ready_and_stops_on_either_signal() {
    for signal in ["-TERM", "-INT"] {
        let (child, line) = start(&[]).await;
        assert!(line.starts_with("ready api=http://127.0.0.1:"), "{line}");
        let api = address(&line, "api=http://");
        assert_eq!(status(&talk(api, &request("GET /v2/apps/a", "")).await), "404");
        let admin = address(&line, "admin=http://");
        let health = talk(admin, b"GET /health HTTP/1.1\r\nHost: localhost:1\r\n\r\n").await;
        assert!(health.ends_with(r#"{"status":"ok"}"#), "{health}");
        let (code, said) = stop(child, signal).await;
        assert_eq!(code, Some(0), "{said}");
        assert!(said.contains("export HUAWEICLOUD_SDK_AK="), "{said}");
        assert!(said.contains("operation=\"ShowApp\" status=404"), "{said}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_second_signal_leaves_at_once_while_an_answer_is_delayed() {
    for (first, second) in [("-TERM", "-TERM"), ("-INT", "-TERM"), ("-TERM", "-INT")] {
        let (mut child, line) = start(&["--quiet", "--fault", "ListApps=delay(60s)"]).await;
        let (api, admin) = (address(&line, "api=http://"), address(&line, "admin=http://"));
        let mut waiting = TcpStream::connect(api).await.unwrap();
        waiting.write_all(&request("GET /v2/apps", "")).await.unwrap();
        let faults = b"GET /faults HTTP/1.1\r\nHost: localhost\r\n\r\n";
        let has_struck = async {
            while !talk(admin, faults).await.contains(r#""struck":1"#) {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, has_struck).await.unwrap();

        let began = std::time::Instant::now();
        let id = child.id().unwrap().to_string();
        let kill =
            |signal: &str| Command::new("kill").args([signal, &*id]).status().unwrap().success();
        assert!(kill(first));
        let is_stopping = async { while TcpStream::connect(api).await.is_ok() {} };
        tokio::time::timeout(PATIENCE, is_stopping).await.unwrap();
        assert_eq!(child.try_wait().unwrap(), None, "it waits for the answer");
        assert!(kill(second));
        let exit = tokio::time::timeout(PATIENCE, child.wait()).await.unwrap().unwrap();
        assert_eq!(exit.code(), Some(0), "{first} {second}");
        let took = began.elapsed();
        assert!(took < Duration::from_secs(5), "{first} {second}: the grace passed, {took:?}");
        let mut answer = Vec::new();
        let _ = waiting.read_to_end(&mut answer).await;
        assert!(answer.is_empty(), "{answer:?}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_key_of_ones_own_is_neither_in_the_banner_nor_in_the_log() {
    let flags = ["--secret-key", "hush-hush", "--token", "hush-token", "--json"];
    let (child, line) = start(&flags).await;
    let ready: serde_json::Value = serde_json::from_str(&line).unwrap();
    let api = ready["api"].as_str().unwrap().trim_start_matches("http://").to_owned();
    talk(&api, &request("GET /v2/apps/a", "")).await;
    let (_, said) = stop(child, "-TERM").await;
    assert!(!said.contains("hush"), "{said}");
    assert!(said.contains("status=401") && said.contains("reason="), "{said}");
}

#[cfg(unix)]
#[tokio::test]
async fn the_log_says_why_a_request_was_refused_and_which_mistake_was_made() {
    let (child, line) = start(&["--seed", "7"]).await;
    let api = address(&line, "api=http://");
    talk(api, &request("POST /v2/apps", "{}")).await;
    // Signed for another host.
    let signer = Signer::new(Credentials::new(DEFAULT_ACCESS_KEY, DEFAULT_SECRET_KEY));
    let head = http::Request::get("/v2/apps/a").header("host", "rtc-api.myhuaweicloud.com");
    let (mut parts, ()) = head.body(()).unwrap().into_parts();
    signer.sign_parts(&mut parts, Payload::Bytes(b""), std::time::SystemTime::now()).unwrap();
    let header = |name| parts.headers[name].to_str().unwrap();
    let (date, authorization) = (header("x-sdk-date"), header("authorization"));
    let text = format!(
        "GET /v2/apps/a HTTP/1.1\r\nHost: {api}\r\nX-Sdk-Date: {date}\r\nAuthorization: {authorization}\r\n\r\n"
    );
    assert_eq!(status(&talk(api, text.as_bytes()).await), "401");
    talk(api, b"no request\r\n\r\n").await;
    let (_, said) = stop(child, "-TERM").await;
    let mut lines = said.lines().filter(|line| line.contains("reason="));
    let line = lines.next().unwrap();
    assert!(line.contains("status=400") && line.contains("RTC.00001005"), "{line}");
    let line = lines.next().unwrap();
    assert!(line.contains("mistake=") && line.contains("rtc-api.myhuaweicloud.com"), "{line}");
    assert!(lines.next().unwrap().contains("refused what is no request"), "{said}");
    assert!(said.contains("\n  seed   7\n"), "{said}");
}

#[tokio::test]
async fn faults_are_given_by_flag() {
    let flags = ["--quiet", "--fault", "ListApps=close,count=1", "--fault", "ListApps=status(503)"];
    let (_child, line) = start(&flags).await;
    let api = address(&line, "api=http://");
    assert_eq!(talk(api, &request("GET /v2/apps", "")).await, "");
    assert_eq!(status(&talk(api, &request("GET /v2/apps", "")).await), "503");
}

#[tokio::test]
async fn faults_are_given_by_file_and_come_before_those_of_flags() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(
        file.path(),
        r#"["ListApps=status(502),count=1",{"kind":"status(504)","count":1}]"#,
    )
    .unwrap();
    let path = file.path().to_str().unwrap();
    let flags = ["--quiet", "--fault", "ListApps=status(503)", "--fault-file", path];
    let (_child, line) = start(&flags).await;
    let api = address(&line, "api=http://");
    for expected in ["502", "504", "503", "503"] {
        assert_eq!(status(&talk(api, &request("GET /v2/apps", "")).await), expected);
    }
}

#[test]
fn a_file_of_faults_that_cannot_be_used_is_exit_code_1_with_its_place() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let path = file.path().to_str().unwrap();
    let too_many = format!("[{}\"*=reset\"]", "\"*=reset\",".repeat(1_000));
    for (text, reason) in [
        (r#"["*=reset", "Dance=reset"]"#, "[1]: \"Dance\" is no operation"),
        ("[\n\"*=reset\"", "line 2"),
        (&too_many, "1001 faults"),
    ] {
        std::fs::write(path, text).unwrap();
        let mut command = program(&["--listen", "127.0.0.1:0", "--admin-listen", "off"]);
        let output = command.env("RTC_MOCK_FAULT_FILE", path).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains(reason), "{said}");
    }
}

#[tokio::test]
async fn without_an_admin_api_it_says_off() {
    let mut command = tokio::process::Command::from(program(&["--quiet"]));
    command.env("RTC_MOCK_LISTEN", "127.0.0.1:0").env("RTC_MOCK_ADMIN_LISTEN", "off");
    let mut child = command.stdout(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).await.unwrap();
    assert!(line.ends_with("admin=off\n"), "{line}");
    let url = format!("http://{}", address(&line, "api=http://"));
    let listen = url.trim_start_matches("http://");
    for args in
        [&["health", "--listen", listen, "--admin-listen", "off"][..], &["health", "--url", &url]]
    {
        assert!(program(args).status().unwrap().success(), "{args:?}");
    }
}

#[tokio::test]
async fn a_mock_with_nothing_but_tls_is_well_where_it_listens() {
    let mut command = tokio::process::Command::from(program(&["--quiet", "--tls-self-signed"]));
    command.args(["--listen", "127.0.0.1:0", "--admin-listen", "off"]);
    let mut child = command.stdout(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).await.unwrap();
    let listen = address(&line, "api=https://");
    let health = || {
        let args = ["health", "--tls-self-signed", "--listen", listen, "--admin-listen", "off"];
        program(&args).status().unwrap().code()
    };
    assert_eq!(health(), Some(0));
    child.kill().await.unwrap();
    assert_eq!(health(), Some(1));
}

#[cfg(unix)]
#[tokio::test]
async fn a_log_that_nobody_reads_does_not_stop_the_server() {
    let (mut child, line) = start(&[]).await;
    // The pipe is there and full after a while; nobody reads it.
    let stderr = child.stderr.take();
    let api = address(&line, "api=http://");
    let bytes = request("GET /nothing", "").repeat(50);
    for _ in 0..60 {
        let answers = talk(api, &bytes).await;
        assert_eq!(answers.matches("HTTP/1.1 404").count(), 50);
    }
    let admin = address(&line, "admin=http://");
    let health = talk(admin, b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").await;
    assert_eq!(status(&health), "200");
    let id = child.id().unwrap().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    let exit = tokio::time::timeout(PATIENCE, child.wait()).await.unwrap().unwrap();
    assert_eq!(exit.code(), Some(0));
    drop(stderr);
}

#[test]
fn wrong_usage_is_exit_code_2_with_a_reason() {
    for (args, reason) in [
        (&["--listen", "nowhere"][..], "--listen"),
        (&["--clock", "yesterday"], "frozen@"),
        (&["--auth", "maybe"], "enforce"),
        (&["--admin-listen", "0.0.0.0:0"], "loopback"),
        (&["--fault", "CreateApp=explode"], "status(503)"),
        (&["--log", "=="], "--log"),
        (&["dance"], "dance"),
        (&["--token", ""], "the token is empty"),
        (&["--secret-key", ""], "the secret key is empty"),
        (&["env", "--listen", "127.0.0.1:0"], "port 0"),
    ] {
        let mut command = program(args);
        if !args.contains(&"--listen") {
            command.env("RTC_MOCK_LISTEN", "127.0.0.1:0");
        }
        let output = command.output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {said}");
        assert!(said.contains(reason), "{args:?}: {said}");
    }
}

#[tokio::test]
async fn an_address_in_use_is_exit_code_3() {
    let (_child, line) = start(&["--quiet"]).await;
    let taken = address(&line, "api=http://");
    let output = program(&["--listen", taken, "--admin-listen", "off"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.contains(taken) && said.contains("in use"), "{said}");
}

#[test]
fn a_fixture_that_cannot_be_used_is_exit_code_1_with_its_place() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), r#"{"projects":[{"apps":[{"app_id":"a"}]}]}"#).unwrap();
    let path = file.path().to_str().unwrap();
    for (fixture, reason) in
        [(path, "projects[0].apps[0].app_name"), ("no-such-file", "no-such-file")]
    {
        let flags = ["--listen", "127.0.0.1:0", "--admin-listen", "off", "--fixture", fixture];
        let output = program(&flags).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains(reason), "{said}");
    }
}

#[test]
fn health_of_nobody_is_exit_code_1_and_waits_as_long_as_it_was_told() {
    let started = std::time::Instant::now();
    let output =
        program(&["health", "--url", "http://127.0.0.1:9", "--wait", "200ms"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("http://127.0.0.1:9 is not well"), "{said}");
    assert!(started.elapsed() >= Duration::from_millis(200));
    let usage = program(&["health", "--url", "127.0.0.1:9"]).output().unwrap();
    assert_eq!(usage.status.code(), Some(2));
}

#[test]
fn env_prints_the_variables_of_the_official_sdks() {
    let flags = ["env", "--listen", "0.0.0.0:1234", "--access-key", "AK", "--shell", "json"];
    let output = program(&flags).env("RTC_MOCK_SECRET_KEY", "it's").output().unwrap();
    let variables: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let url = "http://127.0.0.1:1234";
    let expected = serde_json::json!({
        "HUAWEICLOUD_SDK_AK": "AK",
        "HUAWEICLOUD_SDK_SK": "it's",
        "HUAWEICLOUD_SDK_PROJECT_ID": rtc_mock_server::DEFAULT_PROJECT_ID,
        "HUAWEICLOUD_SDK_IAM_ENDPOINT": url,
        "HUAWEICLOUD_SDK_REGION_CLOUDRTC_CN_NORTH_4": url,
    });
    assert_eq!(variables, expected);
    let output = program(&["env", "--host", "mock", "--listen", "127.0.0.1:1"]).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("export HUAWEICLOUD_SDK_IAM_ENDPOINT='http://mock:1'\n"), "{text}");
}

#[tokio::test]
async fn env_asks_a_running_mock_where_it_listens() {
    let (_child, line) = start(&[]).await;
    let value = |key: &str| line.split_whitespace().find_map(|word| word.strip_prefix(key));
    let (api, admin) = (value("api=").unwrap(), value("admin=").unwrap());
    let output = program(&["env", "--url", admin]).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains(&format!("export HUAWEICLOUD_SDK_IAM_ENDPOINT='{api}'\n")), "{text}");
    let output = program(&["env", "--url", "http://127.0.0.1:1"]).output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && error.contains("cannot be asked"), "{error}");
}

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    for args in [&["schema"][..], &["openapi"], &["env"], &["config", "show"]] {
        let mut command = program(args);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && error.is_empty(), "{args:?}: {error}");
    }
}
