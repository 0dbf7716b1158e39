//! Reading and writing the Authorization header.

use super::*;

const SIGNATURE: &str = "cfb4171acec81de07d50e53d57eb77edd537414d66ddb1d7d780f128e12cd842";

#[track_caller]
fn refused(text: &str) -> AuthorizationError {
    match text.parse::<Authorization>() {
        Err(VerifyError::MalformedAuthorization { source }) => source,
        other => panic!("{text}: {other:?}"),
    }
}

#[track_caller]
fn read(access_key: &str) -> Authorization {
    format!("SDK-HMAC-SHA256 Access={access_key}, SignedHeaders=a;b, Signature={SIGNATURE}")
        .parse()
        .unwrap()
}

#[test]
fn an_access_key_may_hold_commas_slashes_spaces_and_labels() {
    for access_key in ["A K", "a,b", "a/b/c", "a, SignedHeaders=x", "Signature=", " ", "键"] {
        assert_eq!(read(access_key).access_key(), access_key);
    }
}

#[test]
fn spaces_after_a_comma_are_optional() {
    for comma in [",", ", ", ",  ", ",\t"] {
        let text =
            format!("SDK-HMAC-SHA256 Access=AK{comma}SignedHeaders=a{comma}Signature={SIGNATURE}");
        assert_eq!(text.parse::<Authorization>().unwrap().access_key(), "AK");
    }
}

#[test]
fn the_case_of_the_signature_does_not_matter() {
    let text = format!(
        "SDK-HMAC-SHA256 Access=AK, SignedHeaders=a, Signature={}",
        SIGNATURE.to_ascii_uppercase()
    );
    assert_eq!(text.parse::<Authorization>().unwrap().signature().to_string(), SIGNATURE);
}

#[test]
fn another_algorithm_is_named() {
    for algorithm in ["SDK-HMAC-SM3", "V11-HMAC-SM3", "Bearer", "sdk-hmac-sha256"] {
        match format!("{algorithm} anything").parse::<Authorization>() {
            Err(VerifyError::UnsupportedAlgorithm { algorithm: named }) => {
                assert_eq!(named, algorithm);
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_credential_is_read_from_its_end() {
    for (credential, access_key, scope) in [
        ("AK/20240102/r/s", "AK", "20240102/r/s"),
        ("A,K/20240102/r/s", "A,K", "20240102/r/s"),
        ("A/K/20240102/r/s", "A/K", "20240102/r/s"),
        ("A/20230101/r/s/20240102/r/s", "A/20230101/r/s", "20240102/r/s"),
        ("AK/20240102/my region/s/v", "AK", "20240102/my region/s/v"),
        ("AK/20240102/区/服", "AK", "20240102/区/服"),
    ] {
        let text = format!(
            "V11-HMAC-SHA256 Credential={credential}, SignedHeaders=a, Signature={SIGNATURE}"
        );
        let read: Authorization = text.parse().unwrap();
        assert_eq!(read.algorithm(), Algorithm::V11HmacSha256);
        assert_eq!(read.access_key(), access_key);
        assert_eq!(read.credential_scope(), Some(scope));
        assert_eq!(read.to_string(), text);
    }
}

#[test]
fn a_malformed_header_is_told_by_what_is_wrong() {
    use AuthorizationError as E;
    let signed = |rest: &str| format!("SDK-HMAC-SHA256 {rest}");
    let derived = |rest: &str| format!("V11-HMAC-SHA256 {rest}");
    let long = format!("20240102/r/{}", "s".repeat(127));
    let many = vec!["a"; 300].iter().enumerate().fold(String::new(), |list, (index, name)| {
        if index == 0 { (*name).to_owned() } else { format!("{list};{name}{index}") }
    });
    for (text, expected) in [
        (String::new(), E::NoAlgorithm),
        ("SDK-HMAC-SHA256".to_owned(), E::NoAlgorithm),
        (format!("{} x", "A".repeat(65)), E::NoAlgorithm),
        ("SDK_HMAC x".to_owned(), E::NoAlgorithm),
        (signed("Credential=AK, SignedHeaders=a, Signature=0"), E::NoAccess),
        (derived("Access=AK, SignedHeaders=a, Signature=0"), E::NoCredential),
        (derived("Credential=AK, SignedHeaders=a, Signature=0"), E::BadCredential),
        (derived("Credential=20240102/r/s, SignedHeaders=a, Signature=0"), E::BadCredential),
        (derived("Credential=AK/20240102/r, SignedHeaders=a, Signature=0"), E::BadCredential),
        (derived("Credential=AK/20240102//s, SignedHeaders=a, Signature=0"), E::BadCredential),
        (derived("Credential=AK/20240102/r/, SignedHeaders=a, Signature=0"), E::BadCredential),
        (derived("Credential=AK/2024010/r/s, SignedHeaders=a, Signature=0"), E::BadCredential),
        (derived("Credential=AK/2024010x/r/s, SignedHeaders=a, Signature=0"), E::BadCredential),
        (derived(&format!("Credential=AK/{long}, SignedHeaders=a, Signature=0")), E::BadCredential),
        (derived("Credential=/20240102/r/s, SignedHeaders=a, Signature=0"), E::EmptyAccessKey),
        (signed("Access=AK, SignedHeaders=a"), E::NoSignature),
        (signed("Access=AK, SignedHeaders=a Signature=0"), E::NoSignature),
        (signed("Access=AK, Signature=0"), E::NoSignedHeaders),
        (signed("Access=, SignedHeaders=a, Signature=0"), E::EmptyAccessKey),
        (signed(&format!("Access=AK, SignedHeaders=, Signature={SIGNATURE}")), E::BadHeaderName),
        (signed(&format!("Access=AK, SignedHeaders=a;, Signature={SIGNATURE}")), E::BadHeaderName),
        (signed(&format!("Access=AK, SignedHeaders=a b, Signature={SIGNATURE}")), E::BadHeaderName),
        (
            signed(&format!("Access=AK, SignedHeaders=x;b;X;a, Signature={SIGNATURE}")),
            E::RepeatedHeaderName,
        ),
        (
            signed(&format!("Access=AK, SignedHeaders=a;A, Signature={SIGNATURE}")),
            E::RepeatedHeaderName,
        ),
        (
            signed(&format!("Access=AK, SignedHeaders={many}, Signature={SIGNATURE}")),
            E::TooManyHeaders,
        ),
        (signed("Access=AK, SignedHeaders=a, Signature=0"), E::BadSignature),
        (signed(&format!("Access=AK, SignedHeaders=a, Signature={SIGNATURE}0")), E::BadSignature),
        (signed(&"x".repeat(20_000)), E::TooLong),
    ] {
        assert_eq!(refused(&text), expected, "{text}");
    }
}
