//! Each tolerance: accepted by its name, refused when it is switched off.

use rtc_signer::{Hypothesis, Tolerance, Tolerances};

use crate::hand::{Case, strict, verifier};

#[track_caller]
fn needs(tolerance: Tolerance, case: &Case) {
    case.is_accepted(Some(tolerance));
    let off = Hypothesis::ToleranceSwitchedOff(tolerance);
    case.is_named_by(&strict(), &off);
    let without = verifier().with_tolerances(Tolerances::all().without(tolerance));
    case.is_named_by(&without, &off);
    assert!(off.to_string().contains(tolerance.as_str()));
}

#[test]
fn the_path_may_have_been_encoded_without_being_decoded() {
    needs(Tolerance::PathNotDecoded, &Case::new("/a%20b", "/a%2520b/", ""));
    needs(Tolerance::PathNotDecoded, &Case::new("/a%2Fb%2F", "/a%252Fb%252F/", ""));
}

#[test]
fn slashes_at_the_end_may_have_been_stripped() {
    needs(Tolerance::TrailingSlashesStripped, &Case::new("/a//", "/a/", ""));
    needs(Tolerance::TrailingSlashesStripped, &Case::new("/a/%20///", "/a/%20/", ""));
}

#[test]
fn the_values_of_a_key_may_be_in_the_order_of_the_wire() {
    needs(Tolerance::ValuesInWireOrder, &Case::new("/?b=&a=3&a=1&a=2", "/", "a=3&a=1&a=2&b="));
}

#[test]
fn the_query_may_be_in_the_order_of_utf16() {
    let sent = "/?%EF%BD%9E=1&%F0%9F%98%80=2&a=3";
    needs(Tolerance::Utf16Order, &Case::new(sent, "/", "a=3&%F0%9F%98%80=2&%EF%BD%9E=1"));
}

#[test]
fn the_query_may_have_been_sorted_after_encoding() {
    needs(Tolerance::SortedAfterEncoding, &Case::new("/?a=1&%E4=2", "/", "%E4=2&a=1"));
    needs(Tolerance::SortedAfterEncoding, &Case::new("/?a=a&a={", "/", "a=%7B&a=a"));
}

#[test]
fn each_tolerance_has_a_name_and_a_place_in_the_set() {
    let names: Vec<&str> = Tolerance::ALL.iter().map(|one| one.as_str()).collect();
    assert_eq!(
        names,
        [
            "path-not-decoded",
            "trailing-slashes-stripped",
            "values-in-wire-order",
            "utf16-order",
            "sorted-after-encoding",
        ]
    );
    for one in Tolerance::ALL {
        assert_eq!(one.to_string(), one.as_str());
        let without = Tolerances::all().without(*one);
        for other in Tolerance::ALL {
            assert_eq!(without.allows(*other), one != other);
            assert!(!Tolerances::none().allows(*other));
            assert!(Tolerances::default().allows(*other));
        }
    }
    let two = Tolerances::all()
        .without(Tolerance::PathNotDecoded)
        .without(Tolerance::TrailingSlashesStripped)
        .without(Tolerance::ValuesInWireOrder);
    assert_eq!(format!("{two:?}"), "{Utf16Order, SortedAfterEncoding}");
}
