//! Keys as the environment or a section of a profile sets them.

use rtc_signer::{Credentials, SecretKey, SecurityToken};

use crate::credentials::id_token::IdTokenCredentials;
use crate::credentials::{CredentialsError, ProvideContext, ProvidedKeys};
use crate::endpoint;

/// What is set. An empty text counts as absent, as it does for the official SDKs.
pub(crate) struct KeySettings {
    /// How a setting is called where these were read, such as `the variable HUAWEICLOUD_SDK_AK`.
    name: fn(&str) -> String,
    access_key: Option<String>,
    secret_key: Option<SecretKey>,
    security_token: Option<SecurityToken>,
    project_id: Option<String>,
    domain_id: Option<String>,
    iam_endpoint: Option<String>,
    idp_id: Option<String>,
    id_token_file: Option<String>,
}

/// Where the keys are to come from.
pub(crate) enum Origin {
    Keys(Credentials),
    IdToken(IdTokenCredentials),
    /// A setting is missing.
    Incomplete(&'static str),
    /// None is there; the one to begin with.
    Nothing(&'static str),
}

impl KeySettings {
    /// Reads the settings by their names in a profile.
    pub(crate) fn read<E>(
        name: fn(&str) -> String,
        lookup: impl Fn(&'static str) -> Result<Option<String>, E>,
    ) -> Result<Self, E> {
        let lookup =
            |name| Ok(lookup(name)?.map(|text| text.trim().to_owned()).filter(|t| !t.is_empty()));
        Ok(Self {
            name,
            access_key: lookup("ak")?,
            secret_key: lookup("sk")?.map(SecretKey::from),
            security_token: lookup("security_token")?.map(SecurityToken::from),
            project_id: lookup("project_id")?,
            domain_id: lookup("domain_id")?,
            iam_endpoint: lookup("iam_endpoint")?,
            idp_id: lookup("idp_id")?,
            id_token_file: lookup("id_token_file")?,
        })
    }

    pub(crate) fn project_id(&self) -> Option<&str> {
        self.project_id.as_deref()
    }

    pub(crate) fn domain_id(&self) -> Option<&str> {
        self.domain_id.as_deref()
    }

    /// The identity provider wins over keys, as in the official SDKs.
    pub(crate) fn origin(&self) -> Origin {
        match (&self.idp_id, &self.id_token_file, &self.access_key, &self.secret_key) {
            (Some(idp_id), Some(file), ..) => {
                Origin::IdToken(IdTokenCredentials::new(idp_id.clone(), file))
            }
            (_, _, Some(access_key), Some(secret_key)) => {
                let keys = Credentials::new(access_key.clone(), secret_key.clone());
                Origin::Keys(match &self.security_token {
                    Some(token) => keys.with_security_token(token.clone()),
                    None => keys,
                })
            }
            // Decision C5.
            (_, _, Some(_), None) => Origin::Incomplete("sk"),
            (_, _, None, Some(_)) => Origin::Incomplete("ak"),
            (Some(_), None, ..) => Origin::Incomplete("id_token_file"),
            (None, Some(_), ..) => Origin::Incomplete("idp_id"),
            (None, None, None, None) => Origin::Nothing("ak"),
        }
    }

    pub(crate) async fn provide(
        &self,
        context: &ProvideContext,
    ) -> Result<ProvidedKeys, CredentialsError> {
        let keys = match self.origin() {
            Origin::Keys(keys) => ProvidedKeys::new(keys),
            Origin::IdToken(provider) => {
                let mut context = context.clone();
                if context.iam_endpoint().is_none()
                    && let Some(text) = &self.iam_endpoint
                {
                    let name = (self.name)("iam_endpoint");
                    let endpoint = endpoint::parse(text).map_err(|error| {
                        CredentialsError::failed(format!("{name} is not valid")).with_source(error)
                    })?;
                    context = context.with_iam_endpoint(Some(endpoint));
                }
                provider.exchange(&context).await?
            }
            Origin::Incomplete(missing) => {
                let name = (self.name)(missing);
                let reason = format!("{name} is not set, but others that go with it are");
                return Err(CredentialsError::failed(reason));
            }
            Origin::Nothing(first) => {
                let name = (self.name)(first);
                return Err(CredentialsError::not_configured(format!("{name} is not set")));
            }
        };
        let keys = keys.with_iam_endpoint(self.iam_endpoint.clone());
        let keys = match &self.project_id {
            Some(project_id) => keys.with_project_id(project_id),
            None => keys,
        };
        Ok(match &self.domain_id {
            Some(domain_id) => keys.with_domain_id(domain_id),
            None => keys,
        })
    }
}
