//! In the place of TLS where the feature is off.

use std::net::IpAddr;

use tokio::net::TcpStream;

use crate::builder::StartError;

/// There is nothing to set.
#[derive(Default)]
pub(crate) struct TlsSettings {}

/// What the listener needs: nothing.
pub(crate) struct Prepared {
    pub(crate) acceptor: Option<Acceptor>,
    pub(crate) ca_pem: Option<String>,
}

/// There is none.
#[derive(Clone)]
pub(crate) enum Acceptor {}

impl TlsSettings {
    #[expect(clippy::unused_self, clippy::unnecessary_wraps, reason = "the same form as with TLS")]
    pub(crate) fn prepare(&self, _listen: IpAddr) -> Result<Prepared, StartError> {
        Ok(Prepared { acceptor: None, ca_pem: None })
    }
}

impl Acceptor {
    #[expect(clippy::unused_async, reason = "the same form as with TLS")]
    pub(crate) async fn accept(&self, _stream: TcpStream) -> Option<TcpStream> {
        match *self {}
    }
}
