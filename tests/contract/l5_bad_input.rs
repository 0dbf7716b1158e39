//! L5: bad input gets the documented status and code, and changes nothing.

use rtc_contract_tests::case::{Case, Level};
use rtc_contract_tests::coverage;
use rtc_contract_tests::golden;
use rtc_contract_tests::http_text::{Message, exchange};
use rtc_mock_server::DEFAULT_TOKEN;

use crate::l5_server::{check_head, date, program_at, server_at};
use crate::requests::APP;

/// What is sent and what must come back: status, code, a part of the text.
#[derive(Clone)]
struct Bad {
    operation: &'static str,
    name: &'static str,
    bytes: Vec<u8>,
    status: u16,
    code: &'static str,
    text: &'static str,
}

pub(crate) fn add(cases: &mut Vec<Case>) {
    for bad in table() {
        cases.push(Case::new(Level::L5, bad.operation, bad.name, || check(bad)));
    }
    cases.push(Case::new(
        Level::L5,
        "",
        "a path of bytes that are no UTF-8 is refused and the server goes on",
        raw_bytes_in_path,
    ));
    cases.push(Case::new(
        Level::L5,
        "UpdateRecordCallback",
        "a body of 13 MB is answered with 413 by the program too",
        large_body_to_program,
    ));
}

fn table() -> Vec<Bad> {
    [update_bodies(), update_values(), large(), apps(), queries(), buckets(), paths(), heads()]
        .concat()
}

const UPDATE: &str = "UpdateRecordCallback";
const SHOW: &str = "ShowRecordCallback";
const NO_API: &str = "The API does not exist or has not been published in the environment.";

/// Shortens the tables: operation, what is bad, the message, the answer.
macro_rules! table {
    ($($operation:expr, $name:literal, $message:expr => $status:literal $code:literal $text:expr;)*) => {
        vec![$(Bad {
            operation: $operation,
            name: $name,
            bytes: $message.to_bytes(),
            status: $status,
            code: $code,
            text: $text,
        }),*]
    };
}

