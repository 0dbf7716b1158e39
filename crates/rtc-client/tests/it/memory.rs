//! What an answer costs in memory.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::thread;

use allocation_counter::measure;
use rtc_client::{Client, ErrorKind, NoRetry};
use tokio::runtime::Builder;

use crate::support::APP;

/// A peer on a thread of its own, so that what it takes is not counted. It answers one request with
/// the head and then with the piece, until nobody reads any more.
fn endless(head: &'static str, piece: Vec<u8>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let (mut request, mut read) = ([0; 4096], 0);
        while !request[..read].ends_with(b"\r\n\r\n") {
            read += stream.read(&mut request[read..]).unwrap();
        }
        stream.write_all(head.as_bytes()).unwrap();
        while stream.write_all(&piece).is_ok() {}
    });
    address
}

/// What hyper reads ahead, and all that is small.
const BESIDES: u64 = 512 * 1024;

/// White space is legal JSON before a value, so that a reader could go on for ever.
#[test]
fn an_endless_body_of_white_space_is_refused_before_it_takes_more_memory_than_its_bound_allows() {
    let mut chunk = b"1000\r\n".to_vec();
    chunk.resize(chunk.len() + 0x1000, b' ');
    chunk.extend_from_slice(b"\r\n");
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    let until_closed = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n";
    for (head, piece) in [(chunked, chunk), (until_closed, vec![b' '; 0x1000])] {
        for bound in [64 * 1024, 4 * 1024 * 1024] {
            let runtime = Builder::new_current_thread().enable_all().build().unwrap();
            let client = Client::builder()
                .endpoint(format!("http://{}", endless(head, piece.clone())))
                .token("t")
                .retry(NoRetry)
                .max_response_body(bound)
                .build()
                .unwrap();
            let used = measure(|| {
                let error = runtime.block_on(client.show_app(APP)).unwrap_err();
                assert_eq!(error.kind(), ErrorKind::BodyTooLarge);
            });
            // A buffer that has to grow is for a moment there twice.
            let most = 2 * u64::try_from(bound).unwrap() + BESIDES;
            assert!(used.bytes_max <= most, "{} bytes for a bound of {bound}", used.bytes_max);
        }
    }
}
