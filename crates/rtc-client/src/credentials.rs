//! Where access keys come from.

mod chain;
mod environment;
mod error;
mod file;
mod id_token;
mod metadata;
#[cfg(feature = "profile")]
mod profile;
mod settings;

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use http::Uri;
use rtc_signer::Credentials;

pub use self::chain::CredentialsChain;
pub use self::environment::EnvironmentCredentials;
pub(crate) use self::environment::settings as environment_settings;
pub use self::error::{CredentialsError, CredentialsErrorKind};
pub(crate) use self::file::read_text;
pub use self::id_token::IdTokenCredentials;
pub use self::metadata::MetadataCredentials;
#[cfg(feature = "profile")]
pub use self::profile::ProfileCredentials;
pub(crate) use self::settings::Origin;
use crate::transport::{BoxFuture, Transport};

/// Gives access keys, for [`ClientBuilder::credentials_provider`](crate::ClientBuilder::credentials_provider).
///
/// The client asks when the first call needs keys, keeps what it is given, and asks again ahead of
/// its [expiry](ProvidedKeys::with_expiry): 40 minutes, or the last quarter of a life that is
/// shorter. However many calls wait, one question is asked, in a task of its own that ends also
/// where they give up; it may take a minute. Where an early renewal fails, calls go on with the old
/// keys, and the next one is tried a minute later. Keys that the service refuses (401) are asked
/// for anew by the next call, unless they are less than a minute old.
///
/// ```
/// use std::time::Duration;
/// use rtc_client::{
///     BoxFuture, Client, Credentials, CredentialsError, ProvideContext, ProvideCredentials,
///     ProvidedKeys,
/// };
///
/// /// Takes keys that are good for an hour out of a vault.
/// struct Vault;
///
/// impl ProvideCredentials for Vault {
///     fn provide<'a>(
///         &'a self,
///         context: &'a ProvideContext,
///     ) -> BoxFuture<'a, Result<ProvidedKeys, CredentialsError>> {
///         Box::pin(async move {
///             let (access_key, secret_key, token) = open().await.map_err(|error| {
///                 CredentialsError::failed("the vault gave no keys").with_source(error)
///             })?;
///             let keys = Credentials::new(access_key, secret_key).with_security_token(token);
///             Ok(ProvidedKeys::new(keys)
///                 .with_expiry(context.now() + Duration::from_secs(3600))
///                 .with_project_id("0123456789abcdef0123456789abcdef"))
///         })
///     }
/// }
/// # async fn open() -> Result<(&'static str, String, String), std::io::Error> {
/// #     Ok(("AK", "SK".into(), "token".into()))
/// # }
///
/// # fn main() -> Result<(), rtc_client::BuildError> {
/// let client =
///     Client::builder().endpoint("http://127.0.0.1:8470").credentials_provider(Vault).build()?;
/// # Ok(())
/// # }
/// ```
pub trait ProvideCredentials: Send + Sync + 'static {
    /// Gives keys that are good at [`context.now()`](ProvideContext::now).
    fn provide<'a>(
        &'a self,
        context: &'a ProvideContext,
    ) -> BoxFuture<'a, Result<ProvidedKeys, CredentialsError>>;
}

impl<P: ProvideCredentials + ?Sized> ProvideCredentials for Arc<P> {
    fn provide<'a>(
        &'a self,
        context: &'a ProvideContext,
    ) -> BoxFuture<'a, Result<ProvidedKeys, CredentialsError>> {
        (**self).provide(context)
    }
}

/// Always gives the same keys.
impl ProvideCredentials for ProvidedKeys {
    fn provide<'a>(
        &'a self,
        _context: &'a ProvideContext,
    ) -> BoxFuture<'a, Result<ProvidedKeys, CredentialsError>> {
        Box::pin(std::future::ready(Ok(self.clone())))
    }
}

