//! `health`: asks a running mock whether it is well.

use std::time::Duration;

use http::{Response, StatusCode, Uri};
use rtc_model::wire::X_REQUEST_ID;
use tokio::time::{Instant, sleep, timeout};

use crate::cli::{Failure, HealthArgs, get};

/// How long one question may take.
const PATIENCE: Duration = Duration::from_secs(2);
/// The pause between two questions.
const PAUSE: Duration = Duration::from_millis(50);

/// Asks until the mock is well or the time is up.
pub(crate) fn run(args: &HealthArgs) -> Result<(), Failure> {
    let url = match (&args.url, args.access.admin_listen.0) {
        (Some(url), _) => url.clone(),
        (None, Some(address)) => format!("http://{address}"),
        (None, None) if args.access.tls.scheme() == "https" => {
            let reason = "without an admin API a mock that serves TLS alone cannot be asked";
            return Err(Failure::Usage(reason.to_owned()));
        }
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
    get::send(uri).await.map(|response| Answer::new(&response))
}
