//! The command line.

use std::fmt;
use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use rtc_mock_server::{
    AuthMode, Clock, DEFAULT_ACCESS_KEY, DEFAULT_IAM_DOMAIN, DEFAULT_IAM_PASSWORD,
    DEFAULT_IAM_USER, DEFAULT_PROJECT_ID, DEFAULT_SECRET_KEY, DEFAULT_TOKEN, Fault, Throttle,
};

pub(crate) mod callbacks;
pub(crate) mod config;
pub(crate) mod env;
pub(crate) mod explain;
pub(crate) mod fault_file;
pub(crate) mod health;
pub(crate) mod listen;
mod open_files;
pub(crate) mod operate;
pub(crate) mod serve;

/// A faithful, stateful mock of Huawei Cloud's RTC (SparkRTC) server API v2 that verifies
/// signatures and explains refused ones. Not affiliated with Huawei.
#[derive(Debug, Parser)]
#[command(version, args_conflicts_with_subcommands = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    /// A TOML file with settings; see `rtc-mock-server init`.
    #[arg(long, env = "RTC_MOCK_CONFIG", value_name = "FILE", global = true)]
    pub(crate) config: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) serve: ServeArgs,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serves the API (what happens without a subcommand).
    Serve(Box<ServeArgs>),
    /// Prints what points rtc-client and the official SDKs (Python, Go, Java, .NET) at the mock.
    ///
    /// Reads the flags and variables of `serve` and needs no running server:
    /// `eval "$(rtc-mock-server env)"`.
    Env(EnvArgs),
    /// Prints the OpenAPI 3.1 document of the API.
    Openapi {
        /// That of the admin API instead.
        #[arg(long)]
        admin: bool,
    },
    /// Prints the JSON Schema of fixtures.
    Schema,
    /// Asks a running mock whether it is well; exits with 0 or 1.
    Health(HealthArgs),
    /// Says why the signature of a request is accepted or refused.
    ///
    /// Reads a raw HTTP/1.1 request on the standard input (line ends CR LF or LF; the body by
    /// Content-Length, else the rest) and needs no running server. Exits with 0 if the signature
    /// is accepted, 1 if it is refused, 2 if the request cannot be read.
    Explain(ExplainArgs),
    /// Receives notifications and shows each with its verdict and its age, until SIGTERM.
    ///
    /// For people who want to see what comes to a callback. It answers 200, and refused ones with
    /// 401, or as --answer says. Says where it listens in its first line.
    Listen(listen::ListenArgs),
    /// Shows what came in, what went out, and what was found of it; with a number one exchange.
    ///
    /// Secrets are masked.
    Inspect(Box<operate::InspectArgs>),
    /// Begins anew: the fixture again, an empty journal, the clock and the faults of the start.
    Reset(operate::ResetArgs),
    /// Shows the clock, sets it, or sets it forward.
    Clock(operate::ClockArgs),
    /// Lists, adds and removes faults.
    Fault(operate::FaultArgs),
    /// Tells about the settings.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Writes a file with all settings, commented out, for --config.
    Init(InitArgs),
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Prints every setting with its value and who said so: a flag, a variable, the file, or
    /// nobody. Secrets are masked.
    Show(Box<ServeArgs>),
    /// Prints the page of the reference.
    Reference,
}

#[derive(Debug, Args)]
pub(crate) struct InitArgs {
    /// The file; one that is there is left alone.
    #[arg(value_name = "FILE", default_value = "rtc-mock.toml")]
    pub(crate) file: PathBuf,
}

/// The key that is known.
#[derive(Debug, Args)]
pub(crate) struct KeyArgs {
    /// The access key (AK) that is accepted.
    #[arg(long, env = "RTC_MOCK_ACCESS_KEY", value_name = "AK", default_value = DEFAULT_ACCESS_KEY)]
    pub(crate) access_key: String,
    /// The secret key (SK) of the access key.
    #[arg(
        long,
        env = "RTC_MOCK_SECRET_KEY",
        value_name = "SK",
        default_value = DEFAULT_SECRET_KEY,
        hide_env_values = true
    )]
    pub(crate) secret_key: Hidden,
}

/// Where the admin API is, and who may use it.
#[derive(Debug, Args)]
pub(crate) struct AdminArgs {
    /// Where the admin API listens, or `off`.
    #[arg(
        long,
        env = "RTC_MOCK_ADMIN_LISTEN",
        value_name = "ADDR|off",
        default_value = "127.0.0.1:8471"
    )]
    pub(crate) admin_listen: AdminListen,
    /// What the admin API asks for (Authorization: Bearer TOKEN); needed where it listens on
    /// another address than loopback.
    #[arg(long, env = "RTC_MOCK_ADMIN_TOKEN", value_name = "TOKEN", hide_env_values = true)]
    pub(crate) admin_token: Option<Hidden>,
}

