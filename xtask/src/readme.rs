//! `cargo xtask readme`: what the README and the recipes tell people to type works, and prints what
//! they say.

use std::fs;
use std::net::TcpListener;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::run::{Outcome, repository};

/// The commands that CI runs by themselves.
const RUN_ELSEWHERE: [&str; 2] = ["cargo xtask demo", "cargo xtask test"];

/// Runs the commands of each page.
pub(crate) fn run() -> Outcome {
    ["README.md", "docs/recipes.md"].into_iter().try_for_each(page)
}

/// Runs the `sh` blocks of a page one after the other in one shell. Each JSON block must be printed
/// once for each client that asks.
fn page(name: &str) -> Outcome {
    let readme = fs::read_to_string(repository().join(name)).map_err(|e| e.to_string())?;
    let script = blocks(&readme, "sh")
        .into_iter()
        .filter(|block| !RUN_ELSEWHERE.contains(&block.trim()))
        .collect::<String>();
    // Another server in the place of the README's would answer as well.
    for port in PORTS {
        TcpListener::bind(("127.0.0.1", port))
            .map_err(|error| format!("the commands of {name} need port {port}: {error}"))?;
    }
    // What runs in the background ends with the script.
    let script =
        format!("set -euo pipefail\ntrap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n{script}");
    let output = Command::new("bash")
        .args(["-c", &script])
        .current_dir(repository())
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("bash cannot be run: {error}"))?;
    let printed = String::from_utf8_lossy(&output.stdout);
    if !output.status.success() {
        return Err(format!("the commands of {name} failed ({}):\n{printed}", output.status));
    }
    let printed = json_values(&printed);
    for block in blocks(&readme, "json") {
        let expected: Value = serde_json::from_str(&block)
            .map_err(|error| format!("a JSON block of {name} is no JSON: {error}"))?;
        let found = printed.iter().filter(|value| **value == expected).count();
        if found != CLIENTS {
            return Err(format!(
                "{name} shows {block}\nwhich its commands printed {found} times instead of {CLIENTS}"
            ));
        }
    }
    Ok(())
}

/// Where the README's server listens.
const PORTS: [u16; 2] = [8470, 8471];

/// curl, the official Python SDK, rtc-client.
const CLIENTS: usize = 3;

/// The code blocks of the language.
fn blocks(markdown: &str, language: &str) -> Vec<String> {
    let mut blocks = Vec::new();
    let mut open: Option<String> = None;
    for line in markdown.lines() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(info)) if info == language => open = Some(String::new()),
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (Some(block), None) => {
                block.push_str(line);
                block.push('\n');
            }
            (None, _) => {}
        }
    }
    blocks
}

/// The JSON objects in a text that holds other things as well.
fn json_values(text: &str) -> Vec<Value> {
    let mut values = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find('{') {
        rest = &rest[start..];
        let mut stream = serde_json::Deserializer::from_str(rest).into_iter::<Value>();
        if let Some(Ok(value)) = stream.next() {
            values.push(value);
            rest = &rest[stream.byte_offset()..];
        } else {
            rest = &rest[1..];
        }
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_of_one_language_are_found() {
        let text = "a\n```sh\nls\n```\n```json\n{}\n```\n```sh\npwd\n```\n";
        assert_eq!(blocks(text, "sh"), ["ls\n", "pwd\n"]);
    }

    #[test]
    fn json_is_found_between_other_output() {
        let values = json_values("ready {x\n{\"a\":{\"b\":1}} done\n{}\n");
        assert_eq!(values, [serde_json::json!({"a": {"b": 1}}), serde_json::json!({})]);
    }
}
