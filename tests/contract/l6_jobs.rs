//! L6: recording jobs, from their start to their end.

use std::time::Duration;

use rtc_contract_tests::case::{Case, Level};
use rtc_mock_server::MockServer;
use rtc_model::JobId;
use rtc_model::apps::StopApp;
use rtc_model::individual_stream_jobs::{
    CreateIndividualStreamJob, IndividualStreamJobReq, ShowIndividualStreamJob,
    StopIndividualStreamJob, UpdateIndividualJobReq, UpdateIndividualStreamJob,
};
use rtc_model::jobs::{JobState, StopReason, StreamQuality, VideoType};
use rtc_model::mix_stream_jobs::{
    CreateMixJob, EncodeTemplate, LayoutTemplate, MixJobReq, MixLayoutPane, MixParam, ShowMixJob,
    StopMixJob, UpdateMixJob, UpdateMixJobReq, UpdateMixParam,
};
use rtc_model::record_rules::DeleteRecordRule;

use crate::scenario::{Scenario, param};

pub(crate) fn add(cases: &mut Vec<Case>) {
    macro_rules! case {
        ($operation:literal, $name:literal, $run:path) => {
            cases.push(Case::new(Level::L6, $operation, $name, $run));
        };
    }
    case!("CreateIndividualStreamJob", "a single-stream job from start to stop", individual);
    case!("CreateIndividualStreamJob", "what a single-stream job needs", individual_needs);
    case!("UpdateIndividualStreamJob", "a job in INIT is not changed, but may be stopped", init);
    case!("ShowIndividualStreamJob", "a job ends by itself when its user stays away", idle_user);
    case!("CreateIndividualStreamJob", "a new job does not see who left before it", left_before);
    case!("CreateMixJob", "a mix job from start to stop", mix);
    case!("CreateMixJob", "what a mix job needs", mix_needs);
    case!("UpdateMixJob", "a layout is changed, and a stopped job is not", mix_update);
    case!("StopMixJob", "a job of one kind is not found as the other", other_kind);
    case!("ShowMixJob", "a mix job ends by itself when its room is empty", idle_room);
    case!("ShowMixJob", "times that are not set can be written as the year 1", zero_times);
    case!("CreateMixJob", "there is a limit of jobs", limit);
}

async fn individual() {
    let s = Scenario::start().await;
    let app = s.app("app").await;
    let rule = s.rule(&app).await;
    let request = || IndividualStreamJobReq::new("room-7", "anna").record_param(param(&rule));
    let made = s.ok(CreateIndividualStreamJob::new(&app, request())).await;
    let id = made.job_id.clone().unwrap();
    assert_eq!(id.as_str().len(), 32);
    assert_eq!(made.state, Some(JobState::Init));
    assert_eq!(made.stream_name, Some(format!("s_{id}_room-7_anna")));
    assert_eq!((made.is_record_audio, made.max_idle_time), (Some(true), Some(30)));
    assert_eq!(made.video_type, Some(VideoType::None));
    assert_eq!(made.select_stream_type, Some(StreamQuality::Fhd));
    assert_eq!((made.start_time, made.stop_time, made.stop_reason), (None, None, None));

    let running = s.ok(ShowIndividualStreamJob::new(&app, &id)).await;
    assert_eq!(running.state, Some(JobState::Running));
    assert_eq!(running.start_time, made.create_time);
    let create = CreateIndividualStreamJob::new(&app, request());
    s.refused(create, 400, "RTC.00001006", id.as_str()).await;
    s.refused(DeleteRecordRule::new(&app, &rule), 400, "RTC.00001013", id.as_str()).await;

    s.advance(5);
    let change = UpdateIndividualJobReq::new().record_param(param(&rule));
    let changed = s.ok(UpdateIndividualStreamJob::new(&app, &id, change)).await;
    assert!(changed.update_time > changed.create_time);
    let unknown = UpdateIndividualJobReq::new().record_param(param(&"nobody".into()));
    let unknown = UpdateIndividualStreamJob::new(&app, &id, unknown);
    s.refused(unknown, 400, "RTC.00001003", "nobody").await;

    s.advance(5);
    s.ok(StopIndividualStreamJob::new(&app, &id)).await;
    let over = s.ok(ShowIndividualStreamJob::new(&app, &id)).await;
    assert_eq!(over.state, Some(JobState::Stopped));
    assert_eq!(over.stop_reason, Some(StopReason::TenantStop));
    assert!(over.stop_time > over.start_time);
    let stop = StopIndividualStreamJob::new(&app, &id);
    s.refused(stop, 400, "RTC.00001009", id.as_str()).await;
    let update = UpdateIndividualStreamJob::new(&app, &id, UpdateIndividualJobReq::new());
    s.refused(update, 400, "RTC.00001009", id.as_str()).await;
    // What is over is no hindrance to a new one.
    let new = s.ok(CreateIndividualStreamJob::new(&app, request())).await;
    assert_ne!(new.job_id, Some(id));
}

