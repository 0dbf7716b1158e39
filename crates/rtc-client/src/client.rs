//! The client: one call from the operation to its typed answer.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::header::USER_AGENT;
use http::{HeaderValue, Request, Response, Uri};
use rtc_model::wire::{self, X_PROJECT_ID};
use rtc_model::{Operation, OperationId};
use tokio::task::yield_now;
use tokio::time::{Instant, timeout_at};
use tracing::Instrument as _;
use tracing::field::Empty;

use crate::auth::Authenticate;
use crate::builder::{BuildError, ClientBuilder};
use crate::error::{Error, ErrorKind};
use crate::reply::Reply;
use crate::secrets::Secrets;
use crate::transport::{Delivery, Limits, Transport, TransportError, TransportErrorKind};

/// A client of the API. Clones are cheap and share one pool of connections.
///
/// ```no_run
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// use rtc_client::{Client, Credentials};
///
/// let client = Client::builder()
///     .credentials(Credentials::new("the access key", "the secret key"))
///     .project_id("0123456789abcdef0123456789abcdef")
///     .build()?;
/// let reply = client.show_record_callback("123456789abcdefghijklmno").await?;
/// println!("{:?}", reply.output());
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Client(Arc<Settings>);

/// Where the time of signing comes from.
pub(crate) type Clock = Box<dyn Fn() -> SystemTime + Send + Sync>;

/// What a builder made.
pub(crate) struct Settings {
    pub(crate) endpoint: Uri,
    pub(crate) project_id: Option<HeaderValue>,
    pub(crate) user_agent: HeaderValue,
    pub(crate) authenticate: Box<dyn Authenticate>,
    pub(crate) transport: Box<dyn Transport>,
    pub(crate) clock: Clock,
    pub(crate) timeout: Duration,
    pub(crate) max_body: usize,
}

