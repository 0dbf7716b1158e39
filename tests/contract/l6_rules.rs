//! L6: record rules, rooms and buckets.

use rtc_contract_tests::case::{Case, Level};
use rtc_mock_server::{Fixture, MockServer};
use rtc_model::UserId;
use rtc_model::auto_record::{AutoRecordMode, AutoRecordModeReq, UpdateAutoRecord};
use rtc_model::obs::{
    ListObsBucketObjects, ListObsBuckets, ObsAuthorityConfig, ObsLocation, ObsObjectType,
    UpdateObsBucketAuthority,
};
use rtc_model::operation::Upserted;
use rtc_model::record_rules::{
    CreateRecordRule, DeleteRecordRule, HlsRecordConfig, ListRecordRules, Mp4RecordConfig,
    RecordFormat, RecordObsFileAddr, RecordRuleReq, RuleLocation, ShowRecordRule, UpdateRecordRule,
};
use rtc_model::rooms::{RemoveRoom, RemoveUsers, RemoveUsersReq};

use crate::scenario::{Scenario, rule};

pub(crate) fn add(cases: &mut Vec<Case>) {
    macro_rules! case {
        ($operation:literal, $name:literal, $run:path) => {
            cases.push(Case::new(Level::L6, $operation, $name, $run));
        };
    }
    case!("CreateRecordRule", "a second rule of the location replaces the first", upsert);
    case!("UpdateRecordRule", "a rule is replaced, and not moved to a taken location", update);
    case!("DeleteRecordRule", "a rule in use is kept", delete);
    case!("CreateRecordRule", "the limits of a rule are told with their places", limits);
    case!("CreateRecordRule", "a bucket is checked when the mock is told to", bucket_check);
    case!("RemoveRoom", "users join, are removed, and the room is dismissed", rooms);
    case!("ListObsBuckets", "the demo bucket is authorized and forbidden again", buckets);
    case!("ListObsBucketObjects", "folders and objects of a fixture are listed", objects);
}

async fn upsert() {
    let s = Scenario::start().await;
    let app = s.app("app").await;
    let Upserted::Created(first) = s.ok(CreateRecordRule::new(&app, rule())).await else {
        panic!("the first rule is not new");
    };
    let id = first.rule_id.clone().unwrap();
    assert_eq!(id.as_str().len(), 32);
    assert_eq!(first.create_time, first.update_time);
    s.advance(60);
    let other = rule().record_formats([RecordFormat::Mp4]).mp4_config(Mp4RecordConfig::new(60));
    let Upserted::Replaced(second) = s.ok(CreateRecordRule::new(&app, other)).await else {
        panic!("the second rule is new (decision D9)");
    };
    assert_eq!(second.rule_id.as_ref(), Some(&id));
    assert_eq!(second.record_formats, [RecordFormat::Mp4]);
    assert_eq!(second.create_time, first.create_time);
    assert!(second.update_time > first.update_time);
    let listed = s.ok(ListRecordRules::new(&app)).await;
    assert_eq!(listed.rules, [second]);
    let beyond = s.ok(ListRecordRules::new(&app).offset(1).limit(10)).await;
    assert_eq!(beyond.rules.len(), 0);
    s.refused(ListRecordRules::new(&app).limit(0), 400, "RTC.00001003", "limit").await;
    s.refused(ListRecordRules::new("nobody"), 404, "RTC.00001003", "nobody").await;
}

async fn update() {
    let fixture = r#"{"projects":[{
        "apps":[{"app_id":"a","app_name":"n"}],
        "record_rules":[
            {"rule_id":"r1","app_id":"a","obs_addr":{"location":"cn-north-4","project_id":"p","bucket":"b"},"record_formats":["HLS"],"hls_config":{"record_cycle":0}},
            {"rule_id":"r2","app_id":"a","obs_addr":{"location":"cn-south-1","project_id":"p","bucket":"b"},"record_formats":["HLS"],"hls_config":{"record_cycle":0}}
        ]
    }]}"#;
    let fixture = Fixture::from_json(fixture).unwrap();
    let s = Scenario::with(MockServer::builder().fixture(fixture)).await;
    let shown = s.ok(ShowRecordRule::new("a", "r1")).await;
    assert_eq!(shown.hls_config.as_ref().unwrap().record_cycle, 0);
    let updated = s.ok(UpdateRecordRule::new("a", "r1", rule())).await;
    assert_eq!(updated.hls_config.as_ref().unwrap().record_cycle, 3600);
    assert_eq!(s.ok(ShowRecordRule::new("a", "r1")).await, updated);
    s.refused(UpdateRecordRule::new("a", "r2", rule()), 400, "RTC.00001019", "cn-north-4").await;
    s.refused(UpdateRecordRule::new("a", "r3", rule()), 404, "RTC.00001003", "r3").await;
    s.refused(ShowRecordRule::new("a", "r3"), 404, "RTC.00001003", "r3").await;
    let without = rule().record_formats([RecordFormat::Mp4]);
    s.refused(UpdateRecordRule::new("a", "r1", without), 400, "RTC.00001004", "mp4_config").await;
    let place = RecordObsFileAddr::new("moon", "p", "b");
    let moon = RecordRuleReq::new(place).record_formats([RecordFormat::Hls]);
    let moon = moon.hls_config(HlsRecordConfig::new(0));
    s.refused(UpdateRecordRule::new("a", "r1", moon), 400, "RTC.00001003", "obs_addr.location")
        .await;
}

