//! The kinds of errors.

use http::StatusCode;

/// The kinds of [`Error`](crate::Error), each with what a caller should do.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), rtc_client::BuildError> {
/// use rtc_client::{Client, ErrorKind};
///
/// let client = Client::builder().endpoint("http://rtc.example").token("t").build()?;
/// let error = client.show_app("").await.unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::InvalidRequest, "an empty id makes no path");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The request cannot be made of the values, such as an empty id. Correct the values.
    InvalidRequest,
    /// The request could not be signed, or its token not be had; nothing was sent. Correct the
    /// credentials or the clock, or look at the source where the
    /// [`Authenticate`](crate::Authenticate) is your own.
    Authentication,
    /// No connection came about; nothing was sent. Check the endpoint, the network and the
    /// certificates; calling again is safe.
    Connect,
    /// The time of the call passed. [`Error::delivery`](crate::Error::delivery) says whether the service may have acted on
    /// it; if so, look before you repeat what is not idempotent.
    Timeout,
    /// The connection broke, or what came is no HTTP. As with [`Timeout`](Self::Timeout), see
    /// [`Error::delivery`](crate::Error::delivery).
    Transport,
    /// The answer is larger than
    /// [`max_response_body`](crate::ClientBuilder::max_response_body). The call took effect if the
    /// [status](crate::Error::status) says so. Raise the bound or check the endpoint.
    BodyTooLarge,
    /// An answer came whose head is too large to be read, so that not even its status is known: the
    /// request may have been processed. The bounds are those of the
    /// [transport](crate::HyperTransport). Check the endpoint and what stands before it.
    HeadTooLarge,
    /// The status says success, but the answer is not the documented one: the call took effect, the
    /// answer cannot be read. See [`Error::raw_body`](crate::Error::raw_body); check that the endpoint is the service, and
    /// report it if it is.
    Decode,
    /// 401: the service does not accept the keys or the token. Check them and the clock; do not
    /// repeat the call unchanged, since more than five refusals in a row lock an access key for
    /// five minutes.
    Unauthorized,
    /// 403: the keys or the token are good, but not for this. Check the project and the
    /// permissions.
    Forbidden,
    /// 404 (decision D5). See [`Error::is_not_found`](crate::Error::is_not_found) for what was not found.
    NotFound,
    /// 429: too many calls. Wait, in the order of a minute, and call again; nothing was done.
    Throttled,
    /// Another 4xx: the service refuses the request as it is. The code in
    /// [`Error::service_error`](crate::Error::service_error) says why; correct the request.
    BadRequest,
    /// 5xx: the service or something before it failed. The request may have been processed; call
    /// again later, and look first where the operation is not idempotent.
    Server,
    /// Each page of a [list](crate::AllApps) came, but they do not make one list: an item came twice,
    /// has no id, or there are more than a million. Nothing was changed; list again from the
    /// beginning. The source says which item it was.
    Pages,
    /// A status that is neither an error nor the operation's success, such as a redirect, which is
    /// not followed. Check the endpoint.
    UnexpectedStatus,
}

pub(super) fn of_status(status: StatusCode) -> ErrorKind {
    match status {
        StatusCode::UNAUTHORIZED => ErrorKind::Unauthorized,
        StatusCode::FORBIDDEN => ErrorKind::Forbidden,
        StatusCode::NOT_FOUND => ErrorKind::NotFound,
        StatusCode::TOO_MANY_REQUESTS => ErrorKind::Throttled,
        other if other.is_client_error() => ErrorKind::BadRequest,
        other if other.is_server_error() => ErrorKind::Server,
        _ => ErrorKind::UnexpectedStatus,
    }
}
