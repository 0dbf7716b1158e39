//! `health`: asks a running mock whether it is well.

use std::time::Duration;

use rtc_mock_server::{AdminClient, AdminErrorKind};
use tokio::time::{Instant, sleep};

use crate::cli::serve::with_causes;
use crate::cli::{Failure, HealthArgs, operate};

/// How long one question may take.
const PATIENCE: Duration = Duration::from_secs(2);
/// The pause between two questions.
const PAUSE: Duration = Duration::from_millis(50);

/// Asks until the mock is well or the time is up.
pub(crate) fn run(args: &HealthArgs) -> Result<(), Failure> {
    let access = &args.access;
    let client = match (&args.url, access.admin.admin_listen.0) {
        (None, None) if access.tls.scheme() == "https" => {
            let reason = "without an admin API a mock that serves TLS alone cannot be asked";
            return Err(Failure::Usage(reason.to_owned()));
        }
        // The API itself has no such path, and says so in its own way when it is well.
        (None, None) => operate::client(&access.admin, Some(&format!("http://{}", access.listen))),
        (url, _) => operate::client(&access.admin, url.as_deref()),
    }?;
    let client = client.timeout(PATIENCE);
    operate::block_on(async {
        let deadline = Instant::now() + args.wait;
        while let Err(reason) = ask(&client).await {
            if Instant::now() >= deadline {
                let url = client.url();
                return Err(Failure::Failed(format!("{url} is not well: {reason}")));
            }
            sleep(PAUSE).await;
        }
        Ok(())
    })?
}

async fn ask(client: &AdminClient) -> Result<(), String> {
    match client.health().await {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == AdminErrorKind::NotAdmin => Ok(()),
        Err(error) => Err(with_causes(&error)),
    }
}
