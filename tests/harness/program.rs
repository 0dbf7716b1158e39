//! The mock server as a program.

use std::collections::BTreeMap;
use std::process::{Command, Stdio};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Child;

use crate::http_text::{Message, exchange};
use crate::program;

/// How long the program may take to be ready, or to stop.
const PATIENCE: Duration = Duration::from_secs(20);

/// The flags that `env` has to know as well.
const ACCESS: [&str; 4] = ["--access-key", "--secret-key", "--project-id", "--tls-self-signed"];

/// A running `rtc-mock-server`; killed when dropped.
#[derive(Debug)]
pub struct MockProgram {
    child: Child,
    api: String,
    admin: String,
    access: Vec<String>,
}

impl MockProgram {
    /// Starts the program on free ports and waits for its line of readiness. `flags` come in pairs
    /// of name and value; one without a value comes last.
    pub async fn start(flags: &[&str]) -> Self {
        let path = program("rtc-mock-server");
        let mut command = tokio::process::Command::new(&path);
        command
            .args(["serve", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", "--quiet"])
            .args(flags)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true);
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("RTC_MOCK_")) {
            command.env_remove(name);
        }
        let mut child =
            command.spawn().unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let stdout = child.stdout.take().expect("stdout is piped");
        let mut line = String::new();
        let mut reader = BufReader::new(stdout);
        let read = tokio::time::timeout(PATIENCE, reader.read_line(&mut line)).await;
        assert!(matches!(read, Ok(Ok(_))), "the mock server did not become ready");
        let value = |key: &str| {
            let mut words = line.split_whitespace();
            words.find_map(|word| word.strip_prefix(key)).unwrap_or_default().to_owned()
        };
        let (api, admin) = (value("api="), value("admin="));
        assert!(api.starts_with("http"), "the line of readiness is {line:?}");
        // What `env` has to know as well.
        let access = flags
            .chunks(2)
            .filter(|pair| ACCESS.contains(&pair[0]))
            .flatten()
            .map(|flag| (*flag).to_owned())
            .collect();
        Self { child, api, admin, access }
    }

    /// Where the API is, `http://HOST:PORT`.
    pub fn api(&self) -> &str {
        &self.api
    }

    /// `HOST:PORT` of the API.
    pub fn address(&self) -> &str {
        self.api.rsplit('/').next().unwrap_or_default()
    }

    /// Where the admin API is, `http://HOST:PORT`.
    pub fn admin_url(&self) -> &str {
        &self.admin
    }

    /// The answer of the admin API to a GET.
    pub async fn admin(&self, path: &str) -> Message {
        let address = self.admin.trim_start_matches("http://");
        let request = Message::new(&format!("GET {path} HTTP/1.1"), &[("Host", address)], b"");
        exchange(address, request.to_bytes()).await
    }

    /// The variables that `rtc-mock-server env` prints for this program.
    pub fn env(&self) -> BTreeMap<String, String> {
        self.env_with(&[])
    }

    /// The same with further flags of `env`.
    pub fn env_with(&self, flags: &[&str]) -> BTreeMap<String, String> {
        let output = Command::new(program("rtc-mock-server"))
            .args(["env", "--shell", "json", "--listen", self.address()])
            .args(["--admin-listen", self.admin.trim_start_matches("http://")])
            .args(&self.access)
            .args(flags)
            .output()
            .expect("the mock server runs");
        serde_json::from_slice(&output.stdout).expect("env prints one flat JSON object")
    }

    /// Kills it, as `kill -9` does, and waits until it holds no file any more.
    pub async fn kill(mut self) {
        self.child.kill().await.expect("it can be killed");
    }

    /// Tells it to stop and waits; gives the exit code.
    pub async fn terminate(mut self) -> Option<i32> {
        let id = self.child.id().expect("the program is running").to_string();
        let sent = Command::new("kill").args(["-TERM", &id]).status();
        assert!(sent.is_ok_and(|status| status.success()), "kill -TERM failed");
        let exit = tokio::time::timeout(PATIENCE, self.child.wait()).await;
        exit.expect("it stops on SIGTERM").expect("it can be waited for").code()
    }
}
