//! `listen` as a program: what it shows and answers.

use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use rtc_model::callback::{ACCEPTED, Notification};
use rtc_model::record_callback::NotifyEvent;
use rtc_signer::{CallbackRand, CallbackSigner};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, ChildStdout};

use crate::http::{status, talk};

const KEY: &str = "0123456789abcdef0123456789abcdef";
const PATIENCE: Duration = Duration::from_secs(20);

/// A running `listen`; killed when dropped.
struct Listener {
    child: Child,
    said: BufReader<ChildStdout>,
    address: String,
}

fn command(flags: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rtc-mock-server"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("RTC_MOCK_")) {
        command.env_remove(name);
    }
    command.arg("listen").args(flags).stdin(Stdio::null());
    command
}

async fn start(flags: &[&str]) -> Listener {
    let mut command = tokio::process::Command::from(command(flags));
    command.env("RTC_MOCK_AUTH_KEY", KEY);
    command.args(["--port", "0"]).stdout(Stdio::piped()).kill_on_drop(true);
    let mut child = command.spawn().unwrap();
    let said = BufReader::new(child.stdout.take().unwrap());
    let mut listener = Listener { child, said, address: String::new() };
    let ready = listener.line().await;
    let url = match serde_json::from_str::<Value>(&ready) {
        Ok(ready) => ready["url"].as_str().unwrap().to_owned(),
        Err(_) => ready.trim().strip_prefix("ready url=").unwrap().to_owned(),
    };
    url.strip_prefix("http://").unwrap().clone_into(&mut listener.address);
    listener
}

impl Listener {
    async fn line(&mut self) -> String {
        let mut line = String::new();
        tokio::time::timeout(PATIENCE, self.said.read_line(&mut line)).await.unwrap().unwrap();
        line
    }

    async fn object(&mut self) -> Value {
        serde_json::from_str(&self.line().await).unwrap()
    }

    async fn post(&self, headers: &str, body: &[u8]) -> String {
        let length = body.len();
        let head =
            format!("POST /rtc HTTP/1.1\r\nHost: h\r\nContent-Length: {length}\r\n{headers}\r\n");
        talk(&self.address, &[head.as_bytes(), body].concat()).await
    }

    #[cfg(unix)]
    async fn stop(&mut self) -> Option<i32> {
        let id = self.child.id().unwrap().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        tokio::time::timeout(PATIENCE, self.child.wait()).await.unwrap().unwrap().code()
    }
}

fn body() -> Vec<u8> {
    let file = Notification::new().event_type(NotifyEvent::RecordFileComplete);
    file.job_id("j1").room_id("room-7").obs_object("Record/a.mp4").to_json().to_vec()
}

fn signature(key: &str, number: u8, body: &[u8], at: SystemTime) -> String {
    let signer = CallbackSigner::new(key).unwrap();
    let callback = signer.sign(body, CallbackRand::new([number; 16]), at).unwrap();
    let [rand, time, signature] =
        callback.headers().map(|(name, value)| format!("{name}: {}\r\n", value.to_str().unwrap()));
    rand + &time + &signature
}

#[cfg(unix)]
#[tokio::test]
async fn people_see_event_job_room_file_verdict_and_age() {
    let mut listener = start(&[]).await;
    let (body, now) = (body(), SystemTime::now());
    let headers = signature(KEY, 1, &body, now);
    let answer = listener.post(&headers, &body).await;
    assert_eq!(status(&answer), "200");
    assert!(answer.ends_with(ACCEPTED) && answer.contains("application/json"), "{answer}");
    let line = listener.line().await;
    let told = "verified  RECORD_FILE_COMPLETE job=j1 room=room-7 file=Record/a.mp4 age=";
    assert!(line.contains(told) && line.ends_with(" answered=200\n"), "{line}");

    let mut tampered = body.clone();
    *tampered.last_mut().unwrap() = b' ';
    tampered.push(b'}');
    let answer = listener.post(&headers, &tampered).await;
    assert_eq!(status(&answer), "401");
    assert!(answer.ends_with("\r\n\r\n"), "a refusal says nothing: {answer}");
    let line = listener.line().await;
    assert!(line.contains("refused   RECORD_FILE_COMPLETE job=j1"), "{line}");
    assert!(line.contains("answered=401 because no key leads to"), "{line}");
    assert_eq!(listener.stop().await, Some(0));
}

