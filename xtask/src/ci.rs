//! `cargo xtask ci` and `cargo xtask test`.

use std::time::Instant;

use crate::run::{self, Outcome, cargo};
use crate::{
    alone, contract_test, demo, fuzz, instructions, kill_test, openapi, package, readme,
    schemathesis, soak, tidy, transcripts,
};

/// All tests.
pub(crate) fn test(flags: &[String]) -> Outcome {
    run::run(&mut cargo(["test", "--workspace"]))?;
    contract_test::run(flags)
}

/// What CI checks besides the tests, the quickest first.
pub(crate) fn run() -> Outcome {
    step("format", || run::run(&mut cargo(["fmt", "--all", "--check"])))?;
    step("tidy", tidy::run)?;
    step("lints", lints)?;
    step("docs", docs)?;
    step("each package alone", alone::run)?;
    step("demo", demo::run)?;
    step("README", readme::run)?;
    step("OpenAPI document", || openapi::run(false))?;
    step("page of the settings", || openapi::configuration(false))?;
    step("transcripts", || transcripts::run(false))?;
    step("kill test", || kill_test::run(20))?;
    step("soak", || soak::run("15s", None, soak::Mode::Steady))?;
    step("soak with kills", || soak::run("10s", None, soak::Mode::Killed))?;
    step("fuzz targets", || fuzz::run("5s"))?;
    step("schemathesis", || schemathesis::run(15, 1_000))?;
    if cfg!(target_os = "linux") {
        step("instructions", || instructions::run(false))?;
    }
    step("packages", package::run)
}

fn step(name: &str, run: impl FnOnce() -> Outcome) -> Outcome {
    eprintln!("==> {name}");
    let started = Instant::now();
    run()?;
    eprintln!("<== {name}: {} s", started.elapsed().as_secs());
    Ok(())
}

fn lints() -> Outcome {
    let flags =
        ["clippy", "--workspace", "--all-targets", "--all-features", "--", "-D", "warnings"];
    run::run(&mut cargo(flags))
}

fn docs() -> Outcome {
    let flags = ["doc", "--workspace", "--no-deps", "--all-features", "--document-private-items"];
    run::run(cargo(flags).env("RUSTDOCFLAGS", "-D warnings"))
}
