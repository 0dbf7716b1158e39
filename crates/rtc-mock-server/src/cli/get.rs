//! One GET over plain HTTP, for commands that ask a running mock.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, Uri};
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::timeout;

/// How long the whole may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// The largest answer.
const MAX_ANSWER: usize = 1 << 20;

/// The body of a successful answer.
pub(crate) fn once(uri: &Uri) -> Result<Bytes, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| error.to_string())?;
    let asked = runtime.block_on(async { timeout(PATIENCE, send(uri)).await });
    let response = asked.map_err(|_| "no answer in time".to_owned())??;
    let (status, body) = (response.status(), response.into_body());
    if !status.is_success() {
        let text = String::from_utf8_lossy(&body);
        return Err(format!("{uri} answers with status {}: {text}", status.as_u16()));
    }
    Ok(body)
}

/// The answer.
pub(crate) async fn send(uri: &Uri) -> Result<Response<Bytes>, String> {
    let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
    let stream = TcpStream::connect((host, uri.port_u16().unwrap_or(80)))
        .await
        .map_err(|error| format!("cannot connect: {error}"))?;
    let (mut sender, connection) =
        http1::handshake(TokioIo::new(stream)).await.map_err(|error| error.to_string())?;
    let request = Request::get(uri.path())
        .header("host", uri.authority().map_or("", |authority| authority.as_str()))
        .body(Empty::<Bytes>::new())
        .map_err(|error| error.to_string())?;
    let answer = async {
        let response = sender.send_request(request).await.map_err(|error| error.to_string())?;
        let (head, body) = response.into_parts();
        let body = Limited::new(body, MAX_ANSWER).collect().await;
        let body = body.map_err(|error| error.to_string())?;
        Ok(Response::from_parts(head, body.to_bytes()))
    };
    tokio::pin!(answer);
    tokio::select! {
        response = &mut answer => response,
        ended = connection => match ended {
            // It is read to its end all the same.
            Ok(()) => answer.await,
            Err(error) => Err(error.to_string()),
        },
    }
}
