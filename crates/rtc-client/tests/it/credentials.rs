//! Keys of providers: what is asked of whom, and what is made of the answers.

use std::error::Error as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use rtc_client::{
    BoxFuture, Client, ClientBuilder, Credentials, CredentialsChain, CredentialsError, ErrorKind,
    IdTokenCredentials, MetadataCredentials, NoRetry, ProvideContext, ProvideCredentials,
    ProvidedKeys,
};
use rtc_signer::Verifier;
use tokio::task::JoinSet;

use crate::peer::{Answer, Peer};
use crate::requests::assert_signed_by;
use crate::script::{self, Script};
use crate::support::{APP, answer, chain, now};

/// An answer of the metadata and of IAM with keys.
pub(crate) const KEYS: &str = r#"{"credential":{"access":"AKtemporary","secret":"SKtemporary","securitytoken":"t0ken","expires_at":"2024-01-02T09:04:05.000000Z"}}"#;

fn bytes(answers: impl IntoIterator<Item = String>) -> impl Iterator<Item = Answer> {
    answers.into_iter().map(|answer| Answer::Bytes(answer.into_bytes()))
}

/// A client whose service and metadata are the same peer.
fn on_server(peer: &Peer) -> ClientBuilder {
    Client::builder()
        .endpoint(peer.url())
        .credentials_provider(MetadataCredentials::new().endpoint(peer.url()))
        .clock(now)
        .retry(NoRetry)
}

fn lines(peer: &Peer) -> Vec<String> {
    let received = peer.received();
    received.into_iter().map(|request| request.line.replace(" HTTP/1.1", "")).collect()
}

const PUT: &str = "PUT /meta-data/latest/api/token";
const GET: &str = "GET /openstack/latest/securitykey";

#[tokio::test]
async fn the_keys_of_a_server_are_asked_for_with_a_session_token() {
    let answers = [answer("200 OK", "session"), answer("200 OK", KEYS), answer("200 OK", "{}")];
    let peer = Peer::start(bytes(answers)).await;
    on_server(&peer).project_id("p1").build().unwrap().show_app(APP).await.unwrap();
    let [put, get, call] = peer.received().try_into().unwrap();
    assert_eq!(put.line, format!("{PUT} HTTP/1.1"));
    assert_eq!(put.header("x-metadata-token-ttl-seconds"), Some("21600"));
    assert_eq!(get.line, format!("{GET} HTTP/1.1"));
    assert_eq!(get.header("x-metadata-token"), Some("session"));
    assert_eq!(call.header("x-security-token"), Some("t0ken"));
    assert_eq!(call.header("x-project-id"), Some("p1"));
    let keys = Credentials::new("AKtemporary", "SKtemporary").with_security_token("t0ken");
    assert_signed_by(&call, "AKtemporary", &Verifier::new().with_key(keys));
}

#[tokio::test]
async fn a_metadata_service_without_tokens_is_asked_without_one() {
    for status in ["404 Not Found", "405 Method Not Allowed", "503 Service Unavailable"] {
        let answers = [answer(status, ""), answer("200 OK", KEYS), answer("200 OK", "{}")];
        let peer = Peer::start(bytes(answers)).await;
        on_server(&peer).build().unwrap().show_app(APP).await.unwrap();
        assert_eq!(peer.received()[1].header("x-metadata-token"), None);
    }
}

#[tokio::test]
async fn a_session_token_that_is_refused_is_replaced_once() {
    let session = || answer("200 OK", "session");
    let refusal = || answer("401 Unauthorized", "");
    let answers = [session(), refusal(), session(), answer("200 OK", KEYS), answer("200 OK", "{}")];
    let peer = Peer::start(bytes(answers)).await;
    on_server(&peer).build().unwrap().show_app(APP).await.unwrap();
    assert_eq!(lines(&peer)[..4], [PUT, GET, PUT, GET]);

    let peer = Peer::start(bytes([session(), refusal(), session(), refusal()])).await;
    let error = on_server(&peer).build().unwrap().show_app(APP).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Authentication);
    assert_eq!(lines(&peer), [PUT, GET, PUT, GET]);
    let texts = chain(&error);
    assert!(texts[2].contains("the keys of the server was answered with 401"), "{texts:?}");
}

#[tokio::test]
async fn a_server_without_an_agency_is_told_so() {
    let refusal = r#"{"code":401,"message":"Please configure Cloud Service Agency first"}"#;
    let answers = [answer("200 OK", "session"), answer("401 Unauthorized", refusal)];
    let peer = Peer::start(bytes(answers)).await;
    let error = on_server(&peer).build().unwrap().show_app(APP).await.unwrap_err();
    assert_eq!(lines(&peer), [PUT, GET]);
    assert!(chain(&error)[2].contains("the server has no agency"), "{:?}", chain(&error));
}

