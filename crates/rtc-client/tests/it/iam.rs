//! Tokens for a password, and the project that nobody names.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rtc_client::{
    Client, ClientBuilder, Credentials, ErrorKind, NoRetry, PasswordLogin, ProjectLookup,
    ProvidedKeys, TokenScope,
};
use rtc_signer::Verifier;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::peer::{Answer, Peer};
use crate::requests::assert_signed_by;
use crate::script::{self, Script};
use crate::support::{ACCESS_KEY, APP, answer, chain, credentials, now};

fn bytes(answers: impl IntoIterator<Item = String>) -> impl Iterator<Item = Answer> {
    answers.into_iter().map(|answer| Answer::Bytes(answer.into_bytes()))
}

fn login() -> PasswordLogin {
    PasswordLogin::new("acme", "alice", "s3cret/+\"")
}

fn token(value: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 201 Created\r\nX-Subject-Token: {value}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// A client that logs in; service and IAM are the same peer.
fn logging_in(peer: &Peer) -> ClientBuilder {
    Client::builder()
        .endpoint(peer.url())
        .iam_endpoint(peer.url())
        .password_login(login())
        .clock(now)
        .retry(NoRetry)
}

#[tokio::test]
async fn a_token_is_fetched_once_for_the_password_and_sent() {
    let body = r#"{"token":{"expires_at":"2024-01-03T03:04:05.000000Z","methods":["password"]}}"#;
    let ok = || answer("200 OK", "{}");
    let peer = Peer::start(bytes([token("t0ken", body), ok(), ok()])).await;
    let client = logging_in(&peer).build().unwrap();
    client.show_app(APP).await.unwrap();
    client.show_app(APP).await.unwrap();
    let [asked, first, second] = peer.received().try_into().unwrap();
    assert_eq!(asked.line, "POST /v3/auth/tokens?nocatalog=true HTTP/1.1");
    assert_eq!(asked.header("content-type"), Some("application/json"));
    assert_eq!(asked.header("authorization"), None);
    let expected = json!({"auth": {
        "identity": {"methods": ["password"], "password": {"user": {
            "name": "alice", "password": "s3cret/+\"", "domain": {"name": "acme"},
        }}},
        "scope": {"domain": {"name": "acme"}},
    }});
    assert_eq!(serde_json::from_slice::<Value>(&asked.body).unwrap(), expected);
    for call in [first, second] {
        assert_eq!(call.header("x-auth-token"), Some("t0ken"));
        assert_eq!(call.header("x-project-id"), None);
        assert_eq!(call.header("authorization"), None);
    }
}

#[tokio::test]
async fn a_token_may_be_for_a_project() {
    for (scope, expected) in [
        (TokenScope::ProjectId("p1".into()), json!({"project": {"id": "p1"}})),
        (TokenScope::ProjectName("cn-north-4".into()), json!({"project": {"name": "cn-north-4"}})),
    ] {
        let peer = Peer::start(bytes([token("t0ken", "{}"), answer("200 OK", "{}")])).await;
        let client = Client::builder()
            .endpoint(peer.url())
            .iam_endpoint(peer.url())
            .password_login(login().scope(scope))
            .build()
            .unwrap();
        client.show_app(APP).await.unwrap();
        let body: Value = serde_json::from_slice(&peer.received()[0].body).unwrap();
        assert_eq!(body["auth"]["scope"], expected);
    }
}

#[tokio::test]
async fn a_refused_password_is_told_without_it_and_not_sent_again() {
    let refusal = r#"{"error":{"code":401,"message":"The username or password s3cret\/\u002b\" is wrong.","title":"Unauthorized"}}"#;
    let peer = Peer::start(bytes([answer("401 Unauthorized", refusal)])).await;
    let client = logging_in(&peer).build().unwrap();
    for _ in 0..10 {
        let error = client.show_app(APP).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Authentication);
        let texts = chain(&error);
        let expected = "the request for a token was answered with 401 401: The username or password *** is wrong. (request id r1)";
        assert_eq!(texts[2], expected);
        assert!(!format!("{error:?} {client:?}").contains("s3cret"));
    }
    assert_eq!(peer.received().len(), 1, "IAM locks who tries again and again");
}

