//! The soak: clients with retries change a mock server that fails on purpose, for a bounded time,
//! and hold it against a model of its state. Run it by `cargo xtask soak`; docs/soak.md is about it.

#![expect(clippy::print_stdout, reason = "the output is what the program is for")]

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime};

use clap::Parser;
use fastrand::Rng;
use rtc_client::{Client, Credentials};
use rtc_mock_server::{DEFAULT_ACCESS_KEY, DEFAULT_PROJECT_ID, DEFAULT_SECRET_KEY};
use tokio::task::JoinSet;

use self::figures::{Counting, Figures, TWICE};
use self::mock::{Mock, Mode};
use self::process::Usage;
use self::receiver::Receiver;
use self::worker::{Shared, Worker};

mod doubt;
mod faults;
mod figures;
mod ledger;
mod mock;
mod model;
mod process;
mod receiver;
mod worker;

/// How many exchanges the mock keeps in its journal: once so many were made, it holds what it
/// holds.
const JOURNAL: u64 = 1_000;
/// How long what must happen may take.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long nobody asks again for what is not there yet.
const PAUSE: Duration = Duration::from_millis(20);
/// How much the memory of a process may grow after the warm-up, in KiB.
const GROWTH: u64 = 16 << 10;

/// Changes a mock server that fails on purpose, and holds it against a model of its state.
#[derive(Debug, Parser)]
struct Args {
    /// How long, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    seconds: u64,
    /// Decides what the clients do and what fails; the time does by default.
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// How many clients work at a time.
    #[arg(long, value_name = "N", default_value_t = 8)]
    clients: usize,
    /// Keeps the state on disk, kills the server again and again, and starts it anew.
    #[arg(long)]
    kill: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    let args = Args::parse();
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let seed = args.seed.unwrap_or(u64::from(now.subsec_nanos()));
    let mode = if args.kill { Mode::Killed } else { Mode::Steady };
    println!("soak of {} s, {} clients, seed {seed}, {mode:?}", args.seconds, args.clients);
    match soak(Duration::from_secs(args.seconds), seed, args.clients, mode).await {
        Ok(violations) if violations.is_empty() => {
            println!("nothing is lost, nothing is done twice, nothing has grown");
            ExitCode::SUCCESS
        }
        Ok(violations) => {
            for violation in violations {
                println!("VIOLATION: {violation}");
            }
            ExitCode::FAILURE
        }
        Err(error) => {
            println!("the soak was not made: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Descriptors and memory of the server and of this process.
#[derive(Debug, Clone, Copy)]
struct Idle {
    server: Usage,
    clients: Usage,
}

/// Runs it and tells its figures; gives what must not be.
async fn soak(
    time: Duration,
    seed: u64,
    clients: usize,
    mode: Mode,
) -> Result<Vec<String>, String> {
    let figures = Arc::new(Figures::default());
    let receiver = Receiver::start(seed, mode, Arc::clone(&figures)).await?;
    let mock = Mock::start(seed, mode).await?;
    let is_ending = AtomicBool::new(false);
    let shared = Arc::new(Shared { figures: Arc::clone(&figures), receiver, mock, is_ending });
    let workers = (0..clients).map(|number| Worker::new(number, seed)).collect();

    let warm_up = time / 5;
    let workers = work(&shared, workers, warm_up, mode, seed).await?;
    let before = idle(&shared).await?;
    let is_warm = figures.calls() >= JOURNAL;
    let workers = work(&shared, workers, time.saturating_sub(warm_up), mode, !seed).await?;
    finish(&shared, workers).await;
    let after = idle(&shared).await?;

    shared.mock.count_struck().await?;
    tell(&shared, before, after);
    let mut grown = vec![("the clients", before.clients, after.clients)];
    if mode == Mode::Steady {
        let (refused, struck) = (shared.receiver.refused(), shared.mock.struck_signatures());
        if refused != struck {
            let text = format!("{struck} signatures were spoilt, but {refused} were refused");
            figures.violation(text);
        }
        grown.push(("the server", before.server, after.server));
    }
    for (who, before, after) in grown {
        if after.descriptors > before.descriptors {
            figures.violation(format!("{who} had {before}, and now {after}"));
        }
        let most = before.resident.map(|resident| resident + GROWTH);
        if is_warm && after.resident > most {
            figures.violation(format!("{who} had {before}, and now {after}"));
        }
    }
    Ok(figures.violations())
}

/// Lets the workers change things for a time.
async fn work(
    shared: &Arc<Shared>,
    workers: Vec<Worker>,
    time: Duration,
    mode: Mode,
    seed: u64,
) -> Result<Vec<Worker>, String> {
    shared.is_ending.store(false, Ordering::Relaxed);
    let mut running = JoinSet::new();
    for mut worker in workers {
        let (shared, client) = (Arc::clone(shared), client(shared)?);
        running.spawn(async move {
            if let Err(error) = worker.change_things(&shared, &client).await {
                shared.figures.violation(error);
            }
            worker
        });
    }
    let (end, mut rng) = (Instant::now() + time, Rng::with_seed(seed));
    let mut next_kill = Instant::now() + Duration::from_millis(rng.u64(1_000..4_000));
    while Instant::now() < end {
        tokio::time::sleep(PAUSE).await;
        if let Err(error) = shared.receiver.owed() {
            shared.figures.violation(error);
        }
        if !shared.figures.violations().is_empty() {
            break;
        }
        if mode == Mode::Killed && Instant::now() > next_kill {
            shared.mock.kill().await?;
            shared.figures.count("kills");
            next_kill = Instant::now() + Duration::from_millis(rng.u64(1_000..4_000));
        }
    }
    shared.is_ending.store(true, Ordering::Relaxed);
    let mut workers = Vec::new();
    while let Some(ended) = running.join_next().await {
        workers.push(ended.map_err(|error| error.to_string())?);
    }
    Ok(workers)
}

/// A client with the retries that it has by default.
fn client(shared: &Shared) -> Result<Client, String> {
    let client = Client::builder()
        .endpoint(&shared.mock.url)
        .credentials(Credentials::new(DEFAULT_ACCESS_KEY, DEFAULT_SECRET_KEY))
        .project_id(DEFAULT_PROJECT_ID)
        .observe(Counting(Arc::clone(&shared.figures)))
        .build();
    client.map_err(|error| error.to_string())
}

/// Ends all jobs, waits for what is owed, and compares everything.
async fn finish(shared: &Arc<Shared>, workers: Vec<Worker>) {
    if !shared.figures.violations().is_empty() {
        return;
    }
    if let Err(error) = finished(shared, workers).await {
        shared.figures.violation(error);
    }
}

async fn finished(shared: &Arc<Shared>, mut workers: Vec<Worker>) -> Result<(), String> {
    let client = client(shared)?;
    for worker in &mut workers {
        worker.finish(shared, &client).await?;
    }
    let deadline = Instant::now() + PATIENCE;
    while shared.receiver.owed()? > 0 && Instant::now() < deadline {
        tokio::time::sleep(PAUSE).await;
    }
    if let Some(job) = shared.receiver.unowed().first() {
        shared.figures.count(TWICE);
        return Err(format!("a job tells of itself that nobody has begun: {job}"));
    }
    // Each name once, and no app that nobody has made.
    let project = shared.mock.state().await?;
    let apps = project["apps"].as_array().map_or(&[][..], Vec::as_slice);
    let mut found: Vec<_> = apps.iter().filter_map(|app| app["app_name"].as_str()).collect();
    let mut expected: Vec<_> =
        workers.iter().flat_map(|worker| &worker.apps).map(|app| app.name.as_str()).collect();
    found.sort_unstable();
    expected.sort_unstable();
    if found != expected {
        shared.figures.count(TWICE);
        return Err(format!("there are the apps {found:?} instead of {expected:?}"));
    }
    Ok(())
}

/// Waits until no connection is left, and looks at what is used then.
async fn idle(shared: &Shared) -> Result<Idle, String> {
    let id = shared.mock.id().await.ok_or("the mock server has ended")?;
    let deadline = Instant::now() + PATIENCE;
    // A connection that is closed as idle may just be given the next notification.
    while shared.mock.deliver().await? > 0 {
        if Instant::now() > deadline {
            return Err("notifications still wait".to_owned());
        }
    }
    let (mut last, mut same) = (Usage::default(), 0);
    // All is told, and what is open has not changed for a second.
    while same < 50 {
        if Instant::now() > deadline {
            return Err("the server does not come to rest".to_owned());
        }
        tokio::time::sleep(PAUSE).await;
        let open = shared.receiver.close_idle();
        let now = Usage::of(id);
        let is_same = open == 0 && now.descriptors == last.descriptors;
        same = if is_same { same + 1 } else { 0 };
        last = now;
    }
    Ok(Idle { server: last, clients: Usage::of(std::process::id()) })
}

fn tell(shared: &Shared, before: Idle, after: Idle) {
    for (what, count) in shared.figures.lines() {
        println!("{count:>10}  {what}");
    }
    let struck = shared.mock.struck();
    println!("{:>10}  faults struck", struck.values().sum::<u64>());
    for (spec, count) in struck {
        println!("{count:>10}    {spec}");
    }
    println!("the server, idle: {}; at the end {}", before.server, after.server);
    println!("the clients, idle: {}; at the end {}", before.clients, after.clients);
}
