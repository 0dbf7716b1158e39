//! What grows with the number of apps.

use std::fmt::Write as _;
use std::fs;

use super::server::Server;
use super::{Programs, Row, median};

const SIZES: [u32; 3] = [10, 1_000, 100_000];
/// Between the last two, so that memory has three sizes beyond what a server begins with.
const BETWEEN: u32 = 10_000;
const PAGE: u32 = 10;
/// How often each answer is asked for.
const ASKED: usize = 301;

/// Answers, memory and starts at three sizes.
pub(super) fn rows(programs: &Programs) -> Result<Vec<Row>, String> {
    let [small, middle, large] = SIZES.map(|apps| start(programs, apps));
    let (servers, starts) = ([small?, middle?, large?], starts(programs)?);
    let [few, middle, many] = &servers;
    let between = start(programs, BETWEEN)?;
    let begin = few.memory()?;
    let beyond = [middle.memory()? - begin, between.memory()? - begin, many.memory()? - begin];
    let list = |offset: u32| format!("/v2/apps?limit={PAGE}&offset={offset}");
    let first_pages = asked(&servers, |_| list(0))?;
    let last_pages = asked(&servers, |apps| list(apps - PAGE))?;
    let callbacks = asked(&servers, |apps| format!("/v2/apps/{:024x}/record-callback", apps / 2))?;
    let row = |what: &str, times: [f64; 3]| {
        let figure = times.map(|time| format!("{time:.1}")).join(", ");
        Row::new(format!("{what} out of 10, 1,000, 100,000 apps"), format!("{figure} µs"))
            .ratio(format!("exponent {:.2}", exponent(&SIZES, &times)))
            .aim("0")
    };
    let mib = beyond.map(|bytes| format!("{:.1}", bytes / 1_048_576.0)).join(", ");
    let app = beyond[2] / f64::from(SIZES[2] - SIZES[0]);
    let started = starts.map(|time| format!("{time:.1}")).join(", ");
    Ok(vec![
        row(&format!("first page of {PAGE} apps"), first_pages),
        row(&format!("last page of {PAGE} apps"), last_pages),
        row("ShowRecordCallback", callbacks),
        Row::new(
            "memory of 1,000, 10,000, 100,000 apps, the fixture's copy included",
            format!("{mib} MiB; {app:.0} bytes each"),
        )
        .ratio(format!("exponent {:.2}", exponent(&[SIZES[1], BETWEEN, SIZES[2]], &beyond)))
        .aim("1"),
        Row::new(
            "from the start to being ready, with 1,000, 10,000, 100,000 apps in the fixture",
            format!("{started} ms"),
        )
        .ratio(format!("exponent {:.2}", exponent(&[SIZES[1], BETWEEN, SIZES[2]], &starts)))
        .aim("≤ 1"),
    ])
}

/// How long a start takes in milliseconds.
fn starts(programs: &Programs) -> Result<[f64; 3], String> {
    let mut medians = [0.0; 3];
    for (apps, median) in [SIZES[1], BETWEEN, SIZES[2]].into_iter().zip(&mut medians) {
        let mut times = Vec::new();
        for _ in 0..5 {
            times.push(start(programs, apps)?.ready().as_secs_f64() * 1e3);
        }
        *median = super::median(times);
    }
    Ok(medians)
}

/// A mock that holds so many apps and writes nothing down.
fn start(programs: &Programs, apps: u32) -> Result<Server, String> {
    let path = super::target()?.join(format!("bench-{apps}-apps.json"));
    let mut text = String::from("{\"projects\":[{\"apps\":[");
    for number in 0..apps {
        let comma = if number == 0 { "" } else { "," };
        let _ = write!(
            text,
            "{comma}{{\"app_id\":\"{number:024x}\",\"app_name\":\"app-{number}\",\"callbacks\":{{\"record_callback\":{{\"url\":\"http://mydomain.com\",\"auth_key\":\"78912374ae8cdb38\"}}}}}}"
        );
    }
    text.push_str("]}]}");
    fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))?;
    let path = path.to_string_lossy().into_owned();
    programs.mock.mock(&["--journal", "0", "--fixture", &path])
}

/// The times of an answer in microseconds. The servers take turns.
fn asked(servers: &[Server; 3], target: impl Fn(u32) -> String) -> Result<[f64; 3], String> {
    let mut connections = Vec::new();
    for (server, apps) in servers.iter().zip(SIZES) {
        connections.push((server.connect()?, target(apps), Vec::new()));
    }
    let token = "X-Auth-Token: rtc-mock-token-not-for-real-use-0001";
    for _ in 0..ASKED {
        for (connection, target, times) in &mut connections {
            let (_, time) = connection.get(target, &["Host: h", token])?;
            times.push(time.as_secs_f64() * 1e6);
        }
    }
    let mut medians = [0.0; 3];
    for ((_, _, times), place) in connections.into_iter().zip(&mut medians) {
        *place = median(times);
    }
    Ok(medians)
}

/// The power of the size by which the cost grows, by least squares: 0 is none, 1 is linear.
pub(super) fn exponent(sizes: &[u32], costs: &[f64]) -> f64 {
    let points: Vec<_> =
        sizes.iter().zip(costs).map(|(size, cost)| (f64::from(*size).ln(), cost.ln())).collect();
    let count = f64::from(u32::try_from(points.len()).unwrap_or(1));
    let mean = |part: fn(&(f64, f64)) -> f64| points.iter().map(part).sum::<f64>() / count;
    let (x, y) = (mean(|point| point.0), mean(|point| point.1));
    let slope = points.iter().map(|point| (point.0 - x) * (point.1 - y)).sum::<f64>();
    slope / points.iter().map(|point| (point.0 - x).powi(2)).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exponent_tells_how_a_cost_grows() {
        for (costs, expected) in
            [([5.0, 5.0, 5.0], 0.0), ([1.0, 100.0, 10_000.0], 1.0), ([1.0, 1e4, 1e8], 2.0)]
        {
            assert!((exponent(&SIZES, &costs) - expected).abs() < 1e-9, "{costs:?}");
        }
    }
}
