//! `explain`: a raw request in, an explanation and an exit code out.

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

const AK: &str = "AKIDEXAMPLE0001TESTX";
const SK: &str = "skEXAMPLEonlyForTests0123456789abcdefABCD";
const SIGNED_AT: &str = "20261124T034840Z";

/// As the official Python SDK 3.1.219 sent it; see tests/golden of the project.
const CAPTURED: &str = "\
GET /v2/apps/123456789abcdefghijklmno/record-callback HTTP/1.1
User-Agent: huaweicloud-usdk-python/3.0; golden
Accept-Encoding: gzip, deflate
Accept: */*
Connection: keep-alive
Content-Type: application/json
X-Project-Id: 0123456789abcdef0123456789abcdef
X-Sdk-Date: 20261124T034840Z
Host: 127.0.0.1:42227
Authorization: SDK-HMAC-SHA256 Access=AKIDEXAMPLE0001TESTX, SignedHeaders=content-type;host;user-agent;x-project-id;x-sdk-date, Signature=60616d107478d7874d7ca39c6f12506a753b745f41c33459bfce161c39a2805c

";

const SIGNATURE: &str = "60616d107478d7874d7ca39c6f12506a753b745f41c33459bfce161c39a2805c";

const CANONICAL: &str = "\
GET
/v2/apps/123456789abcdefghijklmno/record-callback/

content-type:application/json
host:127.0.0.1:42227
user-agent:huaweicloud-usdk-python/3.0; golden
x-project-id:0123456789abcdef0123456789abcdef
x-sdk-date:20261124T034840Z

content-type;host;user-agent;x-project-id;x-sdk-date
e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

fn command(flags: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rtc-mock-server"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("RTC_MOCK_")) {
        command.env_remove(name);
    }
    command.arg("explain").args(flags);
    command
}

/// Runs a command with some bytes on its standard input.
fn feed(mut command: Command, input: &[u8]) -> Output {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // It may end before it has read all, or any of it.
    let _ = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap()
}

fn with_keys<'a>(flags: &[&'a str]) -> Vec<&'a str> {
    [&["--access-key", AK, "--secret-key", SK], flags].concat()
}

/// The exit code and the words.
fn words(input: &[u8], flags: &[&str]) -> (Option<i32>, String) {
    let output = feed(command(&with_keys(flags)), input);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(said, "");
    (output.status.code(), String::from_utf8(output.stdout).unwrap())
}

/// The exit code and the JSON.
fn json(input: &[u8], flags: &[&str]) -> (Option<i32>, Value) {
    let (code, text) = words(input, &[&["--json"], flags].concat());
    (code, serde_json::from_str(&text).unwrap())
}

fn changed(from: &str, to: &str) -> Vec<u8> {
    assert!(CAPTURED.contains(from), "{from}");
    CAPTURED.replace(from, to).into_bytes()
}

#[track_caller]
fn refused(input: &[u8], flags: &[&str]) -> String {
    let (code, answer) = json(input, flags);
    assert_eq!((code, &answer["verdict"]), (Some(1), &"refused".into()));
    answer["reason"].as_str().unwrap().to_owned()
}

#[test]
fn a_captured_request_is_accepted_with_either_line_end() {
    for input in [CAPTURED.to_owned(), CAPTURED.replace('\n', "\r\n")] {
        let (code, answer) = json(input.as_bytes(), &["--now", SIGNED_AT]);
        assert_eq!(code, Some(0), "{answer}");
        let hash = "97b2cdacd93af17eccd01b2295a9d5a1321936131a893f3f9e3be1afb9e18845";
        let expected = serde_json::json!({
            "algorithm": "SDK-HMAC-SHA256",
            "canonical_request": CANONICAL,
            "string_to_sign": format!("SDK-HMAC-SHA256\n{SIGNED_AT}\n{hash}"),
            "expected_signature": SIGNATURE,
            "given_signature": SIGNATURE,
            "verdict": "accepted",
            "tolerance": null,
            "reason": null,
        });
        assert_eq!(answer, expected);
    }
}

#[test]
fn the_words_go_step_by_step() {
    let (code, text) = words(CAPTURED.as_bytes(), &[]);
    assert_eq!(code, Some(0));
    for piece in [
        "1. The request\n   GET /v2/apps/123456789abcdefghijklmno/record-callback\n   9 headers, ",
        "2. The Authorization header\n   algorithm SDK-HMAC-SHA256, access key AKIDEXAMPLE0001TESTX",
        "   its age is not judged; --now does that\n",
        "3. The canonical request\n   | GET\n",
        "4. The string to sign",
        "5. The signature",
        "Verdict: accepted\n",
    ] {
        assert!(text.contains(piece), "{piece}\n{text}");
    }
    for line in CANONICAL.lines() {
        assert!(text.contains(&format!("   | {line}\n").replace(" \n", "\n")), "{line}");
    }
    assert!(text.contains(&format!("   expected {SIGNATURE}\n   given    {SIGNATURE}\n")));
    assert!(!text.lines().any(|line| line.ends_with(' ')), "{text}");
    assert!(!text.contains(SK), "{text}");
}

#[test]
fn the_age_is_judged_only_with_now() {
    let late = ["--now", "2026-11-24T04:48:40Z"];
    let reason = refused(CAPTURED.as_bytes(), &late);
    assert!(reason.contains("3600 s behind"), "{reason}");
    for now in ["20261124T040340Z", "2026-11-24T03:33:40Z", "2026-11-24T05:03:40+01:00"] {
        assert_eq!(json(CAPTURED.as_bytes(), &["--now", now]).0, Some(0), "{now}");
    }
}

#[test]
fn exact_reasons_are_told() {
    let signed_host = "SignedHeaders=content-type;host;";
    for (input, piece) in [
        (changed("X-Sdk-Date: 20261124T034840Z\n", ""), "no X-Sdk-Date"),
        (changed("Host: 127.0.0.1:42227\n", ""), "`host`"),
        (changed("Access=AKID", "Access=NOBODY"), "`NOBODYEXAMPLE0001TESTX` is not known"),
        (changed("SDK-HMAC-SHA256 ", "SDK-HMAC-SM3 "), "SDK-HMAC-SM3"),
        (changed(signed_host, "SignedHeaders=;"), "malformed"),
        (changed("Authorization: ", "X-Authorization: "), "no Authorization"),
    ] {
        let reason = refused(&input, &[]);
        assert!(reason.contains(piece), "{reason}");
    }
}

#[test]
fn a_mistake_of_the_closed_list_is_named() {
    // The captured signature is that of the host without this port.
    let input = changed("127.0.0.1:42227", "127.0.0.1:42227:1");
    let reason = refused(&input, &[]);
    assert!(reason.contains("without the port"), "{reason}");
    let reason = refused(&changed("\n\n", "\n\n{}"), &[]);
    assert!(reason.contains("the hash of an empty body was signed"), "{reason}");
    let reason = refused(&changed("record-callback", "record-callbacks"), &[]);
    assert!(reason.contains("none of the known mistakes"), "{reason}");
}

#[test]
fn spaces_that_were_signed_are_seen_in_a_raw_request() {
    let request = "GET /v2/apps HTTP/1.1\nHost: h\nX-A:    padded\t\nX-Sdk-Date: \
        20261124T034840Z\nAuthorization:  SDK-HMAC-SHA256 Access=AKIDEXAMPLE0001TESTX, \
        SignedHeaders=host;x-a;x-sdk-date, \
        Signature=2e225855ec7f0308443ffa53b8815ddd18f06f6822a1971a2f150c5f52e7d649 \n\n";
    let reason = refused(request.as_bytes(), &[]);
    assert!(reason.contains("the spaces round a header's value were signed too"), "{reason}");
    let reason = refused(request.replace("padded\t", "padded").as_bytes(), &[]);
    assert!(reason.contains("none of the known mistakes"), "{reason}");
}

#[test]
fn the_canonical_request_of_the_client_is_compared_line_by_line() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let input = changed("3.0; golden", "3.1; golden");
    let flags = ["--client-canonical", file.path().to_str().unwrap()];
    for separator in ["\n", "\r\n", "|"] {
        std::fs::write(file.path(), CANONICAL.replace('\n', separator)).unwrap();
        let reason = refused(&input, &flags);
        assert!(reason.contains("line 6, the header user-agent"), "{reason}");
        assert!(reason.contains("server: user-agent:huaweicloud-usdk-python/3.1"), "{reason}");
        assert!(reason.contains("client: user-agent:huaweicloud-usdk-python/3.0"), "{reason}");
    }
    // With an exact reason the difference is told as well.
    let (code, text) = words(&input, &[&flags[..], &["--now", "20270101T000000Z"]].concat());
    assert_eq!(code, Some(1));
    assert!(text.contains("Further: the canonical requests differ first in line 6"), "{text}");
}

#[test]
fn the_body_is_taken_by_content_length_else_to_the_end() {
    let head = CAPTURED.trim_end();
    let (code, text) = words(format!("{head}\nContent-Length: 0\n\n{{}}").as_bytes(), &[]);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("2 bytes after the body, left out by Content-Length"), "{text}");
    let (code, text) = words(format!("{head}\n\n{{}}\n").as_bytes(), &[]);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("3 bytes of body"), "{text}");
    let (code, _) = words(head.as_bytes(), &[]);
    assert_eq!(code, Some(0), "a head without an empty line");
}

#[test]
fn header_values_are_taken_as_bytes() {
    // Two values that read the same once they are made text.
    let hash = |byte: u8| {
        let mut input = changed("golden", "golden?");
        let place = input.iter().position(|byte| *byte == b'?').unwrap();
        input[place] = byte;
        let (_, answer) = json(&input, &[]);
        (answer["canonical_request"].clone(), answer["string_to_sign"].clone())
    };
    let (first, second) = (hash(0xFE), hash(0xFF));
    assert_eq!(first.0, second.0);
    assert_ne!(first.1, second.1);
}

#[test]
fn a_token_is_taken_as_the_one_of_the_key_and_not_repeated_in_words() {
    let input = changed("X-Sdk-Date: ", "X-Security-Token: hush-token\nX-Sdk-Date: ");
    let reason = refused(&input, &[]);
    assert!(reason.contains("X-Security-Token") && reason.contains("SignedHeaders"), "{reason}");
    let input = String::from_utf8(input).unwrap().replace(";x-sdk", ";x-security-token;x-sdk");
    let (_, text) = words(input.as_bytes(), &[]);
    assert!(text.contains("   | x-security-token:***\n"), "{text}");
    assert!(text.contains("taken as the one of the key"), "{text}");
    assert!(!text.contains("hush-token"), "{text}");
    let (_, answer) = json(input.as_bytes(), &[]);
    assert!(answer["canonical_request"].as_str().unwrap().contains("x-security-token:hush-token"));
}

#[test]
fn keys_come_from_the_variables_of_serve_too() {
    let mut by_variable = command(&[]);
    by_variable.env("RTC_MOCK_ACCESS_KEY", AK).env("RTC_MOCK_SECRET_KEY", SK);
    assert_eq!(feed(by_variable, CAPTURED.as_bytes()).status.code(), Some(0));
    // Without them the keys are those that serve has by default.
    let output = feed(command(&["--json"]), CAPTURED.as_bytes());
    assert_eq!(output.status.code(), Some(1));
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(answer["reason"].as_str().unwrap().contains("is not known"), "{answer}");
    assert_eq!(answer["expected_signature"], Value::Null);
    let mut ours = changed(AK, rtc_mock_server::DEFAULT_ACCESS_KEY);
    ours.extend_from_slice(b"x");
    let output = feed(command(&[]), &ours);
    assert!(String::from_utf8_lossy(&output.stdout).contains("   expected "));
}

#[test]
fn region_and_service_of_a_derived_key_come_from_the_credential() {
    // The published example of the algorithm V11-HMAC-SHA256.
    let request = "GET /resources?size=1 HTTP/1.1\nHost: service.endpoint.myhuaweicloud.com\n\
        X-Sdk-Date: 20200608T023900Z\nAuthorization: V11-HMAC-SHA256 \
        Credential=AccessKey/20200608/test-region-1/demo, SignedHeaders=host;x-sdk-date, \
        Signature=f7dfee056692e58dede80fc80cb89bbfabf45552dd7cd8d18a0a13484455b98e\n\n";
    let flags = ["--json", "--access-key", "AccessKey", "--secret-key", "SecretKey"];
    let output = feed(command(&flags), request.as_bytes());
    let said: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert_eq!(said["algorithm"], "V11-HMAC-SHA256");
    let other = request.replace("test-region-1/demo", "test-region-2/demo");
    assert_eq!(feed(command(&flags), other.as_bytes()).status.code(), Some(1));
}

#[test]
fn what_cannot_be_read_is_exit_code_2_with_a_reason() {
    for (input, piece) in [
        (Vec::new(), "it is empty; give a request"),
        (vec![b'G'; (16 << 20) + 1], "longer than 16 MiB"),
        (b"hello\n".to_vec(), "first line"),
        (changed(" HTTP/1.1", ""), "first line"),
        (changed("Accept: */*", "Accept"), "line 4"),
        (changed("Accept: */*", "Content-Length: 5"), "only 0 follow"),
        (changed("Accept: */*", "Transfer-Encoding: chunked"), "Transfer-Encoding"),
    ] {
        let output = feed(command(&[]), &input);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(piece), "{said}");
        assert!(output.stdout.is_empty());
    }
    for flags in [&["--now", "noon"][..], &["--client-canonical", "no-such-file"]] {
        let output = feed(command(flags), CAPTURED.as_bytes());
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(flags[0]), "{said}");
    }
}
