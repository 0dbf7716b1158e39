//! `cargo xtask semver`: a version number promises what it says.

use std::process::Command;

use crate::run::{self, Outcome, PUBLISHED, cargo, output, repository};

/// Compares the public API of each published crate with that of the newest release, which is a tag
/// `v1.2.3`. Before the first release there is nothing to compare with.
pub(crate) fn run() -> Outcome {
    let mut tags = Command::new("git");
    tags.args(["tag", "--list", "v[0-9]*", "--sort=-version:refname"]).current_dir(repository());
    let tags = output(&mut tags)?;
    let Some(newest) = tags.lines().next() else {
        eprintln!("semver: SKIPPED, there is no release yet (no tag v*)");
        return Ok(());
    };
    run::install("cargo-semver-checks")?;
    eprintln!("semver: compared with {newest}");
    let mut check = cargo(["semver-checks", "check-release", "--baseline-rev", newest]);
    for package in PUBLISHED {
        check.args(["--package", package]);
    }
    run::run(&mut check)
}
