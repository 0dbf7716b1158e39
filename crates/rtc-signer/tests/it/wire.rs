//! The verifier against requests that the official SDKs have sent.

use rtc_signer::{Hypothesis, Reason, Tolerance, Tolerances, VerifyErrorKind};

use crate::support::{capture_verifier, captures, captures_of};

#[test]
fn what_the_official_sdks_sent_is_accepted() {
    let verifier = capture_verifier();
    let mut base = 0;
    let mut tolerated = Vec::new();
    let mut refused = Vec::new();
    for capture in captures() {
        match verifier.verify(&capture.wire.view(), capture.wire.signed_at()) {
            Ok(verified) => match verified.tolerance() {
                None => base += 1,
                Some(tolerance) => tolerated.push((capture.name, tolerance)),
            },
            Err(error) => refused.push((capture.name, error.kind())),
        }
    }
    let java = |case: &str| format!("java {case}");
    assert_eq!(
        tolerated,
        [
            (java("double_end"), Tolerance::TrailingSlashesStripped),
            (java("pp_pct20"), Tolerance::PathNotDecoded),
            (java("q_list"), Tolerance::ValuesInWireOrder),
        ]
    );
    // Java signs the value with its spaces and sends it without them: nobody can verify that.
    assert_eq!(refused, [(java("h_trim"), VerifyErrorKind::SignatureMismatch)]);
    assert_eq!(base, 102);
}

#[test]
fn the_padded_value_of_java_is_named_by_an_explanation() {
    let captures = captures_of("java");
    let capture = captures.iter().find(|capture| capture.name == "java h_trim").unwrap();
    let explanation = capture_verifier().explain(&capture.wire.view(), None, None);
    let untrimmed = Reason::Hypothesis(Hypothesis::HeaderValuesUntrimmed);
    assert_eq!(explanation.reason(), Some(&untrimmed));
}

#[test]
fn without_tolerances_three_of_java_are_refused() {
    let verifier = capture_verifier().with_tolerances(Tolerances::none());
    let mut refused: Vec<String> = Vec::new();
    let mut accepted = 0;
    for capture in captures() {
        if verifier.verify(&capture.wire.view(), capture.wire.signed_at()).is_ok() {
            accepted += 1;
        } else {
            refused.push(capture.name);
        }
    }
    assert_eq!(refused, ["java double_end", "java pp_pct20", "java q_list", "java h_trim"]);
    assert_eq!(accepted, 102);
}

#[test]
fn host_need_not_be_signed() {
    let go = captures_of("go");
    assert!(go.iter().all(|capture| !capture.wire.signed_names().contains(&"host".to_owned())));
    let mut wire = go[0].wire.clone();
    wire.headers.remove("host");
    capture_verifier().verify(&wire.view(), wire.signed_at()).unwrap();
}
