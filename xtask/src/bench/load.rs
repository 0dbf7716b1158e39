//! How many requests a second, beside others.

use std::fs;

use super::request::PATH;
use super::server::{Program, Server};
use super::wrk::{self, Ask, Load};
use super::{Programs, Row, median, ratio};
use crate::python;

/// How often each takes its turn, and for how many seconds.
const TURNS: usize = 7;
const SECONDS: u64 = 2;
/// The token of the mock.
const TOKEN: &str = "X-Auth-Token: rtc-mock-token-not-for-real-use-0001";
/// Sets the callback, each time to another URL, so that each request is a change.
const CHANGES: &str = r#"
local number = 0
request = function()
  number = number + 1
  local body = '{"url":"http://mydomain.com/' .. number .. '","auth_key":"78912374ae8cdb38"}'
  return wrk.format("PUT", nil, nil, body)
end
"#;

/// The mock, with verification and the journal, beside servers that verify nothing.
pub(super) fn rows(programs: &Programs) -> Result<Vec<Row>, String> {
    let folder = folder("bench-data")?;
    let servers = [
        programs.peers.start(&["bare"])?,
        programs.mock.mock(&[])?,
        programs.mock.mock(&["--data-dir", &folder])?,
        programs.mock.mock(&["--auth", "off", "--journal", "0"])?,
        programs.peers.start(&["httpmock"])?,
        programs.peers.start(&["wiremock"])?,
    ];
    let [bare, mock, kept, open, httpmock, wiremock] = turns(&servers, &Ask::CALLBACK)?;
    drop(servers);
    let row = |what: &str, loads: &[Load]| {
        let each = per_second(loads);
        let ratio = format!("{:.2} of bare hyper", ratio(&each, &per_second(&bare)));
        Row::new(what, format!("{:.0} requests/s", median(each))).ratio(ratio)
    };
    let times = ratio(&per_second(&mock), &per_second(&httpmock));
    let mut rows = vec![
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
    ];
    rows.extend(changes(programs)?);
    match moto(programs) {
        Ok(row) => rows.push(row),
        Err(reason) => eprintln!("moto is left out: {reason}"),
    }
    Ok(rows)
}

/// Changes of the state, in memory and with each on disk before its answer.
fn changes(programs: &Programs) -> Result<Vec<Row>, String> {
    let script = super::target()?.join("bench-changes.lua");
    fs::write(&script, CHANGES).map_err(|error| format!("{}: {error}", script.display()))?;
    let servers =
        [programs.mock.mock(&[])?, programs.mock.mock(&["--data-dir", &folder("bench-changes")?])?];
    let headers = [TOKEN, "Content-Type: application/json"];
    let ask = Ask { path: PATH, headers: &headers, script: Some(&script) };
    let [memory, disk] = turns(&servers, &ask)?;
    let (memory_each, disk_each) = (per_second(&memory), per_second(&disk));
    let beside = ratio(&disk_each, &memory_each);
    let figure = |each| format!("{:.0} requests/s", median(each));
    Ok(vec![
        Row::new("UpdateRecordCallback, each a change, in memory", figure(memory_each)),
        Row::new("the same with `--data-dir`, each on disk before its answer", figure(disk_each))
            .ratio(format!("{beside:.2} of in memory")),
        wrk::latency("UpdateRecordCallback in memory", &memory),
        wrk::latency("UpdateRecordCallback with `--data-dir`", &disk),
    ])
}

/// moto, an API of its own, beside the mock.
fn moto(programs: &Programs) -> Result<Row, String> {
    let bin = python::environment(&super::target()?, "moto", "benches/moto/requirements.txt")?;
    let moto = Program(bin.join("python")).start(&["benches/moto/serve.py"])?;
    let mock = programs.mock.mock(&[])?;
    let list = Ask { path: "/", headers: &[], script: None };
    let (mut motos, mut mocks) = (Vec::new(), Vec::new());
    for _ in 0..3 {
        motos.push(wrk::load(&moto.url, &list, SECONDS)?);
        mocks.push(wrk::run(&mock.url, SECONDS)?);
    }
    let (motos, mocks) = (per_second(&motos), per_second(&mocks));
    let times = ratio(&mocks, &motos);
    let row = Row::new("moto 5.2.5 as a server, a list of buckets, unverified", {
        format!("{:.0} requests/s", median(motos))
    });
    Ok(row.ratio(format!("the mock server is {times:.0} times as quick")))
}

/// An empty folder below `target`.
fn folder(name: &str) -> Result<String, String> {
    let folder = super::target()?.join(name);
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(|error| error.to_string())?;
    }
    Ok(folder.to_string_lossy().into_owned())
}

/// Each is loaded in turn, so that all see the same machine.
fn turns<const N: usize>(servers: &[Server; N], ask: &Ask<'_>) -> Result<[Vec<Load>; N], String> {
    let mut loads = [const { Vec::new() }; N];
    for _ in 0..TURNS {
        for (server, loads) in servers.iter().zip(&mut loads) {
            loads.push(wrk::load(&server.url, ask, SECONDS)?);
        }
    }
    Ok(loads)
}

fn per_second(loads: &[Load]) -> Vec<f64> {
    loads.iter().map(|load| load.per_second).collect()
}
