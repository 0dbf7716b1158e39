//! Any answers can come from the service and from IAM; a call ends with a value or with an error,
//! within its attempts, and shows no secret.
//!
//! The input is a list of answers, parted by zero bytes: a status, headers, an empty line, a body.

#![no_main]

use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::{Duration, UNIX_EPOCH};

use http::{Request, Response};
use libfuzzer_sys::fuzz_target;
use rtc_client::{
    BoxFuture, Client, Credentials, Delivery, Limits, PasswordLogin, ProjectLookup, Transport,
    TransportError, TransportErrorKind,
};
use rtc_client::model::apps::ListApps;
use rtc_fuzz::split;

type Body = bytes::Bytes;

/// The token that is sent with every request, which an answer may repeat. (A password goes to IAM
/// alone, so that of the first flow is another.)
const SECRET: &str = "secret-of-the-fuzzer";

/// Plays the answers; those that are missing are time-outs.
struct Answers(Mutex<VecDeque<Response<Body>>>);

impl Transport for Answers {
    fn call(
        &self,
        _: Request<Body>,
        _: Limits,
    ) -> BoxFuture<'_, Result<Response<Body>, TransportError>> {
        let next = self.0.lock().expect("nobody panics with it").pop_front();
        let lost = || TransportError::new(TransportErrorKind::Timeout, Delivery::Unknown);
        Box::pin(std::future::ready(next.ok_or_else(lost)))
    }
}

/// Reads an answer; what cannot stand in one is left out.
fn answer(text: &[u8]) -> Option<Response<Body>> {
    let (head, body) = split(text, b"\n\n").unwrap_or((text, b""));
    let mut lines = head.split(|byte| *byte == b'\n');
    let status: u16 = std::str::from_utf8(lines.next()?).ok()?.trim().parse().ok()?;
    let mut answer = Response::new(Body::copy_from_slice(body));
    *answer.status_mut() = status.try_into().ok()?;
    for line in lines {
        let Some((name, value)) = split(line, b": ") else { continue };
        let name = http::HeaderName::from_bytes(name);
        let value = http::HeaderValue::from_bytes(value);
        if let (Ok(name), Ok(value)) = (name, value) {
            answer.headers_mut().append(name, value);
        }
    }
    Some(answer)
}

fuzz_target!(|data: &[u8]| {
    let Some((flow, data)) = data.split_first() else { return };
    let answers = data.split(|byte| *byte == 0).filter_map(answer).take(16).collect();
    let builder = Client::builder()
        .endpoint("http://rtc.example")
        .iam_endpoint("http://iam.example")
        .clock(|| UNIX_EPOCH + Duration::from_secs(1_704_164_645))
        .seed(1)
        .transport(Answers(Mutex::new(answers)));
    let builder = match flow % 3 {
        0 => builder.password_login(PasswordLogin::new("domain", "user", "a password")),
        1 => builder
            .credentials(Credentials::new("AK", SECRET).with_security_token(SECRET))
            .project_lookup(ProjectLookup::Always),
        _ => builder.token(SECRET),
    };
    let client = builder.build().expect("the settings are good");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime without sockets can be made");
    let shown = runtime.block_on(async {
        match flow / 3 % 4 {
            0 => outcome(client.show_record_callback("a1").await),
            1 => outcome(client.list_apps(ListApps::new()).await),
            2 => outcome(client.delete_app("a1").await),
            _ => outcome(client.show_mix_job("a1", "j1").await),
        }
    });
    // Where there is a login nothing of the kind is sent.
    assert!(flow % 3 == 0 || !shown.contains(SECRET), "{shown}");
});

/// What is shown of an error; a value may hold what the service says.
fn outcome<T>(outcome: Result<T, rtc_client::Error>) -> String {
    let Err(error) = outcome else { return String::new() };
    let attempts = error.attempts();
    assert!((1..=4).contains(&attempts), "{attempts} attempts");
    let mut shown = format!("{error} {error:?} {:?}", error.request_id());
    if let Some(said) = error.service_error() {
        shown += &format!("{said} {said:?} {:?}", said.details());
    }
    shown += &String::from_utf8_lossy(error.raw_body().unwrap_or_default());
    let mut cause = std::error::Error::source(&error);
    while let Some(error) = cause {
        shown += &format!("{error} {error:?}");
        cause = error.source();
    }
    shown
}
