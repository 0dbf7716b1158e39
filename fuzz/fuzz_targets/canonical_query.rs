//! The canonical query is that of a plain reading of the rule, canonical queries stay as they are,
//! and the order of the pairs makes no difference.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rtc_fuzz::{canonical_line, decode, encode};

fuzz_target!(|query: &str| {
    let canonical = canonical_line("/", Some(query), 2);
    let mut pairs: Vec<(Vec<u8>, Vec<u8>)> = query
        .split('&')
        .filter(|piece| !piece.is_empty())
        .map(|piece| piece.split_once('=').unwrap_or((piece, "")))
        .map(|(key, value)| (decode(key.as_bytes(), true), decode(value.as_bytes(), true)))
        .collect();
    pairs.sort();
    let pairs: Vec<String> = pairs
        .iter()
        .map(|(key, value)| format!("{}={}", encode(key, ""), encode(value, "")))
        .collect();
    assert_eq!(canonical, pairs.join("&"));
    assert_eq!(canonical_line("/", Some(&canonical), 2), canonical);
    let backwards: Vec<&str> = query.rsplit('&').collect();
    assert_eq!(canonical_line("/", Some(&backwards.join("&")), 2), canonical);
});
