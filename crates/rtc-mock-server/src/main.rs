//! The program `rtc-mock-server`.

use std::process::ExitCode;

use crate::cli::{Command, ConfigCommand, Failure, config};

mod cli;

fn main() -> ExitCode {
    let args: Vec<_> = std::env::args_os().collect();
    let loaded = match config::load(&args) {
        Ok(loaded) => loaded,
        Err(failure) => return ended(&failure),
    };
    let keys = loaded.further_keys();
    let outcome = match &loaded.cli.command {
        None => cli::serve::run(&loaded.cli.serve, keys),
        Some(Command::Serve(serve)) => cli::serve::run(serve, keys),
        Some(Command::Env(env)) => cli::env::run(env),
        Some(Command::Config(ConfigCommand::Show(_))) => cli::print(&config::show::table(&loaded)),
        Some(Command::Config(ConfigCommand::Reference)) => cli::print(&config::reference::page()),
        Some(Command::Init(init)) => config::reference::init(&init.file),
        Some(Command::Openapi { admin: false }) => {
            cli::print(&format!("{:#}\n", rtc_mock_server::openapi()))
        }
        Some(Command::Openapi { admin: true }) => {
            cli::print(&format!("{:#}\n", rtc_mock_server::openapi_admin()))
        }
        Some(Command::Schema) => cli::print(&format!("{:#}\n", rtc_mock_server::fixture_schema())),
        Some(Command::Health(health)) => cli::health::run(health),
        Some(Command::Listen(listen)) => cli::listen::run(listen),
        Some(Command::Inspect(args)) => cli::operate::inspect(args),
        Some(Command::Reset(args)) => cli::operate::reset(args),
        Some(Command::Clock(args)) => cli::operate::clock(args),
        Some(Command::Fault(args)) => cli::operate::fault(args),
        Some(Command::Explain(explain)) => match cli::explain::run(explain) {
            Ok(code) => return code,
            Err(failure) => Err(failure),
        },
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => ended(&failure),
    }
}

fn ended(failure: &Failure) -> ExitCode {
    eprintln!("rtc-mock-server: {failure}");
    failure.exit_code()
}
