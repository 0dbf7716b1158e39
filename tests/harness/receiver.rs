//! A receiver of notifications that has nothing of ours: Python's standard library alone.

use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

use crate::repository;

/// How long it may take to start, and a notification to come.
const PATIENCE: Duration = Duration::from_secs(20);

/// A running `tests/peer/receive.py`; killed when dropped.
#[derive(Debug)]
pub struct PythonReceiver {
    _child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    url: String,
}

impl PythonReceiver {
    /// Starts it on a free port. It verifies with `auth_key`; verified notifications are answered
    /// with the statuses, the last one from then on.
    ///
    /// # Errors
    ///
    /// The reason when there is no Python.
    pub async fn start(auth_key: &str, statuses: &[u16]) -> Result<Self, String> {
        let statuses: Vec<_> = statuses.iter().map(u16::to_string).collect();
        let mut child = Command::new(if cfg!(windows) { "python" } else { "python3" })
            .arg(repository().join("tests/peer/receive.py"))
            .args(["0", &statuses.join(",")])
            .env("RTC_AUTH_KEY", auth_key)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| format!("Python cannot be run: {error}"))?;
        let stdout = child.stdout.take().expect("stdout is piped");
        let lines = BufReader::new(stdout).lines();
        let mut receiver = Self { _child: child, lines, url: String::new() };
        let ready = receiver.line().await;
        let url = ready.strip_prefix("ready url=").expect("the line of readiness names the URL");
        url.clone_into(&mut receiver.url);
        Ok(receiver)
    }

    /// Where it listens, `http://HOST:PORT`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What it found of the next notification: `verdict`, `event_type`, `answer`, `path`,
    /// `content_type`, `timestamp` and the whole `notification`.
    pub async fn next(&mut self) -> Value {
        serde_json::from_str(&self.line().await).expect("it writes JSON")
    }

    async fn line(&mut self) -> String {
        let line = tokio::time::timeout(PATIENCE, self.lines.next_line()).await;
        line.expect("the receiver has said something in time")
            .expect("its output can be read")
            .expect("it has not ended")
    }
}
