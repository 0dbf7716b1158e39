//! The signer, step by step, against values that others computed.

use std::time::{SystemTime, UNIX_EPOCH};

use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderValue, Method, Request};
use rtc_signer::date::parse_sdk_date;
use rtc_signer::{Credentials, Payload, SignError, SignableRequest, Signer, Verifier};

use crate::support::{Vector, Wire, read, vectors};

fn at() -> SystemTime {
    parse_sdk_date("20240102T030405Z").unwrap()
}

#[test]
fn each_official_vector_is_reproduced_step_by_step() {
    for vector in vectors() {
        let name = &vector.name;
        let signer = vector.signer();
        assert_eq!(signer.algorithm().as_str(), vector.algorithm);
        let wire = vector.unsigned();
        // The date comes from the vector's header, so the clock must not matter.
        let canonical = signer.canonical_request(&wire.view(), UNIX_EPOCH).unwrap();
        assert_eq!(canonical.as_str(), vector.canonical_request, "{name}: canonical request");
        if let Some(expected) = &vector.string_to_sign {
            let text = signer.string_to_sign(&wire.view(), UNIX_EPOCH).unwrap();
            assert_eq!(text.as_str(), expected, "{name}: string to sign");
        }
        let signed = signer.sign(&wire.view(), UNIX_EPOCH).unwrap();
        let (_, authorization) =
            signed.headers().find(|(header, _)| *header == AUTHORIZATION).unwrap();
        let expected = vector.authorization.as_deref().unwrap();
        assert_eq!(authorization.as_bytes(), expected.as_bytes(), "{name}: authorization");
        assert!(expected.ends_with(&signed.signature().to_string()), "{name}: signature");
    }
}

#[test]
fn the_example_of_the_signing_guide_is_reproduced() {
    let mut anchors: Vec<Vector> = read("signing/anchors.jsonl");
    anchors.retain(|anchor| anchor.name == "guide_listvpcs");
    let [guide] = &anchors[..] else { panic!("{} rows", anchors.len()) };
    let signer = Signer::new(Credentials::new("AK", "SK"));
    let canonical = signer.canonical_request(&guide.unsigned().view(), UNIX_EPOCH).unwrap();
    assert_eq!(canonical.as_str(), guide.canonical_request);
    assert_eq!(Some(canonical.sha256_hex()), guide.canonical_request_sha256.as_deref());
}

/// Four requests whose values were computed with the official Python signer.
#[test]
fn the_four_requests_of_the_service_are_reproduced() {
    let callback = "/v2/apps/123456789abcdefghijklmno/record-callback";
    let body =
        r#"{"url":"https://cb.example.com/rtc","auth_key":"0123456789abcdef0123456789abcdef"}"#;
    let json = "application/json";
    for (method, target, content_type, body, token, hash, signature) in [
        (
            "GET",
            callback,
            json,
            "",
            None,
            "3869e8b4e51d95c0687d345b10c4c681ae5d38241e2e00ec069f86b02cd23ef9",
            "ff335b1ebec1bc5869a127f42140f8321d26221d020ae64a22358e70fd070134",
        ),
        (
            "GET",
            "/v2/apps?limit=10&offset=0&state=ACTIVATION",
            json,
            "",
            None,
            "ccf05120c3ebe9190ef99b5b20f9276bcbcf9b40726093dc47947f13f0fd46ca",
            "0f48a18fa23bdd3756c87215dfbd0a5498b34424e8ee68b248f077f51386b3f6",
        ),
        (
            "PUT",
            callback,
            "application/json;charset=utf-8",
            body,
            None,
            "dd6ce79377057188436c0c05f38275a06d15145e65b13128b31e1110ad678854",
            "2bf5070be4ac6c6e058b202b2074bf177f5f2de71098061eecf0b4a3caf6390d",
        ),
        (
            "POST",
            "/v2/apps/a1/rooms/room%20%E4%B8%AD~1/dismiss",
            json,
            "",
            Some("tok+/="),
            "e4cac8d18d80ed3b9f59673d5f30accf3bf99d785f2f7e5b6d2e701580eca135",
            "5327f0a3404d6c9fd593b9bfe8c002aee1a5532406b2118a6d15cd01608be9a6",
        ),
    ] {
        let mut credentials =
            Credentials::new("AKIDEXAMPLE00000000", "SKEXAMPLEsecret0000000000000000000000000");
        if let Some(token) = token {
            credentials = credentials.with_security_token(token);
        }
        let mut wire = Wire::new(method, target);
        wire.set("host", "rtc-api.myhuaweicloud.com");
        wire.set("content-type", content_type);
        wire.set("x-project-id", "0123456789abcdef0123456789abcdef");
        wire.body = body.as_bytes().to_vec();
        let signer = Signer::new(credentials.clone());
        let canonical = signer.canonical_request(&wire.view(), at()).unwrap();
        assert_eq!(canonical.sha256_hex(), hash, "{method} {target}");
        let signed = signer.sign(&wire.view(), at()).unwrap();
        assert_eq!(signed.signature().to_string(), signature, "{method} {target}");
        signed.apply(&mut wire.headers);
        let verifier = Verifier::new().with_key(credentials);
        assert_eq!(verifier.verify(&wire.view(), at()).unwrap().tolerance(), None);
    }
}

