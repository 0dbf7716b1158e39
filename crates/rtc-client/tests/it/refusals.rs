//! Answers that are no success: kinds and accessors.

use rtc_client::model::{ErrorCode, OperationId};
use rtc_client::{Client, Credentials, Delivery, Error, ErrorKind};

use crate::peer::Peer;
use crate::support::{APP, answer, chain, client, refused, signing};

/// The documented body of the page `ShowRecordCallback` for 400 and 404.
const DOCUMENTED: &str =
    r#"{ "error_code" : "RTC.00001003", "error_msg" : "InvalidParameterValue" }"#;

#[track_caller]
fn assert_service_error(error: &Error, kind: ErrorKind, status: u16, code: &str) {
    assert_eq!(error.kind(), kind);
    assert_eq!(error.status().map(|status| status.as_u16()), Some(status));
    assert_eq!(error.operation(), OperationId::ShowRecordCallback);
    assert_eq!(error.delivery(), Delivery::Answered);
    assert_eq!(error.service_error().unwrap().code().as_str(), code);
    assert_eq!(error.raw_body(), None);
    assert_eq!(chain(error).len(), 1, "the service's words are not said twice");
}

#[tokio::test]
async fn a_404_of_the_service_says_that_the_app_is_not_there() {
    let error = refused(answer("404 Not Found", DOCUMENTED)).await;
    assert_service_error(&error, ErrorKind::NotFound, 404, "RTC.00001003");
    assert!(error.is_not_found() && !error.is_throttled());
    assert_eq!(error.request_id(), Some("r1"));
    assert_eq!(
        error.to_string(),
        "ShowRecordCallback: the answer is 404 RTC.00001003: InvalidParameterValue (request id r1)"
    );
}

#[tokio::test]
async fn a_404_of_the_gateway_or_of_a_page_does_not_say_that_the_app_is_not_there() {
    let body =
        r#"{"error_msg":"The API does not exist","error_code":"APIGW.0101","request_id":"g"}"#;
    let error = refused(answer("404 Not Found", body)).await;
    assert_service_error(&error, ErrorKind::NotFound, 404, "APIGW.0101");
    assert!(!error.is_not_found());
    let error = refused(answer("404 Not Found", "<html>")).await;
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(!error.is_not_found());
}

#[tokio::test]
async fn the_same_code_with_400_is_a_bad_request() {
    let error = refused(answer("400 Bad Request", DOCUMENTED)).await;
    assert_service_error(&error, ErrorKind::BadRequest, 400, "RTC.00001003");
    assert!(!error.is_not_found());
}