#[tokio::test]
async fn a_redirect_of_the_metadata_is_not_followed() {
    let redirect = format!(
        "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1{}\r\nContent-Length: 0\r\n\r\n",
        "/elsewhere"
    );
    let peer = Peer::start(bytes([redirect])).await;
    let error = on_server(&peer).build().unwrap().show_app(APP).await.unwrap_err();
    assert_eq!(lines(&peer), [PUT]);
    assert!(chain(&error)[2].contains("answered with 302"), "{:?}", chain(&error));
}

#[tokio::test(start_paused = true)]
async fn who_is_asked_too_often_is_left_alone_behind_a_chain_as_well() {
    let script = Script::answering(|_| script::Answer::new(429, "").header("retry-after", "30"));
    let client = Client::builder()
        .endpoint("http://rtc.example")
        .credentials_provider(CredentialsChain::new().then("m", MetadataCredentials::new()))
        .transport(script.clone())
        .clock(now)
        .retry(NoRetry)
        .build()
        .unwrap();
    for _ in 0..3 {
        client.show_app(APP).await.unwrap_err();
        assert_eq!(script.lines(), [PUT]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_machine_without_metadata_is_known_after_three_seconds() {
    let script = Script::answering(|_| script::Answer::ok("").after(Duration::from_secs(3600)));
    let client = Client::builder()
        .endpoint("http://rtc.example")
        .credentials_provider(MetadataCredentials::new())
        .transport(script.clone())
        .retry(NoRetry)
        .build()
        .unwrap();
    let begin = tokio::time::Instant::now();
    let error = client.show_app(APP).await.unwrap_err();
    assert_eq!(begin.elapsed().as_secs(), 3);
    assert_eq!(script.lines(), [PUT]);
    assert_eq!(chain(&error)[2], "the metadata service does not answer");
}

#[tokio::test]
async fn an_answer_without_end_is_refused_at_a_bound() {
    let head = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n".to_vec();
    let endless = Answer::Endless { head, piece: vec![b' '; 65_536] };
    let peer = Peer::start([endless]).await;
    let error = on_server(&peer).build().unwrap().show_app(APP).await.unwrap_err();
    let texts = chain(&error);
    assert!(texts.iter().any(|text| text.contains("larger than allowed")), "{texts:?}");
}

#[tokio::test]
async fn no_secret_of_an_answer_shows_in_an_error() {
    for body in [
        r#"{"credential":{"access":"AK","secret":"s3cret"}}"#,
        r#"{"credential":{"access":"AK","secret":"s3cret","securitytoken":"s3cret"}}"#,
        r#"{"credential":{"access":"AK","secret":"s3cret","securitytoken":"s3cret","expires_at":"s3cret"}}"#,
        r#"{"credential":{"access":"AK","secret":"s3cret\n","securitytoken":"s3cret","expires_at":"2024-01-02T09:04:05Z"}}"#,
        r#"{"credential":["s3cret"]}"#,
        r#"{"credential":"s3cret"#,
        "<html>s3cret</html>",
        "",
    ] {
        let answers = [answer("200 OK", "session"), answer("200 OK", body)];
        let peer = Peer::start(bytes(answers)).await;
        let error = on_server(&peer).build().unwrap().show_app(APP).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Authentication, "{body}");
        let text = format!("{error} {error:?} {error:#?} {:?}", chain(&error));
        assert!(!text.contains("s3cret"), "{body}: {text}");
    }
    // The session token, where the peer repeats it.
    let refusal = r#"{"error":{"code":403,"message":"no s3cret for you"}}"#;
    let answers = [answer("200 OK", "s3cret"), answer("403 Forbidden", refusal)];
    let peer = Peer::start(bytes(answers)).await;
    let error = on_server(&peer).build().unwrap().show_app(APP).await.unwrap_err();
    let text = format!("{error} {error:?} {:?}", chain(&error));
    assert!(text.contains("no *** for you") && !text.contains("s3cret"), "{text}");
}

fn id_token_file(text: &str) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    file
}

#[tokio::test]
async fn the_token_of_an_identity_provider_is_exchanged_for_keys() {
    let file = id_token_file("jw.t0k.en\n");
    let subject = "HTTP/1.1 201 Created\r\nX-Subject-Token: subject\r\nContent-Length: 2\r\n\r\n{}";
    let answers = [subject.to_owned(), answer("201 Created", KEYS), answer("200 OK", "{}")];
    let peer = Peer::start(bytes(answers)).await;
    let client = Client::builder()
        .endpoint(peer.url())
        .iam_endpoint(format!("{}/iam/", peer.url()))
        .credentials_provider(IdTokenCredentials::new("my-idp", file.path()))
        .clock(now)
        .build()
        .unwrap();
    client.show_app(APP).await.unwrap();
    let [token, keys, call] = peer.received().try_into().unwrap();
    assert_eq!(token.line, "POST /iam/v3.0/OS-AUTH/id-token/tokens HTTP/1.1");
    assert_eq!(token.header("x-idp-id"), Some("my-idp"));
    assert_eq!(token.header("content-type"), Some("application/json"));
    let body = |bytes| serde_json::from_slice::<serde_json::Value>(bytes).unwrap();
    let expected = serde_json::json!({"auth": {"id_token": {"id": "jw.t0k.en"}}});
    assert_eq!(body(&token.body), expected);
    assert_eq!(keys.line, "POST /iam/v3.0/OS-CREDENTIAL/securitytokens HTTP/1.1");
    let expected = serde_json::json!({"auth": {"identity": {
        "methods": ["token"],
        "token": {"id": "subject", "duration_seconds": 21600},
    }}});
    assert_eq!(body(&keys.body), expected);
    assert_eq!(call.header("x-security-token"), Some("t0ken"));
}

#[tokio::test]
async fn a_refused_id_token_is_not_repeated() {
    let file = id_token_file("jw.t0k.en");
    let refusal = answer(
        "401 Unauthorized",
        r#"{"error":{"code":401,"message":"jw.t0k.en is over","title":"Unauthorized"}}"#,
    );
    let peer = Peer::start(bytes([refusal])).await;
    let client = Client::builder()
        .endpoint(peer.url())
        .iam_endpoint(peer.url())
        .credentials_provider(IdTokenCredentials::new("my-idp", file.path()))
        .retry(NoRetry)
        .build()
        .unwrap();
    let error = client.show_app(APP).await.unwrap_err();
    let expected = "the request for a token for the id token was answered with 401 401: *** is over (request id r1)";
    assert_eq!(chain(&error)[2], expected);
    assert!(!format!("{error:?} {:?}", chain(&error)).contains("t0k"));
}

#[tokio::test]
async fn an_id_token_file_that_is_of_no_use_is_named() {
    let empty = id_token_file(" \n");
    let two_lines = id_token_file("s3cret\nlines");
    let binary = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(binary.path(), [0xff, 0xfe]).unwrap();
    let absent = std::path::Path::new("/there/is/no/such/file");
    for path in [empty.path(), two_lines.path(), binary.path(), absent] {
        let client = Client::builder()
            .endpoint("http://127.0.0.1:1")
            .iam_endpoint("http://127.0.0.1:1")
            .credentials_provider(IdTokenCredentials::new("my-idp", path))
            .build()
            .unwrap();
        let error = client.show_app(APP).await.unwrap_err();
        let texts = chain(&error);
        assert!(texts[2].contains(path.to_str().unwrap()), "{texts:?}");
        assert!(!format!("{texts:?}").contains("s3cret"), "{texts:?}");
    }
}

/// Fails as told.
struct Fails(fn() -> CredentialsError);

impl ProvideCredentials for Fails {
    fn provide<'a>(
        &'a self,
        _context: &'a ProvideContext,
    ) -> BoxFuture<'a, Result<ProvidedKeys, CredentialsError>> {
        Box::pin(std::future::ready(Err((self.0)())))
    }
}

