//! The mock server as a program that fails on purpose, and is killed where that is wanted.

use std::collections::BTreeMap;
use std::process::Stdio;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rtc_contract_tests::program;
use rtc_mock_server::admin_api::{DeliveryFilter, DeliveryState, FaultStatus};
use rtc_mock_server::{AdminClient, AdminError, AdminErrorKind, DEFAULT_PROJECT_ID};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use super::faults::FAULTS;
use super::figures::locked;

/// How long the program may take to be ready, or an answer of the admin API to come.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long nobody asks a server again that was not reached.
const PAUSE: Duration = Duration::from_millis(20);

/// Whether the server is killed on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// One process from the begin to the end.
    Steady,
    /// Killed again and again; the state is on disk.
    Killed,
}

/// A mock server.
#[derive(Debug)]
pub(crate) struct Mock {
    /// That of the process; the next one has another, or it would give the same ids again.
    seed: AtomicU64,
    mode: Mode,
    child: tokio::sync::Mutex<Child>,
    pub(crate) url: String,
    admin_url: String,
    pub(crate) admin: AdminClient,
    /// How often each fault struck in processes that are gone.
    struck: Mutex<BTreeMap<String, u64>>,
}

impl Mock {
    /// Starts one that holds nothing.
    pub(crate) async fn start(seed: u64, mode: Mode) -> Result<Self, String> {
        let folder = data_folder()?;
        if folder.exists() {
            std::fs::remove_dir_all(&folder).map_err(|error| error.to_string())?;
        }
        let (child, url, admin_url) = spawn(seed, mode, "127.0.0.1:0", "127.0.0.1:0").await?;
        let admin = AdminClient::new(&admin_url).map_err(|error| error.to_string())?;
        let (child, struck) = (tokio::sync::Mutex::new(child), Mutex::default());
        let seed = AtomicU64::new(seed);
        let mock = Self { seed, mode, child, url, admin_url, admin, struck };
        mock.set_faults().await?;
        Ok(mock)
    }

    /// The id of the process.
    pub(crate) async fn id(&self) -> Option<u32> {
        self.child.lock().await.id()
    }

    /// Kills it, and starts it at the same place with what it had kept.
    pub(crate) async fn kill(&self) -> Result<(), String> {
        self.count_struck().await?;
        let mut child = self.child.lock().await;
        child.kill().await.map_err(|error| format!("the mock server cannot be killed: {error}"))?;
        let at = |url: &str| url.trim_start_matches("http://").to_owned();
        let seed = self.seed.fetch_add(1, Ordering::Relaxed).wrapping_add(1);
        let started = spawn(seed, self.mode, &at(&self.url), &at(&self.admin_url)).await?;
        *child = started.0;
        self.set_faults().await
    }

    async fn set_faults(&self) -> Result<(), String> {
        let faults = FAULTS.iter().map(|fault| fault.parse());
        let faults: Vec<_> = faults.collect::<Result<_, _>>().map_err(|e| format!("{e}"))?;
        self.admin.replace_faults(&faults).await.map(drop).map_err(|error| error.to_string())
    }

    /// Adds up how often each fault of this process struck.
    pub(crate) async fn count_struck(&self) -> Result<(), String> {
        let faults = self.admin.faults().await.map_err(|error| error.to_string())?.faults;
        let mut all = locked(&self.struck);
        for FaultStatus { spec, struck, .. } in faults {
            *all.entry(spec).or_default() += struck;
        }
        Ok(())
    }

    /// How often each fault struck that was counted.
    pub(crate) fn struck(&self) -> BTreeMap<String, u64> {
        locked(&self.struck).clone()
    }

    /// How many notifications had a signature that must be refused.
    pub(crate) fn struck_signatures(&self) -> u64 {
        let struck = self.struck();
        struck.iter().filter(|(spec, _)| spec.contains("-signature")).map(|(_, count)| count).sum()
    }

    /// What the mock holds of the project, by the admin API.
    pub(crate) async fn state(&self) -> Result<Value, String> {
        let state = self.patiently(|| self.admin.state()).await?;
        let mut state = serde_json::to_value(state).map_err(|error| error.to_string())?;
        let projects = state["projects"].as_array_mut().map(std::mem::take).unwrap_or_default();
        let mut projects = projects.into_iter();
        let ours = projects.find(|project| project["project_id"] == DEFAULT_PROJECT_ID);
        Ok(ours.unwrap_or_default())
    }

    /// Lets it make all attempts that wait for their time; how many notifications wait then.
    pub(crate) async fn deliver(&self) -> Result<u64, String> {
        self.patiently(|| self.admin.flush_deliveries()).await?;
        let state = Some(DeliveryState::Waiting);
        let waiting = DeliveryFilter { state, ..DeliveryFilter::default() };
        Ok(self.patiently(|| self.admin.deliveries(&waiting)).await?.count)
    }

    /// Asks until there is an answer: the server may just be killed.
    pub(crate) async fn patiently<T, F>(&self, ask: impl Fn() -> F) -> Result<T, String>
    where
        F: Future<Output = Result<T, AdminError>>,
    {
        let asking = async {
            loop {
                match ask().await {
                    Ok(answer) => return Ok(answer),
                    Err(error) if error.kind() == AdminErrorKind::Refused => {
                        return Err(format!("the admin API refuses: {error}"));
                    }
                    Err(error) if self.mode == Mode::Steady => {
                        return Err(format!("the admin API does not answer: {error}"));
                    }
                    Err(_) => tokio::time::sleep(PAUSE).await,
                }
            }
        };
        let answer = tokio::time::timeout(PATIENCE, asking).await;
        answer.map_err(|_| "the admin API does not come back".to_owned())?
    }
}

async fn spawn(
    seed: u64,
    mode: Mode,
    api: &str,
    admin: &str,
) -> Result<(Child, String, String), String> {
    let path = program("rtc-mock-server");
    let mut command = Command::new(&path);
    command
        .args(["serve", "--quiet", "--log", "error", "--listen", api, "--admin-listen", admin])
        .args(["--seed", &seed.to_string(), "--app-quota", "1000", "--callback-retries"])
        .arg(vec!["200ms"; 20].join(","))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true);
    if mode == Mode::Killed {
        command.arg("--data-dir").arg(data_folder()?);
    }
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("RTC_MOCK_")) {
        command.env_remove(name);
    }
    let mut child = command.spawn().map_err(|error| format!("{}: {error}", path.display()))?;
    let stdout = child.stdout.take().ok_or("the mock server has no output")?;
    let mut line = String::new();
    let mut reader = BufReader::new(stdout);
    let read = tokio::time::timeout(PATIENCE, reader.read_line(&mut line)).await;
    read.map_err(|_| "the mock server is not ready in time")?.map_err(|e| e.to_string())?;
    let value = |key: &str| {
        let mut words = line.split_whitespace();
        words.find_map(|word| word.strip_prefix(key)).map(str::to_owned)
    };
    match (value("api="), value("admin=")) {
        (Some(api), Some(admin)) => Ok((child, api, admin)),
        _ => Err(format!("the mock server did not become ready: {line:?}")),
    }
}

/// Where a server that is killed keeps its state: beside the programs.
fn data_folder() -> Result<std::path::PathBuf, String> {
    let program = program("rtc-mock-server");
    let target = program.parent().and_then(std::path::Path::parent);
    Ok(target.ok_or("the programs are in no folder")?.join("soak"))
}
