//! Fixtures: what reads them and their JSON Schema agree.

use rtc_mock_server::{Fixture, MockServer, StartError, fixture_schema};
use serde_json::{Value, json};

use self::schema::invalid;
use crate::http::{admin, api, started};

mod schema;

/// Whether a fixture can be used, as what reads it and the schema say. They must agree.
#[track_caller]
fn is_good(fixture: &Value) -> bool {
    let read = Fixture::from_json(&fixture.to_string()).err();
    let schema = invalid(&fixture_schema(), fixture);
    assert_eq!(read.is_some(), schema.is_some(), "{fixture}: {read:?}, {schema:?}");
    read.is_none()
}

/// A fixture that has something in every list.
fn full() -> Value {
    let param = json!({ "record_rule_id": "r" });
    json!({ "projects": [{
        "apps": [{
            "app_id": "a",
            "app_name": "n",
            "state": { "state": "DANCING" },
            "authentication": { "enable": true, "expire": 60, "app_key": null },
            "callbacks": { "record_callback": {
                "url": "http://h",
                "notify_event_subscription": ["RECORD_DANCED"],
            } },
            "auto_record_mode": { "mode": "AUTO_INDIVIDUAL_RECORD", "record_rule_id": "r" },
        }],
        "record_rules": [{
            "rule_id": "r",
            "app_id": "a",
            "record_formats": ["HLS", "OGG"],
            "hls_config": { "record_cycle": 0 },
        }],
        "individual_stream_jobs": [{
            "app_id": "a",
            "job_id": "i",
            "room_id": "x",
            "user_id": "u",
            "record_param": param,
        }],
        "mix_stream_jobs": [{
            "app_id": "a",
            "job_id": "m",
            "mix_param": { "room_id": "x", "encode_template": "audio_only" },
            "record_param": param,
        }],
        "rooms": [{
            "app_id": "a",
            "room_id": "x",
            "users": ["u", "v"],
            "left": { "w": "2024-03-15T08:15:30Z" },
        }],
        "buckets": [{ "bucket": "b", "location": "l", "objects": [{ "file_name": "f", "size": 1 }] }],
    }] })
}

#[test]
fn what_is_committed_and_what_is_minimal_is_good_by_reader_and_schema() {
    for text in [
        include_str!("../../../../tests/fixtures/reference.json"),
        include_str!("../../../../tests/fixtures/schemathesis.json"),
        r#"{"projects":[]}"#,
        r#"{"projects":[{}]}"#,
        r#"{"projects":[{"project_id":null,"buckets":null}]}"#,
    ] {
        assert!(is_good(&serde_json::from_str(text).unwrap()), "{text}");
    }
    assert!(is_good(&full()));
}

