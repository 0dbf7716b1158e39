//! `cargo xtask alone`: a workspace build hides what a package forgot to ask for, and its tests run
//! with the default features only.

use crate::run::{self, Outcome, cargo, metadata};

/// Checks each package alone: without features, with each of them, with all.
pub(crate) fn run() -> Outcome {
    let metadata = metadata()?;
    for package in metadata["packages"].as_array().into_iter().flatten() {
        let name = package["name"].as_str().unwrap_or_default();
        check(name, &[])?;
        let features = package["features"].as_object().into_iter().flatten();
        let features: Vec<_> = features.map(|(name, _)| name.as_str()).collect();
        for feature in features.iter().filter(|feature| **feature != "default") {
            check(name, &["--features", feature])?;
        }
        check(name, &["--all-features"])?;
        if features.contains(&"default") {
            let flags = ["test", "--quiet", "--no-default-features", "--package", name];
            run::run(&mut cargo(flags))?;
            // What the workspace's tests leave out, as they have the default features.
            let flags = ["test", "--quiet", "--all-features", "--package", name];
            run::run(&mut cargo(flags))?;
        }
    }
    Ok(())
}

fn check(package: &str, features: &[&str]) -> Outcome {
    let mut command = cargo(["check", "--quiet", "--package", package, "--no-default-features"]);
    run::run(command.args(features).env("RUSTFLAGS", "-D warnings"))
}
