//! Tests of the library and the program.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[cfg(feature = "cli")]
mod config;
#[cfg(feature = "cli")]
mod explain;
mod framing;
mod http;
mod iam;
mod journal;
mod library;
#[cfg(feature = "cli")]
mod program;
#[cfg(feature = "store")]
mod store;
#[cfg(feature = "tls")]
mod tls;
