//! Any request can be verified; what is accepted is refused once it is changed; what is signed is
//! accepted by the base rule. Derived keys are taken where the request names their algorithm, and
//! sign where the last byte says so.

#![no_main]

use http::header::AUTHORIZATION;
use http::{HeaderValue, Method};
use libfuzzer_sys::fuzz_target;
use rtc_fuzz::{Wire, vector_key};
use rtc_signer::{
    Algorithm, Credentials, DerivedKeys, Scope, Signer, Tolerances, Verifier, VerifyErrorKind,
    X_SDK_CONTENT_SHA256, X_SECURITY_TOKEN,
};

/// The longest `Authorization` that a verifier reads.
const LONGEST: usize = 16 * 1024;

fuzz_target!(|data: &[u8]| {
    if let Some(wire) = Wire::parse(data) {
        as_it_came(&wire);
        let derived = data.last().is_some_and(|byte| byte % 2 == 1);
        signed_here(
            wire,
            if derived { Algorithm::V11HmacSha256 } else { Algorithm::SdkHmacSha256 },
        );
    }
});

fn as_it_came(wire: &Wire) {
    let (usual, now) = (Verifier::new().with_key(vector_key()), wire.signed_at());
    let verifier = usual.clone().with_derived_keys(DerivedKeys::AnyScope);
    let Ok(verified) = verifier.verify(&wire.view(), now) else {
        return;
    };
    let names = wire.headers[AUTHORIZATION].as_bytes().trim_ascii_start();
    match usual.verify(&wire.view(), now) {
        Ok(_) => assert!(names.starts_with(b"SDK-HMAC-SHA256 ")),
        Err(error) => {
            assert_eq!(error.kind(), VerifyErrorKind::UnsupportedAlgorithm);
            assert!(names.starts_with(b"V11-HMAC-SHA256 "));
        }
    }
    let strict = verifier.clone().with_tolerances(Tolerances::none());
    assert_eq!(strict.verify(&wire.view(), now).is_ok(), verified.tolerance().is_none());

    let method = Method::from_bytes(format!("{}X", wire.method).as_bytes()).expect("a token");
    let other = Wire { method, ..wire.clone() };
    assert!(verifier.verify(&other.view(), now).is_err());
    let mut other = wire.clone();
    other.path.push('x');
    assert!(verifier.verify(&other.view(), now).is_err());
    let mut other = wire.clone();
    let mut text = other.headers[AUTHORIZATION].as_bytes().to_vec();
    let digit = text.iter_mut().rev().find(|byte| byte.is_ascii_hexdigit()).expect("a signature");
    *digit = if *digit == b'0' { b'1' } else { b'0' };
    other.headers.insert(AUTHORIZATION, HeaderValue::from_bytes(&text).expect("as before"));
    assert!(verifier.verify(&other.view(), now).is_err());
}

fn signed_here(mut wire: Wire, algorithm: Algorithm) {
    // These make a request that its own signer contradicts.
    for name in [AUTHORIZATION, X_SECURITY_TOKEN, X_SDK_CONTENT_SHA256] {
        wire.headers.remove(name);
    }
    let key = Credentials::new("AK", "SK");
    let now = wire.signed_at();
    let scope = Scope::new("cn-north-4", "rtc").expect("a region and a service");
    let signer = match algorithm {
        Algorithm::V11HmacSha256 => Signer::derived(key.clone(), scope.clone()),
        _ => Signer::new(key.clone()),
    };
    let Ok(signed) = signer.sign(&wire.view(), now) else {
        return;
    };
    signed.apply(&mut wire.headers);
    if wire.headers[AUTHORIZATION].len() > LONGEST {
        return;
    }
    let derived = DerivedKeys::Scope(scope);
    let verifier = Verifier::new().with_key(key).with_derived_keys(derived.clone());
    let verified = verifier.verify(&wire.view(), now).expect("what is signed is accepted");
    assert_eq!(verified.tolerance(), None);
    assert_eq!(verified.age(), std::time::Duration::ZERO);
    let other =
        Verifier::new().with_key(Credentials::new("AK", "another")).with_derived_keys(derived);
    assert!(other.verify(&wire.view(), now).is_err_and(|error| error.is_signature_mismatch()));
}
