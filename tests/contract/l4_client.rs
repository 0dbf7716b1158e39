//! L4: the real client against a peer that replays golden replies byte by byte.

use rtc_client::{Client, Credentials, ErrorKind, NoRetry};
use rtc_contract_tests::case::{Case, Level};
use rtc_contract_tests::golden::{self, Golden};
use rtc_contract_tests::peer::ScriptedPeer;
use rtc_model::{Operation, wire};

use crate::requests::{PROJECT, Visit, visit};

pub(crate) fn add(cases: &mut Vec<Case>) {
    visit(&mut Replay(cases));
}

struct Replay<'c>(&'c mut Vec<Case>);

impl Visit for Replay<'_> {
    fn visit<O: Operation + Clone + PartialEq + std::fmt::Debug>(
        &mut self,
        request: Golden,
        operation: O,
    ) {
        let replies = golden::all().into_iter().filter(|golden| {
            !golden.is_request() && [&request.folder, "gateway"].contains(&golden.folder.as_str())
        });
        for reply in replies {
            let name = format!("{} answered by {}", request.name, reply.id());
            let (request, operation) = (request.clone(), operation.clone());
            self.0.push(Case::new(Level::L4, request.folder.clone(), name, move || {
                replay(request, operation, reply)
            }));
        }
    }
}

async fn replay<O: Operation>(request: Golden, operation: O, reply: Golden) {
    let peer = ScriptedPeer::start(vec![reply.message.to_bytes()]).await;
    let client = Client::builder()
        .endpoint(peer.url())
        .credentials(Credentials::new("AK", "SK"))
        .project_id(PROJECT)
        .retry(NoRetry)
        .build()
        .unwrap();
    let answer = client.send(operation).await;

    let status = reply.message.status();
    let request_id = reply.message.header("x-request-id").unwrap();
    match answer {
        Ok(answer) => {
            assert!(status < 300, "status {status} was taken for a success");
            assert_eq!(answer.status().as_u16(), status);
            assert_eq!(answer.request_id(), Some(request_id));
            let again = wire::encode_reply::<O>(answer.output(), request_id);
            if reply.message.body.is_empty() {
                assert!(again.body().is_empty());
            } else {
                let body: serde_json::Value = serde_json::from_slice(again.body()).unwrap();
                assert_json_diff::assert_json_eq!(body, reply.message.json());
            }
        }
        Err(error) => {
            assert!(status >= 400, "status {status} was taken for {error}");
            let body = reply.message.json();
            let service = error.service_error().unwrap();
            assert_eq!(error.status().unwrap().as_u16(), status);
            assert_eq!(error.operation(), O::META.id);
            assert_eq!(service.code().as_str(), body["error_code"]);
            assert_eq!(service.message(), body["error_msg"]);
            assert_eq!(error.request_id(), Some(request_id));
            assert_eq!(error.kind(), kind(status), "{error}");
            // A 404 of the gateway says that there is no such API, not that there is no such app.
            assert_eq!(error.is_not_found(), status == 404 && reply.folder != "gateway");
        }
    }

    let received = peer.received();
    assert_eq!(received.len(), 1, "one call is one request");
    let (sent, golden) = (&received[0], &request.message);
    assert_eq!(sent.start_line, golden.start_line);
    assert_eq!(sent.header("x-project-id"), golden.header("x-project-id"));
    assert_eq!(sent.header("host"), Some(peer.url().trim_start_matches("http://")));
    let media_type = |message: &rtc_contract_tests::http_text::Message| {
        message.header("content-type").and_then(|value| value.split(';').next().map(str::to_owned))
    };
    assert_eq!(media_type(sent), media_type(golden));
    assert!(sent.header("authorization").unwrap().starts_with("SDK-HMAC-SHA256 Access=AK, "));
    if golden.body.is_empty() {
        assert!(sent.body.is_empty());
    } else {
        assert_json_diff::assert_json_eq!(sent.json(), golden.json());
    }
}

fn kind(status: u16) -> ErrorKind {
    match status {
        401 => ErrorKind::Unauthorized,
        403 => ErrorKind::Forbidden,
        404 => ErrorKind::NotFound,
        429 => ErrorKind::Throttled,
        400..500 => ErrorKind::BadRequest,
        _ => ErrorKind::Server,
    }
}
