//! Any request can be explained; the verdict is that of the verifier, a refusal has a reason, and
//! no explanation shows the secret. What follows a zero byte is the client's canonical request. The
//! last byte says whether derived keys are taken.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rtc_fuzz::{VECTOR_SECRET, Wire, split, vector_key};
use rtc_signer::{Credentials, DerivedKeys, Reason, Verdict, Verifier};

fuzz_target!(|data: &[u8]| {
    let (request, theirs) = match split(data, b"\0") {
        Some((request, theirs)) => (request, Some(String::from_utf8_lossy(theirs))),
        None => (data, None),
    };
    let Some(wire) = Wire::parse(request) else {
        return;
    };
    let other = Credentials::new("OTHER", "another secret");
    let derived = match data.last() {
        Some(byte) if byte % 2 == 1 => DerivedKeys::AnyScope,
        _ => DerivedKeys::Refused,
    };
    let verifier = Verifier::new()
        .with_key(vector_key())
        .with_key(other)
        .with_derived_keys(derived)
        .with_other_hosts(["rtc-api.myhuaweicloud.com"]);
    let now = wire.signed_at();
    let explanation = verifier.explain(&wire.view(), Some(now), theirs.as_deref());
    let accepted = verifier.verify(&wire.view(), now).is_ok();
    assert_eq!(explanation.verdict() == Verdict::Accepted, accepted);
    assert_eq!(explanation.reason().is_none(), accepted);

    let canonical = explanation.canonical_request();
    assert_eq!(explanation.string_to_sign().is_some(), canonical.is_some());
    let difference = explanation.difference();
    assert_eq!(difference.is_some(), canonical.is_some() && theirs.is_some());
    if accepted {
        let given = explanation.given_signature().map(str::to_lowercase);
        assert_eq!(explanation.expected_signature(), given.as_deref());
    }
    if let (Some(ours), Some(theirs)) = (canonical, &theirs)
        && ours == theirs
    {
        assert_eq!(difference, Some(&Reason::SameCanonicalRequest));
    }
    let shown = format!("{explanation} {explanation:?}");
    assert!(!shown.contains(VECTOR_SECRET) || data_holds(data, VECTOR_SECRET));
});

/// A secret that the request itself spells out may be shown.
fn data_holds(data: &[u8], secret: &str) -> bool {
    split(data, secret.as_bytes()).is_some()
}
