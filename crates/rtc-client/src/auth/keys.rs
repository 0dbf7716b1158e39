//! AK/SK: every attempt is signed.

use std::time::SystemTime;

use bytes::Bytes;
use http::Request;
use rtc_signer::{Payload, Signer};

use crate::auth::AuthError;

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
