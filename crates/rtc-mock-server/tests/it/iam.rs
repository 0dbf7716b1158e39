//! The IAM endpoints: tokens, temporary keys, projects, the account.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use rtc_mock_server::{
    Clock, DEFAULT_IAM_DOMAIN, DEFAULT_IAM_PASSWORD, DEFAULT_IAM_USER, MockServer,
};
use rtc_signer::{Credentials, Payload, Signer};
use serde_json::{Value, json};

use crate::http::{admin, started, status, talk};

/// A server with two projects whose clock a test can move on.
struct Mock {
    server: MockServer,
    ahead: Arc<AtomicU64>,
}

const START: u64 = 1_578_042_322;

impl Mock {
    async fn start() -> Self {
        let ahead = Arc::new(AtomicU64::new(0));
        let seconds = Arc::clone(&ahead);
        let clock = Clock::custom(move || time(START + seconds.load(Ordering::Relaxed)));
        let key = Credentials::new("AK", "SK");
        let projects = ["one", "two"].map(str::to_owned);
        let builder = MockServer::builder().credentials_for(key, projects).clock(clock);
        Self { server: builder.start().await.unwrap(), ahead }
    }

    fn now(&self) -> SystemTime {
        time(START + self.ahead.load(Ordering::Relaxed))
    }

    async fn send(&self, line: &str, headers: &str, body: &str) -> (String, Value) {
        let length = body.len();
        let request = format!(
            "{line} HTTP/1.1\r\nHost: h\r\n{headers}Content-Length: {length}\r\n\r\n{body}"
        );
        let answer = talk(&self.server.address().to_string(), request.as_bytes()).await;
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        (answer.clone(), serde_json::from_str(body).unwrap_or_default())
    }

    async fn login(&self, scope: Value) -> (String, Value) {
        let body = login(DEFAULT_IAM_PASSWORD, scope);
        self.send("POST /v3/auth/tokens", "", &body.to_string()).await
    }

    async fn signed(&self, method: &str, target: &str, key: &Credentials) -> (String, Value) {
        let request = http::Request::builder().method(method).uri(target).header("host", "h");
        let (mut head, ()) = request.body(()).unwrap().into_parts();
        let signer = Signer::new(key.clone());
        signer.sign_parts(&mut head, Payload::Bytes(b""), self.now()).unwrap();
        let lines = head
            .headers
            .iter()
            .filter(|(name, _)| *name != "host")
            .map(|(name, value)| format!("{name}: {}\r\n", value.to_str().unwrap()));
        self.send(&format!("{method} {target}"), &lines.collect::<String>(), "").await
    }
}

fn time(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

fn login(password: &str, scope: Value) -> Value {
    let user = json!({
        "name": DEFAULT_IAM_USER,
        "password": password,
        "domain": { "name": DEFAULT_IAM_DOMAIN },
    });
    let identity = json!({ "methods": ["password"], "password": { "user": user } });
    json!({ "auth": { "identity": identity, "scope": scope } })
}

fn header(answer: &str, name: &str) -> Option<String> {
    let mut lines = answer.lines().filter_map(|line| line.split_once(": "));
    lines.find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value.to_owned())
}

#[tokio::test]
async fn a_password_gives_a_token_for_a_day() {
    let mock = Mock::start().await;
    let (answer, body) = mock.login(json!({ "domain": { "name": DEFAULT_IAM_DOMAIN } })).await;
    assert_eq!(status(&answer), "201", "{answer}");
    assert_eq!(body["token"]["issued_at"], "2020-01-03T09:05:22.000000Z");
    assert_eq!(body["token"]["expires_at"], "2020-01-04T09:05:22.000000Z");
    assert_eq!(body["token"]["user"]["domain"]["name"], DEFAULT_IAM_DOMAIN);
    assert!(body["token"]["domain"].is_object() && body["token"]["catalog"].is_array());
    assert!(header(&answer, "x-request-id").is_some());

    let token = header(&answer, "x-subject-token").unwrap();
    let call = |project| format!("X-Auth-Token: {token}\r\n{project}");
    for project in ["", "X-Project-Id: two\r\n"] {
        let (answer, _) = mock.send("GET /v2/apps", &call(project), "").await;
        assert_eq!(status(&answer), "200", "{answer}");
    }
    mock.ahead.store(24 * 60 * 60 - 1, Ordering::Relaxed);
    assert_eq!(status(&mock.send("GET /v2/apps", &call(""), "").await.0), "200");
    mock.ahead.store(24 * 60 * 60, Ordering::Relaxed);
    let (answer, body) = mock.send("GET /v2/apps", &call(""), "").await;
    assert_eq!(status(&answer), "401");
    assert_eq!(body["error_code"], "APIGW.0301");
    let message = "Incorrect IAM authentication information: token expires, expires_at:2020-01-04T09:05:22.000000Z";
    assert_eq!(body["error_msg"], message);
}

