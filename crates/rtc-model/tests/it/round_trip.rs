//! Reading is the inverse of writing, for arbitrary values of every operation; arbitrary bytes never
//! panic.

use bytes::Bytes;
use http::{Request, StatusCode};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use rtc_model::apps::*;
use rtc_model::auto_record::*;
use rtc_model::callback::*;
use rtc_model::individual_stream_jobs::*;
use rtc_model::mix_stream_jobs::*;
use rtc_model::obs::*;
use rtc_model::operation::Upserted;
use rtc_model::record_callback::*;
use rtc_model::record_rules::*;
use rtc_model::rooms::*;
use rtc_model::*;

use self::values::*;

mod values;

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

    // With its numbers written as texts it is the same.
    let mut odd = serde_json::from_slice(response.body()).unwrap_or_default();
    quote_numbers(&mut odd);
    let read = wire::decode_reply::<O>(response.status(), odd.to_string().as_bytes()).unwrap();
    assert_eq!(wire::encode_reply::<O>(&read, "0123").body(), response.body());
}

fn quote_numbers(value: &mut serde_json::Value) {
    use serde_json::Value;

    match value {
        Value::Number(number) => *value = Value::String(number.to_string()),
        Value::Array(items) => items.iter_mut().for_each(quote_numbers),
        Value::Object(members) => members.values_mut().for_each(quote_numbers),
        _ => {}
    }
}

