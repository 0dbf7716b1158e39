//! Certificates: whom to trust, and how to prove who one is.

use std::io;
use std::sync::Arc;

use hyper_rustls::ConfigBuilderExt as _;
use rustls::pki_types::pem::{Error as PemError, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};

/// Whom to trust.
pub(super) enum Roots {
    System,
    /// PEM.
    Given(Vec<u8>),
}

/// What is shown to a server that asks.
pub(super) struct Identity {
    pub(super) chain: Vec<u8>,
    pub(super) key: Vec<u8>,
}

/// Why certificates cannot be used. No text shows a key.
///
/// ```
/// use rtc_client::{HyperTransport, TlsError, TransportBuildError};
///
/// let builder = HyperTransport::builder().root_certificates("no certificate");
/// let error = builder.build().unwrap_err();
/// assert!(matches!(error, TransportBuildError::Tls(TlsError::Pem { .. })));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// The system has no root certificates.
    #[error(
        "the root certificates of the system cannot be had; install them (package ca-certificates), or give some"
    )]
    SystemRoots(#[source] io::Error),
    /// A text is no PEM, or holds nothing of what it should.
    #[error(
        "{what}: no PEM that can be read; it begins with a line like -----BEGIN CERTIFICATE-----"
    )]
    Pem {
        /// Which text.
        what: &'static str,
        /// What was found.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A certificate or key is not one that can be used.
    #[error("{what} cannot be used")]
    Unusable {
        /// Which one.
        what: &'static str,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

pub(super) fn config(roots: &Roots, identity: Option<&Identity>) -> Result<ClientConfig, TlsError> {
    let unusable =
        |what| move |source: rustls::Error| TlsError::Unusable { what, source: source.into() };
    // The provider is passed on: the process-wide one is missing or ambiguous as soon as another
    // crate of the program switches on another.
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(unusable("the protocol versions"))?;
    let config = match roots {
        Roots::System => config.with_native_roots().map_err(TlsError::SystemRoots)?,
        Roots::Given(pem) => {
            let what = "the root certificates";
            let mut store = RootCertStore::empty();
            for certificate in certificates(what, pem)? {
                store.add(certificate).map_err(unusable(what))?;
            }
            config.with_root_certificates(store)
        }
    };
    let Some(Identity { chain, key }) = identity else {
        return Ok(config.with_no_client_auth());
    };
    let chain = certificates("the client certificate", chain)?;
    let key = PrivateKeyDer::from_pem_slice(key).map_err(pem("the client's private key"))?;
    config
        .with_client_auth_cert(chain, key)
        .map_err(unusable("the client certificate with its key"))
}

fn certificates(what: &'static str, text: &[u8]) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(text).collect();
    match read {
        Ok(certificates) if !certificates.is_empty() => Ok(certificates),
        Ok(_) => Err(pem(what)(PemError::NoItemsFound)),
        Err(error) => Err(pem(what)(error)),
    }
}

/// The error of a PEM text. The reader's own may hold a part of the text, a key perhaps, so only
/// its kind is told.
fn pem(what: &'static str) -> impl Fn(PemError) -> TlsError {
    move |error| {
        let kind = match error {
            PemError::NoItemsFound => "there is none in it",
            PemError::MissingSectionEnd { .. } => "a section does not end",
            PemError::Base64Decode(_) => "a section is no base64",
            _ => "a section is not well formed",
        };
        TlsError::Pem { what, source: kind.into() }
    }
}
