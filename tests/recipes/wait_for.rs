//! A test waits for a request without sleeping.

use std::error::Error;
use std::time::Duration;

use rtc_client::Client;
use rtc_client::model::OperationId;
use rtc_client::model::apps::AppReq;
use rtc_mock_server::MockServer;

#[tokio::test]
async fn a_request_of_the_background_is_waited_for() -> Result<(), Box<dyn Error>> {
    let server = MockServer::start().await?;
    let client = Client::builder()
        .endpoint(server.url())
        .credentials(server.credentials().clone())
        .project_id(server.project_id())
        .build()?;

    // What is tested works in the background, in its own time.
    let work = tokio::spawn(async move { client.create_app(AppReq::new("class")).await });

    // Returns as soon as it has come, and says what came instead when the time is up.
    let came = server.received(OperationId::CreateApp).within(Duration::from_secs(10));
    let came = came.wait(1).await?;
    assert!(came[0].target().ends_with("/v2/apps"));
    work.await??;
    Ok(())
}
