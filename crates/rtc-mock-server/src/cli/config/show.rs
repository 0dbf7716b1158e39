//! `config show`: what holds, and who said so.

use std::fmt::Write as _;

use clap::parser::ValueSource;
use clap::{Arg, ArgMatches};

use super::{File, Loaded, is_secret, is_switch, name, settings};

/// What stands in the place of a secret.
const MASK: &str = "***";

/// One line a setting: its name, its value, its source.
pub(crate) fn table(loaded: &Loaded) -> String {
    let mut matches = &loaded.matches;
    while let Some((_, inner)) = matches.subcommand() {
        matches = inner;
    }
    let settings = settings();
    let mut rows: Vec<_> = settings
        .iter()
        .map(|arg| {
            let source = source(matches, arg, loaded.file.as_ref());
            (name(arg).to_owned(), value(matches, arg), source)
        })
        .collect();
    for (number, key) in loaded.further_keys().iter().enumerate() {
        let path = loaded.file.as_ref().map(|file| file.path.display().to_string());
        let source = format!("{}:{}", path.unwrap_or_default(), key.line);
        let value = format!("{} {MASK} {}", key.access_key, key.projects.join(","));
        rows.push((format!("credentials[{}]", number + 1), value, source));
    }
    let width = |part: fn(&(String, String, String)) -> &str| {
        rows.iter().map(|row| part(row).chars().count()).max().unwrap_or(0)
    };
    let (names, values) = (width(|row| &row.0), width(|row| &row.1).min(48));
    let mut table = String::new();
    for (name, value, source) in &rows {
        let _ = writeln!(table, "{name:names$}  {value:values$}  {source}");
    }
    table
}

fn value(matches: &ArgMatches, arg: &Arg) -> String {
    let id = arg.get_id().as_str();
    if is_switch(arg) {
        return matches.get_flag(id).to_string();
    }
    let values = matches.get_raw(id).into_iter().flatten();
    let values: Vec<_> = values.map(|value| value.to_string_lossy().into_owned()).collect();
    match values.join(",") {
        none if none.is_empty() => "-".to_owned(),
        _ if is_secret(arg) => MASK.to_owned(),
        value => value,
    }
}

fn source(matches: &ArgMatches, arg: &Arg, file: Option<&File>) -> String {
    let in_file = file.and_then(|file| Some((file, file.settings.get(name(arg))?)));
    match (matches.value_source(arg.get_id().as_str()), in_file) {
        (Some(ValueSource::CommandLine), _) => format!("--{}", name(arg)),
        (Some(ValueSource::EnvVariable), _) => {
            arg.get_env().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
        }
        (_, Some((file, setting))) => format!("{}:{}", file.path.display(), setting.line),
        (_, None) => "default".to_owned(),
    }
}
