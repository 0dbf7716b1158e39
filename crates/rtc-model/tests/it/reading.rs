//! What is read, and what is refused.

use http::{Request, StatusCode};
use rtc_model::apps::{App, AppStatus, ListApps, ShowApp};
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
fn an_answer_that_is_slightly_off_is_read_all_the_same() {
    let body = br#"{"app_id":17,"app_name":null,"state":{"state":"NEW_STATE","update_time":null},
        "new_in_2030":[1],"callbacks":{"record_callback":{"url":true,"auth_key":12345678}}}"#;
    let app = wire::decode_reply::<ShowApp>(StatusCode::OK, body).unwrap();
    assert_eq!(app.app_id, Some("17".into()));
    assert_eq!(app.app_name, None);
    let state = app.state.unwrap();
    assert_eq!(state.state.unwrap().as_str(), "NEW_STATE");
    assert_eq!(state.update_time, None);
    let callback = app.callbacks.unwrap().record_callback.unwrap();
    assert_eq!(callback.url.as_deref(), Some("true"));
    assert_eq!(callback.auth_key.unwrap().expose_secret(), "12345678");

    let body = br#"{"count":"2.0","apps":[{"app_id":18446744073709551615}]}"#;
    let apps = wire::decode_reply::<ListApps>(StatusCode::OK, body).unwrap();
    assert_eq!(apps.count, Some(2));
    assert_eq!(apps.apps[0].app_id, Some("18446744073709551615".into()));
}

#[test]
fn an_answer_that_is_too_far_off_is_refused_with_its_place() {
    for (body, place) in [
        (r#"{"count":"two"}"#, "count"),
        (r#"{"count":2.5}"#, "count"),
        (r#"{"count":1e300}"#, "count"),
        (r#"{"count":"5000000000"}"#, "count"),
        (r#"{"count":true}"#, "count"),
        (r#"{"apps":{"app_id":"a"}}"#, "apps"),
        (r#"{"apps":[["a"]]}"#, "apps[0]"),
        (r#"{"apps":[{"app_id":["a"]}]}"#, "apps[0].app_id"),
        (
            r#"{"count":"2","apps":[{"state":{"update_time":"yesterday"}}]}"#,
            "apps[0].state.update_time",
        ),
    ] {
        let error = wire::decode_reply::<ListApps>(StatusCode::OK, body.as_bytes()).unwrap_err();
        let ReplyError::Body { source, .. } = error else { panic!("{body}: {error}") };
        assert_eq!(source.path(), place, "{body}: {source}");
    }
}

#[test]
fn requests_are_read_as_documented() {
    assert_eq!(refusal(r#"{"url":5}"#).code(), &ErrorCode::MALFORMED_REQUEST_BODY);
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
