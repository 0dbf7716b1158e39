//! Servers that are measured.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::run::repository;

use super::request::{FIXTURE, FLAGS, HEADERS, PATH};
use super::tool;

/// Longer than anything takes that comes.
const PATIENCE: Duration = Duration::from_secs(30);

/// What is started.
pub(super) struct Program(pub(super) PathBuf);

impl Program {
    /// Starts the mock, with what the request needs and with flags of its own.
    pub(super) fn mock(&self, flags: &[&str]) -> Result<Server, String> {
        let mut all = vec!["--quiet", "--listen", "127.0.0.1:0", "--admin-listen", "off"];
        all.extend(FLAGS);
        if !flags.contains(&"--fixture") {
            all.extend(["--fixture", FIXTURE]);
        }
        all.extend(flags);
        self.start(&all)
    }

    /// Starts it and reads its line of readiness.
    pub(super) fn start(&self, args: &[&str]) -> Result<Server, String> {
        let began = Instant::now();
        let mut command = Command::new(&self.0);
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("RTC_MOCK_")) {
            command.env_remove(name);
        }
        let mut child = command
            .args(args)
            .current_dir(repository())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{}: {error}", self.0.display()))?;
        let mut line = String::new();
        if let Some(stdout) = child.stdout.take() {
            BufReader::new(stdout).read_line(&mut line).map_err(|error| error.to_string())?;
        }
        let url = line.split_whitespace().find_map(|word| word.strip_prefix("api="));
        let url = url.ok_or_else(|| format!("{}: it is not ready: {line:?}", self.0.display()))?;
        Ok(Server { url: url.to_owned(), child, began, ready: began.elapsed() })
    }
}

/// A running server; killed when dropped.
pub(super) struct Server {
    pub(super) url: String,
    child: Child,
    began: Instant,
    ready: Duration,
}

impl Server {
    /// A connection that stays.
    pub(super) fn connect(&self) -> Result<Connection, String> {
        let address = self.url.trim_start_matches("http://");
        let stream = TcpStream::connect(address).map_err(|error| error.to_string())?;
        let set = stream.set_nodelay(true).and_then(|()| stream.set_read_timeout(Some(PATIENCE)));
        set.map_err(|error| error.to_string())?;
        Ok(Connection(BufReader::new(stream)))
    }

    /// How long it took from the start to the line of readiness.
    pub(super) const fn ready(&self) -> Duration {
        self.ready
    }

    /// The time since the start, once the signed request is answered.
    pub(super) fn first_answer(&self) -> Result<Duration, String> {
        self.connect()?.get(PATH, &HEADERS)?;
        Ok(self.began.elapsed())
    }

    /// The resident memory in bytes.
    pub(super) fn memory(&self) -> Result<f64, String> {
        let path = format!("/proc/{}/status", self.child.id());
        let status = std::fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
        kilobytes.map(|kilobytes| kilobytes * 1024.0).ok_or_else(|| format!("{path}: no VmRSS"))
    }

    /// How long it takes from SIGTERM to its end.
    pub(super) fn stop(mut self) -> Result<Duration, String> {
        let began = Instant::now();
        // kill is a program of its own, whose start is part of the time.
        let sent = tool("kill").args(["-TERM", &self.child.id().to_string()]).status();
        sent.map_err(|error| format!("kill: {error}"))?;
        let exit = self.child.wait().map_err(|error| error.to_string())?;
        if exit.success() { Ok(began.elapsed()) } else { Err(format!("it ended with {exit}")) }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One connection.
pub(super) struct Connection(BufReader<TcpStream>);

impl Connection {
    /// The body of the answer, which must be a 200, and how long it took.
    pub(super) fn get(
        &mut self,
        target: &str,
        headers: &[&str],
    ) -> Result<(Vec<u8>, Duration), String> {
        let began = Instant::now();
        let headers = headers.join("\r\n");
        let request = format!("GET {target} HTTP/1.1\r\n{headers}\r\n\r\n");
        self.0.get_mut().write_all(request.as_bytes()).map_err(|error| error.to_string())?;
        let (mut head, mut length) = (String::new(), 0);
        loop {
            let start = head.len();
            self.0.read_line(&mut head).map_err(|error| error.to_string())?;
            let line = head.get(start..).unwrap_or_default().to_ascii_lowercase();
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse().map_err(|_| format!("an odd length: {line}"))?;
            }
            if line.trim().is_empty() {
                break;
            }
        }
        if !head.starts_with("HTTP/1.1 200") {
            return Err(format!("GET {target}: {head}"));
        }
        let mut body = vec![0; length];
        self.0.read_exact(&mut body).map_err(|error| error.to_string())?;
        Ok((body, began.elapsed()))
    }
}
