//! L5: what the mock answers to wrong credentials, and what its journal says of them.
//!
//! The signatures are the official SDK's: the golden requests, with one thing changed.

use std::future::Future;
use std::time::Duration;

use rtc_contract_tests::case::{Case, Level};
use rtc_contract_tests::golden;
use rtc_contract_tests::http_text::{Message, exchange};
use rtc_contract_tests::vectors::{ACCESS_KEY, SECRET_KEY};
use rtc_mock_server::{AuthMode, Clock, DEFAULT_TOKEN, Fixture, MockServer};
use rtc_signer::Credentials;

use crate::l5_server::{check_head, date, fixture, frozen, program_at, server_at};
use crate::requests::PROJECT;

const BASE: &str = "Incorrect IAM authentication information";

pub(crate) fn add(cases: &mut Vec<Case>) {
    let mut case = |name: &str, run: fn() -> Box<dyn Future<Output = ()> + Send + Unpin>| {
        cases.push(Case::new(Level::L5, "ShowRecordCallback", name, run));
    };
    macro_rules! case {
        ($name:literal, $run:path) => {
            case($name, || Box::new(Box::pin($run())));
        };
    }
    case!("a right signature is accepted, and the journal says by which key", accepted);
    case!("a wrong secret key is 401 APIGW.0301 with the canonical request", wrong_secret);
    case!("an unknown access key is 401 APIGW.0301", unknown_key);
    case!("a date of 20 minutes ago is 401 APIGW.0301 with both times", stale);
    case!("a date 20 minutes ahead is 401 APIGW.0301", ahead);
    case!("a date of 14 minutes ago is accepted", within_skew);
    case!("a changed path is 401 APIGW.0301", changed_path);
    case!("a changed query is 401 APIGW.0301", changed_query);
    case!("a changed header is 401 APIGW.0301", changed_header);
    case!("a changed body is 401 APIGW.0301", changed_body);
    case!("a host changed by a proxy is named in the journal", changed_host);
    case!("another project's key is 403 APIGW.0302", foreign_project);
    case!("no credentials are 401 APIGW.0301", no_credentials);
    case!("a wrong token is 401 APIGW.0301, the right one is accepted", token);
    case!("a token of another project is 403 APIGW.0302", token_of_another_project);
    case!("an algorithm of other SDKs is refused by its name", other_algorithm);
    case!("without authentication everything is accepted", auth_off);
    case!("the program's admin API tells the reason and masks the token", journal_of_program);
}

fn query() -> Message {
    golden::get("ShowRecordCallback/request.python-sdk.plain").message
}

async fn send(server: &MockServer, message: &Message) -> Message {
    exchange(&server.address().to_string(), message.to_bytes()).await
}

/// The answer is the gateway's refusal; gives its text.
#[track_caller]
fn refused(answer: &Message, status: u16, code: &str) -> String {
    let body = answer.json();
    assert_eq!(answer.status(), status, "{body}");
    assert_eq!(body["error_code"], code, "{body}");
    assert_eq!(body["request_id"], answer.header("x-request-id").unwrap_or_default(), "{body}");
    check_head(answer);
    body["error_msg"].as_str().unwrap_or_default().to_owned()
}

/// What the journal says of the last request, after the answer was checked.
fn explanation(server: &MockServer) -> String {
    server.requests().last().unwrap().explanation().expect("a refused signature is explained")
}

async fn accepted() {
    let server = server_at(date(&query())).await;
    let answer = send(&server, &query()).await;
    assert_eq!(answer.status(), 200);
    let exchange = server.requests().pop().unwrap().to_json();
    assert_eq!(exchange["verdict"]["result"], "accepted");
    assert_eq!(exchange["verdict"]["access_key"], ACCESS_KEY);
    assert_eq!(exchange["operation"], "ShowRecordCallback");
    assert!(!exchange.to_string().contains("78912374ae8cdb38"), "the key is shown: {exchange}");
}

