//! The model of Huawei Cloud's RTC (SparkRTC) server API v2: every request, answer and error,
//! each described once for clients and servers.
//!
//! An operation is one Rust type that implements [`Operation`]. A client turns it into a request
//! with [`wire::encode_request`]; a server turns that request back into the same type with
//! [`wire::decode_request`]. The answers go the other way through [`wire::encode_reply`] and
//! [`wire::decode_reply`]. These four functions are the only places where a message is made or
//! read; a notification, which is no operation, reads and writes [itself](callback::Notification).
//!
//! This crate does no I/O, reads no clock and knows no runtime.
//!
//! # Example
//!
//! A query of the recording event callback, there and back:
//!
//! ```
//! use rtc_model::record_callback::ShowRecordCallback;
//! use rtc_model::wire;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let endpoint = "https://rtc-api.myhuaweicloud.com".parse()?;
//! let query = ShowRecordCallback::new("123456789abcdefghijklmno");
//!
//! let request = wire::encode_request(&query, &endpoint)?;
//! assert_eq!(request.uri().path(), "/v2/apps/123456789abcdefghijklmno/record-callback");
//!
//! let (head, body) = request.into_parts();
//! assert_eq!(wire::decode_request::<ShowRecordCallback>(&head, &body)?, query);
//! # Ok(())
//! # }
//! ```
//!
//! # What is where
//!
//! | module | what |
//! |---|---|
//! | [`apps`], [`auto_record`], [`record_callback`], [`record_rules`] | apps and what belongs to them |
//! | [`individual_stream_jobs`], [`mix_stream_jobs`], [`jobs`] | recording jobs, and what both kinds share |
//! | [`callback`] | the notifications that the service sends to the callback of an app |
//! | [`rooms`], [`obs`] | rooms, and the buckets that recordings go to |
//! | [`operation`] | [`Operation`], [`OperationId`], [`OperationMeta`] |
//! | [`wire`] | the four functions between values and messages |
//! | [`error`] | [`ApiError`] and the [`ErrorCode`] table; what can go wrong in reading and writing |
//! | [`path`], [`query`] | path templates and query strings |
//! | [`validate`] | the documented limits, checked with field paths |
//! | [`id`], [`timestamp`], [`secret`], [`open_enum`] | the small types that the models are made of |
//!
//! # Reading rules
//!
//! - Objects are read from JSON objects only; an array in the place of an object is refused.
//! - `null` equals absent, everywhere.
//! - Unknown fields are ignored; unknown enum values are kept and written back.

#[macro_use]
mod macros;

pub mod apps;
pub mod auto_record;
pub mod callback;
pub mod error;
pub mod id;
pub mod individual_stream_jobs;
pub mod jobs;
pub mod mix_stream_jobs;
pub mod obs;
pub mod open_enum;
pub mod operation;
pub mod path;
pub mod query;
pub mod record_callback;
pub mod record_rules;
pub mod rooms;
#[cfg(feature = "schema")]
pub mod schema;
pub mod secret;
pub mod timestamp;
pub mod validate;
pub mod wire;

pub use crate::error::{ApiError, DecodeError, EncodeError, ErrorCode, ErrorDetail, ReplyError};
pub use crate::id::{AppId, JobId, RoomId, RuleId, UserId};
pub use crate::operation::{Operation, OperationId, OperationMeta, Output};
pub use crate::secret::Secret;
pub use crate::timestamp::Timestamp;
pub use crate::validate::{Validate, Violation};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
