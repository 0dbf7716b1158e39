//! `cargo xtask deny`: what we depend on is allowed, and nothing in it is known to be weak.

use crate::run::{self, Outcome, cargo};

/// Checks bans, licences and sources (deny.toml), and the advisories where their database can be
/// had.
pub(crate) fn run() -> Outcome {
    run::install("cargo-deny")?;
    run::run(&mut cargo(["deny", "check", "bans", "licenses", "sources"]))?;
    // The database is a git repository; a machine behind a proxy for crates may not reach it.
    if let Err(error) = run::run(&mut cargo(["deny", "fetch", "db"])) {
        eprintln!("advisories: NOT CHECKED, their database is out of reach: {error}");
        return Ok(());
    }
    run::run(&mut cargo(["deny", "check", "advisories"]))
}
