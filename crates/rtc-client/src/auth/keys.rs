//! AK/SK: every attempt is signed.

use std::time::SystemTime;

use bytes::Bytes;
use http::Request;
use rtc_signer::{Payload, SignableRequest, Signer};

use crate::auth::AuthError;

/// Signs a request that has its `Host`.
pub(super) fn sign(
    signer: &Signer,
    request: &mut Request<Bytes>,
    now: SystemTime,
) -> Result<(), AuthError> {
    let (uri, payload) = (request.uri(), Payload::Bytes(request.body()));
    let (path, query, headers) = (uri.path(), uri.query(), request.headers());
    let signable = SignableRequest::new(request.method(), path, query, headers, payload);
    let made = signer.sign(&signable, now).map_err(AuthError::new)?;
    made.apply(request.headers_mut());
    Ok(())
}
