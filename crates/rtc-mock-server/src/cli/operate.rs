//! `inspect`, `reset`, `clock`, `fault`: the admin API from the shell.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};
use rtc_mock_server::admin_api::{ClockStatus, FaultStatus, Reset, ResetPart};
use rtc_mock_server::{AdminClient, AdminError, AdminErrorKind, Fault};
use serde::Serialize;

use crate::cli::env::client_host;
use crate::cli::serve::with_causes;
use crate::cli::{AdminArgs, Failure, duration, fault_file};

pub(crate) use self::inspect::{InspectArgs, inspect};

mod inspect;

/// Which mock is asked, and how its answer is printed.
#[derive(Debug, Args)]
pub(crate) struct AskArgs {
    /// The admin API of the mock, `http://HOST:PORT`; by default the address of --admin-listen.
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    #[command(flatten)]
    admin: AdminArgs,
    /// Prints the answer of the admin API as it is, in JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ResetArgs {
    #[command(flatten)]
    ask: AskArgs,
    /// Only these parts, parted by commas: `state`, `requests`, `clock`, `faults`.
    #[arg(long, value_name = "PARTS", value_delimiter = ',', value_parser = part)]
    only: Vec<ResetPart>,
}

#[derive(Debug, Args)]
#[command(mut_args = |arg| arg.global(true))]
pub(crate) struct ClockArgs {
    #[command(flatten)]
    ask: AskArgs,
    #[command(subcommand)]
    command: Option<ClockCommand>,
}

#[derive(Debug, Subcommand)]
enum ClockCommand {
    /// Shows how the clock is set, and its time (what happens without a subcommand).
    Show,
    /// Sets the clock.
    Set {
        /// `real`, `frozen@RFC3339` or `offset@RFC3339`.
        #[arg(value_name = "SETTING")]
        clock: String,
    },
    /// Sets the clock forward; what falls due on the way happens, and is told.
    Advance {
        /// By how much: `30s`, `5m`, `2h`, `1d`.
        #[arg(value_name = "TIME", value_parser = duration)]
        by: Duration,
    },
}

#[derive(Debug, Args)]
#[command(mut_args = |arg| arg.global(true))]
pub(crate) struct FaultArgs {
    #[command(flatten)]
    ask: AskArgs,
    #[command(subcommand)]
    command: Option<FaultCommand>,
}

#[derive(Debug, Subcommand)]
#[expect(clippy::large_enum_variant, reason = "there is one in a run")]
enum FaultCommand {
    /// Lists the faults with what they did (what happens without a subcommand).
    List,
    /// Adds a fault after the others, or in the place of the one with the id.
    Add {
        /// The fault, such as `CreateApp=status(503),count=2`; see docs/faults.md.
        #[arg(value_name = "SPEC")]
        fault: Fault,
        /// The id that it gets; 1 to 64 letters, digits, `_` and `-`.
        #[arg(long, value_name = "ID")]
        id: Option<String>,
    },
    /// Removes a fault.
    Remove {
        /// Its id.
        #[arg(value_name = "ID")]
        id: String,
    },
    /// Removes all faults.
    Clear,
    /// Puts the faults of a file in the place of all.
    Replace {
        /// A JSON file in the form of `PUT /faults`.
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
}

/// `reset`.
pub(crate) fn reset(args: &ResetArgs) -> Result<(), Failure> {
    let parts = if args.only.is_empty() { ResetPart::ALL } else { &args.only };
    let reset = Reset { only: Some(parts.to_vec()) };
    let changed = args.ask.get(async |client| client.reset(&reset).await)?;
    args.ask.print(&changed, |_| {
        let parts: Vec<_> = parts.iter().map(|part| word(*part)).collect();
        format!("begun anew: {}\n", parts.join(", "))
    })
}

/// `clock`.
pub(crate) fn clock(args: &ClockArgs) -> Result<(), Failure> {
    let status = args.ask.get(async |client| match &args.command {
        None | Some(ClockCommand::Show) => client.clock().await,
        Some(ClockCommand::Set { clock }) => client.set_clock(clock.as_str()).await,
        Some(ClockCommand::Advance { by }) => client.advance_clock(*by).await,
    })?;
    args.ask.print(&status, clock_text)
}

/// `fault`.
pub(crate) fn fault(args: &FaultArgs) -> Result<(), Failure> {
    let ask = &args.ask;
    match &args.command {
        None | Some(FaultCommand::List) => {
            let all = ask.get(async |client| client.faults().await)?;
            ask.print(&all, |all| fault_table(&all.faults))
        }
        Some(FaultCommand::Add { fault, id }) => {
            let status = ask.get(async |client| match id {
                Some(id) => client.set_fault(id, fault).await,
                None => client.add_fault(fault).await,
            })?;
            ask.print(&status, |status| fault_table(std::slice::from_ref(status)))
        }
        Some(FaultCommand::Remove { id }) => {
            let changed = ask.get(async |client| client.remove_fault(id).await)?;
            ask.print(&changed, |_| format!("fault {id} is removed\n"))
        }
        Some(FaultCommand::Clear) => {
            let changed = ask.get(async |client| client.clear_faults().await)?;
            ask.print(&changed, |changed| {
                let text =
                    if changed.changed { "all faults are removed" } else { "there was no fault" };
                format!("{text}\n")
            })
        }
        Some(FaultCommand::Replace { file }) => {
            let faults = fault_file::read(file)?;
            let all = ask.get(async |client| client.replace_faults(&faults).await)?;
            ask.print(&all, |all| fault_table(&all.faults))
        }
    }
}

impl AskArgs {
    /// Asks the admin API once.
    fn get<T>(
        &self,
        ask: impl AsyncFnOnce(&AdminClient) -> Result<T, AdminError>,
    ) -> Result<T, Failure> {
        let client = client(&self.admin, self.url.as_deref())?;
        block_on(ask(&client))?.map_err(|error| failure(&error))
    }

