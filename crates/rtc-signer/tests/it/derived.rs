//! `V11-HMAC-SHA256`: which scopes and days are accepted, and what is told of the others.

use std::time::{Duration, SystemTime};

use http::Request;
use http::request::Parts;
use rtc_signer::date::parse_sdk_date;
use rtc_signer::{
    Credentials, DerivedKeys, Hypothesis, Payload, Reason, Scope, SignError, SignableRequest,
    Signer, Verdict, Verifier, VerifyError, VerifyErrorKind,
};

use crate::hand::{AK, SK};
use crate::support::vectors;

fn at() -> SystemTime {
    parse_sdk_date("20240102T030405Z").unwrap()
}

fn scope() -> Scope {
    Scope::new("cn-north-4", "rtc").unwrap()
}

fn signed_by(signer: &Signer) -> Parts {
    let request = Request::get("https://rtc-api.example.com/v2/apps").body(()).unwrap();
    let (mut parts, ()) = request.into_parts();
    signer.sign_parts(&mut parts, Payload::Bytes(b""), at()).unwrap();
    parts
}

fn signed() -> Parts {
    signed_by(&Signer::derived(Credentials::new(AK, SK), scope()))
}

fn view(parts: &Parts) -> SignableRequest<'_> {
    SignableRequest::from_parts(parts, Payload::Bytes(b""))
}

fn verifier(derived: DerivedKeys) -> Verifier {
    Verifier::new().with_key(Credentials::new(AK, SK)).with_derived_keys(derived)
}

#[track_caller]
fn refused(derived: DerivedKeys, parts: &Parts) -> VerifyError {
    let error = verifier(derived).verify(&view(parts), at()).unwrap_err();
    let explanation = verifier(DerivedKeys::Refused).explain(&view(parts), Some(at()), None);
    assert_eq!(explanation.verdict(), Verdict::Refused);
    error
}

fn replace_in_authorization(parts: &mut Parts, from: &str, to: &str) {
    let text = parts.headers["authorization"].to_str().unwrap().replace(from, to);
    parts.headers.insert("authorization", text.parse().unwrap());
}

#[test]
fn derived_keys_are_accepted_only_when_asked_for() {
    let parts = signed();
    let error = refused(DerivedKeys::default(), &parts);
    assert!(matches!(error, VerifyError::UnsupportedAlgorithm { algorithm }
        if algorithm == "V11-HMAC-SHA256"));
    for derived in [DerivedKeys::AnyScope, DerivedKeys::Scope(scope())] {
        let verifier = verifier(derived);
        assert_eq!(verifier.verify(&view(&parts), at()).unwrap().access_key(), AK);
    }
}

#[test]
fn the_other_algorithm_stays_accepted() {
    let parts = signed_by(&Signer::new(Credentials::new(AK, SK)));
    let verifier = verifier(DerivedKeys::Scope(scope()));
    verifier.verify(&view(&parts), at()).unwrap();
}

#[test]
fn another_scope_is_named() {
    let other = Scope::new("cn-north-4", "iam").unwrap();
    match refused(DerivedKeys::Scope(other), &signed()) {
        VerifyError::WrongScope { given, expected } => {
            assert_eq!((given.as_str(), expected.as_str()), ("cn-north-4/rtc", "cn-north-4/iam"));
        }
        error => panic!("{error}"),
    }
    let mut parts = signed();
    replace_in_authorization(&mut parts, "cn-north-4/rtc", "cn-north-4/iam");
    assert!(refused(DerivedKeys::AnyScope, &parts).is_signature_mismatch());
}

#[test]
fn the_day_of_the_credential_must_be_that_of_the_date() {
    let mut parts = signed();
    replace_in_authorization(&mut parts, "/20240102/", "/20240101/");
    match refused(DerivedKeys::AnyScope, &parts) {
        VerifyError::CredentialDate { credential, date } => {
            assert_eq!((credential.as_str(), date.as_str()), ("20240101", "20240102T030405Z"));
        }
        error => panic!("{error}"),
    }
}

#[test]
fn a_stale_date_is_told_after_the_scope() {
    let parts = signed();
    let late = at() + Duration::from_secs(3600);
    let kind = |derived| verifier(derived).verify(&view(&parts), late).unwrap_err().kind();
    assert_eq!(kind(DerivedKeys::AnyScope), VerifyErrorKind::OutsideSkew);
    let other = Scope::new("cn-north-4", "iam").unwrap();
    assert_eq!(kind(DerivedKeys::Scope(other)), VerifyErrorKind::WrongScope);
}