#[test]
fn the_head_of_a_request_is_signed_in_place() {
    let request = Request::post("https://user@rtc-api.myhuaweicloud.com:8443/v2/apps?b=2&a=1")
        .header("authorization", "old")
        .header("X_Internal", "1")
        .body(())
        .unwrap();
    let (mut parts, ()) = request.into_parts();
    let credentials = Credentials::new("AK", "SK").with_security_token("token");
    let signer = Signer::new(credentials.clone());
    signer.sign_parts(&mut parts, Payload::Unsigned, at()).unwrap();
    let headers = &parts.headers;
    assert_eq!(headers["host"], "rtc-api.myhuaweicloud.com:8443");
    assert_eq!(headers["x-sdk-date"], "20240102T030405Z");
    assert_eq!(headers["x-security-token"], "token");
    assert!(headers["x-security-token"].is_sensitive());
    assert_eq!(headers["x-sdk-content-sha256"], "UNSIGNED-PAYLOAD");
    assert!(headers["authorization"].is_sensitive());
    assert_eq!(headers.get_all("authorization").iter().count(), 1);
    let text = headers["authorization"].to_str().unwrap();
    assert!(
        text.contains(
            "SignedHeaders=host;x-sdk-content-sha256;x-sdk-date;x-security-token, Signature="
        ),
        "{text}"
    );
    assert_eq!(parts.uri.query(), Some("b=2&a=1"), "what is sent is never changed");
    let verifier = Verifier::new().with_key(credentials);
    for payload in [Payload::Bytes(b"any"), Payload::Bytes(b""), Payload::Unsigned] {
        let arrived = SignableRequest::from_parts(&parts, payload);
        verifier.verify(&arrived, at()).unwrap();
    }
}

#[test]
fn a_host_that_is_set_is_kept() {
    let request = Request::get("https://a.example/").header("host", "b.example").body(()).unwrap();
    let (mut parts, ()) = request.into_parts();
    let signer = Signer::new(Credentials::new("AK", "SK"));
    signer.sign_parts(&mut parts, Payload::Bytes(b""), at()).unwrap();
    assert_eq!(parts.headers["host"], "b.example");
}

#[test]
fn a_request_without_host_is_signed_without_it() {
    let wire = Wire::new("GET", "/v2/apps");
    let signer = Signer::new(Credentials::new("AK", "SK"));
    let canonical = signer.canonical_request(&wire.view(), at()).unwrap();
    assert!(canonical.as_str().contains("\n\nx-sdk-date:20240102T030405Z\n\nx-sdk-date\n"));
}

