//! `serve`: runs the mock until it is told to stop.

use std::error::Error;
use std::fmt::Write as _;
use std::io::{self, IsTerminal as _, Write as _};
use std::path::Path;

use rtc_mock_server::{
    AuthMode, DEFAULT_SECRET_KEY, Fault, Fixture, MockServer, StartError, Throttle,
};
use rtc_model::OperationId;
use rtc_signer::Credentials;
use tracing_appender::non_blocking::{NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::cli::config::KeyEntry;
use crate::cli::{Failure, ServeArgs, env, fault_file, open_files};

/// How many lines of the log may wait to be written.
const WAITING_LINES: usize = 10_000;

/// Serves until SIGTERM or SIGINT.
pub(crate) fn run(args: &ServeArgs, further_keys: &[KeyEntry]) -> Result<(), Failure> {
    args.access.tls.check()?;
    // Dropped at the end: what is not written by then gets a moment.
    let _log = start_log(args)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::Failed(format!("cannot start: {error}")))?;
    let outcome = runtime.block_on(async {
        // Listened for from the start, so that no signal is lost or kills half a start.
        let mut signals = Signals::new()
            .map_err(|error| Failure::Failed(format!("cannot listen for signals: {error}")))?;
        let server = start(args, further_keys).await?;
        announce(args, &server)
            .map_err(|error| Failure::Failed(format!("cannot write to stdout: {error}")))?;
        signals.next().await;
        tokio::select! {
            () = server.shutdown() => {}
            // A second signal leaves at once.
            () = signals.next() => {}
        }
        Ok(())
    });
    // A look-up of a name that is still under way is not waited for.
    runtime.shutdown_background();
    outcome
}

async fn start(args: &ServeArgs, further_keys: &[KeyEntry]) -> Result<MockServer, Failure> {
    let access = &args.access;
    let mut builder = MockServer::builder()
        .listen(access.listen)
        .credentials_for(
            Credentials::new(access.key.access_key.as_str(), access.key.secret_key.0.as_str()),
            access.project_id.iter().cloned(),
        )
        .token(access.token.0.as_str())
        .iam_user(args.iam_user.as_str(), args.iam_password.0.as_str())
        .iam_domain(args.iam_domain.as_str())
        .auth(args.auth)
        .clock(args.clock.clone())
        .journal(args.journal)
        .journal_bytes(args.journal_bytes)
        .app_quota(args.app_quota)
        .job_limit(args.job_limit)
        .job_init_delay(args.job_init_delay)
        .throttle(args.throttle)
        .max_connections(open_files::room_for(args.max_connections))
        .head_timeout(args.head_timeout);
    for key in further_keys {
        builder = builder.credentials_for(key.credentials(), key.projects.iter().cloned());
    }
    let tls = &access.tls;
    if let (Some(chain), Some(key)) = (&tls.tls_cert, &tls.tls_key) {
        let read = |path: &Path| {
            std::fs::read(path).map_err(|error| {
                Failure::Failed(format!("cannot read {}: {error}", path.display()))
            })
        };
        builder = builder.tls(read(chain)?, read(key)?);
    }
    if tls.tls_self_signed {
        builder = builder.tls_self_signed(tls.tls_name.iter().cloned());
    }
    for fault in faults(args)? {
        builder = builder.fault(fault);
    }
    if args.lockout {
        builder = builder.lockout();
    }
    if args.check_buckets {
        builder = builder.check_buckets();
    }
    if args.zero_times {
        builder = builder.zero_times();
    }
    if let Some(address) = access.admin.admin_listen.0 {
        builder = builder.admin_listen(address);
    }
    if let Some(token) = &access.admin.admin_token {
        builder = builder.admin_token(token.0.as_str());
    }
    builder = args.callbacks.apply(builder)?;
    if let Some(seed) = args.seed {
        builder = builder.seed(seed);
    }
    if let Some(folder) = &args.data_dir {
        builder = builder.data_dir(folder);
    }
    if let Some(path) = &args.fixture {
        let name = path.display();
        let text = std::fs::read_to_string(path)
            .map_err(|error| Failure::Failed(format!("cannot read the fixture {name}: {error}")))?;
        let fixture = Fixture::from_json(&text)
            .map_err(|error| Failure::Failed(format!("{name}: {error}")))?;
        builder = builder.fixture(fixture);
    }
    builder.start().await.map_err(|error| match &error {
        StartError::Bind { address, source } if source.kind() == io::ErrorKind::AddrInUse => {
            Failure::AddressInUse(*address)
        }
        StartError::AdminNotLoopback { .. }
        | StartError::Empty { .. }
        | StartError::Zero { .. } => Failure::Usage(error.to_string()),
        _ => Failure::Failed(with_causes(&error)),
    })
}

