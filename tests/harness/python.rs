//! The official Python SDK in a virtual environment of its own.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::{programs, repository};

/// A Python with the official SDK in it.
#[derive(Debug)]
pub struct Python {
    interpreter: PathBuf,
    home: PathBuf,
}

impl Python {
    /// Makes the environment under the build folder, once; the versions are pinned by
    /// `tests/peer/requirements.txt`.
    ///
    /// # Errors
    ///
    /// The reason when there is no Python, or when the packages cannot be had.
    pub fn with_sdk() -> Result<Self, String> {
        let requirements = repository().join("tests/peer/requirements.txt");
        let wanted = fs::read_to_string(&requirements).map_err(|error| error.to_string())?;
        let folder = programs().join("../contract");
        let venv = folder.join("venv");
        let home = folder.join("home");
        fs::create_dir_all(&home).map_err(|error| format!("{}: {error}", home.display()))?;
        let bin = if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" };
        let python = Self { interpreter: venv.join(bin), home };

        let installed = venv.join("installed.txt");
        if fs::read_to_string(&installed).is_ok_and(|text| text == wanted) {
            return Ok(python);
        }
        let system = if cfg!(windows) { "python" } else { "python3" };
        succeed(Command::new(system).args(["-m", "venv", "--clear"]).arg(&venv))?;
        let mut pip = Command::new(&python.interpreter);
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"]);
        succeed(pip.arg(&requirements))?;
        fs::write(&installed, wanted).map_err(|error| error.to_string())?;
        Ok(python)
    }

    /// Runs a script of `tests/peer` with nothing but `variables` to tell it where to go.
    pub fn run(&self, script: &str, args: &[&str], variables: &BTreeMap<String, String>) -> Output {
        let mut command = Command::new(&self.interpreter);
        command.arg(repository().join("tests/peer").join(script)).args(args);
        // What the machine at hand has set must not lead the SDK elsewhere.
        for (name, _) in std::env::vars() {
            let upper = name.to_uppercase();
            if upper.starts_with("HUAWEICLOUD_") || upper.ends_with("_PROXY") {
                command.env_remove(name);
            }
        }
        // The SDK writes into the home folder.
        command.env("HOME", &self.home).env("PYTHONDONTWRITEBYTECODE", "1").envs(variables);
        command.stdin(Stdio::null()).output().expect("Python runs")
    }
}

fn succeed(command: &mut Command) -> Result<(), String> {
    let name = Path::new(command.get_program()).display().to_string();
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("{name} cannot be run: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let last = said.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default();
    Err(format!("{name} failed ({}): {last}", output.status))
}