#[test]
fn a_date_that_the_request_brings_is_kept_or_named() {
    let signer = Signer::new(Credentials::new("AK", "SK"));
    let mut wire = Wire::new("GET", "/");
    wire.set("x-sdk-date", "20200608T023900Z");
    let text = signer.string_to_sign(&wire.view(), at()).unwrap();
    assert!(text.as_str().starts_with("SDK-HMAC-SHA256\n20200608T023900Z\n"));
    assert!(
        signer.sign(&wire.view(), at()).unwrap().headers().all(|(name, _)| name != "x-sdk-date")
    );

    wire.set("x-sdk-date", "2020-06-08");
    let error = signer.sign(&wire.view(), at()).unwrap_err();
    assert_eq!(error, SignError::MalformedDate { value: "2020-06-08".to_owned() });
    assert!(error.to_string().contains("2020-06-08"));

    wire.set("x-sdk-date", "20200608T023900Z");
    wire.headers.append("x-sdk-date", HeaderValue::from_static("20200608T023900Z"));
    let error = signer.sign(&wire.view(), at()).unwrap_err();
    assert!(matches!(error, SignError::MalformedDate { .. }));
}

#[test]
fn a_payload_header_that_the_request_brings_is_signed_as_it_is() {
    let signer = Signer::new(Credentials::new("AK", "SK"));
    let mut wire = Wire::new("POST", "/");
    wire.body = b"body".to_vec();
    wire.set("x-sdk-content-sha256", "something");
    let line = |wire: &Wire, payload| {
        let request = SignableRequest::new(&Method::POST, "/", None, &wire.headers, payload);
        let canonical = signer.canonical_request(&request, at()).unwrap();
        canonical.as_str().rsplit_once('\n').unwrap().1.to_owned()
    };
    assert_eq!(line(&wire, Payload::Bytes(b"body")), "something");
    assert_eq!(line(&wire, Payload::Unsigned), "something");
    assert!(line(&wire, Payload::Bytes(b"")).starts_with("e3b0c442"));
}

#[test]
fn what_cannot_stand_in_a_header_is_refused_and_changes_nothing() {
    let fails = |credentials: Credentials| {
        let (mut parts, ()) = Request::get("https://a.example/").body(()).unwrap().into_parts();
        let signer = Signer::new(credentials);
        let error = signer.sign_parts(&mut parts, Payload::Bytes(b""), at()).unwrap_err();
        assert!(parts.headers.is_empty());
        error
    };
    assert_eq!(fails(Credentials::new("a\nb", "SK")), SignError::BadAccessKey);
    assert_eq!(fails(Credentials::new("", "SK")), SignError::BadAccessKey);
    let token = Credentials::new("AK", "SK").with_security_token("t\n");
    assert_eq!(fails(token), SignError::BadSecurityToken);
}

#[test]
fn a_time_without_a_date_is_refused() {
    let wire = Wire::new("GET", "/");
    let late = parse_sdk_date("99991231T235959Z").unwrap() + std::time::Duration::from_secs(1);
    let signer = Signer::new(Credentials::new("AK", "SK"));
    assert_eq!(signer.sign(&wire.view(), late).unwrap_err(), SignError::DateOutOfRange);
}

#[test]
fn more_headers_than_a_verifier_reads_are_not_signed() {
    let signer = Signer::new(Credentials::new("AK", "SK"));
    let verifier = Verifier::new().with_key(Credentials::new("AK", "SK"));
    let mut wire = Wire::new("GET", "/");
    for index in 0..255 {
        wire.set(&format!("x-{index}"), "v");
    }
    signer.sign(&wire.view(), at()).unwrap().apply(&mut wire.headers);
    verifier.verify(&wire.view(), at()).unwrap();
    wire.set("x-255", "v");
    assert_eq!(signer.sign(&wire.view(), at()).unwrap_err(), SignError::TooManyHeaders);
}

#[test]
fn a_signer_can_be_shared_between_threads() {
    fn shared<T: Send + Sync + Clone + 'static>(value: T) -> T {
        value
    }
    let signer = shared(Signer::new(Credentials::new("AK", "SK")));
    let headers = HeaderMap::new();
    let request = SignableRequest::new(&Method::GET, "/", None, &headers, Payload::Bytes(b""));
    let one = signer.sign(&request, at()).unwrap().signature().to_string();
    let other = std::thread::spawn({
        let signer = signer.clone();
        move || {
            let headers = HeaderMap::new();
            let request =
                SignableRequest::new(&Method::GET, "/", None, &headers, Payload::Bytes(b""));
            signer.sign(&request, at()).unwrap().signature().to_string()
        }
    });
    assert_eq!(one, other.join().unwrap());
}
