//! L7: a receiver that is written with Python's standard library alone, by the formula of the
//! reference.

use std::time::{Instant, SystemTime};

use rtc_client::{Client, Credentials};
use rtc_contract_tests::case::{self, Case, End, Level, Outcome};
use rtc_contract_tests::golden;
use rtc_contract_tests::http_text::{Message, exchange};
use rtc_contract_tests::program::MockProgram;
use rtc_contract_tests::programs;
use rtc_contract_tests::receiver::PythonReceiver;
use rtc_mock_server::{Clock, DEFAULT_ACCESS_KEY, DEFAULT_PROJECT_ID, DEFAULT_SECRET_KEY};
use rtc_model::apps::AppReq;
use rtc_model::jobs::RecordParam;
use rtc_model::mix_stream_jobs::{EncodeTemplate, MixJobReq, MixParam};
use rtc_model::record_callback::AppCallbackUrlReq;
use rtc_model::record_rules::{
    HlsRecordConfig, Mp4RecordConfig, RecordFormat, RecordObsFileAddr, RecordRuleReq, RuleLocation,
};
use rtc_signer::{CallbackRand, CallbackSigner};
use serde_json::{Value, json};

use crate::Flags;

const KEY: &str = "0123456789abcdef0123456789abcdef";

/// Runs the cases, unless they are not wanted or there is no Python.
pub(crate) async fn run(flags: &Flags) -> Vec<Outcome> {
    if flags.level.is_some_and(|level| level != Level::L7) {
        return Vec::new();
    }
    let tells =
        "a receiver of Python's standard library tells what rtc-signer signed from the rest";
    let hears =
        "a job is told to it in order, though it fails twice and the mock is killed between";
    let mut outcomes = Vec::new();
    for (name, statuses) in [(tells, &[500, 200][..]), (hears, &[500, 500, 200])] {
        let started = Instant::now();
        outcomes.push(match PythonReceiver::start(KEY, statuses).await {
            Ok(receiver) if name == tells => {
                case::run(Case::new(Level::L7, "", name, move || verifies(receiver))).await
            }
            Ok(receiver) => {
                case::run(Case::new(Level::L7, "", name, move || is_told(receiver))).await
            }
            Err(reason) => {
                let end =
                    if flags.require_peer { End::Failed(reason) } else { End::Skipped(reason) };
                Outcome::new(Level::L7, "", name, started.elapsed(), end)
            }
        });
    }
    outcomes
}

async fn is_told(mut receiver: PythonReceiver) {
    let folder = programs().join("../contract/told");
    let _ = std::fs::remove_dir_all(&folder);
    let start = async |time: &str| {
        let clock = format!("frozen@2024-03-01T08:{time}Z");
        let data = folder.to_str().unwrap();
        let program = MockProgram::start(&["--clock", &clock, "--data-dir", data]).await;
        let clock: Clock = clock.parse().unwrap();
        let client = Client::builder()
            .endpoint(program.api())
            .credentials(Credentials::new(DEFAULT_ACCESS_KEY, DEFAULT_SECRET_KEY))
            .project_id(DEFAULT_PROJECT_ID)
            .clock(move || clock.now())
            .build()
            .unwrap();
        (program, client)
    };
    let (program, client) = start("00:00").await;
    let app = client.create_app(AppReq::new("classroom")).await.unwrap().into_output().app_id;
    let callback = AppCallbackUrlReq::new(receiver.url()).auth_key(KEY);
    client.update_record_callback(&app, callback).await.unwrap();
    let place = RecordObsFileAddr::new(RuleLocation::CnNorth4, "project", "demo-bucket");
    let rule = RecordRuleReq::new(place)
        .record_formats([RecordFormat::Hls, RecordFormat::Mp4])
        .hls_config(HlsRecordConfig::new(60))
        .mp4_config(Mp4RecordConfig::new(3_600));
    let rule = client.create_record_rule(&app, rule).await.unwrap().into_output().into_inner();
    let rule = rule.rule_id.unwrap();
    let job = MixJobReq::new(MixParam::new("room-7", EncodeTemplate::AUDIO_ONLY))
        .record_param(RecordParam::new(rule));
    let job = client.create_mix_job(&app, job).await.unwrap().into_output().job_id.unwrap();
    let first = receiver.next().await;
    // kill -9, whether or not the answer was noted.
    program.kill().await;

    let (program, client) = start("00:10").await;
    let second = receiver.next().await;
    for told in [&first, &second] {
        assert_eq!(
            (&told["verdict"], &told["answer"]),
            (&json!("verified"), &json!(500)),
            "{told}"
        );
        assert_eq!(told["notification"]["record_format"], "HLS");
    }
    attempts_end(&program).await;
    advance(&program, 6).await;
    advance(&program, 44).await;
    client.stop_mix_job(&app, &job).await.unwrap();
    let (start, complete) = ("RECORD_NEW_FILE_START", "RECORD_FILE_COMPLETE");
    for (event, format, seconds) in [
        (start, "HLS", None),
        (start, "MP4", None),
        (complete, "HLS", Some(60)),
        (start, "HLS", None),
        (complete, "HLS", Some(0)),
        (complete, "MP4", Some(60)),
    ] {
        let told = receiver.next().await;
        assert_eq!(
            (&told["verdict"], &told["answer"]),
            (&json!("verified"), &json!(200)),
            "{told}"
        );
        let notification = &told["notification"];
        assert_eq!(notification["event_type"], event, "{told}");
        assert_eq!(notification["record_format"], format, "{told}");
        assert_eq!(notification["record_duration"].as_i64(), seconds, "{told}");
        assert_eq!(notification["stream_name"], format!("m_{job}_room-7"));
    }
    attempts_end(&program).await;
    assert_eq!(program.admin("/deliveries?state=waiting").await.json()["count"], 0);
}

