//! No secret shows up where it might be logged.

use std::fmt::Debug;

use rtc_signer::{Authorization, Credentials, Signer, Verifier};

use crate::hand::{AK, Case};

const SECRET: &str = "s3cr3t-key";
const TOKEN: &str = "t0k3n-text";

#[track_caller]
fn hides(shown: &impl Debug, secrets: &[&str]) {
    for text in [format!("{shown:?}"), format!("{shown:#?}")] {
        for secret in secrets {
            assert!(!text.contains(secret), "{text}");
        }
    }
}

#[test]
fn debug_never_shows_a_secret_a_token_or_a_signature() {
    let credentials = Credentials::new(AK, SECRET).with_security_token(TOKEN);
    let mut case = Case::new("/v2/apps", "/v2/apps/", "");
    case.secret = SECRET.to_owned();
    case.header("x-security-token", TOKEN);
    let wire = case.signed();
    let now = wire.signed_at();
    let signature = wire.text("authorization").rsplit_once('=').unwrap().1;
    let all = [SECRET, TOKEN, signature];
    let signer = Signer::new(credentials.clone());
    let verifier = Verifier::new().with_key(credentials.clone());

    hides(&credentials, &all);
    hides(credentials.secret_key(), &all);
    hides(&credentials.security_token(), &all);
    hides(&signer, &all);
    hides(&verifier, &all);
    hides(&wire.view(), &all);
    hides(&signer.sign(&wire.view(), now).unwrap(), &all);
    hides(signer.sign(&wire.view(), now).unwrap().signature(), &all);
    hides(&signer.canonical_request(&wire.view(), now).unwrap(), &all);
    hides(&signer.string_to_sign(&wire.view(), now).unwrap(), &all);
    hides(&wire.text("authorization").parse::<Authorization>().unwrap(), &all);
    hides(&verifier.verify(&wire.view(), now).unwrap(), &all);

    let mut changed = wire.clone();
    changed.body.push(b' ');
    let error = verifier.verify(&changed.view(), now).unwrap_err();
    let explanation = verifier.explain(&changed.view(), Some(now), Some("x"));
    let expected = explanation.expected_signature().unwrap().to_owned();
    let all = [SECRET, TOKEN, signature, &expected];
    hides(&error, &all);
    hides(&explanation, &all);
    for words in [error.to_string(), explanation.to_string()] {
        assert!(all.iter().all(|secret| !words.contains(secret)), "{words}");
    }
}

#[test]
fn a_token_that_differs_is_not_repeated() {
    let credentials = Credentials::new(AK, SECRET).with_security_token(TOKEN);
    let mut case = Case::new("/v2/apps", "/v2/apps/", "");
    case.header("x-security-token", TOKEN);
    let theirs = case.canonical().replace(TOKEN, "another-token");
    let verifier = Verifier::new().with_key(credentials);
    let explanation = verifier.explain(&case.signed().view(), None, Some(&theirs));
    let words = format!("{explanation} {explanation:?}");
    assert!(words.contains("the header x-security-token"), "{words}");
    assert!(!words.contains(TOKEN) && !words.contains("another-token"), "{words}");
}

#[test]
fn the_bytes_of_a_body_are_not_shown() {
    let mut case = Case::new("/v2/apps", "/v2/apps/", "");
    case.wire.body = b"private".to_vec();
    assert!(format!("{:?}", case.wire.view()).contains("7 bytes"));
    hides(&case.wire.view(), &["private"]);
}
