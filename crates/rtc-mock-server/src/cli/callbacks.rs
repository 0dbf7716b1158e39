//! The flags of `serve` about the notifications that the mock sends.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use rtc_mock_server::MockServerBuilder;

use crate::cli::{Failure, duration};

#[derive(Debug, Args)]
pub(crate) struct CallbackArgs {
    /// A host that notifications may be sent to, besides this machine and private networks; `any`
    /// for all. Several: parted by commas. Link-local addresses are never sent to.
    #[arg(long, env = "RTC_MOCK_ALLOW_CALLBACK_TO", value_name = "HOST", value_delimiter = ',')]
    pub(crate) allow_callback_to: Vec<String>,
    /// How long an attempt to deliver a notification may take, in real time.
    #[arg(long, env = "RTC_MOCK_CALLBACK_TIMEOUT", value_name = "TIME", value_parser = duration, default_value = "5s")]
    pub(crate) callback_timeout: Duration,
    /// After how long a notification that was not delivered is tried again, by the mock's clock:
    /// times parted by commas, each counted from the attempt before, or `off`.
    #[arg(
        long,
        env = "RTC_MOCK_CALLBACK_RETRIES",
        value_name = "TIMES",
        default_value = "1s,5s,25s"
    )]
    pub(crate) callback_retries: Retries,
    /// How many notifications may wait; when so many do, jobs tell of what they record later.
    #[arg(long, env = "RTC_MOCK_CALLBACK_QUEUE", value_name = "N", default_value_t = 10_000)]
    pub(crate) callback_queue: usize,
    /// Certificates (PEM) by which receivers behind TLS are trusted, besides the machine's.
    #[arg(long, env = "RTC_MOCK_CALLBACK_CA", value_name = "FILE")]
    pub(crate) callback_ca: Option<PathBuf>,
    /// Refuses a callback URL to which no connection comes about (RTC.00001018).
    #[arg(long, env = "RTC_MOCK_PROBE_CALLBACK_URL")]
    pub(crate) probe_callback_url: bool,
}

impl CallbackArgs {
    pub(crate) fn apply(&self, builder: MockServerBuilder) -> Result<MockServerBuilder, Failure> {
        let mut builder = builder
            .callback_timeout(self.callback_timeout)
            .callback_retries(self.callback_retries.0.iter().copied())
            .callback_queue(self.callback_queue);
        for host in &self.allow_callback_to {
            builder = builder.allow_callback_to(host);
        }
        if let Some(path) = &self.callback_ca {
            let pem = std::fs::read(path).map_err(|error| {
                Failure::Failed(format!("cannot read {}: {error}", path.display()))
            })?;
            builder = builder.callback_ca(pem);
        }
        Ok(if self.probe_callback_url { builder.probe_callback_url() } else { builder })
    }
}

/// When further attempts are made.
#[derive(Debug, Clone)]
pub(crate) struct Retries(Vec<Duration>);

impl std::str::FromStr for Retries {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "off" {
            return Ok(Self(Vec::new()));
        }
        let times = text.split(',').map(|time| duration(time.trim()));
        let times = times.collect::<Result<Vec<_>, _>>()?;
        if times.len() > 20 {
            return Err("there are more than 20 times; give 20 at most".to_owned());
        }
        Ok(Self(times))
    }
}
