//! Connections over memory, so that time stands still while they are used.

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::TrySendError;
use hyper_util::client::legacy::connect::Connected;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};
use tokio::sync::mpsc;
use tokio::time::sleep;

use super::super::connection::handshake;
use super::*;
use crate::transport::BoxFuture;

const TIME: Duration = Duration::from_secs(60);
/// A second less.
const ALMOST: Duration = Duration::from_secs(59);
const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";

/// Gives the other end of each connection to the test.
struct Memory {
    peers: mpsc::UnboundedSender<DuplexStream>,
    protocol: fn() -> Connected,
}

impl Dial for Memory {
    fn dial(&self, target: Uri) -> BoxFuture<'_, Result<Connection, BoxError>> {
        assert_eq!(target, "http://rtc.example/");
        Box::pin(async {
            let (near, far) = duplex(1024);
            self.peers.send(far)?;
            Ok(handshake(TokioIo::new(near), &(self.protocol)()).await?)
        })
    }
}

fn pool(connections: usize) -> (Pool, mpsc::UnboundedReceiver<DuplexStream>) {
    let (peers, dialed) = mpsc::unbounded_channel();
    let keep = Keep { connections, time: TIME };
    (Pool::new(Memory { peers, protocol: Connected::new }, keep, false), dialed)
}

fn uri() -> Uri {
    Uri::from_static("http://rtc.example/v2/apps")
}

async fn connection(pool: &Pool) -> (Arc<Origin>, Connection) {
    let origin = pool.origin(&uri()).unwrap();
    let connection = pool.connection(&origin, Duration::MAX).await.unwrap();
    (origin, connection)
}

/// Sends a request and reads its answer to the end.
async fn exchange(connection: &mut Connection, body: &'static [u8]) {
    let request = Request::post(uri()).body(Full::new(Bytes::from_static(body))).unwrap();
    let answer = connection.send(request).await.map_err(TrySendError::into_error).unwrap();
    assert_eq!(answer.into_body().collect().await.unwrap().to_bytes(), "{}");
}

async fn call(pool: &Pool) {
    let (origin, mut connection) = connection(pool).await;
    exchange(&mut connection, b"").await;
    pool.give_back(&origin, connection);
}

/// Answers every request, and tells how many.
async fn serve(mut peer: DuplexStream) -> usize {
    let mut answered = 0;
    let mut bytes = Vec::new();
    while peer.read_buf(&mut bytes).await.unwrap() > 0 {
        if bytes.ends_with(b"\r\n\r\n") {
            bytes.clear();
            answered += 1;
            peer.write_all(ANSWER).await.unwrap();
        }
    }
    answered
}

#[tokio::test(start_paused = true)]
async fn a_connection_is_used_again_until_it_has_been_unused_for_too_long() {
    let (pool, mut dialed) = pool(8);
    let peers = tokio::spawn(async move {
        let mut answered = Vec::new();
        while let Some(peer) = dialed.recv().await {
            answered.push(serve(peer).await);
        }
        answered
    });
    // The watch ends with the last connection and begins with the next.
    for _ in 0..2 {
        call(&pool).await;
        sleep(ALMOST).await;
        call(&pool).await;
        sleep(ALMOST).await;
        call(&pool).await;
        sleep(TIME + Duration::from_secs(1)).await;
    }
    drop(pool);
    assert_eq!(peers.await.unwrap(), [3, 3]);
}

/// Neither the watch nor the connection gets its turn between the two calls, as with a runtime that
/// is driven for the time of a call only.
#[tokio::test]
async fn a_connection_that_is_too_old_is_not_given_out_where_nobody_watched() {
    let (peers, mut dialed) = mpsc::unbounded_channel();
    let keep = Keep { connections: 8, time: Duration::from_millis(1) };
    let pool = Pool::new(Memory { peers, protocol: Connected::new }, keep, false);
    let (origin, mut connection) = connection(&pool).await;
    tokio::spawn(serve(dialed.recv().await.unwrap()));
    exchange(&mut connection, b"").await;
    pool.give_back(&origin, connection);
    assert_eq!(origin.unused().connections.len(), 1);
    std::thread::sleep(Duration::from_millis(2));
    assert!(origin.take(keep).is_none());
}

