//! The forms of the body, when signing and when verifying.

use http::Method;
use rtc_signer::{
    Credentials, Payload, PayloadCheck, PayloadHash, SignableRequest, Signer, Verifier,
    VerifyErrorKind,
};

use crate::hand::{AK, BODY, Case, SK, sha256, verifier};
use crate::support::{Wire, vectors};

fn view<'w>(wire: &'w Wire, payload: Payload<'w>) -> SignableRequest<'w> {
    SignableRequest::new(&wire.method, &wire.path, wire.query.as_deref(), &wire.headers, payload)
}

#[test]
fn a_given_hash_is_signed_as_the_bytes_are() {
    for vector in vectors() {
        let wire = vector.unsigned();
        let signer = vector.signer();
        let hash = PayloadHash::of(&wire.body);
        let one = signer.canonical_request(&wire.view(), std::time::UNIX_EPOCH).unwrap();
        let request = view(&wire, Payload::Sha256(hash));
        let other = signer.canonical_request(&request, std::time::UNIX_EPOCH).unwrap();
        assert_eq!(one.as_str(), other.as_str(), "{}", vector.name);
    }
}

#[test]
fn a_given_hash_is_verified_as_the_bytes_are() {
    for vector in vectors() {
        let wire = vector.signed();
        let verifier = vector.verifier();
        let now = wire.signed_at();
        let hash = Payload::Sha256(PayloadHash::of(&wire.body));
        let one = verifier.verify(&wire.view(), now).map_err(|error| error.kind());
        let other = verifier.verify(&view(&wire, hash), now).map_err(|error| error.kind());
        assert_eq!(one.is_ok(), other.is_ok(), "{}", vector.name);
        assert_eq!(one.err(), other.err(), "{}", vector.name);
        let changed = Payload::Sha256(PayloadHash::of(b"another body"));
        let unsigned = wire.headers.get("x-sdk-content-sha256");
        if unsigned.is_none_or(|value| value != "UNSIGNED-PAYLOAD") {
            verifier.verify(&view(&wire, changed), now).unwrap_err();
        }
    }
}

#[test]
fn a_hash_is_read_in_any_case_and_written_in_lower_case() {
    let text = sha256(BODY);
    let hash: PayloadHash = text.to_uppercase().parse().unwrap();
    assert_eq!(hash, PayloadHash::of(BODY.as_bytes()));
    assert_eq!(hash.to_string(), text);
    assert!(format!("{:?}", Payload::Sha256(hash)).contains(&text));
    for bad in ["", "abc", &text[1..], &format!("{text}0"), &text.replace(&text[..1], "g")] {
        let error = bad.parse::<PayloadHash>().unwrap_err();
        assert!(error.to_string().contains("64 hex digits"));
    }
    let mut bytes = [0; 32];
    bytes[0] = 0xAB;
    assert!(PayloadHash::from_bytes(bytes).to_string().starts_with("ab00"));
}

#[test]
fn the_unsigned_form_adds_its_header_only_where_there_is_none() {
    let signer = Signer::new(Credentials::new(AK, SK));
    let mut wire = Wire::new("POST", "/");
    let names = |wire: &Wire| -> Vec<String> {
        let request = view(wire, Payload::Unsigned);
        let signed = signer.sign(&request, std::time::UNIX_EPOCH).unwrap();
        signed.headers().map(|(name, _)| name.to_string()).collect()
    };
    assert_eq!(names(&wire), ["x-sdk-date", "x-sdk-content-sha256", "authorization"]);
    wire.set("x-sdk-content-sha256", "something");
    assert_eq!(names(&wire), ["x-sdk-date", "authorization"]);
}

#[test]
fn a_lenient_verifier_takes_a_signed_payload_header_as_it_is() {
    let mut case = Case::new("/v2/apps", "/v2/apps/", "");
    case.header("x-sdk-content-sha256", &"a".repeat(64));
    case.payload = "a".repeat(64);
    let wire = case.signed();
    let strict = verifier().verify(&wire.view(), wire.signed_at()).unwrap_err();
    assert_eq!(strict.kind(), VerifyErrorKind::PayloadMismatch);
    let lenient = verifier().with_payload_check(PayloadCheck::Lenient);
    lenient.verify(&wire.view(), wire.signed_at()).unwrap();

    // It is still signed, alone, and only taken where it is signed.
    let mut changed = wire.clone();
    changed.set("x-sdk-content-sha256", &"b".repeat(64));
    assert!(lenient.verify(&changed.view(), wire.signed_at()).unwrap_err().is_signature_mismatch());
    let mut repeated = wire.clone();
    let again = repeated.headers["x-sdk-content-sha256"].clone();
    repeated.headers.append("x-sdk-content-sha256", again);
    let error = lenient.verify(&repeated.view(), wire.signed_at()).unwrap_err();
    assert_eq!(error.kind(), VerifyErrorKind::PayloadMismatch);
    let mut unsigned = Case::new("/v2/apps", "/v2/apps/", "").signed();
    unsigned.set("x-sdk-content-sha256", &"a".repeat(64));
    lenient.verify(&unsigned.view(), unsigned.signed_at()).unwrap();
    unsigned.body.push(b' ');
    lenient.verify(&unsigned.view(), unsigned.signed_at()).unwrap_err();
}

#[test]
fn every_vector_is_accepted_by_a_lenient_verifier() {
    let mut count = 0;
    for vector in vectors() {
        let wire = vector.signed();
        let verifier: Verifier = vector.verifier().with_payload_check(PayloadCheck::Lenient);
        let verified = verifier.verify(&wire.view(), wire.signed_at());
        let verified = verified.unwrap_or_else(|error| panic!("{}: {error}", vector.name));
        assert_eq!(verified.tolerance(), None, "{}", vector.name);
        count += 1;
    }
    assert_eq!(count, 197 + 69);
}

#[test]
fn what_is_signed_is_what_is_sent() {
    // Nothing of the request is changed: odd encodings, order and spacing stay as they are.
    let target = "/v2/a%2fb//c%zz?b=2&&a=%41+x&a";
    let mut wire = Wire::new("POST", target);
    wire.set("x-spaced", " a  b ");
    let (path, query) = (wire.path.clone(), wire.query.clone());
    let before = wire.headers.clone();
    let signer = Signer::new(Credentials::new(AK, SK));
    let at = std::time::UNIX_EPOCH;
    signer.sign(&wire.view(), at).unwrap().apply(&mut wire.headers);
    assert_eq!((&wire.path, &wire.query), (&path, &query));
    assert_eq!(wire.method, Method::POST);
    for (name, value) in &before {
        assert_eq!(wire.headers.get(name), Some(value));
    }
    verifier().verify(&wire.view(), at).unwrap();
}
