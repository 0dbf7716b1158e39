//! Keys of the environment.

use std::env::VarError;
use std::fmt;

use crate::credentials::settings::KeySettings;
use crate::credentials::{CredentialsError, ProvideContext, ProvideCredentials, ProvidedKeys};
use crate::env::{self, NotUnicode, Vars};
use crate::transport::BoxFuture;

/// Keys of the variables that the official SDKs read. The environment is read once, by
/// [`new`](Self::new).
///
/// | variable | |
/// |---|---|
/// | `HUAWEICLOUD_SDK_AK`, `HUAWEICLOUD_SDK_SK` | access key and secret key |
/// | `HUAWEICLOUD_SDK_SECURITY_TOKEN` | the token that goes with temporary keys |
/// | `HUAWEICLOUD_SDK_IDP_ID`, `HUAWEICLOUD_SDK_ID_TOKEN_FILE` | an identity provider and the file with its token, in the place of keys; they win where both are set. See [`IdTokenCredentials`](crate::IdTokenCredentials) |
/// | `HUAWEICLOUD_SDK_PROJECT_ID` | the project |
/// | `HUAWEICLOUD_SDK_DOMAIN_ID` | the account; see [`ProvidedKeys::with_domain_id`] |
///
/// An empty variable counts as absent. `Debug` shows none of them.
///
/// ```
/// use rtc_client::{Client, EnvironmentCredentials};
///
/// # fn main() -> Result<(), rtc_client::BuildError> {
/// let client = Client::builder()
///     .endpoint("http://127.0.0.1:8470")
///     .credentials_provider(EnvironmentCredentials::new())
///     .build()?;
/// # Ok(())
/// # }
/// ```
pub struct EnvironmentCredentials(Result<KeySettings, NotUnicode>);

impl EnvironmentCredentials {
    /// Reads the variables.
    pub fn new() -> Self {
        Self::of(&std::env::var)
    }

    pub(crate) fn of(vars: Vars<'_>) -> Self {
        Self(settings(vars))
    }
}

pub(crate) fn settings(vars: Vars<'_>) -> Result<KeySettings, NotUnicode> {
    KeySettings::read(
        |setting| format!("the variable {}", env::variable(setting)),
        |setting| match vars(env::variable(setting)) {
            Ok(text) => Ok(Some(text)),
            Err(VarError::NotPresent) => Ok(None),
            Err(VarError::NotUnicode(_)) => Err(NotUnicode(env::variable(setting))),
        },
    )
}

impl Default for EnvironmentCredentials {
    fn default() -> Self {
        Self::new()
    }
}

impl ProvideCredentials for EnvironmentCredentials {
    fn provide<'a>(
        &'a self,
        context: &'a ProvideContext,
    ) -> BoxFuture<'a, Result<ProvidedKeys, CredentialsError>> {
        match &self.0 {
            Ok(settings) => Box::pin(settings.provide(context)),
            Err(NotUnicode(name)) => {
                let reason = format!("the variable {name} is not Unicode");
                Box::pin(std::future::ready(Err(CredentialsError::failed(reason))))
            }
        }
    }
}

impl fmt::Debug for EnvironmentCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EnvironmentCredentials").finish_non_exhaustive()
    }
}
