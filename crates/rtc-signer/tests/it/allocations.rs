//! How often the heap is used; no times are measured here.

use allocation_counter::measure;
use http::Request;
use http::request::Parts;
use rtc_signer::{Credentials, DerivedKeys, Payload, Scope, SignableRequest, Signer, Verifier};

use crate::hand::{AK, BODY, SK};
use crate::support::{capture_verifier, captures, vectors};

fn head(method: &str) -> Parts {
    let request = Request::builder()
        .method(method)
        .uri("https://rtc-api.example.com/v2/apps?limit=10&offset=0")
        .header("content-type", "application/json")
        .header("user-agent", "agent/1.0")
        .header("x-project-id", "0123456789abcdef0123456789abcdef")
        .body(())
        .unwrap();
    request.into_parts().0
}

#[track_caller]
fn count<T>(what: impl FnOnce() -> T) -> (u64, T) {
    let mut result = None;
    let counted = measure(|| result = Some(what()));
    (counted.count_total, result.unwrap())
}

#[test]
fn signing_takes_nothing_from_the_heap_and_its_headers_take_three_pieces() {
    let scope = Scope::new("cn-north-4", "rtc").unwrap();
    let now = std::time::UNIX_EPOCH;
    for (method, body) in [("GET", ""), ("PUT", BODY)] {
        for signer in [
            Signer::new(Credentials::new(AK, SK)),
            Signer::derived(Credentials::new(AK, SK), scope.clone()),
        ] {
            let mut parts = head(method);
            let payload = Payload::Bytes(body.as_bytes());
            let request = SignableRequest::from_parts(&parts, payload);
            // The key of the day is derived once.
            signer.sign(&request, now).unwrap();
            let (none, signed) = count(|| signer.sign(&request, now));
            assert_eq!(none, 0, "{method} {}", signer.algorithm());
            drop(signed);
            // Host, date and Authorization.
            let (pieces, signed) = count(|| signer.sign_parts(&mut parts, payload, now));
            signed.unwrap();
            assert_eq!(pieces, 3, "{method} {}", signer.algorithm());
        }
    }
}

#[test]
fn a_preset_date_and_host_leave_one_piece() {
    let signer = Signer::new(Credentials::new(AK, SK));
    let mut parts = head("GET");
    parts.headers.insert("host", "rtc-api.example.com".parse().unwrap());
    parts.headers.insert("x-sdk-date", "20240102T030405Z".parse().unwrap());
    let (pieces, signed) =
        count(|| signer.sign_parts(&mut parts, Payload::Bytes(b""), std::time::UNIX_EPOCH));
    signed.unwrap();
    assert_eq!(pieces, 1);
}

#[test]
fn an_accepted_request_takes_nothing_from_the_heap() {
    let mut counted = 0;
    for vector in vectors() {
        let wire = vector.signed();
        let pairs = vector.query.len();
        if wire.signed_names().len() > 10 || pairs > 6 {
            continue;
        }
        let verifier = vector.verifier();
        let now = wire.signed_at();
        let request = wire.view();
        // The first request of a day derives its key.
        if verifier.verify(&request, now).is_ok() {
            let (none, verified) = count(|| verifier.verify(&request, now));
            verified.unwrap();
            assert_eq!(none, 0, "{}", vector.name);
            counted += 1;
        }
    }
    assert!(counted > 240, "{counted}");
    let verifier = capture_verifier();
    for capture in captures() {
        let (request, now) = (capture.wire.view(), capture.wire.signed_at());
        let (pieces, verified) = count(|| verifier.verify(&request, now));
        if verified.is_ok_and(|verified| verified.tolerance().is_none()) {
            assert_eq!(pieces, 0, "{}", capture.name);
        }
    }
}

#[test]
fn a_long_request_is_verified_too() {
    // More headers, pairs and bytes than stand on the stack.
    let mut parts = head("POST");
    for index in 0..100 {
        let name: http::HeaderName = format!("x-{index:03}").parse().unwrap();
        parts.headers.insert(name, "value".repeat(index).parse().unwrap());
    }
    let pairs: Vec<String> = (0..500).rev().map(|index| format!("k{index}=%20{index}")).collect();
    let uri = format!("https://rtc-api.example.com/{}?{}", "a%20".repeat(500), pairs.join("&"));
    parts.uri = uri.parse().unwrap();
    let now = std::time::UNIX_EPOCH;
    let scope = Scope::new(&"r".repeat(60), &"s".repeat(60)).unwrap();
    let body = vec![b'x'; 100_000];
    for signer in
        [Signer::new(Credentials::new(AK, SK)), Signer::derived(Credentials::new(AK, SK), scope)]
    {
        let mut parts = parts.clone();
        signer.sign_parts(&mut parts, Payload::Bytes(&body), now).unwrap();
        let verifier = Verifier::new()
            .with_key(Credentials::new(AK, SK))
            .with_derived_keys(DerivedKeys::AnyScope);
        let arrived = SignableRequest::from_parts(&parts, Payload::Bytes(&body));
        verifier.verify(&arrived, now).unwrap();
    }
}