proptest! {
    #[test]
    fn requests_about_apps_come_back(
        id in path_id::<AppId>(), name in text(), url in text(), key in option::of(text()),
        mode in of_text::<AutoRecordMode>(), rule in option::of(text()),
        state in option::of(of_text::<AppFilter>()), offset in option::of(any::<i32>()), limit in option::of(any::<i32>()),
    ) {
        comes_back(&CreateApp::new(AppReq::new(name)));
        let mut list = ListApps::new();
        (list.state, list.offset, list.limit) = (state, offset, limit);
        comes_back(&list);
        comes_back(&ShowApp::new(id.clone()));
        comes_back(&DeleteApp::new(id.clone()));
        comes_back(&StartApp::new(id.clone()));
        comes_back(&StopApp::new(id.clone()));
        comes_back(&ShowAutoRecord::new(id.clone()));
        let mut body = AutoRecordModeReq::new(mode);
        body.record_rule_id = rule;
        comes_back(&UpdateAutoRecord::new(id.clone(), body));
        comes_back(&ShowRecordCallback::new(id.clone()));
        let mut body = AppCallbackUrlReq::new(url);
        body.auth_key = key.map(Secret::from);
        comes_back(&UpdateRecordCallback::new(id, body));
    }

    #[test]
    fn requests_about_rules_and_jobs_come_back(
        id in path_id::<AppId>(), rule_id in path_id::<RuleId>(), job in path_id::<JobId>(),
        rule in rule_req(), individual in individual_req(), individual_change in individual_change(),
        mix in mix_req(), mix_change in mix_change(), limit in option::of(any::<i32>()),
    ) {
        comes_back(&CreateRecordRule::new(id.clone(), rule.clone()));
        let mut list = ListRecordRules::new(id.clone());
        list.limit = limit;
        comes_back(&list);
        comes_back(&ShowRecordRule::new(id.clone(), rule_id.clone()));
        comes_back(&UpdateRecordRule::new(id.clone(), rule_id.clone(), rule));
        comes_back(&DeleteRecordRule::new(id.clone(), rule_id));
        comes_back(&CreateIndividualStreamJob::new(id.clone(), individual));
        comes_back(&ShowIndividualStreamJob::new(id.clone(), job.clone()));
        comes_back(&UpdateIndividualStreamJob::new(id.clone(), job.clone(), individual_change));
        comes_back(&StopIndividualStreamJob::new(id.clone(), job.clone()));
        comes_back(&CreateMixJob::new(id.clone(), mix));
        comes_back(&ShowMixJob::new(id.clone(), job.clone()));
        comes_back(&UpdateMixJob::new(id.clone(), job.clone(), mix_change));
        comes_back(&StopMixJob::new(id, job));
    }

    #[test]
    fn requests_about_rooms_and_buckets_come_back(
        id in path_id::<AppId>(), room in path_id::<RoomId>(), users in users(), bucket in text(),
        kind in of_text::<ObsObjectType>(), location in of_text::<ObsLocation>(), prefix in option::of(text()),
        authority in authority(),
    ) {
        comes_back(&RemoveUsers::new(id.clone(), room.clone(), users));
        comes_back(&RemoveRoom::new(id, room));
        comes_back(&ListObsBuckets::new());
        let mut list = ListObsBucketObjects::new(bucket, kind, location);
        list.prefix = prefix;
        comes_back(&list);
        comes_back(&UpdateObsBucketAuthority::new(authority));
    }

    #[test]
    fn every_answer_comes_back(
        id in of_text::<AppId>(), app in app(), state in option::of(app_state()), callback in option::of(callback()),
        mode in option::of(auto_record_mode()), rule in rule(), individual in individual_job(), mix in mix_job(),
        buckets in vec(bucket(), 0..3), objects in vec(object(), 0..3), count in any::<i32>(),
    ) {
        answer_comes_back::<CreateApp>(&CreatedApp::new(id.clone()));
        answer_comes_back::<ListApps>(&AppList::new().count(count).apps([app.clone()]));
        answer_comes_back::<ShowApp>(&app);
        answer_comes_back::<DeleteApp>(&());
        let mut answer = AppStateAnswer::new();
        answer.state = state;
        answer_comes_back::<StartApp>(&answer);
        answer_comes_back::<StopApp>(&answer);
        let mut answer = AutoRecord::new();
        answer.auto_record_mode = mode;
        answer_comes_back::<ShowAutoRecord>(&answer);
        answer_comes_back::<UpdateAutoRecord>(&answer);
        let mut answer = RecordCallback::new().app_id(id);
        answer.record_callback = callback;
        answer_comes_back::<ShowRecordCallback>(&answer);
        answer_comes_back::<UpdateRecordCallback>(&answer);
        answer_comes_back::<CreateRecordRule>(&Upserted::Created(rule.clone()));
        answer_comes_back::<CreateRecordRule>(&Upserted::Replaced(rule.clone()));
        answer_comes_back::<ListRecordRules>(&RecordRuleList::new().rules([rule.clone()]));
        answer_comes_back::<ShowRecordRule>(&rule);
        answer_comes_back::<UpdateRecordRule>(&rule);
        answer_comes_back::<CreateIndividualStreamJob>(&individual);
        answer_comes_back::<ShowIndividualStreamJob>(&individual);
        answer_comes_back::<UpdateIndividualStreamJob>(&individual);
        answer_comes_back::<CreateMixJob>(&mix);
        answer_comes_back::<ShowMixJob>(&mix);
        answer_comes_back::<UpdateMixJob>(&mix);
        answer_comes_back::<ListObsBuckets>(&ObsBucketList::new().count(count).buckets(buckets));
        answer_comes_back::<ListObsBucketObjects>(&ObsObjectList::new().objects(objects));
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
    fn a_notification_comes_back(notification in notification()) {
        let written = notification.to_json();
        let read = Notification::from_json(&written).unwrap();
        prop_assert_eq!(&read, &notification);
        prop_assert_eq!(read.to_json(), &written);
        // With its numbers written as texts it is the same.
        let mut odd = serde_json::from_slice(&written).unwrap();
        quote_numbers(&mut odd);
        prop_assert_eq!(Notification::from_json(odd.to_string().as_bytes()).unwrap(), notification);
    }

    #[test]
    fn a_time_in_seconds_is_the_time_without_its_fraction(time in time()) {
        let seconds = time.in_seconds();
        prop_assert_eq!(seconds.to_string(), format!("{}Z", &time.to_string()[..19]));
        prop_assert!(seconds <= time);
    }

    #[test]
    fn arbitrary_bytes_never_panic(
        status in 100_u16..1000, body in vec(any::<u8>(), 0..200), path in "/[ -~]{0,60}", query in "[!-~]{0,60}",
    ) {
        macro_rules! decode {
            ($($operation:path),*) => { $(
                let _ = wire::decode_reply::<$operation>(StatusCode::from_u16(status).unwrap(), &body);
                let own = <$operation as Operation>::META.path.as_str().replace(['{', '}'], "%F");
                for uri in [path.clone(), format!("{own}?{query}")] {
                    let request = Request::builder().method(<$operation as Operation>::META.method).uri(uri);
                    if let Ok(request) = request.body(()) {
                        let _ = wire::decode_request::<$operation>(&request.into_parts().0, &body)
                            .map(|operation| operation.validate());
                    }
                }
            )* };
        }
        rtc_model::for_each_operation!(decode);
        let _ = Notification::from_json(&body);
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
