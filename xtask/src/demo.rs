//! `cargo xtask demo`.

use crate::run::{self, Outcome, cargo};

/// Builds and runs the demo.
pub(crate) fn run() -> Outcome {
    run::run(&mut cargo(["run", "--quiet", "--package", "rtc-contract-tests", "--bin", "demo"]))
}
