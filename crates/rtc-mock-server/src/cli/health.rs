//! `health`: asks a running mock whether it is well.

use std::time::Duration;

use rtc_mock_server::{AdminClient, AdminErrorKind};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, timeout};

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
        // No certificate is at hand to speak TLS with it: that it listens is all that can be known.
        (None, None) if access.tls.scheme() == "https" => {
            let listens = async || {
                let connected = timeout(PATIENCE, TcpStream::connect(access.listen)).await;
                connected.map_err(|error| error.to_string())?.map_err(|error| error.to_string())
            };
            let url = format!("https://{}", access.listen);
            return operate::block_on(until_well(args, &url, async || listens().await.map(drop)))?;
        }
        // The API itself has no such path, and says so in its own way when it is well.
        (None, None) => operate::client(&access.admin, Some(&format!("http://{}", access.listen))),
        (url, _) => operate::client(&access.admin, url.as_deref()),
    }?;
    let client = client.timeout(PATIENCE);
    operate::block_on(until_well(args, &client.url(), async || ask(&client).await))?
}

/// Asks until the answer is good or the time is up.
async fn until_well(
    args: &HealthArgs,
    url: &str,
    ask: impl AsyncFn() -> Result<(), String>,
) -> Result<(), Failure> {
    let deadline = Instant::now() + args.wait;
    while let Err(reason) = ask().await {
        if Instant::now() >= deadline {
            return Err(Failure::Failed(format!("{url} is not well: {reason}")));
        }
        sleep(PAUSE).await;
    }
    Ok(())
}

async fn ask(client: &AdminClient) -> Result<(), String> {
    match client.health().await {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == AdminErrorKind::NotAdmin => Ok(()),
        Err(error) => Err(with_causes(&error)),
    }
}
