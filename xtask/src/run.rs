//! Running programs, and asking cargo.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::Value;

/// What a task ends with.
pub(crate) type Outcome = Result<(), String>;

/// The packages that are published, in the order of their dependencies.
pub(crate) const PUBLISHED: [&str; 4] =
    ["rtc-model", "rtc-signer", "rtc-client", "rtc-mock-server"];

/// The top of the repository.
pub(crate) fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The cargo that runs this.
pub(crate) fn cargo<S: AsRef<std::ffi::OsStr>>(args: impl IntoIterator<Item = S>) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(repository()).args(args);
    // Those of xtask itself, which the build script of ring watches: with them it is built anew
    // whenever cargo and a task take turns.
    let inherited = std::env::vars_os().map(|(name, _)| name);
    for name in inherited.filter(|name| name.to_string_lossy().starts_with("CARGO_PKG_")) {
        command.env_remove(name);
    }
    command
}

/// Runs a command; its output goes where ours goes.
pub(crate) fn run(command: &mut Command) -> Outcome {
    let name = describe(command);
    let status = command.status().map_err(|error| format!("`{name}` cannot be run: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("`{name}` failed ({status})")) }
}

/// Runs a command; its standard output is shown and given.
pub(crate) fn tee(command: &mut Command) -> Result<String, String> {
    let name = describe(command);
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("`{name}` cannot be run: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    eprint!("{text}");
    if output.status.success() {
        Ok(text)
    } else {
        Err(format!("`{name}` failed ({})", output.status))
    }
}

/// Runs a command and gives its standard output.
pub(crate) fn output(command: &mut Command) -> Result<String, String> {
    let name = describe(command);
    let output = command.output().map_err(|error| format!("`{name}` cannot be run: {error}"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!("`{name}` failed ({}): {said}", output.status));
    }
    String::from_utf8(output.stdout).map_err(|error| format!("`{name}`: {error}"))
}

/// Makes a subcommand of cargo there, such as `cargo-deny`, and says so.
pub(crate) fn install(package: &str) -> Outcome {
    let subcommand = package.trim_start_matches("cargo-");
    let found =
        cargo([subcommand, "--version"]).stdout(Stdio::null()).stderr(Stdio::null()).status();
    if found.is_ok_and(|status| status.success()) {
        return Ok(());
    }
    eprintln!("{package} is not installed; installing it: cargo install --locked {package}");
    run(&mut cargo(["install", "--quiet", "--locked", package]))
}

/// What cargo says of the workspace.
pub(crate) fn metadata() -> Result<Value, String> {
    let text = output(&mut cargo(["metadata", "--no-deps", "--format-version", "1"]))?;
    serde_json::from_str(&text).map_err(|error| format!("cargo metadata: {error}"))
}

/// The folder that cargo builds into.
pub(crate) fn target() -> Result<PathBuf, String> {
    let metadata = metadata()?;
    let target = metadata["target_directory"].as_str();
    target.map(PathBuf::from).ok_or_else(|| "cargo metadata names no target directory".to_owned())
}

fn describe(command: &Command) -> String {
    let program = PathBuf::from(command.get_program());
    let name = program.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let args = command.get_args().map(|arg| arg.to_string_lossy());
    std::iter::once(name.into()).chain(args).collect::<Vec<_>>().join(" ")
}
