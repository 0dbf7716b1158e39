//! A changed copy of every vector and of every capture must be refused.

use http::{HeaderName, HeaderValue, Method};
use rtc_signer::{Credentials, PayloadCheck, Verifier, VerifyErrorKind};

use crate::support::{CAPTURE_AK, CAPTURE_SK, Wire, captures, vectors};

struct Subject {
    name: String,
    wire: Wire,
    credentials: Credentials,
    verifier: Verifier,
}

/// The rows whose payload header was preset to a text that is not the hash of the body.
const WITHOUT_THEIR_BODY: [&str; 3] = [
    "preset_sha_hash_empty_SDK-HMAC-SHA256",
    "preset_sha_hash_json_SDK-HMAC-SHA256",
    "preset_sha_empty_empty_SDK-HMAC-SHA256",
];

/// What they were preset to.
const FALSE_HASH: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

/// So many requests are accepted as they are: every vector, and every capture but one.
const ALL: usize = 197 + 69 + 105;

fn subjects() -> Vec<Subject> {
    let mut all = Vec::new();
    for vector in vectors() {
        let mut verifier = vector.verifier();
        let wire = vector.signed();
        if WITHOUT_THEIR_BODY.contains(&&*vector.name) {
            let error = verifier.verify(&wire.view(), wire.signed_at()).unwrap_err();
            assert_eq!(error.kind(), VerifyErrorKind::PayloadMismatch, "{}", vector.name);
            verifier = verifier.with_payload_check(PayloadCheck::Lenient);
        }
        let verified = verifier.verify(&wire.view(), wire.signed_at());
        let verified = verified.unwrap_or_else(|error| panic!("{}: {error}", vector.name));
        assert_eq!(verified.tolerance(), None, "{}", vector.name);
        let credentials = vector.credentials();
        all.push(Subject { name: vector.name, wire, credentials, verifier });
    }
    let credentials = Credentials::new(CAPTURE_AK, CAPTURE_SK);
    let captures = captures().into_iter().filter(|capture| capture.name != "java h_trim");
    all.extend(captures.map(|capture| Subject {
        name: capture.name,
        wire: capture.wire,
        credentials: credentials.clone(),
        verifier: Verifier::new().with_key(credentials.clone()),
    }));
    assert_eq!(all.len(), ALL);
    all
}

/// Changes each subject in one way; returns how many were changed.
#[track_caller]
fn all_refused(change: impl Fn(&mut Wire) -> bool) -> usize {
    let mut changed = 0;
    for Subject { name, wire, verifier, .. } in subjects() {
        let now = wire.signed_at();
        let mut copy = wire.clone();
        if change(&mut copy) {
            changed += 1;
            assert!(verifier.verify(&copy.view(), now).is_err(), "{name} was accepted: {copy:?}");
            verifier.verify(&wire.view(), now).unwrap();
        }
    }
    changed
}

#[test]
fn a_changed_signature_is_refused() {
    for from_end in [1, 64] {
        let changed = all_refused(|wire| {
            let mut text = wire.headers["authorization"].as_bytes().to_vec();
            let index = text.len() - from_end;
            text[index] = if text[index] == b'0' { b'1' } else { b'0' };
            wire.headers.insert("authorization", HeaderValue::from_bytes(&text).unwrap());
            true
        });
        assert_eq!(changed, ALL);
    }
}

#[test]
fn a_changed_method_is_refused() {
    let changed = all_refused(|wire| {
        wire.method = if wire.method == Method::GET { Method::HEAD } else { Method::GET };
        true
    });
    assert_eq!(changed, ALL);
    let lower = all_refused(|wire| {
        let lower = wire.method.as_str().to_lowercase();
        wire.method = Method::from_bytes(lower.as_bytes()).unwrap();
        true
    });
    assert_eq!(lower, ALL);
}

#[test]
fn a_changed_path_is_refused() {
    let changes: [fn(&str) -> String; 3] =
        [|path| format!("{path}x"), |path| format!("/x{path}"), |path| format!("{path}%00")];
    for change in changes {
        let changed = all_refused(|wire| {
            wire.path = change(&wire.path);
            true
        });
        assert_eq!(changed, ALL);
    }
}

