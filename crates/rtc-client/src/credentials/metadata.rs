//! Keys of the server that this runs on.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode};

use crate::ask::{AskError, ask, below, json, refused};
use crate::credentials::{CredentialsError, ProvideContext, ProvideCredentials, ProvidedKeys};
use crate::endpoint;
use crate::iam::credential;
use crate::secrets::Secrets;
use crate::transport::BoxFuture;

/// The address of the metadata, of this link only.
const ENDPOINT: &str = "http://169.254.169.254";
/// The longest time of each of the requests, as in the official SDKs.
const TIMEOUT: Duration = Duration::from_secs(3);
/// The life of a token of the metadata, in seconds.
const TOKEN_TTL: HeaderValue = HeaderValue::from_static("21600");
const X_TOKEN: HeaderName = HeaderName::from_static("x-metadata-token");
const X_TOKEN_TTL: HeaderName = HeaderName::from_static("x-metadata-token-ttl-seconds");
/// How a server without an agency answers, with 401 like one whose token is over.
const NO_AGENCY: &[u8] = b"configure Cloud Service Agency first";
const TOKEN: &str = "a token of the metadata";
const KEYS: &str = "the keys of the server";

/// Temporary keys of the agency that the server (ECS) acts for, from its metadata service.
///
/// A session token is asked for first (IMDSv2); a service that knows none, which answers 404, 405
/// or 503, is asked without one. Each request has 3 s. What does not answer counts as
/// [not configured](crate::CredentialsErrorKind::NotConfigured): this is no such server.
///
/// The requests go through the client's [transport](crate::Transport). That of this crate uses no
/// proxy for the link-local address; see to it that your own does not.
///
/// ```
/// use rtc_client::{Client, MetadataCredentials};
///
/// # fn main() -> Result<(), rtc_client::BuildError> {
/// let client = Client::builder()
///     .endpoint("http://127.0.0.1:8470")
///     .credentials_provider(MetadataCredentials::new())
///     .build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct MetadataCredentials {
    endpoint: String,
}

impl MetadataCredentials {
    /// The metadata at its address, `http://169.254.169.254`.
    pub fn new() -> Self {
        Self { endpoint: ENDPOINT.to_owned() }
    }

    /// The metadata at another address, such as that of a test. It gives keys: make sure who
    /// answers there.
    #[must_use]
    pub fn endpoint(mut self, endpoint: impl Into<String>) -> Self {
        self.endpoint = endpoint.into();
        self
    }

    async fn keys(&self, context: &ProvideContext) -> Result<ProvidedKeys, CredentialsError> {
        let endpoint = endpoint::parse(&self.endpoint).map_err(|error| {
            CredentialsError::failed("the address of the metadata is not valid").with_source(error)
        })?;
        let send = async |what, method, path, header: Option<(HeaderName, HeaderValue)>| {
            let uri = below(&endpoint, path).map_err(|source| AskError::Made { what, source })?;
            let mut request = Request::new(Bytes::new());
            *request.method_mut() = method;
            *request.uri_mut() = uri;
            request.headers_mut().extend(header);
            let secrets = Secrets::of(request.headers());
            let answer = ask(context.transport(), what, request, TIMEOUT).await?;
            Ok::<_, AskError>((answer, secrets))
        };
        let ask_token = async || {
            let header = Some((X_TOKEN_TTL, TOKEN_TTL));
            let path = "/meta-data/latest/api/token";
            let (answer, secrets) = send(TOKEN, Method::PUT, path, header).await?;
            match answer.status() {
                StatusCode::OK => token(&answer).map(Some),
                StatusCode::NOT_FOUND
                | StatusCode::METHOD_NOT_ALLOWED
                | StatusCode::SERVICE_UNAVAILABLE => Ok(None),
                _ => Err(refused(TOKEN, &answer, &secrets)),
            }
        };
        let ask_keys = async |token: Option<HeaderValue>| {
            let header = token.map(|token| (X_TOKEN, token));
            send(KEYS, Method::GET, "/openstack/latest/securitykey", header).await
        };

        let first = ask_token().await.map_err(|error| match error {
            AskError::Transport { source, .. } => {
                CredentialsError::not_configured("the metadata service does not answer")
                    .with_source(source)
            }
            other => other.into(),
        })?;
        let (mut answer, mut secrets) = ask_keys(first.clone()).await?;
        if answer.status() == StatusCode::UNAUTHORIZED && !is_without_agency(&answer) {
            // A token that ended early is replaced once.
            (answer, secrets) = ask_keys(ask_token().await?).await?;
        }
        if is_without_agency(&answer) {
            let reason = "the server has no agency; set one in its Cloud Service Agency";
            return Err(CredentialsError::not_configured(reason));
        }
        if answer.status() == StatusCode::NOT_FOUND {
            let error = refused(KEYS, &answer, &secrets);
            return Err(CredentialsError::not_configured(error.to_string()));
        }
        let body = json(KEYS, &answer, StatusCode::OK, &secrets)?;
        Ok(credential(KEYS, &body)?)
    }
}

fn token(answer: &Response<Bytes>) -> Result<HeaderValue, AskError> {
    let form = AskError::Form { what: TOKEN, missing: "token" };
    let text = answer.body().trim_ascii();
    let mut token = HeaderValue::from_bytes(text).map_err(|_| form)?;
    token.set_sensitive(true);
    Ok(token)
}

fn is_without_agency(answer: &Response<Bytes>) -> bool {
    !answer.status().is_success()
        && answer.body().windows(NO_AGENCY.len()).any(|window| window == NO_AGENCY)
}

impl Default for MetadataCredentials {
    fn default() -> Self {
        Self::new()
    }
}

impl ProvideCredentials for MetadataCredentials {
    fn provide<'a>(
        &'a self,
        context: &'a ProvideContext,
    ) -> BoxFuture<'a, Result<ProvidedKeys, CredentialsError>> {
        Box::pin(self.keys(context))
    }
}
