//! A day passes in a moment.

use std::error::Error;
use std::time::Duration;

use rtc_client::Client;
use rtc_client::model::individual_stream_jobs::IndividualStreamJobReq;
use rtc_client::model::jobs::{JobState, RecordParam, StopReason};
use rtc_mock_server::{Clock, Fixture, MockServer};

#[tokio::test]
async fn a_job_that_nobody_came_back_to_is_over_the_next_day() -> Result<(), Box<dyn Error>> {
    let fixture = Fixture::from_json(
        r#"{"projects": [{
            "apps": [{"app_id": "app", "app_name": "class"}],
            "record_rules": [{"rule_id": "rule", "app_id": "app"}]
        }]}"#,
    )?;
    let clock: Clock = "frozen@2024-03-15T08:15:30Z".parse()?;
    let server = MockServer::builder().fixture(fixture).clock(clock).start().await?;
    let clock = server.clock();
    let client = Client::builder()
        .endpoint(server.url())
        .credentials(server.credentials().clone())
        .project_id(server.project_id())
        // Client and mock live by one clock; otherwise the client corrects its own.
        .clock(move || clock.now())
        .build()?;

    server.join_room("app", "room", "anna")?;
    let job = IndividualStreamJobReq::new("room", "anna").record_param(RecordParam::new("rule"));
    let job = client.create_individual_stream_job("app", job).await?.into_output();
    let id = job.job_id.ok_or("the job has an id")?;
    server.leave_room("app", "room", "anna")?;

    // What falls due on the way has happened when this returns, in order.
    let happened = server.clock().advance(Duration::from_secs(24 * 60 * 60))?;
    let states: Vec<_> = happened.into_iter().map(|happened| happened.state).collect();
    assert_eq!(states, [JobState::Stopped]);
    let job = client.show_individual_stream_job("app", &id).await?.into_output();
    assert_eq!(job.stop_reason, Some(StopReason::ExceedMaxIdleTime));
    Ok(())
}
