//! Waits until a recording job is at work or over.
//!
//! The arguments are the kind of the job, the ids of the application and of the job, and what to
//! wait for; keys, project and endpoint come from the environment, see `Client::from_env`. Exits
//! with 0 where it came to that, with 1 where it did not, and with 2 where it is used wrongly.

use std::error::Error;
use std::io::Write as _;
use std::process::ExitCode;

use rtc_client::model::jobs::JobState;
use rtc_client::{Client, Wait, Waited};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (kind, app_id, job_id, wait) = match arguments[..] {
        [kind @ ("individual" | "mix"), app, job, "running"] => (kind, app, job, Wait::running()),
        [kind @ ("individual" | "mix"), app, job, "stopped"] => (kind, app, job, Wait::stopped()),
        _ => {
            eprintln!("usage: wait_for_job individual|mix APP_ID JOB_ID running|stopped");
            return ExitCode::from(2);
        }
    };
    match run(kind, app_id, job_id, wait).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
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

async fn run(kind: &str, app_id: &str, job_id: &str, wait: Wait) -> Result<bool, Box<dyn Error>> {
    let client = Client::from_env()?;
    if kind == "mix" {
        let waited = client.wait_for_mix_job(app_id, job_id, wait).await?;
        Ok(tell(&waited, waited.job().state.as_ref())?)
    } else {
        let waited = client.wait_for_individual_stream_job(app_id, job_id, wait).await?;
        Ok(tell(&waited, waited.job().state.as_ref())?)
    }
}

/// Prints how the wait ended; `true` where it came to what was waited for.
fn tell<J>(waited: &Waited<J>, state: Option<&JobState>) -> std::io::Result<bool> {
    let state = state.map_or("-", JobState::as_str);
    let mut out = std::io::stdout();
    match waited {
        Waited::Reached(_) => writeln!(out, "{state}")?,
        Waited::StoppedBefore { reason, .. } => {
            let reason = reason.as_ref().map_or("no reason is given", |reason| reason.as_str());
            writeln!(out, "{state} before it was at work: {reason}")?;
        }
        _ => writeln!(out, "still {state}")?,
    }
    Ok(waited.is_reached())
}
