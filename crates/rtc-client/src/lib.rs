//! A typed async client for Huawei Cloud's RTC (SparkRTC) server API v2.
//!
//! One method an operation, typed requests and answers, errors that say what to do; lists item by
//! item over their pages, and waiting for jobs. Requests are
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
//! # Operations
//!
//! Each has a method of [`Client`] of its own.
//!
//! | resource | method | request |
//! |---|---|---|
//! | apps | [`create_app`](Client::create_app) | `POST /v2/apps` |
//! |  | [`list_apps`](Client::list_apps) | `GET /v2/apps` |
//! |  | [`show_app`](Client::show_app) | `GET /v2/apps/{app_id}` |
//! |  | [`delete_app`](Client::delete_app) | `DELETE /v2/apps/{app_id}` |
//! |  | [`start_app`](Client::start_app) | `POST /v2/apps/{app_id}/enable` |
//! |  | [`stop_app`](Client::stop_app) | `POST /v2/apps/{app_id}/disable` |
//! | auto record | [`show_auto_record`](Client::show_auto_record) | `GET /v2/apps/{app_id}/auto-record-mode` |
//! |  | [`update_auto_record`](Client::update_auto_record) | `PUT /v2/apps/{app_id}/auto-record-mode` |
//! | record callback | [`show_record_callback`](Client::show_record_callback) | `GET /v2/apps/{app_id}/record-callback` |
//! |  | [`update_record_callback`](Client::update_record_callback) | `PUT /v2/apps/{app_id}/record-callback` |
//! | record rules | [`create_record_rule`](Client::create_record_rule) | `POST /v2/apps/{app_id}/record-rules` |
//! |  | [`list_record_rules`](Client::list_record_rules) | `GET /v2/apps/{app_id}/record-rules` |
//! |  | [`show_record_rule`](Client::show_record_rule) | `GET /v2/apps/{app_id}/record-rules/{rule_id}` |
//! |  | [`update_record_rule`](Client::update_record_rule) | `PUT /v2/apps/{app_id}/record-rules/{rule_id}` |
//! |  | [`delete_record_rule`](Client::delete_record_rule) | `DELETE /v2/apps/{app_id}/record-rules/{rule_id}` |
//! | individual-stream jobs | [`create_individual_stream_job`](Client::create_individual_stream_job) | `POST /v2/apps/{app_id}/individual-stream-jobs` |
//! |  | [`show_individual_stream_job`](Client::show_individual_stream_job) | `GET /v2/apps/{app_id}/individual-stream-jobs/{job_id}` |
//! |  | [`update_individual_stream_job`](Client::update_individual_stream_job) | `PUT /v2/apps/{app_id}/individual-stream-jobs/{job_id}` |
//! |  | [`stop_individual_stream_job`](Client::stop_individual_stream_job) | `DELETE /v2/apps/{app_id}/individual-stream-jobs/{job_id}` |
//! | mix-stream jobs | [`create_mix_job`](Client::create_mix_job) | `POST /v2/apps/{app_id}/mix-stream-jobs` |
//! |  | [`show_mix_job`](Client::show_mix_job) | `GET /v2/apps/{app_id}/mix-stream-jobs/{job_id}` |
//! |  | [`update_mix_job`](Client::update_mix_job) | `PUT /v2/apps/{app_id}/mix-stream-jobs/{job_id}` |
//! |  | [`stop_mix_job`](Client::stop_mix_job) | `DELETE /v2/apps/{app_id}/mix-stream-jobs/{job_id}` |
//! | rooms | [`remove_users`](Client::remove_users) | `POST /v2/apps/{app_id}/rooms/{room_id}/batch-remove-users` |
//! |  | [`remove_room`](Client::remove_room) | `POST /v2/apps/{app_id}/rooms/{room_id}/dismiss` |
//! | OBS buckets | [`list_obs_buckets`](Client::list_obs_buckets) | `GET /v2/rtc-ops/buckets` |
//! |  | [`list_obs_bucket_objects`](Client::list_obs_bucket_objects) | `GET /v2/rtc-ops/buckets/objects` |
//! |  | [`update_obs_bucket_authority`](Client::update_obs_bucket_authority) | `PUT /v2/rtc-ops/buckets/authentication` |
//!
//! [`all_apps`](Client::all_apps) and [`all_record_rules`](Client::all_record_rules) go over all the
//! pages of a list.
//! [`wait_for_individual_stream_job`](Client::wait_for_individual_stream_job) and
//! [`wait_for_mix_job`](Client::wait_for_mix_job) query a job until it is at work or over.
//!
//! # Errors
//!
//! Every call may fail for the reasons of [`ErrorKind`]: without an answer, with 401, 403 or 429 of
//! the gateway, with 500 of the service. With 400, [`NO_PERMISSION`](model::ErrorCode::NO_PERMISSION)
//! (`RTC.00001021`) says that an IAM policy refuses the call, and
//! [`OPERATION_UNAUTHORIZED`](model::ErrorCode::OPERATION_UNAUTHORIZED) (`RTC.00001001`) that the
//! credentials name no account. The methods list what more their pages document, with the code that
//! [`Error::service_error`] gives. "Not found" is told by the status and never by the code (decision
//! D5): see [`Error::is_not_found`].
//!
//! # Attempts
//!
//! A call makes up to three attempts by default ([`Backoff`]): after whatever surely was not
//! processed and after 429 for every operation, after a lost answer, 502, 503 and 504 for idempotent
//! ones only. Each is dated and signed anew, `Retry-After` is waited for, and a clock that is off is
//! corrected by the service's. The time of an attempt and of the whole call are bounded, and so is
//! the number of attempts more that a client makes in all
//! ([`retry_budget`](ClientBuilder::retry_budget)). [`NoRetry`] switches all that off, a
//! [`RetryPolicy`] replaces it.
//!
//! # Credentials
//!
//! | from | by |
//! |---|---|
//! | an access key in the program | [`ClientBuilder::credentials`] |
//! | the environment, the profile file, the metadata of the server, in this order | [`Client::from_env`], [`ClientBuilder::default_credentials`] |
//! | one of these, an identity provider, or a provider of your own | [`ClientBuilder::credentials_provider`] |
//! | a name and a password, for which IAM gives a token | [`ClientBuilder::password_login`] |
//! | a token | [`ClientBuilder::token`] |
//!
//! Temporary keys and tokens are renewed ahead of their end, once however many calls wait. IAM is
//! asked for a project that nobody names ([`ClientBuilder::project_lookup`]).
//!
//! # Scope
//!
//! - The operations of [`model`], by a method each or by [`Client::send`].
//! - HTTP/1.1 over one shared pool of connections, HTTP/2 where it is switched on (feature `http2`);
//!   https by rustls with ring and the system's root certificates or given ones (feature `rustls`,
//!   on by default); HTTP and SOCKS proxies.
//! - Three seams: [`Transport`] carries a request, [`Authenticate`] makes it acceptable, and the
//!   clock is a parameter of the [builder](ClientBuilder::clock).
//!
//! # Not in scope
//!
//! - Limits of values are not checked before sending: the service knows its own limits best, and
//!   [`Operation::validate`](model::Operation::validate) is there for those who want to ask first.
//! - Redirects are not followed; the API documents none, and a signature holds for one host.
//!
//! # Runtime
//!
//! The futures need tokio with I/O and time switched on.

