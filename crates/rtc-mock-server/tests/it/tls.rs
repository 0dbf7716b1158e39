//! The API over TLS.

use std::io::ErrorKind;
use std::sync::Arc;
use std::time::Duration;

use rtc_mock_server::{MockServer, MockServerBuilder, StartError};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::http::{request, status};

async fn started(builder: MockServerBuilder) -> MockServer {
    builder.start().await.unwrap()
}

fn self_signed() -> MockServerBuilder {
    MockServer::builder().tls_self_signed([])
}

/// A connection by a client that trusts `ca` alone.
async fn connect(
    server: &MockServer,
    ca: &str,
    name: &'static str,
) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(ca.as_bytes()).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let stream = TcpStream::connect(server.address()).await?;
    let name = ServerName::try_from(name).unwrap();
    TlsConnector::from(Arc::new(config)).connect(name, stream).await
}

async fn ask(mut stream: TlsStream<TcpStream>) -> String {
    stream.write_all(&request("GET /v2/apps", "")).await.unwrap();
    stream.shutdown().await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    String::from_utf8(answer).unwrap()
}

#[tokio::test]
async fn whoever_trusts_the_ca_is_answered_by_every_local_name() {
    let server = started(MockServer::builder().tls_self_signed(["mock.example".to_owned()])).await;
    for name in ["localhost", "127.0.0.1", "::1", "mock.example"] {
        let stream = connect(&server, server.ca_pem().unwrap(), name).await.unwrap();
        assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"http/1.1"[..]));
        assert_eq!(status(&ask(stream).await), "200", "{name}");
    }
    assert!(server.url().starts_with("https://"));
    assert!(connect(&server, server.ca_pem().unwrap(), "other.example").await.is_err());
}

#[tokio::test]
async fn the_ca_of_another_mock_is_not_enough() {
    let (server, other) = (started(self_signed()).await, started(self_signed()).await);
    assert!(connect(&server, other.ca_pem().unwrap(), "localhost").await.is_err());
}

#[tokio::test]
async fn plain_http_gets_no_answer_and_disturbs_nobody() {
    let server = started(self_signed()).await;
    let mut plain = TcpStream::connect(server.address()).await.unwrap();
    plain.write_all(&request("GET /v2/apps", "")).await.unwrap();
    let mut answer = Vec::new();
    let _ = plain.read_to_end(&mut answer).await;
    assert!(!answer.starts_with(b"HTTP"), "{answer:?}");
    let stream = connect(&server, server.ca_pem().unwrap(), "localhost").await.unwrap();
    assert_eq!(status(&ask(stream).await), "200");
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_handshake_that_does_not_come_is_given_up() {
    let server = started(self_signed()).await;
    let before = tokio::time::Instant::now();
    let mut silent = TcpStream::connect(server.address()).await.unwrap();
    assert_eq!(silent.read(&mut [0; 1]).await.unwrap(), 0);
    assert!(before.elapsed() >= Duration::from_secs(10), "{:?}", before.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_stopping_server_waits_for_no_handshake() {
    let server = started(self_signed()).await;
    let mut silent = TcpStream::connect(server.address()).await.unwrap();
    let before = tokio::time::Instant::now();
    server.shutdown().await;
    assert_eq!(before.elapsed(), Duration::ZERO);
    let _ = silent.read(&mut [0; 1]).await;
}

#[tokio::test]
async fn a_certificate_that_is_given_is_used() {
    let key = rcgen::KeyPair::generate().unwrap();
    let params = rcgen::CertificateParams::new(["localhost".to_owned()]).unwrap();
    let certificate = params.self_signed(&key).unwrap().pem();
    let server = started(MockServer::builder().tls(&*certificate, key.serialize_pem())).await;
    assert_eq!(server.ca_pem(), None);
    let stream = connect(&server, &certificate, "localhost").await.unwrap();
    assert_eq!(status(&ask(stream).await), "200");

    let other = rcgen::KeyPair::generate().unwrap().serialize_pem();
    for (chain, key) in [("", &*other), (&*certificate, "no key"), (&certificate, &other)] {
        let refused = MockServer::builder().tls(chain, key).start().await;
        assert!(matches!(refused, Err(StartError::Tls(_))), "{refused:?}");
    }
}

/// What comes back of a request until the connection ends, and how it ends.
async fn ending(server: &MockServer, line: &str, body: &str) -> (String, Option<ErrorKind>) {
    let mut stream = connect(server, server.ca_pem().unwrap(), "localhost").await.unwrap();
    stream.write_all(&request(line, body)).await.unwrap();
    let mut answer = Vec::new();
    let end = stream.read_to_end(&mut answer).await;
    (String::from_utf8(answer).unwrap(), end.err().map(|error| error.kind()))
}

#[tokio::test]
async fn a_connection_is_reset_before_and_after_the_change() {
    for (when, made) in [("before", 0), ("after", 1)] {
        let fault = format!("CreateApp=reset,when={when}");
        let server = started(self_signed().fault(fault.parse().unwrap())).await;
        let (answer, end) = ending(&server, "POST /v2/apps", r#"{"app_name":"new"}"#).await;
        assert_eq!((answer.as_str(), end), ("", Some(ErrorKind::ConnectionReset)), "{when}");
        let apps = server.state().to_json();
        assert_eq!(apps.to_string().matches("app_name").count(), made, "{when}");
        // Others on other connections do not notice.
        let stream = connect(&server, server.ca_pem().unwrap(), "localhost").await.unwrap();
        assert_eq!(status(&ask(stream).await), "200");
    }
}

#[tokio::test]
async fn an_answer_is_cut_and_no_end_of_tls_pretends_that_it_was_whole() {
    let server = started(self_signed().fault("CreateApp=end(5)".parse().unwrap())).await;
    let (answer, end) = ending(&server, "POST /v2/apps", r#"{"app_name":"new"}"#).await;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let whole = server.requests()[0].reply_body().to_vec();
    assert!(head.starts_with("HTTP/1.1 201 Created\r\n"), "{head}");
    assert!(head.contains(&format!("content-length: {}", whole.len())), "{head}");
    assert_eq!(body.as_bytes(), &whole[..5]);
    assert_eq!(end, Some(ErrorKind::UnexpectedEof));
}
