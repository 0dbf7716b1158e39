//! Lists of apps: what a page costs at the start and at the end of 10,000 apps, and what an app takes
//! in memory. `cargo bench -p rtc-mock-server --bench apps` prints a table.

#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a program that measures")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use rtc_mock_server::{DEFAULT_TOKEN, Fixture, MockServer};

const APPS: usize = 10_000;
const ROUNDS: usize = 400;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let before = resident();
    let server = runtime.block_on(start());
    let after = resident();

    let mut client = Client::new(&server);
    let last = APPS / 100 - 1;
    let (mut first_page, mut last_page) = (Vec::new(), Vec::new());
    // Interleaved, so that both see the same machine.
    for _ in 0..ROUNDS {
        first_page.push(client.list(0));
        last_page.push(client.list(last));
    }
    let (first_page, last_page) = (median(first_page), median(last_page));
    println!("{APPS} apps in one project, pages of 100, median of {ROUNDS} interleaved requests");
    println!("first page        {:>8.1} µs", micros(first_page));
    println!("last page         {:>8.1} µs", micros(last_page));
    println!("last / first      {:>8.2}", micros(last_page) / micros(first_page));
    match (before, after) {
        (Some(before), Some(after)) => {
            let each = after.saturating_sub(before) / APPS as u64;
            println!("memory per app    {each:>8} bytes (resident, the fixture's copy included)");
        }
        _ => println!("memory per app    not known on this system"),
    }
    drop(server);
}

async fn start() -> MockServer {
    let apps: Vec<_> = (0..APPS)
        .map(|number| {
            serde_json::json!({
                "app_id": format!("{number:024x}"),
                "app_name": format!("app-{number}"),
                "callbacks": { "record_callback": { "url": "http://mydomain.com", "auth_key": "78912374ae8cdb38" } },
            })
        })
        .collect();
    let fixture = serde_json::json!({ "projects": [{ "apps": apps }] }).to_string();
    MockServer::builder()
        .fixture(Fixture::from_json(&fixture).unwrap())
        .journal(0)
        .start()
        .await
        .unwrap()
}

/// One keep-alive connection.
struct Client {
    stream: BufReader<TcpStream>,
    body: Vec<u8>,
}

impl Client {
    fn new(server: &MockServer) -> Self {
        let stream = TcpStream::connect(server.address()).unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream: BufReader::new(stream), body: Vec::new() }
    }

    fn list(&mut self, page: usize) -> Duration {
        let started = Instant::now();
        let request = format!(
            "GET /v2/apps?limit=100&offset={page} HTTP/1.1\r\nHost: h\r\nX-Auth-Token: {DEFAULT_TOKEN}\r\n\r\n"
        );
        self.stream.get_mut().write_all(request.as_bytes()).unwrap();
        let mut length = 0;
        loop {
            let mut line = String::new();
            self.stream.read_line(&mut line).unwrap();
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
            if line == "\r\n" {
                break;
            }
        }
        self.body.resize(length, 0);
        self.stream.read_exact(&mut self.body).unwrap();
        let took = started.elapsed();
        assert!(self.body.starts_with(br#"{"count":10000,"apps":[{"#));
        took
    }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

/// The resident memory of this process, where the system tells it.
fn resident() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes * 1024)
}