/// Who is let in and where: what `serve`, `env` and `health` need to agree on.
#[derive(Debug, Args)]
pub(crate) struct AccessArgs {
    /// Where the API listens; port 0 takes a free one.
    #[arg(long, env = "RTC_MOCK_LISTEN", value_name = "ADDR", default_value = "127.0.0.1:8470")]
    pub(crate) listen: SocketAddr,
    #[command(flatten)]
    pub(crate) admin: AdminArgs,
    #[command(flatten)]
    pub(crate) key: KeyArgs,
    /// The project of the access key and the token. Several, parted by commas: the key may act in
    /// each of them, and in the first where a request names none.
    #[arg(
        long,
        env = "RTC_MOCK_PROJECT_ID",
        value_name = "ID",
        value_delimiter = ',',
        default_value = DEFAULT_PROJECT_ID
    )]
    pub(crate) project_id: Vec<String>,
    /// A user token (X-Auth-Token) that is always accepted.
    #[arg(
        long,
        env = "RTC_MOCK_TOKEN",
        value_name = "TOKEN",
        default_value = DEFAULT_TOKEN,
        hide_env_values = true
    )]
    pub(crate) token: Hidden,
    #[command(flatten)]
    pub(crate) tls: TlsArgs,
}

/// How the API is served.
#[derive(Debug, Args)]
#[expect(clippy::struct_field_names, reason = "the names of the flags")]
pub(crate) struct TlsArgs {
    /// Serves the API over TLS with this certificate chain (PEM, the server's first).
    #[arg(long, env = "RTC_MOCK_TLS_CERT", value_name = "FILE")]
    pub(crate) tls_cert: Option<PathBuf>,
    /// The key of the certificate (PEM).
    #[arg(long, env = "RTC_MOCK_TLS_KEY", value_name = "FILE")]
    pub(crate) tls_key: Option<PathBuf>,
    /// Serves the API over TLS with a certificate made at the start. What clients must trust is at
    /// /ca.pem of the admin API; `env --ca FILE` fetches it.
    #[arg(long, env = "RTC_MOCK_TLS_SELF_SIGNED")]
    pub(crate) tls_self_signed: bool,
    /// A name that the self-signed certificate is good for, besides localhost, the loopback
    /// addresses and that of --listen. Several: parted by commas.
    #[arg(long, env = "RTC_MOCK_TLS_NAME", value_name = "NAME", value_delimiter = ',')]
    pub(crate) tls_name: Vec<String>,
}

impl TlsArgs {
    /// Whether the settings go together, wherever each of them was made.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        let reason = match (&self.tls_cert, &self.tls_key) {
            (Some(_), None) => "tls-cert needs tls-key",
            (None, Some(_)) => "tls-key needs tls-cert",
            (Some(_), Some(_)) if self.tls_self_signed => {
                "tls-self-signed and tls-cert exclude each other"
            }
            _ => return Ok(()),
        };
        Err(Failure::Usage(reason.to_owned()))
    }

    /// The scheme of the API's URL.
    pub(crate) fn scheme(&self) -> &'static str {
        if self.tls_self_signed || self.tls_cert.is_some() { "https" } else { "http" }
    }
}