async fn individual_needs() {
    let s = Scenario::start().await;
    let app = s.app("app").await;
    let rule = s.rule(&app).await;
    let request = || IndividualStreamJobReq::new("room", "anna");
    let create = |request| CreateIndividualStreamJob::new(&app, request);
    s.refused(create(request()), 400, "RTC.00001005", "record_param").await;
    let unknown = request().record_param(param(&"nobody".into()));
    s.refused(create(unknown), 400, "RTC.00001003", "nobody").await;
    let idle = request().record_param(param(&rule)).max_idle_time(4);
    s.refused(create(idle), 400, "RTC.00001003", "max_idle_time: it is 4").await;
    let video = request().record_param(param(&rule)).video_type("HOLOGRAM");
    s.refused(create(video), 400, "RTC.00001003", "video_type").await;
    s.refused(ShowIndividualStreamJob::new(&app, "nobody"), 404, "RTC.00001003", "nobody").await;
    s.refused(StopIndividualStreamJob::new(&app, "nobody"), 404, "RTC.00001003", "nobody").await;
    let update = UpdateIndividualStreamJob::new(&app, "nobody", UpdateIndividualJobReq::new());
    s.refused(update, 404, "RTC.00001003", "nobody").await;
    s.ok(StopApp::new(&app)).await;
    let stopped = create(request().record_param(param(&rule)));
    s.refused(stopped, 400, "RTC.00001016", "DEACTIVATION").await;
}

async fn init() {
    let builder = MockServer::builder().job_init_delay(Duration::from_secs(10));
    let s = Scenario::with(builder).await;
    let app = s.app("app").await;
    let rule = s.rule(&app).await;
    let request = IndividualStreamJobReq::new("room", "anna").record_param(param(&rule));
    let id = s.ok(CreateIndividualStreamJob::new(&app, request)).await.job_id.unwrap();
    let state = async || s.ok(ShowIndividualStreamJob::new(&app, &id)).await.state.unwrap();
    s.advance(9);
    assert_eq!(state().await, JobState::Init);
    let update = || UpdateIndividualStreamJob::new(&app, &id, UpdateIndividualJobReq::new());
    s.refused(update(), 400, "RTC.00001022", "job is not initialized").await;
    s.advance(1);
    assert_eq!(state().await, JobState::Running);
    s.ok(update()).await;

    let mix = MixParam::new("room", EncodeTemplate::AUDIO_ONLY);
    let mix = MixJobReq::new(mix).record_param(param(&rule));
    let mix = s.ok(CreateMixJob::new(&app, mix)).await.job_id.unwrap();
    let change = UpdateMixJobReq::new(UpdateMixParam::new());
    let update = UpdateMixJob::new(&app, &mix, change);
    s.refused(update, 400, "RTC.00001022", "job is not initialized").await;
    s.ok(StopMixJob::new(&app, &mix)).await;
    let over = s.ok(ShowMixJob::new(&app, &mix)).await;
    assert_eq!((over.state, over.start_time), (Some(JobState::Stopped), None));
}

