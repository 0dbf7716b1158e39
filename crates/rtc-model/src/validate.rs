//! The documented limits, checked with field paths.

use std::fmt;

/// A value that knows the limits which the API reference sets for it.
///
/// The client does not call this on its own: whether the real service enforces every documented
/// limit is not known, and a refusal of its own would shut out what the service may accept. The
/// mock server does.
///
/// ```
/// use rtc_model::record_callback::AppCallbackUrlReq;
/// use rtc_model::validate::{Field, Validate};
///
/// let body = AppCallbackUrlReq::new("ftp://example.com");
/// let violation = body.validate(&Field::ROOT).unwrap_err();
/// assert_eq!(violation.field(), "url");
/// ```
pub trait Validate {
    /// Checks the value, which stands at `at`; the first violation is returned.
    fn validate(&self, at: &Field<'_>) -> Result<(), Violation>;
}

/// A place in a request: a chain of names and indices, made into text only when needed.
#[derive(Debug, Clone, Copy)]
pub struct Field<'a> {
    parent: Option<&'a Field<'a>>,
    step: Step<'a>,
    words: Words,
}

/// Which words a place takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Words {
    /// The documented ones: it is of a request.
    Known,
    /// Any: it is of an answer.
    Any,
}

#[derive(Debug, Clone, Copy)]
enum Step<'a> {
    Root,
    Name(&'a str),
    Index(usize),
}

impl Field<'static> {
    /// The request itself.
    pub const ROOT: Self = Self { parent: None, step: Step::Root, words: Words::Known };

    /// An answer, or what is kept to be answered: words that are not documented are no violation
    /// there (decision D16).
    ///
    /// ```
    /// use rtc_model::apps::{AppState, AppStatus};
    /// use rtc_model::validate::{Field, Validate};
    ///
    /// let state = AppState::new().state(AppStatus::from("DANCING"));
    /// assert!(state.validate(&Field::ANSWER).is_ok());
    /// assert!(state.validate(&Field::ROOT).is_err());
    /// ```
    pub const ANSWER: Self = Self { words: Words::Any, ..Self::ROOT };
}

impl<'a> Field<'a> {
    /// The member `name` of this place.
    #[must_use]
    pub fn name(&'a self, name: &'a str) -> Self {
        Self { parent: Some(self), step: Step::Name(name), words: self.words }
    }

    /// The element `index` of this place.
    #[must_use]
    pub fn index(&'a self, index: usize) -> Self {
        Self { parent: Some(self), step: Step::Index(index), words: self.words }
    }

    /// A violation here: the value is not allowed.
    pub fn invalid(&self, reason: impl Into<String>) -> Violation {
        self.violation(ViolationKind::Value, reason.into())
    }

    /// A violation here: a value that is mandatory is not there.
    pub fn missing(&self, reason: impl Into<String>) -> Violation {
        self.violation(ViolationKind::Missing, reason.into())
    }

    /// A violation here: the value does not go with another one.
    pub fn combination(&self, reason: impl Into<String>) -> Violation {
        self.violation(ViolationKind::Combination, reason.into())
    }

    /// Checks the number of characters of a text.
    pub fn length(&self, text: &str, min: usize, max: usize) -> Result<(), Violation> {
        let found = text.chars().count();
        if (min..=max).contains(&found) {
            return Ok(());
        }
        Err(self.invalid(format!("it has {found} characters, {min} to {max} are allowed")))
    }

    /// Checks a number against its documented range.
    pub fn range<N: PartialOrd + fmt::Display>(
        &self,
        found: N,
        min: N,
        max: N,
    ) -> Result<(), Violation> {
        if min <= found && found <= max {
            return Ok(());
        }
        Err(self.invalid(format!("it is {found}, {min} to {max} is allowed")))
    }

    /// Checks the number of items of a list.
    pub fn items(&self, found: usize, min: usize, max: usize) -> Result<(), Violation> {
        if (min..=max).contains(&found) {
            return Ok(());
        }
        Err(self.invalid(format!("it has {found} items, {min} to {max} are allowed")))
    }

    /// Checks that a text holds letters, digits, `_` and `-` only.
    pub fn word(&self, text: &str) -> Result<(), Violation> {
        match text.chars().find(|c| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))) {
            None => Ok(()),
            Some(c) => {
                Err(self.invalid(format!("it holds {c:?}; letters, digits, _ and - are allowed")))
            }
        }
    }

    /// Whether a word that is not documented is let be.
    pub(crate) fn takes_any_word(&self) -> bool {
        self.words == Words::Any
    }

    fn violation(&self, kind: ViolationKind, reason: String) -> Violation {
        Violation { field: self.to_string(), kind, reason }
    }
}

impl fmt::Display for Field<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent {
            parent.fmt(f)?;
            if matches!(self.step, Step::Name(_)) && !matches!(parent.step, Step::Root) {
                f.write_str(".")?;
            }
        }
        match self.step {
            Step::Root => Ok(()),
            Step::Name(name) => f.write_str(name),
            Step::Index(index) => write!(f, "[{index}]"),
        }
    }
}

/// Types without rules of their own.
macro_rules! free {
    ($($type:ty),*) => {
        $(impl Validate for $type {
            fn validate(&self, _at: &Field<'_>) -> Result<(), Violation> {
                Ok(())
            }
        })*
    };
}

free!(String, bool, i32, i64, f64, crate::Secret, crate::Timestamp);

impl<T: Validate> Validate for Vec<T> {
    fn validate(&self, at: &Field<'_>) -> Result<(), Violation> {
        self.iter().enumerate().try_for_each(|(index, item)| item.validate(&at.index(index)))
    }
}

/// A documented limit that a request does not keep.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {reason}")]
pub struct Violation {
    field: String,
    kind: ViolationKind,
    reason: String,
}

impl Violation {
    /// The place, for example `mix_param.layout_panes[2].x`.
    pub fn field(&self) -> &str {
        &self.field
    }

    /// What sort of limit it is.
    pub fn kind(&self) -> ViolationKind {
        self.kind
    }

    /// Why the value is refused.
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

/// The sorts of violations, each with an error code of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ViolationKind {
    /// A mandatory value is absent (`RTC.00001005`).
    Missing,
    /// A value is outside its range, length or set (`RTC.00001003`).
    Value,
    /// Values do not go together (`RTC.00001004`).
    Combination,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_path_reads_like_the_json_it_points_into() {
        let param = Field::ROOT.name("mix_param");
        let panes = param.name("layout_panes");
        let pane = panes.index(2);
        assert_eq!(pane.name("x").to_string(), "mix_param.layout_panes[2].x");
    }

    #[test]
    fn length_counts_characters_and_not_bytes() {
        assert!(Field::ROOT.name("n").length(&"中".repeat(4), 1, 4).is_ok());
        let long = Field::ROOT.name("n").length("12345", 1, 4).unwrap_err();
        assert_eq!(long.to_string(), "n: it has 5 characters, 1 to 4 are allowed");
    }
}
