//! What a call costs beside what carries it. `cargo bench -p rtc-client --bench calls` prints a table.
//!
//! A bare hyper server answers the example of the page `ShowRecordCallback`. Fetched are the same
//! bytes: by hyper-util's client, unsigned and unread (the limit), by rtc-client, signed and
//! decoded, and by reqwest, signed and decoded by the same code. To tell what the bytes cost that a
//! signed request is longer by, hyper-util's client sends its headers as well, signed once and for
//! all. They take turns, so that all see the same machine; a ratio is the median of the ratios of
//! the turns.
//!
//! With two arguments, a way and a number, it makes so many calls in that way over one connection,
//! client and server on one thread, and prints nothing: for `perf` and callgrind.

#![expect(
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a program that measures"
)]

use std::net::SocketAddr;
use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response, header};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rtc_client::{Client, Credentials};
use rtc_model::record_callback::ShowRecordCallback;
use rtc_model::wire;
use rtc_signer::{Payload, Signer};
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;

const BODY: &str = r#"{ "app_id" : "123456789abcdefghijklmno", "record_callback" : { "url" : "http://mydomain.com", "auth_key" : "78912374ae8cdb38", "notify_event_subscription" : [ "RECORD_NEW_FILE_START", "RECORD_FILE_COMPLETE" ], "update_time" : "2020-07-26T07:53:05.075Z" } }"#;
const APP: &str = "123456789abcdefghijklmno";
const PROJECT: &str = "0123456789abcdef0123456789abcdef";

/// Calls on their way at a time.
const CONCURRENT: usize = 32;
/// Calls of each of them in a turn.
const CALLS: usize = 60;
const TURNS: usize = 31;
/// Calls of a turn over one connection.
const ROUND_TRIPS: u32 = 500;

fn main() {
    let (address, server) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        runtime().block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            address.send(listener.local_addr().unwrap()).unwrap();
            serve(listener).await;
        });
    });
    let server = server.recv().unwrap();

    let runtime = runtime();
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    if let [what, count, ..] = &arguments[..] {
        return only(&runtime, what, count.parse().unwrap());
    }
    let subjects = Subjects::of(server);
    println!(
        "{CONCURRENT} calls at a time, client and server on a thread each, {TURNS} turns of {} calls",
        CONCURRENT * CALLS
    );
    let mut turns: [Vec<f64>; 4] = Default::default();
    for _ in 0..TURNS {
        turns[0].push(many(&runtime, &subjects.bare, Bare::call));
        turns[1].push(many(&runtime, &subjects.dressed, Bare::call));
        turns[2].push(many(&runtime, &subjects.ours, call));
        turns[3].push(many(&runtime, &subjects.reqwest, Reqwest::call));
    }
    let [bare, dressed, ours, reqwest] =
        turns.map(|turn| turn.into_iter().skip(1).collect::<Vec<_>>());
    println!("hyper-util, unsigned, unread   {:>9.0} calls/s", median(bare.clone()));
    println!(
        "the same, with signed headers  {:>9.0} calls/s   {:.2} of hyper-util",
        median(dressed.clone()),
        ratio(&dressed, &bare)
    );
    println!(
        "rtc-client                     {:>9.0} calls/s   {:.2} of hyper-util, {:.2} of it with signed headers",
        median(ours.clone()),
        ratio(&ours, &bare),
        ratio(&ours, &dressed)
    );
    println!(
        "reqwest, signed, decoded       {:>9.0} calls/s   rtc-client is {:.2} times as quick",
        median(reqwest.clone()),
        ratio(&ours, &reqwest)
    );

    println!("\nallocations of a call, connection included");
    println!("hyper-util   {:>6.1}", allocations(&runtime, &subjects.bare, Bare::call));
    println!("rtc-client   {:>6.1}", allocations(&runtime, &subjects.ours, call));
    println!("reqwest      {:>6.1}", allocations(&runtime, &subjects.reqwest, Reqwest::call));

    println!(
        "\none connection, client and server on one thread, {TURNS} turns of {ROUND_TRIPS} calls"
    );
    let subjects = Subjects::of(serve_beside(&runtime));
    let (mut bare, mut dressed, mut ours) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..TURNS {
        bare.push(round_trip(&runtime, &subjects.bare, Bare::call, ROUND_TRIPS));
        dressed.push(round_trip(&runtime, &subjects.dressed, Bare::call, ROUND_TRIPS));
        ours.push(round_trip(&runtime, &subjects.ours, call, ROUND_TRIPS));
    }
    println!("hyper-util                       {:>7.2} µs", median(bare.clone()));
    println!(
        "the same, with signed headers    {:>7.2} µs   {:.2} of hyper-util",
        median(dressed.clone()),
        ratio(&dressed, &bare)
    );
    println!(
        "rtc-client                       {:>7.2} µs   {:.2} of hyper-util, {:.2} of it with signed headers",
        median(ours.clone()),
        ratio(&ours, &bare),
        ratio(&ours, &dressed)
    );
}

