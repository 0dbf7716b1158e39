//! `cargo xtask transcripts`: what docs/signatures.md shows is what the program prints.

use std::fs;
use std::process::{Command, Stdio};

use crate::run::{self, Outcome, cargo, repository, target};

const PAGE: &str = "docs/signatures.md";

/// Runs the commands of the page's `console` blocks and compares their output with the page;
/// with `bless` the output is written into the page.
pub(crate) fn run(bless: bool) -> Outcome {
    run::run(&mut cargo(["build", "--quiet", "--package", "rtc-mock-server"]))?;
    let path = repository().join(PAGE);
    let page = fs::read_to_string(&path).map_err(|error| format!("{PAGE}: {error}"))?;
    let fresh = rewritten(&page, shell)?;
    if fresh == page {
        return Ok(());
    }
    if bless {
        return fs::write(&path, fresh).map_err(|error| format!("{PAGE}: {error}"));
    }
    let mut lines = page.lines().zip(fresh.lines()).zip(1..);
    let difference = lines.find(|((old, new), _)| old != new);
    let ((old, new), line) = difference.unwrap_or((("", "(another number of lines)"), 0));
    Err(format!(
        "{PAGE}:{line}: the page says\n{old}\nand the program\n{new}\n\
         correct one of them, or run `cargo xtask transcripts --bless`"
    ))
}

/// Runs a command in bash with the built program at hand; gives what it prints.
fn shell(command: &str) -> Result<String, String> {
    let programs = target()?.join("debug");
    let path = std::env::var_os("PATH").unwrap_or_default();
    let paths = [programs].into_iter().chain(std::env::split_paths(&path));
    let path = std::env::join_paths(paths).map_err(|error| error.to_string())?;
    let mut bash = Command::new("bash");
    // Settings of the program, and what cargo told this task of its own package.
    let foreign = |name: &str| name.starts_with("RTC_MOCK_") || name.starts_with("CARGO_PKG_");
    for (name, _) in std::env::vars().filter(|(name, _)| foreign(name)) {
        bash.env_remove(name);
    }
    let output = bash
        .args(["-c", command])
        .env("PATH", path)
        .current_dir(repository())
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("bash cannot be run: {error}"))?;
    String::from_utf8(output.stdout).map_err(|error| format!("{command}: {error}"))
}

/// The page with what the commands of its `console` blocks print. A command begins with `$ ` and
/// goes on as long as its lines end in a backslash.
fn rewritten(
    page: &str,
    mut run: impl FnMut(&str) -> Result<String, String>,
) -> Result<String, String> {
    let mut fresh = String::new();
    let mut lines = page.lines();
    let mut inside = false;
    while let Some(line) = lines.next() {
        if line.starts_with("```") {
            inside = line == "```console";
        }
        match line.strip_prefix("$ ").filter(|_| inside) {
            Some(first) => {
                let mut command = first.to_owned();
                push(&mut fresh, line);
                while command.ends_with('\\') {
                    let next = lines.next().ok_or("a command does not end")?;
                    push(&mut fresh, next);
                    command.push('\n');
                    command.push_str(next);
                }
                run(&command)?.lines().for_each(|line| push(&mut fresh, line));
            }
            // The old output.
            None if inside && line != "```console" => {}
            None => push(&mut fresh, line),
        }
    }
    Ok(fresh)
}

fn push(text: &mut String, line: &str) {
    text.push_str(line);
    text.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_output_of_each_command_is_replaced_and_the_rest_is_kept() {
        let page = "a\n```console\n$ one \\\n  two\nold\n$ three\n```\n```sh\n$ four\n```\nb\n";
        let mut commands = Vec::new();
        let fresh = rewritten(page, |command| {
            commands.push(command.to_owned());
            Ok(format!("new {}\n", commands.len()))
        });
        let expected =
            "a\n```console\n$ one \\\n  two\nnew 1\n$ three\nnew 2\n```\n```sh\n$ four\n```\nb\n";
        assert_eq!(fresh.unwrap(), expected);
        assert_eq!(commands, ["one \\\n  two", "three"]);
    }

    #[test]
    fn a_command_without_an_end_is_refused() {
        assert!(rewritten("```console\n$ one \\\n", |_| Ok(String::new())).is_err());
    }
}
