//! Prints the recording event callback of an app as JSON.
//!
//! The application id is the argument; keys, project and endpoint come from the environment, see
//! `Client::from_env`. Exits with 1 where the query fails and with 2 where it is used wrongly.

use std::error::Error;
use std::ffi::OsString;
use std::io::Write as _;
use std::process::ExitCode;

use rtc_client::Client;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let Some(app_id) = app_id(std::env::args_os().skip(1)) else {
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

/// The one argument. What begins with a hyphen is an option, of which there are none.
fn app_id(mut arguments: impl Iterator<Item = OsString>) -> Option<String> {
    let (Some(app_id), None) = (arguments.next(), arguments.next()) else { return None };
    app_id.into_string().ok().filter(|app_id| !app_id.starts_with('-'))
}

async fn show(app_id: &str) -> Result<(), Box<dyn Error>> {
    let client = Client::from_env()?;
    let reply = client.show_record_callback(app_id).await?;
    let json = serde_json::to_string_pretty(reply.output())?;
    writeln!(std::io::stdout(), "{json}")?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(arguments: &[&str]) -> Option<String> {
        app_id(arguments.iter().map(OsString::from))
    }

    #[test]
    fn one_argument_is_the_app() {
        assert_eq!(of(&["a1"]).as_deref(), Some("a1"));
    }

    #[test]
    fn options_and_another_number_of_arguments_are_a_wrong_use() {
        for arguments in [&["--help"][..], &["-h"], &["-"], &[], &["a1", "a2"]] {
            assert_eq!(of(arguments), None, "{arguments:?}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn an_argument_that_is_no_text_is_a_wrong_use_and_no_panic() {
        use std::os::unix::ffi::OsStringExt as _;

        assert_eq!(app_id([OsString::from_vec(vec![b'a', 0xff])].into_iter()), None);
    }
}
