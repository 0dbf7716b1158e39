//! What a peer repeats of secrets, and what it sends to spoil a log.

use rtc_client::{Client, Credentials, Error, ErrorKind};

use crate::peer::{Answer, Peer};
use crate::support::{APP, answer, chain, refused, signing};

/// A token with characters that are escaped in JSON, in URLs and in HTML.
const TOKEN: &str = "s3cretTOK+/=";

/// The outcome of a query with that token.
async fn outcome(answer: Answer) -> Result<String, Error> {
    let peer = Peer::start([answer]).await;
    let keys = Credentials::new("AK", "SK").with_security_token(TOKEN);
    let client = signing(&peer).credentials(keys).build().unwrap();
    let outcome = client.show_record_callback(APP).await;
    assert_eq!(peer.only().header("x-security-token"), Some(TOKEN));
    outcome.map(|reply| format!("{reply:?} {:?}", reply.request_id()))
}

/// What is meant to be shown or logged of an error.
fn shown(error: &Error) -> String {
    format!("{error} {error:?} {error:#?} {:?} {:?}", chain(error), error.request_id())
}

/// All that is known of an error.
fn all_of(error: &Error) -> String {
    let said = error.service_error().map(|said| {
        let encoded = said.encoded_authorization_message();
        let (code, message) = (said.code().as_str(), said.message());
        format!("{said} {said:?} {code} {message} {:?} {encoded:?}", said.details())
    });
    let raw = String::from_utf8_lossy(error.raw_body().unwrap_or_default()).into_owned();
    format!("{} {said:?} {raw}", shown(error))
}

/// An answer with a request id of its own.
fn with_id(status: &str, id: &str, body: &str) -> String {
    answer(status, body).replace("X-request-Id: r1", &format!("X-request-Id: {id}"))
}

