//! `cargo xtask package`: what is published must build from what is published.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::run::{self, Outcome, PUBLISHED, cargo, repository};

/// Packs each published crate and builds it from its packed form.
///
/// Cargo unpacks the crates that depend on each other from a registry it makes in the target
/// directory, and takes an unpacked crate of the same path and version for unchanged. A directory
/// never used before is what makes it look at this tree, not at the one of an earlier run.
pub(crate) fn run() -> Outcome {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let target = repository().join("target").join(format!("package-{}", now.as_nanos()));
    let mut command = cargo(["package", "--quiet", "--allow-dirty", "--target-dir"]);
    command.arg(&target);
    for package in PUBLISHED {
        command.args(["--package", package]);
    }
    let outcome = run::run(&mut command);
    // Left behind it costs space only.
    let _ = std::fs::remove_dir_all(&target);
    outcome
}
