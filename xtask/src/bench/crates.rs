//! What the benches of the other crates print.

use crate::run::{cargo, output};

use super::Row;

/// Signing and verifying beside their hashes, and aws-sigv4 beside signing.
pub(super) fn signer() -> Result<Vec<Row>, String> {
    let printed = output(&mut cargo(["bench", "--package", "rtc-signer", "--bench", "ratios"]))?;
    let rows = signer_rows(&printed);
    if rows.is_empty() { Err(format!("no figures of the signer in\n{printed}")) } else { Ok(rows) }
}

/// Calls beside hyper-util's and reqwest's.
pub(super) fn client() -> Result<Vec<Row>, String> {
    let printed = output(&mut cargo(["bench", "--package", "rtc-client", "--bench", "calls"]))?;
    let rows = client_rows(&printed);
    if rows.is_empty() { Err(format!("no figures of the client in\n{printed}")) } else { Ok(rows) }
}

/// Notifications beside bare POSTs of the same bytes.
pub(super) fn notifications() -> Result<Vec<Row>, String> {
    let bench = ["bench", "--package", "rtc-mock-server", "--bench", "notifications"];
    let printed = output(&mut cargo(bench))?;
    let rows = client_rows(&printed);
    if rows.is_empty() {
        Err(format!("no figures of notifications in\n{printed}"))
    } else {
        Ok(rows)
    }
}

/// `| request | what | ns | base ns | ratio |` lines, and those of growth, which have a sixth part.
fn signer_rows(printed: &str) -> Vec<Row> {
    let rows = printed.lines().filter_map(|line| {
        let parts: Vec<_> = line.trim_matches('|').split('|').map(str::trim).collect();
        match parts.as_slice() {
            [request, what, time, _, ratio] if time.parse::<u64>().is_ok() => {
                let row = Row::new(format!("{request}: {what}"), format!("{time} ns"));
                Some(row.ratio(*ratio).aim(aim(what)))
            }
            [input, what, sizes @ .., step] => {
                // Each size is four times the one before.
                let exponent = step.parse::<f64>().ok()?.log(4.0);
                let row = Row::new(format!("{what}, {input} at three sizes"), sizes.join(", "));
                Some(row.ratio(format!("exponent {exponent:.2}")).aim("1"))
            }
            _ => None,
        }
    });
    rows.collect()
}

/// What is aimed at in the table of the signer.
fn aim(what: &str) -> &'static str {
    match what {
        "sign / hash" => "≤ 1.4, at most 1.6",
        "verify / hash" => "≤ 1.8",
        "aws-sigv4 / sign_parts" => "≥ 6",
        _ => "",
    }
}

/// `what  figure unit  ratio` lines, parted by two spaces or more, under lines that say what is
/// counted.
fn client_rows(printed: &str) -> Vec<Row> {
    let (mut rows, mut counted) = (Vec::new(), "");
    for line in printed.lines() {
        let parts: Vec<_> =
            line.split("  ").map(str::trim).filter(|part| !part.is_empty()).collect();
        match parts.as_slice() {
            [what] => counted = what,
            [what, figure] => {
                let is_ours = *what == "rtc-client" && counted.contains("allocations");
                let aim = if is_ours { "≤ 25" } else { "" };
                rows.push(Row::new(format!("{counted}: {what}"), *figure).aim(aim));
            }
            [what, figure, ratio] => {
                let aim = match (*what, counted.contains("one connection")) {
                    ("rtc-client", false) => "≥ 0.90, beyond 0.95",
                    ("rtc-client", true) => "≤ 1.25",
                    ("reqwest, signed, decoded", _) => "≥ 1.3",
                    _ => "",
                };
                rows.push(Row::new(format!("{counted}: {what}"), *figure).ratio(*ratio).aim(aim));
            }
            _ => {}
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(rows: &[Row]) -> Vec<[&str; 3]> {
        rows.iter().map(|row| [&*row.what, &*row.figure, &*row.ratio]).collect()
    }

    #[test]
    fn the_signers_figures_are_read() {
        let printed = "| request            | what        | ns | base ns |  ratio |
|--------------------|-------------|----|---------|--------|
| GET                | sign / hash | 730 |    481 |   1.51 |

| input              | what   | 1/16   | 1/4     | whole   | a step |
| a header of 128 KB | sign   | 5.8 µs | 21.1 µs | 82.3 µs |   3.76 |
";
        assert_eq!(
            text(&signer_rows(printed)),
            [
                ["GET: sign / hash", "730 ns", "1.51"],
                [
                    "sign, a header of 128 KB at three sizes",
                    "5.8 µs, 21.1 µs, 82.3 µs",
                    "exponent 0.96"
                ]
            ]
        );
    }

    #[test]
    fn the_clients_figures_are_read() {
        let printed = "32 calls at a time
hyper-util, unread       87510 calls/s
rtc-client               61255 calls/s   0.70 of hyper-util
";
        assert_eq!(
            text(&client_rows(printed)),
            [
                ["32 calls at a time: hyper-util, unread", "87510 calls/s", ""],
                ["32 calls at a time: rtc-client", "61255 calls/s", "0.70 of hyper-util"]
            ]
        );
    }
}
