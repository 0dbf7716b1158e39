//! Receives notifications without a framework: `cargo run --package rtc-signer --example callback`.
//!
//! `receive` is what a handler of any framework calls; `main` plays the service.

use std::error::Error;
use std::num::NonZeroUsize;
use std::time::SystemTime;

use ring::rand::{SecureRandom as _, SystemRandom};
use rtc_model::callback::Notification;
use rtc_signer::http::{HeaderMap, StatusCode};
use rtc_signer::{
    CallbackError, CallbackRand, CallbackSigner, CallbackVerifier, RecentCallbacks, WhenFull,
};

/// Verifies a notification and gives the status to answer with.
///
/// The body must be the bytes as they came: no parser may have had them before.
#[expect(clippy::print_stdout, reason = "an example")]
fn receive(
    verifier: &CallbackVerifier,
    seen: &RecentCallbacks,
    headers: &HeaderMap,
    body: &[u8],
) -> StatusCode {
    let read = Notification::from_json;
    match verifier.receive(headers, body, SystemTime::now(), seen, read) {
        Ok((notification, signed)) => {
            println!("signed with the key `{}`: {notification:?}", signed.key_label());
            StatusCode::OK
        }
        Err(error) => {
            // Where a repetition is answered as the first time was, it need not alarm anybody.
            if !matches!(error, CallbackError::Replayed) {
                println!("refused: {error}");
            }
            error.status()
        }
    }
}

#[expect(clippy::print_stdout, reason = "an example")]
fn main() -> Result<(), Box<dyn Error>> {
    // While the key is changed, both are accepted.
    let verifier = CallbackVerifier::new("2024", "the new auth_key of 32..64 chars.")?
        .with_key("2023", "the old auth_key of 32..64 chars.")?;
    // Several receivers behind one URL need a common store, so one of your own.
    let capacity = NonZeroUsize::new(10_000).ok_or("no room")?;
    let seen = RecentCallbacks::new(capacity, WhenFull::Refuse);

    let body = br#"{"event_type":"RECORD_NEW_FILE_START","app_id":"a1","room_id":"r1"}"#;
    let random = SystemRandom::new();
    let rand = CallbackRand::from_source(|bytes| random.fill(bytes))
        .map_err(|_| "the system has no random bytes")?;
    let service = CallbackSigner::new("the old auth_key of 32..64 chars.")?;
    let mut headers = HeaderMap::new();
    service.sign(body, rand, SystemTime::now())?.apply(&mut headers);

    println!("as it came: {}", receive(&verifier, &seen, &headers, body));
    println!("once more: {}", receive(&verifier, &seen, &headers, body));
    println!("changed: {}", receive(&verifier, &seen, &headers, b"{}"));
    println!("not signed: {}", receive(&verifier, &seen, &HeaderMap::new(), body));
    Ok(())
}
