//! `health`: asks a running mock whether it is well.

use std::time::Duration;

use http::{Request, Response, StatusCode, Uri};
use http_body_util::Empty;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rtc_model::wire::X_REQUEST_ID;
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, timeout};

use crate::cli::{Failure, HealthArgs};

/// How long one question may take.
const PATIENCE: Duration = Duration::from_secs(2);
/// The pause between two questions.
const PAUSE: Duration = Duration::from_millis(50);

/// Asks until the mock is well or the time is up.
pub(crate) fn run(args: &HealthArgs) -> Result<(), Failure> {
    let url = match (&args.url, args.access.admin_listen.0) {
        (Some(url), _) => url.clone(),
        (None, Some(address)) => format!("http://{address}"),
        (None, None) => format!("http://{}", args.access.listen),
    };
    let uri: Uri = format!("{}/health", url.trim_end_matches('/'))
        .parse()
        .map_err(|_| Failure::Usage(format!("{url:?} is no URL; write http://HOST:PORT")))?;
    if uri.scheme_str() != Some("http") || uri.host().is_none() {
        return Err(Failure::Usage(format!("{url:?} is no URL; write http://HOST:PORT")));
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::Failed(format!("cannot start: {error}")))?;
    runtime.block_on(async {
        let deadline = Instant::now() + args.wait;
        loop {
            let answer = timeout(PATIENCE, ask(&uri)).await;
            let reason = match answer {
                Ok(Ok(Answer { well: true, .. })) => return Ok(()),
                Ok(Ok(answer)) => format!("it answers with status {}", answer.status),
                Ok(Err(error)) => error,
                Err(_) => format!("no answer within {} s", PATIENCE.as_secs()),
            };
            if Instant::now() >= deadline {
                return Err(Failure::Failed(format!("{url} is not well: {reason}")));
            }
            sleep(PAUSE).await;
        }
    })
}

/// What was answered.
struct Answer {
    status: StatusCode,
    well: bool,
}

impl Answer {
    /// The API itself has no such path, and says so in its own way when it is well.
    fn new<B>(response: &Response<B>) -> Self {
        let status = response.status();
        let of_api =
            status == StatusCode::NOT_FOUND && response.headers().contains_key(X_REQUEST_ID);
        Self { status, well: status == StatusCode::OK || of_api }
    }
}

async fn ask(uri: &Uri) -> Result<Answer, String> {
    let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
    let stream = TcpStream::connect((host, uri.port_u16().unwrap_or(80)))
        .await
        .map_err(|error| format!("cannot connect: {error}"))?;
    let (mut sender, connection) =
        http1::handshake(TokioIo::new(stream)).await.map_err(|error| error.to_string())?;
    let request = Request::get(uri.path())
        .header("host", uri.authority().map_or("", |authority| authority.as_str()))
        .body(Empty::<bytes::Bytes>::new())
        .map_err(|error| error.to_string())?;
    tokio::select! {
        response = sender.send_request(request) => {
            response.map(|response| Answer::new(&response)).map_err(|error| error.to_string())
        }
        ended = connection => Err(ended.err().map_or_else(
            || "it closed the connection".to_owned(),
            |error| error.to_string(),
        )),
    }
}