async fn server_with(credentials: Credentials, clock: Clock) -> MockServer {
    let fixture = Fixture::from_json(&fixture().to_string()).unwrap();
    let builder = MockServer::builder().credentials(credentials, PROJECT).clock(clock);
    builder.fixture(fixture).start().await.unwrap()
}

async fn wrong_secret() {
    let at = Clock::frozen_at(date(&query()));
    let server = server_with(Credentials::new(ACCESS_KEY, "not-the-secret-of-the-sdk"), at).await;
    let text = refused(&send(&server, &query()).await, 401, "APIGW.0301");
    let query = query();
    let header = |name| query.header(name).unwrap_or_default();
    let canonical = format!(
        "GET|/v2/apps/123456789abcdefghijklmno/record-callback/||content-type:application/json|host:{}|user-agent:{}|x-project-id:{PROJECT}|x-sdk-date:{}||content-type;host;user-agent;x-project-id;x-sdk-date|e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        header("host"),
        header("user-agent"),
        header("x-sdk-date"),
    );
    assert_eq!(text, format!("{BASE}: verify aksk signature fail, canonicalRequest:{canonical}"));
    let said = explanation(&server);
    assert!(said.contains("secret"), "{said}");
    assert!(!said.contains("not-the-secret-of-the-sdk"), "{said}");
}

async fn unknown_key() {
    let at = Clock::frozen_at(date(&query()));
    let server = server_with(Credentials::new("ANOTHERKEY", SECRET_KEY), at).await;
    let text = refused(&send(&server, &query()).await, 401, "APIGW.0301");
    assert_eq!(text, format!("{BASE}: Get secretKey failed,ak:{ACCESS_KEY},err:ak not exist"));
    assert!(explanation(&server).contains(ACCESS_KEY));
}

async fn stale() {
    let server = server_at(date(&query()) + Duration::from_secs(20 * 60)).await;
    let text = refused(&send(&server, &query()).await, 401, "APIGW.0301");
    let signed = query().header("x-sdk-date").unwrap_or_default().to_owned();
    let expected = format!(
        "{BASE}: calc aksk signature fail:signature expired, signature time:{signed},server time:"
    );
    assert!(text.starts_with(&expected), "{text}");
    assert_eq!(text.len(), expected.len() + "20240102T030405Z".len(), "{text}");
    assert!(explanation(&server).contains("1200 s"), "{}", explanation(&server));
}

async fn ahead() {
    let server = server_at(date(&query()) - Duration::from_secs(20 * 60)).await;
    let text = refused(&send(&server, &query()).await, 401, "APIGW.0301");
    assert!(text.contains("signature expired"), "{text}");
}

async fn within_skew() {
    let server = server_at(date(&query()) + Duration::from_secs(14 * 60)).await;
    assert_eq!(send(&server, &query()).await.status(), 200);
}

async fn mismatch(message: Message) {
    let server = server_at(date(&query())).await;
    let text = refused(&send(&server, &message).await, 401, "APIGW.0301");
    assert!(text.contains("verify aksk signature fail, canonicalRequest:"), "{text}");
    assert!(!explanation(&server).is_empty());
}

async fn changed_path() {
    let mut message = query();
    message.start_line = message.start_line.replace("123456789", "923456789");
    mismatch(message).await;
}

async fn changed_query() {
    let mut message = query();
    message.start_line = message.start_line.replace(" HTTP", "?limit=1 HTTP");
    mismatch(message).await;
}

async fn changed_header() {
    mismatch(query().with_header("User-Agent", "somebody else")).await;
}

async fn changed_body() {
    let mut message = golden::get("UpdateRecordCallback/request.python-sdk.with-auth-key").message;
    let body = String::from_utf8_lossy(&message.body).replace("mydomain", "hisdomain");
    message = message.with_header("Content-Length", &body.len().to_string());
    message.body = body.into_bytes();
    mismatch(message).await;
}

async fn changed_host() {
    let host = query().header("host").unwrap_or_default().to_owned();
    let message =
        query().with_header("Host", "proxy.example").with_header("X-Forwarded-Host", &host);
    let server = server_at(date(&query())).await;
    refused(&send(&server, &message).await, 401, "APIGW.0301");
    let said = explanation(&server);
    assert!(said.contains(&host) && said.to_lowercase().contains("host"), "{said}");
}

