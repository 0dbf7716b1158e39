//! SOCKS proxies (RFC 1928, RFC 1929; SOCKS4 and its extension 4A as their authors described them).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use rtc_client::{Client, Delivery, ErrorKind, HyperTransport, NoRetry};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::support::{APP, answer};

/// What a proxy was asked for.
#[derive(Debug, PartialEq, Eq)]
struct Asked {
    /// Name and password, where they were offered.
    user: Option<String>,
    target: Target,
    port: u16,
    /// The first line of the request that came over the connection; none where it was refused.
    line: Option<String>,
}

#[derive(Debug, PartialEq, Eq)]
enum Target {
    /// The proxy is to resolve it.
    Name(String),
    Address(IpAddr),
}

/// Whether the proxy connects to what it is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Connects {
    Yes,
    No,
}

async fn take<const N: usize>(stream: &mut TcpStream) -> [u8; N] {
    let mut bytes = [0; N];
    stream.read_exact(&mut bytes).await.unwrap();
    bytes
}

/// A text whose length stands before it.
async fn counted(stream: &mut TcpStream) -> String {
    let [length] = take(stream).await;
    let mut text = vec![0; length.into()];
    stream.read_exact(&mut text).await.unwrap();
    String::from_utf8(text).unwrap()
}

/// A text that a zero ends.
async fn until_zero(stream: &mut TcpStream) -> String {
    let mut text = Vec::new();
    loop {
        match take(stream).await {
            [0] => return String::from_utf8(text).unwrap(),
            [byte] => text.push(byte),
        }
    }
}

/// A proxy for one connection, whose request it answers itself.
async fn proxy(listener: TcpListener, connects: Connects) -> Asked {
    let (mut stream, _) = listener.accept().await.unwrap();
    let (user, target, port) = match take(&mut stream).await {
        [4] => socks4(&mut stream, connects).await,
        [5] => socks5(&mut stream, connects).await,
        [version] => unreachable!("SOCKS {version}"),
    };
    let line = match connects {
        Connects::Yes => Some(answer_one(&mut stream).await),
        Connects::No => None,
    };
    Asked { user, target, port, line }
}

async fn socks4(stream: &mut TcpStream, connects: Connects) -> (Option<String>, Target, u16) {
    assert_eq!(take(stream).await, [1], "a connection is asked for");
    let port = u16::from_be_bytes(take(stream).await);
    let address = take(stream).await;
    let user = until_zero(stream).await;
    let target = match address {
        [0, 0, 0, last] if last != 0 => Target::Name(until_zero(stream).await),
        address => Target::Address(Ipv4Addr::from(address).into()),
    };
    let code = if connects == Connects::Yes { 90 } else { 91 };
    stream.write_all(&[0, code, 0, 0, 0, 0, 0, 0]).await.unwrap();
    (Some(user).filter(|user| !user.is_empty()), target, port)
}

async fn socks5(stream: &mut TcpStream, connects: Connects) -> (Option<String>, Target, u16) {
    const PASSWORD: u8 = 2;
    let offered = counted(stream).await.into_bytes();
    let mut user = None;
    if offered.contains(&PASSWORD) {
        stream.write_all(&[5, PASSWORD]).await.unwrap();
        assert_eq!(take(stream).await, [1]);
        let (name, password) = (counted(stream).await, counted(stream).await);
        stream.write_all(&[1, 0]).await.unwrap();
        user = Some(format!("{name}:{password}"));
    } else {
        assert_eq!(offered, [0]);
        stream.write_all(&[5, 0]).await.unwrap();
    }
    assert_eq!(take(stream).await, [5, 1, 0], "a connection is asked for");
    let target = match take(stream).await {
        [1] => Target::Address(Ipv4Addr::from(take(stream).await).into()),
        [3] => Target::Name(counted(stream).await),
        [4] => Target::Address(Ipv6Addr::from(take::<16>(stream).await).into()),
        [kind] => unreachable!("an address of the kind {kind}"),
    };
    let port = u16::from_be_bytes(take(stream).await);
    let code = if connects == Connects::Yes { 0 } else { 5 };
    stream.write_all(&[5, code, 0, 1, 127, 0, 0, 1, 0, 0]).await.unwrap();
    (user, target, port)
}

/// Answers a request and gives its first line.
async fn answer_one(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        assert_ne!(stream.read_buf(&mut head).await.unwrap(), 0);
    }
    stream.write_all(answer("200 OK", "{}").as_bytes()).await.unwrap();
    String::from_utf8(head).unwrap().lines().next().unwrap().to_owned()
}

/// A client of an endpoint that is reached by a proxy: `by` is its scheme, and a user perhaps.
async fn client(by: &str, endpoint: &str) -> (Client, TcpListener) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("{by}{}", listener.local_addr().unwrap());
    let transport = HyperTransport::builder().proxy(url).build_plain().unwrap();
    let builder = Client::builder().endpoint(endpoint).token("t").retry(NoRetry);
    (builder.transport(transport).build().unwrap(), listener)
}

#[tokio::test]
async fn a_proxy_is_given_the_name_of_the_endpoint_where_it_is_to_resolve_it() {
    for (by, user) in
        [("socks5h://user:pass@", Some("user:pass")), ("socks5h://", None), ("socks4a://", None)]
    {
        let (client, listener) = client(by, "http://rtc.example").await;
        let (reply, asked) = tokio::join!(client.show_app(APP), proxy(listener, Connects::Yes));
        reply.unwrap();
        let expected = Asked {
            user: user.map(Into::into),
            target: Target::Name("rtc.example".into()),
            port: 80,
            line: Some(format!("GET /v2/apps/{APP} HTTP/1.1")),
        };
        assert_eq!(asked, expected, "{by}");
    }
}

#[tokio::test]
async fn a_proxy_that_is_not_to_resolve_the_name_is_given_its_address() {
    for by in ["socks5://", "socks4://"] {
        let (client, listener) = client(by, "http://localhost:8470").await;
        let (reply, asked) = tokio::join!(client.show_app(APP), proxy(listener, Connects::Yes));
        reply.unwrap();
        // Which of its addresses comes first is up to the system.
        let is_local = matches!(asked.target, Target::Address(ip) if ip.is_loopback());
        assert!(is_local && asked.port == 8470 && asked.line.is_some(), "{by}: {asked:?}");
    }
}

#[tokio::test]
async fn what_a_proxy_does_not_connect_to_was_sent_nothing() {
    for by in ["socks5h://", "socks5://", "socks4a://", "socks4://"] {
        let (client, listener) = client(by, "http://localhost:8470").await;
        let (reply, asked) = tokio::join!(client.show_app(APP), proxy(listener, Connects::No));
        let error = reply.unwrap_err();
        assert_eq!((error.kind(), error.delivery()), (ErrorKind::Connect, Delivery::NotSent));
        assert_eq!((asked.port, asked.line), (8470, None), "{by}");
    }
}