/// What a provider may need of the client that asks it.
///
/// ```
/// use std::sync::Arc;
/// use std::time::SystemTime;
/// use rtc_client::{
///     Credentials, HyperTransport, ProvideContext, ProvideCredentials as _, ProvidedKeys,
/// };
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let transport = Arc::new(HyperTransport::plain());
/// let context = ProvideContext::new(SystemTime::now(), transport);
/// let keys = ProvidedKeys::new(Credentials::new("AK", "SK")).provide(&context).await?;
/// assert_eq!(keys.credentials().access_key(), "AK");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct ProvideContext {
    now: SystemTime,
    transport: Arc<dyn Transport>,
    iam_endpoint: Option<Uri>,
}

impl ProvideContext {
    /// Makes a context of a time and a transport.
    pub fn new(now: SystemTime, transport: Arc<dyn Transport>) -> Self {
        Self { now, transport, iam_endpoint: None }
    }

    /// The time by the client's clock.
    pub fn now(&self) -> SystemTime {
        self.now
    }

    /// The transport of the client, with its proxy and its certificates.
    pub fn transport(&self) -> &dyn Transport {
        &*self.transport
    }

    pub(crate) fn with_iam_endpoint(mut self, iam_endpoint: Option<Uri>) -> Self {
        self.iam_endpoint = iam_endpoint;
        self
    }

    /// Where IAM is, if the client was told.
    pub(crate) fn iam_endpoint(&self) -> Option<&Uri> {
        self.iam_endpoint.as_ref()
    }
}

impl fmt::Debug for ProvideContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProvideContext")
            .field("now", &self.now)
            .field("iam_endpoint", &self.iam_endpoint)
            .finish_non_exhaustive()
    }
}

/// Keys, with what is known about them. `Debug` shows no secret.
///
/// ```
/// use rtc_client::{Credentials, ProvidedKeys};
///
/// let keys = ProvidedKeys::new(Credentials::new("AK", "SK")).with_project_id("p1");
/// assert_eq!(keys.project_id(), Some("p1"));
/// assert_eq!(keys.expires_at(), None);
/// ```
#[derive(Debug, Clone)]
pub struct ProvidedKeys {
    credentials: Credentials,
    expires_at: Option<SystemTime>,
    project_id: Option<String>,
    domain_id: Option<String>,
    iam_endpoint: Option<String>,
}

impl ProvidedKeys {
    /// Keys that hold for ever.
    pub fn new(credentials: Credentials) -> Self {
        Self {
            credentials,
            expires_at: None,
            project_id: None,
            domain_id: None,
            iam_endpoint: None,
        }
    }

    /// Says when the keys cease to hold.
    #[must_use]
    pub fn with_expiry(mut self, expires_at: SystemTime) -> Self {
        self.expires_at = Some(expires_at);
        self
    }

    /// Names the project, which is sent as `X-Project-Id` where the builder names none.
    #[must_use]
    pub fn with_project_id(mut self, project_id: impl Into<String>) -> Self {
        self.project_id = Some(project_id.into());
        self
    }

    /// Names the account, which is sent as `X-Domain-Id` where no project is named and none is
    /// [looked up](crate::ProjectLookup). The service's own SDK knows no such keys.
    #[must_use]
    pub fn with_domain_id(mut self, domain_id: impl Into<String>) -> Self {
        self.domain_id = Some(domain_id.into());
        self
    }

    pub(crate) fn with_iam_endpoint(mut self, endpoint: Option<String>) -> Self {
        self.iam_endpoint = endpoint;
        self
    }

    /// The keys.
    pub fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    /// When the keys cease to hold; never without one.
    pub fn expires_at(&self) -> Option<SystemTime> {
        self.expires_at
    }

    /// The project.
    pub fn project_id(&self) -> Option<&str> {
        self.project_id.as_deref()
    }

    /// The account.
    pub fn domain_id(&self) -> Option<&str> {
        self.domain_id.as_deref()
    }

    /// Where the IAM of these keys is, if a profile says so.
    pub(crate) fn iam_endpoint(&self) -> Option<&str> {
        self.iam_endpoint.as_deref()
    }
}

impl From<Credentials> for ProvidedKeys {
    fn from(credentials: Credentials) -> Self {
        Self::new(credentials)
    }
}
