//! A method for each operation: what it sends, in the words of the reference.

use http::Method;
use rtc_client::model::OperationId;
use rtc_client::model::apps::{AppFilter, AppReq, ListApps};
use rtc_client::model::auto_record::{AutoRecordMode, AutoRecordModeReq};
use rtc_client::model::individual_stream_jobs::{IndividualStreamJobReq, UpdateIndividualJobReq};
use rtc_client::model::jobs::RecordParam;
use rtc_client::model::mix_stream_jobs::{
    EncodeTemplate, MixJobReq, MixLayoutPane, MixParam, MixUserBackgroundImage, UpdateMixJobReq,
    UpdateMixParam,
};
use rtc_client::model::obs::{
    ListObsBucketObjects, ObsAuthorityConfig, ObsLocation, ObsObjectType,
};
use rtc_client::model::operation::Upserted;
use rtc_client::model::record_callback::AppCallbackUrlReq;
use rtc_client::model::record_rules::{
    ListRecordRules, Mp4RecordConfig, RecordFormat, RecordObsFileAddr, RecordRuleReq, RuleLocation,
};
use rtc_client::model::rooms::RemoveUsersReq;
use rtc_client::{BoxFuture, Client, Error, Reply};

use crate::script::{Answer, Script};

/// A call, and the method, target and body that it is to send.
struct Row<'c> {
    line: &'static str,
    body: &'static str,
    call: BoxFuture<'c, Result<u16, Error>>,
}

fn row<'c, T>(
    line: &'static str,
    body: &'static str,
    call: impl Future<Output = Result<Reply<T>, Error>> + Send + 'c,
) -> Row<'c> {
    let call = Box::pin(async move { call.await.map(|reply| reply.status().as_u16()) });
    Row { line, body, call }
}

const RULE: &str = r#"{"obs_addr":{"location":"cn-north-4","project_id":"p1","bucket":"b1"},"mp4_config":{"record_cycle":3600},"record_formats":["MP4"]}"#;

fn rule() -> RecordRuleReq {
    RecordRuleReq::new(RecordObsFileAddr::new(RuleLocation::CnNorth4, "p1", "b1"))
        .record_formats([RecordFormat::Mp4])
        .mp4_config(Mp4RecordConfig::new(3600))
}

