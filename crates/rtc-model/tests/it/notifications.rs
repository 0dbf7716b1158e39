//! Notifications are read and written.

use rtc_model::callback::Notification;
use rtc_model::record_callback::NotifyEvent;
use rtc_model::record_rules::RecordFormat;

#[test]
fn the_fields_are_written_in_the_order_of_the_manuals_example() {
    let body = r#"{"event_type":"RECORD_FILE_COMPLETE","stream_name":"room-7-main","record_format":"HLS","download_url":"https://b.obs.cn-north-4.myhuaweicloud.com/o","file_size":26254952000,"record_duration":65,"start_time":"2024-03-01T08:00:00Z","end_time":"2024-03-01T08:01:05Z","width":1280,"height":720,"obs_location":"http://obs.cn-north-4.myhuaweicloud.com","obs_bucket":"b","obs_object":"o","app_id":"a","job_id":"j","room_id":"r","detail_message":"d"}"#;
    let read = Notification::from_json(body.as_bytes()).unwrap();
    assert_eq!(read.file_size, Some(26_254_952_000));
    assert_eq!(read.to_json(), body);
}

#[test]
fn events_and_formats_that_nobody_knows_are_kept() {
    let body = br#"{"event_type":"NEW_EVENT","record_format":"FLV"}"#;
    let read = Notification::from_json(body).unwrap();
    assert_eq!(read.event_type, Some(NotifyEvent::from("NEW_EVENT")));
    assert_eq!(read.record_format, Some(RecordFormat::from("FLV")));
    assert_eq!(read.to_json(), &body[..]);
}

#[test]
fn null_equals_absent_unknown_fields_are_ignored_and_numbers_may_be_texts() {
    let body = br#"{"event_type":null,"width":"1280","room_id":7,"new_in_2030":{"deep":[1]}}"#;
    let read = Notification::from_json(body).unwrap();
    assert_eq!(read, Notification::new().width(1280).room_id("7"));
    assert_eq!(Notification::from_json(b"{}").unwrap(), Notification::new());
}

#[test]
fn what_cannot_be_read_is_told_with_its_place() {
    for (body, place, text) in [
        (r#"{"start_time":"yesterday"}"#, "start_time", "a time such as"),
        (r#"{"width":1.5}"#, "width", "an integer of 32 bits"),
        (r#"{"file_size":[]}"#, "file_size", "an integer of 64 bits"),
        (r#"{"event_type":{}}"#, "event_type", "expected a string"),
        ("[]", "", "expected an object"),
        ("", "", "EOF"),
        (r#"{"room_id":"r"#, "room_id", "EOF"),
        (r#"{"room_id":"r"} x"#, "", "trailing"),
    ] {
        let error = Notification::from_json(body.as_bytes()).unwrap_err();
        assert_eq!(error.path(), place, "{body}: {error}");
        assert!(error.to_string().contains(text), "{body}: {error}");
    }
}
