//! Receives notifications without a framework: `cargo run --package rtc-signer --example callback`.
//!
//! `receive` is what a handler of any framework calls; `main` plays the service.

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::Mutex;
use std::time::SystemTime;

use http::{HeaderMap, StatusCode};
use ring::rand::{SecureRandom as _, SystemRandom};
use rtc_signer::{
    CallbackError, CallbackPair, CallbackRand, CallbackSigner, CallbackVerifier, Novelty,
    SeenCallbacks,
};

/// The notifications of the last minutes. Several receivers behind one URL need a common store.
#[derive(Default)]
struct Memory(Mutex<BTreeMap<(String, String), Option<SystemTime>>>);

impl SeenCallbacks for Memory {
    fn remember(&self, pair: CallbackPair<'_>) -> Result<Novelty, Box<dyn Error + Send + Sync>> {
        let now = SystemTime::now();
        let mut seen = self.0.lock().map_err(|error| error.to_string())?;
        seen.retain(|_, until| until.is_none_or(|until| until >= now));
        let key = (pair.rand().to_owned(), pair.timestamp().to_owned());
        Ok(match seen.insert(key, pair.keep_until()) {
            None => Novelty::New,
            Some(_) => Novelty::Seen,
        })
    }
}

/// Verifies a notification and gives the status to answer with.
///
/// The body must be the bytes as they came: no parser may have had them before.
#[expect(clippy::print_stdout, reason = "an example")]
fn receive(
    verifier: &CallbackVerifier,
    seen: &Memory,
    headers: &HeaderMap,
    body: &[u8],
) -> StatusCode {
    match verifier.verify_once(headers, body, SystemTime::now(), seen) {
        Ok(accepted) => {
            let text = String::from_utf8_lossy(body);
            println!("signed with the key `{}`: {text}", accepted.key_label());
            StatusCode::OK
        }
        // It may have been sent again because our answer was lost: say once more that it is here.
        Err(CallbackError::Replayed) => StatusCode::OK,
        Err(error @ CallbackError::ReplayStore { .. }) => {
            println!("{error}");
            StatusCode::SERVICE_UNAVAILABLE
        }
        Err(error) => {
            println!("refused: {error}");
            StatusCode::UNAUTHORIZED
        }
    }
}

#[expect(clippy::print_stdout, reason = "an example")]
fn main() -> Result<(), Box<dyn Error>> {
    // While the key is changed, both are accepted.
    let verifier = CallbackVerifier::new("2024", "the new auth_key of 32..64 chars.")?
        .with_key("2023", "the old auth_key of 32..64 chars.")?;
    let seen = Memory::default();

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
