//! Tests of the public API.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod by_hand;
mod notifications;
mod reading;
mod round_trip;
