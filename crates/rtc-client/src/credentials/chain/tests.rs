//! The chain of the official SDKs.

use std::env::VarError;
use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use http::{Request, Response};

use super::*;
use crate::transport::{Delivery, Limits, Transport, TransportError, TransportErrorKind};

/// A network that nobody answers on.
struct Nobody;

impl Transport for Nobody {
    fn call(
        &self,
        request: Request<Bytes>,
        _limits: Limits,
    ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        assert_eq!(request.uri(), "http://169.254.169.254/meta-data/latest/api/token");
        let error = TransportError::new(TransportErrorKind::Connect, Delivery::NotSent);
        Box::pin(std::future::ready(Err(error)))
    }
}

async fn of(
    vars: crate::env::Vars<'_>,
    home: Option<&std::path::Path>,
) -> Result<ProvidedKeys, CredentialsError> {
    let home = home.map(std::path::Path::to_owned);
    let chain = CredentialsChain::of(&Surroundings { vars, home });
    chain.provide(&ProvideContext::new(SystemTime::UNIX_EPOCH, Arc::new(Nobody))).await
}

fn nothing(_: &'static str) -> Result<String, VarError> {
    Err(VarError::NotPresent)
}

#[tokio::test]
async fn without_any_keys_every_provider_says_why() {
    let error = of(&nothing, None).await.unwrap_err();
    assert_eq!(error.kind(), CredentialsErrorKind::NotConfigured);
    let text = error.to_string();
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines[0], "no keys were found");
    assert_eq!(lines[1], "  environment: the variable HUAWEICLOUD_SDK_AK is not set");
    let last = lines.last().unwrap();
    assert!(
        last.starts_with("  server metadata: the metadata service does not answer: "),
        "{last}"
    );
    #[cfg(feature = "profile")]
    assert!(lines[2].starts_with("  profile: there is no home directory"), "{text}");
    assert_eq!(lines.len(), if cfg!(feature = "profile") { 4 } else { 3 });
}

#[cfg(feature = "profile")]
#[tokio::test]
async fn the_environment_goes_before_the_profile_and_both_before_the_metadata() {
    let home = tempfile::tempdir().unwrap();
    std::fs::create_dir(home.path().join(".huaweicloud")).unwrap();
    let file = home.path().join(".huaweicloud/credentials");
    std::fs::write(file, "[basic]\nak = of the profile\nsk = s\n").unwrap();
    let keys = of(&nothing, Some(home.path())).await.unwrap();
    assert_eq!(keys.credentials().access_key(), "of the profile");

    let vars = |name| match name {
        "HUAWEICLOUD_SDK_AK" => Ok("of the environment".to_owned()),
        "HUAWEICLOUD_SDK_SK" => Ok("s".to_owned()),
        _ => Err(VarError::NotPresent),
    };
    let keys = of(&vars, Some(home.path())).await.unwrap();
    assert_eq!(keys.credentials().access_key(), "of the environment");

    // By half: the keys of the profile may be those of another account.
    let vars = |name| match name {
        "HUAWEICLOUD_SDK_AK" => Ok("a".to_owned()),
        _ => Err(VarError::NotPresent),
    };
    let error = of(&vars, Some(home.path())).await.unwrap_err();
    assert_eq!(error.kind(), CredentialsErrorKind::Failed);
    assert!(error.to_string().contains("HUAWEICLOUD_SDK_SK is not set"), "{error}");
}
