//! Bodies in, within bounds.

use std::error::Error;
use std::time::Duration;

use bytes::Bytes;
use http::HeaderMap;
use http::header::EXPECT;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use hyper::body::{Body as _, Incoming};

/// The largest body that the gateway takes: 12 MB.
pub(crate) const MAX_BODY: usize = 12 << 20;
/// How much of a refused body is read, so that its sender sees the answer.
const MAX_DRAIN: usize = 64 << 20;
/// How long a body may take.
const BODY_TIME: Duration = Duration::from_secs(60);
/// How long a refused body is read.
const DRAIN_TIME: Duration = Duration::from_secs(10);

/// What arrived of a request's body.
#[derive(Debug)]
pub(crate) enum Received {
    /// All of it.
    Whole(Bytes),
    /// It is larger than [`MAX_BODY`].
    TooLarge,
    /// It did not arrive within the time allowed.
    TooSlow,
    /// The connection or the framing broke.
    Broken(String),
}

/// Whether the client waits for "100 Continue" before it sends its body.
pub(crate) fn waits_for_continue(headers: &HeaderMap) -> bool {
    headers.get(EXPECT).is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"100-continue"))
}

/// Reads a body, `Content-Length` first.
pub(crate) async fn receive(headers: &HeaderMap, mut body: Incoming) -> Received {
    if body.is_end_stream() {
        return Received::Whole(Bytes::new());
    }
    if body.size_hint().lower() > MAX_BODY as u64 {
        // A client that waits has sent nothing yet and need not.
        if !waits_for_continue(headers) {
            drain(&mut body).await;
        }
        return Received::TooLarge;
    }
    let reading = Limited::new(&mut body, MAX_BODY).collect();
    match tokio::time::timeout(BODY_TIME, reading).await {
        Ok(Ok(collected)) => Received::Whole(collected.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            drain(&mut body).await;
            Received::TooLarge
        }
        Ok(Err(error)) => Received::Broken(with_causes(&*error)),
        Err(_) => Received::TooSlow,
    }
}

/// Reads and forgets, to a bound of size and time: a connection that is closed while its peer still
/// writes is reset, and the answer is lost with it.
async fn drain(body: &mut Incoming) {
    let draining = async {
        let mut left = MAX_DRAIN;
        while let Some(Ok(frame)) = body.frame().await {
            let read = frame.data_ref().map_or(0, Bytes::len);
            match left.checked_sub(read) {
                Some(rest) => left = rest,
                None => return,
            }
        }
    };
    // What is not there by then will not come.
    let _ = tokio::time::timeout(DRAIN_TIME, draining).await;
}

fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
