//! `cargo xtask tidy`: what the compiler cannot check.

use std::fs;
use std::path::{Path, PathBuf};

use crate::recipes;
use crate::run::{Outcome, PUBLISHED, cargo, metadata, output, repository};

/// Who may depend on whom of ours, outside dev-dependencies.
const ALLOWED: [(&str, &[&str]); 7] = [
    ("rtc-model", &[]),
    ("rtc-signer", &[]),
    ("rtc-client", &["rtc-model", "rtc-signer"]),
    ("rtc-mock-server", &["rtc-model", "rtc-signer"]),
    ("rtc-contract-tests", &["rtc-model", "rtc-signer", "rtc-client", "rtc-mock-server"]),
    ("rtc-examples", &["rtc-model", "rtc-signer"]),
    ("xtask", &[]),
];

/// Crates without I/O: none of these may be below them.
const SANS_IO: [&str; 2] = ["rtc-model", "rtc-signer"];
const IO: [&str; 3] = ["hyper", "hyper-util", "tokio"];

/// Crates that may be below none of ours: ring and rustls are the only cryptography.
const BANNED: [&str; 5] = ["aws-lc-rs", "aws-lc-sys", "openssl", "openssl-sys", "native-tls"];

/// The longest source file.
const MAX_LINES: usize = 500;

/// Runs all checks and tells all that is wrong.
pub(crate) fn run() -> Outcome {
    let mut wrong = dependencies()?;
    wrong.extend(trees()?);
    wrong.extend(recipes::differences()?);
    for path in files(&repository()) {
        let Ok(text) = fs::read_to_string(&path) else {
            continue;
        };
        let name = path.strip_prefix(repository()).unwrap_or(&path).to_path_buf();
        wrong.extend(spaces(&name, &text));
        match name.extension().and_then(|extension| extension.to_str()) {
            Some("rs") => wrong.extend(source(&name, &text)),
            Some("md") => wrong.extend(links(&name, &text)),
            _ => {}
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(format!("not tidy:\n{}", wrong.join("\n"))) }
}

fn dependencies() -> Result<Vec<String>, String> {
    let metadata = metadata()?;
    let mut wrong = Vec::new();
    for package in metadata["packages"].as_array().into_iter().flatten() {
        let name = package["name"].as_str().unwrap_or_default();
        let Some((_, allowed)) = ALLOWED.iter().find(|(known, _)| *known == name) else {
            wrong.push(format!("{name}: the table in xtask/src/tidy.rs has no row for it"));
            continue;
        };
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            let other = dependency["name"].as_str().unwrap_or_default();
            let ours = ALLOWED.iter().any(|(known, _)| *known == other);
            if ours && dependency["kind"] != "dev" && !allowed.contains(&other) {
                wrong.push(format!("{name} depends on {other}, which it may not"));
            }
        }
    }
    Ok(wrong)
}

fn trees() -> Result<Vec<String>, String> {
    let mut wrong = Vec::new();
    for package in PUBLISHED {
        let flags =
            ["tree", "--edges", "normal", "--prefix", "none", "--all-features", "--package"];
        let tree = output(cargo(flags).arg(package))?;
        let names = || tree.lines().filter_map(|line| line.split(' ').next());
        let banned = names().filter(|name| {
            BANNED.contains(name) || (SANS_IO.contains(&package) && IO.contains(name))
        });
        wrong.extend(banned.map(|name| format!("{package} has {name} in its tree")));
    }
    wrong.sort();
    wrong.dedup();
    Ok(wrong)
}

fn spaces(name: &Path, text: &str) -> Vec<String> {
    // The messages and vectors of others are kept as they came, and so are inputs of fuzzers.
    let kept = ["golden", "vectors", "corpus"];
    if name.components().any(|part| kept.iter().any(|kept| part.as_os_str() == *kept)) {
        return Vec::new();
    }
    let mut wrong = Vec::new();
    for (number, line) in text.lines().enumerate() {
        if line.ends_with([' ', '\t']) {
            wrong.push(format!("{}:{}: space at the end", name.display(), number + 1));
        }
    }
    if !text.is_empty() && !text.ends_with('\n') {
        wrong.push(format!("{}: no line feed at the end", name.display()));
    }
    wrong
}

fn source(name: &Path, text: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    let lines = text.lines().count();
    if lines > MAX_LINES {
        wrong.push(format!("{}: {lines} lines; split it by concern", name.display()));
    }
    if !text.starts_with("//!") {
        wrong.push(format!("{}: begins without saying what it is (//!)", name.display()));
    }
    if name.file_name().is_some_and(|file| file == "mod.rs") {
        wrong.push(format!("{}: name it after its folder, beside it", name.display()));
    }
    wrong
}

/// Links to files of the repository must lead somewhere.
fn links(name: &Path, text: &str) -> Vec<String> {
    let folder = repository().join(name.parent().unwrap_or(Path::new("")));
    let targets = text.split("](").skip(1).filter_map(|rest| rest.split_once(')'));
    targets
        .map(|(target, _)| target.split('#').next().unwrap_or_default())
        .filter(|target| !target.is_empty() && !target.contains("://"))
        .filter(|target| !folder.join(target).exists())
        .map(|target| format!("{}: the link to {target} leads nowhere", name.display()))
        .collect()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let name = entry.file_name();
        if ["target", ".git", "__pycache__"].iter().any(|skipped| name == *skipped) {
            continue;
        }
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}
