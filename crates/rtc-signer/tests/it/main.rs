//! Tests of the public API, against data that this crate did not make where there is any.

#![expect(clippy::similar_names, reason = "signer and signed, verifier and verified are the API's")]
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

mod allocations;
mod callback;
mod derived;
mod explain;
mod hand;
mod hypotheses;
mod payload;
mod properties;
mod recent;
mod room;
mod secrets;
mod signing;
mod support;
mod tampering;
mod tolerances;
mod verifying;
mod wire;
