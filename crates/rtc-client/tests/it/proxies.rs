//! Calls that go by a proxy.

use rtc_client::{Client, ClientBuilder, Delivery, ErrorKind, HyperTransport, NoRetry};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::peer::{Answer, Peer};
use crate::support::{APP, answer, chain, credentials, now};

fn by_proxy(url: &str) -> ClientBuilder {
    let transport = HyperTransport::builder().proxy(url).build_plain().unwrap();
    Client::builder()
        .endpoint("http://rtc.example")
        .credentials(credentials())
        .clock(now)
        .retry(NoRetry)
        .transport(transport)
}

#[tokio::test]
async fn a_plain_request_is_given_to_the_proxy_as_a_whole() {
    let proxy = Peer::start(vec![Answer::Bytes(answer("200 OK", "{}").into()); 2]).await;
    let url = format!("http://user:pa%20ss@{}", proxy.address());
    let client = by_proxy(&url).build().unwrap();
    client.show_app(APP).await.unwrap();
    client.show_app(APP).await.unwrap();
    for sent in proxy.received() {
        assert_eq!(sent.line, format!("GET http://rtc.example/v2/apps/{APP} HTTP/1.1"));
        assert_eq!(sent.header("host"), Some("rtc.example"));
        assert_eq!(sent.header("proxy-authorization"), Some("Basic dXNlcjpwYSBzcw=="));
        assert!(!sent.header("authorization").unwrap().contains("proxy"), "it is not signed");
        assert_eq!(sent.connection, 0);
    }
}

#[tokio::test]
async fn a_proxy_that_is_not_there_is_a_connect_error() {
    let closed = tokio::net::TcpSocket::new_v4().unwrap();
    closed.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let url = format!("http://u:s3cret@{}", closed.local_addr().unwrap());
    let error = by_proxy(&url).build().unwrap().show_app(APP).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Connect, Delivery::NotSent));
    let shown = format!("{error:?} {:?}", chain(&error));
    assert!(!shown.contains("s3cret"), "{shown}");
}

#[test]
fn a_proxy_that_cannot_be_used_is_refused_when_the_transport_is_made() {
    for url in ["", "ftp://proxy.example", "https://proxy.example", "http://", "http://u:s3cret@"] {
        let error = HyperTransport::builder().proxy(url).build_plain().unwrap_err();
        let shown = format!("{error} {error:?}");
        assert!(shown.contains("socks5://"), "{url}: {shown}");
        assert!(!shown.contains("s3cret"), "{shown}");
    }
}

/// Reads exactly so many bytes.
async fn take<const N: usize>(stream: &mut TcpStream) -> [u8; N] {
    let mut bytes = [0; N];
    stream.read_exact(&mut bytes).await.unwrap();
    bytes
}

/// A SOCKS5 proxy (RFC 1928, RFC 1929) that answers the request itself. Gives the user, the target
/// and the first line of the request.
async fn socks(listener: TcpListener) -> (String, String, String) {
    let (mut stream, _) = listener.accept().await.unwrap();
    let [version, methods] = take(&mut stream).await;
    assert_eq!(version, 5);
    let mut offered = vec![0; methods.into()];
    stream.read_exact(&mut offered).await.unwrap();
    assert!(offered.contains(&2), "user and password are offered: {offered:?}");
    stream.write_all(&[5, 2]).await.unwrap();

    let mut texts = Vec::new();
    assert_eq!(take(&mut stream).await, [1]);
    for _ in 0..2 {
        let [length] = take(&mut stream).await;
        let mut text = vec![0; length.into()];
        stream.read_exact(&mut text).await.unwrap();
        texts.push(String::from_utf8(text).unwrap());
    }
    stream.write_all(&[1, 0]).await.unwrap();

    assert_eq!(take(&mut stream).await, [5, 1, 0, 3], "a connection to a name");
    let [length] = take(&mut stream).await;
    let mut host = vec![0; length.into()];
    stream.read_exact(&mut host).await.unwrap();
    let port = u16::from_be_bytes(take(&mut stream).await);
    stream.write_all(&[5, 0, 0, 1, 127, 0, 0, 1, 0, 0]).await.unwrap();

    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        assert_ne!(stream.read_buf(&mut head).await.unwrap(), 0);
    }
    stream.write_all(answer("200 OK", "{}").as_bytes()).await.unwrap();
    let line = String::from_utf8(head).unwrap().lines().next().unwrap().to_owned();
    (texts.join(":"), format!("{}:{port}", String::from_utf8(host).unwrap()), line)
}

#[tokio::test]
async fn a_socks_proxy_connects_to_the_name_of_the_endpoint() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("socks5h://user:pass@{}", listener.local_addr().unwrap());
    let client = by_proxy(&url).build().unwrap();
    let (reply, (user, target, line)) = tokio::join!(client.show_app(APP), socks(listener));
    reply.unwrap();
    assert_eq!((user.as_str(), target.as_str()), ("user:pass", "rtc.example:80"));
    assert_eq!(line, format!("GET /v2/apps/{APP} HTTP/1.1"));
}