#[rustfmt::skip]
fn apps_and_what_belongs_to_them(c: &Client) -> Vec<Row<'_>> {
    let mode = AutoRecordModeReq::new(AutoRecordMode::Off);
    let callback = AppCallbackUrlReq::new("https://example.com/rtc");
    let list = ListApps::new().state(AppFilter::Arrears).offset(2).limit(7);
    vec![
        row("POST /v2/apps", r#"{"app_name":"n"}"#, c.create_app(AppReq::new("n"))),
        row("GET /v2/apps?limit=7&offset=2&state=ARREARS", "", c.list_apps(list)),
        row("GET /v2/apps/a1", "", c.show_app("a1")),
        row("DELETE /v2/apps/a1", "", c.delete_app("a1")),
        row("POST /v2/apps/a1/enable", "", c.start_app("a1")),
        row("POST /v2/apps/a1/disable", "", c.stop_app("a1")),
        row("GET /v2/apps/a1/auto-record-mode", "", c.show_auto_record("a1")),
        row("PUT /v2/apps/a1/auto-record-mode", r#"{"mode":"AUTO_RECORD_OFF"}"#, c.update_auto_record("a1", mode)),
        row("GET /v2/apps/a1/record-callback", "", c.show_record_callback("a1")),
        row("PUT /v2/apps/a1/record-callback", r#"{"url":"https://example.com/rtc"}"#, c.update_record_callback("a1", callback)),
        row("POST /v2/apps/a1/record-rules", RULE, c.create_record_rule("a1", rule())),
        row("GET /v2/apps/a1/record-rules?limit=7", "", c.list_record_rules(ListRecordRules::new("a1").limit(7))),
        row("GET /v2/apps/a1/record-rules/r1", "", c.show_record_rule("a1", "r1")),
        row("PUT /v2/apps/a1/record-rules/r1", RULE, c.update_record_rule("a1", "r1", rule())),
        row("DELETE /v2/apps/a1/record-rules/r1", "", c.delete_record_rule("a1", "r1")),
    ]
}

#[rustfmt::skip]
fn jobs_rooms_and_buckets(c: &Client) -> Vec<Row<'_>> {
    let rule = || RecordParam::new("r1");
    let single = IndividualStreamJobReq::new("room-7", "anna").record_param(rule());
    let update = UpdateIndividualJobReq::new().record_param(rule());
    let panes = || [MixLayoutPane::new().id(1)];
    let images = || [MixUserBackgroundImage::new("anna", "s3://b/o")];
    let mix = MixParam::new("room-7", EncodeTemplate::AUDIO_ONLY).layout_panes(panes()).user_background_images(images());
    let mix = MixJobReq::new(mix).record_param(rule());
    let layout = UpdateMixJobReq::new(UpdateMixParam::new().layout_panes(panes()).user_background_images(images()));
    let users = RemoveUsersReq::new().user_ids(["anna".into()]);
    let objects = ListObsBucketObjects::new("b1", ObsObjectType::Folders, ObsLocation::CnNorth4).prefix("a b/");
    let authority = ObsAuthorityConfig::new("b1", ObsAuthorityConfig::AUTHORIZE, ObsLocation::CnNorth4);
    vec![
        row("POST /v2/apps/a1/individual-stream-jobs", r#"{"room_id":"room-7","user_id":"anna","record_param":{"record_rule_id":"r1"}}"#, c.create_individual_stream_job("a1", single)),
        row("GET /v2/apps/a1/individual-stream-jobs/j1", "", c.show_individual_stream_job("a1", "j1")),
        row("PUT /v2/apps/a1/individual-stream-jobs/j1", r#"{"record_param":{"record_rule_id":"r1"}}"#, c.update_individual_stream_job("a1", "j1", update)),
        row("DELETE /v2/apps/a1/individual-stream-jobs/j1", "", c.stop_individual_stream_job("a1", "j1")),
        row("POST /v2/apps/a1/mix-stream-jobs", r#"{"mix_param":{"room_id":"room-7","encode_template":"audio_only","layout_panes":[{"id":1}],"user_background_images":[{"user_id":"anna","image_uri":"s3://b/o"}]},"record_param":{"record_rule_id":"r1"}}"#, c.create_mix_job("a1", mix)),
        row("GET /v2/apps/a1/mix-stream-jobs/j1", "", c.show_mix_job("a1", "j1")),
        row("PUT /v2/apps/a1/mix-stream-jobs/j1", r#"{"mix_param":{"layout_panes":[{"id":1}],"user_background_images":[{"user_id":"anna","image_uri":"s3://b/o"}]}}"#, c.update_mix_job("a1", "j1", layout)),
        row("DELETE /v2/apps/a1/mix-stream-jobs/j1", "", c.stop_mix_job("a1", "j1")),
        row("POST /v2/apps/a1/rooms/room-7/batch-remove-users", r#"{"user_ids":["anna"]}"#, c.remove_users("a1", "room-7", users)),
        row("POST /v2/apps/a1/rooms/room-7/dismiss", "", c.remove_room("a1", "room-7")),
        row("GET /v2/rtc-ops/buckets", "", c.list_obs_buckets()),
        row("GET /v2/rtc-ops/buckets/objects?bucket=b1&location=cn-north-4&prefix=a%20b%2F&type=folders", "", c.list_obs_bucket_objects(objects)),
        row("PUT /v2/rtc-ops/buckets/authentication", r#"{"bucket":"b1","operation":1,"location":"cn-north-4"}"#, c.update_obs_bucket_authority(authority)),
    ]
}

/// Answers each operation with its first status of success.
fn every_operation() -> (Client, Script) {
    Script::by(|request| {
        let operation = OperationId::route(request.method(), request.uri().path()).unwrap();
        Answer::new(operation.meta().success[0].as_u16(), r#"{"app_id":"a1"}"#)
    })
}

#[tokio::test]
async fn every_method_sends_the_method_path_query_and_body_of_its_operation() {
    let (client, script) = every_operation();
    let mut rows = apps_and_what_belongs_to_them(&client);
    rows.extend(jobs_rooms_and_buckets(&client));
    assert_eq!(rows.len(), 28);
    for (row, id) in rows.into_iter().zip(OperationId::ALL) {
        let status = row.call.await.unwrap_or_else(|error| panic!("{id}: {error:?}"));
        let sent = script.calls().pop().unwrap();
        assert_eq!((sent.line.as_str(), sent.body.as_str()), (row.line, row.body), "{id}");
        let (method, target) = row.line.split_once(' ').unwrap();
        let path = target.split('?').next().unwrap();
        let method: Method = method.parse().unwrap();
        assert_eq!(OperationId::route(&method, path), Some(*id));
        assert_eq!(status, id.meta().success[0].as_u16(), "{id}");
    }
    assert_eq!(script.calls().len(), OperationId::ALL.len(), "each sends one request");
}

#[tokio::test]
async fn the_answer_tells_whether_a_rule_is_new_or_replaced() {
    let body = r#"{"rule_id":"r1"}"#;
    let (client, _) = Script::of([Answer::new(201, body), Answer::new(200, body)]);
    let made = client.create_record_rule("a1", rule()).await.unwrap();
    assert_eq!(made.status(), 201);
    assert!(matches!(made.output(), Upserted::Created(_)), "{made:?}");
    let replaced = client.create_record_rule("a1", rule()).await.unwrap();
    assert!(matches!(replaced.output(), Upserted::Replaced(_)), "{replaced:?}");
    assert_eq!(replaced.into_output().into_inner().rule_id, Some("r1".into()));
}

#[test]
fn the_table_of_the_crates_page_has_every_operation_in_order() {
    let page = include_str!("../../src/lib.rs");
    let rows: Vec<_> =
        page.lines().filter(|line| line.contains("](Client::") && line.contains("` |")).collect();
    assert_eq!(rows.len(), OperationId::ALL.len());
    for (row, id) in rows.iter().zip(OperationId::ALL) {
        let mut name = String::new();
        for letter in id.as_str().chars() {
            if letter.is_uppercase() && !name.is_empty() {
                name.push('_');
            }
            name.extend(letter.to_lowercase());
        }
        let meta = id.meta();
        let expected =
            format!("| [`{name}`](Client::{name}) | `{} {}` |", meta.method, meta.path.as_str());
        assert!(row.ends_with(&expected), "{row} has not {expected}");
    }
}
