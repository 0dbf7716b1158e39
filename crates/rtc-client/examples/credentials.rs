//! Prints the name of an app, with keys that an agent keeps in a file, or those of the environment
//! or the server.
//!
//! The argument is the application id. The variable `RTC_KEYS_FILE` names the file: access key,
//! secret key and security token, a line each, renewed by somebody else every hour. Exits with 1
//! where a call fails and with 2 where it is used wrongly.

use std::error::Error;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use rtc_client::{
    BoxFuture, ClientBuilder, Credentials, CredentialsChain, CredentialsError,
    EnvironmentCredentials, MetadataCredentials, ProvideContext, ProvideCredentials, ProvidedKeys,
};

/// Reads the keys of a file again and again.
struct KeysFile(Option<PathBuf>);

impl ProvideCredentials for KeysFile {
    fn provide<'a>(
        &'a self,
        context: &'a ProvideContext,
    ) -> BoxFuture<'a, Result<ProvidedKeys, CredentialsError>> {
        Box::pin(async move {
            let Some(path) = &self.0 else {
                // The chain asks the next one.
                return Err(CredentialsError::not_configured("RTC_KEYS_FILE is not set"));
            };
            let text = std::fs::read_to_string(path).map_err(|error| {
                let reason = format!("the file {} cannot be read", path.display());
                CredentialsError::failed(reason).with_source(error)
            })?;
            let mut lines = text.lines().map(str::trim);
            let (Some(access_key), Some(secret_key), Some(token)) =
                (lines.next(), lines.next(), lines.next())
            else {
                let reason = format!("the file {} has not three lines", path.display());
                return Err(CredentialsError::failed(reason));
            };
            let keys = Credentials::new(access_key, secret_key).with_security_token(token);
            Ok(ProvidedKeys::new(keys).with_expiry(context.now() + Duration::from_secs(3600)))
        })
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let (Some(app_id), None) = (arguments.next(), arguments.next()) else {
        eprintln!("usage: credentials APP_ID");
        return ExitCode::from(2);
    };
    match show(&app_id).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            let mut cause = error.source();
            while let Some(error) = cause {
                eprintln!("  because: {error}");
                cause = error.source();
            }
            ExitCode::FAILURE
        }
    }
}

async fn show(app_id: &str) -> Result<(), Box<dyn Error>> {
    let chain = CredentialsChain::new()
        .then("keys file", KeysFile(std::env::var_os("RTC_KEYS_FILE").map(PathBuf::from)))
        .then("environment", EnvironmentCredentials::new())
        .then("server metadata", MetadataCredentials::new());
    // Endpoints, project and proxy are those of the environment.
    let client = ClientBuilder::from_env()?.credentials_provider(chain).build()?;
    let app = client.show_app(app_id).await?.into_output();
    writeln!(std::io::stdout(), "{}", app.app_name.as_deref().unwrap_or("-"))?;
    Ok(())
}
