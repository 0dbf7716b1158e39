//! A burst of calls is throttled.

use std::error::Error;
use std::time::Duration;

use rtc_client::model::apps::ListApps;
use rtc_client::{Client, NoRetry};
use rtc_mock_server::{Clock, MockServer};

#[tokio::test]
async fn a_burst_is_throttled_and_a_second_later_it_goes_on() -> Result<(), Box<dyn Error>> {
    let server = MockServer::builder()
        .throttle("10/s".parse()?)
        .clock("frozen@2024-03-15T08:15:30Z".parse::<Clock>()?)
        .start()
        .await?;
    let clock = server.clock();
    let client = Client::builder()
        .endpoint(server.url())
        .credentials(server.credentials().clone())
        .project_id(server.project_id())
        .clock(move || clock.now())
        // With the client's own policy it would wait and call again.
        .retry(NoRetry)
        .build()?;

    let mut throttled = 0;
    for _ in 0..15 {
        match client.list_apps(ListApps::new()).await {
            Ok(_) => {}
            Err(error) if error.is_throttled() => throttled += 1,
            Err(error) => return Err(error.into()),
        }
    }
    assert_eq!(throttled, 5);

    server.clock().advance(Duration::from_secs(1))?;
    client.list_apps(ListApps::new()).await?;
    Ok(())
}
