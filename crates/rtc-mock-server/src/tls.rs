//! TLS on the API's listener: with a certificate that is given, or one that the mock makes.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::builder::{MockServerBuilder, StartError};
use crate::takeover::Abort;

/// How long a handshake may take.
const HANDSHAKE_TIME: Duration = Duration::from_secs(10);
/// The names that a certificate of the mock's own is always good for.
const NAMES: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// How the API is served.
#[derive(Default)]
pub(crate) enum TlsSettings {
    /// As plain HTTP.
    #[default]
    Off,
    /// With this chain and key, in PEM.
    Given { chain: Vec<u8>, key: Vec<u8> },
    /// With a certificate of its own, for these names besides the local ones.
    SelfSigned { names: Vec<String> },
}

/// What the listener needs, and what its clients must trust where the mock made it.
pub(crate) struct Prepared {
    pub(crate) acceptor: Option<Acceptor>,
    pub(crate) ca_pem: Option<String>,
}

/// Makes TLS of connections.
#[derive(Clone)]
pub(crate) struct Acceptor(TlsAcceptor);

impl MockServerBuilder {
    /// Serves the API over TLS with a certificate chain and its key, both in PEM, the certificate
    /// of the server first.
    pub fn tls(mut self, chain_pem: impl Into<Vec<u8>>, key_pem: impl Into<Vec<u8>>) -> Self {
        self.tls = TlsSettings::Given { chain: chain_pem.into(), key: key_pem.into() };
        self
    }

    /// Serves the API over TLS with a certificate made at the start. It is good for `localhost`,
    /// the loopback addresses, the address that the API listens on, and `names`; a client trusts
    /// it by [`MockServer::ca_pem`](crate::MockServer::ca_pem).
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let server = rtc_mock_server::MockServer::builder().tls_self_signed([]).start().await?;
    /// assert!(server.url().starts_with("https://127.0.0.1:"));
    /// assert!(server.ca_pem().is_some_and(|pem| pem.starts_with("-----BEGIN CERTIFICATE-----")));
    /// # Ok(())
    /// # }
    /// ```
    pub fn tls_self_signed(mut self, names: impl IntoIterator<Item = String>) -> Self {
        self.tls = TlsSettings::SelfSigned { names: names.into_iter().collect() };
        self
    }
}

impl TlsSettings {
    pub(crate) fn prepare(&self, listen: IpAddr) -> Result<Prepared, StartError> {
        let (chain, key, ca_pem) = match self {
            Self::Off => return Ok(Prepared { acceptor: None, ca_pem: None }),
            Self::Given { chain, key } => {
                let (chain, key) = read(chain, key).map_err(StartError::Tls)?;
                (chain, key, None)
            }
            Self::SelfSigned { names } => {
                let made = make(names, listen);
                let (chain, key, ca) =
                    made.map_err(|error| StartError::Tls(TlsError::Make(Box::new(error))))?;
                (chain, key, Some(ca))
            }
        };
        let acceptor = acceptor(chain, key);
        let acceptor = acceptor.map_err(|error| StartError::Tls(TlsError::Use(Box::new(error))))?;
        Ok(Prepared { acceptor: Some(acceptor), ca_pem })
    }
}

impl Acceptor {
    /// The connection once its handshake is done; `None` when that failed or took too long.
    pub(crate) async fn accept(&self, stream: TcpStream) -> Option<TlsStream<TcpStream>> {
        match timeout(HANDSHAKE_TIME, self.0.accept(stream)).await {
            Ok(Ok(stream)) => Some(stream),
            Ok(Err(error)) => {
                tracing::info!(%error, "a TLS handshake failed");
                None
            }
            Err(_) => {
                tracing::info!("a TLS handshake took too long");
                None
            }
        }
    }
}

impl Abort for TlsStream<TcpStream> {
    fn abort_on_drop(&self) {
        self.get_ref().0.abort_on_drop();
    }
}

type Chain = Vec<CertificateDer<'static>>;
type Key = PrivateKeyDer<'static>;

fn acceptor(chain: Chain, key: Key) -> Result<Acceptor, rustls::Error> {
    // Named here: the process-wide default is a matter of whoever else uses rustls.
    let provider = Arc::new(ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Acceptor(TlsAcceptor::from(Arc::new(config))))
}

fn read(chain: &[u8], key: &[u8]) -> Result<(Chain, Key), TlsError> {
    let certificates: Result<Chain, _> = CertificateDer::pem_slice_iter(chain).collect();
    let certificates = certificates.map_err(|_| TlsError::Certificate)?;
    if certificates.is_empty() {
        return Err(TlsError::Certificate);
    }
    let key = PrivateKeyDer::from_pem_slice(key).map_err(|_| TlsError::Key)?;
    Ok((certificates, key))
}

/// A CA of its own and a certificate of that. Both are valid at any time that a machine's clock may
/// show: their keys are made for one run and never leave it.
fn make(names: &[String], listen: IpAddr) -> Result<(Chain, Key, String), rcgen::Error> {
    let mut ca = CertificateParams::new([])?;
    ca.distinguished_name.push(DnType::CommonName, "rtc-mock-server, made for one run");
    ca.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    ca.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let ca_key = KeyPair::generate()?;
    let ca_pem = ca.self_signed(&ca_key)?.pem();
    let issuer = Issuer::new(ca, ca_key);

    let mut all: Vec<String> = NAMES.map(str::to_owned).into();
    if !listen.is_unspecified() {
        all.push(listen.to_string());
    }
    all.extend(names.iter().cloned());
    all.sort();
    all.dedup();
    let mut leaf = CertificateParams::new(all)?;
    leaf.distinguished_name.push(DnType::CommonName, "rtc-mock-server");
    leaf.use_authority_key_identifier_extension = true;
    leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let key = KeyPair::generate()?;
    let certificate = leaf.signed_by(&key, &issuer)?;
    let key = PrivateKeyDer::try_from(key.serialize_der())
        .map_err(|_| rcgen::Error::KeyGenerationUnavailable)?;
    Ok((vec![certificate.der().clone()], key, ca_pem))
}

/// Why the API cannot be served over TLS.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// The certificate cannot be read.
    #[error("the certificate is not PEM; it begins with -----BEGIN CERTIFICATE-----")]
    Certificate,
    /// The key cannot be read.
    #[error("the key is not PEM; it begins with -----BEGIN PRIVATE KEY----- or the like")]
    Key,
    /// Certificate and key cannot be used, or do not belong together.
    #[error("certificate and key cannot be used")]
    Use(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// No certificate could be made; a name may be no name.
    #[error("no certificate can be made")]
    Make(#[source] Box<dyn std::error::Error + Send + Sync>),
}
