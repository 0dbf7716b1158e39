//! Settings out of flags, variables and a file: flag > variable > file > default.
//!
//! What the file says takes the place of the defaults of the command line, so there is one list of
//! settings: the flags of `serve` that a variable can set too. A key of the file is the name of its
//! flag.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use clap::builder::{BoolishValueParser, OsStr as ArgStr, Resettable};
use clap::{Arg, ArgAction, ArgMatches, Command, CommandFactory as _, FromArgMatches as _};

use self::file::{File, Setting};
use crate::cli::{Cli, Failure};

mod file;
pub(crate) mod reference;
pub(crate) mod show;

pub(crate) use self::file::KeyEntry;

/// The command line with all that was said elsewhere.
pub(crate) struct Loaded {
    pub(crate) cli: Cli,
    pub(crate) matches: ArgMatches,
    pub(crate) file: Option<File>,
}

impl Loaded {
    /// The keys of the file after the first, which is the one of the flags.
    pub(crate) fn further_keys(&self) -> &[KeyEntry] {
        self.file.as_ref().map_or(&[], |file| file.keys.get(1..).unwrap_or_default())
    }
}

/// Reads the command line, the variables and the file. Leaves the program where the command line
/// asks for help or is wrong.
pub(crate) fn load(args: &[OsString]) -> Result<Loaded, Failure> {
    let file = config_path(args).map(|path| File::read(&path, &settings())).transpose()?;
    let command = match &file {
        Some(file) => with_defaults(Cli::command(), file),
        None => Cli::command(),
    };
    let matches = adapted(command).get_matches_from(args);
    let cli = Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    Ok(Loaded { cli, matches, file })
}

/// The command line as it is read: what somebody switches on elsewhere can be switched off by
/// `--SWITCH=false`, and an empty variable counts as absent.
fn adapted(command: Command) -> Command {
    let command = command.mut_args(|arg| {
        let Some(variable) = arg.get_env().map(OsStr::to_owned) else { return arg };
        let arg = if is_switch(&arg) {
            let is_set = arg.get_default_values().first().cloned();
            arg.action(ArgAction::Set)
                .num_args(0..=1)
                .require_equals(true)
                .value_name("true|false")
                .value_parser(BoolishValueParser::new())
                .default_value(is_set.unwrap_or_else(|| "false".into()))
                .default_missing_value("true")
                .hide_default_value(true)
        } else {
            arg
        };
        let is_empty = std::env::var_os(variable).is_some_and(|value| value.is_empty());
        if is_empty { arg.env(Resettable::<ArgStr>::Reset) } else { arg }
    });
    command.mut_subcommands(adapted)
}

/// The flags of `serve` that can be set elsewhere too, in their order.
pub(crate) fn settings() -> Vec<Arg> {
    let command = Cli::command();
    let serve = command.find_subcommand("serve");
    let arguments = serve.into_iter().flat_map(Command::get_arguments);
    arguments.filter(|arg| arg.get_env().is_some() && name(arg) != "config").cloned().collect()
}

/// The name of a setting: that of its flag, and its key in the file.
pub(crate) fn name(arg: &Arg) -> &str {
    arg.get_long().unwrap_or_default()
}

/// Whether the value is not to be shown.
pub(crate) fn is_secret(arg: &Arg) -> bool {
    arg.is_hide_env_values_set()
}

/// Whether the setting is on or off.
pub(crate) fn is_switch(arg: &Arg) -> bool {
    matches!(arg.get_action(), ArgAction::SetTrue)
}

/// Whether the setting takes several values.
pub(crate) fn is_list(arg: &Arg) -> bool {
    arg.get_value_delimiter().is_some() || matches!(arg.get_action(), ArgAction::Append)
}

/// Where the file is, whatever else the command line says.
fn config_path(args: &[OsString]) -> Option<PathBuf> {
    let matches = adapted(Cli::command()).ignore_errors(true).try_get_matches_from(args).ok()?;
    let mut innermost = &matches;
    while let Some((_, inner)) = innermost.subcommand() {
        innermost = inner;
    }
    innermost.try_get_one::<PathBuf>("config").ok().flatten().cloned()
}

/// The commands with the values of the file as their defaults.
fn with_defaults(command: Command, file: &File) -> Command {
    let command = command.mut_args(|arg| match file.settings.get(name(&arg)) {
        Some(setting) if arg.get_env().is_some() => arg.default_values(setting.values.clone()),
        _ => arg,
    });
    command.mut_subcommands(|inner| with_defaults(inner, file))
}

/// Why a value of the file is none of the setting; `None` where it is one.
fn refusal(arg: &Arg, setting: &Setting) -> Option<String> {
    if is_switch(arg) != setting.is_switch {
        let wanted = if is_switch(arg) { "true or false" } else { "a text or a number" };
        return Some(format!("{} takes {wanted}", name(arg)));
    }
    if is_switch(arg) {
        return None;
    }
    let alone = arg.clone().env(Resettable::<ArgStr>::Reset);
    let values = setting.values.iter().map(|value| format!("--{}={value}", name(arg)));
    let line = std::iter::once("rtc-mock-server".to_owned()).chain(values);
    let error = Command::new("rtc-mock-server").arg(alone).try_get_matches_from(line).err()?;
    let text = error.to_string();
    let first = text.lines().next().unwrap_or_default();
    Some(first.trim_start_matches("error: ").to_owned())
}

/// The setting that was probably meant.
fn nearest<'a>(wanted: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = wanted.replace('_', "-").to_ascii_lowercase();
    let distances = names.map(|name| (strsim::damerau_levenshtein(&wanted, name), name));
    let (distance, name) = distances.min()?;
    (distance <= 1 + wanted.len() / 4).then_some(name)
}

/// `FILE:LINE: reason`.
fn failure(path: &Path, line: usize, reason: &str) -> Failure {
    Failure::Usage(format!("{}:{line}: {reason}", path.display()))
}
