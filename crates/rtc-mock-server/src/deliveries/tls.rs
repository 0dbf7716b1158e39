//! Receivers behind TLS.

use http::{Request, Uri};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use tower_service::Service as _;

use crate::deliveries::connect::Connector;
use crate::deliveries::send::{self, Answer, Content};

/// A client that speaks TLS, and its connector.
pub(super) struct Tls {
    client: Client<HttpsConnector<Connector>, Content>,
    connector: HttpsConnector<Connector>,
}

/// Makes the client. It trusts what the machine trusts, and the certificates given in PEM.
pub(super) fn client(connector: Connector, ca: Option<&[u8]>) -> Result<Tls, String> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(ca.unwrap_or_default()) {
        let certificate =
            certificate.map_err(|error| format!("the callback CA cannot be read: {error}"))?;
        roots
            .add(certificate)
            .map_err(|error| format!("the callback CA cannot be used: {error}"))?;
    }
    // What of the machine's certificates cannot be read is not trusted.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| format!("TLS cannot be used: {error}"))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let connector = HttpsConnectorBuilder::new()
        .with_tls_config(config)
        .https_only()
        .enable_http1()
        .wrap_connector(connector);
    Ok(Tls { client: send::client(connector.clone()), connector })
}

/// Sends a request.
pub(super) async fn request(tls: &Tls, request: Request<Content>) -> Answer {
    tls.client.request(request).await
}

/// Whether a connection comes about.
pub(super) async fn reach(tls: &Tls, target: Uri) -> Result<(), String> {
    let connected = tls.connector.clone().call(target).await;
    connected.map(drop).map_err(|error| send::chain(&*error))
}
