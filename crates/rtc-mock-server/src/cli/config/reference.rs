//! The settings written down: the page of the docs, and a commented file to begin with.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

use clap::Arg;

use super::{is_list, is_secret, is_switch, name, settings};
use crate::cli::Failure;

/// docs/configuration.md.
pub(crate) fn page() -> String {
    let mut page = String::from(
        "# Settings of rtc-mock-server

Made from the code by `cargo xtask configuration --bless`.

Each setting of `rtc-mock-server serve` is a flag, a variable and a key of one TOML file, which `--config FILE` or `RTC_MOCK_CONFIG` names. A flag wins over a variable, a variable over the file, the file over the default. `rtc-mock-server config show` prints what holds and who said so, `rtc-mock-server init` writes a commented file. An unknown key or an invalid value stops the program with exit code 2; of a file the message names the line. A switch that is on elsewhere is switched off by `--SWITCH=false`; an empty variable counts as absent.

The other commands read the settings that concern them in the same way: `env`, `health` and `explain` need no flags where the file says what `serve` was told.

Several keys stand in a list in the file. The first takes the place of `--access-key`, `--secret-key` and `--project-id`:

```toml
[[credentials]]
access-key = \"FIRSTKEY\"
secret-key = \"its secret\"
project-id = [\"0123456789abcdef0123456789abcdef\"]

[[credentials]]
access-key = \"SECONDKEY\"
secret-key = \"its secret\"
project-id = [\"fedcba9876543210fedcba9876543210\"]
```

| flag and key | variable | default | what |
|---|---|---|---|
",
    );
    for arg in settings() {
        let value = match (is_switch(&arg), value_name(&arg)) {
            (true, _) => String::new(),
            (false, value) => format!(" {}", value.replace('|', "\\|")),
        };
        let variable = arg.get_env().map(|name| name.to_string_lossy()).unwrap_or_default();
        let default = match defaults(&arg) {
            defaults if defaults.is_empty() => String::new(),
            defaults => format!("`{}`", defaults.join(",")),
        };
        let what = help(&arg).replace('\n', " ");
        let _ = writeln!(page, "| `--{}{value}` | `{variable}` | {default} | {what} |", name(&arg));
    }
    page
}

/// Writes a file in which every setting stands with its default, commented out. A file that is
/// there is left alone.
pub(crate) fn init(path: &Path) -> Result<(), Failure> {
    let failed = |error| Failure::Failed(format!("cannot write {}: {error}", path.display()));
    let mut file = std::fs::File::create_new(path).map_err(failed)?;
    file.write_all(template().as_bytes()).map_err(failed)
}

fn template() -> String {
    let mut text = String::from(
        "# Settings of rtc-mock-server; use it with --config or RTC_MOCK_CONFIG.
# A flag wins over a variable, a variable over this file. What is commented out is the default.
",
    );
    for arg in settings() {
        text.push('\n');
        for line in help(&arg).lines() {
            let _ = writeln!(text, "# {line}");
        }
        let defaults = defaults(&arg);
        let value = match (is_switch(&arg), is_list(&arg), defaults.as_slice()) {
            (true, ..) => "true".to_owned(),
            (_, true, []) => format!("[{:?}]", value_name(&arg)),
            (_, true, values) => format!("{values:?}"),
            (_, _, [value]) if value.parse::<i64>().is_ok() => value.clone(),
            (_, _, [value]) => format!("{value:?}"),
            _ => format!("{:?}", value_name(&arg)),
        };
        let _ = writeln!(text, "# {} = {value}", name(&arg));
    }
    text.push_str(
        "
# Several keys, each with its projects, in place of access-key, secret-key and project-id:
# [[credentials]]
# access-key = \"FIRSTKEY\"
# secret-key = \"its secret\"
# project-id = [\"0123456789abcdef0123456789abcdef\"]
",
    );
    text
}

fn value_name(arg: &Arg) -> &str {
    arg.get_value_names().and_then(|names| names.first()).map_or("", |name| name.as_str())
}

fn defaults(arg: &Arg) -> Vec<String> {
    if is_switch(arg) {
        return vec!["false".to_owned()];
    }
    let defaults = arg.get_default_values().iter();
    defaults.map(|value| value.to_string_lossy().into_owned()).collect()
}

/// What the help says, whole sentences.
fn help(arg: &Arg) -> String {
    let help = arg.get_long_help().or_else(|| arg.get_help());
    let mut text = help.map(ToString::to_string).unwrap_or_default();
    if !text.ends_with('.') {
        text.push('.');
    }
    if is_secret(arg) {
        text.push_str(" It is never shown.");
    }
    text
}
