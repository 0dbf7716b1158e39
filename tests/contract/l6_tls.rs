//! L6: the client and the mock over TLS, with the CA that the mock made.

use rtc_client::{Client, ErrorKind, HyperTransport, NoRetry};
use rtc_contract_tests::case::{Case, Level};
use rtc_contract_tests::program::MockProgram;
use rtc_mock_server::DEFAULT_TOKEN;
use rtc_model::apps::AppReq;

pub(crate) fn add(cases: &mut Vec<Case>) {
    cases.push(Case::new(
        Level::L6,
        "CreateApp",
        "over TLS, by who trusts the CA of the admin API and by nobody else",
        trusted,
    ));
}

async fn trusted() {
    let mock = MockProgram::start(&["--tls-self-signed"]).await;
    let other = MockProgram::start(&["--tls-self-signed"]).await;
    assert!(mock.api().starts_with("https://"), "{}", mock.api());
    let client = |ca: Option<String>| {
        let builder = Client::builder().endpoint(mock.api()).token(DEFAULT_TOKEN).retry(NoRetry);
        let builder = match ca {
            Some(pem) => builder.connections(HyperTransport::builder().root_certificates(pem)),
            None => builder,
        };
        builder.build().unwrap()
    };
    let trusting = client(Some(ca(&mock).await));
    let created = trusting.create_app(AppReq::new("class")).await.unwrap().into_output();
    let shown = trusting.show_app(&created.app_id).await.unwrap().into_output();
    assert_eq!(shown.app_name.as_deref(), Some("class"));
    for ca in [Some(ca(&other).await), None] {
        let error = client(ca).create_app(AppReq::new("another")).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Connect, "{error:?}");
    }
    let apps = trusting.show_app("another").await.unwrap_err();
    assert!(apps.is_not_found(), "{apps}");
}

async fn ca(mock: &MockProgram) -> String {
    let answer = mock.admin("/ca.pem").await;
    String::from_utf8(answer.body.clone()).unwrap()
}
