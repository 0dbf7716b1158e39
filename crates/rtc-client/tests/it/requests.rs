//! What is sent, and what a success is read as.

use rtc_client::model::apps::{AppReq, AppStatus};
use rtc_client::model::record_callback::{AppCallbackUrlReq, NotifyEvent, ShowRecordCallback};
use rtc_client::model::{Secret, Timestamp};
use rtc_client::{Client, Delivery, ErrorKind};
use rtc_signer::{Payload, SignableRequest, Verifier};

use crate::peer::{Answer, Peer, Received};
use crate::support::{
    ACCESS_KEY, APP, EXAMPLE, PROJECT, answer, client, credentials, now, signing,
};

#[track_caller]
fn assert_signed(request: &Received, verifier: &Verifier) {
    assert_signed_by(request, ACCESS_KEY, verifier);
}

#[track_caller]
pub(crate) fn assert_signed_by(request: &Received, access_key: &str, verifier: &Verifier) {
    let parts = request.parts();
    let arrived = SignableRequest::from_parts(&parts, Payload::Bytes(&request.body));
    let accepted = verifier.verify(&arrived, now()).unwrap();
    assert_eq!(accepted.access_key(), access_key);
    assert_eq!(accepted.tolerance(), None);
    assert_eq!(accepted.signed_at(), now());
}

#[tokio::test]
async fn the_example_of_the_reference_is_read() {
    let peer = Peer::once(answer("200 OK", EXAMPLE)).await;
    let reply = client(&peer).show_record_callback(APP).await.unwrap();
    assert_eq!(reply.status(), 200);
    assert_eq!(reply.request_id(), Some("r1"));
    assert_eq!(reply.headers()["content-type"], "application/json");
    let output = reply.into_output();
    assert_eq!(output.app_id, Some(APP.into()));
    let callback = output.record_callback.unwrap();
    assert_eq!(callback.url.as_deref(), Some("http://mydomain.com"));
    assert_eq!(callback.auth_key, Some(Secret::from("78912374ae8cdb38")));
    let events = [NotifyEvent::RecordNewFileStart, NotifyEvent::RecordFileComplete];
    assert_eq!(callback.notify_event_subscription, events);
    let time: Timestamp = "2020-07-26T07:53:05.075Z".parse().unwrap();
    assert_eq!(callback.update_time, Some(time));
}

#[tokio::test]
async fn a_signed_query_is_sent_as_the_reference_asks() {
    let peer = Peer::once(answer("200 OK", EXAMPLE)).await;
    client(&peer).show_record_callback(APP).await.unwrap();
    let request = peer.only();
    assert_eq!(request.line, format!("GET /v2/apps/{APP}/record-callback HTTP/1.1"));
    assert_eq!(request.header("host"), Some(peer.address().to_string().as_str()));
    assert_eq!(request.header("content-type"), Some("application/json"));
    assert_eq!(request.header("x-project-id"), Some(PROJECT));
    assert_eq!(request.header("x-sdk-date"), Some("20240102T030405Z"));
    assert_eq!(request.header("x-auth-token"), None);
    assert_eq!(request.header("x-security-token"), None);
    let authorization = request.header("authorization").unwrap();
    let expected = format!(
        "SDK-HMAC-SHA256 Access={ACCESS_KEY}, SignedHeaders=content-type;host;x-project-id;x-sdk-date, Signature="
    );
    assert!(authorization.starts_with(&expected), "{authorization}");
    assert_signed(&request, &Verifier::new().with_key(credentials()));
    assert!(request.body.is_empty());
}

