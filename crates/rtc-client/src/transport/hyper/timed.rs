//! The time to connect.

use std::error::Error as StdError;
use std::task::{Context, Poll};
use std::time::Duration;

use http::Uri;
use tokio::time::timeout;
use tower_service::Service;

use crate::transport::BoxFuture;

tokio::task_local! {
    /// How long a connection that is begun in this call may take. The pool gives no other way to
    /// the connector; it calls it while the call itself is polled.
    pub(super) static CONNECT_TIMEOUT: Duration;
}

/// A connector with a bound on its time: name resolution, proxy, TCP and TLS together.
#[derive(Clone)]
pub(super) struct Timed<C>(pub(super) C);

type BoxError = Box<dyn StdError + Send + Sync>;

impl<C> Service<Uri> for Timed<C>
where
    C: Service<Uri, Error: Into<BoxError>, Future: Send + 'static>,
{
    type Response = C::Response;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<C::Response, BoxError>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.0.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, target: Uri) -> Self::Future {
        let limit = CONNECT_TIMEOUT.try_with(Duration::clone).unwrap_or(Duration::MAX);
        let connecting = self.0.call(target);
        Box::pin(async move {
            match timeout(limit, connecting).await {
                Ok(connected) => connected.map_err(Into::into),
                Err(_) => Err(ConnectTimeout.into()),
            }
        })
    }
}

/// The source of a connect error that is a timeout.
#[derive(Debug, thiserror::Error)]
#[error("the connect timeout passed")]
struct ConnectTimeout;
