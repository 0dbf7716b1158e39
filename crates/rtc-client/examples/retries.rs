//! Attempts, pauses and time-outs, and what an error says of them.
//!
//! `cargo run -p rtc-client --example retries -- APP_ID`, with the variables of the official SDKs;
//! for the mock server `eval "$(rtc-mock-server env)"`. To see attempts, let the mock fail:
//! `rtc-mock-server --fault 'ShowApp=status(503),count=2'`.

#![expect(clippy::print_stdout, reason = "the output of the example")]

use std::error::Error;
use std::time::Duration;

use rtc_client::{Backoff, ClientBuilder, Ended, NoRetry, Observe};

/// Tells of every attempt.
struct Tell;

impl Observe for Tell {
    fn attempt(&self, ended: &Ended<'_>) {
        let (attempt, duration) = (ended.attempts, ended.duration);
        println!("attempt {attempt}: {:?} {:?} in {duration:?}", ended.status, ended.error);
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let app_id = std::env::args().nth(1).ok_or("give the id of an app")?;
    let backoff = Backoff::default().attempts(5).first_pause(Duration::from_millis(100));
    let client = ClientBuilder::from_env()?
        .retry(backoff)
        .attempt_timeout(Duration::from_secs(5))
        .timeout(Duration::from_secs(30))
        .observe(Tell)
        .build()?;
    match client.show_app(app_id.as_str()).await {
        Ok(reply) => println!("{:?}", reply.output().app_name),
        Err(error) => println!(
            "{error}\n  attempts {}, may be called again {}, wait {:?}, an answer was lost {}",
            error.attempts(),
            error.is_retryable(),
            error.retry_after(),
            error.is_after_lost_answer(),
        ),
    }

    // One attempt, and soon, for a call that nobody waits long for.
    let hasty = ClientBuilder::from_env()?.retry(NoRetry).build()?;
    let reply = hasty.with_timeout(Duration::from_millis(500)).show_app(app_id.as_str()).await?;
    println!("{}", reply.status());
    Ok(())
}
