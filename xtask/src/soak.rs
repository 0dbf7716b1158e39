//! `cargo xtask soak`: clients with retries against a mock server that fails on purpose.

use std::process::Command;

use crate::fuzz::seconds;
use crate::run::{self, Outcome, cargo, target};

/// Whether the server is killed on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// One process from the begin to the end.
    Steady,
    /// Killed again and again, its state on disk.
    Killed,
}

/// Builds the mock server and the soak, and runs the one with the other beside it.
pub(crate) fn run(time: &str, seed: Option<u64>, mode: Mode) -> Outcome {
    let seconds = seconds(time)?.to_string();
    let packages = ["--package", "rtc-mock-server", "--package", "rtc-contract-tests"];
    run::run(cargo(["build", "--quiet", "--bins"]).args(packages))?;
    let program = target()?.join("debug").join(format!("soak{}", std::env::consts::EXE_SUFFIX));
    let mut command = Command::new(program);
    command.current_dir(run::repository()).args(["--seconds", &seconds]);
    if let Some(seed) = seed {
        command.args(["--seed", &seed.to_string()]);
    }
    if mode == Mode::Killed {
        command.arg("--kill");
    }
    run::run(&mut command)
}
