//! What the tests share: settings, answers and accessors.

use std::error::Error as _;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rtc_client::{Client, ClientBuilder, Credentials, Error, NoRetry};

use crate::peer::Peer;

pub(crate) const ACCESS_KEY: &str = "AKIDEXAMPLE00000000";
pub(crate) const SECRET_KEY: &str = "SKEXAMPLEsecret0000000000000000000000000";
pub(crate) const PROJECT: &str = "0123456789abcdef0123456789abcdef";
pub(crate) const APP: &str = "123456789abcdefghijklmno";

/// The example answer of the page `ShowRecordCallback`, as it is printed there.
pub(crate) const EXAMPLE: &str = r#"{ "app_id" : "123456789abcdefghijklmno", "record_callback" : { "url" : "http://mydomain.com", "auth_key" : "78912374ae8cdb38", "notify_event_subscription" : [ "RECORD_NEW_FILE_START", "RECORD_FILE_COMPLETE" ], "update_time" : "2020-07-26T07:53:05.075Z" } }"#;

/// 2024-01-02 03:04:05 UTC.
pub(crate) fn now() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_704_164_645)
}

pub(crate) fn credentials() -> Credentials {
    Credentials::new(ACCESS_KEY, SECRET_KEY)
}

/// A client that signs, of a fixed clock, and makes one attempt a call.
pub(crate) fn signing(peer: &Peer) -> ClientBuilder {
    Client::builder()
        .endpoint(peer.url())
        .credentials(credentials())
        .project_id(PROJECT)
        .clock(now)
        .retry(NoRetry)
}

pub(crate) fn client(peer: &Peer) -> Client {
    signing(peer).build().unwrap()
}

/// An answer with a JSON body and a request id.
pub(crate) fn answer(status: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nX-request-Id: r1\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// The error of a query that is answered with these bytes.
pub(crate) async fn refused(bytes: impl Into<Vec<u8>>) -> Error {
    let peer = Peer::once(bytes).await;
    client(&peer).show_record_callback(APP).await.unwrap_err()
}

/// The texts of an error and its causes.
pub(crate) fn chain(error: &Error) -> Vec<String> {
    let mut texts = vec![error.to_string()];
    let mut cause = error.source();
    while let Some(error) = cause {
        texts.push(error.to_string());
        cause = error.source();
    }
    texts
}
