//! `cargo xtask instructions`: signing and verifying have not become longer.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::run::{self, Outcome, cargo, repository};

/// The figures that are compared with, and the compiler that they belong to.
const RECORD: &str = "crates/rtc-signer/benches/instructions.json";

/// What is counted: the arguments of the bench.
const COUNTED: [[&str; 2]; 4] =
    [["sign", "GET"], ["sign", "PUT"], ["verify", "GET"], ["verify", "PUT"]];

/// So often each is done in a run.
const REQUESTS: u64 = 2000;

/// Counts the instructions of a request beyond its hashes, and fails if there are over 3 % more
/// than recorded; with `bless` they are recorded. The counts of another compiler are shown only.
pub(crate) fn run(bless: bool) -> Outcome {
    let valgrind = run::output(Command::new("valgrind").arg("--version"));
    valgrind.map_err(|error| format!("{error}; install the Debian package valgrind"))?;
    let compiler = compiler()?;
    let program = build()?;
    let mut counts = BTreeMap::new();
    for [what, request] in COUNTED {
        let (all, hashes) = (total(&program, what, request)?, total(&program, "hash", request)?);
        counts.insert(format!("{what} {request}"), all.saturating_sub(hashes) / REQUESTS);
    }
    let path = repository().join(RECORD);
    if bless {
        let record = json!({ "compiler": compiler, "counts": counts });
        let text = format!("{record:#}\n");
        return fs::write(&path, text).map_err(|error| format!("{RECORD}: {error}"));
    }
    let text = fs::read_to_string(&path).map_err(|error| format!("{RECORD}: {error}"))?;
    let record: Value =
        serde_json::from_str(&text).map_err(|error| format!("{RECORD}: {error}"))?;
    print_table(&counts, &record);
    if record["compiler"] != compiler {
        eprintln!(
            "the recorded counts belong to {}, this is {compiler}: nothing is compared",
            record["compiler"].as_str().unwrap_or("no compiler")
        );
        return Ok(());
    }
    let longer = longer(&counts, &record);
    if longer.is_empty() {
        return Ok(());
    }
    Err(format!(
        "over 3 % more instructions than recorded: {}; look for the cause with callgrind_annotate, \
         or record them with `cargo xtask instructions --bless`",
        longer.join(", ")
    ))
}

/// The version of the compiler and what it compiles for.
fn compiler() -> Result<String, String> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let said = run::output(Command::new(rustc).current_dir(repository()).arg("-vV"))?;
    let host = said.lines().find_map(|line| line.strip_prefix("host: ")).unwrap_or_default();
    Ok(format!("{} for {host}", said.lines().next().unwrap_or_default()))
}

/// Builds the bench and gives the path of the program.
fn build() -> Result<String, String> {
    let flags = ["bench", "--package", "rtc-signer", "--bench", "instructions", "--no-run"];
    let said = run::output(cargo(flags).args(["--quiet", "--message-format", "json"]))?;
    let messages = said.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let program = messages
        .filter(|message| message["target"]["name"] == "instructions")
        .find_map(|message| message["executable"].as_str().map(str::to_owned));
    program.ok_or_else(|| "cargo names no program for the bench".to_owned())
}

/// The instructions of a whole run; what is not part of a request falls out in the difference.
fn total(program: &str, what: &str, request: &str) -> Result<u64, String> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null", program, what, request])
        .arg(REQUESTS.to_string())
        .current_dir(repository())
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("valgrind cannot be run: {error}"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    collected(&said).filter(|_| output.status.success()).ok_or_else(|| {
        let program = Path::new(program).display();
        format!("{said}\n`valgrind {program} {what} {request}` did not count ({})", output.status)
    })
}

/// The number in what callgrind says at the end.
fn collected(said: &str) -> Option<u64> {
    said.lines().find_map(|line| line.split_once("Collected : ")?.1.trim().parse().ok())
}

/// Which counts are over 3 % above those recorded, or not recorded.
fn longer(counts: &BTreeMap<String, u64>, record: &Value) -> Vec<String> {
    let recorded = |name: &str| record["counts"][name].as_u64().unwrap_or(0);
    let longer = counts.iter().filter(|(name, count)| **count * 100 > recorded(name) * 103);
    longer.map(|(name, count)| format!("{name} {count}, not {}", recorded(name))).collect()
}

#[expect(clippy::print_stdout, reason = "the output of the command")]
fn print_table(counts: &BTreeMap<String, u64>, record: &Value) {
    println!("| instructions beyond the hashes | counted | recorded |\n|---|---|---|");
    for (name, count) in counts {
        println!("| {name} | {count} | {} |", record["counts"][name]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_count_is_read_from_what_callgrind_says() {
        let said = "==7== Events    : Ir\n==7== Collected : 46284522\n==7== \n";
        assert_eq!(collected(said), Some(46_284_522));
        assert_eq!(collected("==7== Command: instructions"), None);
    }

    #[test]
    fn three_per_cent_more_are_let_pass() {
        let record = json!({ "counts": { "sign GET": 1000 } });
        let counted = |name: &str, count| BTreeMap::from([(name.to_owned(), count)]);
        assert!(longer(&counted("sign GET", 1030), &record).is_empty());
        assert_eq!(longer(&counted("sign GET", 1031), &record), ["sign GET 1031, not 1000"]);
        assert_eq!(longer(&counted("sign PUT", 1), &record), ["sign PUT 1, not 0"]);
    }
}