#[test]
fn each_day_has_its_own_key() {
    let signer = Signer::derived(Credentials::new(AK, SK), scope());
    let verifier = verifier(DerivedKeys::AnyScope);
    for hours in [0, 1, 24, 25, 0] {
        let now = at() + Duration::from_secs(hours * 3600);
        let request = Request::get("https://rtc-api.example.com/v2/apps").body(()).unwrap();
        let (mut parts, ()) = request.into_parts();
        signer.sign_parts(&mut parts, Payload::Bytes(b""), now).unwrap();
        verifier.verify(&view(&parts), now).unwrap();
    }
}

#[test]
fn a_clone_of_a_signer_shares_the_key_and_agrees() {
    let signer = Signer::derived(Credentials::new(AK, SK), scope());
    let first = signed_by(&signer).headers["authorization"].clone();
    let clone = signer.clone();
    let other = std::thread::spawn(move || signed_by(&clone).headers["authorization"].clone());
    assert_eq!(first, other.join().unwrap());
}

#[test]
fn an_access_key_with_a_comma_and_a_slash_is_read_back() {
    let credentials = Credentials::new("A,K/20240101/r/s", SK);
    let parts = signed_by(&Signer::derived(credentials.clone(), scope()));
    let verifier =
        Verifier::new().with_key(credentials).with_derived_keys(DerivedKeys::Scope(scope()));
    let verified = verifier.verify(&view(&parts), at()).unwrap();
    assert_eq!(verified.access_key(), "A,K/20240101/r/s");
}

#[test]
fn an_access_key_that_cannot_stand_in_a_header_is_refused() {
    let signer = Signer::derived(Credentials::new("a\nb", SK), scope());
    let request = Request::get("https://a.example/").body(()).unwrap();
    let (mut parts, ()) = request.into_parts();
    let error = signer.sign_parts(&mut parts, Payload::Bytes(b""), at()).unwrap_err();
    assert_eq!(error, SignError::BadAccessKey);
}

#[test]
fn the_explanation_shows_the_scope_and_computes_with_the_derived_key() {
    for vector in vectors().iter().filter(|vector| vector.algorithm == "V11-HMAC-SHA256") {
        let wire = vector.signed();
        let explanation = vector.verifier().explain(&wire.view(), Some(wire.signed_at()), None);
        assert_eq!(explanation.verdict(), Verdict::Accepted, "{}", vector.name);
        assert_eq!(explanation.algorithm(), Some("V11-HMAC-SHA256"));
        assert_eq!(explanation.canonical_request(), Some(vector.canonical_request.as_str()));
        assert_eq!(explanation.expected_signature(), explanation.given_signature());
        if vector.string_to_sign.is_some() {
            assert_eq!(explanation.string_to_sign(), vector.string_to_sign.as_deref());
        }
    }
}

#[test]
fn a_mistake_under_a_derived_key_is_named_too() {
    let other = Credentials::new("AKIDEXAMPLE0002OTHER", "another secret");
    let parts = signed_by(&Signer::derived(Credentials::new(AK, "another secret"), scope()));
    // The access key is the salt of the derivation, so the secret alone does not make the key.
    let verifier = verifier(DerivedKeys::AnyScope).with_key(other);
    let explanation = verifier.explain(&view(&parts), Some(at()), None);
    assert_eq!(explanation.reason(), Some(&Reason::NoneMatches));

    let mut parts = signed();
    let uri = "https://rtc-api.example.com/v2/apps?b=%20".parse().unwrap();
    parts.uri = uri;
    let explanation = verifier.explain(&view(&parts), Some(at()), None);
    assert_ne!(explanation.verdict(), Verdict::Accepted);

    let request = Request::get("https://rtc-api.example.com:8443/v2/apps").body(()).unwrap();
    let (mut parts, ()) = request.into_parts();
    parts.headers.insert("host", "rtc-api.example.com".parse().unwrap());
    let signer = Signer::derived(Credentials::new(AK, SK), scope());
    signer.sign_parts(&mut parts, Payload::Bytes(b""), at()).unwrap();
    parts.headers.insert("host", "rtc-api.example.com:8443".parse().unwrap());
    let explanation = verifier.explain(&view(&parts), Some(at()), None);
    let signed = "rtc-api.example.com".to_owned();
    let expected = Reason::Hypothesis(Hypothesis::HostWithoutPort { signed });
    assert_eq!(explanation.reason(), Some(&expected));
}
