//! L7: a receiver that is written with Python's standard library alone, by the formula of the
//! reference.

use std::time::{Instant, SystemTime};

use rtc_contract_tests::case::{self, Case, End, Level, Outcome};
use rtc_contract_tests::golden;
use rtc_contract_tests::http_text::{Message, exchange};
use rtc_contract_tests::receiver::PythonReceiver;
use rtc_signer::{CallbackRand, CallbackSigner};
use serde_json::{Value, json};

use crate::Flags;

const KEY: &str = "0123456789abcdef0123456789abcdef";

/// Runs the cases, unless they are not wanted or there is no Python.
pub(crate) async fn run(flags: &Flags) -> Vec<Outcome> {
    if flags.level.is_some_and(|level| level != Level::L7) {
        return Vec::new();
    }
    let name = "a receiver of Python's standard library tells what rtc-signer signed from the rest";
    let started = Instant::now();
    match PythonReceiver::start(KEY, &[500, 200]).await {
        Ok(receiver) => {
            let case = Case::new(Level::L7, "", name, move || verifies(receiver));
            vec![case::run(case).await]
        }
        Err(reason) => {
            let end = if flags.require_peer { End::Failed(reason) } else { End::Skipped(reason) };
            vec![Outcome::new(Level::L7, "", name, started.elapsed(), end)]
        }
    }
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