async fn delete() {
    let s = Scenario::start().await;
    let app = s.app("app").await;
    let id = s.rule(&app).await;
    let on = AutoRecordModeReq::new(AutoRecordMode::IndividualRecord).record_rule_id(id.as_str());
    s.ok(UpdateAutoRecord::new(&app, on)).await;
    s.refused(DeleteRecordRule::new(&app, &id), 400, "RTC.00001013", "auto-record").await;
    s.ok(UpdateAutoRecord::new(&app, AutoRecordModeReq::new(AutoRecordMode::Off))).await;
    s.ok(DeleteRecordRule::new(&app, &id)).await;
    s.refused(DeleteRecordRule::new(&app, &id), 404, "RTC.00001003", id.as_str()).await;
}

async fn limits() {
    let s = Scenario::start().await;
    let app = s.app("app").await;
    let place = || RecordObsFileAddr::new(RuleLocation::CnNorth4, "p", "b");
    let hls = |cycle| {
        let rule = RecordRuleReq::new(place()).record_formats([RecordFormat::Hls]);
        rule.hls_config(HlsRecordConfig::new(cycle))
    };
    let mp4 = |config| {
        let rule = RecordRuleReq::new(place()).record_formats([RecordFormat::Mp4]);
        rule.mp4_config(config)
    };
    let object = RecordRuleReq::new(place().object("x".repeat(1025)));
    for (rule, code, text) in [
        (RecordRuleReq::new(place()), "RTC.00001005", "record_formats"),
        (hls(59), "RTC.00001003", "hls_config.record_cycle"),
        (hls(43_201), "RTC.00001003", "hls_config.record_cycle"),
        (mp4(Mp4RecordConfig::new(59)), "RTC.00001003", "mp4_config.record_cycle"),
        (
            mp4(Mp4RecordConfig::new(60).record_max_duration_to_merge_file(-1)),
            "RTC.00001003",
            "mp4_config.record_max_duration_to_merge_file",
        ),
        (object.record_formats([RecordFormat::Hls]), "RTC.00001003", "obs_addr.object"),
        (rule().record_formats(["AVI".into()]), "RTC.00001003", "record_formats[0]"),
        (
            RecordRuleReq::new(place()).record_formats([RecordFormat::Hls]),
            "RTC.00001004",
            "hls_config",
        ),
    ] {
        s.refused(CreateRecordRule::new(&app, rule), 400, code, text).await;
    }
    assert_eq!(s.ok(ListRecordRules::new(&app)).await.rules.len(), 0, "nothing was made");
}

async fn bucket_check() {
    let s = Scenario::with(MockServer::builder().check_buckets()).await;
    let app = s.app("app").await;
    let create = || CreateRecordRule::new(&app, rule());
    s.refused(create(), 400, "RTC.00001003", "is not authorized").await;
    let authorize = ObsAuthorityConfig::new(
        "demo-bucket",
        ObsAuthorityConfig::AUTHORIZE,
        ObsLocation::CnNorth4,
    );
    s.ok(UpdateObsBucketAuthority::new(authorize)).await;
    s.ok(create()).await;
    let place = RecordObsFileAddr::new(RuleLocation::CnNorth4, "p", "nobodys-bucket");
    let other = RecordRuleReq::new(place).record_formats([RecordFormat::Hls]);
    let other = other.hls_config(HlsRecordConfig::new(0));
    let other = CreateRecordRule::new(&app, other);
    s.refused(other, 400, "RTC.00001003", "does not exist").await;
}