async fn foreign_project() {
    let server = MockServer::builder()
        .credentials(Credentials::new(ACCESS_KEY, SECRET_KEY), "another-project")
        .clock(Clock::frozen_at(date(&query())))
        .start()
        .await
        .unwrap();
    let text = refused(&send(&server, &query()).await, 403, "APIGW.0302");
    assert_eq!(text, "The IAM user is not authorized to access the API.");
    let reason = server.requests().pop().unwrap().to_json()["verdict"]["reason"].to_string();
    assert!(reason.contains(PROJECT) && reason.contains("another-project"), "{reason}");
}

async fn no_credentials() {
    let server = server_at(date(&query())).await;
    let text =
        refused(&send(&server, &query().without_header("Authorization")).await, 401, "APIGW.0301");
    assert_eq!(text, format!("{BASE}: x-auth-token not found"));
}

async fn token() {
    let server = server_at(date(&query())).await;
    let plain = query().without_header("Authorization");
    let wrong = plain.clone().with_header("X-Auth-Token", "guess");
    let text = refused(&send(&server, &wrong).await, 401, "APIGW.0301");
    assert_eq!(text, format!("{BASE}: decrypt token fail"));
    let right = plain.with_header("X-Auth-Token", DEFAULT_TOKEN);
    assert_eq!(send(&server, &right).await.status(), 200);
    let basic = right.with_header("Authorization", "Basic Zm9vOmJhcg==");
    assert_eq!(send(&server, &basic).await.status(), 200, "another scheme leaves it to the token");
}

async fn token_of_another_project() {
    let server = server_at(date(&query())).await;
    let message = query()
        .without_header("Authorization")
        .with_header("X-Auth-Token", DEFAULT_TOKEN)
        .with_header("X-Project-Id", "another-project");
    refused(&send(&server, &message).await, 403, "APIGW.0302");
}

async fn other_algorithm() {
    let server = server_at(date(&query())).await;
    let authorization = query().header("authorization").unwrap_or_default().to_owned();
    let other = authorization.replace("SDK-HMAC-SHA256", "SDK-HMAC-SM3");
    let text = refused(
        &send(&server, &query().with_header("Authorization", &other)).await,
        401,
        "APIGW.0301",
    );
    assert!(text.contains("SDK-HMAC-SM3"), "{text}");
}

async fn auth_off() {
    let server = MockServer::builder()
        .auth(AuthMode::Off)
        .fixture(Fixture::from_json(&fixture().to_string()).unwrap())
        .start()
        .await
        .unwrap();
    let plain = query().without_header("Authorization");
    assert_eq!(send(&server, &plain).await.status(), 200);
    let other = plain.with_header("X-Project-Id", "another-project");
    assert_eq!(send(&server, &other).await.status(), 404, "projects do not see each other");
}

async fn journal_of_program() {
    let program = program_at(&frozen(&query()), "journal", &["--token", "hush-token-0001"]).await;
    let changed = query().with_header("User-Agent", "somebody else");
    assert_eq!(exchange(program.address(), changed.to_bytes()).await.status(), 401);
    let token =
        query().without_header("Authorization").with_header("X-Auth-Token", "hush-token-0001");
    assert_eq!(exchange(program.address(), token.to_bytes()).await.status(), 200);

    let journal = program.admin("/requests").await.json();
    assert_eq!(journal["count"], 2);
    let refused = &journal["requests"][0]["verdict"];
    assert_eq!(refused["result"], "refused");
    assert!(!refused["explanation"].as_str().unwrap().is_empty());
    assert!(refused["canonical_request"].as_str().unwrap().contains("user-agent:somebody else\n"));
    assert!(!journal.to_string().contains("hush-token-0001"), "the token is shown");
    assert_eq!(program.admin("/requests/1").await.json()["verdict"], *refused);
    assert_eq!(program.admin("/requests/99").await.status(), 404);
    assert_eq!(program.admin("/health").await.json()["status"], "ok");
}
