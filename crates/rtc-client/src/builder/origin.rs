//! The settings of where keys, tokens and the project come from.

use std::fmt;
use std::sync::Arc;

use http::header::InvalidHeaderValue;
use http::{HeaderValue, Uri};
use rtc_signer::{Credentials, Signer};

use super::{BuildError, ClientBuilder, ENDPOINT, check_keys, header, refuse_blank, text_header};
use crate::auth::{Authenticate, Authentication, LoginAuth, Lookup, ProvidedAuth};
use crate::credentials::{CredentialsChain, ProvideCredentials, ProvidedKeys};
use crate::endpoint;
use crate::env::{self, Surroundings};
use crate::iam::{self, PasswordLogin};
use crate::transport::Carrier;

/// Whether IAM is asked for the project, once a client, where AK/SK is used and nobody names it.
///
/// ```
/// use rtc_client::{Client, Credentials, ProjectLookup};
///
/// # fn main() -> Result<(), rtc_client::BuildError> {
/// // Sends no `X-Project-Id` at all.
/// let client = Client::builder()
///     .endpoint("http://127.0.0.1:8470")
///     .credentials(Credentials::new("AK", "SK"))
///     .project_lookup(ProjectLookup::Never)
///     .build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProjectLookup {
    /// As the official SDKs do (decision C1): it is looked up, unless an
    /// [endpoint](ClientBuilder::endpoint) is set by hand.
    #[default]
    Auto,
    /// It is looked up, whatever the endpoint.
    Always,
    /// It is not looked up; the header is not sent and the service decides.
    Never,
}

impl ClientBuilder {
    /// Signs every attempt with the keys that a provider gives, such as
    /// [`MetadataCredentials`](crate::MetadataCredentials) or one of your own. They are kept and
    /// renewed; see [`ProvideCredentials`]. Building asks nothing: the first call does.
    pub fn credentials_provider(mut self, provider: impl ProvideCredentials) -> Self {
        self.origins.provider = Some(Arc::new(provider));
        self
    }

    /// Takes the keys from the [chain](CredentialsChain::standard) of the official SDKs, where
    /// nothing else is set that authenticates: the environment, the profile file, the metadata of
    /// the server. The variable `HUAWEICLOUD_SDK_IAM_ENDPOINT` counts, too; no other setting is
    /// read, for which see [`from_env`](Self::from_env). The environment is read here, files and
    /// metadata by the first call.
    ///
    /// ```
    /// # fn main() -> Result<(), rtc_client::BuildError> {
    /// let client = rtc_client::Client::builder()
    ///     .endpoint("http://127.0.0.1:8470")
    ///     .default_credentials()
    ///     .build()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn default_credentials(self) -> Self {
        env::default_credentials(self, &Surroundings::real())
    }

    /// Sends a user token (`X-Auth-Token`) that IAM gives for a name and a password. It is fetched
    /// by the first call, kept, and renewed ahead of its end, once however many calls wait. A
    /// password that IAM refuses is not sent again for a minute.
    ///
    /// ```
    /// use rtc_client::{Client, PasswordLogin};
    ///
    /// # fn main() -> Result<(), rtc_client::BuildError> {
    /// let client = Client::builder()
    ///     .endpoint("http://127.0.0.1:8470")
    ///     .iam_endpoint("http://127.0.0.1:8471")
    ///     .password_login(PasswordLogin::new("the account", "the user", "the password"))
    ///     .build()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn password_login(mut self, login: PasswordLogin) -> Self {
        self.origins.login = Some(login);
        self
    }

    /// Where IAM is, which gives tokens and temporary keys and knows the project. In this order:
    /// what is set here, `HUAWEICLOUD_SDK_IAM_ENDPOINT` (with
    /// [`default_credentials`](Self::default_credentials) and [`from_env`](Self::from_env)),
    /// `iam_endpoint` of the profile that the keys are from, and
    /// `https://iam.cn-north-4.myhuaweicloud.com`.
    pub fn iam_endpoint(mut self, endpoint: impl Into<String>) -> Self {
        self.origins.iam_endpoint = Some(endpoint.into());
        self
    }

    /// Whether the project is looked up at IAM where neither [`project_id`](Self::project_id) nor
    /// the keys name it. Default: [`ProjectLookup::Auto`].
    ///
    /// IAM is asked by the first call (`GET /v3/projects?name=cn-north-4`), once a client. A project
    /// is never created; where there is none or more than one, calls fail with an error that lists
    /// the ids. With tokens nothing is looked up.
    pub fn project_lookup(mut self, lookup: ProjectLookup) -> Self {
        self.origins.lookup = lookup;
        self
    }

    /// The account, sent as `X-Domain-Id` with AK/SK where no project is named and none is looked
    /// up. The service's own SDK sends a project only.
    pub fn domain_id(mut self, domain_id: impl Into<String>) -> Self {
        self.origins.domain_id = Some(domain_id.into());
        self
    }

    /// Keys that are used where nothing else is set.
    pub(crate) fn environment_keys(mut self, keys: Credentials) -> Self {
        self.origins.environment_keys = Some(keys);
        self
    }

    pub(crate) fn default_chain(
        mut self,
        chain: CredentialsChain,
        iam_endpoint: Option<String>,
    ) -> Self {
        self.origins.chain = Some(Arc::new(chain));
        self.origins.chain_iam_endpoint = iam_endpoint;
        self
    }

    /// What is used where no endpoint is set.
    pub(crate) fn region_endpoint(mut self, endpoint: Option<String>) -> Self {
        self.origins.region_endpoint = endpoint;
        self
    }

    pub(super) fn endpoint_text(&self) -> &str {
        self.endpoint.as_deref().or(self.origins.region_endpoint.as_deref()).unwrap_or(ENDPOINT)
    }
}