#[test]
fn a_changed_query_is_refused() {
    let added = all_refused(|wire| {
        let query = wire.query.as_deref().map_or(String::new(), |query| format!("{query}&"));
        wire.query = Some(format!("{query}tampered=1"));
        true
    });
    assert_eq!(added, ALL);
    let removed = all_refused(|wire| wire.query.take().is_some());
    assert_eq!(removed, 111);
    let extended = all_refused(|wire| {
        let Some(query) = &mut wire.query else {
            return false;
        };
        query.push('x');
        true
    });
    assert_eq!(extended, 111);
}

#[test]
fn a_changed_value_of_any_signed_header_is_refused() {
    let most = 10;
    let mut changed = 0;
    for index in 0..most {
        changed += all_refused(|wire| {
            let Some(name) = wire.signed_names().get(index).cloned() else {
                return false;
            };
            let value = [wire.headers[&name].as_bytes(), b"x"].concat();
            let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
            wire.headers.insert(name, HeaderValue::from_bytes(&value).unwrap());
            true
        });
    }
    let signed: usize = subjects().iter().map(|subject| subject.wire.signed_names().len()).sum();
    assert_eq!(changed, signed);
}

#[test]
fn a_signed_header_that_is_repeated_or_removed_is_refused() {
    let repeated = all_refused(|wire| {
        let name = wire.signed_names().remove(0);
        let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
        wire.headers.append(name, HeaderValue::from_static("x"));
        true
    });
    assert_eq!(repeated, ALL);
    let removed = all_refused(|wire| {
        let name = wire.signed_names().remove(0);
        wire.headers.remove(name.as_str()).is_some()
    });
    assert_eq!(removed, ALL);
}

#[test]
fn a_date_moved_by_a_second_is_refused() {
    let changed = all_refused(|wire| {
        let at = wire.signed_at() + std::time::Duration::from_secs(1);
        let date = rtc_signer::date::format_sdk_date(at).unwrap();
        wire.set("x-sdk-date", &date);
        true
    });
    assert_eq!(changed, ALL);
}

#[test]
fn a_changed_body_is_refused_where_it_is_signed() {
    let mut free = 0;
    for Subject { wire, .. } in subjects() {
        free += usize::from(leaves_the_body_free(&wire));
    }
    let changed = all_refused(|wire| {
        let free = leaves_the_body_free(wire);
        wire.body.push(b'x');
        !free
    });
    assert_eq!(changed + free, ALL);
    assert_eq!(free, 28);
    let emptied = all_refused(|wire| {
        let free = leaves_the_body_free(wire);
        !std::mem::take(&mut wire.body).is_empty() && !free
    });
    assert!(emptied > 50, "{emptied}");
}

/// UNSIGNED-PAYLOAD says that any body will do; Python signs the hash of an empty one all the same.
fn leaves_the_body_free(wire: &Wire) -> bool {
    let preset = wire.headers.get("x-sdk-content-sha256");
    let free = ["UNSIGNED-PAYLOAD", FALSE_HASH];
    preset.is_some_and(|value| free.iter().any(|free| value == free)) && !wire.body.is_empty()
}

#[test]
fn another_secret_is_refused() {
    for Subject { name, wire, credentials, verifier } in subjects() {
        let secret = credentials.secret_key().expose_secret();
        let mut other = Credentials::new(credentials.access_key(), format!("{secret}x"));
        if let Some(token) = credentials.security_token() {
            other = other.with_security_token(token.expose_secret());
        }
        let verifier = verifier.with_key(other);
        let error = verifier.verify(&wire.view(), wire.signed_at()).unwrap_err();
        assert!(error.is_signature_mismatch(), "{name}: {error}");
    }
}

#[test]
fn changes_without_a_meaning_are_accepted() {
    let changes: [fn(&mut Wire) -> bool; 3] = [
        // The canonical path ends in a slash either way.
        |wire| {
            let bare = !wire.path.ends_with('/') && !wire.path.ends_with("%2F");
            wire.path.push('/');
            bare && !wire.path.contains("%25")
        },
        // A header that is not signed says nothing.
        |wire| {
            wire.set("x-unsigned", "any");
            true
        },
        // Empty pieces of a query are no pairs.
        |wire| {
            wire.query = Some(format!("&{}&", wire.query.as_deref().unwrap_or_default()));
            true
        },
    ];
    for change in changes {
        let mut count = 0;
        for Subject { name, mut wire, verifier, .. } in subjects() {
            let now = wire.signed_at();
            if change(&mut wire) {
                count += 1;
                let verified = verifier.verify(&wire.view(), now);
                verified.unwrap_or_else(|error| panic!("{name}: {error}"));
            }
        }
        assert!(count > 200, "{count}");
    }
}
