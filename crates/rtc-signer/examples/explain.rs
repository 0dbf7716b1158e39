//! Explains refused signatures: `cargo run --package rtc-signer --example explain`.
//!
//! A verifier of your own knows more than the command `rtc-mock-server explain`, which is given one
//! key and grants every tolerance.

use std::error::Error;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rtc_signer::http::{HeaderMap, HeaderValue, Method};
use rtc_signer::{Credentials, Payload, SignableRequest, Signer, Tolerances, Verifier};

const TEST: &str = "AKOFTHETESTPROJECT01";
const LIVE: &str = "AKOFTHELIVEPROJECT01";

#[expect(clippy::print_stdout, reason = "an example")]
fn main() -> Result<(), Box<dyn Error>> {
    let at = UNIX_EPOCH + Duration::from_secs(1_710_490_530); // 20240315T081530Z
    let verifier = Verifier::new()
        .with_key(Credentials::new(TEST, "the secret of the test project"))
        .with_key(Credentials::new(LIVE, "the secret of the live project"))
        .with_tolerances(Tolerances::none());

    // The access key of one project and the secret of another.
    let mixed = Signer::new(Credentials::new(TEST, "the secret of the live project"));
    let headers = signed(&mixed, "/v2/apps", at)?;
    println!("{}\n", verifier.explain(&view("/v2/apps", &headers), Some(at), None));

    // As the Java SDK signs a path that holds `%20`: encoded without being decoded first.
    let signer = Signer::new(Credentials::new(TEST, "the secret of the test project"));
    let headers = signed(&signer, "/v2/apps/a%2520b", at)?;
    println!("{}", verifier.explain(&view("/v2/apps/a%20b", &headers), Some(at), None));
    Ok(())
}

/// The headers of a signed request for a path.
fn signed(signer: &Signer, path: &str, at: SystemTime) -> Result<HeaderMap, Box<dyn Error>> {
    let mut headers = HeaderMap::new();
    headers.insert("host", HeaderValue::from_static("rtc-api.myhuaweicloud.com"));
    let added = signer.sign(&view(path, &headers), at)?;
    added.apply(&mut headers);
    Ok(headers)
}

fn view<'r>(path: &'r str, headers: &'r HeaderMap) -> SignableRequest<'r> {
    SignableRequest::new(&Method::GET, path, None, headers, Payload::Bytes(b""))
}