/// Calls in one way only, client and server on this thread, to count their instructions.
fn only(runtime: &Runtime, what: &str, count: u32) {
    let subjects = Subjects::of(serve_beside(runtime));
    match what {
        "hyper-util" => round_trip(runtime, &subjects.bare, Bare::call, count),
        "signed-headers" => round_trip(runtime, &subjects.dressed, Bare::call, count),
        "rtc-client" => round_trip(runtime, &subjects.ours, call, count),
        "reqwest" => round_trip(runtime, &subjects.reqwest, Reqwest::call, count),
        _ => panic!("the ways are hyper-util, signed-headers, rtc-client and reqwest"),
    };
}

/// A server on the thread of the client.
fn serve_beside(runtime: &Runtime) -> SocketAddr {
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(serve(listener));
        address
    })
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

async fn serve(listener: TcpListener) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        stream.set_nodelay(true).unwrap();
        tokio::spawn(async move {
            let answer = service_fn(|_: Request<Incoming>| async {
                let answer = Response::builder()
                    .header(header::CONTENT_TYPE, "application/json")
                    .header("X-request-Id", "0123456789abcdef0123456789abcdef");
                answer.body(Full::new(Bytes::from_static(BODY.as_bytes())))
            });
            let http = hyper::server::conn::http1::Builder::new();
            let _ = http.serve_connection(TokioIo::new(stream), answer).await;
        });
    }
}

/// The ways to make the call.
struct Subjects {
    bare: Bare,
    /// The same with the headers of a signed request.
    dressed: Bare,
    ours: Client,
    reqwest: Reqwest,
}

impl Subjects {
    fn of(server: SocketAddr) -> Self {
        let endpoint = format!("http://{server}");
        let keys = || Credentials::new("AKIDEXAMPLE0001TESTX", "skEXAMPLEonlyForTests");
        let target = format!("{endpoint}/v2/apps/{APP}/record-callback");
        let ours = Client::builder().endpoint(&endpoint).credentials(keys()).project_id(PROJECT);
        let bare = |headers| {
            let mut tcp = HttpConnector::new();
            tcp.set_nodelay(true);
            let client = legacy::Client::builder(TokioExecutor::new()).build(tcp);
            Bare { target: target.parse().unwrap(), headers, client }
        };
        Self {
            bare: bare(HeaderMap::new()),
            dressed: bare(signed_headers(&target, keys())),
            ours: ours.build().unwrap(),
            reqwest: Reqwest {
                endpoint: endpoint.parse().unwrap(),
                client: reqwest::Client::new(),
                signer: Signer::new(keys()),
            },
        }
    }
}

