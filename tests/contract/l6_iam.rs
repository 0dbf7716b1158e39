//! L6: the client and the mock's IAM: a token for a password, the project that nobody names.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use rtc_client::{Client, Credentials, ErrorKind, PasswordLogin, ProjectLookup};
use rtc_contract_tests::case::{Case, Level};
use rtc_mock_server::{Clock, MockServer};
use rtc_model::apps::AppReq;

pub(crate) fn add(cases: &mut Vec<Case>) {
    macro_rules! case {
        ($name:literal, $run:path) => {
            cases.push(Case::new(Level::L6, "CreateApp", $name, $run));
        };
    }
    case!("a token for a password, and another when its day is over", password);
    case!("a password that is wrong is refused by IAM", wrong_password);
    case!("a project that nobody names is looked up", lookup);
}

fn login(password: &str) -> PasswordLogin {
    PasswordLogin::new("acme", "alice", password)
}

async fn password() {
    let hours = Arc::new(AtomicU64::new(0));
    let time = {
        let hours = Arc::clone(&hours);
        move || {
            let hours = hours.load(Ordering::SeqCst);
            SystemTime::UNIX_EPOCH + Duration::from_secs(1_710_490_530 + hours * 3600)
        }
    };
    let server = MockServer::builder()
        .clock(Clock::custom(time.clone()))
        .iam_user("alice", "open sesame")
        .iam_domain("acme")
        .start()
        .await
        .unwrap();
    let client = Client::builder()
        .endpoint(server.url())
        .iam_endpoint(server.url())
        .password_login(login("open sesame"))
        .clock(time)
        .build()
        .unwrap();
    let id = client.create_app(AppReq::new("class")).await.unwrap().into_output().app_id;
    for (hour, asked) in [(1, 1), (23, 1), (25, 2), (48, 2), (100, 3)] {
        hours.store(hour, Ordering::SeqCst);
        client.show_app(&id).await.unwrap();
        let exchanges = server.requests();
        let is_login = |target: String| target.starts_with("/v3/auth/tokens");
        let logins = exchanges.iter().filter(|exchange| is_login(exchange.target()));
        assert_eq!(logins.count(), asked, "after {hour} h");
    }
}

async fn wrong_password() {
    let server = MockServer::builder().iam_user("alice", "open sesame").start().await.unwrap();
    let client = Client::builder()
        .endpoint(server.url())
        .iam_endpoint(server.url())
        .password_login(login("open sesam"))
        .build()
        .unwrap();
    let error = client.create_app(AppReq::new("class")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Authentication);
    let text = format!("{error:?}");
    assert!(text.contains("answered with 401"), "{text}");
}

async fn lookup() {
    let keys = Credentials::new("AK1", "SK1");
    let projects = ["p1".to_owned(), "p2".to_owned()];
    let server =
        MockServer::builder().credentials_for(keys.clone(), projects).start().await.unwrap();
    let builder = || {
        Client::builder()
            .endpoint(server.url())
            .iam_endpoint(server.url())
            .credentials(keys.clone())
    };
    let finding = builder().project_lookup(ProjectLookup::Always).build().unwrap();
    let id = finding.create_app(AppReq::new("class")).await.unwrap().into_output().app_id;
    assert!(builder().project_id("p1").build().unwrap().show_app(&id).await.is_ok());
    let other = builder().project_id("p2").build().unwrap().show_app(&id).await;
    assert!(other.unwrap_err().is_not_found());
}
