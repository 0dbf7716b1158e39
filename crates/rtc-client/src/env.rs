//! What the official SDKs read from the environment and the home directory.

use std::env::VarError;
use std::path::PathBuf;

use crate::credentials::{CredentialsChain, Origin, environment_settings};
use crate::{BuildError, ClientBuilder, regions};

/// What a lookup finds: a text, nothing, or a text that is not Unicode.
pub(crate) type Vars<'a> = &'a dyn Fn(&'static str) -> Result<String, VarError>;

/// The variable of this name holds no Unicode.
pub(crate) struct NotUnicode(pub(crate) &'static str);

/// Where settings are read; a test brings its own.
pub(crate) struct Surroundings<'a> {
    pub(crate) vars: Vars<'a>,
    #[cfg_attr(not(feature = "profile"), expect(dead_code, reason = "for files only"))]
    pub(crate) home: Option<PathBuf>,
}

impl Surroundings<'_> {
    /// Those of this process.
    pub(crate) fn real() -> Self {
        Self { vars: &std::env::var::<&'static str>, home: std::env::home_dir() }
    }

    /// A variable; the official SDKs take an empty one for an absent one.
    pub(crate) fn var(&self, name: &'static str) -> Result<Option<String>, NotUnicode> {
        match (self.vars)(name) {
            Ok(text) => Ok(Some(text).filter(|text| !text.is_empty())),
            Err(VarError::NotPresent) => Ok(None),
            Err(VarError::NotUnicode(_)) => Err(NotUnicode(name)),
        }
    }
}

impl From<NotUnicode> for BuildError {
    fn from(NotUnicode(name): NotUnicode) -> Self {
        Self::VariableNotUnicode { name }
    }
}

/// The variable of a setting that a profile has too.
pub(crate) fn variable(setting: &str) -> &'static str {
    match setting {
        "sk" => "HUAWEICLOUD_SDK_SK",
        "security_token" => "HUAWEICLOUD_SDK_SECURITY_TOKEN",
        "project_id" => "HUAWEICLOUD_SDK_PROJECT_ID",
        "domain_id" => "HUAWEICLOUD_SDK_DOMAIN_ID",
        "iam_endpoint" => "HUAWEICLOUD_SDK_IAM_ENDPOINT",
        "idp_id" => "HUAWEICLOUD_SDK_IDP_ID",
        "id_token_file" => "HUAWEICLOUD_SDK_ID_TOKEN_FILE",
        _ => "HUAWEICLOUD_SDK_AK",
    }
}

/// Makes a builder of what is found there.
pub(crate) fn builder(surroundings: &Surroundings<'_>) -> Result<ClientBuilder, BuildError> {
    let settings = environment_settings(surroundings.vars)?;
    let mut builder = ClientBuilder::new();
    match settings.origin() {
        Origin::Incomplete(setting) => {
            return Err(BuildError::MissingVariable { name: variable(setting) });
        }
        Origin::Keys(keys) => builder = builder.environment_keys(keys),
        Origin::IdToken(_) | Origin::Nothing(_) => {}
    }
    if let Some(project_id) = settings.project_id() {
        builder = builder.project_id(project_id);
    }
    if let Some(domain_id) = settings.domain_id() {
        builder = builder.domain_id(domain_id);
    }
    let endpoint = regions::endpoint(surroundings)?;
    Ok(default_credentials(builder, surroundings).region_endpoint(endpoint))
}

/// Lets a builder take its keys from the chain, where nothing else is set.
pub(crate) fn default_credentials(
    builder: ClientBuilder,
    surroundings: &Surroundings<'_>,
) -> ClientBuilder {
    // What is not Unicode is refused as an endpoint, with its name.
    let iam_endpoint = match (surroundings.vars)(variable("iam_endpoint")) {
        Ok(text) => Some(text).filter(|text| !text.is_empty()),
        Err(VarError::NotPresent) => None,
        Err(VarError::NotUnicode(text)) => Some(text.to_string_lossy().into_owned()),
    };
    builder.default_chain(CredentialsChain::of(surroundings), iam_endpoint)
}

#[cfg(test)]
mod tests;
