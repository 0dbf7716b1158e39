//! The token that IAM gives for a password.

use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use http::{HeaderValue, Request, Uri};
use rtc_model::wire::X_AUTH_TOKEN;

use crate::auth::{AuthError, Authenticate};
use crate::iam::{Iam, PasswordLogin};
use crate::renew::Renewing;
use crate::transport::{BoxFuture, Transport};

/// Sends a token that is fetched, kept and renewed.
pub(crate) struct LoginAuth(Renewing<HeaderValue>);

impl LoginAuth {
    pub(crate) fn new(login: PasswordLogin, transport: Arc<dyn Transport>, iam: Uri) -> Self {
        let known = Arc::new((login, transport, iam));
        Self(Renewing::new(Box::new(move |now| {
            let known = Arc::clone(&known);
            Box::pin(async move {
                let (login, transport, iam) = &*known;
                Iam::new(&**transport, iam).token_for_password(login, now).await
            })
        })))
    }
}

impl Authenticate for LoginAuth {
    fn apply<'a>(
        &'a self,
        request: &'a mut Request<Bytes>,
        now: SystemTime,
    ) -> BoxFuture<'a, Result<(), AuthError>> {
        Box::pin(async move {
            let token = self.0.get(now).await.map_err(AuthError::new)?;
            request.headers_mut().insert(X_AUTH_TOKEN, token);
            Ok(())
        })
    }

    fn refused(&self, now: SystemTime) {
        self.0.refused(now);
    }
}
