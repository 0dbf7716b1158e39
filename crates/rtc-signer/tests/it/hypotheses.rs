//! Each mistake of the closed list, signed by hand, is named as that mistake.

use rtc_signer::{Credentials, Hypothesis, Reason, Verdict};

use crate::hand::{AK, BODY, Case, HOST, SK, sha256, strict, verifier};

fn plain() -> Case {
    Case::new("/v2/apps", "/v2/apps/", "")
}

#[test]
fn what_is_signed_rightly_by_hand_is_accepted() {
    plain().is_accepted(None);
    Case::new("/a$b%20c?b=x+y&a=&&c", "/a%24b%20c/", "a=&b=x%20y&c=").is_accepted(None);
}

#[test]
fn a_host_without_its_port_is_named() {
    let mut case = plain();
    case.wire.set("host", &format!("{HOST}:8443"));
    case.is_named(&Hypothesis::HostWithoutPort { signed: HOST.to_owned() });
    case.wire.set("host", "[::1]:80");
    case.sign_header_as("host", "[::1]");
    case.is_named(&Hypothesis::HostWithoutPort { signed: "[::1]".to_owned() });
}

#[test]
fn a_host_that_a_proxy_changed_is_named() {
    for forwarded in ["public.example", "public.example, inner.example", "public.example , inner"] {
        let mut case = plain();
        case.wire.set("x-forwarded-host", forwarded);
        case.sign_header_as("host", "public.example");
        case.is_named(&Hypothesis::HostBeforeProxy { signed: "public.example".to_owned() });
    }
}

/// Sends one host and signs another.
fn hosts(sent: &str, signed: &str) -> Case {
    let mut case = plain();
    case.wire.set("host", sent);
    case.sign_header_as("host", signed);
    case
}

fn other_host(signed: &str) -> Hypothesis {
    Hypothesis::OtherHost { signed: signed.to_owned() }
}

#[test]
fn a_host_with_a_default_port_that_was_not_sent_is_named() {
    for (sent, signed) in [
        (HOST, "rtc-api.example.com:443"),
        (HOST, "rtc-api.example.com:80"),
        ("rtc-api.example.com:8443", "rtc-api.example.com:443"),
        ("[fd00::1]", "[fd00::1]:443"),
    ] {
        hosts(sent, signed).is_named(&other_host(signed));
    }
}

#[test]
fn another_name_of_the_same_machine_is_named() {
    for (sent, signed) in [
        ("localhost:8470", "127.0.0.1:8470"),
        ("127.0.0.1:8470", "localhost"),
        ("[::1]:8470", "localhost:8470"),
        ("LOCALHOST:8470", "[::1]:8470"),
        ("127.0.0.1", "localhost"),
        ("localhost", "[::1]:80"),
    ] {
        hosts(sent, signed).is_named(&other_host(signed));
    }
}

#[test]
fn a_host_that_the_verifier_was_told_of_is_named() {
    let told = verifier().with_other_hosts(["iam.example.com", HOST]);
    hosts("127.0.0.1:8470", HOST).is_named_by(&told, &other_host(HOST));
    let told = verifier().with_other_hosts([format!("{HOST}:8443")]);
    hosts(HOST, &format!("{HOST}:8443")).is_named_by(&told, &other_host(&format!("{HOST}:8443")));
}

#[test]
fn a_host_that_nobody_was_told_of_is_not_named() {
    for (sent, signed) in [
        ("127.0.0.1:8470", HOST),
        ("127.0.0.1:8470", "127.0.0.1:8471"),
        ("rtc-api.example.com:8470", "localhost:8470"),
        ("10.0.0.1", "localhost"),
        ("a:b", "a"),
    ] {
        let explanation = hosts(sent, signed).explain(&verifier());
        assert_eq!(explanation.reason(), Some(&Reason::NoneMatches), "{sent} {signed}");
    }
    let many = (0..16).map(|number| format!("{number}.example.com"));
    let told = verifier().with_other_hosts(many.chain([HOST.to_owned()]));
    let explanation = hosts("127.0.0.1:8470", HOST).explain(&told);
    assert_eq!(explanation.reason(), Some(&Reason::NoneMatches), "the 17th is not tried");
}

