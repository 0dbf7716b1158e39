//! 100,000 notifications to a receiver on this machine: whether any is lost or out of order, how
//! fast, and with how much memory, beside bare hyper sending the same bytes to the same receiver.
//!
//! `cargo bench -p rtc-mock-server --bench notifications`

#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a bench reports by printing")]
#![expect(clippy::cast_precision_loss, reason = "the counts are small")]

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rtc_mock_server::{Fixture, MockServer};
use serde_json::json;
use tokio::net::TcpListener;

/// Jobs, and files that each completes.
const JOBS: usize = 50;
const FILES: usize = 2_000;
/// As many attempts at one host are under way in the mock.
const AT_ONCE: usize = 16;
const KEY: &str = "0123456789abcdef0123456789abcdef";

/// What came: by job the end of the newest file, and how many were out of order.
#[derive(Default)]
struct Came {
    count: AtomicUsize,
    out_of_order: AtomicUsize,
    newest: Mutex<BTreeMap<String, String>>,
    sample: Mutex<Bytes>,
}

impl Came {
    fn take(&self, body: &Bytes) {
        let text = |name: &str| {
            let name = format!("\"{name}\":\"");
            let text = std::str::from_utf8(body).unwrap();
            let begin = text.find(&name).unwrap() + name.len();
            text[begin..].split('"').next().unwrap().to_owned()
        };
        let (job, end) = (text("job_id"), text("end_time"));
        let before = self.newest.lock().unwrap().insert(job, end.clone());
        if before.is_some_and(|before| before >= end) {
            self.out_of_order.fetch_add(1, Ordering::Relaxed);
        }
        if self.count.fetch_add(1, Ordering::Relaxed) == 0 {
            *self.sample.lock().unwrap() = body.clone();
        }
    }
}

async fn receive(came: Arc<Came>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/rtc", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let came = Arc::clone(&came);
            stream.set_nodelay(true).unwrap();
            tokio::spawn(async move {
                let service = service_fn(|request: Request<Incoming>| {
                    let came = Arc::clone(&came);
                    async move {
                        let body = request.into_body().collect().await.unwrap().to_bytes();
                        came.take(&body);
                        let answer = Full::new(Bytes::from_static(b"{\"status\":1}"));
                        Ok::<_, Infallible>(Response::new(answer))
                    }
                });
                let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
            });
        }
    });
    url
}

/// The resident memory in MiB.
fn resident() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
    kib.unwrap_or(f64::NAN) / 1024.0
}

fn fixture(url: &str) -> Fixture {
    let events = ["RECORD_FILE_COMPLETE"];
    let jobs = (0..JOBS).map(|job| {
        json!({
            "job_id": format!("{job:032x}"), "app_id": "a", "room_id": format!("r{job}"),
            "user_id": "u", "state": "RUNNING", "start_time": "2024-03-01T08:00:00Z",
            "record_param": { "record_rule_id": "r" },
        })
    });
    let fixture = json!({ "projects": [{
        "apps": [{ "app_id": "a", "app_name": "n", "callbacks": { "record_callback": {
            "url": url, "auth_key": KEY, "notify_event_subscription": events } } }],
        "record_rules": [{ "rule_id": "r", "app_id": "a",
            "obs_addr": { "location": "cn-north-4", "project_id": "p", "bucket": "demo-bucket" },
            "record_formats": ["HLS"], "hls_config": { "record_cycle": 60 } }],
        "individual_stream_jobs": jobs.collect::<Vec<_>>(),
    }] });
    Fixture::from_json(&fixture.to_string()).unwrap()
}

/// What the mock did.
struct Sent {
    /// Notifications a second.
    rate: f64,
    /// How many waited at a time, at most.
    most: usize,
    /// MiB, of sender and receiver together, at most.
    memory: f64,
}

async fn mock(came: &Arc<Came>, url: &str) -> Sent {
    let server = MockServer::builder()
        .clock("frozen@2024-03-01T08:00:00Z".parse().unwrap())
        .fixture(fixture(url))
        .start()
        .await
        .unwrap();
    let begin = Instant::now();
    server.clock().advance(Duration::from_secs(60 * FILES as u64)).unwrap();
    let (mut most, mut memory) = (0, resident());
    while !server.deliveries().settled(Duration::from_millis(20)).await {
        most = most.max(server.deliveries().waiting());
        memory = resident().max(memory);
    }
    let rate = (JOBS * FILES) as f64 / begin.elapsed().as_secs_f64();
    let (count, wrong) =
        (came.count.load(Ordering::Relaxed), came.out_of_order.load(Ordering::Relaxed));
    assert_eq!((count, wrong), (JOBS * FILES, 0), "none is lost, none is out of order");
    Sent { rate, most, memory }
}

/// The same bytes by hyper-util's client, unsigned.
async fn bare(url: &str, body: Bytes) -> f64 {
    let client: Client<_, Full<Bytes>> = Client::builder(TokioExecutor::new()).build_http();
    let each = JOBS * FILES / AT_ONCE / 2;
    let begin = Instant::now();
    let tasks: Vec<_> = (0..AT_ONCE)
        .map(|_| {
            let (client, url, body) = (client.clone(), url.to_owned(), body.clone());
            tokio::spawn(async move {
                for _ in 0..each {
                    let request = Request::post(&url)
                        .header("content-type", "application/json")
                        .body(Full::new(body.clone()))
                        .unwrap();
                    client.request(request).await.unwrap().into_body().collect().await.unwrap();
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    (AT_ONCE * each) as f64 / begin.elapsed().as_secs_f64()
}

#[tokio::main]
async fn main() {
    let (mut sent, mut beside) = (Vec::new(), Vec::new());
    for _ in 0..3 {
        let came = Arc::<Came>::default();
        let url = receive(Arc::clone(&came)).await;
        let mock = mock(&came, &url).await;
        let sample = came.sample.lock().unwrap().clone();
        beside.push(bare(&url, sample).await);
        sent.push(mock);
    }
    let ratios = sent.iter().zip(&beside).map(|(sent, bare)| sent.rate / bare).collect();
    let rate = median(sent.iter().map(|sent| sent.rate).collect());
    let most = sent.iter().map(|sent| sent.most).max().unwrap();
    let memory = sent.iter().map(|sent| sent.memory).fold(0.0, f64::max);
    println!(
        "{} notifications of {JOBS} jobs to one receiver, none lost, each job's in order",
        JOBS * FILES
    );
    println!("mock server, signed       {rate:.0}/s      {:.2} of bare hyper", median(ratios));
    println!("bare hyper, unsigned      {:.0}/s", median(beside));
    println!("waited at a time, at most      {most}");
    println!("memory of sender and receiver, at most      {memory:.0} MiB");
}

/// The middle of three.
fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[1]
}
