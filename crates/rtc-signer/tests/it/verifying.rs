//! Each reason for which a request is refused, and the order of the checks.

use std::error::Error;
use std::time::{Duration, SystemTime};

use http::HeaderValue;
use rtc_signer::{
    Credentials, Payload, SecurityTokenProblem, SignableRequest, Verifier, VerifyError,
    VerifyErrorKind,
};

use crate::hand::{AK, Case, DATE, SK, verifier};
use crate::support::{Wire, all_vectors};

fn case() -> Case {
    Case::new("/v2/apps", "/v2/apps/", "")
}

#[track_caller]
fn refused_by(verifier: &Verifier, wire: &Wire, now: SystemTime) -> VerifyError {
    let error = verifier.verify(&wire.view(), now).unwrap_err();
    let words = error.to_string();
    assert!(!words.contains(SK) && !words.ends_with('.'), "{words}");
    error
}

#[track_caller]
fn refused(wire: &Wire) -> VerifyError {
    refused_by(&verifier(), wire, case().signed().signed_at())
}

fn temporary() -> Verifier {
    Verifier::new().with_key(Credentials::new(AK, SK).with_security_token("the-token"))
}

#[test]
fn an_accepted_request_tells_who_signed_it_and_when() {
    let wire = case().signed();
    let verifier = verifier();
    let verified = verifier.verify(&wire.view(), wire.signed_at()).unwrap();
    assert_eq!(verified.access_key(), AK);
    assert_eq!(verified.tolerance(), None);
    assert_eq!(verified.signed_at(), wire.signed_at());
    assert!(verifier.knows(AK) && !verifier.knows("other"));
}

#[test]
fn an_accepted_request_tells_how_old_its_signature_is() {
    let wire = case().signed();
    let (verifier, at) = (verifier(), wire.signed_at());
    let age = |now: SystemTime| verifier.verify(&wire.view(), now).unwrap().age();
    assert_eq!(age(at), Duration::ZERO);
    assert_eq!(age(at + Duration::from_millis(2500)), Duration::from_millis(2500));
    assert_eq!(age(at + Duration::from_secs(900)), Duration::from_secs(900));
    assert_eq!(age(at - Duration::from_secs(900)), Duration::ZERO, "signed ahead of the time");
}

#[test]
fn a_missing_authorization_is_named() {
    let mut wire = case().signed();
    wire.headers.remove("authorization");
    assert_eq!(refused(&wire).kind(), VerifyErrorKind::MissingAuthorization);
}

#[test]
fn a_malformed_authorization_has_a_source() {
    let mut wire = case().signed();
    wire.set("authorization", "SDK-HMAC-SHA256 Access=AK");
    let error = refused(&wire);
    assert_eq!(error.kind(), VerifyErrorKind::MalformedAuthorization);
    assert!(error.source().is_some());

    let mut wire = case().signed();
    let again = wire.headers["authorization"].clone();
    wire.headers.append("authorization", again);
    assert_eq!(refused(&wire).kind(), VerifyErrorKind::MalformedAuthorization);
}

#[test]
fn a_header_that_is_named_and_sent_twice_is_refused() {
    for name in ["x-a", "x-z"] {
        let mut case = case();
        case.header(name, "1");
        let mut wire = case.signed();
        let once = wire.headers["authorization"].to_str().unwrap();
        let twice = once.replace(name, &format!("{name};{name}"));
        wire.set("authorization", &twice);
        wire.headers.append(name, HeaderValue::from_static("1"));
        let error = refused(&wire);
        assert_eq!(error.kind(), VerifyErrorKind::MalformedAuthorization);
        let reason = error.source().unwrap().to_string();
        assert_eq!(reason, "SignedHeaders names a header twice");
    }
}

#[test]
fn another_algorithm_is_named() {
    for algorithm in ["SDK-HMAC-SM3", "V11-HMAC-SHA256"] {
        let mut wire = case().signed();
        let text = wire.text("authorization").replace("SDK-HMAC-SHA256", algorithm);
        wire.set("authorization", &text);
        match refused(&wire) {
            VerifyError::UnsupportedAlgorithm { algorithm: named } => assert_eq!(named, algorithm),
            other => panic!("{other}"),
        }
    }
}

