//! A faithful, stateful mock of Huawei Cloud's RTC (SparkRTC) server API v2.
//!
//! It keeps what it is told, verifies signatures as the real gateway does, answers with the
//! service's own statuses and codes, and says why a signature was refused. What is documented, what
//! is chosen and what is left out stands in the project's `docs/fidelity.md`.
//!
//! It is a library for tests and a program for everybody else.
//!
//! # In a test
//!
//! ```
//! use rtc_mock_server::MockServer;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let server = MockServer::start().await?;
//! // Drive a client against server.url() …
//! for exchange in server.requests() {
//!     println!("{exchange}");
//!     if let Some(explanation) = exchange.explanation() {
//!         println!("{explanation}");
//!     }
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # As a program
//!
//! `rtc-mock-server` serves the API on 127.0.0.1:8470 and the admin API on 127.0.0.1:8471;
//! `eval "$(rtc-mock-server env)"` points the official SDKs and `rtc-client` at it.
//!
//! # Bounds
//!
//! Bodies 12 MB, targets 32 KB, headers 32 KB each and 128 KB together (the documented limits of
//! the gateway, with its answers); 10,000 connections; 30 s for a request head, 60 s for a body;
//! the journal by number and bytes.
//!
//! # Features
//!
//! `cli` (on by default): the program. Without it the library needs neither a command line nor a
//! log subscriber.
//!
//! `store` (part of `cli`): a state that survives, `MockServerBuilder::data_dir`.
//!
//! `tls` (part of `cli`): TLS on the API's listener, with a given certificate or a self-signed one.

mod admin;
pub mod admin_api;
mod auth;
mod buckets;
mod builder;
mod clock;
mod deliveries;
mod events;
mod exchange;
mod fault;
mod fixture;
mod handlers;
mod iam;
mod ids;
mod io;
mod jobs;
mod journal;
mod listener;
mod mask;
mod notices;
mod openapi;
mod ordered;
mod origin;
mod pipeline;
mod raw;
mod received;
mod rooms;
mod router;
mod server;
mod settings;
mod state;
#[cfg(feature = "store")]
mod store;
#[cfg(not(feature = "store"))]
#[path = "no_store.rs"]
mod store;
mod takeover;
mod throttle;
#[cfg(feature = "tls")]
mod tls;
#[cfg(not(feature = "tls"))]
#[path = "no_tls.rs"]
mod tls;
mod watch;

pub use crate::admin::openapi_admin;
pub use crate::auth::{AuthMode, AuthModeError, Refusal, Verdict};
pub use crate::builder::{MockServerBuilder, StartError};
pub use crate::clock::{Clock, ClockError, ServerClock};
pub use crate::deliveries::ServerDeliveries;
pub use crate::exchange::Exchange;
pub use crate::fault::{Delay, Fault, FaultError, FaultKind, FaultTime, ServerFaults};
pub use crate::fixture::{Fixture, FixtureError, fixture_schema};
pub use crate::iam::{DEFAULT_IAM_DOMAIN, DEFAULT_IAM_PASSWORD, DEFAULT_IAM_USER};
pub use crate::journal::{Mismatch, RequestFilter, Times, VerdictKind};
pub use crate::openapi::openapi;
pub use crate::received::Received;
pub use crate::server::{
    DEFAULT_ACCESS_KEY, DEFAULT_PROJECT_ID, DEFAULT_SECRET_KEY, DEFAULT_TOKEN, MockServer,
};
#[cfg(feature = "store")]
pub use crate::store::StoreError;
pub use crate::throttle::{Throttle, ThrottleError};
#[cfg(feature = "tls")]
pub use crate::tls::TlsError;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
