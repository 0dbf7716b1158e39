//! Many connections, slow ones, and idle ones.

use std::time::Duration;

use rtc_mock_server::{MockServer, StartError};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::http::{request, status, talk};

/// One answer to `GET /v2/apps` on a connection that stays.
async fn ask(stream: &mut TcpStream) -> String {
    stream.write_all(&request("GET /v2/apps", "")).await.unwrap();
    let mut answer = vec![0; 4096];
    let length = stream.read(&mut answer).await.unwrap();
    String::from_utf8(answer[..length].to_vec()).unwrap()
}

#[tokio::test]
async fn a_connection_beyond_the_bound_waits_for_another_one_to_end() {
    let server = MockServer::builder().max_connections(2).start().await.unwrap();
    let connect = async || TcpStream::connect(server.address()).await.unwrap();
    let (mut first, mut second) = (connect().await, connect().await);
    assert_eq!(status(&ask(&mut first).await), "200");
    assert_eq!(status(&ask(&mut second).await), "200");
    let mut third = connect().await;
    third.write_all(&request("GET /v2/apps", "")).await.unwrap();
    assert_eq!(status(&ask(&mut first).await), "200");
    assert_eq!(server.requests().len(), 3, "the third connection is not served yet");
    drop(second);
    let mut answer = [0; 12];
    third.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 200");
}

#[tokio::test]
async fn bounds_of_nothing_are_refused() {
    for builder in [
        MockServer::builder().max_connections(0),
        MockServer::builder().head_timeout(Duration::ZERO),
    ] {
        assert!(matches!(builder.start().await, Err(StartError::Zero { .. })));
    }
}

/// Tokio's time goes on by itself where nothing else is to be done.
#[tokio::test(start_paused = true)]
async fn a_head_that_takes_too_long_is_given_up_however_its_pieces_come() {
    let builder = MockServer::builder().head_timeout(Duration::from_secs(1));
    let server = builder.start().await.unwrap();
    let mut stream = TcpStream::connect(server.address()).await.unwrap();
    assert_eq!(status(&ask(&mut stream).await), "200");
    let (mut reading, mut writing) = stream.split();
    let drip = async {
        for number in 0..50 {
            let piece = if number == 0 { "GET /v2/apps HTTP/1.1\r\n" } else { "X-A: b\r\n" };
            let is_written = writing.write_all(piece.as_bytes()).await.is_ok();
            // Where another test starts a program just now, it holds the closed socket for a while.
            let metrics = server.metrics();
            if !is_written || metrics.contains("rtc_mock_connections{listener=\"api\"} 0") {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("the head took 5 s and the connection is there still");
    };
    let mut rest = Vec::new();
    tokio::select! {
        end = reading.read_to_end(&mut rest) => assert_eq!((end.unwrap(), rest), (0, vec![])),
        () = drip => {}
    }
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_idles_too_long_is_closed() {
    let builder = MockServer::builder().head_timeout(Duration::from_secs(1));
    let server = builder.start().await.unwrap();
    let mut stream = TcpStream::connect(server.address()).await.unwrap();
    for _ in 0..4 {
        // Each request begins the time anew.
        assert_eq!(status(&ask(&mut stream).await), "200");
        tokio::time::sleep(Duration::from_millis(600)).await;
    }
    let began = tokio::time::Instant::now();
    assert_eq!(stream.read(&mut [0]).await.unwrap(), 0);
    assert!(began.elapsed() <= Duration::from_secs(1), "{:?}", began.elapsed());
    assert_eq!(
        status(&talk(&server.address().to_string(), &request("GET /v2/apps", "")).await),
        "200"
    );
}

#[cfg(all(unix, feature = "cli"))]
mod program {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    use super::*;
    use crate::program::{address, start, start_by, stop};

    /// Lets this process have as many files open as the system allows it.
    fn raise_limit(wanted: u64) {
        let limit = getrlimit(Resource::Nofile);
        let current = limit.maximum.map_or(wanted, |maximum| maximum.min(wanted));
        if limit.current.is_some_and(|before| before < current) {
            setrlimit(Resource::Nofile, Rlimit { current: Some(current), ..limit }).unwrap();
        }
        let enough = limit.maximum.is_none_or(|maximum| maximum >= wanted);
        assert!(enough, "this test needs {wanted} open files: raise `ulimit -Hn`");
    }

    #[tokio::test]
    async fn thousands_of_idle_and_hundreds_of_slow_connections_stop_nobody() {
        raise_limit(8_000);
        let (child, line) = start(&["--quiet"]).await;
        let api = address(&line, "api=http://");
        let mut idle = Vec::new();
        for number in 0..5_000 {
            let mut stream = TcpStream::connect(api).await.unwrap();
            // Some idle before their first request, some after it.
            if number % 10 == 9 {
                assert_eq!(status(&ask(&mut stream).await), "200");
            }
            idle.push(stream);
        }
        let mut slow = Vec::new();
        for _ in 0..500 {
            let mut stream = TcpStream::connect(api).await.unwrap();
            stream.write_all(b"GET /v2/apps HTTP/1.1\r\nHost: h\r\nX-A: ").await.unwrap();
            slow.push(stream);
        }
        for _ in 0..100 {
            assert_eq!(status(&talk(api, &request("GET /v2/apps", "")).await), "200");
        }
        let admin = address(&line, "admin=http://");
        let health = talk(admin, b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
        assert_eq!(status(&health), "200");
        // Those who idled are served on, and those who were slow are once they come to the end.
        assert_eq!(status(&ask(idle.last_mut().unwrap()).await), "200");
        let mut last = slow.pop().unwrap();
        last.write_all(b"b\r\n\r\n").await.unwrap();
        let mut answer = [0; 12];
        last.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"HTTP/1.1 401");
        assert_eq!(stop(child, "-TERM").await.0, Some(0));
    }

    #[tokio::test]
    async fn the_program_raises_its_limit_of_open_files_and_tells_when_it_cannot() {
        for (limit, connections) in [("-S", 400), ("", 100)] {
            let script = format!("ulimit {limit} -n 220 && exec \"$0\" \"$@\"");
            let (child, line) = start_by(&["sh", "-c", &script], &[]).await;
            let api = address(&line, "api=http://");
            let mut all = Vec::new();
            for _ in 0..connections {
                let mut stream = TcpStream::connect(api).await.unwrap();
                assert_eq!(status(&ask(&mut stream).await), "200");
                all.push(stream);
            }
            let (_, said) = stop(child, "-TERM").await;
            let told = said.contains("110 connections are served at a time instead of 10000");
            assert_eq!(told, limit.is_empty(), "{said}");
        }
    }
}
