//! Keys for a token of an identity provider.

use std::path::{Path, PathBuf};

use crate::credentials::{
    CredentialsError, ProvideContext, ProvideCredentials, ProvidedKeys, read_text,
};
use crate::iam::{self, Iam};
use crate::transport::BoxFuture;

/// Temporary keys that IAM gives for the token of an identity provider (OpenID Connect), such as
/// the one that Kubernetes mounts into a pod.
///
/// The file is read for each renewal, so that it may be rotated; the keys hold for six hours. IAM
/// is where [`iam_endpoint`](crate::ClientBuilder::iam_endpoint) says.
///
/// ```
/// use rtc_client::{Client, IdTokenCredentials};
///
/// # fn main() -> Result<(), rtc_client::BuildError> {
/// let provider = IdTokenCredentials::new("my-provider", "/var/run/secrets/tokens/huaweicloud");
/// let client = Client::builder()
///     .endpoint("http://127.0.0.1:8470")
///     .credentials_provider(provider)
///     .project_id("0123456789abcdef0123456789abcdef")
///     .build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct IdTokenCredentials {
    idp_id: String,
    file: PathBuf,
}

impl IdTokenCredentials {
    /// Takes the id of the identity provider in IAM, and the file that holds its token.
    pub fn new(idp_id: impl Into<String>, file: impl AsRef<Path>) -> Self {
        Self { idp_id: idp_id.into(), file: file.as_ref().to_owned() }
    }

    pub(crate) async fn exchange(
        &self,
        context: &ProvideContext,
    ) -> Result<ProvidedKeys, CredentialsError> {
        let path = self.file.clone();
        let shown = self.file.display();
        let id_token = match tokio::task::spawn_blocking(move || read_text(&path)).await {
            Ok(read) => read.map_err(|error| {
                let reason = format!("the id token file {shown} cannot be read");
                CredentialsError::failed(reason).with_source(error)
            })?,
            Err(error) => {
                let reason = "the id token file was not read";
                return Err(CredentialsError::failed(reason).with_source(error));
            }
        };
        let id_token = id_token.trim();
        if id_token.is_empty() || id_token.contains(|c: char| c.is_control()) {
            let reason = format!("the id token file {shown} holds no token on one line");
            return Err(CredentialsError::failed(reason));
        }
        let endpoint = match context.iam_endpoint() {
            Some(endpoint) => endpoint.clone(),
            None => iam::default_endpoint(),
        };
        let iam = Iam::new(context.transport(), &endpoint);
        let token = iam.token_for_id_token(&self.idp_id, id_token).await?;
        Ok(iam.keys_for_token(&token).await?)
    }
}

impl ProvideCredentials for IdTokenCredentials {
    fn provide<'a>(
        &'a self,
        context: &'a ProvideContext,
    ) -> BoxFuture<'a, Result<ProvidedKeys, CredentialsError>> {
        Box::pin(self.exchange(context))
    }
}