fn keys(access_key: &str) -> ProvidedKeys {
    ProvidedKeys::new(Credentials::new(access_key, "SK"))
}

/// Who signed, or the error.
async fn who(chain: CredentialsChain) -> Result<String, rtc_client::Error> {
    let script = Script::answering(|_| script::Answer::ok("{}"));
    let client = Client::builder()
        .endpoint("http://rtc.example")
        .credentials_provider(chain)
        .transport(script.clone())
        .build()
        .unwrap();
    client.show_app(APP).await?;
    let authorization = script.calls()[0].headers["authorization"].to_str().unwrap().to_owned();
    Ok(authorization.split(['=', ',']).nth(1).unwrap().to_owned())
}

#[tokio::test]
async fn a_chain_takes_the_first_keys_and_passes_over_what_is_not_set_up() {
    let absent = || Fails(|| CredentialsError::not_configured("nothing here"));
    let chain =
        CredentialsChain::new().then("a", absent()).then("b", keys("B")).then("c", keys("C"));
    assert_eq!(who(chain).await.unwrap(), "B");
}

#[tokio::test]
async fn the_error_of_a_chain_has_a_line_for_each_provider() {
    let broken = Fails(|| {
        CredentialsError::failed("the vault is sealed")
            .with_source(std::io::Error::other("status\n503"))
    });
    let texts = chain(
        &who(CredentialsChain::new()
            .then("a", Fails(|| CredentialsError::not_configured("nothing here")))
            .then("b", broken)
            .then("c", keys("C")))
        .await
        .unwrap_err(),
    );
    let expected = "no keys were found\n  a: nothing here\n  b: the vault is sealed: status\\n503";
    assert_eq!(texts[2], expected, "what fails is not covered by the next");
    let error = who(CredentialsChain::new()).await.unwrap_err();
    assert_eq!(error.source().unwrap().source().unwrap().to_string(), "no keys were found");
}

