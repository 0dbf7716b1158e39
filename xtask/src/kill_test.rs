//! `cargo xtask kill-test`: the mock server is killed at random moments under changes, and started
//! again. Every change that it acknowledged must be there, and nothing half-made.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, SystemTime};

use crate::run::{self, Outcome, cargo, target};

use self::worker::Worker;

mod http;
mod worker;

/// How many clients change things at a time: so many that a commit is always under way, or an answer
/// that does not wait for the disk would hardly ever be caught.
const WORKERS: usize = 16;
/// The largest page of a list.
const PAGE: usize = 100;
/// The longest time from the start of the changes to the kill, in milliseconds.
const LONGEST: u64 = 120;

/// Kills the server `rounds` times.
pub(crate) fn run(rounds: u32) -> Outcome {
    run::run(&mut cargo(["build", "--quiet", "--package", "rtc-mock-server"]))?;
    let folder = target()?.join("kill-test");
    if folder.exists() {
        std::fs::remove_dir_all(&folder).map_err(|error| error.to_string())?;
    }
    let program =
        target()?.join("debug").join(format!("rtc-mock-server{}", std::env::consts::EXE_SUFFIX));
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let mut chance = Chance(now.map_or(1, |now| u64::from(now.subsec_nanos())) | 1);
    let mut workers: Vec<_> =
        (0..WORKERS).map(|number| Worker::new(number, chance.next())).collect();
    for round in 1..=rounds {
        let server = Server::start(&program, &folder)?;
        check(&mut workers, &server.address).map_err(|error| format!("round {round}: {error}"))?;
        let wait = Duration::from_millis(chance.next() % LONGEST);
        std::thread::scope(|scope| {
            for worker in &mut workers {
                scope.spawn(|| worker.change_things(&server.address));
            }
            std::thread::sleep(wait);
            server.kill();
        });
    }
    let server = Server::start(&program, &folder)?;
    check(&mut workers, &server.address).map_err(|error| format!("at the end: {error}"))?;
    server.kill();
    let (mut acknowledged, mut cut) = (0, 0);
    for worker in &workers {
        acknowledged += worker.acknowledged;
        cut += worker.cut;
    }
    eprintln!(
        "{rounds} kills, {acknowledged} acknowledged changes, {cut} cut off: none lost, none half-made"
    );
    if acknowledged == 0 || cut == 0 {
        return Err("too little was changed to say anything".to_owned());
    }
    Ok(())
}

/// What each worker knows is there, and nothing else is.
fn check(workers: &mut [Worker], address: &str) -> Outcome {
    let mut names = Vec::new();
    for worker in &mut *workers {
        worker.check(address)?;
        names.extend(worker.names().map(str::to_owned));
    }
    let (status, list) = http::call(address, "GET", &format!("/v2/apps?limit={PAGE}"), "")
        .ok_or("the apps cannot be listed")?;
    let apps = list["apps"].as_array().cloned().unwrap_or_default();
    if status != 200 || list["count"].as_u64() != u64::try_from(names.len()).ok() {
        return Err(format!("there are {} apps instead of {}", list["count"], names.len()));
    }
    for app in apps {
        let is_known = names.iter().any(|name| app["app_name"] == name.as_str());
        if !is_known || app["state"]["state"] != "ACTIVATION" || app["create_time"].is_null() {
            return Err(format!("an app is not whole, or nobody's: {app}"));
        }
    }
    Ok(())
}

/// A xorshift generator.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
}

struct Server {
    child: std::sync::Mutex<Child>,
    address: String,
}

impl Server {
    fn start(program: &Path, folder: &Path) -> Result<Self, String> {
        let mut child = Command::new(program)
            .args(["--quiet", "--log", "error", "--listen", "127.0.0.1:0", "--admin-listen", "off"])
            .args(["--app-quota", "1000", "--job-limit", "1000", "--data-dir"])
            .arg(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("the mock server cannot be started: {error}"))?;
        let mut line = String::new();
        if let Some(stdout) = child.stdout.take() {
            BufReader::new(stdout).read_line(&mut line).map_err(|error| error.to_string())?;
        }
        let mut words = line.split_whitespace();
        match words.find_map(|word| word.strip_prefix("api=http://")) {
            Some(address) => Ok(Self { address: address.to_owned(), child: child.into() }),
            None => Err(format!("the mock server did not become ready: {line:?}")),
        }
    }

    /// SIGKILL where there is such a thing.
    fn kill(&self) {
        let mut child = self.child.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let _ = child.kill();
        let _ = child.wait();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}
