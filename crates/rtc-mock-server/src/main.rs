//! The program `rtc-mock-server`.

use std::process::ExitCode;

use clap::Parser as _;

use crate::cli::{Cli, Command};

mod cli;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let outcome = match cli.command {
        None => cli::serve::run(&cli.serve),
        Some(Command::Serve(serve)) => cli::serve::run(&serve),
        Some(Command::Env(env)) => {
            cli::env::run(&env);
            Ok(())
        }
        Some(Command::Health(health)) => cli::health::run(&health),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("rtc-mock-server: {failure}");
            failure.exit_code()
        }
    }
}
