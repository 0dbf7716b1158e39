//! The network is slow.

use std::error::Error;
use std::time::Duration;

use rtc_client::model::apps::ListApps;
use rtc_client::{Client, ErrorKind, NoRetry};
use rtc_mock_server::MockServer;

#[tokio::test]
async fn slow_answers_are_read_and_those_that_do_not_come_are_given_up()
-> Result<(), Box<dyn Error>> {
    let server = MockServer::builder().seed(1).start().await?;
    let client = Client::builder()
        .endpoint(server.url())
        .credentials(server.credentials().clone())
        .project_id(server.project_id())
        .retry(NoRetry)
        .build()?;

    // As networks are: half of the answers within 5 ms, few much later; byte after byte.
    server.faults().add("*=delay(lognormal 5ms 0.5)".parse()?)?;
    server.faults().add("*=trickle(32/1ms)".parse()?)?;
    for _ in 0..5 {
        client.list_apps(ListApps::new()).await?;
    }

    server.faults().replace(vec!["ListApps=delay(60s)".parse()?])?;
    let hasty = client.with_timeout(Duration::from_millis(50));
    let error = hasty.list_apps(ListApps::new()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    Ok(())
}
