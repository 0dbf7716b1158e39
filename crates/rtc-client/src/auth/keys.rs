//! AK/SK: every attempt is signed.

use std::time::SystemTime;

use bytes::Bytes;
use http::Request;
use rtc_signer::{Credentials, Payload, Signer};

use crate::auth::{AuthError, Authenticate};
use crate::transport::BoxFuture;

/// Signs with an access key.
pub(crate) struct KeyAuth(Signer);

impl KeyAuth {
    pub(crate) fn new(credentials: Credentials) -> Self {
        Self(Signer::new(credentials))
    }
}

pub(super) fn sign(
    signer: &Signer,
    request: &mut Request<Bytes>,
    now: SystemTime,
) -> Result<(), AuthError> {
    let (mut parts, body) = std::mem::take(request).into_parts();
    let outcome = signer.sign_parts(&mut parts, Payload::Bytes(&body), now);
    *request = Request::from_parts(parts, body);
    outcome.map_err(AuthError::new)
}

impl Authenticate for KeyAuth {
    fn apply<'a>(
        &'a self,
        request: &'a mut Request<Bytes>,
        now: SystemTime,
    ) -> BoxFuture<'a, Result<(), AuthError>> {
        Box::pin(std::future::ready(sign(&self.0, request, now)))
    }
}
