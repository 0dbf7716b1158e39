//! L6: the client and the mock together: order, state, errors.

use std::time::SystemTime;

use rtc_client::{Client, Credentials, ErrorKind, NoRetry};
use rtc_contract_tests::case::{Case, Level};
use rtc_mock_server::{Clock, Fixture, MockServer};
use rtc_model::apps::{AppReq, AppStatus, ListApps};
use rtc_model::record_callback::{AppCallbackUrlReq, NotifyEvent};
use rtc_model::{ErrorCode, Timestamp};

use crate::l5_server::fixture;
use crate::requests::{APP, PROJECT};

pub(crate) fn add(cases: &mut Vec<Case>) {
    macro_rules! case {
        ($operation:literal, $name:literal, $run:path) => {
            cases.push(Case::new(Level::L6, $operation, $name, $run));
        };
    }
    case!("ShowRecordCallback", "the reference's example comes back, signed and by token", example);
    case!("CreateApp", "the life of an app, from its creation to its end", life);
    case!("CreateApp", "a name that is taken, and an app too many", name_and_quota);
    case!("UpdateRecordCallback", "the callback is replaced as a whole", whole_replacement);
    case!("UpdateRecordCallback", "what is refused changes nothing", refused_changes_nothing);
    case!("ShowRecordCallback", "projects do not see each other", projects);
    case!("ShowRecordCallback", "wrong credentials are errors of their own kinds", credentials);
    case!("CreateApp", "a clock that is 20 minutes off is corrected on the way", clock_off);
    case!("ShowRecordCallback", "a hundred calls at a time are all answered", concurrent);
}

async fn example() {
    let fixture = Fixture::from_json(&fixture().to_string()).unwrap();
    let keys = Credentials::new("AK", "SK");
    let server =
        MockServer::builder().credentials(keys, PROJECT).fixture(fixture).start().await.unwrap();
    let by_token = Client::builder().endpoint(server.url()).token(server.token()).build().unwrap();
    for client in [client(&server), by_token] {
        let reply = client.show_record_callback(APP).await.unwrap();
        let answer = serde_json::to_value(reply.output()).unwrap();
        let expected = rtc_contract_tests::golden::get("ShowRecordCallback/reply.200.reference");
        assert_json_diff::assert_json_eq!(answer, expected.message.json());
        assert_eq!(reply.request_id().map(str::len), Some(32));
    }
}

fn client(server: &MockServer) -> Client {
    Client::builder()
        .endpoint(server.url())
        .credentials(server.credentials().clone())
        .project_id(server.project_id())
        .build()
        .unwrap()
}

async fn life() {
    let time = "2024-03-15T08:15:30.250Z".parse::<Timestamp>().unwrap();
    let clock = Clock::frozen_at(time.to_system_time().unwrap());
    let server = MockServer::builder().clock(clock.clone()).start().await.unwrap();
    let client = Client::builder()
        .endpoint(server.url())
        .credentials(server.credentials().clone())
        .project_id(server.project_id())
        .clock(move || clock.now())
        .build()
        .unwrap();

    let created = client.create_app(AppReq::new("课堂")).await.unwrap();
    assert_eq!(created.status().as_u16(), 201);
    let id = created.into_output().app_id;

    let app = client.show_app(&id).await.unwrap().into_output();
    assert_eq!(app.app_name.as_deref(), Some("课堂"));
    assert_eq!(app.app_id.as_ref(), Some(&id));
    assert_eq!(app.create_time, Some(time));
    assert_eq!(app.state.unwrap().state, Some(AppStatus::Activation));
    assert_eq!(app.callbacks.unwrap().record_callback, None);

    let before = client.show_record_callback(&id).await.unwrap().into_output();
    assert_eq!((before.app_id.as_ref(), before.record_callback), (Some(&id), None), "decision D2");

    let body = AppCallbackUrlReq::new("https://example.com/rtc").auth_key("0123456789abcdef");
    let updated = client.update_record_callback(&id, body).await.unwrap().into_output();
    let callback = client.show_record_callback(&id).await.unwrap().into_output();
    assert_eq!(callback, updated);
    let callback = callback.record_callback.unwrap();
    assert_eq!(callback.url.as_deref(), Some("https://example.com/rtc"));
    assert_eq!(callback.update_time, Some(time));
    assert_eq!(
        callback.notify_event_subscription,
        [NotifyEvent::RecordNewFileStart, NotifyEvent::RecordFileComplete]
    );

    assert_eq!(client.delete_app(&id).await.unwrap().status().as_u16(), 204);
    for error in [
        client.show_app(&id).await.unwrap_err(),
        client.delete_app(&id).await.unwrap_err(),
        client.show_record_callback(&id).await.unwrap_err(),
        client.update_record_callback(&id, AppCallbackUrlReq::new("http://h")).await.unwrap_err(),
    ] {
        assert!(error.is_not_found(), "{error}");
        let service = error.service_error().unwrap();
        assert_eq!(service.code(), &ErrorCode::INVALID_PARAMETER_VALUE);
        assert!(service.message().contains(id.as_str()), "{error}");
    }
}

