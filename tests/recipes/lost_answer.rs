//! The change is made, and its answer is lost.

use std::error::Error;

use rtc_client::model::apps::{AppReq, ListApps};
use rtc_client::{Client, Delivery, ErrorKind};
use rtc_mock_server::MockServer;

#[tokio::test]
async fn an_app_whose_answer_was_lost_is_there_and_one_that_was_deleted_is_gone()
-> Result<(), Box<dyn Error>> {
    let server = MockServer::start().await?;
    let client = Client::builder()
        .endpoint(server.url())
        .credentials(server.credentials().clone())
        .project_id(server.project_id())
        .build()?;

    // To make an app is not idempotent, so the client does not repeat it by itself.
    server.faults().add("CreateApp=close,when=after,count=1".parse()?)?;
    let error = client.create_app(AppReq::new("class")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Transport);
    assert_eq!(error.delivery(), Delivery::Unknown);
    let apps = client.list_apps(ListApps::new()).await?.into_output().apps;
    assert_eq!(apps[0].app_name.as_deref(), Some("class"));

    // To delete one is: the second attempt finds nothing, which was asked for.
    server.faults().add("DeleteApp=close,when=after,count=1".parse()?)?;
    let id = apps[0].app_id.as_ref().ok_or("the app has an id")?;
    let error = client.delete_app(id).await.unwrap_err();
    assert!(error.is_after_lost_answer() && error.is_not_found());
    Ok(())
}
