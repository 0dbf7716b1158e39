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
//! A [`MockServer`] is a part of the test: it listens on a free port of 127.0.0.1, shares nothing
//! with other servers, stops when it is dropped, and needs nothing but tokio's runtime of the test.
//! Hundreds may run at once.
//!
//! ```
//! use rtc_mock_server::{Fixture, MockServer, VerdictKind};
//! use rtc_mock_server::RequestFilter;
//! use rtc_model::OperationId;
//!
//! # /*
//! #[tokio::test]
//! # */
//! async fn apps_are_listed_once() -> Result<(), Box<dyn std::error::Error>> {
//!     // Arrange: what it holds, by which clock it lives, what goes wrong.
//!     let fixture = r#"{"projects": [{"apps": [{"app_id": "app", "app_name": "class"}]}]}"#;
//!     let server = MockServer::builder()
//!         .fixture(Fixture::from_json(fixture)?)
//!         .clock("frozen@2024-03-15T08:15:30Z".parse()?)
//!         .fault("ListApps=status(503),count=1".parse()?)
//!         .start()
//!         .await?;
//!
//!     // Act: let what is tested ask server.url(), with server.credentials() in
//!     // server.project_id(), or with server.token().
//! #   for _ in 0..2 {
//! #       let mut stream = tokio::net::TcpStream::connect(server.address()).await?;
//! #       let token = server.token();
//! #       let text = format!("GET /v2/apps HTTP/1.1\r\nHost: h\r\nConnection: close\r\nX-Auth-Token: {token}\r\n\r\n");
//! #       tokio::io::AsyncWriteExt::write_all(&mut stream, text.as_bytes()).await?;
//! #       tokio::io::AsyncReadExt::read_to_end(&mut stream, &mut Vec::new()).await?;
//! #   }
//!
//!     // Assert: a test that fails here says what came instead.
//!     server.received(OperationId::ListApps).times(2);
//!     server.received(RequestFilter::any().verdict(VerdictKind::Refused)).times(0);
//!     for exchange in server.requests() {
//!         // Why a signature was refused, where one was.
//!         println!("{exchange} {}", exchange.explanation().unwrap_or_default());
//!     }
//!     Ok(())
//! }
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! #     apps_are_listed_once().await
//! # }
//! ```
//!
//! The project's `docs/recipes.md` has whole tests to copy: fail twice then succeed, an answer that
//! is lost after the change, an expired token, a throttled burst, a day that passes in a moment, a
//! slow network, waiting without sleeping.
//!
//! # As a program
//!
//! `rtc-mock-server` serves the API on 127.0.0.1:8470 and the admin API on 127.0.0.1:8471;
//! `eval "$(rtc-mock-server env)"` points `rtc-client` and the official SDKs for Python,
//! Go, Java and .NET at it.
//!
//! # Bounds
//!
//! Bodies 12 MB, targets 32 KB, headers 32 KB each and 128 KB together (the documented limits of
//! the gateway, with its answers); 10,000 connections; 30 s for a request head, 60 s for a body;
//! the journal by number and bytes.
//!
//! # Features
//!
//! `admin-client` (part of `cli`): `AdminClient`, for tests whose mock runs elsewhere.
//!
//! `cli` (on by default): the program. Without it the library needs neither a command line nor a
//! log subscriber.
//!
//! `store` (part of `cli`): a state that survives, `MockServerBuilder::data_dir`.
//!
//! `tls` (part of `cli`): TLS on the API's listener, with a given certificate or a self-signed one.

mod admin;
pub mod admin_api;
#[cfg(feature = "admin-client")]
mod admin_client;
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
mod head_timer;
mod http_date;
mod iam;
mod ids;
mod io;
mod jobs;
mod journal;
mod listener;
mod mask;
mod metrics;
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

pub use crate::admin::{ExplainError, openapi_admin};
#[cfg(feature = "admin-client")]
pub use crate::admin_client::{AdminClient, AdminError, AdminErrorKind, AdminEvents};
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
    ServerEvents, ServerProject,
};
#[cfg(feature = "store")]
pub use crate::store::StoreError;
pub use crate::throttle::{Throttle, ThrottleError};
#[cfg(feature = "tls")]
pub use crate::tls::TlsError;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
