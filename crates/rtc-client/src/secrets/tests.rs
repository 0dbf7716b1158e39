//! What is left of texts, bodies and request ids.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

fn secrets(texts: &[&'static str]) -> Secrets {
    let mut headers = HeaderMap::new();
    headers.insert("x-open", HeaderValue::from_static("open"));
    for text in texts {
        let mut value = HeaderValue::from_static(text);
        value.set_sensitive(true);
        headers.append("x-secret", value);
    }
    Secrets::of(&headers)
}

#[test]
fn sensitive_headers_are_masked_and_others_are_not() {
    let secrets = secrets(&["t0k", "t0ken", ""]);
    assert_eq!(secrets.mask_text("x:t0ken|open|t0k", 100), "x:***|open|***");
    assert_eq!(secrets.mask_body(b"\xfft0ken open t0k", 100), &b"\xff*** open ***"[..]);
}

#[test]
fn a_long_text_is_cut_between_characters_and_says_so() {
    let secrets = secrets(&["t0ken"]);
    assert_eq!(secrets.mask_text("abéd", 5), "abéd");
    assert_eq!(secrets.mask_text("abéd", 4), "abé…");
    assert_eq!(secrets.mask_text("abéd", 3), "ab…");
    assert_eq!(secrets.mask_text("t0ken", 2), "**…");
    assert_eq!(secrets.mask_text("", 0), "");
}

#[test]
fn a_request_id_is_masked_and_bounded_where_it_stands() {
    let secrets = secrets(&["t0ken"]);
    let long = "x".repeat(1000);
    for (id, kept) in [
        ("r1", "r1"),
        ("a-t0ken-b", "a-***-b"),
        ("%740ken-b", "***-b"),
        ("100%", "100%"),
        (&long, &long[..MAX_REQUEST_ID]),
    ] {
        let mut headers = HeaderMap::new();
        headers.insert(X_REQUEST_ID, HeaderValue::from_str(id).unwrap());
        secrets.mask_request_id(&mut headers);
        assert_eq!(headers[X_REQUEST_ID], kept);
    }
}

proptest! {
    #[test]
    fn no_part_of_a_secret_is_left_wherever_a_body_is_cut(
        pieces in vec(prop_oneof![Just("t0ken"), Just("t\\u0030ken"), Just("."), Just("..")], 0..12),
        max in 0_usize..64,
    ) {
        let secrets = secrets(&["t0ken"]);
        let masked = secrets.mask_body(pieces.concat().as_bytes(), max);
        prop_assert!(masked.len() <= max);
        prop_assert!(masked.iter().all(|byte| b".*".contains(byte)), "{masked:?}");
        let masked = secrets.mask_text(&pieces.concat(), max);
        prop_assert!(masked.len() <= max + '…'.len_utf8());
        prop_assert!(masked.chars().all(|character| ".*…".contains(character)), "{masked}");
    }

    #[test]
    fn whatever_is_no_secret_is_kept(text in "[a-z<>{}\":, é\n\\\\%&#;]{0,80}") {
        let secrets = secrets(&["T0KEN"]);
        prop_assert_eq!(secrets.mask_text(&text, 1000), text.as_str());
        prop_assert_eq!(secrets.mask_body(text.as_bytes(), 1000), text.as_bytes());
    }
}