async fn idle_user() {
    let s = Scenario::start().await;
    let app = s.app("app").await;
    let rule = s.rule(&app).await;
    let request = IndividualStreamJobReq::new("room", "anna").record_param(param(&rule));
    let request = request.max_idle_time(60);
    let id = s.ok(CreateIndividualStreamJob::new(&app, request)).await.job_id.unwrap();
    let show = async || s.ok(ShowIndividualStreamJob::new(&app, &id)).await;
    s.advance(3600);
    assert_eq!(show().await.state, Some(JobState::Running), "nobody has joined yet (D11)");
    s.server.join_room(&app, "room", "anna").unwrap();
    s.server.join_room(&app, "room", "ben").unwrap();
    s.server.leave_room(&app, "room", "anna").unwrap();
    s.advance(59);
    assert_eq!(show().await.state, Some(JobState::Running));
    s.server.join_room(&app, "room", "anna").unwrap();
    s.advance(100);
    assert_eq!(show().await.state, Some(JobState::Running), "anna is back");
    s.server.leave_room(&app, "room", "anna").unwrap();
    let left = show().await.start_time.unwrap();
    s.advance(1000);
    let over = show().await;
    assert_eq!(over.state, Some(JobState::Stopped));
    assert_eq!(over.stop_reason, Some(StopReason::ExceedMaxIdleTime));
    let lived = over.stop_time.unwrap().to_system_time().unwrap();
    let lived = lived.duration_since(left.to_system_time().unwrap()).unwrap();
    assert_eq!(lived.as_secs(), 3600 + 59 + 100 + 60, "it ended when it was due");
}

/// An empty room is none once no job waits for it, however the job ended.
async fn left_before() {
    let s = Scenario::start().await;
    let app = s.app("app").await;
    let rule = s.rule(&app).await;
    let create = async || {
        let request = IndividualStreamJobReq::new("room", "anna").record_param(param(&rule));
        s.ok(CreateIndividualStreamJob::new(&app, request)).await.job_id.unwrap()
    };
    let state = async |id| s.ok(ShowIndividualStreamJob::new(&app, id)).await.state.unwrap();
    let visit = || {
        s.server.join_room(&app, "room", "anna").unwrap();
        s.server.leave_room(&app, "room", "anna").unwrap();
    };

    let idle = create().await;
    assert_eq!(state(&idle).await, JobState::Running);
    visit();
    s.advance(30);
    assert_eq!(state(&idle).await, JobState::Stopped);
    let after_idle = create().await;
    assert_eq!(state(&after_idle).await, JobState::Running);
    s.advance(3600);
    assert_eq!(state(&after_idle).await, JobState::Running);

    visit();
    s.ok(StopIndividualStreamJob::new(&app, &after_idle)).await;
    let after_stop = create().await;
    assert_eq!(state(&after_stop).await, JobState::Running);
    s.advance(3600);
    assert_eq!(state(&after_stop).await, JobState::Running);
}

fn grid(room: &str) -> MixParam {
    MixParam::new(room, "1280*720_15_2260").layout_template(LayoutTemplate::NineGridsView)
}

async fn mix() {
    let s = Scenario::start().await;
    let app = s.app("app").await;
    let rule = s.rule(&app).await;
    let request = || MixJobReq::new(grid("room-7")).record_param(param(&rule));
    let made = s.ok(CreateMixJob::new(&app, request())).await;
    let id = made.job_id.clone().unwrap();
    assert_eq!(made.stream_name, Some(format!("m_{id}_room-7")));
    let echoed = made.mix_param.clone().unwrap();
    assert_eq!(echoed.encode_template.as_str(), "1280*720_15_2260", "decision D14");
    assert_eq!(echoed.max_idle_time, Some(30));
    let running = s.ok(ShowMixJob::new(&app, &id)).await;
    assert_eq!(running.state, Some(JobState::Running));
    s.refused(CreateMixJob::new(&app, request()), 400, "RTC.00001006", id.as_str()).await;
    s.ok(StopMixJob::new(&app, &id)).await;
    s.refused(StopMixJob::new(&app, &id), 400, "RTC.00001009", id.as_str()).await;
    let over = s.ok(ShowMixJob::new(&app, &id)).await;
    assert_eq!(over.stop_reason, Some(StopReason::TenantStop));
}