#[tokio::test]
async fn an_answer_without_a_token_is_an_error_that_shows_nothing_of_it() {
    for bytes in [
        answer("201 Created", r#"{"token":"s3cret"}"#),
        answer("201 Created", "s3cret"),
        answer("200 OK", r#"{"token":"s3cret"}"#),
        token("t0ken-s3cret", "no json, s3cret"),
        answer("302 Found", "s3cret"),
    ] {
        let peer = Peer::once(bytes).await;
        let error = logging_in(&peer).build().unwrap().show_app(APP).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Authentication);
        let text = format!("{error} {error:?} {error:#?} {:?}", chain(&error));
        assert!(!text.contains("s3cret"), "{text}");
    }
    // What was cut has a head, with the token in it.
    let cut = token("t0ken-s3cret", "{}").replace("Length: 2", "Length: 3");
    let peer = Peer::start(vec![Answer::BytesThenClose(cut.into()); 3]).await;
    let error = logging_in(&peer).build().unwrap().show_app(APP).await.unwrap_err();
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(&error);
    let mut heads = 0;
    while let Some(level) = cause {
        if let Some(error) = level.downcast_ref::<rtc_client::TransportError>() {
            assert!(error.head().unwrap().headers.is_empty());
            heads += 1;
        }
        cause = level.source();
    }
    assert_eq!(heads, 1);
}

/// What answers as IAM and as the service, with tokens that hold for a day.
fn iam_and_service(time: Arc<AtomicU64>) -> Script {
    let mut number = 0;
    Script::answering(move |request| {
        if request.uri().host() != Some("iam.example") {
            return script::Answer::ok("{}");
        }
        number += 1;
        let end = now() + Duration::from_secs(time.load(Ordering::SeqCst) + 86_400);
        let end = rtc_client::model::Timestamp::from(end);
        script::Answer::new(201, json!({"token": {"expires_at": end.to_string()}}).to_string())
            .header("x-subject-token", format!("t0ken{number}"))
            .after(Duration::from_secs(1))
    })
}

#[tokio::test(start_paused = true)]
async fn a_token_is_renewed_ahead_of_its_end_and_once_for_a_thousand_calls() {
    let time = Arc::new(AtomicU64::new(0));
    let script = iam_and_service(Arc::clone(&time));
    let client = Client::builder()
        .endpoint("http://rtc.example")
        .iam_endpoint("http://iam.example")
        .password_login(login())
        .transport(script.clone())
        .clock({
            let time = Arc::clone(&time);
            move || now() + Duration::from_secs(time.load(Ordering::SeqCst))
        })
        .build()
        .unwrap();
    client.show_app(APP).await.unwrap();
    // 40 minutes before the end a call goes on with the old one, without waiting.
    time.store(86_400 - 2400, Ordering::SeqCst);
    let begin = tokio::time::Instant::now();
    client.show_app(APP).await.unwrap();
    assert_eq!(begin.elapsed(), Duration::ZERO);
    tokio::time::sleep(Duration::from_secs(2)).await;
    client.show_app(APP).await.unwrap();
    // And long after the end of the second.
    time.store(10 * 86_400, Ordering::SeqCst);
    let mut calls = JoinSet::new();
    for _ in 0..1000 {
        let client = client.clone();
        calls.spawn(async move { client.show_app(APP).await.map(drop) });
    }
    assert!(calls.join_all().await.iter().all(Result::is_ok));
    let sent = script.calls();
    let tokens: Vec<_> = sent
        .iter()
        .filter_map(|call| call.headers.get("x-auth-token"))
        .map(|token| token.to_str().unwrap())
        .collect();
    assert_eq!(tokens[..3], ["t0ken1", "t0ken1", "t0ken2"]);
    assert_eq!(tokens[3..], ["t0ken3"; 1000]);
    assert_eq!(sent.len(), 3 + tokens.len());
    let sensitive = sent.iter().filter_map(|call| call.headers.get("x-auth-token"));
    assert!(sensitive.into_iter().all(http::HeaderValue::is_sensitive));
}

#[tokio::test(start_paused = true)]
async fn iam_is_asked_again_where_it_does_not_answer_or_fails() {
    let mut answers = vec![
        script::Answer::failure(
            rtc_client::TransportErrorKind::Connect,
            rtc_client::Delivery::NotSent,
        ),
        script::Answer::new(502, "<html>"),
        script::Answer::new(201, "{}").header("x-subject-token", "t0ken"),
        script::Answer::ok("{}"),
    ]
    .into_iter();
    let script = Script::answering(move |_| answers.next().unwrap());
    let client = Client::builder()
        .endpoint("http://rtc.example")
        .password_login(login())
        .transport(script.clone())
        .build()
        .unwrap();
    client.show_app(APP).await.unwrap();
    assert_eq!(script.calls().len(), 4);
}

#[tokio::test(start_paused = true)]
async fn iam_is_given_the_time_that_it_asks_for_where_that_is_short() {
    let mut answers = vec![
        script::Answer::new(429, r#"{"error_code":"APIGW.0308","error_msg":"slow down"}"#)
            .header("retry-after", "7"),
        script::Answer::new(201, "{}").header("x-subject-token", "t0ken"),
        script::Answer::ok("{}"),
    ]
    .into_iter();
    let script = Script::answering(move |_| answers.next().unwrap());
    let client = Client::builder()
        .endpoint("http://rtc.example")
        .password_login(login())
        .transport(script.clone())
        .build()
        .unwrap();
    client.show_app(APP).await.unwrap();
    let calls = script.calls();
    assert_eq!((calls[1].at - calls[0].at).as_secs(), 7);
}

#[tokio::test(start_paused = true)]
async fn an_iam_that_is_asked_too_often_is_left_alone_for_as_long_as_it_says() {
    let mut asked = 0;
    let script = Script::answering(move |request| {
        if request.uri().host() != Some("iam.example") {
            return script::Answer::ok("{}");
        }
        asked += 1;
        if asked == 1 {
            script::Answer::new(429, r#"{"error_code":"APIGW.0308","error_msg":"slow down"}"#)
                .header("retry-after", "30")
        } else {
            script::Answer::new(201, "{}").header("x-subject-token", "t0ken")
        }
    });
    let time = Arc::new(AtomicU64::new(0));
    let client = Client::builder()
        .endpoint("http://rtc.example")
        .iam_endpoint("http://iam.example")
        .password_login(login())
        .transport(script.clone())
        .clock({
            let time = Arc::clone(&time);
            move || now() + Duration::from_secs(time.load(Ordering::SeqCst))
        })
        .build()
        .unwrap();
    for second in [0, 1, 29] {
        time.store(second, Ordering::SeqCst);
        let error = client.show_app(APP).await.unwrap_err();
        assert!(chain(&error).concat().contains("429 APIGW.0308: slow down"), "{error:?}");
    }
    assert_eq!(script.calls().len(), 1);
    time.store(30, Ordering::SeqCst);
    client.show_app(APP).await.unwrap();
}

/// Who is told to wait three times is told so by the third, however long the first two took; without
/// a time it is five seconds.
#[tokio::test(start_paused = true)]
async fn iam_is_left_alone_from_its_last_answer_on() {
    for wait in [Some("5"), None] {
        let script = Script::answering(move |_| {
            let busy = script::Answer::new(429, r#"{"error_code":"APIGW.0308","error_msg":"m"}"#);
            wait.into_iter().fold(busy, |busy, wait| busy.header("retry-after", wait))
        });
        let begin = tokio::time::Instant::now();
        let client = Client::builder()
            .endpoint("http://rtc.example")
            .password_login(login())
            .transport(script.clone())
            .clock(move || now() + begin.elapsed())
            .retry(NoRetry)
            .build()
            .unwrap();
        for (second, asked) in [(0, 3), (4, 3), (2, 6)] {
            tokio::time::sleep(Duration::from_secs(second)).await;
            client.show_app(APP).await.unwrap_err();
            assert_eq!(script.calls().len(), asked, "{wait:?} {second}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn each_attempt_of_the_lookup_is_dated_and_signed_anew() {
    let mut answers = vec![
        script::Answer::new(503, "").header("retry-after", "5"),
        script::Answer::ok(r#"{"projects":[{"id":"p1"}]}"#),
        script::Answer::ok("{}"),
    ]
    .into_iter();
    let script = Script::answering(move |_| answers.next().unwrap());
    let client = Client::builder()
        .endpoint("http://rtc.example")
        .iam_endpoint("http://iam.example")
        .credentials(credentials())
        .project_lookup(ProjectLookup::Always)
        .transport(script.clone())
        .clock(now)
        .build()
        .unwrap();
    client.show_app(APP).await.unwrap();
    let header = |call: &script::Call, name| call.headers[name].to_str().unwrap().to_owned();
    let [first, second, _] = &script.calls()[..] else { panic!("three requests") };
    assert_eq!(header(first, "x-sdk-date"), "20240102T030405Z");
    assert_eq!(header(second, "x-sdk-date"), "20240102T030410Z");
    assert_ne!(header(first, "authorization"), header(second, "authorization"));
}

/// A client of keys whose project nobody names; service and IAM are the same peer.
fn without_project(peer: &Peer) -> ClientBuilder {
    Client::builder()
        .endpoint(peer.url())
        .iam_endpoint(peer.url())
        .credentials(credentials())
        .clock(now)
        .retry(NoRetry)
}

fn looking_up(peer: &Peer) -> ClientBuilder {
    without_project(peer).project_lookup(ProjectLookup::Always)
}

#[tokio::test]
async fn the_project_is_looked_up_once_and_signed() {
    let ok = || answer("200 OK", "{}");
    let found = r#"{"links":{},"projects":[{"id":"p1","name":"cn-north-4","enabled":true}]}"#;
    let peer = Peer::start(bytes([answer("200 OK", found), ok(), ok()])).await;
    let client = looking_up(&peer).build().unwrap();
    client.show_app(APP).await.unwrap();
    client.show_app(APP).await.unwrap();
    let received = peer.received();
    assert_eq!(received.len(), 3);
    assert_eq!(received[0].line, "GET /v3/projects?name=cn-north-4 HTTP/1.1");
    assert_eq!(received[0].header("x-project-id"), None);
    for request in &received {
        assert_signed_by(request, ACCESS_KEY, &Verifier::new().with_key(credentials()));
    }
    assert_eq!(received[1].header("x-project-id"), Some("p1"));
    assert_eq!(received[2].header("x-project-id"), Some("p1"));
}

#[tokio::test]
async fn no_project_or_several_are_an_error_that_lists_them() {
    let many = (0..12).map(|n| json!({"id": format!("p{n}")})).collect::<Vec<_>>();
    for (projects, expected) in [
        (json!([]), "IAM knows no project cn-north-4 of these keys; set the project id"),
        (
            json!([{"id": "p1"}, {"id": "p2"}]),
            "IAM knows 2 projects cn-north-4 of these keys; set the project id to one of: p1, p2",
        ),
        (
            json!(many),
            "IAM knows 12 projects cn-north-4 of these keys; set the project id to one of: p0, p1, p2, p3, p4, p5, p6, p7, p8, p9, …",
        ),
    ] {
        let body = json!({ "projects": projects }).to_string();
        let peer = Peer::start(bytes([answer("200 OK", &body)])).await;
        let client = looking_up(&peer).build().unwrap();
        for _ in 0..2 {
            let error = client.show_app(APP).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Authentication);
            assert_eq!(chain(&error)[2], expected);
        }
        assert_eq!(peer.received().len(), 1, "nothing is created, nothing asked again at once");
    }
}

#[tokio::test]
async fn a_refusal_of_iam_is_told_with_its_trace_id() {
    let body =
        r#"{"error_msg":"Incorrect IAM authentication information","error_code":"APIGW.0301"}"#;
    let refusal = answer("401 Unauthorized", body).replace("X-request-Id", "X-IAM-Trace-Id");
    let peer = Peer::start(bytes([refusal])).await;
    let error = looking_up(&peer).build().unwrap().show_app(APP).await.unwrap_err();
    let expected = "the request for the project was answered with 401 APIGW.0301: Incorrect IAM authentication information (request id r1)";
    assert_eq!(chain(&error)[2], expected);
}

#[tokio::test]
async fn the_lookup_is_dated_by_the_clock_of_iam_where_ours_is_off() {
    let refusal = answer("401 Unauthorized", r#"{"error_code":"APIGW.0301","error_msg":"m"}"#)
        .replace("X-request-Id: r1", "Date: Tue, 02 Jan 2024 03:24:05 GMT");
    let found = answer("200 OK", r#"{"projects":[{"id":"p1"}]}"#);
    let peer = Peer::start(bytes([refusal, found, answer("200 OK", "{}")])).await;
    looking_up(&peer).build().unwrap().show_app(APP).await.unwrap();
    let received = peer.received();
    assert_eq!(received[0].header("x-sdk-date"), Some("20240102T030405Z"));
    assert_eq!(received[1].header("x-sdk-date"), Some("20240102T032405Z"));
}

#[tokio::test]
async fn a_project_that_somebody_names_is_not_looked_up() {
    let ok = || answer("200 OK", "{}");
    let peer = Peer::start(bytes([ok(), ok(), ok(), ok(), ok()])).await;
    let named = || ProvidedKeys::new(credentials()).with_project_id("named");
    let provided =
        || Client::builder().endpoint(peer.url()).credentials_provider(named()).clock(now);
    let always = ProjectLookup::Always;
    for (builder, project, domain) in [
        (looking_up(&peer).project_id("p1"), Some("p1"), None),
        (provided().project_lookup(always), Some("named"), None),
        (provided().project_id("p1").domain_id("d1"), Some("p1"), None),
        // An endpoint that is set by hand belongs to no region.
        (without_project(&peer), None, None),
        (without_project(&peer).domain_id("d1"), None, Some("d1")),
    ] {
        builder.build().unwrap().show_app(APP).await.unwrap();
        let received = peer.received();
        let call = received.last().unwrap();
        assert_eq!(call.header("x-project-id"), project);
        assert_eq!(call.header("x-domain-id"), domain);
        assert_signed_by(call, ACCESS_KEY, &Verifier::new().with_key(credentials()));
    }
}

#[tokio::test]
async fn without_an_endpoint_of_its_own_a_client_looks_the_project_up_in_the_region() {
    let script = Script::answering(|request| match request.uri().path() {
        "/v3/projects" => script::Answer::ok(r#"{"projects":[{"id":"p1"}]}"#),
        _ => script::Answer::ok("{}"),
    });
    for (lookup, asked) in [(ProjectLookup::Auto, 2), (ProjectLookup::Never, 1)] {
        let client = Client::builder()
            .credentials(Credentials::new("AK", "SK"))
            .project_lookup(lookup)
            .transport(script.clone())
            .build()
            .unwrap();
        let before = script.calls().len();
        client.show_app(APP).await.unwrap();
        assert_eq!(script.calls().len() - before, asked);
    }
}