#[test]
fn the_vectors_of_other_algorithms_are_refused_by_their_names() {
    let mut others = all_vectors();
    others.retain(|vector| vector.algorithm != "SDK-HMAC-SHA256" && vector.authorization.is_some());
    assert_eq!(others.len(), 67 + 4);
    for vector in others {
        let wire = vector.signed();
        let verifier = Verifier::new().with_key(vector.credentials());
        match refused_by(&verifier, &wire, wire.signed_at()) {
            VerifyError::UnsupportedAlgorithm { algorithm } => {
                assert_eq!(algorithm, vector.algorithm, "{}", vector.name);
            }
            other => panic!("{}: {other}", vector.name),
        }
    }
}

#[test]
fn an_unknown_key_is_named() {
    let wire = case().signed();
    match refused_by(&Verifier::new(), &wire, wire.signed_at()) {
        VerifyError::UnknownAccessKey { access_key } => assert_eq!(access_key, AK),
        other => panic!("{other}"),
    }
}

#[test]
fn a_missing_or_unsigned_or_malformed_date_is_named() {
    let mut wire = case().signed();
    wire.headers.remove("x-sdk-date");
    assert_eq!(refused(&wire).kind(), VerifyErrorKind::MissingDate);

    let mut unsigned = case();
    unsigned.headers.retain(|(name, _)| name != "x-sdk-date");
    assert_eq!(refused(&unsigned.signed()).kind(), VerifyErrorKind::DateNotSigned);

    let mut wire = case().signed();
    wire.set("x-sdk-date", "2024-01-02T03:04:05Z");
    match refused(&wire) {
        VerifyError::MalformedDate { value } => assert_eq!(value, "2024-01-02T03:04:05Z"),
        other => panic!("{other}"),
    }

    let mut wire = case().signed();
    wire.headers.append("x-sdk-date", HeaderValue::from_static(DATE));
    assert_eq!(refused(&wire).kind(), VerifyErrorKind::MalformedDate);
}

#[test]
fn a_date_of_fifteen_minutes_is_fresh_and_a_second_more_is_stale() {
    let wire = case().signed();
    let at = wire.signed_at();
    let verifier = verifier();
    let (last, over) = (Duration::from_secs(900), Duration::from_secs(901));
    verifier.verify(&wire.view(), at + last).unwrap();
    verifier.verify(&wire.view(), at - last).unwrap();
    for (now, words) in [(at + over, "901 s behind the"), (at - over, "901 s ahead of the")] {
        let error = refused_by(&verifier, &wire, now);
        assert!(error.is_outside_skew());
        assert!(error.to_string().contains(words), "{error}");
        assert!(error.to_string().contains(DATE), "{error}");
        match error {
            VerifyError::OutsideSkew { signed_at, server_time, max_skew } => {
                assert_eq!((signed_at, server_time, max_skew), (at, now, last));
            }
            other => panic!("{other}"),
        }
    }
}

#[test]
fn the_allowed_skew_can_be_set() {
    let wire = case().signed();
    let verifier = verifier().with_max_skew(Duration::from_secs(1));
    verifier.verify(&wire.view(), wire.signed_at() + Duration::from_secs(1)).unwrap();
    let now = wire.signed_at() + Duration::from_secs(2);
    assert!(refused_by(&verifier, &wire, now).is_outside_skew());
}

#[test]
fn a_signed_header_that_is_absent_is_named() {
    let mut case = case();
    case.header("x-a", "1");
    let mut wire = case.signed();
    wire.headers.remove("x-a");
    match refused(&wire) {
        VerifyError::MissingSignedHeader { name } => assert_eq!(name, "x-a"),
        other => panic!("{other}"),
    }
}

#[test]
fn a_security_token_must_be_there_signed_and_the_keys_own() {
    let problem =
        |verifier: &Verifier, wire: &Wire| match refused_by(verifier, wire, wire.signed_at()) {
            VerifyError::SecurityToken { problem } => problem,
            other => panic!("{other}"),
        };
    let mut good = case();
    good.header("x-security-token", "the-token");
    temporary().verify(&good.signed().view(), good.signed().signed_at()).unwrap();

    assert_eq!(problem(&temporary(), &case().signed()), SecurityTokenProblem::Missing);
    let mut unsigned = case().signed();
    unsigned.set("x-security-token", "the-token");
    assert_eq!(problem(&temporary(), &unsigned), SecurityTokenProblem::NotSigned);
    let mut other = case();
    other.header("x-security-token", "the-tokem");
    assert_eq!(problem(&temporary(), &other.signed()), SecurityTokenProblem::Other);
    assert_eq!(problem(&verifier(), &good.signed()), SecurityTokenProblem::Unexpected);
}

