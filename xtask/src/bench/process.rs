//! Start, end and memory of the program.

use super::server::Program;
use super::{Programs, Row, median, wrk};

/// How often the program is started and stopped.
const STARTS: usize = 21;
/// How many requests are a long run.
const MANY: u64 = 3_000_000;
/// How long one load of it takes.
const SECONDS: u64 = 10;
/// How many exchanges a journal holds whose entries are weighed.
const ENTRIES: f64 = 20_000.0;

const MIB: f64 = 1_048_576.0;

pub(super) fn rows(programs: &Programs) -> Result<Vec<Row>, String> {
    let (mut starts, mut stops) = (Vec::new(), Vec::new());
    for _ in 0..STARTS {
        let server = programs.mock.mock(&[])?;
        starts.push(server.first_answer()?.as_secs_f64() * 1e3);
        stops.push(server.stop()?.as_secs_f64() * 1e3);
    }
    let (start, stop) = (median(starts), median(stops));
    let mut rows = vec![
        Row::new("from the start to the first answer", format!("{start:.1} ms")).aim("≤ 10 ms"),
        Row::new("from SIGTERM to the end, idle", format!("{stop:.1} ms")).aim("≤ 50 ms"),
    ];
    rows.extend(memory(&programs.mock)?);
    let entry = journal(&programs.mock)?;
    rows.push(Row::new("memory of a journal entry", format!("{entry:.0} bytes")));
    Ok(rows)
}

/// Memory after the start and under a long load.
fn memory(mock: &Program) -> Result<Vec<Row>, String> {
    let server = mock.mock(&[])?;
    let idle = server.memory()? / MIB;
    let (mut requests, mut first) = (0, None);
    while requests < MANY {
        requests += wrk::run(&server.url, SECONDS)?.requests;
        first.get_or_insert((requests, server.memory()? / MIB));
    }
    let (early, before) = first.unwrap_or_default();
    let after = server.memory()? / MIB;
    Ok(vec![
        Row::new("resident memory, idle", format!("{idle:.1} MiB")).aim("< 10 MiB"),
        Row::new(
            format!("resident memory after {requests} requests, default journal"),
            format!("{after:.1} MiB"),
        )
        .ratio(format!("{:.2} of that after {early}", after / before))
        .aim("< 90 MiB, flat"),
    ])
}

/// What an entry takes: the same load with a journal and without, beyond what it begins with.
fn journal(mock: &Program) -> Result<f64, String> {
    let grown = |entries: &str| -> Result<f64, String> {
        let server = mock.mock(&["--journal", entries])?;
        let mut requests = 0;
        while requests < 40_000 {
            requests += wrk::run(&server.url, 2)?.requests;
        }
        server.memory()
    };
    Ok((grown(&format!("{ENTRIES}"))? - grown("0")?) / ENTRIES)
}
