//! `cargo xtask release`: the mock server as a program to hand out.

use std::fs;
use std::process::Command;

use crate::run::{self, Outcome, cargo, output, target};

/// Builds the program with the profile `dist` and tells its size and its SHA-256, which is written
/// beside it as `sha256sum --check` reads it.
pub(crate) fn run(triple: Option<&str>) -> Outcome {
    let mut build = cargo(["build", "--quiet", "--locked", "--profile", "dist"]);
    build.args(["--package", "rtc-mock-server"]);
    let mut folder = target()?;
    if let Some(triple) = triple {
        build.args(["--target", triple]);
        folder.push(triple);
    }
    run::run(&mut build)?;
    folder.push("dist");
    let name = if cfg!(windows) { "rtc-mock-server.exe" } else { "rtc-mock-server" };
    let program = folder.join(name);
    let size = fs::metadata(&program).map_err(|e| format!("{}: {e}", program.display()))?.len();
    let sum = output(Command::new("sha256sum").arg(name).current_dir(&folder))?;
    let file = folder.join(format!("{name}.sha256"));
    fs::write(&file, &sum).map_err(|error| format!("{}: {error}", file.display()))?;
    let (sum, _) = sum.split_once(' ').ok_or("sha256sum prints no sum")?;
    tell(&format!("{}\nsize    {size} bytes\nSHA-256 {sum}", program.display()));
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the output of the command")]
fn tell(text: &str) {
    println!("{text}");
}