#[tokio::test]
async fn a_reset_of_the_state_forgets_what_was_issued() {
    let server = started().await;
    let send = async |bytes: String| talk(&server.address().to_string(), bytes.as_bytes()).await;
    let body = login(DEFAULT_IAM_PASSWORD, json!({})).to_string();
    let length = body.len();
    let asked = format!(
        "POST /v3/auth/tokens HTTP/1.1\r\nHost: h\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    let token = header(&send(asked).await, "x-subject-token").unwrap();
    let call =
        || send(format!("GET /v2/apps HTTP/1.1\r\nHost: h\r\nX-Auth-Token: {token}\r\n\r\n"));
    for (only, expected) in
        [(r#"["requests"]"#, "200"), (r#"["clock","faults"]"#, "200"), (r#"["state"]"#, "401")]
    {
        let body = format!(r#"{{"only":{only}}}"#);
        assert_eq!(admin(&server, "POST /reset", &body).await.0, 200);
        assert_eq!(status(&call().await), expected, "{only}");
    }
}

#[tokio::test]
async fn a_token_for_a_project_acts_in_no_other() {
    let mock = Mock::start().await;
    for (scope, id) in [
        (json!({ "project": { "name": "cn-north-4" } }), "one"),
        (json!({ "project": { "id": "two" } }), "two"),
        (json!({ "project": { "id": "two" }, "domain": { "name": "nobody's" } }), "two"),
    ] {
        let (answer, body) = mock.login(scope).await;
        assert_eq!(body["token"]["project"]["id"], id, "{answer}");
        let token = header(&answer, "x-subject-token").unwrap();
        let call = |project| format!("X-Auth-Token: {token}\r\nX-Project-Id: {project}\r\n");
        let other = if id == "one" { "two" } else { "one" };
        assert_eq!(status(&mock.send("GET /v2/apps", &call(id), "").await.0), "200");
        assert_eq!(status(&mock.send("GET /v2/apps", &call(other), "").await.0), "403");
    }
    for scope in [json!({ "project": { "name": "x" } }), json!({ "domain": { "id": "x" } })] {
        assert_eq!(status(&mock.login(scope).await.0), "401");
    }
}

#[tokio::test]
async fn a_wrong_password_is_refused_in_the_form_of_iam_and_never_repeated() {
    let mock = Mock::start().await;
    let line = "POST /v3/auth/tokens";
    let (answer, body) = mock.send(line, "", &login("hush-hush", json!({})).to_string()).await;
    assert_eq!(status(&answer), "401");
    let error = json!({ "code": 401, "message": "The username or password is wrong.", "title": "Unauthorized" });
    assert_eq!(body, json!({ "error": error }));
    let mut without_domain = login(DEFAULT_IAM_PASSWORD, json!({}));
    without_domain["auth"]["identity"]["password"]["user"]["domain"].take();
    assert_eq!(status(&mock.send(line, "", &without_domain.to_string()).await.0), "401");
    for wrong in ["", "{", "[]", "{}", r#"{"auth":{"identity":{"methods":["totp"]}}}"#] {
        let (answer, body) = mock.send(line, "", wrong).await;
        assert_eq!((status(&answer), &body["error"]["code"]), ("400", &json!(400)), "{wrong}");
    }
    let (_, body) = mock.send(line, "", &login("hush-hush", json!("hush")).to_string()).await;
    assert!(!body.to_string().contains("hush"), "{body}");
}

#[tokio::test]
async fn the_project_of_the_region_is_found_by_a_signed_query() {
    let mock = Mock::start().await;
    let key = Credentials::new("AK", "SK");
    let (answer, body) = mock.signed("GET", "/v3/projects?name=cn-north-4", &key).await;
    assert_eq!(status(&answer), "200", "{answer}");
    assert_eq!(body["projects"].as_array().unwrap().len(), 1);
    assert_eq!(body["projects"][0]["id"], "one");
    assert_eq!(header(&answer, "x-iam-trace-id"), header(&answer, "x-request-id"));
    let (_, body) = mock.signed("GET", "/v3/projects", &key).await;
    let name = |number: usize| body["projects"][number]["name"].as_str().unwrap();
    assert_eq!((name(0), name(1)), ("cn-north-4", "cn-north-4_two"));
    let (_, body) = mock.signed("GET", "/v3/projects?name=cn-east-3", &key).await;
    assert_eq!(body["projects"], json!([]));
    let (_, body) = mock.signed("GET", "/v3/auth/domains", &key).await;
    assert_eq!(body["domains"][0]["name"], DEFAULT_IAM_DOMAIN);
    // Refused by the gateway, as any other call.
    for target in ["/v3/projects", "/v3/auth/domains"] {
        let (_, body) = mock.signed("GET", target, &Credentials::new("AK", "wrong")).await;
        assert_eq!(body["error_code"], "APIGW.0301");
    }
    assert_eq!(status(&mock.send("DELETE /v3/projects", "", "").await.0), "404");
}

#[tokio::test]
async fn a_temporary_key_works_with_its_security_token_until_it_expires() {
    let mock = Mock::start().await;
    let (answer, _) = mock.login(json!({ "project": { "id": "two" } })).await;
    let id = header(&answer, "x-subject-token").unwrap();
    let line = "POST /v3.0/OS-CREDENTIAL/securitytokens";
    let token = json!({ "id": id, "duration_seconds": 3600 });
    let body = json!({ "auth": { "identity": { "methods": ["token"], "token": token } } });
    let (answer, body) = mock.send(line, "", &body.to_string()).await;
    assert_eq!(status(&answer), "201", "{answer}");
    let credential = &body["credential"];
    let part = |name: &str| credential[name].as_str().unwrap();
    assert_eq!(credential["expires_at"], "2020-01-03T10:05:22.000000Z");
    let bare = Credentials::new(part("access"), part("secret"));
    let key = bare.clone().with_security_token(part("securitytoken"));

    assert_eq!(status(&mock.signed("GET", "/v2/apps", &key).await.0), "200");
    let (_, body) = mock.signed("GET", "/v3/projects", &key).await;
    assert_eq!(body["projects"][0]["id"], "two");
    let (answer, _) = mock.signed("GET", "/v2/apps", &bare).await;
    assert_eq!(status(&answer), "401", "{answer}");
    assert!(mock.server.requests().last().unwrap().explanation().unwrap().contains("Security"));
    let wrong = bare.with_security_token("another-token");
    assert_eq!(status(&mock.signed("GET", "/v2/apps", &wrong).await.0), "401");
    mock.ahead.store(3600, Ordering::Relaxed);
    let (answer, body) = mock.signed("GET", "/v2/apps", &key).await;
    assert_eq!(status(&answer), "401");
    assert!(body["error_msg"].as_str().unwrap().contains("err:ak not exist"), "{body}");
    assert!(mock.server.requests().last().unwrap().to_string().contains("expired"));
}

#[tokio::test]
async fn a_temporary_key_needs_credentials_and_a_duration_within_a_day() {
    let mock = Mock::start().await;
    let ask = |token: Value| {
        let body = json!({ "auth": { "identity": { "methods": ["token"], "token": token } } });
        body.to_string()
    };
    let line = "POST /v3.0/OS-CREDENTIAL/securitytokens";
    let with = format!("X-Auth-Token: {}\r\n", mock.server.token());
    for (seconds, expected) in [(899, "400"), (900, "201"), (86_400, "201"), (86_401, "400")] {
        let body = ask(json!({ "duration_seconds": seconds }));
        assert_eq!(status(&mock.send(line, &with, &body).await.0), expected, "{seconds}");
    }
    let (answer, body) = mock.send(line, "", &ask(json!({}))).await;
    assert_eq!((status(&answer), &body["error_code"]), ("401", &json!("APIGW.0301")));
    let (answer, body) = mock.send(line, "", &ask(json!({ "id": "nobody's" }))).await;
    assert_eq!((status(&answer), &body["error"]["code"]), ("401", &json!(401)));
}

#[tokio::test]
async fn the_journal_shows_none_of_the_secrets() {
    let mock = Mock::start().await;
    let (answer, _) = mock.login(json!({})).await;
    let token = header(&answer, "x-subject-token").unwrap();
    let body =
        json!({ "auth": { "identity": { "methods": ["token"], "token": { "id": token } } } });
    let line = "POST /v3.0/OS-CREDENTIAL/securitytokens";
    let (_, body) = mock.send(line, "", &body.to_string()).await;
    let shown: String =
        mock.server.requests().iter().map(|exchange| exchange.to_json().to_string()).collect();
    let key = &body["credential"];
    for secret in [&*token, DEFAULT_IAM_PASSWORD]
        .into_iter()
        .chain(["secret", "securitytoken"].map(|name| key[name].as_str().unwrap()))
    {
        assert!(!shown.contains(secret), "{secret}: {shown}");
    }
    assert!(shown.contains(key["access"].as_str().unwrap()) && shown.contains(DEFAULT_IAM_USER));
}
