//! What the mock server is measured beside: each answers the example of the page
//! `ShowRecordCallback` to whoever asks, and checks no signature.
//!
//! `rtc-bench-peers bare|httpmock|wiremock` prints `ready api=http://HOST:PORT`, as the mock server
//! does, and serves until it is killed.

use std::convert::Infallible;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::CONTENT_TYPE;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

const PATH: &str = "/v2/apps/123456789abcdefghijklmno/record-callback";
/// As the mock server writes it.
const BODY: &str = r#"{"app_id":"123456789abcdefghijklmno","record_callback":{"url":"http://mydomain.com","auth_key":"78912374ae8cdb38","notify_event_subscription":["RECORD_NEW_FILE_START","RECORD_FILE_COMPLETE"],"update_time":"2020-07-26T07:53:05.075Z"}}"#;
const REQUEST_ID: (&str, &str) = ("x-request-id", "50cde16ae56aff7ebe22f27d5d9d0f6a");
const JSON: &str = "application/json";

fn main() {
    match std::env::args().nth(1).as_deref() {
        Some("bare") => bare(),
        Some("httpmock") => httpmock(),
        Some("wiremock") => wiremock(),
        _ => {
            eprintln!("write bare, httpmock or wiremock");
            std::process::exit(2);
        }
    }
}

/// A server of hyper alone, on the same runtime as the mock server's.
fn bare() {
    runtime().block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        ready(&format!("http://{}", listener.local_addr().expect("it is bound")));
        loop {
            let Ok((stream, _)) = listener.accept().await else { continue };
            let _ = stream.set_nodelay(true);
            tokio::spawn(async move {
                let answer = service_fn(|_: Request<Incoming>| async {
                    Ok::<_, Infallible>(
                        Response::builder()
                            .header(CONTENT_TYPE, JSON)
                            .header(REQUEST_ID.0, REQUEST_ID.1)
                            .body(Full::new(Bytes::from_static(BODY.as_bytes())))
                            .expect("the parts are valid"),
                    )
                });
                let http = hyper::server::conn::http1::Builder::new();
                let _ = http.serve_connection(TokioIo::new(stream), answer).await;
            });
        }
    });
}

fn httpmock() {
    let server = httpmock::MockServer::start();
    server.mock(|when, then| {
        when.method(httpmock::Method::GET).path(PATH);
        then.status(200).header("content-type", JSON).header(REQUEST_ID.0, REQUEST_ID.1).body(BODY);
    });
    ready(&server.base_url());
    std::thread::park();
}

fn wiremock() {
    use wiremock::matchers::{method, path};
    runtime().block_on(async {
        let server = wiremock::MockServer::start().await;
        let answer = wiremock::ResponseTemplate::new(200)
            .insert_header(REQUEST_ID.0, REQUEST_ID.1)
            .set_body_raw(BODY, JSON);
        let mock = wiremock::Mock::given(method("GET")).and(path(PATH)).respond_with(answer);
        mock.mount(&server).await;
        ready(&server.uri());
        std::future::pending::<()>().await;
    });
}

fn runtime() -> tokio::runtime::Runtime {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    builder.enable_all().build().expect("the system has threads")
}

fn ready(url: &str) {
    println!("ready api={url}");
}
