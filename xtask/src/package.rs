//! `cargo xtask package`: what is published must build from what is published.

use crate::run::{self, Outcome, PUBLISHED, cargo};

/// Packs each published crate and builds it from its packed form.
pub(crate) fn run() -> Outcome {
    let mut command = cargo(["package", "--quiet", "--allow-dirty"]);
    for package in PUBLISHED {
        command.args(["--package", package]);
    }
    run::run(&mut command)
}
