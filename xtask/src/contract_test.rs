//! `cargo xtask contract-test`.

use std::process::Command;

use crate::run::{self, Outcome, cargo, target};

/// Builds the mock server and the contract test, and runs the one with the other beside it.
pub(crate) fn run(flags: &[String]) -> Outcome {
    let packages = ["--package", "rtc-mock-server", "--package", "rtc-contract-tests"];
    run::run(cargo(["build", "--quiet", "--bins"]).args(packages))?;
    let program = target()?.join("debug").join(format!("contract{}", std::env::consts::EXE_SUFFIX));
    run::run(Command::new(program).current_dir(run::repository()).args(flags))
}
