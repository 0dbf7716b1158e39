//! `cargo xtask msrv`: each published crate builds with the Rust that it asks for.

use std::process::{Command, Stdio};

use crate::run::{self, Outcome, PUBLISHED, metadata, repository, target};

/// Builds each published crate with its `rust-version`, which rustup fetches where it is missing.
pub(crate) fn run() -> Outcome {
    let metadata = metadata()?;
    let packages = metadata["packages"].as_array();
    let folder = target()?.join("msrv");
    for name in PUBLISHED {
        let package = packages.into_iter().flatten().find(|package| package["name"] == name);
        let version = package.and_then(|package| package["rust_version"].as_str());
        let version = version.ok_or_else(|| format!("{name} says no rust-version"))?;
        toolchain(version)?;
        let mut check = Command::new("rustup");
        check.args(["run", version, "cargo", "check", "--quiet", "--locked", "--all-features"]);
        check.args(["--package", name, "--target-dir"]).arg(&folder);
        run::run(check.current_dir(repository()))?;
        eprintln!("{name}: builds with Rust {version}");
    }
    Ok(())
}

fn toolchain(version: &str) -> Outcome {
    let there = Command::new("rustup")
        .args(["run", version, "rustc", "--version"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    if there.is_ok_and(|status| status.success()) {
        return Ok(());
    }
    let mut install = Command::new("rustup");
    install.args(["toolchain", "install", version, "--profile", "minimal"]);
    run::run(&mut install)
}