#[test]
fn a_host_that_the_verifier_was_told_of_lets_nobody_in() {
    let told = verifier().with_other_hosts([HOST]);
    assert_eq!(hosts("127.0.0.1", HOST).explain(&told).verdict(), Verdict::Refused);
}

#[test]
fn a_path_without_its_slash_is_named() {
    Case::new("/v2/a$", "/v2/a%24", "").is_named(&Hypothesis::NoTrailingSlash);
    Case::new("/v2/apps/", "/v2/apps", "").is_named(&Hypothesis::NoTrailingSlash);
}

#[test]
fn a_path_that_was_encoded_twice_is_named() {
    Case::new("/a$b%20c", "/a%2524b%2520c/", "").is_named(&Hypothesis::PathEncodedTwice);
}

#[test]
fn a_path_that_was_signed_as_sent_is_named() {
    Case::new("/a$b%20c", "/a$b%20c/", "").is_named(&Hypothesis::PathAsOnWire);
}

#[test]
fn a_path_that_was_not_encoded_is_named() {
    Case::new("/a$b%20c", "/a$b c/", "").is_named(&Hypothesis::PathNotEncoded);
}

#[test]
fn a_query_that_was_not_sorted_is_named() {
    Case::new("/?b=1&a=2", "/", "b=1&a=2").is_named(&Hypothesis::QueryUnsorted);
}

#[test]
fn a_query_that_was_sorted_as_text_is_named() {
    Case::new("/?a=1&a-b=2", "/", "a-b=2&a=1").is_named(&Hypothesis::QuerySortedAsText);
}

#[test]
fn a_plus_that_was_kept_is_named() {
    Case::new("/?a=x+y", "/", "a=x%2By").is_named(&Hypothesis::PlusKept);
}

#[test]
fn a_space_that_was_signed_as_a_plus_is_named() {
    Case::new("/?a=x%20y&b=%2B", "/", "a=x+y&b=%2B").is_named(&Hypothesis::SpaceAsPlus);
}

#[test]
fn the_hash_of_nothing_for_a_body_is_named() {
    let mut case = plain();
    case.payload = sha256("");
    case.is_named(&Hypothesis::EmptyPayloadHash);
}

#[test]
fn an_unsigned_payload_without_its_header_is_named() {
    let mut case = plain();
    case.payload = "UNSIGNED-PAYLOAD".to_owned();
    case.is_named(&Hypothesis::UnsignedPayload);
}

#[test]
fn a_payload_header_that_was_ignored_is_named() {
    let mut case = plain();
    case.header("x-sdk-content-sha256", "UNSIGNED-PAYLOAD");
    case.is_named(&Hypothesis::PayloadHeaderIgnored);
    case.payload = "UNSIGNED-PAYLOAD".to_owned();
    case.is_accepted(None);
}

#[test]
fn a_value_that_was_not_trimmed_is_named() {
    let mut case = plain();
    case.header("x-a", " padded\t");
    case.is_named(&Hypothesis::HeaderValuesUntrimmed);
    case.sign_header_as("x-a", "padded");
    case.is_accepted(None);
}

#[test]
fn spaces_that_were_signed_and_dropped_on_the_way_are_named() {
    for signed in [" padded", "padded ", "  padded  ", "  padded"] {
        let mut case = plain();
        case.header("x-a", "padded");
        case.sign_header_as("x-a", signed);
        case.is_named(&Hypothesis::HeaderValuesUntrimmed);
    }
    for signed in ["   padded", "padded\t", "pad ded"] {
        let mut case = plain();
        case.header("x-a", "padded");
        case.sign_header_as("x-a", signed);
        assert_eq!(case.explain(&verifier()).reason(), Some(&Reason::NoneMatches), "{signed:?}");
    }
}

#[test]
fn the_secret_of_another_known_key_is_named() {
    let mut case = plain();
    case.secret = "another secret".to_owned();
    let verifier = verifier().with_key(Credentials::new("OTHER", "another secret"));
    case.is_named_by(&verifier, &Hypothesis::OtherKey { access_key: "OTHER".to_owned() });
}

#[test]
fn a_body_that_was_serialized_again_is_named() {
    let spaced = r#"{"a": 1, "b": [2, "x: y, z"]}"#;
    let mut case = plain();
    case.payload = sha256(spaced);
    case.is_named(&Hypothesis::BodySpaced);

    let mut case = plain();
    case.wire.body = spaced.as_bytes().to_vec();
    case.payload = sha256(BODY);
    case.is_named(&Hypothesis::BodyCompacted);
}