#[tokio::test]
async fn a_gateway_refusal_gives_the_request_id_of_its_body() {
    let body = r#"{"error_msg":"Incorrect IAM authentication information","error_code":"APIGW.0301","request_id":"g1"}"#;
    let bytes =
        format!("HTTP/1.1 401 Unauthorized\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    let error = refused(bytes).await;
    assert_service_error(&error, ErrorKind::Unauthorized, 401, "APIGW.0301");
    assert_eq!(error.request_id(), Some("g1"));
    let both = refused(answer("401 Unauthorized", body)).await;
    assert_eq!(both.request_id(), Some("r1"), "the header comes first");
}

#[tokio::test]
async fn other_statuses_have_their_kinds() {
    for (status, code, kind) in [
        ("403 Forbidden", "APIGW.0302", ErrorKind::Forbidden),
        ("429 Too Many Requests", "APIG.0308", ErrorKind::Throttled),
        ("405 Method Not Allowed", "APIGW.0501", ErrorKind::BadRequest),
        ("500 Internal Server Error", "RTC.00002xxx", ErrorKind::Server),
        ("503 Service Unavailable", "APIGW.0613", ErrorKind::Server),
    ] {
        let body = format!(r#"{{"error_code":"{code}","error_msg":"m"}}"#);
        let error = refused(answer(status, &body)).await;
        assert_service_error(&error, kind, status[..3].parse().unwrap(), code);
        assert_eq!(error.is_throttled(), kind == ErrorKind::Throttled);
    }
    let throttled =
        refused(answer("429 Too Many Requests", r#"{"error_code":"APIG.0308","error_msg":"m"}"#))
            .await;
    assert_eq!(throttled.service_error().unwrap().code(), &ErrorCode::GATEWAY_THROTTLED);
}

#[tokio::test]
async fn a_page_of_a_proxy_is_kept() {
    let page = "<html>\n<h1>502 Bad Gateway</h1></html>";
    let error = refused(answer("502 Bad Gateway", page)).await;
    assert_eq!(error.kind(), ErrorKind::Server);
    assert_eq!(error.status().unwrap(), 502);
    assert!(error.service_error().is_none());
    assert_eq!(error.raw_body(), Some(page.as_bytes()));
    assert_eq!(
        chain(&error),
        [
            "ShowRecordCallback: the answer has status 502 and no error of the service; its body begins with <html>\\n<h1>502 Bad Gateway</h1></html> (request id r1)"
        ]
    );
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = Peer::start([]).await;
    let bytes = format!(
        "HTTP/1.1 302 Found\r\nLocation: {}/\r\nContent-Length: 0\r\n\r\n",
        elsewhere.url()
    );
    let error = refused(bytes).await;
    assert_eq!(error.kind(), ErrorKind::UnexpectedStatus);
    assert_eq!(error.status().unwrap(), 302);
    assert_eq!(error.raw_body(), Some(&b""[..]));
    assert!(elsewhere.received().is_empty());
}

#[tokio::test]
async fn another_status_of_success_is_not_taken_for_the_documented_one() {
    let error = refused(answer("202 Accepted", "{}")).await;
    assert_eq!(error.kind(), ErrorKind::UnexpectedStatus);
}

#[tokio::test]
async fn a_success_that_cannot_be_read_says_where_and_what() {
    let body = r#"{"app_id":"a1","record_callback":{"auth_key":"78912374ae8cdb38","url":[5]}}"#;
    let error = refused(answer("200 OK", body)).await;
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert_eq!(error.status().unwrap(), 200);
    assert_eq!(error.request_id(), Some("r1"));
    assert_eq!(error.delivery(), Delivery::Answered);
    assert_eq!(error.raw_body(), Some(body.as_bytes()));
    let texts = chain(&error);
    assert_eq!(
        texts[0],
        r#"ShowRecordCallback: the answer with status 200 cannot be read at record_callback.url; its body begins with {"app_id":"***","record_callback":{"auth_key":"***","url":[***]}} (request id r1)"#
    );
    assert_eq!(texts.len(), 2);
    assert_eq!(texts[1], "record_callback.url: invalid type: sequence, expected a string");
    let shown = format!("{error:?} {error:#?} {texts:?}");
    assert!(!shown.contains("78912374ae8cdb38"), "{shown}");
}

#[tokio::test]
async fn a_success_of_another_form_is_a_decode_error() {
    for body in [r#"["a1"]"#, "<html>", "", "{", "{} x", "null"] {
        let error = refused(answer("200 OK", body)).await;
        assert_eq!(error.kind(), ErrorKind::Decode, "{body}");
        assert_eq!(error.raw_body(), Some(body.as_bytes()));
        assert!(!error.is_not_found() && error.service_error().is_none());
    }
}

#[tokio::test]
async fn no_more_than_4_kib_of_a_body_are_kept() {
    let page = "x".repeat(10_000);
    let error = refused(answer("502 Bad Gateway", &page)).await;
    assert_eq!(error.raw_body().unwrap().len(), 4096);
    assert!(error.to_string().len() < 400, "{error}");
}

#[tokio::test]
async fn what_the_peer_repeats_of_our_secrets_is_masked() {
    let message = "verify aksk signature fail, canonicalRequest:GET|/|host:h|x-security-token:t0ken-of-ours||";
    let body = format!(r#"{{"error_code":"APIGW.0301","error_msg":"{message}","request_id":"g"}}"#);
    let page = "<html>x-security-token: t0ken-of-ours</html>";
    for bytes in [answer("401 Unauthorized", &body), answer("502 Bad Gateway", page)] {
        let peer = Peer::once(bytes).await;
        let keys = Credentials::new("AK", "SK").with_security_token("t0ken-of-ours");
        let client = signing(&peer).credentials(keys).build().unwrap();
        let error = client.show_app(APP).await.unwrap_err();
        let raw = String::from_utf8_lossy(error.raw_body().unwrap_or_default()).into_owned();
        let said = error.service_error().map(ToString::to_string);
        let shown = format!("{error} {error:?} {raw} {said:?}");
        assert!(shown.contains("x-security-token"), "{shown}");
        assert!(!shown.contains("t0ken-of-ours"), "{shown}");
        let sent = peer.only();
        assert_eq!(sent.header("x-security-token"), Some("t0ken-of-ours"));
    }
}

#[tokio::test]
async fn nothing_shows_a_secret() {
    let peer = Peer::once(answer("401 Unauthorized", DOCUMENTED)).await;
    let client = signing(&peer).build().unwrap();
    let error = client.show_app(APP).await.unwrap_err();
    let shown = format!("{client:?} {client:#?} {error} {error:?} {:?}", chain(&error));
    let signature = peer.only().header("authorization").unwrap().to_owned();
    let signature = signature.rsplit('=').next().unwrap();
    assert!(!shown.contains(crate::support::SECRET_KEY) && !shown.contains(signature), "{shown}");
}

#[tokio::test]
async fn a_time_that_cannot_be_signed_is_an_authentication_error() {
    let peer = Peer::start([]).await;
    let far = std::time::UNIX_EPOCH + std::time::Duration::from_secs(400_000_000_000);
    let client = signing(&peer).clock(move || far).build().unwrap();
    let error = client.show_app(APP).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Authentication);
    assert_eq!(error.delivery(), Delivery::NotSent);
    assert_eq!(chain(&error).len(), 3, "{:?}", chain(&error));
    assert!(peer.received().is_empty());
}

#[test]
fn client_and_error_can_be_shared_between_threads() {
    fn shared<T: Send + Sync + 'static>() {}
    fn sent<T: Send>(_: T) {}
    shared::<Client>();
    shared::<Error>();
    shared::<rtc_client::Reply<()>>();
    shared::<rtc_client::HyperTransport>();
    assert_eq!(size_of::<Error>(), size_of::<usize>());
    let client = Client::builder().endpoint("http://127.0.0.1:1").token("t").build().unwrap();
    sent(client.show_app("a1"));
}

#[tokio::test]
async fn a_body_that_is_no_error_of_the_service_keeps_its_status_kind() {
    let peer = Peer::once(answer("400 Bad Request", "{}")).await;
    let error = client(&peer).show_app(APP).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BadRequest);
    assert_eq!(error.raw_body(), Some(&b"{}"[..]));
}
