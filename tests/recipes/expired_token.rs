//! A token expires earlier than the client thinks.

use std::error::Error;
use std::time::Duration;

use rtc_client::model::apps::ListApps;
use rtc_client::{Client, ErrorKind, PasswordLogin};
use rtc_mock_server::{
    Clock, DEFAULT_IAM_DOMAIN, DEFAULT_IAM_PASSWORD, DEFAULT_IAM_USER, MockServer,
};

#[tokio::test]
async fn an_expired_token_is_refused_and_a_new_one_is_asked_for() -> Result<(), Box<dyn Error>> {
    let frozen: Clock = "frozen@2024-03-15T08:15:30Z".parse()?;
    let server = MockServer::builder().clock(frozen).start().await?;
    let clock = server.clock();
    let client = Client::builder()
        .endpoint(server.url())
        .iam_endpoint(server.url())
        .password_login(PasswordLogin::new(
            DEFAULT_IAM_DOMAIN,
            DEFAULT_IAM_USER,
            DEFAULT_IAM_PASSWORD,
        ))
        // The client's clock is two hours late, so it does not renew the token ahead of its end.
        .clock(move || clock.now() - Duration::from_secs(2 * 60 * 60))
        .build()?;
    client.list_apps(ListApps::new()).await?;

    server.clock().advance(Duration::from_secs(25 * 60 * 60))?;
    let error = client.list_apps(ListApps::new()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unauthorized);
    assert!(error.service_error().is_some_and(|e| e.message().contains("token expires")));

    // A token that was refused is not sent again.
    client.list_apps(ListApps::new()).await?;
    Ok(())
}
