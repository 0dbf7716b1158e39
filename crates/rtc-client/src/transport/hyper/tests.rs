//! Connections, their bounds, and what is known of a request that failed.

use std::time::Duration;

use super::*;

#[cfg(feature = "rustls")]
mod settings;
#[cfg(feature = "rustls")]
mod tls;

fn limits() -> Limits {
    Limits::new(100, (Instant::now() + Duration::from_secs(60)).into_std())
}

async fn call(transport: &HyperTransport, uri: String) -> Result<Response<Bytes>, TransportError> {
    let request = Request::get(uri).body(Bytes::new()).unwrap();
    transport.call(request, limits()).await
}

async fn get(transport: &HyperTransport, uri: String) -> TransportError {
    call(transport, uri).await.unwrap_err()
}

#[tokio::test]
async fn a_plain_transport_refuses_https() {
    let transport = HyperTransport::plain();
    let error = get(&transport, "https://127.0.0.1:1/".into()).await;
    assert_eq!(error.kind(), TransportErrorKind::Connect);
    assert_eq!(error.delivery(), Delivery::NotSent);
}
