//! Logs in with a password and prints the name of an app.
//!
//! The arguments are account, user and application id; the password is in the variable
//! `RTC_PASSWORD`, endpoints are read as by `Client::from_env`. Exits with 1 where a call fails and
//! with 2 where it is used wrongly.

use std::error::Error;
use std::io::Write as _;
use std::process::ExitCode;

use rtc_client::{ClientBuilder, PasswordLogin};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let (Ok([account, user, app_id]), Ok(password)) =
        (<[String; 3]>::try_from(arguments), std::env::var("RTC_PASSWORD"))
    else {
        eprintln!("usage: RTC_PASSWORD=… token_auth ACCOUNT USER APP_ID");
        return ExitCode::from(2);
    };
    match show(PasswordLogin::new(account, user, password), &app_id).await {
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

async fn show(login: PasswordLogin, app_id: &str) -> Result<(), Box<dyn Error>> {
    // The token is fetched by the first call and renewed for as long as the client is used.
    let client = ClientBuilder::from_env()?.password_login(login).build()?;
    let app = client.show_app(app_id).await?.into_output();
    writeln!(std::io::stdout(), "{}", app.app_name.as_deref().unwrap_or("-"))?;
    Ok(())
}
