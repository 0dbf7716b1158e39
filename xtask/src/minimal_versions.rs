//! `cargo xtask minimal-versions`: the lower bounds in the manifests are true.

use std::fs;
use std::path::Path;

use crate::run::{self, Outcome, PUBLISHED, cargo, output, repository, target};

/// Builds the published crates with the lowest version of each crate that they name.
///
/// This happens in a copy of the tree, so that the lock file of the repository stays as it is, and
/// without dev-dependencies, which nobody sees who depends on us and which would raise bounds. What
/// the named crates depend on is as new as ever: their lower bounds are theirs to keep.
pub(crate) fn run() -> Outcome {
    let folder = target()?.join("minimal-versions");
    let tree = folder.join("tree");
    copy(&tree)?;
    edit(&tree.join("Cargo.toml"), published_alone)?;
    for package in PUBLISHED {
        edit(&tree.join("crates").join(package).join("Cargo.toml"), without_dev_dependencies)?;
    }
    // Only the resolver gets the variable that makes a stable cargo take the flag: build scripts
    // that see it would ask the compiler for what is not stable.
    let mut resolve = cargo(["update", "--quiet", "-Z", "direct-minimal-versions"]);
    run::run(resolve.env("RUSTC_BOOTSTRAP", "1").current_dir(&tree))?;
    for package in PUBLISHED {
        for features in ["--no-default-features", "--all-features"] {
            let mut check = cargo(["check", "--quiet", "--locked", features, "--package", package]);
            check.arg("--target-dir").arg(folder.join("target"));
            run::run(check.current_dir(&tree))?;
            eprintln!("{package} {features}: builds");
        }
    }
    Ok(())
}

/// Copies what git knows of, with its changes.
fn copy(tree: &Path) -> Outcome {
    if tree.exists() {
        fs::remove_dir_all(tree).map_err(|error| format!("{}: {error}", tree.display()))?;
    }
    let mut list = std::process::Command::new("git");
    list.args(["ls-files", "-z"]).current_dir(repository());
    for name in output(&mut list)?.split_terminator('\0') {
        let (from, to) = (repository().join(name), tree.join(name));
        let copied = to.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| {
            // What is deleted and not committed yet is still in git's list.
            if from.exists() { fs::copy(&from, &to).map(|_| ()) } else { Ok(()) }
        });
        copied.map_err(|error| format!("{name}: {error}"))?;
    }
    Ok(())
}

fn edit(manifest: &Path, change: fn(&str) -> String) -> Outcome {
    let error = |error| format!("{}: {error}", manifest.display());
    let text = fs::read_to_string(manifest).map_err(error)?;
    fs::write(manifest, change(&text)).map_err(error)
}

/// The manifest of the workspace with the published crates as its only members.
fn published_alone(manifest: &str) -> String {
    let line = |line: &str| {
        let line = if line.starts_with("members = ") { "members = [\"crates/*\"]" } else { line };
        format!("{line}\n")
    };
    manifest.lines().map(line).collect()
}

/// The manifest without the tables of dev-dependencies.
fn without_dev_dependencies(manifest: &str) -> String {
    let mut kept = String::new();
    let mut dropping = false;
    for line in manifest.lines() {
        if line.starts_with('[') {
            dropping = line.contains("dev-dependencies");
        }
        if !dropping {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_tables_of_dev_dependencies_go_and_the_others_stay() {
        let manifest = "[dependencies]\na = \"1\"\n\n[dev-dependencies]\nb = \"1\"\n\n\
                        [target.'cfg(unix)'.dev-dependencies]\nc = \"1\"\n[[bench]]\nname = \"d\"\n";
        let kept = "[dependencies]\na = \"1\"\n\n[[bench]]\nname = \"d\"\n";
        assert_eq!(without_dev_dependencies(manifest), kept);
    }

    #[test]
    fn the_published_crates_are_the_only_members() {
        let manifest = "[workspace]\nmembers = [\"crates/*\", \"xtask\"]\nresolver = \"3\"\n";
        let alone = "[workspace]\nmembers = [\"crates/*\"]\nresolver = \"3\"\n";
        assert_eq!(published_alone(manifest), alone);
    }
}
