//! `cargo xtask openapi`: the committed OpenAPI document is what the program prints.

use std::fs;

use crate::run::{Outcome, cargo, output, repository};

/// Compares the committed document, or writes it.
pub(crate) fn run(bless: bool) -> Outcome {
    let flags = ["run", "--quiet", "--package", "rtc-mock-server", "--", "openapi"];
    let printed = output(&mut cargo(flags))?;
    let path = repository().join("docs/openapi.json");
    if bless {
        return fs::write(&path, printed).map_err(|error| error.to_string());
    }
    let committed = fs::read_to_string(&path).map_err(|error| error.to_string())?;
    if committed == printed {
        return Ok(());
    }
    Err("docs/openapi.json is not current; run `cargo xtask openapi --bless`".to_owned())
}
