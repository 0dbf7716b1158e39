//! `cargo xtask bench`: one table of what things cost beside what they are measured against.
//!
//! Times belong to a machine and an hour, so the table is of ratios: what is compared takes turns,
//! and a ratio is the median of the ratios of the turns.

use std::fmt::Write as _;
use std::fs;
use std::process::Command;
use std::time::Instant;

use crate::run::{self, Outcome, cargo, repository, target};

use self::server::Program;

mod crates;
mod growth;
mod load;
mod process;
mod request;
mod server;
mod wrk;

/// The page that holds the table.
const PAGE: &str = "docs/performance.md";
const BEGIN: &str = "<!-- the table of cargo xtask bench -->\n";
const END: &str = "<!-- its end -->\n";

/// One line of the table.
pub(crate) struct Row {
    what: String,
    figure: String,
    /// Beside what it is measured.
    ratio: String,
    aim: &'static str,
}

impl Row {
    fn new(what: impl Into<String>, figure: impl Into<String>) -> Self {
        Self { what: what.into(), figure: figure.into(), ratio: String::new(), aim: "" }
    }

    fn ratio(mut self, ratio: impl Into<String>) -> Self {
        self.ratio = ratio.into();
        self
    }

    fn aim(mut self, aim: &'static str) -> Self {
        self.aim = aim;
        self
    }
}

/// A part of the table.
type Part = fn(&Programs) -> Result<Vec<Row>, String>;

/// Measures all, or the parts that are named; prints the table, and writes it into the page with
/// `bless`.
pub(crate) fn run(parts: &[String], bless: bool) -> Outcome {
    if bless && !parts.is_empty() {
        return Err("the page holds all parts; leave them out with --bless".to_owned());
    }
    wrk::install()?;
    let programs = build()?;
    let mut rows = Vec::new();
    let all: [(&str, Part); 6] = [
        ("mock", load::rows),
        ("process", process::rows),
        ("growth", growth::rows),
        ("notifications", |_| crates::notifications()),
        ("signer", |_| crates::signer()),
        ("client", |_| crates::client()),
    ];
    if let Some(part) = parts.iter().find(|part| all.iter().all(|(name, _)| name != part)) {
        let names = all.map(|(name, _)| name).join(", ");
        return Err(format!("there is no part {part:?}; there are {names}"));
    }
    for (name, part) in all {
        if !parts.is_empty() && !parts.iter().any(|wanted| wanted == name) {
            continue;
        }
        let started = Instant::now();
        rows.extend(part(&programs)?);
        eprintln!("{name}: {} s", started.elapsed().as_secs());
    }
    let table = table(&rows);
    print(&table);
    if !bless {
        return Ok(());
    }
    let path = repository().join(PAGE);
    let page = fs::read_to_string(&path).map_err(|error| format!("{PAGE}: {error}"))?;
    fs::write(&path, with_table(&page, &table)?).map_err(|error| format!("{PAGE}: {error}"))
}

/// What is measured.
struct Programs {
    mock: Program,
    peers: Program,
}

/// Builds what is measured as it is released. The peers have a workspace of their own, so that
/// nothing else builds them.
fn build() -> Result<Programs, String> {
    run::run(&mut cargo(["build", "--release", "--package", "rtc-mock-server"]))?;
    let target = target()?;
    let peers = target.join("peers");
    let mut command = cargo(["build", "--release", "--locked"]);
    command.current_dir(repository().join("benches/peers")).env("CARGO_TARGET_DIR", &peers);
    run::run(&mut command)?;
    let file = |name| format!("{name}{}", std::env::consts::EXE_SUFFIX);
    Ok(Programs {
        mock: Program(target.join("release").join(file("rtc-mock-server"))),
        peers: Program(peers.join("release").join(file("rtc-bench-peers"))),
    })
}

fn table(rows: &[Row]) -> String {
    let mut table = String::from("| what | figure | ratio | aim |\n|---|---|---|---|\n");
    for Row { what, figure, ratio, aim } in rows {
        let _ = writeln!(table, "| {what} | {figure} | {ratio} | {aim} |");
    }
    table
}

#[expect(clippy::print_stdout, reason = "the output of the command")]
fn print(table: &str) {
    println!("{table}");
}

/// The page with another table.
fn with_table(page: &str, table: &str) -> Result<String, String> {
    let error = || format!("{PAGE} has no place for the table: {BEGIN}…{END}");
    let (before, rest) = page.split_once(BEGIN).ok_or_else(error)?;
    let (_, after) = rest.split_once(END).ok_or_else(error)?;
    Ok(format!("{before}{BEGIN}\n{table}\n{END}{after}"))
}

/// The middle of some figures.
fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(f64::NAN)
}

/// The median of the ratios of the turns.
fn ratio(what: &[f64], beside: &[f64]) -> f64 {
    median(what.iter().zip(beside).map(|(what, beside)| what / beside).collect())
}

/// A program of the system.
fn tool(name: &str) -> Command {
    Command::new(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_the_page_is_replaced_and_the_rest_is_kept() {
        let page = format!("a\n{BEGIN}old\n{END}b\n");
        let fresh = with_table(&page, "new\n").unwrap_or_default();
        assert_eq!(fresh, format!("a\n{BEGIN}\nnew\n\n{END}b\n"));
        assert!(with_table("a\n", "new\n").is_err());
    }

    #[test]
    fn a_ratio_is_the_median_of_the_turns() {
        assert!((ratio(&[1.0, 9.0, 3.0], &[2.0, 3.0, 2.0]) - 1.5).abs() < 1e-9);
    }
}
