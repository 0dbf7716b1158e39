//! In the place of TLS where the feature is off.

use http::{Request, Uri};

use crate::deliveries::allowed::ConnectError;
use crate::deliveries::connect::Connector;
use crate::deliveries::send::{Answer, Content};

/// There is none.
pub(super) enum Tls {}

pub(super) fn client(_: Connector, _: Option<&[u8]>) -> Result<Tls, String> {
    Err(ConnectError::NoTls.to_string())
}

#[expect(clippy::unused_async, reason = "the same form as with TLS")]
pub(super) async fn request(tls: &Tls, _: Request<Content>) -> Answer {
    match *tls {}
}

#[expect(clippy::unused_async, reason = "the same form as with TLS")]
pub(super) async fn reach(tls: &Tls, _: Uri) -> Result<(), String> {
    match *tls {}
}
