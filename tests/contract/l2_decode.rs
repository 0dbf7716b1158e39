//! L2: the bytes of golden messages become the values that they stand for.

use http::{HeaderValue, Request, StatusCode};
use rtc_contract_tests::case::{Case, Level};
use rtc_contract_tests::golden::{self, Golden};
use rtc_model::record_callback::{NotifyEvent, ShowRecordCallback};
use rtc_model::{ApiError, Operation, OperationId, ReplyError, wire};
use serde_json::Value;

use crate::requests::{APP, Visit, visit};

pub(crate) fn add(cases: &mut Vec<Case>) {
    visit(&mut Decode(cases));
    for golden in golden::all().into_iter().filter(|golden| !golden.is_request()) {
        let (folder, name) = (golden.folder.clone(), golden.name.clone());
        cases.push(Case::sync(Level::L2, folder, name, move || reply(&golden)));
    }
    cases.push(Case::sync(
        Level::L2,
        "ShowRecordCallback",
        "the reference's example has the values that the reference shows",
        reference_example,
    ));
}

struct Decode<'c>(&'c mut Vec<Case>);

impl Visit for Decode<'_> {
    fn visit<O: Operation + Clone + PartialEq + std::fmt::Debug>(
        &mut self,
        golden: Golden,
        operation: O,
    ) {
        let name = golden.name.clone();
        self.0.push(Case::sync(Level::L2, golden.folder.clone(), name, move || {
            decodes_as(&golden, &operation);
        }));
    }
}

fn decodes_as<O: Operation + PartialEq + std::fmt::Debug>(golden: &Golden, operation: &O) {
    let message = &golden.message;
    let mut request = Request::builder().method(message.word(0)).uri(message.word(1));
    for (name, value) in &message.headers {
        request = request.header(name.as_str(), HeaderValue::from_str(value).unwrap());
    }
    let (head, ()) = request.body(()).unwrap().into_parts();
    let routed = OperationId::route(&head.method, head.uri.path());
    assert_eq!(routed.map(OperationId::as_str), Some(golden.folder.as_str()), "route");
    assert_eq!(wire::decode_request::<O>(&head, &message.body).unwrap(), *operation);
}

/// Reads a golden reply as an answer to its operation (a gateway's: to each operation) and writes
/// it again: nothing may be lost, nothing added.
fn reply(golden: &Golden) {
    macro_rules! check {
        ($($operation:path),*) => {
            let mut checked = 0;
            $(
                let name = <$operation as Operation>::META.id.as_str();
                if golden.folder == name || golden.folder == "gateway" {
                    round_trip::<$operation>(golden);
                    checked += 1;
                }
            )*
            assert!(checked > 0, "no operation has the name {}", golden.folder);
        };
    }
    rtc_model::for_each_operation!(check);
}

fn round_trip<O: Operation>(golden: &Golden) {
    let message = &golden.message;
    let status = StatusCode::from_u16(message.status()).unwrap();
    let request_id = message.header("x-request-id").unwrap();
    let meta = O::META;
    let again = match wire::decode_reply::<O>(status, &message.body) {
        Ok(output) => {
            assert!(meta.success.contains(&status));
            wire::encode_reply::<O>(&output, request_id)
        }
        Err(ReplyError::Api(error)) => {
            if golden.folder != "gateway" {
                assert!(meta.errors.contains(&status), "{status} is not documented");
            }
            let rows: Vec<_> = error.code().documented().collect();
            assert!(
                rows.iter().any(|row| row.status == status)
                    // The pages' examples of 404 and, for OBS, of 401 carry the code of a wrong value.
                    || [StatusCode::NOT_FOUND, StatusCode::UNAUTHORIZED].contains(&status)
                    || error.code().as_str() == "RTC.00002xxx",
                "the table has no row for {error}"
            );
            wire::encode_error(&error, request_id)
        }
        Err(error) => panic!("{error}: {:?}", std::error::Error::source(&error)),
    };
    assert_eq!(again.status(), status);
    assert_eq!(again.headers()["x-request-id"], request_id);
    if message.body.is_empty() {
        assert!(again.body().is_empty());
        assert!(!again.headers().contains_key("content-type"));
    } else {
        assert_eq!(again.headers()["content-type"], message.header("content-type").unwrap());
        let body: Value = serde_json::from_slice(again.body()).unwrap();
        assert_json_diff::assert_json_eq!(body, message.json());
    }
}

fn reference_example() {
    let decode = |id: &str| {
        let message = golden::get(id).message;
        let status = StatusCode::from_u16(message.status()).unwrap();
        wire::decode_reply::<ShowRecordCallback>(status, &message.body)
    };
    let answer = decode("ShowRecordCallback/reply.200.reference").unwrap();
    assert_eq!(answer.app_id.unwrap().as_str(), APP);
    let callback = answer.record_callback.unwrap();
    assert_eq!(callback.url.as_deref(), Some("http://mydomain.com"));
    assert_eq!(callback.auth_key.unwrap().expose_secret(), "78912374ae8cdb38");
    assert_eq!(
        callback.notify_event_subscription,
        [NotifyEvent::RecordNewFileStart, NotifyEvent::RecordFileComplete]
    );
    assert_eq!(callback.update_time.unwrap().to_string(), "2020-07-26T07:53:05.075Z");

    let refused = |id: &str| -> ApiError {
        match decode(id) {
            Err(ReplyError::Api(error)) => error,
            other => panic!("{other:?}"),
        }
    };
    let unknown = refused("ShowRecordCallback/reply.404.reference");
    assert_eq!((unknown.status().as_u16(), unknown.code().as_str()), (404, "RTC.00001003"));
    let fault = refused("ShowRecordCallback/reply.500.reference");
    assert_eq!((fault.status().as_u16(), fault.message()), (500, "InternalError"));
}
