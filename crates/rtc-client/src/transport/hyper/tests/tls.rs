//! Certificates: those that are accepted, and what cannot be trusted.

use std::io::{ErrorKind, Write as _};
use std::net::SocketAddr;
use std::process::{Command, Stdio};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::crypto::ring::default_provider;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

use super::*;

/// A certificate authority of a test's own.
pub(super) struct Authority {
    certificate: CertificateDer<'static>,
    pub(super) pem: String,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    pub(super) fn new(name: &str) -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::default();
        // Authorities are found by their names.
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let certificate = params.self_signed(&key).unwrap();
        Self {
            pem: certificate.pem(),
            certificate: certificate.into(),
            issuer: Issuer::new(params, key),
        }
    }

    /// A server whose certificate is for `name`. It answers every request with 200, until the test
    /// is over.
    pub(super) async fn server(&self, name: &str) -> SocketAddr {
        let (certificate, key) = self.certify(name);
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.into()], der(&key))
            .unwrap();
        serve(config).await
    }

    /// A certificate for `name`, and its key.
    pub(super) fn certify(&self, name: &str) -> (rcgen::Certificate, KeyPair) {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new([name.to_owned()]).unwrap();
        (params.signed_by(&key, &self.issuer).unwrap(), key)
    }

    pub(super) fn roots(&self) -> RootCertStore {
        let mut roots = RootCertStore::empty();
        roots.add(self.certificate.clone()).unwrap();
        roots
    }
}

pub(super) fn der(key: &KeyPair) -> PrivateKeyDer<'static> {
    PrivateKeyDer::try_from(key.serialize_der()).unwrap()
}

/// A server that answers every request with 200, until the test is over.
pub(super) async fn serve(config: ServerConfig) -> SocketAddr {
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            // Of a client that refuses the certificate nothing comes.
            if let Ok(mut stream) = acceptor.accept(stream).await {
                let mut request = Vec::new();
                while !request.ends_with(b"\r\n\r\n") {
                    assert_ne!(stream.read_buf(&mut request).await.unwrap(), 0);
                }
                let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
                stream.write_all(answer).await.unwrap();
                stream.shutdown().await.unwrap();
            }
        }
    });
    address
}

fn tls_with(roots: RootCertStore) -> HyperTransport {
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    HyperTransport::builder().with_tls(config).unwrap()
}

fn tls_without_roots() -> HyperTransport {
    tls_with(RootCertStore::empty())
}

/// Takes one connection and holds it, without a word.
async fn silent() -> (String, JoinHandle<TcpStream>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let uri = format!("https://{}/", listener.local_addr().unwrap());
    let held = tokio::spawn(async move { listener.accept().await.unwrap().0 });
    (uri, held)
}

/// The texts of what lies below an error.
fn causes(error: &TransportError) -> Vec<String> {
    let mut causes = Vec::new();
    let mut next = StdError::source(error);
    while let Some(cause) = next {
        causes.push(cause.to_string());
        next = cause.source();
    }
    causes
}

/// What `get` of a certificate that cannot be trusted must say.
#[track_caller]
fn assert_refused(error: &TransportError, why: &str) {
    assert_eq!(error.kind(), TransportErrorKind::Connect);
    assert_eq!(error.delivery(), Delivery::NotSent);
    let causes = format!("{:?}", causes(error));
    assert!(causes.contains("certificate") && causes.contains(why), "{causes}");
}

#[tokio::test]
async fn a_certificate_of_a_known_authority_for_the_host_is_accepted() {
    let authority = Authority::new("one");
    let address = authority.server("127.0.0.1").await;
    let transport = tls_with(authority.roots());
    let answer = call(&transport, format!("https://{address}/")).await.unwrap();
    assert_eq!((answer.status().as_u16(), &answer.body()[..]), (200, &b"{}"[..]));
    let by_name = format!("https://localhost:{}/", address.port());
    assert_refused(&get(&transport, by_name).await, "localhost");
}

#[tokio::test]
async fn a_certificate_for_another_name_is_refused() {
    let authority = Authority::new("one");
    let address = authority.server("other.example").await;
    let transport = tls_with(authority.roots());
    assert_refused(&get(&transport, format!("https://{address}/")).await, "not valid for name");
}

#[tokio::test]
async fn a_certificate_of_an_unknown_authority_is_refused() {
    let address = Authority::new("one").server("127.0.0.1").await;
    for roots in [Authority::new("another").roots(), RootCertStore::empty()] {
        let transport = tls_with(roots);
        assert_refused(&get(&transport, format!("https://{address}/")).await, "UnknownIssuer");
    }
}

