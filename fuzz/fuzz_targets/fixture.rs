//! Any text can be given for a fixture; one that is read is written and read as the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rtc_mock_server::Fixture;

fuzz_target!(|text: &str| {
    match Fixture::from_json(text) {
        Ok(fixture) => {
            let written = serde_json::to_string(&fixture).expect("a fixture can be written");
            let again = Fixture::from_json(&written).expect("what is written can be read");
            assert_eq!(serde_json::to_string(&again).expect("as before"), written);
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});