mod api;
mod ask;
mod auth;
#[cfg(feature = "blocking")]
pub mod blocking;
mod builder;
mod client;
mod credentials;
mod endpoint;
mod env;
mod error;
mod iam;
mod observe;
mod page;
mod regions;
mod renew;
mod reply;
mod retry;
mod secrets;
mod skew;
mod transport;
mod wait;

#[doc(no_inline)]
pub use rtc_model as model;
#[doc(no_inline)]
pub use rtc_signer::Credentials;

pub use self::auth::{AuthError, Authenticate};
pub use self::builder::{BuildError, ClientBuilder, ProjectLookup};
pub use self::client::Client;
#[cfg(feature = "profile")]
pub use self::credentials::ProfileCredentials;
pub use self::credentials::{
    CredentialsChain, CredentialsError, CredentialsErrorKind, EnvironmentCredentials,
    IdTokenCredentials, MetadataCredentials, ProvideContext, ProvideCredentials, ProvidedKeys,
};
pub use self::error::{Error, ErrorKind};
pub use self::iam::{PasswordLogin, TokenScope};
pub use self::observe::{Ended, Observe};
pub use self::page::{AllApps, AllRecordRules};
pub use self::reply::Reply;
pub use self::retry::{Attempt, Backoff, Decision, NoRetry, RetryPolicy};
#[cfg(feature = "rustls")]
pub use self::transport::TlsError;
pub use self::transport::{
    BoxFuture, Delivery, HyperTransport, HyperTransportBuilder, Limits, Transport,
    TransportBuildError, TransportError, TransportErrorKind,
};
pub use self::wait::{Wait, Waited};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