#[tokio::test]
async fn keys_that_cannot_be_sent_are_an_error_that_hides_them() {
    for bad in [Credentials::new("AK\n", "s3cret"), Credentials::new("AK", "s3cret\n")] {
        let chain_of_one = CredentialsChain::new().then("a", ProvidedKeys::new(bad));
        let error = who(chain_of_one).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Authentication);
        assert!(!format!("{error:?} {:?}", chain(&error)).contains("s3cret"));
    }
}

/// Gives numbered keys that hold for an hour, after a second.
struct Slow(AtomicUsize);

impl ProvideCredentials for Slow {
    fn provide<'a>(
        &'a self,
        context: &'a ProvideContext,
    ) -> BoxFuture<'a, Result<ProvidedKeys, CredentialsError>> {
        Box::pin(async move {
            let number = self.0.fetch_add(1, Ordering::SeqCst) + 1;
            tokio::time::sleep(Duration::from_secs(1)).await;
            let expires_at = context.now() + Duration::from_secs(3600);
            Ok(keys(&format!("AK{number}")).with_expiry(expires_at).with_project_id("p1"))
        })
    }
}

/// A clock that is set by hand, in seconds after [`now`].
fn clock() -> (Arc<AtomicU64>, impl Fn() -> SystemTime + Send + Sync) {
    let seconds = Arc::new(AtomicU64::new(0));
    let clock = Arc::clone(&seconds);
    (seconds, move || now() + Duration::from_secs(clock.load(Ordering::SeqCst)))
}

#[tokio::test(start_paused = true)]
async fn a_thousand_calls_whose_keys_end_at_once_ask_once() {
    let provider = Arc::new(Slow(AtomicUsize::new(0)));
    let script = Script::answering(|_| script::Answer::ok("{}"));
    let (time, clock) = clock();
    let client = Client::builder()
        .endpoint("http://rtc.example")
        .credentials_provider(Arc::clone(&provider))
        .transport(script.clone())
        .clock(clock)
        .build()
        .unwrap();
    client.show_app(APP).await.unwrap();
    time.store(3600, Ordering::SeqCst);
    let mut calls = JoinSet::new();
    for _ in 0..1000 {
        let client = client.clone();
        calls.spawn(async move { client.show_app(APP).await.map(drop) });
    }
    assert!(calls.join_all().await.iter().all(Result::is_ok));
    assert_eq!(provider.0.load(Ordering::SeqCst), 2);
    let signed_by = |number| {
        let access = format!("Access=AK{number},");
        let calls = script.calls();
        let signed = calls.iter().map(|call| call.headers["authorization"].to_str().unwrap());
        signed.filter(|signed| signed.contains(&access)).count()
    };
    assert_eq!((signed_by(1), signed_by(2)), (1, 1000));
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_dropped_takes_the_keys_from_nobody() {
    let provider = Arc::new(Slow(AtomicUsize::new(0)));
    let client = Client::builder()
        .endpoint("http://rtc.example")
        .credentials_provider(Arc::clone(&provider))
        .transport(Script::answering(|_| script::Answer::ok("{}")))
        .build()
        .unwrap();
    let short = Duration::from_millis(500);
    assert!(tokio::time::timeout(short, client.show_app(APP)).await.is_err());
    let begin = tokio::time::Instant::now();
    client.show_app(APP).await.unwrap();
    assert_eq!(begin.elapsed().as_millis(), 500, "the same renewal went on");
    assert_eq!(provider.0.load(Ordering::SeqCst), 1);
}

#[tokio::test(start_paused = true)]
async fn keys_that_the_service_refuses_are_asked_for_anew_by_the_next_call() {
    let provider = Arc::new(Slow(AtomicUsize::new(0)));
    let script = Script::answering(|request| {
        let signed = request.headers()["authorization"].to_str().unwrap();
        let is_first = signed.contains("Access=AK1,");
        script::Answer::new(if is_first { 401 } else { 200 }, "{}")
    });
    let (time, clock) = clock();
    let client = Client::builder()
        .endpoint("http://rtc.example")
        .credentials_provider(Arc::clone(&provider))
        .transport(script.clone())
        .clock(clock)
        .build()
        .unwrap();
    for (second, asked) in [(0, 1), (30, 1), (60, 1)] {
        time.store(second, Ordering::SeqCst);
        assert_eq!(client.show_app(APP).await.unwrap_err().kind(), ErrorKind::Unauthorized);
        assert_eq!(provider.0.load(Ordering::SeqCst), asked, "never a second try");
    }
    client.show_app(APP).await.unwrap();
    assert_eq!(provider.0.load(Ordering::SeqCst), 2);
}
