//! Whether what was expected came.

use std::fmt;
use std::fmt::Write as _;

use crate::exchange::Exchange;
use crate::journal::RequestFilter;

/// How often something is expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a range")]
pub struct Times {
    /// The least.
    pub least: u64,
    /// The most, if there is one.
    pub most: Option<u64>,
}

impl Times {
    /// Exactly so often.
    pub const fn exactly(times: u64) -> Self {
        Self { least: times, most: Some(times) }
    }

    /// So often or oftener.
    pub const fn at_least(times: u64) -> Self {
        Self { least: times, most: None }
    }

    pub(crate) fn contains(self, count: u64) -> bool {
        count >= self.least && self.most.is_none_or(|most| count <= most)
    }
}

/// `exactly 2 times`.
impl fmt::Display for Times {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let times =
            |count: u64| if count == 1 { "once".to_owned() } else { format!("{count} times") };
        match self.most {
            Some(0) => f.write_str("never"),
            Some(most) if most == self.least => write!(f, "exactly {}", times(most)),
            Some(most) => write!(f, "{} to {most} times", self.least),
            None => write!(f, "at least {}", times(self.least)),
        }
    }
}

/// What came was not what was expected. Its text says what came instead.
#[derive(Clone, thiserror::Error)]
#[error("{text}")]
pub struct Mismatch {
    text: String,
    count: u64,
    nearest: Option<Exchange>,
}

impl Mismatch {
    /// How many exchanges there were of those expected.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The exchange that was no match but comes nearest.
    pub fn nearest(&self) -> Option<&Exchange> {
        self.nearest.as_ref()
    }
}

/// The text as it is: this is what a failed test prints.
impl fmt::Debug for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// How many exchanges are listed in a text.
const LISTED: usize = 10;

/// The exchanges that are meant, or what came instead of them.
pub(crate) fn verify(
    all: Vec<Exchange>,
    filter: &RequestFilter,
    times: Times,
) -> Result<Vec<Exchange>, Mismatch> {
    let (meant, others): (Vec<_>, Vec<_>) =
        all.into_iter().partition(|exchange| filter.matches(exchange.record()));
    let count = meant.len() as u64;
    if times.contains(count) {
        return Ok(meant);
    }
    let mut text = format!("expected {filter} {times}, but it came ");
    let _ = match count {
        0 => write!(text, "not at all"),
        1 => write!(text, "once"),
        count => write!(text, "{count} times"),
    };
    list(&mut text, &meant);
    // Of equally near ones the newest.
    let nearest = others
        .iter()
        .rev()
        .min_by_key(|exchange| filter.misses(exchange.record()).count())
        .filter(|_| count < times.least)
        .cloned();
    match &nearest {
        Some(nearest) => {
            let misses: Vec<_> = filter.misses(nearest.record()).collect();
            let _ = write!(text, "\nthe nearest of {} others: {nearest}\n", others.len());
            let _ = write!(text, "  which is no match: {}", misses.join(", "));
            if let Some(answer) = nearest.answer_text() {
                let _ = write!(text, "\n  it was answered: {answer}");
            }
        }
        None if others.is_empty() && count == 0 => text.push_str("; nothing came"),
        None => {}
    }
    Err(Mismatch { text, count, nearest })
}

fn list(text: &mut String, exchanges: &[Exchange]) {
    for exchange in exchanges.iter().take(LISTED) {
        let _ = write!(text, "\n  {exchange}");
    }
    if exchanges.len() > LISTED {
        let _ = write!(text, "\n  … and {} more", exchanges.len() - LISTED);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_said_in_words() {
        let words = [
            Times::exactly(0),
            Times::exactly(1),
            Times::exactly(2),
            Times::at_least(1),
            Times { least: 1, most: Some(3) },
        ]
        .map(|times| times.to_string());
        assert_eq!(
            words,
            ["never", "exactly once", "exactly 2 times", "at least once", "1 to 3 times"]
        );
    }
}