    /// Prints an answer as JSON or in words.
    fn print<T: Serialize>(
        &self,
        answer: &T,
        words: impl FnOnce(&T) -> String,
    ) -> Result<(), Failure> {
        let text = if self.json {
            serde_json::to_string_pretty(answer).map(|text| text + "\n")
        } else {
            Ok(words(answer))
        };
        let text = text.map_err(|error| Failure::Failed(error.to_string()))?;
        super::print(&text)
    }
}

/// A client of the admin API at the URL, else where the settings say that it listens.
pub(crate) fn client(args: &AdminArgs, url: Option<&str>) -> Result<AdminClient, Failure> {
    let client = match (url, args.admin_listen.0) {
        (Some(url), _) => AdminClient::new(url),
        (None, Some(address)) => {
            AdminClient::new(&format!("http://{}:{}", client_host(address.ip()), address.port()))
        }
        (None, None) => {
            let reason = "there is no admin API (--admin-listen is off); give --url";
            return Err(Failure::Usage(reason.to_owned()));
        }
    };
    let client = client.map_err(|error| Failure::Usage(error.to_string()))?;
    Ok(match &args.admin_token {
        Some(token) => client.token(token.0.as_str()),
        None => client,
    })
}

/// Runs one call to its end.
pub(crate) fn block_on<T>(call: impl Future<Output = T>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::Failed(format!("cannot start: {error}")))?;
    Ok(runtime.block_on(call))
}

fn failure(error: &AdminError) -> Failure {
    let text = with_causes(error);
    match (error.kind(), error.status().map(|status| status.as_u16())) {
        (AdminErrorKind::Connect, _) => Failure::Failed(format!(
            "{text}\nStart one with `rtc-mock-server`, or name another with --url or --admin-listen."
        )),
        (AdminErrorKind::Refused, Some(401)) => {
            Failure::Failed(format!("{text}\nGive --admin-token or set RTC_MOCK_ADMIN_TOKEN."))
        }
        // What was asked for is wrong in itself.
        (AdminErrorKind::Request, _) | (AdminErrorKind::Refused, Some(400)) => Failure::Usage(text),
        _ => Failure::Failed(text),
    }
}

fn part(text: &str) -> Result<ResetPart, String> {
    let part = ResetPart::ALL.iter().find(|part| word(**part) == text);
    let words = || ResetPart::ALL.iter().map(|part| word(*part)).collect::<Vec<_>>().join(", ");
    part.copied().ok_or_else(|| format!("{text:?} is no part; there are {}", words()))
}

/// A part as the admin API writes it.
fn word(part: ResetPart) -> String {
    let word = serde_json::to_value(part).unwrap_or_default();
    word.as_str().unwrap_or_default().to_owned()
}

fn clock_text(status: &ClockStatus) -> String {
    let mut text = format!("{}  ({})\n", status.time, status.clock);
    for happened in &status.happened {
        let (time, job, state) = (&happened.time, &happened.job_id, &happened.state);
        let app = plain(happened.app_id.as_ref());
        let _ = writeln!(text, "{time}  job {job} of app {app} is {state}");
    }
    text
}

fn fault_table(faults: &[FaultStatus]) -> String {
    if faults.is_empty() {
        return "there is no fault\n".to_owned();
    }
    let width = faults.iter().map(|fault| fault.id.len()).max().unwrap_or(0).max(2);
    let mut text = format!("{:width$}  meant  struck  fault\n", "id");
    for fault in faults {
        let FaultStatus { id, matched, struck, spec, .. } = fault;
        let _ = writeln!(text, "{id:width$}  {matched:5}  {struck:6}  {}", plain(spec));
    }
    text
}

/// A text of others, so that it cannot steer the terminal.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() {
            plain.extend(c.escape_default());
        } else {
            plain.push(c);
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_read_by_their_words() {
        for part in ResetPart::ALL {
            assert_eq!(super::part(&word(*part)), Ok(*part));
        }
        assert!(part("all").unwrap_err().contains("state, requests, clock, faults"));
    }

    #[test]
    fn what_others_sent_does_not_steer_the_terminal() {
        assert_eq!(plain("a\u{1b}[2Jb\n"), "a\\u{1b}[2Jb\\n");
        assert_eq!(plain("Ünï"), "Ünï");
    }
}
