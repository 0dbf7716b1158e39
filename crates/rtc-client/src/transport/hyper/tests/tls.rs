//! Certificates that cannot be trusted.

use std::io::ErrorKind;

use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpListener;

use super::*;

/// No test needs a certificate, so that none is needed on the machine.
fn tls_without_roots(connect_timeout: Duration) -> HyperTransport {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth();
    HyperTransport::with_tls(config, connect_timeout)
}

#[tokio::test]
async fn the_connect_timeout_covers_tls() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let uri = format!("https://{}/", silent.local_addr().unwrap());
    let transport = tls_without_roots(Duration::from_millis(50));
    let (error, held) = tokio::join!(get(&transport, uri), silent.accept());
    assert_eq!(error.kind(), TransportErrorKind::Connect);
    assert_eq!(error.delivery(), Delivery::NotSent);
    let source = std::error::Error::source(&error).unwrap();
    assert_eq!(source.to_string(), "the connect timeout passed");
    drop(held);
}

#[tokio::test]
async fn a_peer_that_speaks_no_tls_is_a_connect_error() {
    let peer = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let uri = format!("https://{}/", peer.local_addr().unwrap());
    let transport = tls_without_roots(Duration::from_secs(60));
    let answer = async {
        let (stream, _) = peer.accept().await.unwrap();
        stream.writable().await.unwrap();
        stream.try_write(b"HTTP/1.1 400 Bad Request\r\n\r\n").unwrap();
    };
    let (error, ()) = tokio::join!(get(&transport, uri), answer);
    assert_eq!(error.kind(), TransportErrorKind::Connect);
    assert_eq!(error.delivery(), Delivery::NotSent);
}

#[test]
fn the_system_has_root_certificates_or_says_that_it_has_none() {
    match HyperTransport::tls(Duration::from_secs(1)) {
        Ok(transport) => assert!(format!("{transport:?}").contains("https")),
        Err(error) => assert_eq!(error.kind(), ErrorKind::NotFound),
    }
}

#[tokio::test]
async fn a_deadline_that_passes_before_there_is_a_connection_says_that_nothing_was_sent() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let uri = format!("https://{}/", silent.local_addr().unwrap());
    let transport = tls_without_roots(Duration::from_secs(60));
    let request = Request::get(uri).body(Bytes::new()).unwrap();
    let deadline = Instant::now() + Duration::from_millis(50);
    let call = transport.call(request, Limits::new(100, deadline.into_std()));
    let (outcome, held) = tokio::join!(call, silent.accept());
    let error = outcome.unwrap_err();
    assert_eq!(error.kind(), TransportErrorKind::Timeout);
    assert_eq!(error.delivery(), Delivery::NotSent);
    drop(held);
}
