//! L6: lists, states and auto record of apps.

use rtc_contract_tests::case::{Case, Level};
use rtc_mock_server::{Fixture, MockServer};
use rtc_model::apps::{
    AppReq, AppStatus, CreateApp, DeleteApp, ListApps, ShowApp, StartApp, StopApp,
};
use rtc_model::auto_record::{AutoRecordMode, AutoRecordModeReq, ShowAutoRecord, UpdateAutoRecord};
use rtc_model::individual_stream_jobs::{
    CreateIndividualStreamJob, IndividualStreamJobReq, StopIndividualStreamJob,
};

use crate::scenario::{Scenario, param};

pub(crate) fn add(cases: &mut Vec<Case>) {
    macro_rules! case {
        ($operation:literal, $name:literal, $run:path) => {
            cases.push(Case::new(Level::L6, $operation, $name, $run));
        };
    }
    case!("ListApps", "apps are listed in order, by page and by state", list);
    case!("StopApp", "stop and start are idempotent, and only a change moves the time", states);
    case!("StartApp", "an app in arrears is not started", arrears);
    case!("CreateApp", "the quota can be set, and a taken name is told", quota);
    case!("DeleteApp", "an app with a job that is not over is kept", delete_with_job);
    case!("UpdateAutoRecord", "auto record needs a rule that is there", auto_record);
}

async fn list() {
    let s = Scenario::with(MockServer::builder().app_quota(300)).await;
    let mut ids = Vec::new();
    for number in 0..250 {
        ids.push(s.app(&format!("app-{number}")).await);
    }
    let page = s.ok(ListApps::new()).await;
    assert_eq!((page.count, page.apps.len()), (Some(250), 100));
    let all = s.client.send(ListApps::new().offset(2).limit(100)).await.unwrap().into_output();
    assert_eq!((all.count, all.apps.len()), (Some(250), 50));
    let names: Vec<_> = all.apps.iter().filter_map(|app| app.app_id.clone()).collect();
    assert_eq!(names, ids[200..]);
    let small = s.ok(ListApps::new().offset(3).limit(7)).await;
    assert_eq!(small.apps.first().and_then(|app| app.app_id.as_ref()), Some(&ids[21]));

    s.ok(StopApp::new(&ids[5])).await;
    let stopped = s.ok(ListApps::new().state(AppStatus::Deactivation)).await;
    assert_eq!((stopped.count, stopped.apps.len()), (Some(1), 1));
    assert_eq!(stopped.apps[0].app_id.as_ref(), Some(&ids[5]));
    let none = s.ok(ListApps::new().state(AppStatus::Arrears)).await;
    assert_eq!((none.count, none.apps.len()), (Some(0), 0));

    for (list, text) in [
        (ListApps::new().limit(0), "limit: it is 0"),
        (ListApps::new().limit(101), "limit: it is 101"),
        (ListApps::new().offset(-1), "offset: it is -1"),
        (ListApps::new().state("ASLEEP"), "state"),
        (ListApps::new().state(AppStatus::Deleted), "state"),
    ] {
        s.refused(list, 400, "RTC.00001003", text).await;
    }
}

async fn states() {
    let s = Scenario::start().await;
    let app = s.app("app").await;
    let made = s.ok(ShowApp::new(&app)).await.state.unwrap().update_time.unwrap();
    s.advance(10);
    let same = s.ok(StartApp::new(&app)).await;
    assert_eq!(same.app_id.as_ref(), Some(&app));
    assert_eq!(same.state.unwrap().update_time, Some(made));
    let stopped = s.ok(StopApp::new(&app)).await.state.unwrap();
    assert_eq!(stopped.state, Some(AppStatus::Deactivation));
    assert!(stopped.update_time > Some(made));
    s.advance(10);
    let again = s.ok(StopApp::new(&app)).await.state.unwrap();
    assert_eq!(again, stopped);
    let started = s.ok(StartApp::new(&app)).await.state.unwrap();
    assert_eq!(started.state, Some(AppStatus::Activation));
    assert_eq!(s.ok(ShowApp::new(&app)).await.state, Some(started));
}

async fn arrears() {
    let fixture = r#"{"projects":[{"apps":[
        {"app_id":"a","app_name":"n","state":{"state":"ARREARS","update_time":"2020-07-26T07:53:05.075Z"}}
    ]}]}"#;
    let fixture = Fixture::from_json(fixture).unwrap();
    let s = Scenario::with(MockServer::builder().fixture(fixture)).await;
    s.refused(StartApp::new("a"), 400, "RTC.00001016", "arrears").await;
    let stopped = s.ok(StopApp::new("a")).await.state.unwrap();
    assert_eq!(stopped.state, Some(AppStatus::Arrears));
    assert_eq!(stopped.update_time.unwrap().to_string(), "2020-07-26T07:53:05.075Z");
    let job = IndividualStreamJobReq::new("r", "u").record_param(param(&"x".into()));
    s.refused(CreateIndividualStreamJob::new("a", job), 400, "RTC.00001016", "ARREARS").await;
}

async fn quota() {
    let s = Scenario::with(MockServer::builder().app_quota(2)).await;
    let first = s.app("one").await;
    let create = |name: &str| CreateApp::new(AppReq::new(name));
    s.refused(create("one"), 400, "RTC.00001020", first.as_str()).await;
    s.app("two").await;
    s.refused(create("three"), 400, "RTC.00001017", "2 applications").await;
    s.refused(create(""), 400, "RTC.00001003", "app_name").await;
}

async fn delete_with_job() {
    let s = Scenario::start().await;
    let app = s.app("app").await;
    let rule = s.rule(&app).await;
    let job = IndividualStreamJobReq::new("room", "user").record_param(param(&rule));
    let job = s.ok(CreateIndividualStreamJob::new(&app, job)).await.job_id.unwrap();
    s.refused(DeleteApp::new(&app), 400, "RTC.00001006", job.as_str()).await;
    s.ok(StopIndividualStreamJob::new(&app, &job)).await;
    s.ok(DeleteApp::new(&app)).await;
    s.refused(DeleteApp::new(&app), 404, "RTC.00001003", app.as_str()).await;
    s.refused(DeleteApp::new("a".repeat(33)), 400, "RTC.00001003", "app_id").await;
}

async fn auto_record() {
    let s = Scenario::start().await;
    let app = s.app("app").await;
    let shown = s.ok(ShowAutoRecord::new(&app)).await;
    assert_eq!(shown.auto_record_mode.unwrap().mode, Some(AutoRecordMode::Off));
    let individual = || AutoRecordModeReq::new(AutoRecordMode::IndividualRecord);
    let update = |body| UpdateAutoRecord::new(&app, body);
    s.refused(update(individual()), 400, "RTC.00001004", "record_rule_id").await;
    s.refused(update(individual().record_rule_id("nobody")), 400, "RTC.00001003", "nobody").await;
    s.refused(update(AutoRecordModeReq::new("ALWAYS")), 400, "RTC.00001003", "mode").await;
    let rule = s.rule(&app).await;
    let set = s.ok(update(individual().record_rule_id(rule.as_str()))).await;
    assert_eq!(s.ok(ShowAutoRecord::new(&app)).await, set);
    let mode = set.auto_record_mode.unwrap();
    assert_eq!(mode.record_rule_id.as_deref(), Some(rule.as_str()));
    let of_app = s.ok(ShowApp::new(&app)).await.auto_record_mode.unwrap();
    assert_eq!(of_app, mode);
}
