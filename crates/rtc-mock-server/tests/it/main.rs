//! Tests of the library and the program.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod admin;
#[cfg(feature = "admin-client")]
mod admin_client;
mod clock;
#[cfg(feature = "cli")]
mod config;
mod connections;
mod copied;
mod deliveries;
mod delivery_bounds;
mod delivery_failures;
#[cfg(all(unix, feature = "cli"))]
mod disk;
#[cfg(feature = "cli")]
mod explain;
mod faults;
mod fixtures;
mod framing;
mod http;
mod iam;
mod inspector;
mod journal;
mod library;
#[cfg(feature = "cli")]
mod listen;
mod metrics;
#[cfg(feature = "cli")]
mod operate;
#[cfg(feature = "cli")]
mod program;
mod received;
mod receiver;
mod reset;
#[cfg(feature = "store")]
mod store;
#[cfg(feature = "tls")]
mod tls;
