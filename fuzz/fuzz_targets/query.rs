//! A query is read as a plain reading of the rule says; what is written is read back.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rtc_fuzz::decode;
use rtc_model::query::{QueryReader, QueryWriter};

/// What is asked for.
const NAMES: [&str; 4] = ["limit", "offset", "bucket", "a b"];

fuzz_target!(|query: &str| {
    let reader = QueryReader::new(Some(query));
    let pairs: Vec<_> = query
        .split('&')
        .filter(|piece| !piece.is_empty())
        .map(|piece| piece.split_once('=').unwrap_or((piece, "")))
        .map(|(key, value)| (decode(key.as_bytes(), true), decode(value.as_bytes(), true)))
        .collect();
    let mut writer = QueryWriter::new();
    for name in NAMES {
        let mut values = pairs.iter().filter(|(key, _)| key == name.as_bytes());
        let (first, second) = (values.next(), values.next());
        let number = reader.optional::<i32>(name);
        match (first.map(|(_, value)| std::str::from_utf8(value)), second) {
            (None, _) => {
                assert!(matches!(reader.text(name), Ok(None)));
                assert!(matches!(number, Ok(None)));
                assert!(reader.required::<i32>(name).is_err());
            }
            (Some(Ok(value)), None) => {
                assert_eq!(reader.text(name).expect("it is there once").as_deref(), Some(value));
                assert_eq!(number.ok().flatten(), value.parse().ok());
                writer.pair(name, value);
            }
            (Some(_), _) => assert!(reader.text(name).is_err()),
        }
    }
    let written = writer.finish();
    let again = QueryReader::new(written.as_deref());
    for name in NAMES {
        if let Ok(value) = reader.text(name) {
            assert_eq!(again.text(name).expect("what is written can be read"), value);
        }
    }
});
