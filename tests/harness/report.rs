//! The report: a table for people, JSON and `JUnit` XML for programs.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::case::{End, Level, Outcome};

/// All outcomes of a run.
#[derive(Debug, Default)]
pub struct Report {
    outcomes: Vec<Outcome>,
}

impl Report {
    /// Adds an outcome.
    pub fn push(&mut self, outcome: Outcome) {
        self.outcomes.push(outcome);
    }

    /// How many ended in each way: passed, failed, skipped.
    pub fn counts(&self) -> (usize, usize, usize) {
        count(self.outcomes.iter())
    }

    /// The table with the count of each level, and what failed.
    pub fn table(&self) -> String {
        let mut text = String::from("level  passed  failed  skipped  what\n");
        for level in Level::ALL {
            let of_level = self.outcomes.iter().filter(|outcome| outcome.level == level);
            let (passed, failed, skipped) = count(of_level);
            if passed + failed + skipped > 0 {
                let title = level.title();
                let _ =
                    writeln!(text, "{level:<5}  {passed:>6}  {failed:>6}  {skipped:>7}  {title}");
            }
        }
        for outcome in &self.outcomes {
            let (word, reason) = match &outcome.end {
                End::Passed => continue,
                End::Failed(reason) => ("FAILED", reason),
                End::Skipped(reason) => ("skipped", reason),
            };
            let Outcome { level, operation, name, .. } = outcome;
            let reason = reason.replace('\n', "\n    ");
            let _ = writeln!(text, "\n{word} {level} {operation} {name}\n    {reason}");
        }
        text
    }

    /// The line with which a run ends.
    pub fn closing_line(&self) -> String {
        let (passed, failed, skipped) = self.counts();
        let skipped = if skipped > 0 { format!(", {skipped} skipped") } else { String::new() };
        format!("{passed} passed, {failed} failed{skipped}")
    }

    /// The report as JSON.
    pub fn json(&self) -> Value {
        let (passed, failed, skipped) = self.counts();
        let cases: Vec<_> = self
            .outcomes
            .iter()
            .map(|outcome| {
                let (result, detail) = match &outcome.end {
                    End::Passed => ("passed", None),
                    End::Failed(reason) => ("failed", Some(reason)),
                    End::Skipped(reason) => ("skipped", Some(reason)),
                };
                json!({
                    "level": outcome.level.to_string(),
                    "operation": outcome.operation,
                    "name": outcome.name,
                    "seconds": outcome.duration.as_secs_f64(),
                    "result": result,
                    "detail": detail,
                })
            })
            .collect();
        json!({ "passed": passed, "failed": failed, "skipped": skipped, "cases": cases })
    }

    /// The report as `JUnit` XML.
    pub fn junit(&self) -> String {
        let (passed, failed, skipped) = self.counts();
        let tests = passed + failed + skipped;
        let mut xml = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n<testsuite name=\"contract\" tests=\"{tests}\" failures=\"{failed}\" skipped=\"{skipped}\">\n"
        );
        for outcome in &self.outcomes {
            let class = escape(&format!("{}.{}", outcome.level, outcome.operation));
            let (name, seconds) = (escape(&outcome.name), outcome.duration.as_secs_f64());
            let _ = write!(
                xml,
                "<testcase classname=\"{class}\" name=\"{name}\" time=\"{seconds:.6}\""
            );
            let _ = match &outcome.end {
                End::Passed => writeln!(xml, "/>"),
                End::Failed(reason) => {
                    writeln!(xml, "><failure message=\"{}\"/></testcase>", escape(reason))
                }
                End::Skipped(reason) => {
                    writeln!(xml, "><skipped message=\"{}\"/></testcase>", escape(reason))
                }
            };
        }
        xml.push_str("</testsuite>\n</testsuites>\n");
        xml
    }
}

fn count<'a>(outcomes: impl Iterator<Item = &'a Outcome>) -> (usize, usize, usize) {
    outcomes.fold((0, 0, 0), |(passed, failed, skipped), outcome| match outcome.end {
        End::Passed => (passed + 1, failed, skipped),
        End::Failed(_) => (passed, failed + 1, skipped),
        End::Skipped(_) => (passed, failed, skipped + 1),
    })
}

/// XML 1.0 can hold neither markup nor most control characters in an attribute.
fn escape(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '&' => "&amp;".into(),
            '<' => "&lt;".into(),
            '>' => "&gt;".into(),
            '"' => "&quot;".into(),
            '\n' => "&#10;".into(),
            c if c.is_control() => "\u{fffd}".into(),
            c => c.to_string(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_report_counts_and_names_what_failed() {
        let mut report = Report::default();
        let push = |report: &mut Report, name, end| {
            report.push(Outcome::new(Level::L1, "ShowApp", name, Duration::ZERO, end));
        };
        push(&mut report, "a", End::Passed);
        push(&mut report, "b", End::Failed("<found> \"this\"".into()));
        assert_eq!(report.closing_line(), "1 passed, 1 failed");
        push(&mut report, "c", End::Skipped("no Python".into()));
        assert_eq!(report.closing_line(), "1 passed, 1 failed, 1 skipped");
        assert!(report.table().contains("FAILED L1 ShowApp b"));
        assert!(report.junit().contains("message=\"&lt;found&gt; &quot;this&quot;\""));
        assert_eq!(report.json()["cases"][1]["result"], "failed");
    }
}
