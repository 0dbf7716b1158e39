//! Why a server did not start.

use std::io;
use std::net::SocketAddr;

use crate::fault::FaultError;
use crate::fixture::FixtureError;

/// Why a server did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// An address could not be bound.
    #[error("cannot listen on {address}")]
    Bind {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The admin API would be open to other machines.
    #[error(
        "the admin API cannot listen on {address} without an admin token: it shows what clients sent; give a token, or a loopback address"
    )]
    AdminNotLoopback {
        /// The address.
        address: SocketAddr,
    },
    /// A credential is empty.
    #[error("the {what} is empty; give one, or leave it out for the default")]
    Empty {
        /// What is empty.
        what: &'static str,
    },
    /// A bound would let nobody in.
    #[error("{what} of 0 would let nobody in; give more, or leave it out for the default")]
    Zero {
        /// What is 0.
        what: &'static str,
    },
    /// The first credentials have no project.
    #[error("the first credentials have no project; give at least one project id")]
    NoProject,
    /// The API cannot be served over TLS.
    #[cfg(feature = "tls")]
    #[error("TLS cannot be used")]
    Tls(#[source] crate::tls::TlsError),
    /// The state cannot be kept.
    #[cfg(feature = "store")]
    #[error("the state cannot be kept")]
    Store(#[source] crate::store::StoreError),
    /// There are too many faults.
    #[error("the faults cannot be made")]
    Faults(#[source] FaultError),
    /// The fixture cannot be used.
    #[error("the fixture cannot be used")]
    Fixture(#[source] FixtureError),
}
