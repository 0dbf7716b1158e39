//! Certificates that are given, tunnels, and the version of HTTP.

#[cfg(feature = "http2")]
use std::time::Duration;

use rustls::ServerConfig;
use rustls::crypto::ring::default_provider;
use rustls::server::WebPkiClientVerifier;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

use super::tls::{Authority, der, serve};
use super::*;

#[tokio::test]
async fn given_roots_are_trusted_and_no_others() {
    let authority = Authority::new("one");
    let uri = format!("https://{}/", authority.server("127.0.0.1").await);
    let trusting = |pem: String| HyperTransport::builder().root_certificates(pem).build().unwrap();
    let bundle = format!("{}{}", Authority::new("another").pem, authority.pem);
    assert_eq!(call(&trusting(bundle), uri.clone()).await.unwrap().status(), 200);
    let error = get(&trusting(Authority::new("another").pem), uri).await;
    assert_eq!(error.kind(), TransportErrorKind::Connect);
}

#[tokio::test]
async fn a_server_that_asks_for_a_certificate_is_shown_it() {
    let (servers, clients) = (Authority::new("servers"), Authority::new("clients"));
    let provider = Arc::new(default_provider());
    let verifier = WebPkiClientVerifier::builder_with_provider(
        Arc::new(clients.roots()),
        Arc::clone(&provider),
    );
    let (certificate, key) = servers.certify("127.0.0.1");
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_client_cert_verifier(verifier.build().unwrap())
        .with_single_cert(vec![certificate.into()], der(&key))
        .unwrap();
    let uri = format!("https://{}/", serve(config).await);

    let (certificate, key) = clients.certify("a client");
    let builder = || HyperTransport::builder().root_certificates(servers.pem.clone());
    let known = builder().client_certificate(certificate.pem(), key.serialize_pem());
    assert_eq!(call(&known.build().unwrap(), uri.clone()).await.unwrap().status(), 200);
    get(&builder().build().unwrap(), uri).await;
}

#[test]
fn certificates_that_cannot_be_used_are_refused_without_being_shown() {
    let (certificate, key) = Authority::new("one").certify("a");
    let (_, other_key) = Authority::new("one").certify("b");
    let (pem, key) = (certificate.pem(), key.serialize_pem());
    let secret = key.lines().nth(1).unwrap();
    let cut = key.lines().take(2).collect::<Vec<_>>().join("\n");
    let builder = || HyperTransport::builder().root_certificates(pem.clone());
    for (builder, text) in [
        (HyperTransport::builder().root_certificates(""), "the root certificates: no PEM"),
        (HyperTransport::builder().root_certificates(key.clone()), "the root certificates: no PEM"),
        (builder().client_certificate("x", key.clone()), "the client certificate: no PEM"),
        (builder().client_certificate(pem.clone(), cut), "the client's private key: no PEM"),
        (builder().client_certificate(pem.clone(), other_key.serialize_pem()), "with its key"),
    ] {
        let error = builder.build().unwrap_err();
        let source = StdError::source(&error).unwrap();
        assert!(source.to_string().contains(text), "{source}");
        let shown = format!("{error:?} {source:?} {:?}", source.source());
        assert!(!shown.contains(secret), "{shown}");
    }
}

/// A proxy that makes tunnels, whose user must have a password. Gives the first line of the first
/// request.
async fn tunnel(listener: TcpListener, to: std::net::SocketAddr) -> String {
    let (mut stream, _) = listener.accept().await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        assert_ne!(stream.read_buf(&mut head).await.unwrap(), 0);
    }
    let head = String::from_utf8(head).unwrap();
    let line = head.lines().next().unwrap().to_owned();
    if !head.to_lowercase().contains("proxy-authorization: basic dtpw") {
        let refusal = b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n";
        stream.write_all(refusal).await.unwrap();
        return line;
    }
    stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
    let mut peer = TcpStream::connect(to).await.unwrap();
    let _ = copy_bidirectional(&mut stream, &mut peer).await;
    line
}

