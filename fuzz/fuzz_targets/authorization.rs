//! Whatever is read as an `Authorization` header is written and read back as the same, and no
//! header makes a verifier panic.

#![no_main]

use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderValue, Method};
use libfuzzer_sys::fuzz_target;
use rtc_fuzz::{fixed_time, vector_key};
use rtc_signer::{Authorization, Payload, SignableRequest, Verifier};

fuzz_target!(|data: &[u8]| {
    if let Ok(text) = std::str::from_utf8(data)
        && let Ok(read) = text.parse::<Authorization>()
    {
        let written = read.to_string();
        let again: Authorization = written.parse().expect("what is written can be read");
        assert_eq!(again.to_string(), written);
        assert_eq!(again.access_key(), read.access_key());
        assert!(again.signed_headers().eq(read.signed_headers()));
    }
    if let Ok(value) = HeaderValue::from_bytes(data) {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, value);
        let request = SignableRequest::new(&Method::GET, "/", None, &headers, Payload::Bytes(b""));
        let verifier = Verifier::new().with_key(vector_key());
        // Without a date nothing is accepted, so there is always a reason.
        let error = verifier.verify(&request, fixed_time()).expect_err("it has no date");
        assert!(!error.to_string().is_empty());
    }
});