/// The headers that rtc-client sends, signed once and for all.
fn signed_headers(target: &str, keys: Credentials) -> HeaderMap {
    let request = Request::get(target)
        .header(header::CONTENT_TYPE, "application/json")
        .header(wire::X_PROJECT_ID, PROJECT);
    let (mut head, ()) = request.body(()).unwrap().into_parts();
    Signer::new(keys).sign_parts(&mut head, Payload::Bytes(b""), SystemTime::now()).unwrap();
    let product = concat!("huaweicloud-rtc-rust/", env!("CARGO_PKG_VERSION"));
    head.headers.insert(header::USER_AGENT, HeaderValue::from_static(product));
    head.headers
}

#[derive(Clone)]
struct Bare {
    target: http::Uri,
    headers: HeaderMap,
    client: legacy::Client<HttpConnector, Full<Bytes>>,
}

impl Bare {
    async fn call(self) {
        let mut request = Request::new(Full::default());
        (*request.uri_mut(), *request.headers_mut()) = (self.target, self.headers);
        let answer = self.client.request(request).await.unwrap();
        assert_eq!(answer.into_body().collect().await.unwrap().to_bytes().len(), BODY.len());
    }
}

#[derive(Clone)]
struct Reqwest {
    endpoint: http::Uri,
    client: reqwest::Client,
    signer: Signer,
}

impl Reqwest {
    async fn call(self) {
        let request = wire::encode_request(&ShowRecordCallback::new(APP), &self.endpoint).unwrap();
        let (mut head, body) = request.into_parts();
        head.headers.insert(wire::X_PROJECT_ID, PROJECT.parse().unwrap());
        self.signer.sign_parts(&mut head, Payload::Bytes(&body), SystemTime::now()).unwrap();
        let request = reqwest::Request::try_from(Request::from_parts(head, body)).unwrap();
        let answer = self.client.execute(request).await.unwrap();
        let (status, body) = (answer.status(), answer.bytes().await.unwrap());
        let read = wire::decode_reply::<ShowRecordCallback>(status, &body).unwrap();
        assert!(read.record_callback.is_some());
    }
}

async fn call(client: Client) {
    let reply = client.show_record_callback(APP).await.unwrap();
    assert!(reply.output().record_callback.is_some());
}

/// Calls a second, of many at a time.
fn many<S, F>(runtime: &Runtime, subject: &S, call: impl Fn(S) -> F + Copy + Send + 'static) -> f64
where
    S: Clone + Send + 'static,
    F: Future<Output = ()> + Send,
{
    let begin = Instant::now();
    runtime.block_on(async {
        let mut tasks = JoinSet::new();
        for _ in 0..CONCURRENT {
            let subject = subject.clone();
            tasks.spawn(async move {
                for _ in 0..CALLS {
                    call(subject.clone()).await;
                }
            });
        }
        tasks.join_all().await;
    });
    let calls = f64::from(u32::try_from(CONCURRENT * CALLS).unwrap());
    calls / begin.elapsed().as_secs_f64()
}

/// Microseconds of a call, one after the other.
fn round_trip<S: Clone, F: Future<Output = ()>>(
    runtime: &Runtime,
    subject: &S,
    call: impl Fn(S) -> F,
    count: u32,
) -> f64 {
    let begin = Instant::now();
    runtime.block_on(async {
        for _ in 0..count {
            call(subject.clone()).await;
        }
    });
    micros(begin.elapsed() / count)
}

/// Allocations of a call on the thread of the client, its connection included.
fn allocations<S: Clone, F: Future<Output = ()>>(
    runtime: &Runtime,
    subject: &S,
    call: impl Fn(S) -> F,
) -> f64 {
    let counted = allocation_counter::measure(|| {
        runtime.block_on(async {
            for _ in 0..1000 {
                call(subject.clone()).await;
            }
        });
    });
    f64::from(u32::try_from(counted.count_total).unwrap()) / 1000.0
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// The median of the ratios of the turns.
fn ratio(of: &[f64], to: &[f64]) -> f64 {
    median(of.iter().zip(to).map(|(of, to)| of / to).collect())
}
