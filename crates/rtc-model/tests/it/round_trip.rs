//! Reading is the inverse of writing, for arbitrary values; arbitrary bytes never panic.

use bytes::Bytes;
use http::{Request, StatusCode};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use rtc_model::apps::*;
use rtc_model::auto_record::{AppAutoRecordMode, AutoRecordMode};
use rtc_model::record_callback::*;
use rtc_model::{ApiError, AppId, Operation, OperationId, Secret, Timestamp, wire};

/// Texts that JSON has to escape among them.
fn text() -> impl Strategy<Value = String> {
    any::<String>()
}

/// Ids that can stand in a path.
fn id() -> impl Strategy<Value = AppId> {
    text()
        .prop_filter("it can stand in a path", |id| {
            !["", ".", ".."].contains(&&**id) && !id.contains('/')
        })
        .prop_map(AppId::from)
}

fn time() -> impl Strategy<Value = Timestamp> {
    // The years 1 to 9999.
    (-62_135_596_800_i64..253_402_300_800, 0..1_000_u32).prop_map(|(seconds, millis)| {
        let time = std::time::Duration::new(seconds.unsigned_abs(), millis * 1_000_000);
        let epoch = std::time::SystemTime::UNIX_EPOCH;
        Timestamp::from(if seconds < 0 { epoch - time } else { epoch + time })
    })
}

fn event() -> impl Strategy<Value = NotifyEvent> {
    text().prop_map(|text| NotifyEvent::from(text.as_str()))
}

prop_compose! {
    fn callback()(
        url in option::of(text()),
        key in option::of(text()),
        events in vec(event(), 0..4),
        updated in option::of(time()),
    ) -> AppCallbackUrl {
        let mut callback = AppCallbackUrl::new().notify_event_subscription(events);
        callback.url = url;
        callback.auth_key = key.map(Secret::from);
        callback.update_time = updated;
        callback
    }
}

prop_compose! {
    fn app()(
        name in option::of(text()),
        id in option::of(id()),
        state in option::of((option::of(text()), option::of(time()))),
        created in option::of(time()),
        auth in option::of((any::<bool>(), any::<u32>())),
        record_callback in option::of(callback()),
        mode in option::of(text()),
    ) -> App {
        let mut app = App::new().callbacks(AppCallbacks::new());
        app.app_name = name;
        app.app_id = id;
        app.state = state.map(|(state, time)| {
            let mut value = AppState::new();
            value.state = state.map(|state| AppStatus::from(state.as_str()));
            value.update_time = time;
            value
        });
        app.create_time = created;
        app.authentication = auth.map(|(enable, expire)| AppAuth::new().enable(enable).expire(expire));
        app.callbacks = record_callback.map(|callback| AppCallbacks::new().record_callback(callback));
        app.auto_record_mode =
            mode.map(|mode| AppAutoRecordMode::new().mode(AutoRecordMode::from(mode.as_str())));
        app
    }
}

/// A request comes back as it was, and finds its own operation.
fn comes_back<O: Operation + PartialEq + std::fmt::Debug>(operation: &O) {
    let endpoint = "https://rtc-api.myhuaweicloud.com".parse().unwrap();
    let (head, body) = wire::encode_request(operation, &endpoint).unwrap().into_parts();
    assert_eq!(OperationId::route(&head.method, head.uri.path()), Some(O::META.id));
    assert_eq!(wire::decode_request::<O>(&head, &body).unwrap(), *operation);
}

fn answer_comes_back<O: Operation<Output: PartialEq + std::fmt::Debug>>(output: &O::Output) {
    let response = wire::encode_reply::<O>(output, "0123");
    let read = wire::decode_reply::<O>(response.status(), response.body()).unwrap();
    assert_eq!(read, *output);
}

proptest! {
    #[test]
    fn every_request_comes_back(id in id(), name in text(), url in text(), key in option::of(text())) {
        comes_back(&CreateApp::new(AppReq::new(name)));
        comes_back(&ShowApp::new(id.clone()));
        comes_back(&DeleteApp::new(id.clone()));
        comes_back(&ShowRecordCallback::new(id.clone()));
        let mut body = AppCallbackUrlReq::new(url);
        body.auth_key = key.map(Secret::from);
        comes_back(&UpdateRecordCallback::new(id, body));
    }

    #[test]
    fn every_answer_comes_back(id in id(), app in app(), callback in option::of(callback())) {
        answer_comes_back::<CreateApp>(&CreatedApp::new(id.clone()));
        answer_comes_back::<ShowApp>(&app);
        answer_comes_back::<DeleteApp>(&());
        let mut answer = RecordCallback::new().app_id(id);
        answer.record_callback = callback;
        answer_comes_back::<ShowRecordCallback>(&answer);
        answer_comes_back::<UpdateRecordCallback>(&answer);
    }

    #[test]
    fn an_error_comes_back(status in 400_u16..600, code in text(), message in text(), id in option::of(text())) {
        let status = StatusCode::from_u16(status).unwrap();
        let mut error = ApiError::new(status, code.into(), message);
        if let Some(id) = id {
            error = error.with_request_id(id);
        }
        let response = wire::encode_error(&error, "0123");
        prop_assert_eq!(ApiError::from_body(status, response.body()), Some(error));
    }

    #[test]
    fn arbitrary_bytes_never_panic(status in 100_u16..1000, body in vec(any::<u8>(), 0..200), path in "/[ -~]{0,60}") {
        macro_rules! decode {
            ($($operation:path),*) => { $(
                let _ = wire::decode_reply::<$operation>(StatusCode::from_u16(status).unwrap(), &body);
                for uri in [path.clone(), <$operation as Operation>::META.path.as_str().replace(['{', '}'], "%F")] {
                    if let Ok(request) = Request::builder().method(<$operation as Operation>::META.method).uri(uri).body(()) {
                        let _ = wire::decode_request::<$operation>(&request.into_parts().0, &body)
                            .map(|operation| operation.validate());
                    }
                }
            )* };
        }
        rtc_model::for_each_operation!(decode);
    }

    #[test]
    fn a_time_comes_back_as_it_was_written(time in time(), digits in 0_usize..=9) {
        let fraction = if digits == 0 { String::new() } else { format!(".{:0digits$}", 7) };
        let text = time.to_string().replace(&time.to_string()[19..], &format!("{fraction}Z"));
        prop_assert_eq!(text.parse::<Timestamp>().unwrap().to_string(), text);
    }

    #[test]
    fn a_body_cut_anywhere_is_refused(cut in 0_usize..30) {
        let body = Bytes::from_static(br#"{"url":"http://h","auth_key":"0123456789abcdef"}"#);
        let request = Request::put("/v2/apps/a/record-callback").body(()).unwrap();
        let head = request.into_parts().0;
        prop_assert!(wire::decode_request::<UpdateRecordCallback>(&head, &body.slice(..cut)).is_err());
    }
}
