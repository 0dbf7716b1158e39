//! Prints all apps of the account, or those in one state: id, state and name, a line each.
//!
//! The argument, if any, is the state, such as `ACTIVATION`; keys, project and endpoint come from
//! the environment, see `Client::from_env`. Exits with 1 where a call fails and with 2 where it is
//! used wrongly.

use std::error::Error;
use std::io::Write as _;
use std::process::ExitCode;

use rtc_client::Client;
use rtc_client::model::apps::AppFilter;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let (state, None) = (arguments.next(), arguments.next()) else {
        eprintln!("usage: paging [STATE]");
        return ExitCode::from(2);
    };
    match print(state.as_deref().map(AppFilter::from)).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            let mut cause = error.source();
            while let Some(error) = cause {
                eprintln!("  because: {error}");
                cause = error.source();
            }
            ExitCode::FAILURE
        }
    }
}

async fn print(state: Option<AppFilter>) -> Result<(), Box<dyn Error>> {
    let client = Client::from_env()?;
    let mut apps = client.all_apps(state);
    let mut out = std::io::stdout();
    while let Some(app) = apps.next().await {
        let app = app?;
        let id = app.app_id.as_ref().map_or("-", |id| id.as_str());
        let state = app.state.as_ref().and_then(|state| state.state.as_ref());
        let state = state.map_or("-", |state| state.as_str());
        writeln!(out, "{id} {state} {}", app.app_name.as_deref().unwrap_or("-"))?;
    }
    Ok(())
}
