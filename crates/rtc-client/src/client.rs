//! The client: one call from the operation to its typed answer.

mod attempts;

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use http::{HeaderValue, Uri};
use rtc_model::{Operation, wire};
use tokio::time::Instant;
use tracing::Instrument as _;
use tracing::field::Empty;

use self::attempts::Call;
use crate::auth::Authentication;
use crate::builder::{BuildError, ClientBuilder};
use crate::error::{Error, ErrorKind};
use crate::observe::{Ended, Observe};
use crate::reply::Reply;
use crate::retry::{Budget, RetryPolicy};
use crate::skew::Offset;
use crate::transport::Carrier;

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
pub struct Client {
    settings: Arc<Settings>,
    times: Times,
}

/// The time-outs of a call.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Times {
    pub(crate) connect: Duration,
    pub(crate) attempt: Duration,
    pub(crate) call: Duration,
}

/// Where the time of signing comes from.
pub(crate) type Clock = Box<dyn Fn() -> SystemTime + Send + Sync>;

/// What a builder made.
pub(crate) struct Settings {
    pub(crate) endpoint: Uri,
    pub(crate) host: HeaderValue,
    pub(crate) project_id: Option<HeaderValue>,
    pub(crate) user_agent: HeaderValue,
    pub(crate) authentication: Authentication,
    pub(crate) carrier: Carrier,
    pub(crate) clock: Clock,
    pub(crate) max_body: usize,
    pub(crate) retry: Box<dyn RetryPolicy>,
    pub(crate) budget: Budget,
    pub(crate) random: Mutex<fastrand::Rng>,
    pub(crate) offset: Offset,
    pub(crate) observer: Option<Box<dyn Observe>>,
}

