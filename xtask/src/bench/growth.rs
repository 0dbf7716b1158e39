//! What grows with the number of apps.

use std::fmt::Write as _;
use std::fs;

use super::server::Server;
use super::{Programs, Row, median};

const SIZES: [u32; 3] = [10, 1_000, 100_000];
const PAGE: u32 = 10;
/// How often each page is asked for.
const ASKED: usize = 301;

/// Pages of a list and memory at three sizes.
pub(super) fn rows(programs: &Programs) -> Result<Vec<Row>, String> {
    let servers = SIZES.map(|apps| start(programs, apps));
    let [small, middle, large] = servers;
    let servers = [small?, middle?, large?];
    let mut memory = Vec::new();
    for server in &servers {
        memory.push(server.memory()?);
    }
    let last = |apps: u32| apps / PAGE - 1;
    let first_pages = pages(&servers, |_| 0)?;
    let last_pages = pages(&servers, last)?;
    let app = match (memory.first(), memory.last()) {
        (Some(few), Some(many)) => (many - few) / f64::from(SIZES[2] - SIZES[0]),
        _ => f64::NAN,
    };
    let row = |what: &str, times: [f64; 3]| {
        let figure = times.map(|time| format!("{time:.1}")).join(", ");
        Row::new(
            format!("{what} page of {PAGE} apps out of 10, 1,000, 100,000"),
            format!("{figure} µs"),
        )
        .ratio(format!("exponent {:.2}", exponent(&SIZES, &times)))
        .aim("0")
    };
    Ok(vec![
        row("first", first_pages),
        row("last", last_pages),
        Row::new("memory of an app, the fixture's copy included", format!("{app:.0} bytes")),
    ])
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

/// The times of a page in microseconds. The servers take turns.
fn pages(servers: &[Server; 3], page: impl Fn(u32) -> u32) -> Result<[f64; 3], String> {
    let mut connections = Vec::new();
    for (server, apps) in servers.iter().zip(SIZES) {
        let target = format!("/v2/apps?limit={PAGE}&offset={}", page(apps));
        connections.push((server.connect()?, target, Vec::new()));
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
fn exponent(sizes: &[u32], costs: &[f64]) -> f64 {
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
