//! How many requests a second, beside others.

use super::server::Server;
use super::wrk::{self, Load};
use super::{Programs, Row, median, ratio};

/// How often each takes its turn, and for how many seconds.
const TURNS: usize = 9;
const SECONDS: u64 = 2;

/// The mock, with verification and the journal, beside servers that verify nothing.
pub(super) fn rows(programs: &Programs) -> Result<Vec<Row>, String> {
    let folder = super::target()?.join("bench-data");
    if folder.exists() {
        std::fs::remove_dir_all(&folder).map_err(|error| error.to_string())?;
    }
    let folder = folder.to_string_lossy().into_owned();
    let servers = [
        programs.peers.start(&["bare"])?,
        programs.mock.mock(&[])?,
        programs.mock.mock(&["--data-dir", &folder])?,
        programs.mock.mock(&["--auth", "off", "--journal", "0"])?,
        programs.peers.start(&["httpmock"])?,
        programs.peers.start(&["wiremock"])?,
    ];
    let [bare, mock, kept, open, httpmock, wiremock] = turns(&servers)?;
    let row = |what: &str, loads: &[Load]| {
        let each = per_second(loads);
        let ratio = format!("{:.2} of bare hyper", ratio(&each, &per_second(&bare)));
        Row::new(what, format!("{:.0} requests/s", median(each))).ratio(ratio)
    };
    let times = ratio(&per_second(&mock), &per_second(&httpmock));
    Ok(vec![
        row("bare hyper server answering the same bytes", &bare),
        row("mock server: signature verified, journal on", &mock).aim("≥ 0.65, beyond 0.75"),
        row("the same with `--data-dir`", &kept),
        row("the same with `--auth off --journal 0`", &open),
        row("httpmock 0.9, unverified", &httpmock),
        Row::new("mock server beside httpmock", "")
            .ratio(format!("{times:.2} of httpmock"))
            .aim("≥ 1"),
        row("wiremock-rs 0.6, unverified", &wiremock),
        wrk::latency("bare hyper server", &bare),
        wrk::latency("mock server", &mock),
        wrk::latency("mock server with `--data-dir`", &kept),
        wrk::latency("httpmock", &httpmock),
    ])
}

/// Each is loaded in turn, so that all see the same machine.
fn turns<const N: usize>(servers: &[Server; N]) -> Result<[Vec<Load>; N], String> {
    let mut loads = [const { Vec::new() }; N];
    for _ in 0..TURNS {
        for (server, loads) in servers.iter().zip(&mut loads) {
            loads.push(wrk::run(&server.url, SECONDS)?);
        }
    }
    Ok(loads)
}

fn per_second(loads: &[Load]) -> Vec<f64> {
    loads.iter().map(|load| load.per_second).collect()
}
