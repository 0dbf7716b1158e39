//! Several providers, one after the other.

use std::fmt::{self, Write as _};

use crate::credentials::{
    CredentialsError, CredentialsErrorKind, EnvironmentCredentials, MetadataCredentials,
    ProvideContext, ProvideCredentials, ProvidedKeys,
};
use crate::env::Surroundings;
use crate::transport::BoxFuture;

/// Asks providers in their order until one has keys.
///
/// A provider that is not [configured](CredentialsErrorKind::NotConfigured) is passed over. One that
/// is and fails ends the search: keys of another origin may belong to another account. (The official
/// SDKs go on; decision C2.) The error lists what every provider that was asked said, one line each.
///
/// ```
/// use rtc_client::{
///     Client, Credentials, CredentialsChain, EnvironmentCredentials, ProvidedKeys,
/// };
///
/// # fn main() -> Result<(), rtc_client::BuildError> {
/// let chain = CredentialsChain::new()
///     .then("environment", EnvironmentCredentials::new())
///     .then("built in", ProvidedKeys::new(Credentials::new("AK", "SK")));
/// let client =
///     Client::builder().endpoint("http://127.0.0.1:8470").credentials_provider(chain).build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Default)]
pub struct CredentialsChain(Vec<(String, Box<dyn ProvideCredentials>)>);

impl CredentialsChain {
    /// A chain without providers.
    pub fn new() -> Self {
        Self::default()
    }

    /// The chain of the official SDKs: the [environment](EnvironmentCredentials), the profile file
    /// (feature `profile`), the [metadata](MetadataCredentials) of the server that this runs on.
    /// Reads the environment.
    ///
    /// ```
    /// use rtc_client::{Credentials, CredentialsChain, ProvidedKeys};
    ///
    /// let own = ProvidedKeys::new(Credentials::new("AK", "SK"));
    /// let chain = CredentialsChain::standard().then("built in", own);
    /// let names = format!("{chain:?}");
    /// assert!(names.contains("environment") && names.ends_with(r#""server metadata", "built in"]"#));
    /// ```
    pub fn standard() -> Self {
        Self::of(&Surroundings::real())
    }

    pub(crate) fn of(surroundings: &Surroundings<'_>) -> Self {
        let chain = Self::new().then("environment", EnvironmentCredentials::of(surroundings.vars));
        #[cfg(feature = "profile")]
        let chain = chain.then("profile", crate::ProfileCredentials::of(surroundings));
        chain.then("server metadata", MetadataCredentials::new())
    }

    /// Adds a provider behind the others; `name` begins its line in an error.
    #[must_use]
    pub fn then(mut self, name: impl Into<String>, provider: impl ProvideCredentials) -> Self {
        self.0.push((name.into(), Box::new(provider)));
        self
    }

    async fn first(&self, context: &ProvideContext) -> Result<ProvidedKeys, CredentialsError> {
        let (mut kind, mut wait) = (CredentialsErrorKind::NotConfigured, None);
        let mut lines = String::new();
        for (name, provider) in &self.0 {
            match provider.provide(context).await {
                Ok(keys) => return Ok(keys),
                Err(error) => {
                    let _ = write!(lines, "\n  {name}: {}", error.whole());
                    (kind, wait) = (error.kind(), error.wait());
                }
            }
            if kind != CredentialsErrorKind::NotConfigured {
                break;
            }
        }
        Err(CredentialsError::new(kind, format!("no keys were found{lines}")).with_wait(wait))
    }
}

impl ProvideCredentials for CredentialsChain {
    fn provide<'a>(
        &'a self,
        context: &'a ProvideContext,
    ) -> BoxFuture<'a, Result<ProvidedKeys, CredentialsError>> {
        Box::pin(self.first(context))
    }
}

impl fmt::Debug for CredentialsChain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

#[cfg(test)]
mod tests;
