//! A success whose body is not the documented one.

use std::fmt;

use rtc_model::error::JsonError;

use crate::error::text::OneLine;
use crate::secrets::Secrets;

/// The most of a path and of a text that is kept, in bytes.
const MAX_PART: usize = 300;

/// Where the body of an answer is not the documented one, and what stands there.
///
/// The values that the peer sent are left out: any of them may be a secret in a wrong place.
#[derive(Debug)]
pub(crate) struct FormError {
    path: String,
    found: String,
}

impl FormError {
    pub(crate) fn new(error: &JsonError, secrets: &Secrets) -> Self {
        let text = error.to_string();
        let path = error.path();
        let found = text.strip_prefix(path).and_then(|text| text.strip_prefix(": "));
        let found = without_values(found.unwrap_or(&text));
        let clean = |text: &str| OneLine(&secrets.mask_text(text, MAX_PART)).to_string();
        Self { path: clean(path), found: clean(&found) }
    }

    /// The place, such as `record_callback.url`; empty for the whole body.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }
}

impl fmt::Display for FormError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        f.write_str(&self.found)
    }
}

impl std::error::Error for FormError {}

/// The text of a serde error without the value that was found, which stands in quotation marks or
/// backticks.
fn without_values(text: &str) -> String {
    let is_mark = |c: char| c == '"' || c == '`';
    // The name of a field that is absent is one of ours.
    if text.starts_with("missing field `") {
        return text.to_owned();
    }
    let Some((before, from)) = text.find(is_mark).and_then(|at| text.split_at_checked(at)) else {
        return text.to_owned();
    };
    // Whatever is found may hold such marks as well, so all up to the last one goes.
    let after = from.rfind(is_mark).filter(|last| *last > 0).and_then(|at| from.get(at + 1..));
    format!("{before}***{}", after.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_left_out_of_the_texts_of_serde() {
        for (text, left) in [
            (
                r#"invalid type: string "K", expected a map at line 1"#,
                "invalid type: string ***, expected a map at line 1",
            ),
            (
                r#"invalid type: string "K\"`K", expected a map"#,
                "invalid type: string ***, expected a map",
            ),
            (
                "invalid type: integer `5`, expected a string",
                "invalid type: integer ***, expected a string",
            ),
            ("unknown variant `K`, expected `a` or `b` at line 1", "unknown variant *** at line 1"),
            (r#"invalid value: string "K"#, "invalid value: string ***"),
            (
                "missing field `app_id` at line 1 column 2",
                "missing field `app_id` at line 1 column 2",
            ),
            (
                "EOF while parsing a value at line 1 column 0",
                "EOF while parsing a value at line 1 column 0",
            ),
        ] {
            assert_eq!(without_values(text), left);
        }
    }
}