/// Sends one body and signs another.
fn bodies(sent: &str, signed: &str) -> Case {
    let mut case = plain();
    case.wire.body = sent.as_bytes().to_vec();
    case.payload = sha256(signed);
    case
}

#[test]
fn a_line_feed_at_the_end_of_the_body_is_named() {
    bodies(BODY, &format!("{BODY}\n")).is_named(&Hypothesis::BodyWithNewline);
    bodies("a=1", "a=1\n").is_named(&Hypothesis::BodyWithNewline);
    for (sent, signed) in [("[1]\n", "[1]"), ("[1]\r\n", "[1]"), ("a=1\n", "a=1")] {
        bodies(sent, signed).is_named(&Hypothesis::BodyWithoutNewline);
    }
    for (sent, signed) in [("a=1", "a=1\n\n"), ("a=1 ", "a=1"), ("a=1\n", "a=2")] {
        let explanation = bodies(sent, signed).explain(&verifier());
        assert_eq!(explanation.reason(), Some(&Reason::NoneMatches), "{sent:?} {signed:?}");
    }
}

#[test]
fn escapes_in_a_body_that_was_sent_without_are_named() {
    let sent = "{\"a\": \"教\",\"b\":\"\u{1f600}\"}";
    for signed in [
        r#"{"a": "\u6559","b":"\ud83d\ude00"}"#,
        r#"{"a":"\u6559","b":"\ud83d\ude00"}"#,
        r#"{"a": "\u6559", "b": "\ud83d\ude00"}"#,
    ] {
        bodies(sent, signed).is_named(&Hypothesis::BodyEscaped);
    }
    let upper = r#"{"a":"\u6559","b":"\uD83D\uDE00"}"#;
    let explanation = bodies(sent, upper).explain(&verifier());
    assert_eq!(explanation.reason(), Some(&Reason::NoneMatches));
}

#[test]
fn a_long_body_is_not_tried_in_other_forms() {
    let long = format!("[{}]", "1, ".repeat(1 << 19));
    let explanation = bodies(&long, &long.replace(' ', "")).explain(&verifier());
    assert_eq!(explanation.reason(), Some(&Reason::NoneMatches));
}

#[test]
fn another_label_in_the_string_to_sign_is_named() {
    for label in [
        "SDK-HMAC-SM3",
        "V11-HMAC-SHA256",
        "SDK-HMAC-256",
        "HMAC-SHA256",
        "AWS4-HMAC-SHA256",
        "sdk-hmac-sha256",
        "",
    ] {
        let mut case = plain();
        case.label = label.to_owned();
        case.is_named(&Hypothesis::AlgorithmLabel { signed: label.to_owned() });
    }
}

#[test]
fn mistakes_are_named_without_tolerances_too() {
    plain().explain(&strict());
    let mut case = plain();
    case.payload = sha256("");
    case.is_named_by(&strict(), &Hypothesis::EmptyPayloadHash);
}

#[test]
fn each_mistake_is_told_in_words_of_its_own() {
    use Hypothesis as H;
    let text = || "x".to_owned();
    let all = [
        H::HostWithoutPort { signed: text() },
        H::HostBeforeProxy { signed: text() },
        H::OtherHost { signed: text() },
        H::NoTrailingSlash,
        H::PathEncodedTwice,
        H::PathAsOnWire,
        H::PathNotEncoded,
        H::QueryUnsorted,
        H::QuerySortedAsText,
        H::PlusKept,
        H::SpaceAsPlus,
        H::EmptyPayloadHash,
        H::UnsignedPayload,
        H::PayloadHeaderIgnored,
        H::HeaderValuesUntrimmed,
        H::OtherKey { access_key: AK.to_owned() },
        H::BodyWithNewline,
        H::BodyWithoutNewline,
        H::BodyCompacted,
        H::BodySpaced,
        H::BodyEscaped,
        H::AlgorithmLabel { signed: text() },
    ];
    let mut words: Vec<String> = all.iter().map(ToString::to_string).collect();
    words.sort();
    words.dedup();
    assert_eq!(words.len(), all.len());
    assert!(words.iter().all(|words| !words.contains(SK)));
    assert!(words.iter().all(|words| words.contains("; ")), "each tells what to change");
}