#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "they are flags")]
pub(crate) struct ServeArgs {
    #[command(flatten)]
    pub(crate) access: AccessArgs,
    /// The user who gets tokens by `POST /v3/auth/tokens`.
    #[arg(long, env = "RTC_MOCK_IAM_USER", value_name = "NAME", default_value = DEFAULT_IAM_USER)]
    pub(crate) iam_user: String,
    /// The password of the user.
    #[arg(
        long,
        env = "RTC_MOCK_IAM_PASSWORD",
        value_name = "PASSWORD",
        default_value = DEFAULT_IAM_PASSWORD,
        hide_env_values = true
    )]
    pub(crate) iam_password: Hidden,
    /// The account (domain) of the user.
    #[arg(long, env = "RTC_MOCK_IAM_DOMAIN", value_name = "NAME", default_value = DEFAULT_IAM_DOMAIN)]
    pub(crate) iam_domain: String,
    /// Whether credentials are checked: `enforce` or `off`.
    #[arg(long, env = "RTC_MOCK_AUTH", value_name = "MODE", default_value_t)]
    pub(crate) auth: AuthMode,
    /// Locks an access key for five minutes after more than five refused signatures in a row.
    #[arg(long, env = "RTC_MOCK_LOCKOUT")]
    pub(crate) lockout: bool,
    /// A JSON file with what the mock holds at its start.
    #[arg(long, env = "RTC_MOCK_FIXTURE", value_name = "FILE")]
    pub(crate) fixture: Option<PathBuf>,
    /// A folder in which the state is kept: everything acknowledged survives the end of the
    /// process. A fixture counts only when the folder has no state yet.
    #[arg(long, env = "RTC_MOCK_DATA_DIR", value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,
    /// The mock's clock: `real`, `frozen@RFC3339` or `offset@RFC3339`.
    #[arg(long, env = "RTC_MOCK_CLOCK", value_name = "CLOCK", default_value = "real")]
    pub(crate) clock: Clock,
    /// A fault made on purpose, such as `CreateApp=status(503),count=2`; may be given several
    /// times. In the variable several are parted by `;`. See docs/faults.md.
    #[arg(long, env = "RTC_MOCK_FAULT", value_name = "SPEC", value_delimiter = ';')]
    pub(crate) fault: Vec<Fault>,
    /// A JSON file with faults, in the form of `PUT /faults`; they are tried before those of
    /// --fault.
    #[arg(long, env = "RTC_MOCK_FAULT_FILE", value_name = "FILE")]
    pub(crate) fault_file: Option<PathBuf>,
    /// How many exchanges the journal keeps.
    #[arg(long, env = "RTC_MOCK_JOURNAL", value_name = "N", default_value_t = 1_000)]
    pub(crate) journal: usize,
    /// How many bytes of heads and bodies the journal keeps.
    #[arg(
        long,
        env = "RTC_MOCK_JOURNAL_BYTES",
        value_name = "BYTES",
        default_value_t = 67_108_864
    )]
    pub(crate) journal_bytes: usize,
    /// How many apps a project may have.
    #[arg(long, env = "RTC_MOCK_APP_QUOTA", value_name = "N", default_value_t = 20)]
    pub(crate) app_quota: usize,
    /// How many jobs of an app may be not over.
    #[arg(long, env = "RTC_MOCK_JOB_LIMIT", value_name = "N", default_value_t = 100)]
    pub(crate) job_limit: usize,
    /// How long a job stays in the state INIT, such as `500ms` or `5s`; with 0s until the next
    /// request.
    #[arg(long, env = "RTC_MOCK_JOB_INIT_DELAY", value_name = "TIME", value_parser = duration, default_value = "0s")]
    pub(crate) job_init_delay: Duration,
    /// How often a project may call each group of the API: `off`, `documented` (the table of the
    /// reference) or a number as `10/s`.
    #[arg(long, env = "RTC_MOCK_THROTTLE", value_name = "LIMIT", default_value_t)]
    pub(crate) throttle: Throttle,
    /// How many connections the API serves at a time; further ones wait.
    #[arg(long, env = "RTC_MOCK_MAX_CONNECTIONS", value_name = "N", default_value_t = 10_000)]
    pub(crate) max_connections: usize,
    /// How long the head of a request may take to arrive, and a connection may idle.
    #[arg(long, env = "RTC_MOCK_HEAD_TIMEOUT", value_name = "TIME", value_parser = duration, default_value = "30s")]
    pub(crate) head_timeout: Duration,
    /// Refuses record rules whose bucket is not there or not authorized.
    #[arg(long, env = "RTC_MOCK_CHECK_BUCKETS")]
    pub(crate) check_buckets: bool,
    /// Writes a time that is not set as the year 1 instead of leaving it out.
    #[arg(long, env = "RTC_MOCK_ZERO_TIMES")]
    pub(crate) zero_times: bool,
    #[command(flatten)]
    pub(crate) callbacks: callbacks::CallbackArgs,
    /// Makes ids, tokens and the chances of faults repeatable. Without it a seed is drawn, which
    /// makes no tokens; the banner and `GET /info` tell it.
    #[arg(long, env = "RTC_MOCK_SEED", value_name = "N")]
    pub(crate) seed: Option<u64>,
    /// Writes the line of readiness as JSON.
    #[arg(long, env = "RTC_MOCK_JSON")]
    pub(crate) json: bool,
    /// No banner, and only errors in the log.
    #[arg(long, env = "RTC_MOCK_QUIET")]
    pub(crate) quiet: bool,
    /// What is logged to stderr, such as `warn` or `rtc_mock_server=debug`.
    #[arg(long, env = "RTC_MOCK_LOG", value_name = "FILTER")]
    pub(crate) log: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct EnvArgs {
    #[command(flatten)]
    pub(crate) access: AccessArgs,
    /// The form of the output.
    #[arg(long, value_name = "SHELL", default_value = "bash")]
    pub(crate) shell: Shell,
    /// The host by which clients reach the mock, where it is not the one it listens on.
    #[arg(long, value_name = "HOST")]
    pub(crate) host: Option<String>,
    /// Asks a running mock where it listens, by the URL of its admin API, `http://HOST:PORT`.
    #[arg(long, value_name = "ADMIN")]
    pub(crate) url: Option<String>,
    /// Writes the CA of a mock that runs with --tls-self-signed into this file, and prints the
    /// variables by which clients trust it. Asks the admin API.
    #[arg(long, value_name = "FILE")]
    pub(crate) ca: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct HealthArgs {
    #[command(flatten)]
    pub(crate) access: AccessArgs,
    /// The mock to ask, `http://HOST:PORT`; the admin API, or the API where admin is off.
    #[arg(long, value_name = "URL")]
    pub(crate) url: Option<String>,
    /// How long to wait for it to become well, such as `500ms` or `5s`.
    #[arg(long, value_name = "TIME", value_parser = duration, default_value = "0s")]
    pub(crate) wait: Duration,
}

#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    #[command(flatten)]
    pub(crate) key: KeyArgs,
    /// The time at which to judge the age of the signature, such as 2024-01-02T03:04:05Z or
    /// 20240102T030405Z; the age is not judged without it.
    #[arg(long, value_name = "TIME")]
    pub(crate) now: Option<explain::Now>,
    /// A file with the canonical request as the client computed it; lines are parted by line
    /// feeds or by `|`.
    #[arg(long, value_name = "FILE")]
    pub(crate) client_canonical: Option<PathBuf>,
    /// Writes one JSON object, with the canonical request whole: it holds the values of all
    /// signed headers, secret ones too.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Shell {
    /// `export NAME='value'` lines.
    Bash,
    /// `set -gx NAME 'value'` lines.
    Fish,
    /// `$env:NAME = 'value'` lines.
    Powershell,
    /// `NAME='value'` lines.
    Dotenv,
    /// One flat object.
    Json,
}

