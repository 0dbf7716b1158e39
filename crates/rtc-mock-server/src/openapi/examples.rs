//! Examples of bodies, in the values of the reference's examples.

use rtc_model::OperationId;
use serde_json::{Value, json};

/// The example of a parameter.
pub(super) fn parameter(name: &str) -> Option<Value> {
    Some(match name {
        "app_id" => "123456789abcdefghijklmno".into(),
        "rule_id" => "456789abc".into(),
        "job_id" => "607824b4fa163e19fe301cc817dda855".into(),
        "room_id" => "room-7".into(),
        "bucket" => "demo-bucket".into(),
        "type" => "objects".into(),
        "location" => "cn-north-4".into(),
        _ => return None,
    })
}

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
        OperationId::ShowApp => app(app_id),
        OperationId::ListApps => json!({ "count": 1, "apps": [app(app_id)] }),
        OperationId::ListRecordRules => json!({ "rules": [shown_rule(app_id)] }),
        OperationId::CreateIndividualStreamJob
        | OperationId::ShowIndividualStreamJob
        | OperationId::UpdateIndividualStreamJob => json!({
            "job_id": "607824b4fa163e19fe301cc817dda855",
            "stream_name": "s_607824b4fa163e19fe301cc817dda855_room-7_anna",
            "app_id": app_id,
            "room_id": "room-7",
            "user_id": "anna",
            "is_record_audio": true,
            "video_type": "CAMERASTREAM",
            "select_stream_type": "FHD",
            "max_idle_time": 30,
            "record_param": { "record_rule_id": "456789abc" },
            "create_time": "2020-07-26T07:53:05.075Z",
            "state": "RUNNING",
        }),
        OperationId::CreateMixJob | OperationId::ShowMixJob | OperationId::UpdateMixJob => json!({
            "job_id": "607824b4fa163e19fe301cc817dda855",
            "stream_name": "m_607824b4fa163e19fe301cc817dda855_room-7",
            "app_id": app_id,
            "room_id": "room-7",
            "mix_param": {
                "room_id": "room-7",
                "encode_template": "1280x720_15_2260",
                "layout_template": "nine_grids_view",
                "max_idle_time": 30,
            },
            "record_param": { "record_rule_id": "456789abc" },
            "create_time": "2020-07-26T07:53:05.075Z",
            "state": "RUNNING",
        }),
        OperationId::ListObsBuckets => json!({
            "count": 1,
            "buckets": [{
                "bucket": "demo-bucket",
                "location": "cn-north-4",
                "creation_date": "2020/07/16 15:11:55 GMT+08:00",
                "is_authorized": true,
            }],
        }),
        OperationId::ListObsBucketObjects => json!({
            "count": 1,
            "objects": [{
                "file_name": "Record/index.m3u8",
                "size": 12,
                "last_modified": "2020/07/16 15:11:55 GMT+08:00",
            }],
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
        | OperationId::UpdateRecordRule => shown_rule(app_id),
        _ => return None,
    })
}

fn app(app_id: &str) -> Value {
    json!({
        "app_name": "classroom",
        "app_id": app_id,
        "state": { "state": "ACTIVATION", "update_time": "2020-07-26T07:53:05.075Z" },
        "create_time": "2020-07-26T07:53:05.075Z",
        "authentication": { "enable": false, "expire": 300 },
        "auto_record_mode": { "mode": "AUTO_RECORD_OFF" },
    })
}

fn shown_rule(app_id: &str) -> Value {
    let mut answer = rule();
    answer["rule_id"] = "456789abc".into();
    answer["app_id"] = app_id.into();
    answer
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
