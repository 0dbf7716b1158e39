//! Bodies in, within bounds.

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

/// Reads a body, `Content-Length` first.
pub(crate) async fn receive(headers: &HeaderMap, mut body: Incoming) -> Received {
    if body.is_end_stream() {
        return Received::Whole(Bytes::new());
    }
    let reading = async {
        let announced = body.size_hint().lower();
        if announced > MAX_BODY as u64 {
            // A client that waits for "100 Continue" has sent nothing yet and need not.
            if !headers.contains_key(EXPECT) {
                drain(&mut body).await;
            }
            return Received::TooLarge;
        }
        match Limited::new(&mut body, MAX_BODY).collect().await {
            Ok(collected) => Received::Whole(collected.to_bytes()),
            Err(error) if error.is::<LengthLimitError>() => {
                drain(&mut body).await;
                Received::TooLarge
            }
            Err(error) => Received::Broken(error.to_string()),
        }
    };
    tokio::time::timeout(BODY_TIME, reading).await.unwrap_or(Received::TooSlow)
}

/// Reads and forgets, to a bound: a connection that is closed while its peer still writes is reset,
/// and the answer is lost with it.
async fn drain(body: &mut Incoming) {
    let mut left = MAX_DRAIN;
    while let Some(Ok(frame)) = body.frame().await {
        let read = frame.data_ref().map_or(0, Bytes::len);
        match left.checked_sub(read) {
            Some(rest) => left = rest,
            None => return,
        }
    }
}
