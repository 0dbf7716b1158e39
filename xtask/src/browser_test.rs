//! `cargo xtask browser-test`: the inspector in a headless Chromium.

use std::path::PathBuf;
use std::process::Command;

use crate::python;
use crate::run::{self, Outcome, cargo, repository, target};

/// What Debian has to have installed: the browser, and the fonts of the pictures.
const PACKAGES: [&str; 3] = ["chromium", "fonts-inter", "fonts-jetbrains-mono"];

/// Runs tests/browser; with `bless` the pictures of the README are written.
pub(crate) fn run(bless: bool) -> Outcome {
    run::run(&mut cargo(["build", "--quiet", "--package", "rtc-mock-server"]))?;
    let chromium = chromium()?;
    let target = target()?;
    let folder = target.join("contract");
    std::fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    let bin = python::environment(&folder, "browser", "tests/browser/requirements.txt")?;
    let server =
        target.join("debug").join(format!("rtc-mock-server{}", std::env::consts::EXE_SUFFIX));
    let mut pytest = Command::new(bin.join("python"));
    pytest
        .current_dir(repository().join("tests/browser"))
        .args(["-m", "pytest", "-q", "-p", "no:cacheprovider"])
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("RTC_MOCK_SERVER", server)
        .env("CHROMIUM", chromium);
    if bless {
        pytest.env(
            "PICTURES",
            repository().join("docs/images").canonicalize().map_err(|error| error.to_string())?,
        );
    }
    run::run(&mut pytest)
}

/// The browser: the one that CHROMIUM names, else Debian's, which root installs.
fn chromium() -> Result<PathBuf, String> {
    if let Some(path) = std::env::var_os("CHROMIUM") {
        return Ok(path.into());
    }
    let path = PathBuf::from("/usr/bin/chromium");
    let fonts = ["/usr/share/fonts/opentype/inter", "/usr/share/fonts/truetype/jetbrains-mono"];
    if path.exists() && fonts.iter().all(|font| PathBuf::from(font).exists()) {
        return Ok(path);
    }
    let hint = |error: String| {
        let packages = PACKAGES.join(" ");
        format!("{error}; install {packages}, or name a Chromium in the variable CHROMIUM")
    };
    run::run(Command::new("apt-get").args(["update", "-qq"])).map_err(hint)?;
    let mut install = Command::new("apt-get");
    install.args(["install", "-qq", "-y", "--no-install-recommends"]).args(PACKAGES);
    run::run(&mut install).map_err(hint)?;
    Ok(path)
}
