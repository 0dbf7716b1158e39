//! What each golden request must be answered with, by the fixture and by the request itself.

use rtc_contract_tests::golden::{self, Golden};
use rtc_model::Timestamp;
use serde_json::{Value, json};

use super::date;
use crate::requests::APP;

/// An expected answer.
pub(super) struct Expected {
    pub(super) status: u16,
    pub(super) body: Body,
}

/// An expected body.
pub(super) enum Body {
    /// None.
    Empty,
    /// Exactly this.
    Is(Value),
    /// The id of a new app: 24 hexadecimal digits, and nothing else.
    NewApp,
    /// At least these.
    Holds(Vec<Value>),
}

/// The answer that a golden request must get.
pub(super) fn answer(golden: &Golden) -> Expected {
    let reply = |id: &str| golden::get(id).message.json();
    let app = reply("ShowApp/reply.200.full");
    let is = |body| Expected { status: 200, body: Body::Is(body) };
    let empty = |status| Expected { status, body: Body::Empty };
    let holds = |status, parts| Expected { status, body: Body::Holds(parts) };
    let sent = || golden.message.json();
    let now = || json!(Timestamp::from(date(&golden.message)));
    match golden.folder.as_str() {
        "CreateApp" => Expected { status: 201, body: Body::NewApp },
        "ListApps" => is(page(golden, app)),
        "ShowApp" => is(app),
        "DeleteApp" | "DeleteRecordRule" | "StopIndividualStreamJob" | "StopMixJob" => empty(204),
        "StartApp" => is(json!({ "app_id": APP, "state": app["state"] })),
        "StopApp" => {
            let state = json!({ "state": "DEACTIVATION", "update_time": now() });
            is(json!({ "app_id": APP, "state": state }))
        }
        "ShowAutoRecord" => {
            is(json!({ "app_id": APP, "auto_record_mode": app["auto_record_mode"] }))
        }
        "UpdateAutoRecord" => {
            let mut mode = sent();
            mode["update_time"] = now();
            is(json!({ "app_id": APP, "auto_record_mode": mode }))
        }
        "ShowRecordCallback" => is(reply("ShowRecordCallback/reply.200.reference")),
        "UpdateRecordCallback" => is(callback(&sent(), now())),
        "CreateRecordRule" => {
            let made = json!({ "app_id": APP, "create_time": now(), "update_time": now() });
            holds(201, vec![sent(), made])
        }
        "ListRecordRules" => {
            let first = !golden.message.word(1).contains("offset=")
                || golden.message.word(1).contains("offset=0");
            let rules = if first { vec![reply("ShowRecordRule/reply.200.full")] } else { vec![] };
            is(json!({ "rules": rules }))
        }
        "ShowRecordRule" => is(reply("ShowRecordRule/reply.200.full")),
        "UpdateRecordRule" => {
            let kept = json!({ "rule_id": "456789abc", "create_time": "2020-07-26T07:53:05.075Z" });
            holds(200, vec![sent(), kept, json!({ "update_time": now() })])
        }
        "CreateIndividualStreamJob" => {
            let made = json!({ "app_id": APP, "state": "INIT", "create_time": now() });
            holds(201, vec![sent(), made])
        }
        "ShowIndividualStreamJob" => is(reply("ShowIndividualStreamJob/reply.200.running")),
        "UpdateIndividualStreamJob" => holds(200, vec![sent(), json!({ "state": "RUNNING" })]),
        "CreateMixJob" => {
            let made = json!({ "app_id": APP, "state": "INIT", "create_time": now() });
            holds(201, vec![audible(sent()), made])
        }
        "ShowMixJob" => is(reply("ShowMixJob/reply.200.running")),
        "UpdateMixJob" => {
            holds(200, vec![sent(), json!({ "state": "RUNNING", "update_time": now() })])
        }
        "RemoveUsers" | "RemoveRoom" => empty(202),
        "ListObsBuckets" => is(json!({
            "count": 1,
            "buckets": [{
                "bucket": "demo-bucket",
                "location": "cn-north-4",
                "creation_date": "2020/07/16 15:11:55 GMT+08:00",
                "is_authorized": false,
            }],
        })),
        "ListObsBucketObjects" => is(json!({ "count": 0, "objects": [] })),
        "UpdateObsBucketAuthority" => empty(200),
        other => panic!("nothing is expected of {other}"),
    }
}

/// The one app of the fixture, on the page and in the state that it is on and in.
fn page(golden: &Golden, app: Value) -> Value {
    let target = golden.message.word(1);
    let parameter = |name: &str| {
        let mut pairs = target.split(['?', '&']).filter_map(|pair| pair.split_once('='));
        pairs.find_map(|(key, value)| (key == name).then_some(value))
    };
    let in_state = parameter("state").is_none_or(|state| app["state"]["state"] == state);
    let on_page = parameter("offset").is_none_or(|offset| offset == "0");
    let apps = if in_state && on_page { vec![app] } else { vec![] };
    json!({ "count": i32::from(in_state), "apps": apps })
}

fn callback(sent: &Value, now: Value) -> Value {
    let mut callback = json!({
        "url": sent["url"],
        "notify_event_subscription": ["RECORD_NEW_FILE_START", "RECORD_FILE_COMPLETE"],
        "update_time": now,
    });
    // Leaving out the key clears it (decision D3).
    if !sent["auth_key"].is_null() {
        callback["auth_key"] = sent["auth_key"].clone();
    }
    json!({ "app_id": APP, "record_callback": callback })
}

/// Without video, what belongs to video is not kept.
fn audible(mut sent: Value) -> Value {
    if sent["mix_param"]["encode_template"] == "audio_only"
        && let Some(mix) = sent["mix_param"].as_object_mut()
    {
        mix.retain(|name, _| ["room_id", "encode_template", "max_idle_time"].contains(&&**name));
    }
    sent
}
