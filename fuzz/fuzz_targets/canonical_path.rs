//! The canonical path is that of a plain reading of the rule, and canonical paths stay as they are.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rtc_fuzz::{canonical_line, decode, encode};

fuzz_target!(|path: &str| {
    let canonical = canonical_line(path, None, 1);
    let mut expected = encode(&decode(path.as_bytes(), false), "/");
    if !expected.ends_with('/') {
        expected.push('/');
    }
    assert_eq!(canonical, expected);
    assert_eq!(canonical_line(&canonical, None, 1), canonical);
});