async fn name_and_quota() {
    let server = MockServer::start().await.unwrap();
    let client = client(&server);
    let mut last = None;
    for number in 0..20 {
        let created = client.create_app(AppReq::new(format!("app-{number}"))).await.unwrap();
        last = Some(created.into_output().app_id);
    }
    let code = |error: &rtc_client::Error| error.service_error().unwrap().code().clone();
    let taken = client.create_app(AppReq::new("app-3")).await.unwrap_err();
    assert_eq!(code(&taken), ErrorCode::APP_EXIST, "{taken}");
    let too_many = client.create_app(AppReq::new("app-20")).await.unwrap_err();
    assert_eq!(code(&too_many), ErrorCode::APPS_EXCEED, "{too_many}");
    assert_eq!(too_many.kind(), ErrorKind::BadRequest);
    // Its place and its name are free again once an app is gone.
    client.delete_app(last.unwrap()).await.unwrap();
    client.create_app(AppReq::new("app-19")).await.unwrap();
}

async fn whole_replacement() {
    let server = MockServer::start().await.unwrap();
    let client = client(&server);
    let id = client.create_app(AppReq::new("app")).await.unwrap().into_output().app_id;
    let key = "78912374ae8cdb38";
    let with_key = AppCallbackUrlReq::new("http://mydomain.com").auth_key(key);
    let first = client.update_record_callback(&id, with_key).await.unwrap().into_output();
    assert_eq!(first.record_callback.unwrap().auth_key.unwrap().expose_secret(), key);
    for body in [
        AppCallbackUrlReq::new("http://other.example"),
        AppCallbackUrlReq::new("http://other.example").auth_key(""),
    ] {
        client.update_record_callback(&id, body).await.unwrap();
        let shown = client.show_record_callback(&id).await.unwrap().into_output();
        let callback = shown.record_callback.unwrap();
        assert_eq!(callback.url.as_deref(), Some("http://other.example"));
        assert_eq!(callback.auth_key, None, "decision D3");
    }
}

async fn refused_changes_nothing() {
    let server = MockServer::start().await.unwrap();
    let client = client(&server);
    let id = client.create_app(AppReq::new("app")).await.unwrap().into_output().app_id;
    let before = client.update_record_callback(&id, AppCallbackUrlReq::new("http://h")).await;
    let before = before.unwrap().into_output();
    for body in
        [AppCallbackUrlReq::new("ftp://h"), AppCallbackUrlReq::new("http://h").auth_key("short")]
    {
        let error = client.update_record_callback(&id, body).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BadRequest);
        assert_eq!(error.service_error().unwrap().code(), &ErrorCode::INVALID_PARAMETER_VALUE);
    }
    assert_eq!(client.show_record_callback(&id).await.unwrap().into_output(), before);
}