fn update_bodies() -> Vec<Bad> {
    let not_utf8 = request("PUT", &callback(), b"{\"url\":\"\xff\"}");
    let text = put(r#"{"url":"http://h"}"#).with_header("Content-Type", "text/plain");
    table! {
        UPDATE, "no JSON", put("{url") => 400 "RTC.00001002" "MalformedRequestBody: json parsing failed";
        UPDATE, "no UTF-8", not_utf8 => 400 "RTC.00001002" "MalformedRequestBody";
        UPDATE, "no body", put("") => 400 "RTC.00001002" "the body is empty";
        UPDATE, "an array", put(r#"["http://h"]"#) => 400 "RTC.00001002" "invalid type: sequence";
        UPDATE, "a number for the url", put(r#"{"url":5}"#) => 400 "RTC.00001002" "url: invalid type";
        UPDATE, "an object for the key", put(r#"{"url":"http://h","auth_key":{}}"#) => 400 "RTC.00001002" "auth_key: it is not of the documented type";
        UPDATE, "text after the body", put(r#"{"url":"http://h"}{}"#) => 400 "RTC.00001002" "trailing characters";
        UPDATE, "the url twice", put(r#"{"url":"http://h","url":"http://i"}"#) => 400 "RTC.00001002" "duplicate field `url`";
        UPDATE, "another media type", text => 400 "RTC.00001002" "text/plain";
    }
}

fn update_values() -> Vec<Bad> {
    let long = url(&format!("http://h/{}", "x".repeat(248)));
    let unknown = |body: &[u8]| request("PUT", "/v2/apps/nobody/record-callback", body);
    table! {
        UPDATE, "no url", put("{}") => 400 "RTC.00001005" "MissingParameter: url";
        UPDATE, "null for the url", put(r#"{"url":null}"#) => 400 "RTC.00001005" "MissingParameter: url";
        UPDATE, "an empty url", url("") => 400 "RTC.00001003" "InvalidParameterValue: url";
        UPDATE, "an ftp url", url("ftp://h") => 400 "RTC.00001003" "InvalidParameterValue: url: it must start with http:// or https://";
        UPDATE, "a url of 257 characters", long => 400 "RTC.00001003" "url: it has 257 characters";
        UPDATE, "a short key", put(r#"{"url":"http://h","auth_key":"short"}"#) => 400 "RTC.00001003" "InvalidParameterValue: auth_key";
        UPDATE, "an unknown app", unknown(br#"{"url":"http://h"}"#) => 404 "RTC.00001003" "nobody";
        UPDATE, "an unknown app with a bad body is told of the body", unknown(b"{") => 400 "RTC.00001002" "";
    }
}

fn large() -> Vec<Bad> {
    let huge = vec![b'x'; 13 << 20];
    let mut chunked = request("PUT", &callback(), b"").without_header("Content-Length");
    chunked = chunked.with_header("Transfer-Encoding", "chunked");
    chunked.body = [format!("{:x}\r\n", huge.len()).as_bytes(), &huge, b"\r\n0\r\n\r\n"].concat();
    table! {
        UPDATE, "a body of 13 MB", request("PUT", &callback(), &huge) => 413 "APIGW.0201" "Request entity too large.";
        UPDATE, "a chunked body of 13 MB", chunked => 413 "APIGW.0201" "Request entity too large.";
    }
}

fn apps() -> Vec<Bad> {
    let create = |body: &str| request("POST", "/v2/apps", body.as_bytes());
    let long = create(&format!(r#"{{"app_name":"{}"}}"#, "中".repeat(257)));
    table! {
        "CreateApp", "no name", create("{}") => 400 "RTC.00001005" "MissingParameter: app_name";
        "CreateApp", "an empty name", create(r#"{"app_name":""}"#) => 400 "RTC.00001003" "app_name";
        "CreateApp", "a name of 257 characters", long => 400 "RTC.00001003" "app_name: it has 257 characters";
        "ShowApp", "an unknown app", get("/v2/apps/nobody") => 404 "RTC.00001003" "nobody";
        "DeleteApp", "an unknown app", request("DELETE", "/v2/apps/nobody", b"") => 404 "RTC.00001003" "nobody";
    }
}

fn queries() -> Vec<Bad> {
    let show = |app: &str| get(&format!("/v2/apps/{app}/record-callback"));
    table! {
        SHOW, "an unknown app", show("nobody") => 404 "RTC.00001003" "nobody";
        SHOW, "an app id of 33 characters", show(&"a".repeat(33)) => 400 "RTC.00001003" "app_id: it has 33 characters";
        SHOW, "an app id that is no UTF-8", show("%FF") => 400 "RTC.00001003" "app_id: it is not UTF-8";
        SHOW, "an empty app id", show("") => 404 "APIGW.0101" NO_API;
        SHOW, "a wrong method", request("PATCH", &callback(), b"") => 404 "APIGW.0101" NO_API;
        SHOW, "a target of 40 KB", show(&"a".repeat(40 << 10)) => 414 "APIGW.0201" "Request URI too large.";
    }
}

fn buckets() -> Vec<Bad> {
    let objects = |query: &str| get(&format!("/v2/rtc-ops/buckets/objects{query}"));
    let list = "ListObsBucketObjects";
    table! {
        list, "no bucket", objects("?type=objects&location=cn-north-4") => 400 "RTC.00001005" "bucket";
        list, "no type", objects("?bucket=b&location=cn-north-4") => 400 "RTC.00001005" "type";
        list, "no location", objects("?bucket=b&type=objects") => 400 "RTC.00001005" "location";
        list, "an unknown type", objects("?bucket=b&type=all&location=cn-north-4") => 400 "RTC.00001003" "type";
        list, "an unknown location", objects("?bucket=b&type=objects&location=moon") => 400 "RTC.00001003" "location";
        list, "the bucket twice", objects("?bucket=b&bucket=c&type=objects&location=cn-north-4") => 400 "RTC.00001003" "bucket: it is given twice";
        "ListApps", "a limit that is no number", get("/v2/apps?limit=ten") => 400 "RTC.00001003" "limit";
        "ListApps", "an offset too large", get("/v2/apps?offset=2147483648") => 400 "RTC.00001003" "offset";
    }
}

fn paths() -> Vec<Bad> {
    let long = "x".repeat(129);
    let long_job = "x".repeat(65);
    let at = |method: &str, tail: &str| request(method, &format!("/v2/apps/{APP}/{tail}"), b"");
    table! {
        "ShowRecordRule", "a rule id of 129 characters", at("GET", &format!("record-rules/{long}")) => 400 "RTC.00001003" "rule_id";
        "DeleteRecordRule", "a rule id of 129 characters", at("DELETE", &format!("record-rules/{long}")) => 400 "RTC.00001003" "rule_id";
        "ShowMixJob", "a job id of 65 characters", at("GET", &format!("mix-stream-jobs/{long_job}")) => 400 "RTC.00001003" "job_id";
        "StopMixJob", "a job id of 65 characters", at("DELETE", &format!("mix-stream-jobs/{long_job}")) => 400 "RTC.00001003" "job_id";
        "RemoveRoom", "a room id with a space", at("POST", "rooms/a%20b/dismiss") => 400 "RTC.00001003" "room_id";
    }
}

fn heads() -> Vec<Bad> {
    let nobody = get("/v2/nothing").without_header("X-Auth-Token");
    let large = get(&callback()).with_header("X-A", &"a".repeat(33 << 10));
    let many = (0..5).fold(get(&callback()), |message, number| {
        message.with_header(&format!("X-{number}"), &"a".repeat(30 << 10))
    });
    table! {
        "", "an unknown path", get("/v2/nothing") => 404 "APIGW.0101" NO_API;
        "", "an unknown path without credentials", nobody => 404 "APIGW.0101" NO_API;
        "", "an unknown target of 40 KB", get(&format!("/{}", "a".repeat(40 << 10))) => 414 "APIGW.0201" "Request URI too large.";
        "", "a header of 33 KB", large => 494 "APIGW.0201" "Request headers too large.";
        "", "headers of 150 KB", many => 494 "APIGW.0201" "Request headers too large.";
    }
}

fn callback() -> String {
    format!("/v2/apps/{APP}/record-callback")
}

fn get(path: &str) -> Message {
    request("GET", path, b"")
}

fn put(body: &str) -> Message {
    request("PUT", &callback(), body.as_bytes())
}

fn url(url: &str) -> Message {
    put(&format!(r#"{{"url":"{url}"}}"#))
}

fn request(method: &str, path: &str, body: &[u8]) -> Message {
    let headers = [
        ("Host", "rtc-api.myhuaweicloud.com"),
        ("Content-Type", "application/json"),
        ("X-Auth-Token", DEFAULT_TOKEN),
        ("Content-Length", &body.len().to_string()),
    ];
    Message::new(&format!("{method} {path} HTTP/1.1"), &headers, body)
}

fn now() -> std::time::SystemTime {
    date(&golden::get("ShowRecordCallback/request.python-sdk.plain").message)
}

async fn check(bad: Bad) {
    let server = server_at(now()).await;
    let address = server.address().to_string();
    let answer = exchange(&address, bad.bytes).await;
    let body = answer.json();
    assert_eq!(answer.status(), bad.status, "{body}");
    assert_eq!(body["error_code"], bad.code, "{body}");
    assert!(body["error_msg"].as_str().is_some_and(|text| text.contains(bad.text)), "{body}");
    let request_id = body["request_id"].as_str();
    assert_eq!(request_id.is_some(), bad.code.starts_with("APIGW"), "{body}");
    check_head(&answer);
    if !bad.operation.is_empty() && !bad.code.starts_with("APIGW") {
        coverage::asserted(bad.operation, bad.status, bad.code);
    }
    assert_eq!(server.requests().len(), 1, "one request is one exchange");
    unchanged(&address).await;
}

/// The server goes on, and the callback is what it was.
async fn unchanged(address: &str) {
    let query = request("GET", &callback(), b"");
    let answer = exchange(address, query.to_bytes()).await;
    let expected = golden::get("ShowRecordCallback/reply.200.reference").message;
    assert_json_diff::assert_json_eq!(answer.json(), expected.json());
}

async fn raw_bytes_in_path() {
    let server = server_at(now()).await;
    let address = server.address().to_string();
    let bytes = request("GET", "/v2/apps/PLACE/record-callback", b"").to_bytes();
    let text = b"PLACE";
    let at = bytes.windows(text.len()).position(|window| window == text).unwrap_or_default();
    let raw = [&bytes[..at], b"\xff\xfe", &bytes[at + text.len()..]].concat();
    // hyper refuses some such heads by itself, with a bare 400 (decision D23).
    assert_eq!(exchange(&address, raw).await.status(), 400);
    unchanged(&address).await;
}

async fn large_body_to_program() {
    let program = program_at("real", "large", &[]).await;
    let body = vec![b' '; 13 << 20];
    let message = request("PUT", &callback(), &body);
    let answer = exchange(program.address(), message.to_bytes()).await;
    assert_eq!((answer.status(), &answer.json()["error_code"]), (413, &"APIGW.0201".into()));
    unchanged(program.address()).await;
}
