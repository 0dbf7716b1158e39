//! What the contract tests are made of: golden messages, raw sockets, the mock as a program, the
//! report.
//!
//! Nothing here makes or reads a message with the project's own types: that is what is tested.

#![expect(clippy::panic, clippy::missing_panics_doc, reason = "a check fails by panicking")]

pub mod case;
pub mod coverage;
pub mod golden;
pub mod http_text;
pub mod peer;
pub mod program;
pub mod python;
pub mod receiver;
pub mod report;
pub mod vectors;

use std::path::PathBuf;

/// The top of the repository.
pub fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The folder with the programs that were built together with this one.
pub fn programs() -> PathBuf {
    let program = std::env::current_exe().unwrap_or_default();
    program.parent().map(PathBuf::from).unwrap_or_default()
}

/// A program of this workspace, built beside this one.
pub fn program(name: &str) -> PathBuf {
    programs().join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
}

/// The README's Rust code, compiled.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;

/// The Rust code of the page about notifications, compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../../docs/callbacks.md")]
struct Callbacks;
