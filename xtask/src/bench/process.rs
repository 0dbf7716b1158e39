//! Start, end and memory of the program.

use super::growth::exponent;
use super::server::Program;
use super::{Programs, Row, median, wrk};

/// How often the program is started and stopped.
const STARTS: usize = 21;
/// How many requests are a long run.
const MANY: u64 = 3_000_000;
/// How long one load of it takes.
const SECONDS: u64 = 10;
/// How many exchanges the journals hold whose entries are weighed; they stay below its bound of
/// bytes.
const ENTRIES: [u32; 3] = [3_000, 12_000, 48_000];

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
    rows.push(journal(&programs.mock)?);
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

/// What the entries take: the same load with a journal and without.
fn journal(mock: &Program) -> Result<Row, String> {
    let grown = |entries: u32| -> Result<f64, String> {
        let server = mock.mock(&["--journal", &entries.to_string()])?;
        let mut requests = 0;
        while requests < 2 * u64::from(ENTRIES[2]) {
            requests += wrk::run(&server.url, 2)?.requests;
        }
        server.memory()
    };
    let without = grown(0)?;
    let mut journals = [0.0; 3];
    for (entries, journal) in ENTRIES.into_iter().zip(&mut journals) {
        *journal = grown(entries)? - without;
    }
    let figures = journals.map(|journal| format!("{:.1}", journal / MIB)).join(", ");
    let entry = journals[2] / f64::from(ENTRIES[2]);
    Ok(Row::new(
        "memory of a journal of 3,000, 12,000, 48,000 exchanges",
        format!("{figures} MiB; {entry:.0} bytes each"),
    )
    .ratio(format!("exponent {:.2}", exponent(&ENTRIES, &journals)))
    .aim("1"))
}
