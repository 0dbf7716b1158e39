//! A path is captured by a template exactly where a plain reading of both says so; what is captured
//! is written and captured again.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rtc_fuzz::decode;
use rtc_model::OperationId;
use rtc_model::path::{PathTemplate, PathValues};

fuzz_target!(|path: &str| {
    for id in OperationId::ALL {
        let template = &id.meta().path;
        let captured = template.capture(path);
        let Some(expected) = plain(template, path) else {
            assert!(captured.is_none(), "{}", template.as_str());
            continue;
        };
        let captured = captured.expect("the plain reading has it");
        let mut values = Vec::new();
        for (name, raw) in template.variables().iter().zip(&expected) {
            let expected = String::from_utf8(decode(raw.as_bytes(), false));
            match (captured.value(name), expected) {
                (Ok(value), Ok(expected)) => {
                    assert_eq!(value, expected);
                    values.push(expected);
                }
                (Err(_), Err(_)) => return,
                (found, expected) => panic!("{found:?} instead of {expected:?}"),
            }
        }
        let given = match values.as_slice() {
            [] => PathValues::new([]),
            [one] => PathValues::new([one]),
            [one, two] => PathValues::new([one, two]),
            more => panic!("no operation has {} variables", more.len()),
        };
        let Ok(written) = template.render(&given) else {
            let refused = |value: &String| value.contains('/') || value == "." || value == "..";
            assert!(values.iter().any(refused));
            continue;
        };
        let again = template.capture(&written).expect("what is written is captured");
        for (name, value) in template.variables().iter().zip(&values) {
            assert_eq!(again.value(name).expect("it is UTF-8"), *value);
        }
    }
});

/// The values in the places of the variables, as they stand there.
fn plain<'p>(template: &PathTemplate, path: &'p str) -> Option<Vec<&'p str>> {
    let (parts, segments) = (template.as_str().split('/'), path.split('/'));
    if parts.clone().count() != segments.clone().count() {
        return None;
    }
    let mut values = Vec::new();
    for (part, segment) in parts.zip(segments) {
        if part.starts_with('{') && !segment.is_empty() {
            values.push(segment);
        } else if part != segment {
            return None;
        }
    }
    Some(values)
}
