//! The examples as programs: they accept a signed notification and refuse a changed one.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, SystemTime};

use rtc_model::callback::{ACCEPTED, Notification};
use rtc_model::record_callback::NotifyEvent;
use rtc_signer::{CallbackRand, CallbackSigner};

const KEY: &str = "0123456789abcdef0123456789abcdef";
const PATIENCE: Duration = Duration::from_secs(20);

/// A running example; killed when dropped.
struct Example {
    child: Child,
    said: BufReader<ChildStdout>,
    address: String,
}

impl Example {
    fn start(program: &str) -> Self {
        let mut child = Command::new(program)
            .arg("127.0.0.1:0")
            .env("RTC_AUTH_KEY", KEY)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        said.read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("ready url=http://").unwrap().to_owned();
        Self { child, said, address }
    }

    /// Sends a request and gives the status and the body of the answer.
    fn send(&self, method: &str, headers: &str, body: &[u8]) -> (u16, String) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let head = format!(
            "{method} / HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Length: {}\r\n{headers}\r\n",
            self.address,
            body.len()
        );
        stream.write_all(&[head.as_bytes(), body].concat()).unwrap();
        let mut answer = Vec::new();
        // A refused body may end in a reset once the answer is there.
        let _ = stream.read_to_end(&mut answer);
        let answer = String::from_utf8(answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
    }

    fn next_line(&mut self) -> String {
        let mut line = String::new();
        self.said.read_line(&mut line).unwrap();
        line
    }
}

impl Drop for Example {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn signature(number: u8, body: &[u8]) -> String {
    let rand = CallbackRand::new([number; 16]);
    let signed = CallbackSigner::new(KEY).unwrap().sign(body, rand, SystemTime::now()).unwrap();
    let headers = signed.headers();
    let line = |(name, value): &(http::HeaderName, http::HeaderValue)| {
        format!("{name}: {}\r\n", value.to_str().unwrap())
    };
    headers.iter().map(line).collect()
}

fn receives(program: &str) {
    let mut example = Example::start(program);
    let file = |name: &str| {
        Notification::new().event_type(NotifyEvent::RecordFileComplete).obs_object(name).to_json()
    };
    let (body, accepted) = (file("a.mp4"), (200, ACCEPTED.to_owned()));
    let headers = signature(1, &body);
    assert_eq!(example.send("POST", &headers, &body), accepted);
    assert_eq!(example.next_line(), "RECORD_FILE_COMPLETE a.mp4\n");

    let refused = (401, String::new());
    assert_eq!(example.send("POST", &headers, &file("b.mp4")), refused, "another body");
    assert_eq!(example.send("POST", "", &body), refused, "no signature");
    assert_eq!(example.send("POST", &headers, &body), accepted, "a repetition");
    let odd = br#"{"start_time":"yesterday"}"#;
    assert_eq!(example.send("POST", &signature(2, odd), odd).0, 400);
    assert_eq!(example.send("POST", &headers, &vec![b' '; (64 << 10) + 1]).0, 413);
    assert_eq!(example.send("GET", "", b"").0, 405);

    // None of these has been worked on.
    let body = file("c.mp4");
    assert_eq!(example.send("POST", &signature(3, &body), &body), accepted);
    assert_eq!(example.next_line(), "RECORD_FILE_COMPLETE c.mp4\n");
}

#[test]
fn raw_hyper_accepts_a_signed_notification_and_refuses_a_changed_one() {
    receives(env!("CARGO_BIN_EXE_receive_hyper"));
}

#[test]
fn axum_accepts_a_signed_notification_and_refuses_a_changed_one() {
    receives(env!("CARGO_BIN_EXE_receive_axum"));
}
