//! Any text can be given to `rtc-mock-server explain`; it is a request or it is said why not. What
//! is read and written again is the same request.
//!
//! The reader is no part of the library's interface, so it is compiled here once more.

#![no_main]

use libfuzzer_sys::fuzz_target;

use crate::raw::RawRequest;

#[allow(dead_code, unused_imports, reason = "its tests and some of its parts are not used")]
#[path = "../../crates/rtc-mock-server/src/raw.rs"]
mod raw;

fuzz_target!(|data: &[u8]| {
    let request = match RawRequest::parse(data) {
        Ok(request) => request,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            return;
        }
    };
    // A URL may have no path, which a target by itself must have.
    let path = if request.path().is_empty() { "/" } else { request.path() };
    let mut text = format!("{} {path}", request.method()).into_bytes();
    if let Some(query) = request.query() {
        text.push(b'?');
        text.extend_from_slice(query.as_bytes());
    }
    text.extend_from_slice(b" HTTP/1.1\r\n");
    for (name, value) in request.headers() {
        text.extend_from_slice(name.as_str().as_bytes());
        text.extend_from_slice(b": ");
        text.extend_from_slice(value.as_bytes());
        text.extend_from_slice(b"\r\n");
    }
    text.extend_from_slice(b"\r\n");
    text.extend_from_slice(request.body());
    let again = RawRequest::parse(&text).expect("what was read can be written");
    assert_eq!((again.method(), again.path()), (request.method(), path));
    assert_eq!(again.query(), request.query());
    assert_eq!(again.headers(), request.headers());
    assert_eq!(again.body(), request.body());
});
