//! Connections that fail, and the bounds of time and size.

use std::time::Duration;

use rtc_client::{Client, Delivery, ErrorKind, HyperTransport, NoRetry};
use tokio::net::{TcpListener, TcpSocket};

use crate::peer::{Answer, Peer};
use crate::support::{APP, EXAMPLE, answer, chain, client, signing};

#[tokio::test]
async fn a_refused_connection_sent_nothing() {
    // Bound and not listening: nobody else gets the port.
    let closed = TcpSocket::new_v4().unwrap();
    closed.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let endpoint = format!("http://{}", closed.local_addr().unwrap());
    let client = Client::builder().endpoint(endpoint).token("t").retry(NoRetry).build().unwrap();
    let error = client.show_app(APP).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connect);
    assert_eq!(error.delivery(), Delivery::NotSent);
    assert_eq!((error.status(), error.request_id(), error.raw_body()), (None, None, None));
    let texts = chain(&error);
    assert!(texts.iter().any(|text| text.contains("refused")), "{texts:?}");
}

#[tokio::test]
async fn a_peer_that_closes_without_an_answer_may_have_processed_the_request() {
    let peer = Peer::start([Answer::BytesThenClose(Vec::new())]).await;
    let error = client(&peer).show_app(APP).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Transport);
    assert_eq!(error.delivery(), Delivery::Unknown);
    assert_eq!(error.status(), None);
    assert_eq!(error.to_string(), "ShowApp: no answer came");
    assert_eq!(peer.received().len(), 1, "it is not sent again");
}

#[tokio::test]
async fn what_is_no_http_is_a_transport_error() {
    let peer = Peer::start([Answer::BytesThenClose(b"SSH-2.0-peer\r\n".to_vec())]).await;
    let error = client(&peer).show_app(APP).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Transport);
    assert_eq!(error.delivery(), Delivery::Unknown);
}

#[tokio::test]
async fn a_body_that_is_cut_keeps_the_status_and_the_request_id() {
    let mut cut = answer("200 OK", EXAMPLE).into_bytes();
    cut.truncate(cut.len() - 1);
    let peer = Peer::start([Answer::BytesThenClose(cut)]).await;
    let error = client(&peer).show_record_callback(APP).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Transport);
    assert_eq!(error.delivery(), Delivery::Answered);
    assert_eq!(error.status().unwrap(), 200);
    assert_eq!(error.request_id(), Some("r1"));
}

#[tokio::test]
async fn a_body_as_large_as_the_bound_is_read_and_one_byte_more_is_not() {
    for (bound, fits) in [(EXAMPLE.len(), true), (EXAMPLE.len() - 1, false)] {
        let chunked = format!(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n{EXAMPLE}\r\n0\r\n\r\n",
            EXAMPLE.len()
        );
        for bytes in [answer("200 OK", EXAMPLE), chunked] {
            let peer = Peer::once(bytes).await;
            let client = signing(&peer).max_response_body(bound).build().unwrap();
            match client.show_record_callback(APP).await {
                Ok(_) => assert!(fits),
                Err(error) => assert!(!fits && error.kind() == ErrorKind::BodyTooLarge),
            }
        }
    }
}

#[tokio::test]
async fn an_announced_body_past_the_bound_is_refused_before_it_comes() {
    let head = b"HTTP/1.1 200 OK\r\nX-Request-Id: r1\r\nContent-Length: 99999999999999\r\n\r\n";
    let peer = Peer::start([Answer::BytesThenSilence(head.to_vec())]).await;
    let error = client(&peer).show_app(APP).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BodyTooLarge);
    assert_eq!(error.status().unwrap(), 200);
    assert_eq!(error.request_id(), Some("r1"));
    assert_eq!(error.delivery(), Delivery::Answered);
}

#[tokio::test]
async fn an_endless_body_is_stopped_at_the_bound() {
    let mut piece = b"10000\r\n".to_vec();
    piece.resize(piece.len() + 0x10000, b' ');
    piece.extend_from_slice(b"\r\n");
    let head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
    let peer = Peer::start([Answer::Endless { head, piece }]).await;
    let error = client(&peer).show_app(APP).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BodyTooLarge);
    assert_eq!(error.to_string(), "ShowApp: the answer with status 200 is too large");
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_never_answers_ends_the_call_at_its_timeout() {
    let peer = Peer::start([Answer::BytesThenSilence(Vec::new())]).await;
    let client = signing(&peer).timeout(Duration::from_millis(200)).build().unwrap();
    let error = client.show_app(APP).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert_eq!(error.delivery(), Delivery::Unknown);
    assert_eq!(error.to_string(), "ShowApp: no answer came in time");
}

