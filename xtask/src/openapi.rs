//! `cargo xtask openapi` and `cargo xtask configuration`: what is made from the code and committed
//! is what the program prints.

use std::fs;

use crate::run::{Outcome, cargo, output, repository};

/// Compares the committed OpenAPI document, or writes it.
pub(crate) fn run(bless: bool) -> Outcome {
    check(&["openapi"], "docs/openapi.json", "openapi", bless)
}

/// Compares the page of the settings, or writes it.
pub(crate) fn configuration(bless: bool) -> Outcome {
    check(&["config", "reference"], "docs/configuration.md", "configuration", bless)
}

fn check(command: &[&str], file: &str, task: &str, bless: bool) -> Outcome {
    let flags = ["run", "--quiet", "--package", "rtc-mock-server", "--"];
    let printed = output(cargo(flags).args(command))?;
    let path = repository().join(file);
    if bless {
        return fs::write(&path, printed).map_err(|error| error.to_string());
    }
    let committed = fs::read_to_string(&path).map_err(|error| format!("{file}: {error}"))?;
    if committed == printed {
        return Ok(());
    }
    Err(format!("{file} is not current; run `cargo xtask {task} --bless`"))
}
