//! A typed async client for Huawei Cloud's RTC (SparkRTC) server API v2.
//!
//! One method an operation, typed requests and answers, errors that say what to do. Requests are
//! signed with an access key (AK/SK) or carry a user token. Every attempt is dated and signed
//! anew, every wait and every answer has a bound, and no secret shows in `Debug`, in an error or
//! in a span.
//!
//! # Example
//!
//! ```no_run
//! use rtc_client::Client;
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! // HUAWEICLOUD_SDK_AK, HUAWEICLOUD_SDK_SK and HUAWEICLOUD_SDK_PROJECT_ID, as for the official SDKs.
//! let client = Client::from_env()?;
//! match client.show_record_callback("123456789abcdefghijklmno").await {
//!     Ok(reply) => println!("{:?}", reply.output().record_callback),
//!     Err(error) if error.is_not_found() => println!("there is no such app"),
//!     Err(error) => return Err(error.into()),
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # Scope
//!
//! - The operations of [`model`], by a method each or by [`Client::send`].
//! - HTTP/1.1 over one shared pool of connections; https by rustls with ring and the system's root
//!   certificates (feature `rustls`, on by default).
//! - Three seams: [`Transport`] carries a request, [`Authenticate`] makes it acceptable, and the
//!   clock is a parameter of the [builder](ClientBuilder::clock).
//!
//! # Not in scope
//!
//! - Limits of values are not checked before sending: the service knows its own limits best, and
//!   [`Operation::validate`](model::Operation::validate) is there for those who want to ask first.
//! - Redirects are not followed; the API documents none, and a signature holds for one host.
//! - No request is sent twice by this crate, with one exception: one that was handed to a kept
//!   connection which turned out to be closed before the first byte was written.
//! - Proxies, and fetching tokens or temporary keys.
//!
//! # Runtime
//!
//! The futures need tokio with I/O and time switched on.

mod api;
mod auth;
mod builder;
mod client;
mod endpoint;
mod env;
mod error;
mod reply;
mod secrets;
mod transport;

#[doc(no_inline)]
pub use rtc_model as model;
#[doc(no_inline)]
pub use rtc_signer::Credentials;

pub use self::auth::{AuthError, Authenticate};
pub use self::builder::{BuildError, ClientBuilder};
pub use self::client::Client;
pub use self::error::{Error, ErrorKind};
pub use self::reply::Reply;
pub use self::transport::{
    BoxFuture, Delivery, HyperTransport, Limits, Transport, TransportError, TransportErrorKind,
};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
