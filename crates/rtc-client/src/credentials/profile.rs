//! Keys of a profile file.

use std::fmt;
use std::path::{Path, PathBuf};

use configparser::ini::Ini;

use crate::credentials::settings::KeySettings;
use crate::credentials::{
    CredentialsError, ProvideContext, ProvideCredentials, ProvidedKeys, read_text,
};
use crate::env::{NotUnicode, Surroundings};
use crate::transport::BoxFuture;

/// The sections that keys are taken from: the first that is there.
const SECTIONS: [&str; 2] = ["basic", "global"];
/// Names another file.
const FILE: &str = "HUAWEICLOUD_SDK_CREDENTIALS_FILE";
/// The file in the home directory.
const HOME_FILE: &str = ".huaweicloud/credentials";

/// Keys of the file that the official SDKs read: `~/.huaweicloud/credentials`, or the one that the
/// variable `HUAWEICLOUD_SDK_CREDENTIALS_FILE` names.
///
/// ```ini
/// [basic]
/// ak = the access key
/// sk = the secret key
/// project_id = the project
/// ```
///
/// The keys of a section are `ak`, `sk`, `security_token`, `project_id`, `domain_id`,
/// `iam_endpoint`, `idp_id` and `id_token_file`, with the meaning of the
/// [variables](crate::EnvironmentCredentials) of the same names. The section is `[basic]`, or
/// `[global]` where there is no `[basic]`. Names may be of any case; a comment is a line that begins
/// with `#` or `;`; a value is taken as it stands, `%`, `#` and quotation marks included. The file
/// is read whenever keys are needed anew, at most 1 MiB of it.
///
/// ```
/// use rtc_client::{Client, ProfileCredentials};
///
/// # fn main() -> Result<(), rtc_client::BuildError> {
/// let client = Client::builder()
///     .endpoint("http://127.0.0.1:8470")
///     .credentials_provider(ProfileCredentials::at("/etc/rtc/credentials"))
///     .build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct ProfileCredentials(Place);

enum Place {
    /// The file in the home directory, which need not be there.
    Home(PathBuf),
    /// A file that somebody named.
    Named(PathBuf),
    NoHome,
    NotUnicode(NotUnicode),
}

impl ProfileCredentials {
    /// The file in its usual place. Reads the environment, not yet the file.
    pub fn new() -> Self {
        Self::of(&Surroundings::real())
    }

    /// Another file.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self(Place::Named(path.into()))
    }

    pub(crate) fn of(surroundings: &Surroundings<'_>) -> Self {
        Self(match (surroundings.var(FILE), &surroundings.home) {
            (Ok(Some(path)), _) => Place::Named(path.into()),
            (Ok(None), Some(home)) => Place::Home(home.join(HOME_FILE)),
            (Ok(None), None) => Place::NoHome,
            (Err(error), _) => Place::NotUnicode(error),
        })
    }

    async fn read(&self, context: &ProvideContext) -> Result<ProvidedKeys, CredentialsError> {
        let (path, may_be_absent) = match &self.0 {
            Place::Home(path) => (path.clone(), true),
            Place::Named(path) => (path.clone(), false),
            Place::NoHome => {
                let reason = format!("there is no home directory and {FILE} is not set");
                return Err(CredentialsError::not_configured(reason));
            }
            Place::NotUnicode(NotUnicode(name)) => {
                let reason = format!("the variable {name} is not Unicode");
                return Err(CredentialsError::failed(reason));
            }
        };
        let read = tokio::task::spawn_blocking(move || {
            let text = read_text(&path);
            (path, text)
        });
        let (path, text) = read.await.map_err(|error| {
            CredentialsError::failed("the file was not read").with_source(error)
        })?;
        let shown = path.display();
        let text = text.map_err(|error| {
            if may_be_absent && error.kind() == std::io::ErrorKind::NotFound {
                return CredentialsError::not_configured(format!("there is no file {shown}"));
            }
            CredentialsError::failed(format!("the file {shown} cannot be read")).with_source(error)
        })?;
        section(&path, text)?.provide(context).await
    }
}

/// Reads the section that keys are taken from.
fn section(path: &Path, text: String) -> Result<KeySettings, CredentialsError> {
    let shown = path.display();
    let mut ini = Ini::new();
    // A secret key may hold any of them.
    ini.set_inline_comment_symbols(Some(&[]));
    // Its errors name the line and show nothing of it.
    ini.read(text).map_err(|error| {
        CredentialsError::failed(format!("the file {shown} cannot be read: {error}"))
    })?;
    let found = SECTIONS.iter().find_map(|name| ini.get_map_ref().get_key_value(*name));
    let Some((name, values)) = found else {
        let reason = format!("the file {shown} has no section [basic]");
        return Err(CredentialsError::not_configured(reason));
    };
    if values.values().any(Option::is_none) {
        let reason = format!("the file {shown} has a line without `=` in its section [{name}]");
        return Err(CredentialsError::failed(reason));
    }
    let lookup = |setting| Ok::<_, CredentialsError>(values.get(setting).cloned().flatten());
    KeySettings::read(|setting| format!("`{setting}` of the profile"), lookup)
}

impl Default for ProfileCredentials {
    fn default() -> Self {
        Self::new()
    }
}

impl ProvideCredentials for ProfileCredentials {
    fn provide<'a>(
        &'a self,
        context: &'a ProvideContext,
    ) -> BoxFuture<'a, Result<ProvidedKeys, CredentialsError>> {
        Box::pin(self.read(context))
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Home(path) | Self::Named(path) => path.fmt(f),
            Self::NoHome => f.write_str("(no home directory)"),
            Self::NotUnicode(NotUnicode(name)) => write!(f, "({name} is not Unicode)"),
        }
    }
}

#[cfg(test)]
mod tests;
