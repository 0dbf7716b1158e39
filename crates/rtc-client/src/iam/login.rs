//! Logging in with a password.

use rtc_signer::SecretKey;
use serde_json::{Value, json};

/// An IAM user with the password, for which IAM gives a token; see
/// [`ClientBuilder::password_login`](crate::ClientBuilder::password_login). `Debug` hides the
/// password.
///
/// ```
/// use rtc_client::{PasswordLogin, TokenScope};
///
/// let login = PasswordLogin::new("the account", "the user", "the password")
///     .scope(TokenScope::ProjectName("cn-north-4".into()));
/// assert!(!format!("{login:?}").contains("the password"));
/// ```
#[derive(Debug, Clone)]
pub struct PasswordLogin {
    domain: String,
    user: String,
    password: SecretKey,
    scope: TokenScope,
}

/// What a token is for.
///
/// ```
/// use rtc_client::{PasswordLogin, TokenScope};
///
/// let login = PasswordLogin::new("the account", "the user", "the password");
/// let login = login.scope(TokenScope::ProjectId("0123456789abcdef0123456789abcdef".into()));
/// assert_eq!(TokenScope::default(), TokenScope::Domain, "without a scope it is for the account");
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenScope {
    /// The account of the user, as the service's page "Authentication" has it.
    #[default]
    Domain,
    /// The project of an id.
    ProjectId(String),
    /// The project of a name, which for the one of a region is the region's id.
    ProjectName(String),
}

impl PasswordLogin {
    /// Takes the name of the account (domain), the name of the user and the password. The token is
    /// for the account.
    pub fn new(
        domain: impl Into<String>,
        user: impl Into<String>,
        password: impl Into<String>,
    ) -> Self {
        let password = SecretKey::from(password.into());
        Self { domain: domain.into(), user: user.into(), password, scope: TokenScope::Domain }
    }

    /// Asks for a token of another scope.
    #[must_use]
    pub fn scope(mut self, scope: TokenScope) -> Self {
        self.scope = scope;
        self
    }

    pub(crate) fn domain(&self) -> &str {
        &self.domain
    }

    pub(crate) fn user(&self) -> &str {
        &self.user
    }

    pub(crate) fn password(&self) -> &str {
        self.password.expose_secret()
    }

    /// The request for a token.
    pub(crate) fn body(&self) -> Value {
        let domain = json!({"name": self.domain});
        let scope = match &self.scope {
            TokenScope::Domain => json!({"domain": domain}),
            TokenScope::ProjectId(id) => json!({"project": {"id": id}}),
            TokenScope::ProjectName(name) => json!({"project": {"name": name}}),
        };
        let user = json!({"name": self.user, "password": self.password(), "domain": domain});
        let identity = json!({"methods": ["password"], "password": {"user": user}});
        json!({"auth": {"identity": identity, "scope": scope}})
    }
}
