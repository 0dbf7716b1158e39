//! Tests of the library and the program.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod http;
mod library;
#[cfg(feature = "cli")]
mod program;