#[test]
fn a_payload_header_must_be_the_hash_of_the_body() {
    let right = case().payload;
    let mut good = case();
    good.header("x-sdk-content-sha256", &right.to_uppercase());
    good.payload = right.to_uppercase();
    good.is_accepted(None);

    let mut bad = case();
    bad.header("x-sdk-content-sha256", &"a".repeat(64));
    bad.payload = "a".repeat(64);
    match refused(&bad.signed()) {
        VerifyError::PayloadMismatch { given, computed } => {
            assert_eq!((given, computed), ("a".repeat(64), right));
        }
        other => panic!("{other}"),
    }
}

#[test]
fn a_payload_header_that_is_not_signed_is_ignored() {
    let mut wire = case().signed();
    wire.set("x-sdk-content-sha256", "UNSIGNED-PAYLOAD");
    verifier().verify(&wire.view(), wire.signed_at()).unwrap();
    wire.body.push(b' ');
    assert!(refused(&wire).is_signature_mismatch());
}

#[test]
fn a_body_that_is_not_at_hand_needs_a_signed_payload_header() {
    fn view(wire: &Wire) -> SignableRequest<'_> {
        SignableRequest::new(&wire.method, &wire.path, None, &wire.headers, Payload::Unsigned)
    }
    let mut case = case();
    let wire = case.signed();
    assert!(verifier().verify(&view(&wire), wire.signed_at()).is_err());
    let hash = case.payload.clone();
    case.header("x-sdk-content-sha256", &hash);
    let wire = case.signed();
    verifier().verify(&view(&wire), wire.signed_at()).unwrap();
}

#[test]
fn a_mismatch_carries_the_canonical_request() {
    let case = case();
    let mut wire = case.signed();
    let text = wire.text("authorization");
    let text = format!("{}{}", &text[..text.len() - 64], "0".repeat(64));
    wire.set("authorization", &text);
    let error = refused(&wire);
    let canonical = error.canonical_request().unwrap();
    assert_eq!(canonical.to_string(), case.canonical());
    assert_eq!(canonical.gateway_form(), case.canonical().replace('\n', "|"));
}

#[test]
fn the_first_of_several_reasons_is_told() {
    // Every check fails; each is repaired in turn, and the next one speaks.
    let mut wire = Wire::new("POST", "/");
    let now = case().signed().signed_at();
    let verifier = temporary();
    let kind = |wire: &Wire| refused_by(&verifier, wire, now).kind();
    let authorize = |wire: &mut Wire, algorithm: &str, key: &str, names: &str| {
        let signature = "0".repeat(64);
        let value =
            format!("{algorithm} Access={key}, SignedHeaders={names}, Signature={signature}");
        wire.set("authorization", &value);
    };
    let (sha256, all) = ("SDK-HMAC-SHA256", "x-a;x-sdk-content-sha256;x-sdk-date;x-security-token");
    assert_eq!(kind(&wire), VerifyErrorKind::MissingAuthorization);
    authorize(&mut wire, "SDK-HMAC-SM3", "?", "x-a");
    assert_eq!(kind(&wire), VerifyErrorKind::UnsupportedAlgorithm);
    authorize(&mut wire, sha256, "", "x-a");
    assert_eq!(kind(&wire), VerifyErrorKind::MalformedAuthorization);
    authorize(&mut wire, sha256, "?", "x-a");
    assert_eq!(kind(&wire), VerifyErrorKind::UnknownAccessKey);
    authorize(&mut wire, sha256, AK, "x-a");
    assert_eq!(kind(&wire), VerifyErrorKind::MissingDate);
    wire.set("x-sdk-date", "x");
    assert_eq!(kind(&wire), VerifyErrorKind::DateNotSigned);
    authorize(&mut wire, sha256, AK, all);
    assert_eq!(kind(&wire), VerifyErrorKind::MalformedDate);
    wire.set("x-sdk-date", "20230102T030405Z");
    assert_eq!(kind(&wire), VerifyErrorKind::OutsideSkew);
    wire.set("x-sdk-date", DATE);
    assert_eq!(kind(&wire), VerifyErrorKind::MissingSignedHeader);
    wire.set("x-a", "");
    wire.set("x-sdk-content-sha256", "x");
    wire.set("x-security-token", "x");
    assert_eq!(kind(&wire), VerifyErrorKind::SecurityToken);
    wire.set("x-security-token", "the-token");
    assert_eq!(kind(&wire), VerifyErrorKind::PayloadMismatch);
    wire.set("x-sdk-content-sha256", "UNSIGNED-PAYLOAD");
    assert_eq!(kind(&wire), VerifyErrorKind::SignatureMismatch);
}