/// Where a process that this test starts finds the server.
const SERVER: &str = "RTC_CLIENT_TEST_SERVER";

/// The system's certificates are read from where `SSL_CERT_FILE` says. A process cannot change its
/// own environment safely, so the test starts itself as another one.
#[tokio::test]
async fn a_certificate_of_the_systems_authorities_is_accepted() {
    if let Ok(uri) = std::env::var(SERVER) {
        let transport = HyperTransport::tls().unwrap();
        assert_eq!(call(&transport, uri).await.unwrap().status(), 200);
        return;
    }
    let authority = Authority::new("one");
    let address = authority.server("127.0.0.1").await;
    for (trusted, accepts) in [(authority.pem, true), (Authority::new("another").pem, false)] {
        let mut roots = tempfile::NamedTempFile::new().unwrap();
        roots.write_all(trusted.as_bytes()).unwrap();
        let name =
            "transport::hyper::tests::tls::a_certificate_of_the_systems_authorities_is_accepted";
        let mut test = Command::new(std::env::current_exe().unwrap());
        test.args(["--exact", name])
            .env(SERVER, format!("https://{address}/"))
            .env("SSL_CERT_FILE", roots.path())
            .env_remove("SSL_CERT_DIR")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let done = tokio::task::spawn_blocking(move || test.output().unwrap()).await.unwrap();
        let said = String::from_utf8_lossy(&done.stdout).into_owned();
        assert!(said.contains("running 1 test"), "{said}");
        assert_eq!(done.status.success(), accepts, "{said}");
        assert_eq!(said.contains("UnknownIssuer"), !accepts, "{said}");
    }
}

#[tokio::test]
async fn the_connect_timeout_covers_tls() {
    let (uri, held) = silent().await;
    let request = Request::get(uri).body(Bytes::new()).unwrap();
    let limits = limits().connect_timeout(Duration::from_millis(50));
    let error = tls_without_roots().call(request, limits).await.unwrap_err();
    assert_eq!(error.kind(), TransportErrorKind::Connect);
    assert_eq!(error.delivery(), Delivery::NotSent);
    assert_eq!(causes(&error).last().unwrap(), "the connect timeout passed");
    held.abort();
}

#[tokio::test]
async fn a_peer_that_speaks_no_tls_is_a_connect_error_that_names_plain_http() {
    let peer = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let uri = format!("https://{}/", peer.local_addr().unwrap());
    let transport = tls_without_roots();
    let answer = tokio::spawn(async move {
        let (mut stream, _) = peer.accept().await.unwrap();
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
        stream
    });
    let error = get(&transport, uri).await;
    assert_eq!(error.kind(), TransportErrorKind::Connect);
    assert_eq!(error.delivery(), Delivery::NotSent);
    let causes = causes(&error);
    assert!(causes[0].contains("write the endpoint with http://"), "{causes:?}");
    assert!(causes.len() > 1, "{causes:?}");
    answer.abort();
}

#[tokio::test]
async fn other_failures_of_tls_do_not_name_plain_http() {
    let address = Authority::new("one").server("127.0.0.1").await;
    let transport = tls_without_roots();
    let causes = causes(&get(&transport, format!("https://{address}/")).await);
    assert!(!causes.concat().contains("http://"), "{causes:?}");
}

#[test]
fn the_system_has_root_certificates_or_says_that_it_has_none() {
    match HyperTransport::tls() {
        Ok(transport) => assert!(format!("{transport:?}").contains("https")),
        Err(TransportBuildError::Tls(TlsError::SystemRoots(error))) => {
            assert_eq!(error.kind(), ErrorKind::NotFound);
        }
        Err(error) => panic!("{error:?}"),
    }
}

#[tokio::test]
async fn a_deadline_that_passes_before_there_is_a_connection_says_that_nothing_was_sent() {
    let (uri, held) = silent().await;
    let transport = tls_without_roots();
    let request = Request::get(uri).body(Bytes::new()).unwrap();
    let deadline = Instant::now() + Duration::from_millis(50);
    let outcome = transport.call(request, Limits::new(100, deadline.into_std())).await;
    let error = outcome.unwrap_err();
    assert_eq!(error.kind(), TransportErrorKind::Timeout);
    assert_eq!(error.delivery(), Delivery::NotSent);
    held.abort();
}
