//! The contract test: proves that model, signer, client, mock server and the official SDKs agree.
//!
//! Run it by `cargo xtask contract-test`, which builds what it needs.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a check fails by panicking")]

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use rtc_contract_tests::case::{self, Case, End, Level, Outcome};
use rtc_contract_tests::programs;
use rtc_contract_tests::report::Report;

mod l1_encode;
mod l2_decode;
mod l2_notifications;
mod l3_signature;
mod l4_client;
mod l5_bad_input;
mod l5_credentials;
mod l5_refusals;
mod l5_server;
mod l6_apps;
mod l6_iam;
mod l6_jobs;
mod l6_rules;
mod l6_tls;
mod l6_together;
mod l7_peer;
mod l7_receiver;
mod l8_coverage;
mod requests;
mod scenario;

/// Proves that model, signer, client, mock server and the official SDKs agree.
#[derive(Debug, Parser)]
struct Flags {
    /// Runs one level only, L1 to L8.
    #[arg(long, value_name = "LEVEL")]
    level: Option<Level>,
    /// Runs the cases of one operation only, such as `ShowRecordCallback`.
    #[arg(long, value_name = "NAME")]
    op: Option<String>,
    /// Writes the report as `JUnit` XML as well.
    #[arg(long, value_name = "PATH")]
    junit: Option<PathBuf>,
    /// Leaves out L7, which needs Python and the Python package index.
    #[arg(long)]
    no_peer: bool,
    /// Rewrites what is made of a run: docs/coverage.md. Golden messages are never rewritten.
    #[arg(long)]
    bless: bool,
    /// Fails where L7 cannot be run instead of skipping it.
    #[arg(long, conflicts_with = "no_peer")]
    require_peer: bool,
}

#[tokio::main]
#[expect(clippy::print_stdout, reason = "the report is what the program is for")]
async fn main() -> ExitCode {
    let flags = Flags::parse();
    case::capture_panics();
    let mut report = Report::default();
    // L8 looks at what the others have asserted.
    let all = flags.level == Some(Level::L8);
    for case in cases() {
        if all || wanted(&flags, case.level, &case.operation) {
            report.push(case::run(case).await);
        }
    }
    if !flags.no_peer {
        let receiver = l7_receiver::run(&flags).await;
        for outcome in l7_peer::run(&flags).await.into_iter().chain(receiver) {
            if wanted(&flags, outcome.level, &outcome.operation) {
                report.push(outcome);
            }
        }
    }
    // What was asserted is known after a whole run only.
    if flags.level.is_none_or(|level| level == Level::L8) && flags.op.is_none() {
        let mut cases = Vec::new();
        l8_coverage::add(&mut cases, flags.bless);
        for case in cases {
            report.push(case::run(case).await);
        }
    }
    // A filter that fits nothing must not look like a success.
    if report.counts() == (0, 0, 0) {
        let none = End::Failed("no case fits the flags --level and --op".into());
        report.push(Outcome::new(Level::L1, "", "selection", std::time::Duration::ZERO, none));
    }
    print!("{}", report.table());
    if let Err(error) = write(&report, &flags) {
        eprintln!("the report cannot be written: {error}");
        return ExitCode::FAILURE;
    }
    println!("\n{}", report.closing_line());
    let (_, failed, _) = report.counts();
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    l1_encode::add(&mut cases);
    l2_decode::add(&mut cases);
    l2_notifications::add(&mut cases);
    l3_signature::add(&mut cases);
    l4_client::add(&mut cases);
    l5_server::add(&mut cases);
    l5_credentials::add(&mut cases);
    l5_bad_input::add(&mut cases);
    l5_refusals::add(&mut cases);
    l6_together::add(&mut cases);
    l6_apps::add(&mut cases);
    l6_rules::add(&mut cases);
    l6_jobs::add(&mut cases);
    l6_iam::add(&mut cases);
    l6_tls::add(&mut cases);
    cases
}

fn wanted(flags: &Flags, level: Level, operation: &str) -> bool {
    flags.level.is_none_or(|wanted| wanted == level)
        && flags.op.as_deref().is_none_or(|wanted| wanted == operation)
}

fn write(report: &Report, flags: &Flags) -> std::io::Result<()> {
    let folder = programs().join("../contract");
    std::fs::create_dir_all(&folder)?;
    std::fs::write(folder.join("report.json"), format!("{:#}\n", report.json()))?;
    match &flags.junit {
        Some(path) => std::fs::write(path, report.junit()),
        None => Ok(()),
    }
}