/// Host, date and keys are those of the published vector, computed with the official Python SDK.
#[tokio::test]
async fn the_signature_is_that_of_the_official_sdk() {
    struct Keep(std::sync::Mutex<Option<http::HeaderMap>>);
    impl rtc_client::Transport for Keep {
        fn call(
            &self,
            request: http::Request<bytes::Bytes>,
            _limits: rtc_client::Limits,
        ) -> rtc_client::BoxFuture<
            '_,
            Result<http::Response<bytes::Bytes>, rtc_client::TransportError>,
        > {
            *self.0.lock().unwrap() = Some(request.headers().clone());
            let answer = http::Response::new(bytes::Bytes::from_static(b"{}"));
            Box::pin(std::future::ready(Ok(answer)))
        }
    }
    let transport = std::sync::Arc::new(Keep(std::sync::Mutex::default()));
    let client = Client::builder()
        .credentials(credentials())
        .project_id(PROJECT)
        .clock(now)
        .transport(std::sync::Arc::clone(&transport))
        .build()
        .unwrap();
    client.show_record_callback(APP).await.unwrap();
    let headers = transport.0.lock().unwrap().take().unwrap();
    let authorization = &headers["authorization"];
    assert!(authorization.is_sensitive());
    let signature = "ff335b1ebec1bc5869a127f42140f8321d26221d020ae64a22358e70fd070134";
    assert!(authorization.to_str().unwrap().ends_with(signature));
}

#[tokio::test]
async fn a_body_is_sent_as_json_and_signed() {
    let peer = Peer::once(answer("200 OK", EXAMPLE)).await;
    let callback = AppCallbackUrlReq::new("https://cb.example.com/rtc")
        .auth_key("0123456789abcdef0123456789abcdef");
    client(&peer).update_record_callback(APP, callback).await.unwrap();
    let request = peer.only();
    assert_eq!(request.line, format!("PUT /v2/apps/{APP}/record-callback HTTP/1.1"));
    assert_eq!(
        String::from_utf8_lossy(&request.body),
        r#"{"url":"https://cb.example.com/rtc","auth_key":"0123456789abcdef0123456789abcdef"}"#
    );
    assert_signed(&request, &Verifier::new().with_key(credentials()));
}

#[tokio::test]
async fn temporary_keys_send_and_sign_their_token() {
    let peer = Peer::once(answer("200 OK", EXAMPLE)).await;
    let keys = credentials().with_security_token("t0ken");
    let client = Client::builder()
        .endpoint(peer.url())
        .credentials(keys.clone())
        .clock(now)
        .build()
        .unwrap();
    client.show_record_callback(APP).await.unwrap();
    let request = peer.only();
    assert_eq!(request.header("x-security-token"), Some("t0ken"));
    assert_eq!(request.header("x-project-id"), None);
    assert_signed(&request, &Verifier::new().with_key(keys));
}

#[tokio::test]
async fn a_token_is_sent_without_a_signature() {
    let peer = Peer::once(answer("200 OK", EXAMPLE)).await;
    let client = Client::builder().endpoint(peer.url()).token("t0ken").build().unwrap();
    client.show_record_callback(APP).await.unwrap();
    let request = peer.only();
    assert_eq!(request.header("x-auth-token"), Some("t0ken"));
    assert_eq!(request.header("authorization"), None);
    assert_eq!(request.header("x-sdk-date"), None);
    assert_eq!(request.header("host"), Some(peer.address().to_string().as_str()));
}

#[tokio::test]
async fn the_user_agent_names_the_crate_and_the_caller_and_is_not_signed() {
    let peer = Peer::start(vec![Answer::Bytes(answer("200 OK", "{}").into()); 2]).await;
    client(&peer).show_app(APP).await.unwrap();
    let named = signing(&peer).user_agent("classroom/2.1").build().unwrap();
    named.show_app(APP).await.unwrap();
    let product = concat!("huaweicloud-rtc-rust/", env!("CARGO_PKG_VERSION"));
    let received = peer.received();
    assert_eq!(received[0].header("user-agent"), Some(product));
    assert_eq!(received[1].header("user-agent"), Some(format!("{product} classroom/2.1").as_str()));
    for request in received {
        assert!(!request.header("authorization").unwrap().contains("user-agent"));
    }
}

