//! Any notification can be verified and read; what is signed is accepted and comes back as it was
//! read, and once it is changed it is refused.

#![no_main]

use std::num::NonZeroUsize;
use std::time::{Duration, SystemTime};

use http::HeaderMap;
use libfuzzer_sys::fuzz_target;
use rtc_fuzz::{CALLBACK_KEY, Wire, fixed_time};
use rtc_model::callback::Notification;
use rtc_signer::{
    CallbackError, CallbackRand, CallbackSigner, CallbackVerifier, RecentCallbacks, WhenFull,
};

fuzz_target!(|data: &[u8]| {
    if let Some(wire) = Wire::parse(data) {
        as_it_came(&wire);
        signed_here(&wire.body);
    }
});

fn verifier() -> CallbackVerifier {
    CallbackVerifier::new("k", CALLBACK_KEY).expect("it is not empty")
}

fn as_it_came(wire: &Wire) {
    // Any age, so that the signature decides.
    let verifier = verifier().with_tolerance(Duration::MAX);
    if verifier.verify(&wire.headers, &wire.body, fixed_time()).is_err() {
        return;
    }
    let mut body = wire.body.clone();
    body.push(b' ');
    let error = verifier.verify(&wire.headers, &body, fixed_time()).expect_err("another body");
    assert!(matches!(error, CallbackError::SignatureMismatch));
}

fn signed_here(body: &[u8]) {
    let (now, read) = (fixed_time(), Notification::from_json(body));
    if let Ok(read) = &read {
        let written = read.to_json();
        let again = Notification::from_json(&written).expect("what is written can be read");
        assert_eq!(again, *read);
        assert_eq!(again.to_json(), written);
    }
    let mut headers = HeaderMap::new();
    let signer = CallbackSigner::new(CALLBACK_KEY).expect("it is not empty");
    let signed = signer.sign(body, CallbackRand::new([7; 16]), now).expect("after 1970");
    signed.apply(&mut headers);
    let recent = RecentCallbacks::new(NonZeroUsize::MIN, WhenFull::Refuse);
    let verifier = verifier();
    let receive = |now: SystemTime| {
        verifier
            .receive(&headers, body, now, &recent, Notification::from_json)
            .map(|(value, _)| value)
    };
    match (receive(now), read) {
        (Ok(received), Ok(read)) => {
            assert_eq!(received, read);
            assert!(matches!(receive(now), Err(CallbackError::Replayed)));
        }
        (Err(CallbackError::Unreadable { .. }), Err(_)) => assert!(recent.is_empty()),
        (outcome, read) => panic!("{outcome:?} of {read:?}"),
    }
    let late = now + Duration::from_secs(301);
    assert!(matches!(receive(late), Err(CallbackError::TooOld { .. })));
}
