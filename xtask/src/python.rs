//! Python environments with pinned packages.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::run::{self, repository};

/// A virtual environment of this name with what the requirements file of the repository pins; made
/// anew when that changes. Gives the folder of its programs.
pub(crate) fn environment(
    folder: &Path,
    name: &str,
    requirements: &str,
) -> Result<PathBuf, String> {
    let requirements = repository().join(requirements);
    let wanted = std::fs::read_to_string(&requirements).map_err(|error| error.to_string())?;
    let venv = folder.join(name);
    let bin = venv.join(if cfg!(windows) { "Scripts" } else { "bin" });
    let installed = venv.join("installed.txt");
    if !std::fs::read_to_string(&installed).is_ok_and(|text| text == wanted) {
        let python = if cfg!(windows) { "python" } else { "python3" };
        run::run(Command::new(python).args(["-m", "venv", "--clear"]).arg(&venv))?;
        let mut pip = Command::new(bin.join("python"));
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"]);
        run::run(pip.arg(&requirements))?;
        std::fs::write(&installed, wanted).map_err(|error| error.to_string())?;
    }
    Ok(bin)
}
