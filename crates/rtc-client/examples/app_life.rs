//! The life of an app: made, set up to record, at work, stopped, deleted.
//!
//! The arguments are the name of the app and the bucket of its recordings; by default
//! `app-life-example` and `demo-bucket`. Keys, project and endpoint come from the environment, see
//! `Client::from_env`; the bucket is taken to be in the same project. Whatever goes wrong, the app
//! is deleted in the end. Exits with 1 where something went wrong and with 2 where it is used
//! wrongly.

use std::error::Error;
use std::io::Write as _;
use std::process::ExitCode;

use rtc_client::model::apps::AppReq;
use rtc_client::model::auto_record::{AutoRecordMode, AutoRecordModeReq};
use rtc_client::model::individual_stream_jobs::IndividualStreamJobReq;
use rtc_client::model::jobs::{RecordParam, VideoType};
use rtc_client::model::obs::{ObsAuthorityConfig, ObsLocation};
use rtc_client::model::record_callback::AppCallbackUrlReq;
use rtc_client::model::record_rules::{
    HlsRecordConfig, RecordFormat, RecordObsFileAddr, RecordRuleReq, RuleLocation,
};
use rtc_client::model::{AppId, RuleId};
use rtc_client::{Client, Wait, Waited};

type Outcome<T> = Result<T, Box<dyn Error>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (name, bucket) = match &arguments[..] {
        [] => ("app-life-example", "demo-bucket"),
        [name] => (name.as_str(), "demo-bucket"),
        [name, bucket] => (name.as_str(), bucket.as_str()),
        _ => {
            eprintln!("usage: app_life [APP_NAME [BUCKET]]");
            return ExitCode::from(2);
        }
    };
    match run(name, bucket).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            let mut cause = error.source();
            while let Some(error) = cause {
                eprintln!("  because: {error}");
                cause = error.source();
            }
            ExitCode::FAILURE
        }
    }
}

async fn run(name: &str, bucket: &str) -> Outcome<()> {
    let client = Client::from_env()?;
    let project = std::env::var("HUAWEICLOUD_SDK_PROJECT_ID")?;

    let app_id = client.create_app(AppReq::new(name)).await?.into_output().app_id;
    say(&format!("made the app {app_id}"))?;
    let lived = live(&client, &app_id, bucket, &project).await;
    let deleted = client.delete_app(&app_id).await;
    // What went wrong first is told; what follows from it is not.
    lived?;
    deleted?;
    match client.show_app(&app_id).await {
        Err(error) if error.is_not_found() => say("deleted the app"),
        Err(error) => Err(error.into()),
        Ok(_) => Err("the app is deleted and still there".into()),
    }
}

async fn live(client: &Client, app_id: &AppId, bucket: &str, project: &str) -> Outcome<()> {
    let rule_id = set_up(client, app_id, bucket, project).await?;
    record(client, app_id, &rule_id).await?;

    // A rule that auto record names could not be deleted.
    let off = AutoRecordModeReq::new(AutoRecordMode::Off);
    client.update_auto_record(app_id, off).await?;
    client.delete_record_rule(app_id, &rule_id).await?;
    say("deleted the record rule")?;
    let app = client.stop_app(app_id).await?.into_output();
    let state = app.state.and_then(|state| state.state).ok_or("the app has no state")?;
    say(&format!("stopped the app: {state}"))
}

/// Says where recordings go, that rooms are recorded by themselves, and who is told of it.
async fn set_up(client: &Client, app_id: &AppId, bucket: &str, project: &str) -> Outcome<RuleId> {
    let authority =
        ObsAuthorityConfig::new(bucket, ObsAuthorityConfig::AUTHORIZE, ObsLocation::CnNorth4);
    client.update_obs_bucket_authority(authority).await?;
    say(&format!("the service may write into {bucket}"))?;

    let place = RecordObsFileAddr::new(RuleLocation::CnNorth4, project, bucket);
    let rule = RecordRuleReq::new(place)
        .record_formats([RecordFormat::Hls])
        .hls_config(HlsRecordConfig::new(0));
    let rule = client.create_record_rule(app_id, rule).await?.into_output().into_inner();
    let rule_id = rule.rule_id.ok_or("the record rule has no id")?;
    say(&format!("made the record rule {rule_id}"))?;

    let mode =
        AutoRecordModeReq::new(AutoRecordMode::IndividualRecord).record_rule_id(rule_id.as_str());
    client.update_auto_record(app_id, mode).await?;
    say("switched auto record on")?;

    let callback = AppCallbackUrlReq::new("https://example.com/rtc")
        .auth_key("0123456789abcdef0123456789abcdef");
    client.update_record_callback(app_id, callback).await?;
    let shown = client.show_record_callback(app_id).await?.into_output();
    let url = shown.record_callback.and_then(|callback| callback.url);
    say(&format!("set the callback {}", url.ok_or("the callback has no URL")?))?;
    Ok(rule_id)
}

/// Records the stream of a user from the first picture to the last.
async fn record(client: &Client, app_id: &AppId, rule_id: &RuleId) -> Outcome<()> {
    let job = IndividualStreamJobReq::new("room-7", "anna")
        .video_type(VideoType::CameraStream)
        .record_param(RecordParam::new(rule_id));
    let job = client.create_individual_stream_job(app_id, job).await?.into_output();
    let job_id = job.job_id.ok_or("the job has no id")?;
    say(&format!("made the job {job_id}"))?;

    match client.wait_for_individual_stream_job(app_id, &job_id, Wait::running()).await? {
        Waited::Reached(_) => say("the job is at work")?,
        Waited::StoppedBefore { reason, .. } => {
            return Err(format!("the job was over before it was at work: {reason:?}").into());
        }
        other => return Err(format!("the job is still {:?}", other.job().state).into()),
    }
    client.stop_individual_stream_job(app_id, &job_id).await?;
    let wait = Wait::stopped();
    let waited = client.wait_for_individual_stream_job(app_id, &job_id, wait).await?;
    if !waited.is_reached() {
        return Err(format!("the job is still {:?}", waited.job().state).into());
    }
    let reason = waited.into_job().stop_reason.ok_or("the job does not say why it is over")?;
    say(&format!("the job is over: {reason}"))
}

fn say(text: &str) -> Outcome<()> {
    writeln!(std::io::stdout(), "{text}")?;
    Ok(())
}