async fn projects() {
    let (one, two) = (Credentials::new("AK1", "SK1"), Credentials::new("AK2", "SK2"));
    let server = MockServer::builder()
        .credentials_for(one.clone(), ["p1".to_owned(), "p3".to_owned()])
        .credentials(two.clone(), "p2")
        .start()
        .await
        .unwrap();
    let client = |keys: &Credentials, project: &str| {
        let builder = Client::builder().endpoint(server.url()).credentials(keys.clone());
        builder.project_id(project).build().unwrap()
    };
    let id = client(&one, "p1").create_app(AppReq::new("app")).await.unwrap().into_output().app_id;
    assert!(client(&one, "p1").show_app(&id).await.is_ok());
    assert!(client(&one, "p3").show_app(&id).await.unwrap_err().is_not_found());
    assert!(client(&two, "p2").show_app(&id).await.unwrap_err().is_not_found());
    assert!(
        client(&two, "p2").create_app(AppReq::new("app")).await.is_ok(),
        "names are by project"
    );
    let foreign = client(&two, "p1").show_app(&id).await.unwrap_err();
    assert_eq!(foreign.kind(), ErrorKind::Forbidden);
}

async fn credentials() {
    let server = MockServer::start().await.unwrap();
    let access_key = server.credentials().access_key();
    let builder = || Client::builder().endpoint(server.url()).project_id(server.project_id());
    let late = SystemTime::now() - std::time::Duration::from_secs(20 * 60);
    for (client, text) in [
        (builder().credentials(Credentials::new(access_key, "wrong")), "canonicalRequest:"),
        (builder().credentials(Credentials::new("NOBODY", "wrong")), "ak not exist"),
        (
            builder().credentials(server.credentials().clone()).clock(move || late),
            "signature expired",
        ),
        (builder().token("wrong"), "decrypt token fail"),
    ] {
        let client = client.retry(NoRetry).build().unwrap();
        let error = client.show_record_callback("a").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unauthorized, "{error}");
        let service = error.service_error().unwrap();
        assert_eq!(service.code(), &ErrorCode::GATEWAY_INCORRECT_IAM_AUTHENTICATION);
        assert!(service.message().contains(text), "{error}");
        assert_eq!(service.request_id(), error.request_id());
    }
}

async fn clock_off() {
    let server = MockServer::start().await.unwrap();
    for minutes in [-20, 20] {
        let off = std::time::Duration::from_secs(20 * 60);
        let client = Client::builder()
            .endpoint(server.url())
            .credentials(server.credentials().clone())
            .project_id(server.project_id())
            .clock(move || {
                let now = SystemTime::now();
                if minutes < 0 { now - off } else { now + off }
            })
            .build()
            .unwrap();
        let before = server.requests().len();
        client.create_app(AppReq::new(format!("app of {minutes}"))).await.unwrap();
        client.list_apps(ListApps::new()).await.unwrap();
        let statuses: Vec<_> =
            server.requests()[before..].iter().map(|e| e.status().unwrap().as_u16()).collect();
        assert_eq!(statuses, [401, 201, 200], "once off, then right from the first attempt on");
    }
}

async fn concurrent() {
    let server = MockServer::start().await.unwrap();
    let client = client(&server);
    let id = client.create_app(AppReq::new("app")).await.unwrap().into_output().app_id;
    let calls: Vec<_> = (0..100)
        .map(|_| {
            let (client, id) = (client.clone(), id.clone());
            tokio::spawn(async move {
                client.show_record_callback(id).await.map(rtc_client::Reply::into_output)
            })
        })
        .collect();
    for call in calls {
        assert_eq!(call.await.unwrap().unwrap().app_id.as_ref(), Some(&id));
    }
    let exchanges = server.requests();
    assert_eq!(exchanges.len(), 101);
    let ids: std::collections::BTreeSet<_> = exchanges
        .iter()
        .map(|e| e.reply_headers()["x-request-id"].clone().as_bytes().to_vec())
        .collect();
    assert_eq!(ids.len(), 101, "every request has an id of its own");
}