async fn other_kind() {
    let s = Scenario::start().await;
    let app = s.app("app").await;
    let rule = s.rule(&app).await;
    let mix = MixJobReq::new(grid("room")).record_param(param(&rule));
    let mix = s.ok(CreateMixJob::new(&app, mix)).await.job_id.unwrap();
    let single = IndividualStreamJobReq::new("room", "anna").record_param(param(&rule));
    let single = s.ok(CreateIndividualStreamJob::new(&app, single)).await.job_id.unwrap();
    let (code, no_mix, no_single) = ("RTC.00001003", single.as_str(), mix.as_str());

    s.refused(ShowMixJob::new(&app, &single), 404, code, no_mix).await;
    let change = UpdateMixJobReq::new(UpdateMixParam::new());
    s.refused(UpdateMixJob::new(&app, &single, change), 404, code, no_mix).await;
    s.refused(StopMixJob::new(&app, &single), 404, code, no_mix).await;
    s.refused(ShowIndividualStreamJob::new(&app, &mix), 404, code, no_single).await;
    let change = UpdateIndividualJobReq::new();
    let update = UpdateIndividualStreamJob::new(&app, &mix, change);
    s.refused(update, 404, code, no_single).await;
    s.refused(StopIndividualStreamJob::new(&app, &mix), 404, code, no_single).await;

    let single = s.ok(ShowIndividualStreamJob::new(&app, &single)).await;
    let mix = s.ok(ShowMixJob::new(&app, &mix)).await;
    assert_eq!((single.state, mix.state), (Some(JobState::Running), Some(JobState::Running)));
}

async fn mix_needs() {
    let s = Scenario::start().await;
    let app = s.app("app").await;
    let rule = s.rule(&app).await;
    let create = |mix| CreateMixJob::new(&app, MixJobReq::new(mix).record_param(param(&rule)));
    let video = || MixParam::new("room", EncodeTemplate::W1280_H720_F15_2260);
    s.refused(create(video()), 400, "RTC.00001004", "mix_param.layout_template").await;
    let custom = || video().layout_template(LayoutTemplate::Custom);
    s.refused(create(custom()), 400, "RTC.00001004", "mix_param.layout_panes").await;
    let outside = custom().layout_panes([MixLayoutPane::new().x(1.5)]);
    s.refused(create(outside), 400, "RTC.00001003", "mix_param.layout_panes[0].x").await;
    let unknown = MixParam::new("room", "1x1_1_1").layout_template(LayoutTemplate::NineGridsView);
    s.refused(create(unknown), 400, "RTC.00001003", "mix_param.encode_template").await;
    let without = CreateMixJob::new(&app, MixJobReq::new(grid("room")));
    s.refused(without, 400, "RTC.00001005", "record_param").await;
    let unknown = MixJobReq::new(grid("room")).record_param(param(&"nobody".into()));
    s.refused(CreateMixJob::new(&app, unknown), 400, "RTC.00001003", "nobody").await;

    // Without video, what belongs to video is ignored.
    let audio = MixParam::new("room", EncodeTemplate::AUDIO_ONLY);
    let audio = audio.layout_template(LayoutTemplate::Custom).background_image("s3://b/i.png");
    let made = s.ok(create(audio)).await.mix_param.unwrap();
    assert_eq!((made.layout_template, made.background_image), (None, None));
    s.refused(ShowMixJob::new(&app, "nobody"), 404, "RTC.00001003", "nobody").await;
    s.refused(StopMixJob::new(&app, "nobody"), 404, "RTC.00001003", "nobody").await;
    s.ok(StopApp::new(&app)).await;
    s.refused(create(grid("other")), 400, "RTC.00001016", "DEACTIVATION").await;
}