#[tokio::test]
async fn an_exported_state_is_good_by_reader_and_schema() {
    let mut full = full();
    full["projects"][0]["apps"][0]["state"] = json!(null);
    let fixture = Fixture::from_json(&full.to_string()).unwrap();
    let server = MockServer::builder().fixture(fixture).start().await.unwrap();
    assert_eq!(api(&server, "POST /v2/apps", r#"{"app_name":"new"}"#).await.0, 201);
    server.join_room("a", "y", "u").unwrap();
    server.leave_room("a", "x", "v").unwrap();
    let state = server.state().to_json();
    let project = &state["projects"][0];
    assert_eq!(project["individual_stream_jobs"].as_array().unwrap().len(), 2, "{state}");
    assert_eq!(project["apps"].as_array().unwrap().len(), 2, "{state}");
    assert!(is_good(&state));
}

#[test]
fn what_a_fixture_needs_is_needed_by_reader_and_schema() {
    for (list, needed) in [
        ("apps", &["app_id", "app_name"][..]),
        ("record_rules", &["app_id", "rule_id"]),
        ("individual_stream_jobs", &["app_id", "job_id", "record_param", "room_id", "user_id"]),
        ("mix_stream_jobs", &["app_id", "job_id", "mix_param", "record_param"]),
        ("rooms", &["app_id", "room_id"]),
        ("buckets", &["bucket", "location"]),
    ] {
        let full = full();
        let fields = full["projects"][0][list][0].as_object().unwrap().keys();
        let missed: Vec<_> = fields
            .filter(|field| {
                let mut without = full.clone();
                let object = without["projects"][0][list][0].as_object_mut().unwrap();
                object.remove(*field);
                !is_good(&without)
            })
            .collect();
        assert_eq!(missed, needed, "{list}");
        for field in needed {
            let mut null = full.clone();
            null["projects"][0][list][0][field] = Value::Null;
            assert!(!is_good(&null), "{list}.{field}");
        }
    }
}

#[test]
fn what_is_bad_is_refused_by_reader_and_schema() {
    for (pointer, bad) in [
        ("", json!([])),
        ("/projects", json!({})),
        ("/projects/0", json!(null)),
        ("/projects/0", json!([])),
        ("/projects/0/project_id", json!(7)),
        ("/projects/0/apps", json!(null)),
        ("/projects/0/app", json!([])),
        ("/projects/0/apps/0", json!("a")),
        ("/projects/0/apps/0/colour", json!("red")),
        ("/projects/0/apps/0/app_id", json!("")),
        ("/projects/0/apps/0/app_name", json!("")),
        ("/projects/0/apps/0/app_name", json!("x".repeat(257))),
        ("/projects/0/apps/0/authentication/expire", json!(59)),
        ("/projects/0/apps/0/authentication/expires", json!(60)),
        ("/projects/0/apps/0/callbacks/record_callback/notify_event_subscription", json!("ALL")),
        ("/projects/0/record_rules/0/hls_config", json!({})),
        ("/projects/0/record_rules/0/hls_config/record_cycle", json!(43_201)),
        ("/projects/0/record_rules/0/name", json!("x")),
        ("/projects/0/individual_stream_jobs/0/record_param", json!({})),
        ("/projects/0/individual_stream_jobs/0/user_id", json!("a b")),
        ("/projects/0/individual_stream_jobs/0/room", json!("x")),
        ("/projects/0/mix_stream_jobs/0/mix_param/room_id", json!(null)),
        ("/projects/0/mix_stream_jobs/0/mix_param/layout", json!("x")),
        ("/projects/0/mix_stream_jobs/0/mix_param/encode_template", json!("1x1_1_1")),
        ("/projects/0/rooms/0/users", json!(["u", "u"])),
        ("/projects/0/rooms/0/users/0", json!("a b")),
        ("/projects/0/rooms/0/left", json!({ "a b": "2024-03-15T08:15:30Z" })),
        ("/projects/0/rooms/0/left/w", json!(5)),
        ("/projects/0/rooms/0/room", json!("x")),
        ("/projects/0/buckets/0/is_authorized", json!("yes")),
        ("/projects/0/buckets/0/object", json!([])),
        ("/projects/0/buckets/0/objects/0/size", json!(-1)),
        ("/projects/0/buckets/0/objects/0/name", json!("x")),
    ] {
        let mut fixture = full();
        match pointer.rsplit_once('/') {
            Some((above, name)) => match fixture.pointer_mut(above).unwrap() {
                Value::Array(array) => array[name.parse::<usize>().unwrap()] = bad,
                object => object[name] = bad,
            },
            None => fixture = bad,
        }
        assert!(!is_good(&fixture), "{pointer}");
    }
}

#[tokio::test]
async fn a_project_that_no_key_has_is_refused_at_the_start_and_while_it_runs() {
    let foreign = r#"{"projects":[{"project_id":"nobodys"}]}"#;
    let fixture = Fixture::from_json(foreign).unwrap();
    let error = MockServer::builder().fixture(fixture.clone()).start().await.unwrap_err();
    assert!(matches!(error, StartError::Fixture(_)), "{error}");

    let server = started().await;
    let before = server.state().to_json();
    let (status, refused) = admin(&server, "PUT /state", foreign).await;
    assert_eq!(status, 400);
    let reason = refused["error"].as_str().unwrap();
    assert!(reason.contains("\"nobodys\" belongs to no credentials"), "{reason}");
    assert_eq!(server.state().to_json(), before, "what is refused changes nothing");

    let open = MockServer::builder().auth("off".parse().unwrap()).fixture(fixture);
    let open = open.admin_listen("127.0.0.1:0".parse().unwrap()).start().await.unwrap();
    assert_eq!(admin(&open, "PUT /state", foreign).await.0, 200, "there every project is seen");
}
