//! Fail twice, then succeed.

use std::error::Error;
use std::time::Duration;

use rtc_client::model::OperationId;
use rtc_client::model::apps::ListApps;
use rtc_client::{Backoff, Client};
use rtc_mock_server::{MockServer, RequestFilter};

#[tokio::test]
async fn a_call_that_fails_twice_succeeds_at_the_third_attempt() -> Result<(), Box<dyn Error>> {
    let fault = "ListApps=status(503),count=2".parse()?;
    let server = MockServer::builder().fault(fault).start().await?;
    let client = Client::builder()
        .endpoint(server.url())
        .credentials(server.credentials().clone())
        .project_id(server.project_id())
        .retry(Backoff::default().attempts(3).first_pause(Duration::from_millis(1)))
        .build()?;

    let apps = client.list_apps(ListApps::new()).await?.into_output();
    assert_eq!(apps.count, Some(0));
    server.received(OperationId::ListApps).times(3);
    server.received(RequestFilter::of(OperationId::ListApps).any_fault()).times(2);
    Ok(())
}
