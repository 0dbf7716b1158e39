//! The demo: a signed query of the recording event callback, asked and answered, a refused one
//! explained, and a recording whose notifications are received and verified. Run it by
//! `cargo xtask demo`.

#![expect(clippy::print_stdout, reason = "the output is what the program is for")]

use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

use rtc_client::{Client, Credentials, Reply};
use rtc_mock_server::{Exchange, MockServer};
use rtc_model::AppId;
use rtc_model::apps::AppReq;
use rtc_model::jobs::RecordParam;
use rtc_model::mix_stream_jobs::{EncodeTemplate, MixJobReq, MixParam};
use rtc_model::record_callback::AppCallbackUrlReq;
use rtc_model::record_rules::{
    HlsRecordConfig, RecordFormat, RecordObsFileAddr, RecordRuleReq, RuleLocation,
};

use self::receiver::Receiver;

mod receiver;

/// The key of the callback.
const AUTH_KEY: &str = "0123456789abcdef0123456789abcdef";

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("the demo failed: {error}");
            let mut cause = error.source();
            while let Some(error) = cause {
                eprintln!("  because: {error}");
                cause = error.source();
            }
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    let admin = "127.0.0.1:0".parse()?;
    let server = MockServer::builder().admin_listen(admin).start().await?;
    println!("A mock of the RTC service is listening on {}", server.url());
    println!("Its admin API is listening on {}", server.admin_url().unwrap_or_default());
    let mut receiver = Receiver::start(AUTH_KEY).await?;
    println!("A receiver of notifications is listening on {}", receiver.url);

    let access_key = server.credentials().access_key();
    let builder = || Client::builder().endpoint(server.url()).project_id(server.project_id());
    let client = builder().credentials(server.credentials().clone()).build()?;

    step("Make an app, signed with AK/SK");
    let created = client.create_app(AppReq::new("classroom")).await?;
    show(&server, &created)?;
    let app_id = created.into_output().app_id;

    step("Set its recording event callback");
    let body = AppCallbackUrlReq::new(&receiver.url).auth_key(AUTH_KEY);
    show(&server, &client.update_record_callback(&app_id, body).await?)?;

    step("Query the callback, signed with AK/SK");
    show(&server, &client.show_record_callback(&app_id).await?)?;

    step("Query it again, with a user token");
    let by_token = builder().token(server.token()).build()?;
    show(&server, &by_token.show_record_callback(&app_id).await?)?;

    step("Query it with a wrong secret key");
    let stranger =
        builder().credentials(Credentials::new(access_key, "a wrong secret key")).build()?;
    let Err(refused) = stranger.show_record_callback(&app_id).await else {
        return Err("a request with a wrong secret key was accepted".into());
    };
    let exchange = last(&server)?;
    println!("  {} {}", exchange.method(), exchange.target());
    if let Some(status) = exchange.status() {
        println!("  {status}");
    }
    println!("{}", indent(&String::from_utf8_lossy(exchange.reply_body())));
    println!("\n  What rtc-client says:\n{}", indent(&refused.to_string()));
    let explanation = exchange.explanation().ok_or("the refused signature is not explained")?;
    println!("\n  What the mock's journal says:\n{}", indent(&explanation));

    recording(&server, &client, &app_id, &mut receiver).await?;
    server.shutdown().await;
    println!("\nEverything is stopped.");
    Ok(())
}

/// A recording from its start to its end, as the backend is told of it.
async fn recording(
    server: &MockServer,
    client: &Client,
    app_id: &AppId,
    receiver: &mut Receiver,
) -> Result<(), Box<dyn Error>> {
    step("Start a recording of a room, in files of a minute; a user joins the room");
    let place = RecordObsFileAddr::new(RuleLocation::CnNorth4, "project", "demo-bucket");
    let rule = RecordRuleReq::new(place)
        .record_formats([RecordFormat::Hls])
        .hls_config(HlsRecordConfig::new(60));
    let rule = client.create_record_rule(app_id, rule).await?.into_output().into_inner();
    let rule = rule.rule_id.ok_or("the rule has no id")?;
    let mix = MixParam::new("room-7", EncodeTemplate::AUDIO_ONLY);
    let job = MixJobReq::new(mix).record_param(RecordParam::new(rule));
    let job = client.create_mix_job(app_id, job).await?.into_output();
    let job = job.job_id.ok_or("the job has no id")?;
    server.join_room(app_id, "room-7", "anna")?;
    println!("  The receiver is told, and verifies: {}", told(receiver).await?);

    step("Set the mock's clock a minute forward: a file is complete, another one is begun");
    server.clock().advance(Duration::from_secs(60))?;
    println!("  verified: {}", told(receiver).await?);
    println!("  verified: {}", told(receiver).await?);

    step("Stop the recording; the next notification is signed with another key, on purpose");
    server.faults().add("Notification=wrong-signature,count=1".parse()?)?;
    client.stop_mix_job(app_id, &job).await?;
    let Err(refused) = receiver.next().await? else {
        return Err("a notification with a wrong signature was accepted".into());
    };
    println!("  refused: {refused}");
    println!("  The mock sends it again a second later, as it should be.");
    println!("  verified: {}", told(receiver).await?);

    step("What the mock tells of its notifications");
    if !server.deliveries().settled(Duration::from_secs(5)).await {
        return Err("notifications are still under way".into());
    }
    for delivery in server.deliveries().list() {
        let (event, state) = (&delivery.event_type, delivery.state);
        let statuses: Vec<_> =
            delivery.attempts.iter().filter_map(|attempt| attempt.status).collect();
        println!("  {event}: {state:?}, answered with {statuses:?}");
    }
    Ok(())
}

/// A notification that is verified, in words.
async fn told(receiver: &mut Receiver) -> Result<String, Box<dyn Error>> {
    let notification = receiver.next().await??;
    let event = notification.event_type.as_ref().map_or("?", |event| event.as_str());
    Ok(match (&notification.obs_object, notification.record_duration) {
        (Some(object), Some(seconds)) => format!("{event}, {seconds} s in {object}"),
        _ => format!("{event}, stream {}", notification.stream_name.unwrap_or_default()),
    })
}

fn step(title: &str) {
    println!("\n{title}");
}

/// The request line as the server saw it, the status, and the answer as JSON.
fn show<T: serde::Serialize>(server: &MockServer, reply: &Reply<T>) -> Result<(), Box<dyn Error>> {
    let exchange = last(server)?;
    println!("  {} {}", exchange.method(), exchange.target());
    println!("  {}, request id {}", reply.status(), reply.request_id().unwrap_or("(none)"));
    println!("{}", indent(&serde_json::to_string_pretty(reply.output())?));
    Ok(())
}

fn last(server: &MockServer) -> Result<Exchange, &'static str> {
    server.requests().pop().ok_or("the journal is empty")
}

fn indent(text: &str) -> String {
    text.lines().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n")
}