async fn mix_update() {
    let s = Scenario::start().await;
    let app = s.app("app").await;
    let rule = s.rule(&app).await;
    let custom = MixParam::new("room", EncodeTemplate::W640_H480_F15_500);
    let custom = custom.layout_template(LayoutTemplate::Custom);
    let custom = custom.layout_panes([MixLayoutPane::new().user_id("anna").x(0.0).y(0.0)]);
    let request = MixJobReq::new(custom).record_param(param(&rule));
    let id: JobId = s.ok(CreateMixJob::new(&app, request)).await.job_id.unwrap();
    let update = |change| UpdateMixJob::new(&app, &id, UpdateMixJobReq::new(change));
    let panes = [MixLayoutPane::new().user_id("ben").width(0.5), MixLayoutPane::new().zorder(3)];
    let change = UpdateMixParam::new()
        .layout_template(LayoutTemplate::Custom)
        .layout_panes(panes.clone())
        .background_image("s3://demo-bucket/sky.png")
        .max_idle_time(120);
    let changed = s.ok(update(change)).await.mix_param.unwrap();
    assert_eq!(changed.layout_panes.as_deref(), Some(&panes[..]));
    assert_eq!(changed.background_image.as_deref(), Some("s3://demo-bucket/sky.png"));
    assert_eq!(changed.max_idle_time, Some(120));
    assert_eq!(s.ok(ShowMixJob::new(&app, &id)).await.mix_param, Some(changed));
    let grid = UpdateMixParam::new().layout_template(LayoutTemplate::NineGridsView);
    s.refused(update(grid), 400, "RTC.00001004", "layout_template").await;
    let long = UpdateMixParam::new().background_image("x".repeat(129));
    s.refused(update(long), 400, "RTC.00001003", "mix_param.background_image").await;
    let nobody = UpdateMixJobReq::new(UpdateMixParam::new());
    s.refused(UpdateMixJob::new(&app, "nobody", nobody), 404, "RTC.00001003", "nobody").await;
    s.ok(StopMixJob::new(&app, &id)).await;
    s.refused(update(UpdateMixParam::new()), 400, "RTC.00001009", id.as_str()).await;
}

async fn idle_room() {
    let s = Scenario::start().await;
    let app = s.app("app").await;
    let rule = s.rule(&app).await;
    let request = MixJobReq::new(grid("room").max_idle_time(30)).record_param(param(&rule));
    let id = s.ok(CreateMixJob::new(&app, request)).await.job_id.unwrap();
    for user in ["anna", "ben"] {
        s.server.join_room(&app, "room", user).unwrap();
    }
    s.server.leave_room(&app, "room", "anna").unwrap();
    s.advance(1000);
    let state = async || s.ok(ShowMixJob::new(&app, &id)).await;
    assert_eq!(state().await.state, Some(JobState::Running), "ben is still there");
    s.ok(rtc_model::rooms::RemoveRoom::new(&app, "room")).await;
    s.advance(29);
    assert_eq!(state().await.state, Some(JobState::Running));
    s.advance(1);
    assert_eq!(state().await.stop_reason, Some(StopReason::ExceedMaxIdleTime));
}

async fn zero_times() {
    let s = Scenario::with(MockServer::builder().zero_times()).await;
    let app = s.app("app").await;
    let rule = s.rule(&app).await;
    let request = MixJobReq::new(grid("room")).record_param(param(&rule));
    let made = s.ok(CreateMixJob::new(&app, request)).await;
    assert_eq!(
        made.stop_time.map(|time| time.to_string()).as_deref(),
        Some("0001-01-01T00:00:00Z")
    );
    assert!(!made.stop_time.unwrap().is_set());
}

async fn limit() {
    let s = Scenario::with(MockServer::builder().job_limit(1)).await;
    let app = s.app("app").await;
    let rule = s.rule(&app).await;
    let create =
        |room| CreateMixJob::new(&app, MixJobReq::new(grid(room)).record_param(param(&rule)));
    let id = s.ok(create("one")).await.job_id.unwrap();
    s.refused(create("two"), 400, "RTC.00001007", "1 jobs").await;
    let request = IndividualStreamJobReq::new("room", "anna").record_param(param(&rule));
    let single = CreateIndividualStreamJob::new(&app, request);
    s.refused(single, 400, "RTC.00001007", "1 jobs").await;
    s.ok(StopMixJob::new(&app, &id)).await;
    s.ok(create("two")).await;
}
