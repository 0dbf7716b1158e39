//! Any answer to any operation can be read; what was read is written and comes back as it was. The
//! first line of the input is the operation and the status, the rest the body.

#![no_main]

use http::StatusCode;
use libfuzzer_sys::fuzz_target;
use rtc_fuzz::split;
use rtc_model::error::ReplyError;
use rtc_model::{Operation, wire};

fuzz_target!(|data: &[u8]| {
    let Some((line, body)) = split(data, b"\n") else {
        return;
    };
    let line = std::str::from_utf8(line).ok().and_then(|line| line.split_once(' '));
    let Some((name, status)) = line else {
        return;
    };
    let Ok(status) = StatusCode::from_bytes(status.as_bytes()) else {
        return;
    };
    macro_rules! read_as {
        ($($operation:path),*) => {
            $(if <$operation>::META.id.as_str() == name {
                read::<$operation>(status, body);
            })*
        };
    }
    rtc_model::for_each_operation!(read_as);
});

fn read<O: Operation>(status: StatusCode, body: &[u8]) {
    let output = match wire::decode_reply::<O>(status, body) {
        Ok(output) => output,
        Err(ReplyError::Api(error)) => {
            let written = wire::encode_error(&error, "r");
            let again = wire::decode_refusal(written.status(), written.body());
            assert!(matches!(again, ReplyError::Api(again) if again == error));
            return;
        }
        Err(error) => {
            assert!(!error.to_string().is_empty());
            return;
        }
    };
    let written = wire::encode_reply::<O>(&output, "r");
    assert_eq!(written.status(), status);
    let again = wire::decode_reply::<O>(written.status(), written.body());
    let again = again.expect("what is written can be read");
    assert_eq!(wire::encode_reply::<O>(&again, "r").body(), written.body());
}