/// The receiver writes its line before it answers, so the mock may not know of the answer yet; the
/// admin API answers to an advance when no attempt is under way.
async fn attempts_end(program: &MockProgram) {
    advance(program, 0).await;
}

async fn advance(program: &MockProgram, seconds: u64) {
    let host = program.admin_url().trim_start_matches("http://");
    let body = json!({ "seconds": seconds }).to_string();
    let length = body.len().to_string();
    let headers = [("Host", host), ("Content-Length", length.as_str())];
    let request = Message::new("POST /clock/advance HTTP/1.1", &headers, body.as_bytes());
    assert_eq!(exchange(host, request.to_bytes()).await.status(), 200);
}

async fn verifies(mut receiver: PythonReceiver) {
    let body = golden::notifications()
        .into_iter()
        .find(|golden| golden.name == "file-complete.reference")
        .map(|golden| golden.message.body)
        .unwrap();
    let tampered = String::from_utf8(body.clone()).unwrap().replace("1048576", "1048577");
    let (signed, other) =
        (headers(KEY, &body), headers("another key of at least 32 chars.", &body));
    for (headers, body, verdict, status) in [
        (&signed, body.as_slice(), "verified", 500),
        (&signed, &body, "verified", 200),
        (&signed, tampered.as_bytes(), "refused", 401),
        (&other, &body, "refused", 401),
        (&Vec::new(), &body, "unsigned", 401),
        (&headers(KEY, b"[]"), b"[]", "unreadable", 400),
        (&signed, &body, "verified", 200),
    ] {
        let answer = send(receiver.url(), headers, body).await;
        assert_eq!(answer.status(), status, "{verdict}");
        let told = receiver.next().await;
        assert_eq!(told["verdict"], verdict);
        if verdict == "verified" {
            assert_eq!(told["event_type"], "RECORD_FILE_COMPLETE");
            let sent: Value = serde_json::from_slice(body).unwrap();
            assert_eq!(told["notification"], sent);
        }
        if status == 200 {
            assert_eq!(answer.json(), json!({ "status": 1, "result": "success" }));
        }
    }
}

fn headers(key: &str, body: &[u8]) -> Vec<(String, String)> {
    let signer = CallbackSigner::new(key).unwrap();
    let callback = signer.sign(body, CallbackRand::new([7; 16]), SystemTime::now()).unwrap();
    let headers = callback.headers();
    let text = |(name, value): &(http::HeaderName, http::HeaderValue)| {
        (name.to_string(), value.to_str().unwrap().to_owned())
    };
    headers.iter().map(text).collect()
}

async fn send(url: &str, headers: &[(String, String)], body: &[u8]) -> Message {
    let (host, length) = (url.trim_start_matches("http://"), body.len().to_string());
    let mut all = vec![("Host", host), ("Content-Length", length.as_str())];
    all.extend(headers.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    exchange(host, Message::new("POST /rtc HTTP/1.1", &all, body).to_bytes()).await
}
