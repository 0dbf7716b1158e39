//! Signs a request of reqwest: `cargo run --package rtc-signer --example reqwest`.
//!
//! It creates an app at the mock server (`rtc-mock-server`, then `eval "$(rtc-mock-server env)"`).
//! An https endpoint needs one of reqwest's TLS features.

use std::env;
use std::error::Error;
use std::time::SystemTime;

use reqwest::{Client, Request};
use rtc_signer::http::HeaderValue;
use rtc_signer::http::header::HOST;
use rtc_signer::{Credentials, Payload, SignableRequest, Signer};

#[expect(clippy::print_stdout, reason = "an example")]
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let endpoint = env::var("HUAWEICLOUD_SDK_REGION_CLOUDRTC_CN_NORTH_4")?;
    let credentials =
        Credentials::new(env::var("HUAWEICLOUD_SDK_AK")?, env::var("HUAWEICLOUD_SDK_SK")?);
    let signer = Signer::new(credentials);

    let client = Client::new();
    let mut request = client
        .post(format!("{endpoint}/v2/apps"))
        .header("content-type", "application/json")
        .body(r#"{"app_name":"signed-for-reqwest"}"#)
        .build()?;
    sign(&signer, &mut request)?;

    let answer = client.execute(request).await?;
    println!("{} {}", answer.status(), answer.text().await?);
    Ok(())
}

/// Signs a request that is built, since reqwest normalizes URLs: what is signed is what is sent.
fn sign(signer: &Signer, request: &mut Request) -> Result<(), Box<dyn Error>> {
    // reqwest adds Host when it sends; it is set here, so that it can be signed.
    let url = request.url();
    let host = url.host_str().ok_or("the URL has no host")?;
    let host = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    request.headers_mut().insert(HOST, HeaderValue::try_from(host)?);

    let payload = match request.body() {
        None => Payload::Bytes(b""),
        // A body that is a stream cannot be hashed before it is sent.
        Some(body) => body.as_bytes().map_or(Payload::Unsigned, Payload::Bytes),
    };
    let url = request.url();
    let (path, query) = (url.path(), url.query());
    let view = SignableRequest::new(request.method(), path, query, request.headers(), payload);
    let added = signer.sign(&view, SystemTime::now())?;
    added.apply(request.headers_mut());
    Ok(())
}