/// A text that Debug does not show.
#[derive(Clone)]
pub(crate) struct Hidden(pub(crate) String);

impl From<&str> for Hidden {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// Where the admin API listens, if anywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct AdminListen(pub(crate) Option<SocketAddr>);

impl std::str::FromStr for AdminListen {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "off" {
            return Ok(Self(None));
        }
        text.parse().map(|address| Self(Some(address))).map_err(|_| {
            format!("{text:?} is no address; write HOST:PORT with an IP address, or off")
        })
    }
}

pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let error = || format!("{text:?} is no time; write it like 500ms, 5s, 1m, 2h or 1d");
    let split = text.find(|c: char| !c.is_ascii_digit()).ok_or_else(error)?;
    let (number, unit) = text.split_at(split);
    let number: u64 = number.parse().map_err(|_| error())?;
    match unit {
        "ms" => Ok(Duration::from_millis(number)),
        "s" => Ok(Duration::from_secs(number)),
        "m" => number.checked_mul(60).map(Duration::from_secs).ok_or_else(error),
        "h" => number.checked_mul(3_600).map(Duration::from_secs).ok_or_else(error),
        "d" => number.checked_mul(86_400).map(Duration::from_secs).ok_or_else(error),
        _ => Err(error()),
    }
}

/// Writes the output of a command.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    match io::stdout().lock().write_all(text.as_bytes()) {
        // Whoever reads has seen enough, as `head` does.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        printed => {
            printed.map_err(|error| Failure::Failed(format!("cannot write to stdout: {error}")))
        }
    }
}

/// Why the program ends with another code than 0.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Exit code 1.
    Failed(String),
    /// Exit code 2.
    Usage(String),
    /// Exit code 3.
    AddressInUse(SocketAddr),
}

impl Failure {
    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Failed(_) => 1,
            Self::Usage(_) => 2,
            Self::AddressInUse(_) => 3,
        })
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(text) | Self::Usage(text) => f.write_str(text),
            Self::AddressInUse(address) => write!(
                f,
                "{address} is in use by another program; stop it, or choose another address with --listen and --admin-listen (port 0 takes a free one)"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn no_subcommand_serves_with_the_flags_given() {
        let cli = Cli::try_parse_from(["rtc-mock-server", "--listen", "127.0.0.1:1"]).unwrap();
        assert!(cli.command.is_none());
        assert_eq!(cli.serve.access.listen.port(), 1);
    }

    #[test]
    fn secrets_do_not_show_in_debug() {
        let cli =
            Cli::try_parse_from(["rtc-mock-server", "--secret-key", "hush", "--token", "hush"]);
        assert!(!format!("{:?}", cli.unwrap()).contains("hush"));
    }

    #[test]
    fn times_have_a_unit() {
        assert_eq!(duration("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(duration("1m"), Ok(Duration::from_secs(60)));
        assert_eq!(duration("2h"), Ok(Duration::from_secs(7_200)));
        assert_eq!(duration("1d"), Ok(Duration::from_secs(86_400)));
        for text in ["", "5", "s", "5y", "-1s", "99999999999999999999s"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }
}
