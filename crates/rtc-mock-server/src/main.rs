//! The program `rtc-mock-server`.

use std::process::ExitCode;

use clap::Parser as _;

use crate::cli::{Cli, Command};

mod cli;

#[expect(clippy::print_stdout, reason = "the output of the command")]
fn main() -> ExitCode {
    let cli = Cli::parse();
    let outcome = match cli.command {
        None => cli::serve::run(&cli.serve),
        Some(Command::Serve(serve)) => cli::serve::run(&serve),
        Some(Command::Env(env)) => cli::env::run(&env),
        Some(Command::Openapi) => {
            println!("{:#}", rtc_mock_server::openapi());
            Ok(())
        }
        Some(Command::Health(health)) => cli::health::run(&health),
        Some(Command::Explain(explain)) => match cli::explain::run(&explain) {
            Ok(code) => return code,
            Err(failure) => Err(failure),
        },
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("rtc-mock-server: {failure}");
            failure.exit_code()
        }
    }
}