#[tokio::test(start_paused = true)]
async fn a_body_that_never_ends_ends_the_call_at_its_timeout() {
    let head = b"HTTP/1.1 200 OK\r\nX-Request-Id: r1\r\nContent-Length: 100\r\n\r\n{".to_vec();
    let peer = Peer::start([Answer::BytesThenSilence(head)]).await;
    let client = signing(&peer).timeout(Duration::from_millis(200)).build().unwrap();
    let error = client.show_app(APP).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert_eq!(error.delivery(), Delivery::Answered);
    assert_eq!((error.status().unwrap().as_u16(), error.request_id()), (200, Some("r1")));
}

#[tokio::test(start_paused = true)]
async fn a_body_that_is_dripped_ends_the_attempt_at_its_timeout() {
    let head =
        b"HTTP/1.1 200 OK\r\nX-Request-Id: r1\r\nTransfer-Encoding: chunked\r\n\r\nffffff\r\n";
    let peer = Peer::start([Answer::Dripping { head: head.to_vec(), byte: b' ' }]).await;
    let begin = tokio::time::Instant::now();
    let error = client(&peer).with_attempt_timeout(Duration::from_secs(3)).show_app(APP).await;
    let error = error.unwrap_err();
    assert_eq!(begin.elapsed(), Duration::from_secs(3));
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Timeout, Delivery::Answered));
    assert_eq!((error.status().unwrap().as_u16(), error.request_id()), (200, Some("r1")));
}

/// Whoever connects to it is accepted by the system, and hears nothing.
async fn silent() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.unwrap()
}

/// No time passes but on the timers of the client.
async fn assert_connect_timeouts(client: Client) {
    let begin = tokio::time::Instant::now();
    let seconds = Duration::from_secs;
    let error = client.with_connect_timeout(seconds(3)).show_app(APP).await.unwrap_err();
    assert_eq!(begin.elapsed(), seconds(3));
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Connect, Delivery::NotSent));
    assert_eq!(chain(&error).last().unwrap(), "the connect timeout passed");
    let error = client.show_app(APP).await.unwrap_err();
    assert_eq!(begin.elapsed(), seconds(3 + 10), "the client itself is as before");
    assert_eq!(error.kind(), ErrorKind::Connect);
}

#[tokio::test(start_paused = true)]
async fn a_single_call_can_have_another_time_to_connect_by_a_proxy() {
    let proxy = silent().await;
    let url = format!("socks5h://{}", proxy.local_addr().unwrap());
    let builder = Client::builder().endpoint("http://rtc.example").token("t").retry(NoRetry);
    let client = builder.connections(HyperTransport::builder().proxy(url)).build().unwrap();
    assert_connect_timeouts(client).await;
}

#[cfg(feature = "rustls")]
#[tokio::test(start_paused = true)]
async fn a_single_call_can_have_another_time_to_connect_by_tls() {
    let server = silent().await;
    let url = format!("https://{}", server.local_addr().unwrap());
    let trusted = rcgen::generate_simple_self_signed(["rtc.example".into()]).unwrap().cert.pem();
    let builder = Client::builder().endpoint(url).token("t").retry(NoRetry);
    let connections = HyperTransport::builder().root_certificates(trusted);
    assert_connect_timeouts(builder.connections(connections).build().unwrap()).await;
}

/// An answer with this many headers, one of which is `length` bytes long.
fn headed(count: usize, length: usize) -> String {
    let long = "x".repeat(length);
    let more: String =
        (2..count).map(|number| ["X-", &number.to_string(), ": x\r\n"].concat()).collect();
    format!("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Long: {long}\r\n{more}\r\n{{}}")
}

#[tokio::test]
async fn a_head_within_its_bounds_is_read_and_a_larger_one_is_an_answer_all_the_same() {
    for (bytes, fits) in [
        (headed(100, 1), true),
        (headed(101, 1), false),
        (headed(2, 400 * 1024), true),
        (headed(2, 1024 * 1024), false),
    ] {
        let peer = Peer::once(bytes).await;
        match client(&peer).show_app(APP).await {
            Ok(_) => assert!(fits),
            Err(error) => {
                assert!(!fits, "{error:?}");
                assert_eq!(error.kind(), ErrorKind::HeadTooLarge);
                assert_eq!(error.delivery(), Delivery::Answered);
                let texts = chain(&error);
                assert_eq!(texts[0], "ShowApp: the head of the answer is too large");
                assert_eq!(
                    texts[1],
                    "the head of the answer is larger than allowed; the answer had begun"
                );
            }
        }
    }
}
