//! Many calls over one pool.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rtc_client::{Client, Delivery, ErrorKind, HyperTransport, HyperTransportBuilder};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::support::answer;

/// A peer that answers every request with the id of the app it names.
struct Echo {
    address: std::net::SocketAddr,
    connections: Arc<AtomicUsize>,
    /// The most requests that were on their way at a time. A connection may be one more: it is back
    /// in the pool a moment after its answer was read.
    most: Arc<AtomicUsize>,
    /// Until it says so, no request is answered.
    open: watch::Sender<bool>,
}

/// Counts the requests that are on their way.
struct Busy {
    now: Arc<AtomicUsize>,
    most: Arc<AtomicUsize>,
}

impl Echo {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (connections, most) = (Arc::<AtomicUsize>::default(), Arc::<AtomicUsize>::default());
        let (all, at_a_time) = (Arc::clone(&connections), Arc::clone(&most));
        let (open, opened) = watch::channel(true);
        tokio::spawn(async move {
            let now = Arc::<AtomicUsize>::default();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                all.fetch_add(1, Ordering::Relaxed);
                let busy = Busy { now: Arc::clone(&now), most: Arc::clone(&at_a_time) };
                tokio::spawn(serve(stream, opened.clone(), busy));
            }
        });
        Self { address, connections, most, open }
    }

    fn client(&self, transport: HyperTransport) -> Client {
        Client::builder()
            .endpoint(format!("http://{}", self.address))
            .token("t")
            .transport(transport)
            .build()
            .unwrap()
    }
}

async fn serve(mut stream: TcpStream, mut opened: watch::Receiver<bool>, busy: Busy) {
    let mut bytes = Vec::new();
    loop {
        while !bytes.ends_with(b"\r\n\r\n") {
            match stream.read_buf(&mut bytes).await {
                Ok(read) if read > 0 => {}
                _ => return,
            }
        }
        let head = String::from_utf8(std::mem::take(&mut bytes)).unwrap();
        let id = head.split(['/', ' ']).find(|part| part.starts_with("app-")).unwrap();
        let now = busy.now.fetch_add(1, Ordering::Relaxed) + 1;
        busy.most.fetch_max(now, Ordering::Relaxed);
        let _ = opened.wait_for(|open| *open).await;
        // Before the answer, after which the next request may come.
        busy.now.fetch_sub(1, Ordering::Relaxed);
        let body = format!(r#"{{"app_id":"{id}"}}"#);
        if stream.write_all(answer("200 OK", &body).as_bytes()).await.is_err() {
            return;
        }
    }
}

async fn call(client: &Client, id: usize) {
    let reply = client.show_app(format!("app-{id}")).await.unwrap();
    assert_eq!(reply.output().app_id, Some(format!("app-{id}").into()));
}

#[tokio::test]
async fn three_hundred_calls_at_a_time_share_the_pool() {
    let echo = Echo::start().await;
    let client = echo.client(HyperTransport::builder().max_idle(300).build_plain().unwrap());
    for _ in 0..3 {
        let mut calls = JoinSet::new();
        for id in 0..300 {
            let client = client.clone();
            calls.spawn(async move { call(&client, id).await });
        }
        calls.join_all().await;
    }
    let most = echo.most.load(Ordering::Relaxed);
    assert!(most <= HyperTransportBuilder::DEFAULT_MAX_CONNECTIONS, "{most}");
    let connections = echo.connections.load(Ordering::Relaxed);
    assert!(connections < 600, "{connections} connections for 900 calls");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn calls_of_several_threads_share_the_pool() {
    const BOUND: usize = 8;
    let echo = Echo::start().await;
    echo.open.send_replace(false);
    let client =
        echo.client(HyperTransport::builder().max_connections(BOUND).build_plain().unwrap());
    let mut tasks = JoinSet::new();
    for task in 0..32 {
        let client = client.clone();
        tasks.spawn(async move {
            for number in 0..50 {
                call(&client, task * 50 + number).await;
            }
        });
    }
    while echo.most.load(Ordering::Relaxed) < BOUND {
        tokio::task::yield_now().await;
    }
    echo.open.send_replace(true);
    tasks.join_all().await;
    assert_eq!(echo.most.load(Ordering::Relaxed), BOUND, "requests at a time");
    let connections = echo.connections.load(Ordering::Relaxed);
    assert!(connections <= 10 * BOUND, "{connections} connections for 1600 calls");
}

#[tokio::test]
async fn no_more_requests_are_on_their_way_than_allowed() {
    let echo = Echo::start().await;
    echo.open.send_replace(false);
    let client = echo.client(HyperTransport::builder().max_connections(4).build_plain().unwrap());
    let mut calls = JoinSet::new();
    for id in 0..100 {
        let client = client.clone();
        calls.spawn(async move { call(&client, id).await });
    }
    while echo.most.load(Ordering::Relaxed) < 4 {
        tokio::task::yield_now().await;
    }
    echo.open.send_replace(true);
    calls.join_all().await;
    assert_eq!(echo.most.load(Ordering::Relaxed), 4);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_gets_no_turn_in_time_was_not_sent() {
    let echo = Echo::start().await;
    echo.open.send_replace(false);
    let transport = HyperTransport::builder().max_connections(1).build_plain().unwrap();
    let client = echo.client(transport);
    let first = tokio::spawn({
        let client = client.clone();
        async move { call(&client, 1).await }
    });
    while echo.connections.load(Ordering::Relaxed) == 0 {
        tokio::task::yield_now().await;
    }
    let error = client.with_timeout(Duration::from_millis(50)).show_app("app-2").await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Timeout, Delivery::NotSent));
    assert!(crate::support::chain(&error)[2].contains("max_connections"), "{error:?}");
    echo.open.send_replace(true);
    first.await.unwrap();
}

#[tokio::test]
async fn calls_that_are_given_up_leave_the_pool_sound() {
    let echo = Echo::start().await;
    let client = echo.client(HyperTransport::builder().max_connections(8).build_plain().unwrap());
    let mut random = fastrand::Rng::with_seed(7);
    for round in 0..200 {
        let mut calls = JoinSet::new();
        for id in 0..8 {
            let client = client.clone();
            calls.spawn(async move { call(&client, round * 8 + id).await });
        }
        for _ in 0..random.usize(..20) {
            tokio::task::yield_now().await;
        }
        calls.abort_all();
        while let Some(ended) = calls.join_next().await {
            assert!(ended.is_ok() || ended.unwrap_err().is_cancelled());
        }
        call(&client, round).await;
    }
}