#[tokio::test]
async fn an_https_endpoint_is_reached_through_a_tunnel() {
    let authority = Authority::new("one");
    let server = authority.server("127.0.0.1").await;
    for (user, reaches) in [("u:p@", true), ("", false)] {
        let proxy = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let transport = HyperTransport::builder()
            .root_certificates(authority.pem.clone())
            .proxy(format!("http://{user}{}", proxy.local_addr().unwrap()))
            .build()
            .unwrap();
        let proxied = tokio::spawn(tunnel(proxy, server));
        let answer = call(&transport, format!("https://{server}/")).await;
        match answer {
            Ok(answer) => assert!(reaches && answer.status() == 200),
            Err(error) => assert!(!reaches && error.kind() == TransportErrorKind::Connect),
        }
        drop(transport);
        assert_eq!(proxied.await.unwrap(), format!("CONNECT {server} HTTP/1.1"));
    }
}

#[test]
fn a_proxy_of_the_environment_is_not_asked_for_this_machine() {
    use super::connector::{Loopback, Proxies};
    use hyper_util::client::proxy::matcher::Matcher;

    let matcher = || Matcher::builder().all("http://u:p@proxy.example:3128").build();
    for (loopback, asked) in [(Loopback::Direct, false), (Loopback::ByProxy, true)] {
        let proxies = Proxies::new(matcher(), loopback);
        for host in ["localhost", "LOCALHOST:80", "127.0.0.1:8470", "127.9.9.9", "[::1]:80"] {
            let uri = format!("http://{host}/").parse().unwrap();
            assert_eq!(proxies.authorization(&uri).is_some(), asked, "{host}");
        }
        let metadata = "http://169.254.169.254/openstack".parse().unwrap();
        assert!(proxies.authorization(&metadata).is_none());
        let other = "http://localhost.example/".parse().unwrap();
        assert!(proxies.authorization(&other).is_some());
    }
}

#[cfg(feature = "http2")]
#[tokio::test]
async fn http2_is_spoken_where_it_is_switched_on_and_the_server_has_it() {
    use http_body_util::Full;
    use hyper::service::service_fn;
    use hyper_util::rt::TokioIo;
    use tokio_rustls::TlsAcceptor;

    let authority = Authority::new("one");
    let (certificate, key) = authority.certify("127.0.0.1");
    let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.into()], der(&key))
        .unwrap();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let uri = format!("https://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let stream = acceptor.accept(stream).await.unwrap();
            let is_h2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
            let service = service_fn(|request: Request<Incoming>| async move {
                if request.uri().path() == "/silent" {
                    std::future::pending::<()>().await;
                }
                let version = format!("{:?}", request.version());
                Ok::<_, std::convert::Infallible>(Response::new(Full::new(Bytes::from(version))))
            });
            let stream = TokioIo::new(stream);
            tokio::spawn(async move {
                if is_h2 {
                    let http2 = hyper::server::conn::http2::Builder::new(
                        hyper_util::rt::TokioExecutor::new(),
                    );
                    let _ = http2.serve_connection(stream, service).await;
                } else {
                    let http1 = hyper::server::conn::http1::Builder::new();
                    let _ = http1.serve_connection(stream, service).await;
                }
            });
        }
    });
    let builder = || HyperTransport::builder().root_certificates(authority.pem.clone());
    for (transport, version) in
        [(builder().http2().build().unwrap(), "HTTP/2.0"), (builder().build().unwrap(), "HTTP/1.1")]
    {
        let answers: Vec<_> =
            [call(&transport, uri.clone()).await, call(&transport, uri.clone()).await]
                .into_iter()
                .map(Result::unwrap)
                .collect();
        assert!(answers.iter().all(|answer| answer.body() == version), "{answers:?}");

        // What was sent and not answered may have been processed.
        let silent = Request::post(format!("{uri}silent")).body(Bytes::from_static(b"{}")).unwrap();
        let deadline = Instant::now() + Duration::from_secs(2);
        let outcome = transport.call(silent, Limits::new(100, deadline.into_std())).await;
        assert_eq!(outcome.unwrap_err().delivery(), Delivery::Unknown, "{version}");
    }
}