impl Client {
    /// Settings to make a client of.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::new()
    }

    /// Makes a client of the variables that the official SDKs read.
    ///
    /// | variable | |
    /// |---|---|
    /// | `HUAWEICLOUD_SDK_AK`, `HUAWEICLOUD_SDK_SK` | access key and secret key; mandatory |
    /// | `HUAWEICLOUD_SDK_PROJECT_ID` | the project; see [`ClientBuilder::project_id`] |
    /// | `HUAWEICLOUD_SDK_SECURITY_TOKEN` | the token that goes with temporary keys |
    /// | `HUAWEICLOUD_SDK_REGION_CLOUDRTC_CN_NORTH_4` | another endpoint than `https://rtc-api.myhuaweicloud.com`; of several, parted by commas, the first is used |
    ///
    /// An empty variable counts as absent. To change more, begin with [`ClientBuilder::from_env`].
    ///
    /// ```no_run
    /// let client = rtc_client::Client::from_env()?;
    /// # Ok::<(), rtc_client::BuildError>(())
    /// ```
    pub fn from_env() -> Result<Self, BuildError> {
        ClientBuilder::from_env()?.build()
    }

    pub(crate) fn new(settings: Settings) -> Self {
        Self(Arc::new(settings))
    }

    /// Sends any operation. The methods named after the operations do the same for one each.
    ///
    /// The call is recorded as one span of `tracing` with the operation, the status and the request
    /// id. Dropping the future gives the call up.
    ///
    /// ```no_run
    /// # async fn example(client: rtc_client::Client) -> Result<(), rtc_client::Error> {
    /// use rtc_client::model::apps::ShowApp;
    ///
    /// let app = client.send(ShowApp::new("a1")).await?.into_output();
    /// # Ok(())
    /// # }
    /// ```
    pub async fn send<O: Operation>(&self, op: O) -> Result<Reply<O::Output>, Error> {
        let id = O::META.id;
        let span = tracing::info_span!(
            "rtc_call",
            operation = id.as_str(),
            status = Empty,
            request_id = Empty,
        );
        let outcome = self.exchange(&op).instrument(span.clone()).await;
        let (status, request_id) = match &outcome {
            Ok(reply) => (Some(reply.status()), reply.request_id()),
            Err(error) => (error.status(), error.request_id()),
        };
        span.record("status", status.map(|status| status.as_u16()));
        span.record("request_id", request_id);
        outcome
    }

    async fn exchange<O: Operation>(&self, op: &O) -> Result<Reply<O::Output>, Error> {
        let id = O::META.id;
        let request = wire::encode_request(op, &self.0.endpoint)
            .map_err(|source| Error::invalid_request(id, source))?;
        let deadline = after(self.0.timeout);
        let (response, secrets) = self.attempts(id, request, deadline).await?;
        let (head, body) = response.into_parts();
        match wire::decode_reply::<O>(head.status, &body) {
            Ok(output) => Ok(Reply::new(head.status, head.headers, output)),
            Err(error) => Err(Error::answered(id, error, &head, &body, &secrets)),
        }
    }

    /// Makes attempts until one is answered or another is not [worth it](is_worth_another). Each
    /// is dated and authenticated anew and has a time to connect of its own; the deadline holds for
    /// all.
    async fn attempts(
        &self,
        id: OperationId,
        request: Request<Bytes>,
        deadline: Instant,
    ) -> Result<(Response<Bytes>, Secrets), Error> {
        let mut made = 0;
        loop {
            let error = match self.attempt(id, request.clone(), deadline).await {
                Ok(answered) => return Ok(answered),
                Err(error) => error,
            };
            made += 1;
            if !is_worth_another(&error, made) {
                return Err(error);
            }
            // Kept connections that were closed together are all found closed first, so that the
            // next attempt gets none of them.
            yield_now().await;
        }
    }

    /// Dates, authenticates and sends a request once.
    async fn attempt(
        &self,
        id: OperationId,
        mut request: Request<Bytes>,
        deadline: Instant,
    ) -> Result<(Response<Bytes>, Secrets), Error> {
        let Settings { authenticate, transport, clock, max_body, .. } = &*self.0;
        if let Some(project_id) = &self.0.project_id {
            request.headers_mut().insert(X_PROJECT_ID, project_id.clone());
        }
        let authenticated = authenticate.apply(&mut request, clock());
        timeout_at(deadline, authenticated)
            .await
            .map_err(|_| Error::transport(id, timed_out(Delivery::NotSent)))?
            .map_err(|source| Error::authentication(id, source))?;
        // Not signed: proxies rewrite it.
        request.headers_mut().insert(USER_AGENT, self.0.user_agent.clone());
        let secrets = Secrets::of(request.headers());

        let limits = Limits::new(*max_body, deadline.into_std());
        // The transport keeps to the deadline itself and knows more when it passes; this is for
        // those that do not.
        let outcome = timeout_at(deadline, transport.call(request, limits))
            .await
            .unwrap_or_else(|_| Err(timed_out(Delivery::Unknown)));
        match outcome {
            Ok(mut response) => {
                secrets.mask_request_id(response.headers_mut());
                Ok((response, secrets))
            }
            Err(mut source) => {
                if let Some(head) = source.head_mut() {
                    secrets.mask_request_id(&mut head.headers);
                }
                Err(Error::transport(id, source))
            }
        }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("endpoint", &self.0.endpoint)
            .field("project_id", &self.0.project_id)
            .field("user_agent", &self.0.user_agent)
            .field("timeout", &self.0.timeout)
            .field("max_response_body", &self.0.max_body)
            .finish_non_exhaustive()
    }
}

/// The most attempts of one call. A connection is lost between its choice and the first byte only
/// if the peer closes it in that moment; who meets that twice has a peer that accepts nothing.
const MAX_ATTEMPTS: u32 = 2;

/// Whether to attempt a call again after `made` attempts, the last of which ended with `error`: only
/// where the request was handed to a connection that turned out to be closed before its first byte
/// was written. To repeat it then repeats nothing, whatever the operation does.
fn is_worth_another(error: &Error, made: u32) -> bool {
    made < MAX_ATTEMPTS
        && error.kind() == ErrorKind::Transport
        && error.delivery() == Delivery::NotSent
}

fn timed_out(delivery: Delivery) -> TransportError {
    TransportError::new(TransportErrorKind::Timeout, delivery)
}

/// The time after `timeout`; one that no clock can tell is cut to a century.
pub(crate) fn after(timeout: Duration) -> Instant {
    const CENTURY: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);
    Instant::now() + timeout.min(CENTURY)
}

#[cfg(test)]
mod tests;