#[tokio::test]
async fn programs_read_an_object_for_each_with_its_verdict() {
    let mut listener = start(&["--json"]).await;
    let (body, now) = (body(), SystemTime::now());
    let headers = signature(KEY, 1, &body, now);
    for (headers, sent, verdict, code) in [
        (headers.as_str(), body.as_slice(), "verified", 200),
        (&headers, &body, "repeated", 200),
        ("", &body, "unsigned", 401),
        (&signature("another key of at least 32 chars.", 2, &body, now), &body, "refused", 401),
        (&signature(KEY, 3, &body, now - Duration::from_secs(400)), &body, "refused", 401),
        (&signature(KEY, 4, b"[]", now), b"[]", "refused", 400),
    ] {
        assert_eq!(status(&listener.post(headers, sent).await), code.to_string(), "{verdict}");
        let told = listener.object().await;
        assert_eq!((&told["verdict"], &told["answer"]), (&json!(verdict), &json!(code)), "{told}");
        if sent == body {
            assert_eq!(told["notification"]["job_id"], "j1");
        } else {
            assert!(told["reason"].as_str().unwrap().contains("object"), "{told}");
        }
    }
    assert_eq!(status(&talk(&listener.address, b"GET / HTTP/1.1\r\nHost: h\r\n\r\n").await), "405");
}

#[tokio::test]
async fn the_answers_are_those_that_were_asked_for_and_the_last_one_stays() {
    let mut listener = start(&["--json", "--answer", "500,503,204", "--answer-after", "1ms"]).await;
    let body = body();
    for (number, code) in [(1, "500"), (2, "503"), (3, "204"), (4, "204")] {
        let headers = signature(KEY, number, &body, SystemTime::now());
        assert_eq!(status(&listener.post(&headers, &body).await), code);
        let told = listener.object().await;
        assert_eq!(told["verdict"], "verified");
        assert_eq!(told["answer"].to_string(), code);
    }
}

#[tokio::test]
async fn several_keys_and_any_age_are_taken_when_asked_for() {
    let other = "another key of at least 32 chars.";
    let flags = ["--json", "--any-age", "--auth-key", other, "--auth-key", KEY];
    let mut listener = start(&flags).await;
    let body = body();
    let old = SystemTime::now() - Duration::from_secs(1_000_000);
    for (key, number) in [(other, 1), (KEY, 2)] {
        let headers = signature(key, number, &body, old);
        assert_eq!(status(&listener.post(&headers, &body).await), "200");
        assert_eq!(listener.object().await["key"], number);
    }
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_and_others_go_on() {
    let mut listener = start(&["--json"]).await;
    let mut stream = TcpStream::connect(&listener.address).await.unwrap();
    let head = b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
    stream.write_all(head).await.unwrap();
    let chunk = format!("10000\r\n{}\r\n", " ".repeat(0x1_0000));
    for _ in 0..16 {
        stream.write_all(chunk.as_bytes()).await.unwrap();
    }
    // One more than is read; nothing after it, so that the answer meets no reset.
    stream.write_all(b"1\r\n \r\n").await.unwrap();
    let told = listener.object().await;
    assert_eq!((&told["verdict"], &told["answer"]), (&json!("refused"), &json!(413)), "{told}");
    let mut start = [0; 12];
    stream.read_exact(&mut start).await.unwrap();
    assert_eq!(&start, b"HTTP/1.1 413");

    let body = body();
    let headers = signature(KEY, 1, &body, SystemTime::now());
    assert_eq!(status(&listener.post(&headers, &body).await), "200");
}

#[cfg(unix)]
#[tokio::test]
async fn lines_that_nobody_reads_do_not_stop_it() {
    let mut listener = start(&[]).await;
    let body = vec![b' '; 1_000];
    let head = format!("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: {}\r\n\r\n", body.len());
    let requests = [head.as_bytes(), &body].concat().repeat(100);
    // More than the pipe and the queue hold.
    for _ in 0..30 {
        let answers = talk(&listener.address, &requests).await;
        assert_eq!(answers.matches("HTTP/1.1 401").count(), 100);
    }
    assert_eq!(listener.stop().await, Some(0));
}

#[test]
fn wrong_usage_is_exit_code_2_with_a_reason() {
    for (flags, reason) in [
        (&["--answer", "100"][..], "200 to 599"),
        (&["--answer-after", "soon"], "500ms"),
        (&["--auth-key", ""], "empty"),
        (&["--port", "1", "--listen", "127.0.0.1:1"], "--listen"),
        (&["--port", "70000"], "70000"),
    ] {
        let output = command(flags).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{flags:?}: {said}");
        assert!(said.contains(reason), "{flags:?}: {said}");
    }
}
