//! Signs a request of ureq: `cargo run --package rtc-signer --example ureq`.
//!
//! It creates an app at the mock server (`rtc-mock-server`, then `eval "$(rtc-mock-server env)"`).
//! An https endpoint needs ureq's feature `rustls`.

use std::env;
use std::error::Error;
use std::time::SystemTime;

use rtc_signer::http::Request;
use rtc_signer::{Credentials, Payload, Signer};

#[expect(clippy::print_stdout, reason = "an example")]
fn main() -> Result<(), Box<dyn Error>> {
    let endpoint = env::var("HUAWEICLOUD_SDK_REGION_CLOUDRTC_CN_NORTH_4")?;
    let credentials =
        Credentials::new(env::var("HUAWEICLOUD_SDK_AK")?, env::var("HUAWEICLOUD_SDK_SK")?);
    let signer = Signer::new(credentials);

    // ureq takes requests of the `http` crate and sends them as they are.
    let body = r#"{"app_name":"signed-for-ureq"}"#;
    let request = Request::post(format!("{endpoint}/v2/apps"))
        .header("content-type", "application/json")
        .body(body)?;
    let (mut parts, body) = request.into_parts();
    signer.sign_parts(&mut parts, Payload::Bytes(body.as_bytes()), SystemTime::now())?;
    let request = Request::from_parts(parts, body);

    // Without this an answer of 4xx or 5xx becomes an error that does not hold its body.
    let config = ureq::Agent::config_builder().http_status_as_error(false).build();
    let mut answer = ureq::Agent::new_with_config(config).run(request)?;
    println!("{} {}", answer.status(), answer.body_mut().read_to_string()?);
    Ok(())
}
