//! Calls that go by a proxy.

use std::process::{Command, Stdio};

use rtc_client::{Client, ClientBuilder, Delivery, ErrorKind, HyperTransport, NoRetry};

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

/// Where a process that this test starts finds the endpoint, which the proxy may spare.
const ENDPOINT: &str = "RTC_CLIENT_TEST_ENDPOINT";

/// Each variable that matters here.
const VARIABLES: [&str; 9] = [
    "HTTP_PROXY",
    "http_proxy",
    "HTTPS_PROXY",
    "https_proxy",
    "ALL_PROXY",
    "all_proxy",
    "NO_PROXY",
    "no_proxy",
    "REQUEST_METHOD",
];

/// A process cannot change its own environment safely, so the test starts itself as another one.
#[tokio::test]
async fn a_proxy_of_the_environment_is_used_unless_the_host_is_spared() {
    if let Ok(endpoint) = std::env::var(ENDPOINT) {
        let builder = ClientBuilder::from_env().unwrap().endpoint(endpoint).token("t");
        builder.retry(NoRetry).build().unwrap().show_app(APP).await.unwrap();
        return;
    }
    let proxy = Peer::start(vec![Answer::Bytes(answer("200 OK", "{}").into()); 20]).await;
    let direct = Peer::start(vec![Answer::Bytes(answer("200 OK", "{}").into()); 20]).await;
    let url = proxy.url();
    // What is known for this machine itself is never reached by a proxy; this leads there, too.
    let other = format!("http://0.0.0.0:{}", direct.address().port());
    let loopback = direct.url();
    for (variables, endpoint, is_proxied) in [
        (vec![("HTTP_PROXY", url.as_str())], &other, true),
        (vec![("http_proxy", &url)], &other, true),
        (vec![("ALL_PROXY", &url)], &other, true),
        (vec![("all_proxy", &url)], &other, true),
        (vec![("HTTP_PROXY", &url), ("ALL_PROXY", "http://0.0.0.0:1")], &other, true),
        (vec![("HTTP_PROXY", &url), ("NO_PROXY", "rtc.example,10.0.0.0/8")], &other, true),
        (vec![("HTTP_PROXY", &url), ("NO_PROXY", "rtc.example, 0.0.0.0")], &other, false),
        (vec![("http_proxy", &url), ("no_proxy", "0.0.0.0/8")], &other, false),
        (vec![("ALL_PROXY", &url), ("no_proxy", "0.0.0.0")], &other, false),
        (vec![("HTTPS_PROXY", &url)], &other, false),
        (vec![("HTTP_PROXY", &url)], &loopback, false),
        (vec![], &other, false),
    ] {
        let before = (proxy.received().len(), direct.received().len());
        call_with(&variables, endpoint).await;
        let after = (proxy.received().len(), direct.received().len());
        let expected = if is_proxied { (before.0 + 1, before.1) } else { (before.0, before.1 + 1) };
        assert_eq!(after, expected, "{variables:?} {endpoint}");
        let (peer, target) = if is_proxied { (&proxy, endpoint.as_str()) } else { (&direct, "") };
        let line = format!("GET {target}/v2/apps/{APP} HTTP/1.1");
        assert_eq!(peer.received().last().unwrap().line, line, "{variables:?}");
    }
}

/// Lets another process make the call, which must be answered.
async fn call_with(variables: &[(&str, &str)], endpoint: &str) {
    let name = "proxies::a_proxy_of_the_environment_is_used_unless_the_host_is_spared";
    let mut test = Command::new(std::env::current_exe().unwrap());
    test.args(["--exact", name]).stdout(Stdio::piped()).stderr(Stdio::piped());
    for variable in VARIABLES {
        test.env_remove(variable);
    }
    test.envs(variables.iter().copied()).env(ENDPOINT, endpoint);
    let done = tokio::task::spawn_blocking(move || test.output().unwrap()).await.unwrap();
    let said = String::from_utf8_lossy(&done.stdout);
    assert!(said.contains("running 1 test") && done.status.success(), "{variables:?}: {said}");
}
