//! The answer of a call.

use std::fmt;

use http::{HeaderMap, StatusCode};
use rtc_model::wire::X_REQUEST_ID;

/// The answer of a call: the value and what came with it.
///
/// `Debug` leaves the headers out.
///
/// ```no_run
/// # async fn example(client: rtc_client::Client) -> Result<(), rtc_client::Error> {
/// let reply = client.show_app("a1").await?;
/// println!("{} {:?}", reply.status(), reply.request_id());
/// let app = reply.into_output();
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Reply<T> {
    status: StatusCode,
    headers: HeaderMap,
    output: T,
}

impl<T> Reply<T> {
    pub(crate) fn new(status: StatusCode, headers: HeaderMap, output: T) -> Self {
        Self { status, headers, output }
    }

    /// The status, one of the operation's statuses of success.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The id that the service gave to the request (header `X-request-Id`); its support asks for
    /// it. At most 128 bytes of it, without what the peer repeated of the client's own secrets.
    pub fn request_id(&self) -> Option<&str> {
        request_id(&self.headers)
    }

    /// The headers as they came, but for the [request id](Self::request_id). A peer that is not the
    /// service may have put anything into them: keep them out of logs.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The value.
    pub fn output(&self) -> &T {
        &self.output
    }

    /// The value by itself.
    pub fn into_output(self) -> T {
        self.output
    }
}

impl<T: fmt::Debug> fmt::Debug for Reply<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply")
            .field("status", &self.status)
            .field("request_id", &self.request_id())
            .field("output", &self.output)
            .finish_non_exhaustive()
    }
}

pub(crate) fn request_id(headers: &HeaderMap) -> Option<&str> {
    headers.get(X_REQUEST_ID)?.to_str().ok()
}