#[tokio::test]
async fn the_prefix_of_the_endpoint_stands_before_the_path_and_is_signed() {
    let peer = Peer::once(answer("200 OK", "{}")).await;
    let endpoint = format!("{}/mock/rtc/", peer.url());
    signing(&peer).endpoint(endpoint).build().unwrap().show_app("a ü").await.unwrap();
    let request = peer.only();
    assert_eq!(request.line, "GET /mock/rtc/v2/apps/a%20%C3%BC HTTP/1.1");
    assert_signed(&request, &Verifier::new().with_key(credentials()));
}

#[tokio::test]
async fn apps_are_made_shown_and_deleted() {
    let shown = r#"{"app_id":"a1","state":{"state":"ACTIVATION"}}"#;
    let peer = Peer::start([
        Answer::Bytes(answer("201 Created", r#"{"app_id":"a1"}"#).into()),
        Answer::Bytes(answer("200 OK", shown).into()),
        Answer::Bytes(b"HTTP/1.1 204 No Content\r\nX-Request-ID: r3\r\n\r\n".to_vec()),
    ])
    .await;
    let client = client(&peer);

    let made = client.create_app(AppReq::new("classroom")).await.unwrap();
    assert_eq!((made.status().as_u16(), made.output().app_id.as_str()), (201, "a1"));
    let app = client.show_app(&made.output().app_id).await.unwrap().into_output();
    assert_eq!(app.state.unwrap().state, Some(AppStatus::Activation));
    let deleted = client.delete_app(made.into_output().app_id).await.unwrap();
    assert_eq!((deleted.status().as_u16(), deleted.request_id()), (204, Some("r3")));

    let received = peer.received();
    let lines: Vec<_> = received.iter().map(|request| request.line.as_str()).collect();
    assert_eq!(
        lines,
        ["POST /v2/apps HTTP/1.1", "GET /v2/apps/a1 HTTP/1.1", "DELETE /v2/apps/a1 HTTP/1.1"]
    );
    assert_eq!(received[0].body, br#"{"app_name":"classroom"}"#);
    for request in &received {
        assert_eq!(request.connection, 0, "one connection serves all the calls");
        assert_eq!(request.header("content-type"), Some("application/json"));
    }
}

#[tokio::test]
async fn clones_share_the_connections() {
    let peer = Peer::start(vec![Answer::Bytes(answer("200 OK", "{}").into()); 2]).await;
    let client = client(&peer);
    client.clone().show_app("a1").await.unwrap();
    client.send(ShowRecordCallback::new("a1")).await.unwrap();
    assert!(peer.received().iter().all(|request| request.connection == 0));
}

#[tokio::test]
async fn a_chunked_answer_with_unknown_fields_and_nulls_is_read() {
    let chunks = [r#"{"app_id":null,"new":[1,{}],"#, r#""record_callback":null}"#, ""]
        .map(|chunk| format!("{:x}\r\n{chunk}\r\n", chunk.len()));
    let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    let bytes = format!("{head}{}", chunks.concat());
    let peer = Peer::once(bytes).await;
    let reply = client(&peer).show_record_callback(APP).await.unwrap();
    assert_eq!(reply.request_id(), None);
    assert_eq!(reply.output().app_id, None);
    assert_eq!(reply.output().record_callback, None);
}

#[tokio::test]
async fn every_call_is_dated_anew() {
    let peer = Peer::start(vec![Answer::Bytes(answer("200 OK", "{}").into()); 2]).await;
    let calls = std::sync::atomic::AtomicU64::new(0);
    let clock = move || {
        let call = calls.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        now() + std::time::Duration::from_secs(3600 * call)
    };
    let client = signing(&peer).clock(clock).build().unwrap();
    client.show_app("a1").await.unwrap();
    client.show_app("a1").await.unwrap();
    let dates: Vec<_> = peer
        .received()
        .iter()
        .map(|request| request.header("x-sdk-date").unwrap().to_owned())
        .collect();
    assert_eq!(dates, ["20240102T030405Z", "20240102T040405Z"]);
}

#[tokio::test]
async fn an_id_that_cannot_stand_in_a_path_is_not_sent() {
    let peer = Peer::start([]).await;
    let error = client(&peer).show_app("").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert_eq!(error.delivery(), Delivery::NotSent);
    assert!(peer.received().is_empty());
}