/// A runtime that is shutting down drops the watch where it is begun.
#[test]
fn a_connection_can_be_given_back_while_its_runtime_ends() {
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (pool, mut dialed) = pool(8);
    let (there, gone) = (runtime(), runtime());
    let (origin, connection) = there.block_on(async {
        let (origin, mut connection) = connection(&pool).await;
        tokio::spawn(serve(dialed.recv().await.unwrap()));
        exchange(&mut connection, b"").await;
        (origin, connection)
    });
    let handle = gone.handle().clone();
    drop(gone);
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let _entered = handle.enter();
        origin.put(connection, pool.keep);
        tell.send(origin.unused().is_watched)
    });
    let is_watched = told.recv_timeout(Duration::from_secs(10)).expect("it came back");
    assert!(!is_watched, "the next connection begins another watch");
}

#[tokio::test(start_paused = true)]
async fn no_task_is_left_of_a_pool() {
    let (pool, mut dialed) = pool(8);
    let tasks = || tokio::runtime::Handle::current().metrics().num_alive_tasks();
    let peer = tokio::spawn(async move { serve(dialed.recv().await.unwrap()).await });
    call(&pool).await;
    assert_ne!(tasks(), 0);
    drop(pool);
    peer.await.unwrap();
    sleep(Duration::from_millis(1)).await;
    assert_eq!(tasks(), 0);
}

