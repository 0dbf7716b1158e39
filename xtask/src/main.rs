//! The project's tasks: `cargo xtask <task>`. What CI runs, people run.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod alone;
mod bench;
mod browser_test;
mod ci;
mod contract_test;
mod demo;
mod deny;
mod fuzz;
mod instructions;
mod kill_test;
mod minimal_versions;
mod msrv;
mod openapi;
mod package;
mod python;
mod readme;
mod recipes;
mod release;
mod run;
mod schemathesis;
mod semver;
mod soak;
mod tidy;
mod transcripts;

/// The project's tasks.
#[derive(Debug, Parser)]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Shows a signed query asked and answered, and a refused one explained.
    Demo,
    /// Runs all tests: `cargo test --workspace`, then the contract test.
    Test {
        /// Flags of the contract test.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        flags: Vec<String>,
    },
    /// Proves that model, signer, client, mock server and the official SDKs agree.
    ///
    /// Flags: --level L3, --op NAME, --junit PATH, --no-peer, --require-peer, --bless.
    ContractTest {
        /// Flags of the contract test.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        flags: Vec<String>,
    },
    /// What CI checks besides the tests: format, lints, docs, packages, README, tidiness.
    Ci,
    /// Checks what the compiler cannot: who depends on whom, file sizes, links, quoted recipes.
    Tidy,
    /// Measures signer, client and mock server beside others and prints one table. Installs wrk if
    /// it is missing.
    Bench {
        /// The parts to measure: mock, process, growth, notifications, signer, client; all by default.
        #[arg(value_name = "PART")]
        parts: Vec<String>,
        /// Writes the table into docs/performance.md.
        #[arg(long)]
        bless: bool,
    },
    /// Checks each package alone and with each of its features.
    Alone,
    /// Builds each published crate from its packed form.
    Package,
    /// Runs the commands of the README and of docs/recipes.md.
    Readme,
    /// Runs each fuzz target for a while; a finding fails. Installs cargo-fuzz if it is missing.
    Fuzz {
        /// How long each target runs, such as 10s or 5m.
        #[arg(long, value_name = "TIME", default_value = "10s")]
        time: String,
    },
    /// Counts the instructions of signing and verifying with valgrind; over 3 % more fail.
    Instructions {
        /// Records the counts.
        #[arg(long)]
        bless: bool,
    },
    /// Checks bans, licences, sources and advisories of what we depend on. Installs cargo-deny.
    Deny,
    /// Builds the published crates with the lowest versions that their manifests allow.
    MinimalVersions,
    /// Builds each published crate with the Rust that it asks for, fetched by rustup.
    Msrv,
    /// Compares the public APIs with those of the newest release. Installs cargo-semver-checks.
    Semver,
    /// Builds the mock server to be handed out; tells its size and its SHA-256.
    Release {
        /// The platform, such as `x86_64-unknown-linux-musl`; this one by default.
        #[arg(long, value_name = "TRIPLE")]
        target: Option<String>,
    },
    /// Compares docs/openapi.json with what the program prints.
    Openapi {
        /// Writes the document.
        #[arg(long)]
        bless: bool,
    },
    /// Compares docs/configuration.md with what the program prints.
    Configuration {
        /// Writes the page.
        #[arg(long)]
        bless: bool,
    },
    /// Kills the mock server at random moments: what it acknowledged must be there again.
    KillTest {
        /// How often it is killed.
        #[arg(long, value_name = "N", default_value_t = 200)]
        rounds: u32,
    },
    /// Clients with retries change a mock server that fails on purpose: nothing acknowledged is lost,
    /// nothing is done twice, nothing grows.
    Soak {
        /// How long, such as 60s or 15m.
        #[arg(long, value_name = "TIME", default_value = "60s")]
        time: String,
        /// Decides what the clients do and what fails; the time does by default.
        #[arg(long, value_name = "N")]
        seed: Option<u64>,
        /// Keeps the state on disk and kills the server again and again.
        #[arg(long)]
        kill: bool,
    },
    /// Tests the mock server by its OpenAPI document with schemathesis (`PyPI`).
    Schemathesis {
        /// How many examples an operation gets in each phase.
        #[arg(long, value_name = "N", default_value_t = 150)]
        max_examples: u32,
        /// How many cases there must be in all.
        #[arg(long, value_name = "N", default_value_t = 5_000)]
        least_cases: u32,
    },
    /// Tests the inspector in a headless Chromium, which it installs on Debian if it is missing.
    BrowserTest {
        /// Writes the pictures in docs/images.
        #[arg(long)]
        bless: bool,
    },
    /// Compares what docs/signatures.md shows with what the program prints.
    Transcripts {
        /// Writes the output into the page.
        #[arg(long)]
        bless: bool,
    },
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().task {
        Task::Demo => demo::run(),
        Task::Test { flags } => ci::test(&flags),
        Task::ContractTest { flags } => contract_test::run(&flags),
        Task::Ci => ci::run(),
        Task::Tidy => tidy::run(),
        Task::Bench { parts, bless } => bench::run(&parts, bless),
        Task::Alone => alone::run(),
        Task::Package => package::run(),
        Task::Readme => readme::run(),
        Task::Fuzz { time } => fuzz::run(&time),
        Task::Instructions { bless } => instructions::run(bless),
        Task::Deny => deny::run(),
        Task::MinimalVersions => minimal_versions::run(),
        Task::Msrv => msrv::run(),
        Task::Semver => semver::run(),
        Task::Release { target } => release::run(target.as_deref()),
        Task::Openapi { bless } => openapi::run(bless),
        Task::Configuration { bless } => openapi::configuration(bless),
        Task::KillTest { rounds } => kill_test::run(rounds),
        Task::Soak { time, seed, kill } => {
            let mode = if kill { soak::Mode::Killed } else { soak::Mode::Steady };
            soak::run(&time, seed, mode)
        }
        Task::Schemathesis { max_examples, least_cases } => {
            schemathesis::run(max_examples, least_cases)
        }
        Task::BrowserTest { bless } => browser_test::run(bless),
        Task::Transcripts { bless } => transcripts::run(bless),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error}");
            ExitCode::FAILURE
        }
    }
}
