//! Load by wrk.

use std::path::Path;
use std::process::Stdio;

use crate::run::{self, Outcome};

use super::request::{HEADERS, PATH};
use super::{Row, tool};

/// How many connections are kept busy.
const CONNECTIONS: u32 = 32;

/// What wrk tells.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Load {
    pub(super) requests: u64,
    pub(super) per_second: f64,
    /// In milliseconds.
    pub(super) p50: f64,
    pub(super) p99: f64,
}

/// Makes wrk there, and says so.
pub(super) fn install() -> Outcome {
    let found = tool("wrk").arg("-v").stdout(Stdio::null()).stderr(Stdio::null()).status();
    if found.is_ok() {
        return Ok(());
    }
    eprintln!("wrk is not installed; installing it: apt-get install wrk");
    run::run(tool("apt-get").args(["update", "-qq"]))?;
    run::run(tool("apt-get").args(["install", "-qq", "-y", "--no-install-recommends", "wrk"]))
}

/// What is asked of a server.
pub(super) struct Ask<'a> {
    pub(super) path: &'a str,
    pub(super) headers: &'a [&'a str],
    /// A script of wrk that makes the requests.
    pub(super) script: Option<&'a Path>,
}

impl Ask<'_> {
    /// The callback of the fixture, signed.
    pub(super) const CALLBACK: Self = Self { path: PATH, headers: &HEADERS, script: None };
}

/// Asks for the callback of the fixture for so many seconds.
pub(super) fn run(url: &str, seconds: u64) -> Result<Load, String> {
    load(url, &Ask::CALLBACK, seconds)
}

/// Asks for so many seconds.
pub(super) fn load(url: &str, ask: &Ask<'_>, seconds: u64) -> Result<Load, String> {
    let mut command = tool("wrk");
    command.args(["-t2", &format!("-c{CONNECTIONS}"), &format!("-d{seconds}s"), "--latency"]);
    for header in ask.headers {
        command.args(["-H", header]);
    }
    if let Some(script) = ask.script {
        command.arg("-s").arg(script);
    }
    let said = run::output(command.arg(format!("{url}{}", ask.path)))?;
    parse(&said).ok_or_else(|| format!("wrk said what cannot be read:\n{said}"))
}

/// The time that half of the requests, and all but the slowest hundredth, have taken.
pub(super) fn latency(what: &str, loads: &[Load]) -> Row {
    let of = |part: fn(&Load) -> f64| super::median(loads.iter().map(part).collect());
    let (p50, p99) = (of(|load| load.p50), of(|load| load.p99));
    Row::new(format!("{what}: p50, p99"), format!("{p50:.2} ms, {p99:.2} ms"))
}

/// Answers that are refusals are no figure.
fn parse(said: &str) -> Option<Load> {
    if said.contains("Non-2xx") || said.contains("Socket errors") {
        return None;
    }
    let after = |name: &str| {
        let line = said.lines().find(|line| line.trim_start().starts_with(name))?;
        line.trim_start().strip_prefix(name)?.split_whitespace().next()
    };
    let requests = said.lines().find(|line| line.contains(" requests in "))?;
    Some(Load {
        requests: requests.split_whitespace().next()?.parse().ok()?,
        per_second: after("Requests/sec:")?.parse().ok()?,
        p50: millis(after("50%")?)?,
        p99: millis(after("99%")?)?,
    })
}

fn millis(text: &str) -> Option<f64> {
    for (unit, factor) in [("us", 0.001), ("ms", 1.0), ("s", 1_000.0), ("m", 60_000.0)] {
        if let Some(number) = text.strip_suffix(unit) {
            return number.parse::<f64>().ok().map(|number| number * factor);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAID: &str = "  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     1.25ms  200.00us   5.00ms   80.00%
  Latency Distribution
     50%  500.00us
     75%    1.20ms
     90%    1.80ms
     99%    3.25ms
  108626 requests in 5.04s, 40.40MB read
Requests/sec:  21555.19
Transfer/sec:      8.02MB
";

    #[test]
    fn the_figures_are_read() {
        let load = Load { requests: 108_626, per_second: 21_555.19, p50: 0.5, p99: 3.25 };
        assert_eq!(parse(SAID), Some(load));
    }

    #[test]
    fn refusals_are_no_figures() {
        assert_eq!(parse(&format!("{SAID}  Non-2xx or 3xx responses: 4\n")), None);
    }
}
