//! Prints the recording event callback of an app as JSON.
//!
//! The application id is the argument; keys, project and endpoint come from the environment, see
//! `Client::from_env`. Exits with 1 where the query fails and with 2 where it is used wrongly.

use std::error::Error;
use std::io::Write as _;
use std::process::ExitCode;

use rtc_client::Client;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let (Some(app_id), None) = (arguments.next(), arguments.next()) else {
        eprintln!("usage: show_record_callback APP_ID");
        return ExitCode::from(2);
    };
    match show(&app_id).await {
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

async fn show(app_id: &str) -> Result<(), Box<dyn Error>> {
    let client = Client::from_env()?;
    let reply = client.show_record_callback(app_id).await?;
    let json = serde_json::to_string_pretty(reply.output())?;
    writeln!(std::io::stdout(), "{json}")?;
    Ok(())
}