/// The faults of the file, then those of the flags.
fn faults(args: &ServeArgs) -> Result<Vec<Fault>, Failure> {
    let mut faults = args.fault_file.as_deref().map_or(Ok(Vec::new()), fault_file::read)?;
    faults.extend(args.fault.iter().cloned());
    Ok(faults)
}

pub(crate) fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let _ = write!(text, ": {error}");
        cause = error.source();
    }
    text
}

/// One line on stdout for programs, the banner on stderr for people.
fn announce(args: &ServeArgs, server: &MockServer) -> io::Result<()> {
    let api = server.url();
    let admin = server.admin_url().unwrap_or_else(|| "off".to_owned());
    let line = if args.json {
        serde_json::json!({ "api": api, "admin": admin }).to_string()
    } else {
        format!("ready api={api} admin={admin}")
    };
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{line}")?;
    stdout.flush()?;
    if !args.quiet {
        // A banner that nobody can read is no reason to stop.
        let _ = io::stderr().lock().write_all(banner(args, server, &admin).as_bytes());
    }
    Ok(())
}

fn banner(args: &ServeArgs, server: &MockServer, admin: &str) -> String {
    let access = &args.access;
    let address = server.address();
    let mut text = format!(
        "rtc-mock-server {} · {} operations · not affiliated with Huawei\n  api    {}\n  admin  {admin}\n",
        env!("CARGO_PKG_VERSION"),
        OperationId::ALL.len(),
        server.url(),
    );
    if admin != "off" {
        let _ = writeln!(text, "  page   {admin}/ shows every exchange in a browser");
    }
    let _ = writeln!(text, "  clock  {}", args.clock);
    let _ = writeln!(text, "  seed   {}", server.seed());
    if args.throttle != Throttle::Off {
        let _ = writeln!(text, "  throttle {}", args.throttle);
    }
    if args.auth == AuthMode::Off {
        text.push_str("  auth   off: credentials are not checked\n");
    }
    for fault in server.faults().list() {
        let _ = writeln!(text, "  fault  {}", fault.spec);
    }
    if let Some(fixture) = &args.fixture {
        let _ = writeln!(text, "  fixture {}", fixture.display());
    }
    if let Some(folder) = &args.data_dir {
        let _ = writeln!(text, "  data   {}", folder.display());
    }
    // A secret key of somebody's own is not written to a terminal or a log.
    if server.ca_pem().is_some() {
        let command = "eval \"$(rtc-mock-server env --tls-self-signed --ca FILE …)\"";
        let _ = writeln!(text, "  tls    self-signed; {command} makes clients trust it");
    }
    if access.key.secret_key.0 == DEFAULT_SECRET_KEY {
        text.push_str("Point the official SDKs or rtc-client here:\n");
        text.push_str(&env::exports(access, address));
    } else {
        let _ = writeln!(
            text,
            "Point the official SDKs or rtc-client here: eval \"$(rtc-mock-server env --listen {address} …)\" with the keys that serve was given"
        );
    }
    text
}

/// The log is written by a thread of its own, and lines are dropped when nobody reads them: a full
/// pipe must not stop the server.
fn start_log(args: &ServeArgs) -> Result<WorkerGuard, Failure> {
    let default = if args.quiet { "error" } else { "info" };
    let filter = args.log.as_deref().unwrap_or(default);
    let filter: Targets =
        filter.parse().map_err(|error| Failure::Usage(format!("--log {filter:?}: {error}")))?;
    // Room for each line is taken at the start.
    let lines = NonBlockingBuilder::default().buffered_lines_limit(WAITING_LINES);
    let (writer, guard) = lines.finish(io::stderr());
    tracing_subscriber::fmt()
        .with_max_level(LevelFilter::TRACE)
        .with_writer(writer)
        .with_ansi(io::stderr().is_terminal())
        .with_target(false)
        .finish()
        .with(filter)
        .init();
    Ok(guard)
}

/// SIGTERM and SIGINT; Ctrl-C where there are no such signals.
pub(super) struct Signals {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
}

impl Signals {
    #[cfg(unix)]
    pub(super) fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    #[cfg(not(unix))]
    #[expect(clippy::unnecessary_wraps, reason = "the same form as on Unix")]
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self {})
    }

    #[cfg(unix)]
    pub(super) async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }

    #[cfg(not(unix))]
    pub(super) async fn next(&mut self) {
        // Without a handler the system ends the program, which is what was asked for.
        let _ = tokio::signal::ctrl_c().await;
    }
}
