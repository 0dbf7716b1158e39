//! `cargo xtask fuzz`: a short run of each fuzz target.

use std::fs;
use std::process::{Command, Stdio};

use crate::run::{self, Outcome, cargo, output, repository};

/// Where the findings of a run are kept, with the input that led to each.
const ARTIFACTS: &str = "fuzz/artifacts";

/// Runs each target for `time` and tells how often it was executed; fails on a finding.
pub(crate) fn run(time: &str) -> Outcome {
    let seconds = seconds(time)?;
    run::install("cargo-fuzz")?;
    run::run(fuzz(["build"]).stdout(Stdio::null()))?;
    let mut findings = Vec::new();
    for target in output(&mut fuzz(["list"]))?.split_whitespace() {
        match run_target(target, seconds) {
            Ok(executions) => println_row(target, executions, seconds),
            Err(finding) => findings.push(finding),
        }
    }
    if findings.is_empty() { Ok(()) } else { Err(findings.join("\n")) }
}

/// cargo-fuzz asks for flags that a stable compiler takes only with this variable.
fn fuzz<const N: usize>(args: [&str; N]) -> Command {
    let mut command = cargo(["fuzz"]);
    command.args(args).env("RUSTC_BOOTSTRAP", "1");
    command
}

/// Runs one target and gives the number of its executions.
fn run_target(target: &str, seconds: u64) -> Result<u64, String> {
    let corpus = format!("fuzz/corpus/{target}");
    // New inputs go into the first folder, so the committed corpus stays as it is.
    let scratch = format!("fuzz/target/corpus/{target}");
    fs::create_dir_all(repository().join(&scratch)).map_err(|e| format!("{scratch}: {e}"))?;
    let mut command = fuzz(["run", target, &scratch, &corpus, "--"]);
    command.arg(format!("-max_total_time={seconds}"));
    // A single input that takes ten seconds is a finding too.
    command.args(["-timeout=10", "-max_len=65536", "-print_final_stats=1"]);
    let result = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("`cargo fuzz run {target}` cannot be run: {error}"))?;
    let said = String::from_utf8_lossy(&result.stderr);
    if !result.status.success() {
        return Err(format!("{said}\n{target}: a finding, see {ARTIFACTS}/{target}"));
    }
    executions(&said).ok_or_else(|| format!("{said}\n{target}: it did not tell its executions"))
}

#[expect(clippy::print_stdout, reason = "the output of the command")]
fn println_row(target: &str, executions: u64, seconds: u64) {
    println!("{target}: {executions} executions in {seconds} s, no finding");
}

/// The number in libFuzzer's final statistics.
fn executions(said: &str) -> Option<u64> {
    let number =
        said.lines().find_map(|line| line.strip_prefix("stat::number_of_executed_units:"))?;
    number.trim().parse().ok()
}

/// Reads `10s`, `5m` or `1h`; 0 would be without an end.
pub(crate) fn seconds(text: &str) -> Result<u64, String> {
    let error = || format!("{text:?} is no time; write it like 10s, 5m or 1h");
    let (number, unit) = text.split_at_checked(text.len().saturating_sub(1)).ok_or_else(error)?;
    let factor = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        _ => return Err(error()),
    };
    let number: u64 = number.parse().map_err(|_| error())?;
    number.checked_mul(factor).filter(|seconds| *seconds > 0).ok_or_else(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_a_unit_and_an_end() {
        assert_eq!(seconds("10s"), Ok(10));
        assert_eq!(seconds("5m"), Ok(300));
        assert_eq!(seconds("1h"), Ok(3600));
        for text in ["", "s", "10", "0s", "-1s", "10é", "99999999999999999999s"] {
            assert!(seconds(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_executions_are_read_from_the_statistics() {
        let said = "Done 7 runs\nstat::number_of_executed_units: 1234\nstat::peak_rss_mb: 9\n";
        assert_eq!(executions(said), Some(1234));
        assert_eq!(executions("nothing"), None);
    }
}
