//! Connections to receivers: the name is resolved, its addresses are checked, and the connection
//! goes to one that was.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::Uri;
use http::uri::Scheme;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tower_service::Service;

use crate::deliveries::allowed::{Allowed, ConnectError};

/// Connects by TCP; TLS is laid over it by another connector.
#[derive(Debug, Clone)]
pub(super) struct Connector {
    pub(super) allowed: Arc<Allowed>,
}

type Connecting = Pin<Box<dyn Future<Output = Result<TokioIo<TcpStream>, ConnectError>> + Send>>;

impl Service<Uri> for Connector {
    type Response = TokioIo<TcpStream>;
    type Error = ConnectError;
    type Future = Connecting;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), ConnectError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, target: Uri) -> Connecting {
        let allowed = Arc::clone(&self.allowed);
        Box::pin(async move {
            let host = target.host().ok_or(ConnectError::NoHost)?;
            let default = if target.scheme() == Some(&Scheme::HTTPS) { 443 } else { 80 };
            let port = target.port_u16().unwrap_or(default);
            let mut last = ConnectError::NoHost;
            for address in allowed.resolve(host, port).await? {
                match TcpStream::connect(address).await {
                    Ok(stream) => {
                        // A notification goes out at once.
                        let _ = stream.set_nodelay(true);
                        return Ok(TokioIo::new(stream));
                    }
                    Err(source) => last = ConnectError::Connect { address, source },
                }
            }
            Err(last)
        })
    }
}
