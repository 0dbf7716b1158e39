//! Connections, their bounds, and what is known of a request that failed.

use super::*;

#[cfg(feature = "rustls")]
mod tls;

async fn call(transport: &HyperTransport, uri: String) -> Result<Response<Bytes>, TransportError> {
    let request = Request::get(uri).body(Bytes::new()).unwrap();
    let deadline = Instant::now() + Duration::from_secs(60);
    transport.call(request, Limits::new(100, deadline.into_std())).await
}

async fn get(transport: &HyperTransport, uri: String) -> TransportError {
    call(transport, uri).await.unwrap_err()
}

#[tokio::test]
async fn a_plain_transport_refuses_https() {
    let transport = HyperTransport::plain(Duration::from_secs(60));
    let error = get(&transport, "https://127.0.0.1:1/".into()).await;
    assert_eq!(error.kind(), TransportErrorKind::Connect);
    assert_eq!(error.delivery(), Delivery::NotSent);
}
