//! Cases of the contract: named checks of a level, run one after the other.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::str::FromStr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The levels of the contract, from truth to agreement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Level {
    /// Operation value to request, against golden requests.
    L1,
    /// Bytes to operation and to output, against golden messages.
    L2,
    /// Signer and verifier, against vectors and captures of official SDKs.
    L3,
    /// The real client, against a scripted peer that replays golden replies.
    L4,
    /// The mock, driven with golden requests by a plain socket.
    L5,
    /// Client and mock together.
    L6,
    /// The official Python SDK against the mock as a program.
    L7,
    /// What the levels before have asserted, against all that there is.
    L8,
}

impl Level {
    /// All levels.
    pub const ALL: [Self; 8] =
        [Self::L1, Self::L2, Self::L3, Self::L4, Self::L5, Self::L6, Self::L7, Self::L8];

    /// What the level compares.
    pub fn title(self) -> &'static str {
        match self {
            Self::L1 => "encode: values against golden requests",
            Self::L2 => "decode: golden messages against values",
            Self::L3 => "signature: vectors and captures of official SDKs",
            Self::L4 => "client: against replayed golden replies",
            Self::L5 => "server: against golden requests",
            Self::L6 => "together: client against mock server",
            Self::L8 => "coverage: every answer of every operation",
            Self::L7 => "peer: official Python SDK against the program",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

impl FromStr for Level {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|level| level.to_string().eq_ignore_ascii_case(text))
            .ok_or_else(|| format!("{text:?} is no level; there are L1 to L8"))
    }
}

type Run = Box<dyn FnOnce() -> Pin<Box<dyn Future<Output = ()> + Send>> + Send>;

/// One check; it fails by panicking.
pub struct Case {
    /// The level.
    pub level: Level,
    /// The operation that it is about; empty when it is about none.
    pub operation: String,
    /// What is checked.
    pub name: String,
    run: Run,
}

impl Case {
    /// Makes a case.
    pub fn new<F>(
        level: Level,
        operation: impl Into<String>,
        name: impl Into<String>,
        run: impl FnOnce() -> F + Send + 'static,
    ) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let run: Run = Box::new(move || Box::pin(run()));
        Self { level, operation: operation.into(), name: name.into(), run }
    }

    /// Makes a case that need not wait for anything.
    pub fn sync(
        level: Level,
        operation: impl Into<String>,
        name: impl Into<String>,
        run: impl FnOnce() + Send + 'static,
    ) -> Self {
        Self::new(level, operation, name, move || async move { run() })
    }
}

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.level, self.operation, self.name)
    }
}

/// What became of a case.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Outcome {
    /// The level.
    pub level: Level,
    /// The operation.
    pub operation: String,
    /// What was checked.
    pub name: String,
    /// How long it took.
    pub duration: Duration,
    /// How it ended.
    pub end: End,
}

/// How a case ended.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum End {
    /// As it should.
    Passed,
    /// With what was found instead.
    Failed(String),
    /// It was not run, for a reason.
    Skipped(String),
}

impl Outcome {
    /// An outcome of a case that ran elsewhere.
    pub fn new(level: Level, operation: &str, name: &str, duration: Duration, end: End) -> Self {
        Self { level, operation: operation.into(), name: name.into(), duration, end }
    }
}

static LAST_PANIC: Mutex<String> = Mutex::new(String::new());

/// Keeps what panics say for the report instead of printing it.
pub fn capture_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let payload = panic.payload();
        let text = payload.downcast_ref::<String>().map(String::as_str);
        let text =
            text.or_else(|| payload.downcast_ref::<&str>().copied()).unwrap_or("it panicked");
        let place = panic.location().map(|place| format!(" ({}:{})", place.file(), place.line()));
        let text = format!("{text}{}", place.unwrap_or_default());
        *LAST_PANIC.lock().unwrap_or_else(PoisonError::into_inner) = text;
    }));
}

/// Runs a case.
pub async fn run(case: Case) -> Outcome {
    let started = Instant::now();
    let ended = tokio::spawn((case.run)()).await;
    let end = match ended {
        Ok(()) => End::Passed,
        Err(_) => End::Failed(LAST_PANIC.lock().unwrap_or_else(PoisonError::into_inner).clone()),
    };
    Outcome::new(case.level, &case.operation, &case.name, started.elapsed(), end)
}
