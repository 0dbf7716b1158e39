//! Explanations other than hypotheses.

use std::time::Duration;

use rtc_signer::{Part, Reason, Verdict, Verifier, VerifyErrorKind};

use crate::hand::{AK, Case, DATE, verifier};

fn case() -> Case {
    Case::new("/v2/apps?limit=10", "/v2/apps/", "limit=10")
}

/// A signature that no known mistake leads to.
fn mystery() -> Case {
    let mut case = case();
    "never seen".clone_into(&mut case.secret);
    case
}

#[test]
fn an_accepted_request_shows_each_step() {
    let case = case();
    let wire = case.signed();
    let explanation = verifier().explain(&wire.view(), Some(wire.signed_at()), None);
    assert_eq!(explanation.verdict(), Verdict::Accepted);
    assert_eq!(explanation.algorithm(), Some("SDK-HMAC-SHA256"));
    assert_eq!(explanation.access_key(), Some(AK));
    assert_eq!(explanation.canonical_request(), Some(case.canonical().as_str()));
    let string_to_sign = explanation.string_to_sign().unwrap();
    assert!(string_to_sign.starts_with(&format!("SDK-HMAC-SHA256\n{DATE}\n")));
    assert!(wire.text("authorization").ends_with(explanation.given_signature().unwrap()));
    assert_eq!(explanation.expected_signature(), explanation.given_signature());
    assert_eq!(explanation.reason(), None);
    assert!(explanation.to_string().starts_with("signature accepted\n"));
}

#[test]
fn an_accepted_request_with_an_empty_body_shows_the_payload_line_that_was_signed() {
    let mut case = case();
    case.header("x-sdk-content-sha256", "UNSIGNED-PAYLOAD");
    case.wire.body.clear();
    for payload in ["UNSIGNED-PAYLOAD", &crate::hand::sha256("")] {
        payload.clone_into(&mut case.payload);
        case.is_accepted(None);
    }
}

#[test]
fn an_exact_reason_comes_with_its_words_and_its_source() {
    let mut wire = case().signed();
    wire.set("authorization", "SDK-HMAC-SHA256 Access=AK");
    let explanation = verifier().explain(&wire.view(), None, None);
    let Some(Reason::Exact { kind, text }) = explanation.reason() else { panic!("{explanation}") };
    assert_eq!(*kind, VerifyErrorKind::MalformedAuthorization);
    assert!(
        text.contains("is malformed")
            && text.ends_with("`, Signature=` is missing after the signed headers"),
        "{text}"
    );
}

#[test]
fn another_algorithm_is_shown_by_its_name() {
    let mut wire = case().signed();
    wire.set(
        "authorization",
        "V11-HMAC-SHA256 Credential=AK/20240102/r/s, SignedHeaders=a, Signature=0",
    );
    let explanation = verifier().explain(&wire.view(), None, None);
    assert_eq!(explanation.algorithm(), Some("V11-HMAC-SHA256"));
    assert!(explanation.to_string().contains("`V11-HMAC-SHA256` is not supported"));
}

#[test]
fn a_stale_date_still_shows_the_canonical_request() {
    let case = case();
    let wire = case.signed();
    let late = wire.signed_at() + Duration::from_secs(901);
    let explanation = verifier().explain(&wire.view(), Some(late), None);
    assert!(matches!(
        explanation.reason(),
        Some(Reason::Exact { kind: VerifyErrorKind::OutsideSkew, .. })
    ));
    assert_eq!(explanation.canonical_request(), Some(case.canonical().as_str()));
    assert!(explanation.to_string().contains("901 s behind"), "{explanation}");
    assert_eq!(verifier().explain(&wire.view(), None, None).verdict(), Verdict::Accepted);
}

#[test]
fn an_unknown_key_shows_all_but_the_signature() {
    let wire = case().signed();
    let explanation = Verifier::new().explain(&wire.view(), None, None);
    assert_eq!(explanation.access_key(), Some(AK));
    assert!(explanation.canonical_request().is_some());
    assert_eq!(explanation.expected_signature(), None);
}

#[test]
fn the_clients_canonical_request_is_compared_line_by_line() {
    let mystery = mystery();
    let wire = mystery.signed();
    let theirs = mystery.canonical().replace("limit=10", "limit=11");
    for theirs in [theirs.clone(), theirs.replace('\n', "|")] {
        let explanation = verifier().explain(&wire.view(), None, Some(&theirs));
        let expected = Reason::FirstDifference {
            line: 3,
            part: Part::Query,
            ours: Some("limit=10".to_owned()),
            theirs: Some("limit=11".to_owned()),
        };
        assert_eq!(explanation.reason(), Some(&expected));
        let words = explanation.to_string();
        assert!(words.contains("line 3, the query"), "{words}");
        assert!(
            words.contains("server: limit=10") && words.contains("client: limit=11"),
            "{words}"
        );
    }
}

#[test]
fn the_same_canonical_request_points_to_the_secret() {
    let mystery = mystery();
    let theirs = mystery.canonical();
    let explanation = verifier().explain(&mystery.signed().view(), None, Some(&theirs));
    assert_eq!(explanation.reason(), Some(&Reason::SameCanonicalRequest));
}

#[test]
fn a_mistake_that_is_named_does_not_hide_the_difference() {
    let mut case = case();
    case.path = "/v2/apps".to_owned();
    let theirs = case.canonical();
    let explanation = verifier().explain(&case.signed().view(), None, Some(&theirs));
    assert!(matches!(explanation.reason(), Some(Reason::Hypothesis(_))));
    assert!(matches!(explanation.difference(), Some(Reason::FirstDifference { line: 2, .. })));
    assert!(explanation.to_string().contains("further: the canonical requests differ"));
}

#[test]
fn a_signature_that_nothing_leads_to_is_said_to_be_one() {
    let explanation = mystery().explain(&verifier());
    assert_eq!(explanation.reason(), Some(&Reason::NoneMatches));
    assert!(explanation.to_string().contains("the secret key is wrong, or"));
}

#[test]
fn long_lines_are_cut_in_the_words() {
    let mystery = mystery();
    let theirs = mystery.canonical().replace("limit=10", &"长".repeat(10_000));
    let explanation = verifier().explain(&mystery.signed().view(), None, Some(&theirs));
    assert!(explanation.to_string().len() < 3000);
}