#[tokio::test]
async fn a_token_of_ours_is_masked_wherever_the_peer_puts_it() {
    let refusal = |code: &str, message: &str, id: &str| {
        let body = serde_json::json!({"error_code": code, "error_msg": message, "request_id": id});
        answer("401 Unauthorized", &body.to_string()).replace("X-request-Id: r1\r\n", "")
    };
    let slots = [
        ("header of a refusal", with_id("404 Not Found", TOKEN, "{}")),
        (
            "header of a service error",
            with_id("400 Bad Request", TOKEN, r#"{"error_code":"c","error_msg":"m"}"#),
        ),
        ("header of a success", with_id("200 OK", TOKEN, "{}")),
        ("header of an answer that cannot be read", with_id("200 OK", TOKEN, "[]")),
        ("code", refusal(TOKEN, "m", "r")),
        ("message", refusal("APIGW.0301", TOKEN, "r")),
        ("message with JSON in it", refusal("APIGW.0301", r#"{"t":"s3cretTOK\u002b\/="}"#, "r")),
        ("message at its bound", refusal("c", &format!("{}{TOKEN}", "x".repeat(4090)), "r")),
        ("request id of the body", refusal("c", "m", TOKEN)),
        (
            "single errors",
            answer(
                "400 Bad Request",
                &format!(
                    r#"{{"code":"c","message":"m","details":[{{"code":"{TOKEN}","message":"{TOKEN}"}}]}}"#
                ),
            ),
        ),
        (
            "encoded reason",
            answer(
                "403 Forbidden",
                &format!(
                    r#"{{"code":"c","message":"m","encoded_authorization_message":"{TOKEN}"}}"#
                ),
            ),
        ),
        (
            "text in the place of an object",
            answer("200 OK", &format!(r#"{{"record_callback":"{TOKEN}"}}"#)),
        ),
        ("name of a field before broken JSON", answer("200 OK", &format!(r#"{{"{TOKEN}":!}}"#))),
        (
            "unknown text in a list",
            answer("200 OK", &format!(r#"{{"record_callback":{{"update_time":"{TOKEN}"}}}}"#)),
        ),
        ("page", answer("502 Bad Gateway", &format!("<p>{TOKEN}</p>"))),
        ("page, escaped", answer("502 Bad Gateway", "<p>s3cretTOK&#43;&#x2f;&#61;</p>")),
        ("page, in a URL", answer("502 Bad Gateway", "<p>/?t=s3cretTOK%2B%2f%3D</p>")),
        ("JSON, escaped solidus", answer("502 Bad Gateway", r#"{"t":"s3cretTOK+\/="}"#)),
        ("JSON, escaped by number", answer("502 Bad Gateway", r#"{"t":"s3cretTOK\u002b/\u003D"}"#)),
        ("JSON in JSON", answer("502 Bad Gateway", r#"{"t":"{\"t\":\"s3cretTOK\\u002b\\\/=\"}"}"#)),
        ("redirect", with_id("302 Found", TOKEN, TOKEN)),
    ];
    let cut = with_id("200 OK", TOKEN, "{}").replace("Length: 2", "Length: 3");
    let cut = ("header of a cut answer", Answer::BytesThenClose(cut.into_bytes()));
    let whole = slots.map(|(slot, bytes)| (slot, Answer::Bytes(bytes.into_bytes())));
    for (slot, answer) in whole.into_iter().chain([cut]) {
        let text = match outcome(answer).await {
            Ok(reply) => reply,
            Err(error) => all_of(&error),
        };
        assert!(!text.contains("s3cretTOK"), "{slot}: {text}");
        assert!(text.contains("***"), "{slot}: {text}");
    }
}

#[tokio::test]
async fn a_key_of_the_account_is_not_shown_wherever_it_stands() {
    for body in [
        r#"{"record_callback":"K3Y"}"#,
        r#"{"record_callback":["K3Y"]}"#,
        r#"{"record_callback":{"auth_key":["K3Y"]}}"#,
        r#"{"record_callback":{"auth_key":{"K3Y":"K3Y"}}}"#,
        r#"{"record_callback":{"auth_key":[3735928559]}}"#,
        r#"{"record_callback":3735928559}"#,
        r#"{"record_callback":{"update_time":"K3Y"}}"#,
        r#"{"record_callback":{"url":[5],"auth_key":"K3Y"}}"#,
        r#"{"record_callback":{"auth_key":"K3Y"#,
        r#"["K3Y"]"#,
        r#""K3Y""#,
        "3735928559",
    ] {
        let error = refused(answer("200 OK", body)).await;
        assert_eq!(error.kind(), ErrorKind::Decode, "{body}");
        assert_eq!(error.raw_body(), Some(body.as_bytes()), "it is there for who wants it");
        let text = shown(&error);
        assert!(!text.contains("K3Y") && !text.contains("3735928559"), "{body}: {text}");
    }
    for body in [
        r#"{"auth_key":"K3Y"}"#,
        r#"{"app_key":["K3Y"]}"#,
        r#"{"auth_key":3735928559}"#,
        r#"{"error_code":"c","error_msg":"{\"auth_key\":\"K3Y\"}"}"#,
        r#"{"detail":"{\"auth_key\":\"K3Y\"}"}"#,
    ] {
        let text = shown(&refused(answer("500 Internal Server Error", body)).await);
        assert!(!text.contains("K3Y") && !text.contains("3735928559"), "{body}: {text}");
    }
}

#[tokio::test]
async fn what_the_service_says_is_kept_within_bounds() {
    let long = |letter: &str| letter.repeat(300_000);
    let body = format!(
        r#"{{"error_code":"{}","error_msg":"{}","request_id":"{}"}}"#,
        long("c"),
        long("m"),
        long("r")
    );
    let bytes = format!("HTTP/1.1 400 Bad Request\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    let error = refused(bytes).await;
    let said = error.service_error().unwrap();
    assert_eq!(said.message(), format!("{}…", "m".repeat(4096)));
    assert_eq!(said.code().as_str(), format!("{}…", "c".repeat(64)));
    assert_eq!(error.request_id(), Some(format!("{}…", "r".repeat(128)).as_str()));
    assert!(format!("{error}{error:?}").len() < 10_000);

    let error = refused(with_id("404 Not Found", &"r".repeat(10_000), "{}")).await;
    assert_eq!(error.request_id(), Some("r".repeat(128).as_str()));
}

#[tokio::test]
async fn what_the_service_says_stays_on_one_line() {
    let evil = "a\n\u{1b}[31mFAKE LOG\u{202e}";
    for body in [
        serde_json::json!({"error_code": "c", "error_msg": evil}),
        serde_json::json!({"error_code": evil, "error_msg": "m"}),
        serde_json::json!({"error_code": "c", "error_msg": "m", "request_id": evil}),
        serde_json::json!({"record_callback": evil}),
        serde_json::json!({ evil: 1 }),
    ] {
        for status in ["400 Bad Request", "200 OK"] {
            let bytes = answer(status, &body.to_string()).replace("X-request-Id: r1\r\n", "");
            let peer = Peer::once(bytes).await;
            let client = Client::builder().endpoint(peer.url()).token("t0ken").build().unwrap();
            if let Err(error) = client.show_record_callback(APP).await {
                let text = format!("{error} {error:?} {:?}", chain(&error));
                let is_bad = |c: char| c.is_control() || c == '\u{202e}';
                assert!(!text.contains(is_bad), "{text:?}");
            }
        }
    }
    let body = serde_json::json!({"error_code": "c", "error_msg": evil});
    let error = refused(answer("400 Bad Request", &body.to_string())).await;
    assert_eq!(
        error.to_string(),
        "ShowRecordCallback: the answer is 400 c: a\\n\\u{1b}[31mFAKE LOG\\u{202e} (request id r1)"
    );
}
