//! Any request can be read by the operation that it is of; what was read is written and comes back
//! as it was, and its limits can be checked. No request is of two operations.

#![no_main]

use http::Request;
use libfuzzer_sys::fuzz_target;
use rtc_fuzz::Wire;
use rtc_model::error::DecodeError;
use rtc_model::{Operation, wire};

fuzz_target!(|data: &[u8]| {
    let Some(parsed) = Wire::parse(data) else {
        return;
    };
    let Some(target) = parsed.target() else {
        return;
    };
    let (mut head, ()) = Request::new(()).into_parts();
    (head.method, head.uri, head.headers) = (parsed.method, target, parsed.headers);
    macro_rules! read_as {
        ($($operation:path),*) => {
            [$(read::<$operation>(&head, &parsed.body)),*]
        };
    }
    let routes = rtc_model::for_each_operation!(read_as);
    assert!(routes.iter().filter(|route| **route).count() <= 1);
});

/// Whether the request is of the operation.
fn read<O: Operation + Clone + PartialEq + std::fmt::Debug>(
    head: &http::request::Parts,
    body: &[u8],
) -> bool {
    let operation: O = match wire::decode_request(head, body) {
        Ok(operation) => operation,
        Err(DecodeError::Route) => return false,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            return true;
        }
    };
    if let Err(violation) = operation.validate() {
        assert!(!violation.to_string().is_empty());
    }
    let endpoint = "http://h".parse().expect("an endpoint");
    // What a client would not send, such as a dot segment, is refused.
    let Ok(written) = wire::encode_request(&operation, &endpoint) else {
        return true;
    };
    let (head, body) = written.into_parts();
    let again: O = wire::decode_request(&head, &body).expect("what is written can be read");
    assert_eq!(again, operation);
    true
}
