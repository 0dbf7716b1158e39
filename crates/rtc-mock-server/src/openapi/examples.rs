//! Examples of bodies, in the values of the reference's examples.

use rtc_model::OperationId;
use serde_json::{Value, json};

/// The example of a request body.
pub(super) fn body(id: OperationId) -> Option<Value> {
    Some(match id {
        OperationId::CreateApp => json!({ "app_name": "classroom" }),
        OperationId::UpdateAutoRecord => {
            json!({ "mode": "AUTO_INDIVIDUAL_RECORD", "record_rule_id": "456789abc" })
        }
        OperationId::UpdateRecordCallback => {
            json!({ "url": "http://mydomain.com", "auth_key": "78912374ae8cdb38" })
        }
        OperationId::CreateRecordRule | OperationId::UpdateRecordRule => rule(),
        OperationId::CreateIndividualStreamJob => json!({
            "room_id": "room-7",
            "user_id": "anna",
            "is_record_audio": true,
            "video_type": "CAMERASTREAM",
            "select_stream_type": "FHD",
            "max_idle_time": 30,
            "record_param": { "record_rule_id": "456789abc" },
        }),
        OperationId::UpdateIndividualStreamJob => {
            json!({ "record_param": { "record_rule_id": "456789abc" } })
        }
        OperationId::CreateMixJob => json!({
            "mix_param": {
                "room_id": "room-7",
                "encode_template": "1280x720_15_2260",
                "layout_template": "nine_grids_view",
                "max_idle_time": 30,
            },
            "record_param": { "record_rule_id": "456789abc" },
        }),
        OperationId::UpdateMixJob => {
            json!({ "mix_param": { "background_image": "s3://demo-bucket/sky.png" } })
        }
        OperationId::RemoveUsers => json!({ "user_ids": ["anna", "ben"] }),
        OperationId::UpdateObsBucketAuthority => {
            json!({ "bucket": "demo-bucket", "operation": 1, "location": "cn-north-4" })
        }
        _ => return None,
    })
}

/// The example of an answer.
pub(super) fn answer(id: OperationId) -> Option<Value> {
    let app_id = "123456789abcdefghijklmno";
    Some(match id {
        OperationId::CreateApp => json!({ "app_id": app_id }),
        OperationId::ShowRecordCallback | OperationId::UpdateRecordCallback => json!({
            "app_id": app_id,
            "record_callback": {
                "url": "http://mydomain.com",
                "auth_key": "78912374ae8cdb38",
                "notify_event_subscription": ["RECORD_NEW_FILE_START", "RECORD_FILE_COMPLETE"],
                "update_time": "2020-07-26T07:53:05.075Z",
            },
        }),
        OperationId::StartApp | OperationId::StopApp => {
            let state = if id == OperationId::StartApp { "ACTIVATION" } else { "DEACTIVATION" };
            let update_time = "2020-07-26T07:53:05.075Z";
            json!({ "app_id": app_id, "state": { "state": state, "update_time": update_time } })
        }
        OperationId::ShowAutoRecord | OperationId::UpdateAutoRecord => json!({
            "app_id": app_id,
            "auto_record_mode": { "mode": "AUTO_RECORD_OFF" },
        }),
        OperationId::CreateRecordRule
        | OperationId::ShowRecordRule
        | OperationId::UpdateRecordRule => {
            let mut answer = rule();
            answer["rule_id"] = "456789abc".into();
            answer["app_id"] = app_id.into();
            answer
        }
        _ => return None,
    })
}

fn rule() -> Value {
    json!({
        "obs_addr": {
            "location": "cn-north-4",
            "project_id": "0123456789abcdef0123456789abcdef",
            "bucket": "demo-bucket",
            "object": "Record",
        },
        "record_formats": ["HLS"],
        "hls_config": { "record_cycle": 3600, "record_slice_duration": 10 },
    })
}
