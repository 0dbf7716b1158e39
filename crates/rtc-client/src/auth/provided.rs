//! AK/SK of a provider, with the project looked up where nobody names it.

use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request, Uri};
use rtc_model::wire::X_PROJECT_ID;
use rtc_signer::Signer;

use crate::auth::{AuthError, Authenticate, keys};
use crate::credentials::{CredentialsError, ProvideContext, ProvideCredentials, ProvidedKeys};
use crate::iam::{self, Iam};
use crate::renew::{Fetched, Renewing};
use crate::transport::{BoxFuture, Transport};
use crate::{builder, endpoint};

const X_DOMAIN_ID: HeaderName = HeaderName::from_static("x-domain-id");

/// Signs with the keys that a provider gives.
pub(crate) struct ProvidedAuth {
    keys: Renewing<Arc<Ready>>,
    project: Option<Renewing<HeaderValue>>,
    domain_id: Option<HeaderValue>,
}

/// Keys that are ready to sign with.
struct Ready {
    signer: Signer,
    project_id: Option<HeaderValue>,
    domain_id: Option<HeaderValue>,
    iam_endpoint: Option<Uri>,
}

/// Whether the project is looked up where neither the builder nor the provider names it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lookup {
    On,
    Off,
}

impl ProvidedAuth {
    pub(crate) fn new(
        provider: Arc<dyn ProvideCredentials>,
        transport: Arc<dyn Transport>,
        iam_endpoint: Option<Uri>,
        lookup: Lookup,
        domain_id: Option<HeaderValue>,
    ) -> Self {
        let context = {
            let (transport, iam_endpoint) = (Arc::clone(&transport), iam_endpoint.clone());
            move |now| {
                ProvideContext::new(now, Arc::clone(&transport))
                    .with_iam_endpoint(iam_endpoint.clone())
            }
        };
        let keys = Renewing::new(Box::new(move |now| {
            let (provider, context) = (Arc::clone(&provider), context(now));
            Box::pin(async move {
                let keys = provider.provide(&context).await?;
                let expires_at = keys.expires_at();
                Ok(Fetched { value: Arc::new(Ready::new(keys)?), expires_at })
            })
        }));
        let project = (lookup == Lookup::On).then(|| {
            let keys = keys.clone();
            Renewing::new(Box::new(move |now| {
                let (keys, transport) = (keys.clone(), Arc::clone(&transport));
                let iam_endpoint = iam_endpoint.clone();
                Box::pin(async move {
                    let ready = keys.get(now).await.map_err(|error| {
                        let reason = "there are no keys to ask for the project";
                        CredentialsError::failed(reason).with_source(error)
                    })?;
                    let endpoint = iam_endpoint
                        .or_else(|| ready.iam_endpoint.clone())
                        .unwrap_or_else(iam::default_endpoint);
                    let iam = Iam::new(&*transport, &endpoint);
                    let id = iam.project_id(&ready.signer, now).await?;
                    let value = named("the project id", &id)?;
                    Ok(Fetched { value, expires_at: None })
                })
            }))
        });
        Self { keys, project, domain_id }
    }

    async fn sign_when_ready(
        &self,
        request: &mut Request<Bytes>,
        now: SystemTime,
    ) -> Result<(), AuthError> {
        let ready = self.keys.get(now).await.map_err(AuthError::new)?;
        let headers = request.headers();
        let looked_up = match &self.project {
            Some(project) if !headers.contains_key(X_PROJECT_ID) && ready.project_id.is_none() => {
                Some(project.get(now).await.map_err(AuthError::new)?)
            }
            _ => None,
        };
        let headers = request.headers_mut();
        // The account only where there is no project (decision C4).
        if !headers.contains_key(X_PROJECT_ID) {
            if let Some(project_id) = ready.project_id.clone().or(looked_up) {
                headers.insert(X_PROJECT_ID, project_id);
            } else if let Some(domain_id) = self.domain_id.as_ref().or(ready.domain_id.as_ref()) {
                headers.insert(X_DOMAIN_ID, domain_id.clone());
            }
        }
        keys::sign(&ready.signer, request, now)
    }
}

impl Authenticate for ProvidedAuth {
    fn apply<'a>(
        &'a self,
        request: &'a mut Request<Bytes>,
        now: SystemTime,
    ) -> BoxFuture<'a, Result<(), AuthError>> {
        Box::pin(self.sign_when_ready(request, now))
    }

    fn refused(&self, now: SystemTime) {
        self.keys.refused(now);
    }
}

impl Ready {
    fn new(keys: ProvidedKeys) -> Result<Self, CredentialsError> {
        let unusable = |error| {
            CredentialsError::failed("the keys that were given cannot be used").with_source(error)
        };
        builder::check_keys(keys.credentials()).map_err(unusable)?;
        let iam_endpoint =
            keys.iam_endpoint().map(endpoint::parse).transpose().map_err(|error| {
                CredentialsError::failed("the IAM endpoint of the keys is not valid")
                    .with_source(error)
            })?;
        Ok(Self {
            project_id: keys.project_id().map(|id| named("the project id", id)).transpose()?,
            domain_id: keys.domain_id().map(|id| named("the domain id", id)).transpose()?,
            signer: Signer::new(keys.credentials().clone()),
            iam_endpoint,
        })
    }
}

fn named(name: &'static str, text: &str) -> Result<HeaderValue, CredentialsError> {
    builder::text_header(name, text.to_owned()).map_err(|error| {
        CredentialsError::failed("what was given with the keys cannot be used").with_source(error)
    })
}
