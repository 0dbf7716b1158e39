//! A user token of IAM.

use std::time::SystemTime;

use bytes::Bytes;
use http::{HeaderValue, Request};
use rtc_model::wire::X_AUTH_TOKEN;

use crate::auth::{AuthError, Authenticate};
use crate::transport::BoxFuture;

/// Sends a fixed token.
pub(crate) struct TokenAuth(HeaderValue);

impl TokenAuth {
    /// Takes a value that is marked sensitive.
    pub(crate) fn new(token: HeaderValue) -> Self {
        Self(token)
    }
}

impl Authenticate for TokenAuth {
    fn apply<'a>(
        &'a self,
        request: &'a mut Request<Bytes>,
        _now: SystemTime,
    ) -> BoxFuture<'a, Result<(), AuthError>> {
        request.headers_mut().insert(X_AUTH_TOKEN, self.0.clone());
        Box::pin(std::future::ready(Ok(())))
    }
}
