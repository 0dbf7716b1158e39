//! Any text can be given for a fault, a clock or a limit of calls; what is read is written and read
//! as the same. A fault may be given in JSON, too.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rtc_mock_server::{Clock, Fault, Throttle};

fuzz_target!(|text: &str| {
    match text.parse::<Fault>() {
        Ok(fault) => same(&fault),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
    if let Ok(fault) = serde_json::from_str::<Fault>(text) {
        same(&fault);
    }
    if let Err(error) = text.parse::<Clock>() {
        assert!(!error.to_string().is_empty());
    }
    if let Ok(throttle) = text.parse::<Throttle>() {
        let written = throttle.to_string();
        assert_eq!(written.parse::<Throttle>().ok(), Some(throttle));
    }
});

fn same(fault: &Fault) {
    let written = fault.to_string();
    assert_eq!(written.parse::<Fault>().as_ref(), Ok(fault), "{written}");
    let written = serde_json::to_string(fault).expect("a fault can be written");
    let again: Fault = serde_json::from_str(&written).expect("what is written can be read");
    assert_eq!(again, *fault, "{written}");
}