#[tokio::test(start_paused = true)]
async fn no_more_unused_connections_are_kept_than_allowed() {
    let (pool, mut dialed) = pool(2);
    let mut peers = Vec::new();
    let mut connections = Vec::new();
    for _ in 0..5 {
        let (origin, mut connection) = connection(&pool).await;
        peers.push(tokio::spawn(serve(dialed.recv().await.unwrap())));
        exchange(&mut connection, b"").await;
        connections.push((origin, connection));
    }
    connections.drain(..).for_each(|(origin, connection)| pool.give_back(&origin, connection));
    sleep(Duration::from_secs(1)).await;
    assert_eq!(peers.iter().filter(|peer| !peer.is_finished()).count(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_the_peer_has_closed_is_not_given_out() {
    let (pool, mut dialed) = pool(8);
    let (origin, mut first) = connection(&pool).await;
    let mut peer = dialed.recv().await.unwrap();
    let answer = async {
        let mut bytes = [0; 1024];
        assert_ne!(peer.read(&mut bytes).await.unwrap(), 0);
        peer.write_all(ANSWER).await.unwrap();
    };
    tokio::join!(exchange(&mut first, b""), answer);
    pool.give_back(&origin, first);
    drop(peer);
    sleep(Duration::from_secs(1)).await;
    tokio::spawn(async move { serve(dialed.recv().await.unwrap()).await });
    call(&pool).await;
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_does_not_come_about_in_time_is_an_error() {
    struct Never;
    impl Dial for Never {
        fn dial(&self, _: Uri) -> BoxFuture<'_, Result<Connection, BoxError>> {
            Box::pin(std::future::pending())
        }
    }
    let pool = Pool::new(Never, Keep { connections: 1, time: TIME }, false);
    let origin = pool.origin(&uri()).unwrap();
    let error = pool.connection(&origin, Duration::from_secs(3)).await.err().unwrap();
    assert_eq!(error.to_string(), "the connect timeout passed");
}

#[tokio::test]
async fn servers_are_told_apart_by_scheme_host_and_port() {
    let (pool, _dialed) = pool(1);
    let origin = |uri| pool.origin(&Uri::from_static(uri));
    let one = origin("http://rtc.example/a").unwrap();
    for (uri, same) in [
        ("http://rtc.example/b?c=d", true),
        ("http://RTC.example", true),
        ("https://rtc.example/a", false),
        ("http://rtc.example:81/a", false),
        ("http://iam.example/a", false),
    ] {
        assert_eq!(Arc::ptr_eq(&one, &origin(uri).unwrap()), same, "{uri}");
    }
    assert!(origin("/a").is_none());
}

#[tokio::test]
async fn servers_that_nothing_is_connected_to_are_forgotten() {
    let (pool, _dialed) = pool(1);
    let (kept, connection) = connection(&pool).await;
    pool.give_back(&kept, connection);
    let kept = Arc::downgrade(&kept);
    for port in 1..=1000 {
        pool.origin(&format!("http://rtc.example:{port}/").parse().unwrap()).unwrap();
    }
    assert!(pool.origins.lock().unwrap().len() <= MANY_ORIGINS);
    assert!(kept.upgrade().is_some());
}

/// Where no connection is kept, none can be shared, and none waits for another.
#[cfg(feature = "http2")]
#[tokio::test(start_paused = true)]
async fn connections_that_are_not_kept_are_made_at_the_same_time() {
    let (peers, mut dialed) = mpsc::unbounded_channel();
    let keep = Keep { connections: 0, time: TIME };
    let pool = Pool::new(Memory { peers, protocol: Connected::new }, keep, true);
    assert!(!pool.many_over_one);
    let (_, _one) = connection(&pool).await;
    let (_, _other) = connection(&pool).await;
    assert!(dialed.try_recv().is_ok() && dialed.try_recv().is_ok());
}

/// The first calls at once make one connection, which carries them all.
#[cfg(feature = "http2")]
#[tokio::test(start_paused = true)]
async fn one_connection_carries_all_requests_of_http2() {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use http::Response;
    use hyper::service::service_fn;
    use hyper_util::rt::TokioExecutor;

    let (peers, mut dialed) = mpsc::unbounded_channel();
    let keep = Keep { connections: 8, time: TIME };
    let dial = Memory { peers, protocol: || Connected::new().negotiated_h2() };
    let pool = Arc::new(Pool::new(dial, keep, true));
    let connections = Arc::new(AtomicUsize::new(0));
    tokio::spawn({
        let connections = Arc::clone(&connections);
        async move {
            while let Some(peer) = dialed.recv().await {
                connections.fetch_add(1, Ordering::Relaxed);
                let answer = service_fn(|_| async {
                    sleep(Duration::from_millis(10)).await;
                    Ok::<_, hyper::Error>(Response::new(Full::new(Bytes::from_static(b"{}"))))
                });
                let server = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
                tokio::spawn(server.serve_connection(TokioIo::new(peer), answer));
            }
        }
    });
    for connections_so_far in 1..=2 {
        for _ in 0..3 {
            let mut calls = tokio::task::JoinSet::new();
            for _ in 0..20 {
                let pool = Arc::clone(&pool);
                calls.spawn(async move { call(&pool).await });
            }
            calls.join_all().await;
            assert_eq!(connections.load(Ordering::Relaxed), connections_so_far);
            sleep(ALMOST).await;
        }
        sleep(TIME).await;
    }
}

#[tokio::test(start_paused = true)]
async fn one_task_watches_however_many_calls_there_are() {
    let (pool, mut dialed) = pool(8);
    tokio::spawn(async move {
        while let Some(peer) = dialed.recv().await {
            tokio::spawn(serve(peer));
        }
    });
    call(&pool).await;
    sleep(Duration::from_secs(1)).await;
    let tasks = || tokio::runtime::Handle::current().metrics().num_alive_tasks();
    let before = tasks();
    for _ in 0..10 {
        let (origin, mut connection) = connection(&pool).await;
        exchange(&mut connection, b"").await;
        // Nothing is unused at this moment, which is no reason for the watch to end.
        sleep(Duration::from_secs(1)).await;
        assert!(origin.unused().is_watched);
        pool.give_back(&origin, connection);
        assert_eq!(tasks(), before);
    }
}