async fn rooms() {
    let s = Scenario::start().await;
    let app = s.app("app").await;
    let users =
        |ids: &[&str]| RemoveUsersReq::new().user_ids(ids.iter().map(|id| UserId::from(*id)));
    s.refused(RemoveRoom::new(&app, "room"), 404, "RTC.00001003", "room").await;
    s.ok(RemoveUsers::new(&app, "room", users(&["anna"]))).await;
    assert!(s.server.join_room(&app, "room", "anna").unwrap());
    assert!(s.server.join_room(&app, "room", "ben").unwrap());
    assert!(!s.server.join_room(&app, "room", "ben").unwrap(), "ben is there already");
    s.ok(RemoveUsers::new(&app, "room", users(&["anna", "nobody"]))).await;
    assert!(!s.server.leave_room(&app, "room", "anna").unwrap(), "anna was removed");
    s.ok(RemoveRoom::new(&app, "room")).await;
    assert!(!s.server.leave_room(&app, "room", "ben").unwrap(), "the room was dismissed");
    s.refused(RemoveRoom::new(&app, "room"), 404, "RTC.00001003", "room").await;
    let remove = |room: &str, ids: &[&str]| RemoveUsers::new(&app, room, users(ids));
    s.refused(remove("room", &[]), 400, "RTC.00001005", "user_ids").await;
    s.refused(remove("room", &["a b"]), 400, "RTC.00001003", "user_ids[0]").await;
    s.refused(remove("a b", &["anna"]), 400, "RTC.00001003", "room_id").await;
    let nobody = RemoveUsers::new("nobody", "room", users(&["anna"]));
    s.refused(nobody, 404, "RTC.00001003", "nobody").await;
    s.refused(RemoveRoom::new("nobody", "room"), 404, "RTC.00001003", "nobody").await;
}

async fn buckets() {
    let s = Scenario::start().await;
    let list = s.ok(ListObsBuckets::new()).await;
    assert_eq!((list.count, list.buckets.len()), (Some(1), 1));
    let demo = &list.buckets[0];
    assert_eq!(demo.bucket.as_deref(), Some("demo-bucket"));
    assert_eq!(demo.creation_date.as_deref(), Some("2024/03/15 16:15:30 GMT+08:00"));
    for (operation, expected) in [(1, true), (1, true), (0, false)] {
        let config = ObsAuthorityConfig::new("demo-bucket", operation, ObsLocation::CnNorth4);
        s.ok(UpdateObsBucketAuthority::new(config)).await;
        let list = s.ok(ListObsBuckets::new()).await;
        assert_eq!(list.buckets[0].is_authorized, Some(expected));
    }
    let config = |bucket: &str, operation, location| {
        UpdateObsBucketAuthority::new(ObsAuthorityConfig::new(bucket, operation, location))
    };
    let other_place = config("demo-bucket", 1, ObsLocation::CnSouth1);
    s.refused(other_place, 404, "RTC.00001003", "demo-bucket").await;
    let two = config("demo-bucket", 2, ObsLocation::CnNorth4);
    s.refused(two, 400, "RTC.00001003", "operation: it is 2").await;
}

async fn objects() {
    let fixture = r#"{"projects":[{"buckets":[{
        "bucket":"films","location":"cn-south-1","is_authorized":true,
        "creation_date":"2020/07/16 15:11:55 GMT+08:00",
        "objects":[
            {"file_name":"Record/","size":0,"last_modified":"2020/07/16 15:11:55 GMT+08:00"},
            {"file_name":"Record/a.mp4","size":12,"last_modified":"2020/07/16 15:11:55 GMT+08:00"},
            {"file_name":"b.mp4","size":7,"last_modified":"2020/07/16 15:11:55 GMT+08:00"}
        ]
    }]}]}"#;
    let fixture = Fixture::from_json(fixture).unwrap();
    let s = Scenario::with(MockServer::builder().fixture(fixture)).await;
    let list = |kind| ListObsBucketObjects::new("films", kind, ObsLocation::CnSouth1);
    let names = |found: rtc_model::obs::ObsObjectList| -> Vec<String> {
        found.objects.into_iter().filter_map(|object| object.file_name).collect()
    };
    assert_eq!(names(s.ok(list(ObsObjectType::Folders)).await), ["Record/"]);
    assert_eq!(names(s.ok(list(ObsObjectType::Objects)).await), ["Record/a.mp4", "b.mp4"]);
    let some = s.ok(list(ObsObjectType::Objects).prefix("Rec")).await;
    assert_eq!((some.count, some.objects[0].size), (Some(1), Some(12)));
    let unknown =
        ListObsBucketObjects::new("nobody", ObsObjectType::Objects, ObsLocation::CnSouth1);
    s.refused(unknown, 404, "RTC.00001003", "nobody").await;
    s.refused(list("nothing".into()), 400, "RTC.00001003", "type").await;
}
