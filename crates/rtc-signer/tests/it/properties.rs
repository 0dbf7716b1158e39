//! Properties that hold for any request.

use http::{HeaderName, HeaderValue, Method};
use proptest::prelude::*;
use rtc_signer::date::{format_sdk_date, parse_sdk_date};
use rtc_signer::{Signer, Verdict, Verifier};

use crate::hand::{AK, DATE, SK, verifier};
use crate::support::Wire;

fn signer() -> Signer {
    Signer::new(rtc_signer::Credentials::new(AK, SK))
}

/// The bytes that a header's value may hold.
fn value() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![0x20..=0x7E_u8, 0x80..=0xFF_u8, Just(b'\t')];
    proptest::collection::vec(byte, 0..20)
}

fn header() -> impl Strategy<Value = (String, Vec<u8>)> {
    ("[a-z][a-z0-9_-]{0,8}", value())
}

prop_compose! {
    fn wire()(
        method in "[A-Za-z!#]{1,8}",
        path in prop_oneof!["/[a-z0-9/%+$~. -]{0,30}", ".{0,30}"],
        query in prop_oneof![
            Just(None),
            "[a-c=&%+0-9F{~-]{0,40}".prop_map(Some),
            ".{0,40}".prop_map(Some),
        ],
        headers in proptest::collection::vec(header(), 0..6),
        body in proptest::collection::vec(any::<u8>(), 0..100),
    ) -> Wire {
        let mut wire = Wire::new("GET", "/");
        wire.method = Method::from_bytes(method.as_bytes()).unwrap();
        wire.path = path;
        wire.query = query;
        wire.body = body;
        wire.set("host", "rtc-api.example.com");
        for (name, value) in headers {
            let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
            wire.headers.append(name, HeaderValue::from_bytes(&value).unwrap());
        }
        wire
    }
}

fn sign(wire: &mut Wire) {
    let at = parse_sdk_date(DATE).unwrap();
    signer().sign(&wire.view(), at).unwrap().apply(&mut wire.headers);
}

/// Verifies and explains; the two must agree.
fn look_at(verifier: &Verifier, wire: &Wire, theirs: Option<&str>) -> bool {
    let now = parse_sdk_date(DATE).unwrap();
    let accepted = verifier.verify(&wire.view(), now).is_ok();
    let explanation = verifier.explain(&wire.view(), Some(now), theirs);
    assert_eq!(explanation.verdict() == Verdict::Accepted, accepted);
    assert_eq!(explanation.reason().is_none(), accepted);
    assert!(!format!("{explanation} {explanation:?}").is_empty());
    accepted
}

proptest! {
    #[test]
    fn what_is_signed_is_accepted_by_the_base_rule(mut wire in wire()) {
        sign(&mut wire);
        let verifier = verifier();
        let verified = verifier.verify(&wire.view(), wire.signed_at());
        prop_assert_eq!(verified.unwrap().tolerance(), None);
        prop_assert!(look_at(&verifier, &wire, None));
    }

    #[test]
    fn the_canonical_request_of_signer_and_verifier_is_one(mut wire in wire()) {
        let at = parse_sdk_date(DATE).unwrap();
        let signed = signer().canonical_request(&wire.view(), at).unwrap();
        sign(&mut wire);
        let explanation = verifier().explain(&wire.view(), None, Some(signed.as_str()));
        prop_assert_eq!(explanation.canonical_request(), Some(signed.as_str()));
    }

    #[test]
    fn the_order_of_query_pairs_on_the_wire_does_not_matter(
        pairs in proptest::collection::vec("[a-c%2B0+~-]{0,4}(=[a-c%2B0+~=-]{0,4})?", 0..50),
        seed in any::<prop::sample::Index>(),
    ) {
        let mut wire = Wire::new("GET", "/v2/apps");
        wire.query = Some(pairs.join("&"));
        sign(&mut wire);
        let mut moved = pairs.clone();
        moved.reverse();
        let by = if moved.is_empty() { 0 } else { seed.index(moved.len()) };
        moved.rotate_left(by);
        wire.query = Some(moved.join("&"));
        let verifier = verifier();
        let verified = verifier.verify(&wire.view(), wire.signed_at());
        prop_assert_eq!(verified.unwrap().tolerance(), None);
    }

    #[test]
    fn a_changed_body_is_refused(mut wire in wire(), other in any::<Vec<u8>>()) {
        prop_assume!(wire.body != other);
        sign(&mut wire);
        wire.body = other;
        prop_assert!(!look_at(&verifier(), &wire, None));
    }

    #[test]
    fn a_changed_method_is_refused(mut wire in wire(), other in "[A-Z]{1,8}") {
        prop_assume!(wire.method.as_str() != other);
        sign(&mut wire);
        wire.method = Method::from_bytes(other.as_bytes()).unwrap();
        prop_assert!(!look_at(&verifier(), &wire, None));
    }

    #[test]
    fn a_path_segment_more_is_refused(mut wire in wire(), more in "[a-z0-9~]{1,8}") {
        sign(&mut wire);
        wire.path = format!("{}/{more}", wire.path);
        prop_assert!(!look_at(&verifier(), &wire, None));
    }

    #[test]
    fn a_query_pair_more_is_refused(mut wire in wire(), more in "[a-z0-9~]{1,8}") {
        sign(&mut wire);
        wire.query = Some(format!("{}&{more}", wire.query.unwrap_or_default()));
        prop_assert!(!look_at(&verifier(), &wire, None));
    }

    #[test]
    fn any_authorization_is_read_without_a_panic(
        mut wire in wire(),
        bytes in value(),
        theirs in proptest::option::of(".{0,60}"),
    ) {
        sign(&mut wire);
        wire.headers.insert("authorization", HeaderValue::from_bytes(&bytes).unwrap());
        prop_assert!(!look_at(&verifier(), &wire, theirs.as_deref()));
    }

    #[test]
    fn any_wrong_signature_is_explained_without_a_panic(
        mut wire in wire(),
        key in "[A-Z]{0,2}",
        names in "[a-z;_-]{0,10}",
        signature in "[0-9a-fA-F]{64}",
        theirs in proptest::option::of("(.|\n|\\|){0,60}"),
    ) {
        for name in names.split(';').filter(|name| !name.is_empty()) {
            wire.set(name, "v");
        }
        wire.set("x-sdk-date", DATE);
        let key = if key.is_empty() { AK } else { &key };
        let value = format!(
            "SDK-HMAC-SHA256 Access={key}, SignedHeaders=host;x-sdk-date;{names}, \
             Signature={signature}"
        );
        wire.set("authorization", &value);
        prop_assert!(!look_at(&verifier(), &wire, theirs.as_deref()));
    }

    #[test]
    fn a_date_is_written_and_read_back(seconds in 0..253_402_300_799_u64) {
        let at = std::time::UNIX_EPOCH + std::time::Duration::from_secs(seconds);
        let text = format_sdk_date(at).unwrap();
        prop_assert_eq!(parse_sdk_date(&text), Some(at));
    }

    #[test]
    fn any_text_is_read_as_a_date_or_refused(text in ".{0,20}") {
        if let Some(at) = parse_sdk_date(&text) {
            prop_assert_eq!(format_sdk_date(at).unwrap().to_string(), text);
        }
    }
}