impl Client {
    /// Settings to make a client of.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::new()
    }

    /// Makes a client of what the official SDKs read: variables, and files in the home directory
    /// (feature `profile`).
    ///
    /// | variable | |
    /// |---|---|
    /// | `HUAWEICLOUD_SDK_AK`, `HUAWEICLOUD_SDK_SK` | access key and secret key. Without them the keys are of the identity provider, the profile file or the metadata of the server, whichever is set up; see [`CredentialsChain::standard`](crate::CredentialsChain::standard) |
    /// | `HUAWEICLOUD_SDK_SECURITY_TOKEN` | the token that goes with temporary keys |
    /// | `HUAWEICLOUD_SDK_IDP_ID`, `HUAWEICLOUD_SDK_ID_TOKEN_FILE` | an identity provider and the file with its token; they win over keys |
    /// | `HUAWEICLOUD_SDK_PROJECT_ID` | the project; without it IAM is asked, see [`ClientBuilder::project_lookup`] |
    /// | `HUAWEICLOUD_SDK_DOMAIN_ID` | the account; see [`ClientBuilder::domain_id`] |
    /// | `HUAWEICLOUD_SDK_IAM_ENDPOINT` | where IAM is; see [`ClientBuilder::iam_endpoint`] |
    /// | `HUAWEICLOUD_SDK_REGION_CLOUDRTC_CN_NORTH_4` | another endpoint than `https://rtc-api.myhuaweicloud.com`; of several, parted by commas, the first is used |
    /// | `HUAWEICLOUD_SDK_REGIONS_FILE` | where the endpoint is read that no variable names, in the place of `~/.huaweicloud/regions.yaml` |
    /// | `HUAWEICLOUD_SDK_CREDENTIALS_FILE` | the profile file, in the place of `~/.huaweicloud/credentials` |
    ///
    /// `regions.yaml` is a map of service names (`CloudRTC`, in any case) to lists of
    /// `{id: cn-north-4, endpoint: ..}` or `{id: cn-north-4, endpoints: [..]}`.
    ///
    /// A proxy is taken from `HTTPS_PROXY`, `HTTP_PROXY` or `ALL_PROXY`; see
    /// [`proxy_from_env`](crate::HyperTransportBuilder::proxy_from_env).
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

    pub(crate) fn new(settings: Settings, times: Times) -> Self {
        Self { settings: Arc::new(settings), times }
    }

    /// The same client with another [timeout](ClientBuilder::timeout), such as for a single call.
    ///
    /// The connections and all else are shared; a time of zero lets every call fail.
    ///
    /// ```no_run
    /// # async fn example(client: rtc_client::Client) -> Result<(), rtc_client::Error> {
    /// use std::time::Duration;
    ///
    /// let app = client.with_timeout(Duration::from_secs(2)).show_app("a1").await?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn with_timeout(&self, timeout: Duration) -> Self {
        Self { times: Times { call: timeout, ..self.times }, ..self.clone() }
    }

    /// The same client with another [attempt timeout](ClientBuilder::attempt_timeout).
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use std::time::Duration;
    /// use rtc_client::{Client, ErrorKind, NoRetry};
    ///
    /// // A server to which connections can be made, and that never answers.
    /// let silent = std::net::TcpListener::bind("127.0.0.1:0")?;
    /// let endpoint = format!("http://{}", silent.local_addr()?);
    /// let client = Client::builder().endpoint(endpoint).token("t").retry(NoRetry).build()?;
    ///
    /// let hasty = client.with_attempt_timeout(Duration::from_millis(10));
    /// let error = hasty.show_app("a1").await.unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::Timeout);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn with_attempt_timeout(&self, timeout: Duration) -> Self {
        Self { times: Times { attempt: timeout, ..self.times }, ..self.clone() }
    }

    /// The same client with another [connect timeout](ClientBuilder::connect_timeout).
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use std::time::Duration;
    /// use rtc_client::{Client, Delivery, ErrorKind, HyperTransport, NoRetry};
    ///
    /// // A proxy that never says whether it has connected.
    /// let silent = std::net::TcpListener::bind("127.0.0.1:0")?;
    /// let proxy = format!("socks5h://{}", silent.local_addr()?);
    /// let client = Client::builder()
    ///     .endpoint("http://rtc.example")
    ///     .token("t")
    ///     .connections(HyperTransport::builder().proxy(proxy))
    ///     .retry(NoRetry)
    ///     .build()?;
    ///
    /// let hasty = client.with_connect_timeout(Duration::from_millis(10));
    /// let error = hasty.show_app("a1").await.unwrap_err();
    /// assert_eq!((error.kind(), error.delivery()), (ErrorKind::Connect, Delivery::NotSent));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn with_connect_timeout(&self, timeout: Duration) -> Self {
        Self { times: Times { connect: timeout, ..self.times }, ..self.clone() }
    }

    /// Sends any operation. The methods named after the operations do the same for one each.
    ///
    /// The call is recorded as one span of `tracing` with the operation, the number of attempts, the
    /// status, the request id and the duration in milliseconds. Dropping the future gives the call
    /// up: the request may have been processed, and the connections of others are not touched.
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
            attempts = Empty,
            status = Empty,
            request_id = Empty,
            duration_ms = Empty,
        );
        let mut call = Call::new(id, self.times.call);
        let outcome = self.exchange(&op, &mut call).instrument(span.clone()).await;
        let Settings { authentication, offset, clock, observer, .. } = &*self.settings;
        if outcome.as_ref().is_err_and(|error| error.kind() == ErrorKind::Unauthorized) {
            authentication.refused(offset.apply(clock()));
        }
        if observer.is_none() && span.is_disabled() {
            return outcome;
        }
        let duration = call.begin.elapsed();
        let ended = match &outcome {
            Ok(reply) => Ended {
                operation: id,
                attempts: call.made,
                duration,
                status: Some(reply.status()),
                request_id: reply.request_id(),
                error: None,
            },
            Err(error) => Ended::failed(error, call.made, duration),
        };
        span.record("attempts", ended.attempts);
        span.record("status", ended.status.map(|status| status.as_u16()));
        span.record("request_id", ended.request_id);
        span.record("duration_ms", u64::try_from(duration.as_millis()).unwrap_or(u64::MAX));
        if let Some(observer) = observer {
            observer.call(&ended);
        }
        outcome
    }

    async fn exchange<O: Operation>(
        &self,
        op: &O,
        call: &mut Call,
    ) -> Result<Reply<O::Output>, Error> {
        let id = O::META.id;
        let request = || wire::encode_request(op, &self.settings.endpoint);
        let (response, secrets) = self.answered(call, &request).await?;
        let (head, body) = response.into_parts();
        match wire::decode_reply::<O>(head.status, &body) {
            Ok(output) => Ok(Reply::new(head.status, head.headers, output)),
            Err(error) => {
                let mut error = Error::answered(id, error, &head, &body, &secrets);
                error.set_attempts(call.made, call.lost_answer);
                Err(error)
            }
        }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("endpoint", &self.settings.endpoint)
            .field("project_id", &self.settings.project_id)
            .field("user_agent", &self.settings.user_agent)
            .field("times", &self.times)
            .field("max_response_body", &self.settings.max_body)
            .finish_non_exhaustive()
    }
}

/// The time `timeout` after another; one that no clock can tell is cut to a century.
pub(crate) fn after(begin: Instant, timeout: Duration) -> Instant {
    const CENTURY: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);
    begin + timeout.min(CENTURY)
}

#[cfg(test)]
mod tests;
