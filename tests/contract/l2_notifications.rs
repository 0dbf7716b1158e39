//! L2 and L3 of notifications: golden ones become the values that they stand for and are written
//! again, and their signature is accepted; a changed copy is not.

use std::time::{Duration, UNIX_EPOCH};

use http::{HeaderMap, HeaderName, HeaderValue};
use rtc_contract_tests::case::{Case, Level};
use rtc_contract_tests::golden::{self, Golden};
use rtc_contract_tests::http_text::Message;
use rtc_model::callback::Notification;
use rtc_model::record_callback::NotifyEvent;
use rtc_model::record_rules::RecordFormat;
use rtc_signer::{CallbackError, CallbackVerifier};

/// The key of all golden notifications.
const KEY: &str = "0123456789abcdef0123456789abcdef";

pub(crate) fn add(cases: &mut Vec<Case>) {
    for golden in golden::notifications() {
        let signed = golden.clone();
        let name = format!("notification {}", golden.name);
        cases.push(Case::sync(Level::L2, "", name.clone(), move || reads_and_writes(&golden)));
        cases.push(Case::sync(Level::L3, "", name, move || is_accepted(&signed.message)));
    }
}

fn reads_and_writes(golden: &Golden) {
    let body = &golden.message.body;
    let read = Notification::from_json(body).unwrap();
    assert_eq!(read, expected(&golden.name));
    // Not only the same values: the same fields in the same order.
    let (read, written) = (members(body), members(&read.to_json()));
    if golden.name.ends_with(".reference") {
        assert_eq!(written, read);
    } else {
        assert_eq!(sorted(written), sorted(read));
    }
}

fn expected(name: &str) -> Notification {
    let job = Notification::new()
        .stream_name("room-7-main")
        .app_id("a1b2c3d4e5f60718293a4b5c")
        .job_id("0f1e2d3c4b5a69788796a5b4c3d2e1f0")
        .room_id("room-7");
    let file = "Record/a1b2/hls/room-7-main/index.m3u8";
    match name {
        "file-complete.reference" => job
            .event_type(NotifyEvent::RecordFileComplete)
            .record_format(RecordFormat::Hls)
            .download_url(format!("https://demo-bucket.obs.cn-north-4.myhuaweicloud.com/{file}"))
            .file_size(1_048_576)
            .record_duration(61)
            .start_time(UNIX_EPOCH + Duration::from_secs(1_709_280_000))
            .end_time(UNIX_EPOCH + Duration::from_secs(1_709_280_061))
            .width(1280)
            .height(720)
            .obs_location("http://obs.cn-north-4.myhuaweicloud.com")
            .obs_bucket("demo-bucket")
            .obs_object(file),
        "file-start.table" => {
            job.event_type(NotifyEvent::RecordNewFileStart).record_format(RecordFormat::Mp4)
        }
        "job-over.table" => {
            job.event_type(NotifyEvent::CloudRecordServerOver).detail_message("the job is over")
        }
        other => panic!("the golden notification {other} has no value here"),
    }
}

/// The members of an object of texts and numbers, in their order.
fn members(json: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(json).into_owned();
    let inner = text.trim_start_matches('{').trim_end_matches('}');
    inner
        .split(',')
        .map(|member| {
            let (name, value) = member.split_once(':').unwrap_or_default();
            format!("{}:{}", name.trim(), value.trim())
        })
        .collect()
}

fn sorted(mut members: Vec<String>) -> Vec<String> {
    members.sort();
    members
}

fn is_accepted(message: &Message) {
    let verifier = CallbackVerifier::new("golden", KEY).unwrap();
    let mut headers = HeaderMap::new();
    for (name, value) in &message.headers {
        let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
        headers.append(name, HeaderValue::from_str(value).unwrap());
    }
    let seconds = message.header("x-rtc-timestamp").unwrap().parse().unwrap();
    let now = UNIX_EPOCH + Duration::from_secs(seconds);
    verifier.verify(&headers, &message.body, now).unwrap();

    let refused = |headers: &HeaderMap, body: &[u8]| {
        let error = verifier.verify(headers, body, now).unwrap_err();
        assert!(matches!(error, CallbackError::SignatureMismatch), "{error}");
    };
    for place in 0..message.body.len() {
        let mut body = message.body.clone();
        body[place] ^= 1;
        refused(&headers, &body);
    }
    refused(&headers, message.body.get(1..).unwrap_or_default());
    headers.insert("x-rtc-rand", HeaderValue::from_static("9f1d2c"));
    refused(&headers, &message.body);
}