#[derive(Default)]
pub(super) struct Origins {
    provider: Option<Arc<dyn ProvideCredentials>>,
    login: Option<PasswordLogin>,
    environment_keys: Option<Credentials>,
    chain: Option<Arc<dyn ProvideCredentials>>,
    iam_endpoint: Option<String>,
    chain_iam_endpoint: Option<String>,
    region_endpoint: Option<String>,
    lookup: ProjectLookup,
    domain_id: Option<String>,
}

/// The way to authenticate that the settings name.
pub(super) enum Way {
    Ready(Authentication),
    Provider(Arc<dyn ProvideCredentials>, Option<Uri>, Lookup, Option<HeaderValue>),
    Login(PasswordLogin, Uri),
}

impl Origins {
    pub(super) fn lookup(&self, is_endpoint_set: bool, is_project_set: bool) -> Lookup {
        match self.lookup {
            _ if is_project_set => Lookup::Off,
            ProjectLookup::Always => Lookup::On,
            ProjectLookup::Auto if !is_endpoint_set => Lookup::On,
            ProjectLookup::Auto | ProjectLookup::Never => Lookup::Off,
        }
    }

    pub(super) fn way(
        self,
        credentials: Option<Credentials>,
        token: Option<Result<HeaderValue, InvalidHeaderValue>>,
        authenticate: Option<Box<dyn Authenticate>>,
        lookup: Lookup,
    ) -> Result<Way, BuildError> {
        let iam_endpoint = self.iam_endpoint.or(self.chain_iam_endpoint);
        let iam_endpoint = iam_endpoint.as_deref().map(endpoint::parse).transpose()?;
        let domain_id = self.domain_id.map(|id| text_header("the domain id", id)).transpose()?;
        let has_domain = domain_id.is_some();
        let is_set = [
            credentials.is_some(),
            token.is_some(),
            authenticate.is_some(),
            self.provider.is_some(),
            self.login.is_some(),
        ];
        let credentials = if is_set.contains(&true) { credentials } else { self.environment_keys };
        let provided = |provider| Way::Provider(provider, iam_endpoint.clone(), lookup, domain_id);
        Ok(match (credentials, token, authenticate, self.provider, self.login) {
            (Some(credentials), None, None, None, None) => {
                check_keys(&credentials)?;
                if lookup == Lookup::On || has_domain {
                    provided(Arc::new(ProvidedKeys::new(credentials)))
                } else {
                    Way::Ready(Authentication::Keys(Signer::new(credentials)))
                }
            }
            (None, Some(token), None, None, None) => {
                Way::Ready(Authentication::Token(super::token(token)?))
            }
            (None, None, Some(authenticate), None, None) => {
                Way::Ready(Authentication::Other(authenticate))
            }
            (None, None, None, Some(own), None) => provided(own),
            (None, None, None, None, Some(login)) => {
                check_login(&login)?;
                Way::Login(login, iam_endpoint.unwrap_or_else(iam::default_endpoint))
            }
            (None, None, None, None, None) => match self.chain {
                Some(chain) => provided(chain),
                None => return Err(BuildError::NoAuthentication),
            },
            _ => return Err(BuildError::SeveralAuthentications),
        })
    }
}

impl Way {
    /// Whether IAM may be asked, whose address is an https one by default.
    pub(super) fn asks_iam(&self) -> bool {
        match self {
            Self::Ready(_) => false,
            Self::Provider(_, iam, ..) => iam.as_ref().is_none_or(endpoint::is_https),
            Self::Login(_, iam) => endpoint::is_https(iam),
        }
    }

    pub(super) fn authentication(self, carrier: &Carrier) -> Authentication {
        Authentication::Other(match self {
            Self::Ready(authentication) => return authentication,
            Self::Provider(provider, iam, lookup, domain_id) => {
                let transport = carrier.to_shared();
                Box::new(ProvidedAuth::new(provider, transport, iam, lookup, domain_id))
            }
            Self::Login(login, iam) => Box::new(LoginAuth::new(login, carrier.to_shared(), iam)),
        })
    }
}

impl fmt::Debug for Origins {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // An endpoint with a password in it is refused later, but may be shown before.
        let iam_endpoint = self.iam_endpoint.as_ref().or(self.chain_iam_endpoint.as_ref());
        let iam_endpoint =
            iam_endpoint.map(|text| endpoint::parse(text).map_err(|_| "(not valid)"));
        f.debug_struct("Origins")
            .field("provider", &self.provider.is_some())
            .field("login", &self.login)
            .field("environment_keys", &self.environment_keys)
            .field("default_credentials", &self.chain.is_some())
            .field("iam_endpoint", &iam_endpoint)
            .field("project_lookup", &self.lookup)
            .field("domain_id", &self.domain_id)
            .finish_non_exhaustive()
    }
}

/// What IAM cannot take, or what could not be kept out of an error where a peer repeats it.
fn check_login(login: &PasswordLogin) -> Result<(), BuildError> {
    for (name, text) in [
        ("the name of the account", login.domain()),
        ("the name of the user", login.user()),
        ("the password", login.password()),
    ] {
        refuse_blank(name, text.as_bytes())?;
        header(name, HeaderValue::from_bytes(text.as_bytes()))?;
    }
    Ok(())
}
