//! What is read, and what is refused.

use http::{Request, StatusCode};
use rtc_model::apps::{App, AppStatus, ShowApp};
use rtc_model::record_callback::{NotifyEvent, ShowRecordCallback, UpdateRecordCallback};
use rtc_model::{ApiError, DecodeError, ErrorCode, ReplyError, wire};

fn update(body: &str) -> Result<UpdateRecordCallback, DecodeError> {
    let request = Request::put("/v2/apps/a1/record-callback").body(()).unwrap();
    wire::decode_request(&request.into_parts().0, body.as_bytes())
}

fn refusal(body: &str) -> ApiError {
    update(body).unwrap_err().into()
}

#[test]
fn null_equals_absent_and_unknown_fields_are_ignored() {
    let body = r#"{"url":"http://h","auth_key":null,"new_in_2030":{"deep":[1,2]}}"#;
    let read = update(body).unwrap();
    assert_eq!((read.body.url.as_str(), read.body.auth_key), ("http://h", None));
    for body in ["{}", r#"{"url":null}"#] {
        let error = refusal(body);
        assert_eq!(error.code(), &ErrorCode::MISSING_PARAMETER, "{body}");
        assert!(error.message().contains("url"), "{error}");
    }
}

#[test]
fn what_is_not_the_documented_json_is_malformed_and_told_with_its_place() {
    for (body, text) in [
        ("", "the body is empty"),
        ("[\"http://h\"]", "invalid type: sequence, expected an object"),
        ("\"http://h\"", "invalid type: string"),
        ("{\"url\":[\"http://h\"]}", "url: invalid type: sequence"),
        ("{\"url\":\"http://h\"", "EOF"),
        ("{\"url\":\"http://h\"} 1", "trailing"),
        ("{\"url\":\"http://h\",\"url\":\"http://h\"}", "duplicate field `url`"),
        ("{\"url\":null,\"url\":\"http://h\"}", "duplicate field `url`"),
        (
            "{\"url\":\"http://h\",\"auth_key\":12345678}",
            "auth_key: it is not of the documented type",
        ),
    ] {
        let error = refusal(body);
        assert_eq!(error.code(), &ErrorCode::MALFORMED_REQUEST_BODY, "{body}");
        assert!(error.message().contains(text), "{body}: {error}");
        assert!(error.message().starts_with("MalformedRequestBody: "), "{error}");
        assert!(!error.message().contains("12345678") && !error.message().contains('?'), "{error}");
    }
}

#[test]
fn deep_nesting_is_refused_and_not_followed() {
    let body = format!("{{\"x\":{}}}", "[".repeat(100_000));
    assert_eq!(refusal(&body).code(), &ErrorCode::MALFORMED_REQUEST_BODY);
}

#[test]
fn an_unknown_value_of_an_enum_survives() {
    let body = br#"{"app_id":"a","record_callback":{"notify_event_subscription":["NEW_EVENT","RECORD_FILE_COMPLETE"]}}"#;
    let answer = wire::decode_reply::<ShowRecordCallback>(StatusCode::OK, body).unwrap();
    let events = &answer.record_callback.as_ref().unwrap().notify_event_subscription;
    assert_eq!(events[0].as_str(), "NEW_EVENT");
    assert!(!events[0].is_known());
    assert_eq!(events[1], NotifyEvent::RecordFileComplete);
    let again = wire::encode_reply::<ShowRecordCallback>(&answer, "r");
    assert_eq!(again.body().as_ref(), body);
}

#[test]
fn a_known_value_never_hides_as_an_unknown_one() {
    for known in AppStatus::KNOWN {
        assert_eq!(AppStatus::from(known.as_str()), *known);
    }
}

#[test]
fn a_success_that_cannot_be_read_tells_its_place() {
    let body = br#"{"state":{"update_time":"yesterday"}}"#;
    let error = wire::decode_reply::<ShowApp>(StatusCode::OK, body).unwrap_err();
    let ReplyError::Body { status, source } = error else { panic!("{error}") };
    assert_eq!((status, source.path()), (StatusCode::OK, "state.update_time"));
    for body in ["", "[]", "<html>", "null"] {
        let error = wire::decode_reply::<ShowApp>(StatusCode::OK, body.as_bytes()).unwrap_err();
        assert!(matches!(error, ReplyError::Body { .. }), "{body}");
    }
}

#[test]
fn other_statuses_than_the_documented_one_are_no_success() {
    for status in [StatusCode::CREATED, StatusCode::NO_CONTENT, StatusCode::FOUND] {
        let error = wire::decode_reply::<ShowApp>(status, b"{}").unwrap_err();
        assert!(matches!(error, ReplyError::UndocumentedStatus { .. }), "{status}");
    }
    let error = wire::decode_reply::<ShowApp>(StatusCode::BAD_GATEWAY, b"<html>").unwrap_err();
    assert!(matches!(error, ReplyError::Unrecognized { .. }));
}

#[test]
fn secrets_do_not_show_in_debug() {
    let request = update(r#"{"url":"http://h","auth_key":"hush-hush"}"#).unwrap();
    let body = br#"{"authentication":{"app_key":"hush-hush"},"callbacks":{"record_callback":{"auth_key":"hush-hush"}}}"#;
    let app: App = wire::decode_reply::<ShowApp>(StatusCode::OK, body).unwrap();
    for text in [format!("{request:?}"), format!("{app:?}")] {
        assert!(!text.contains("hush"), "{text}");
    }
}
