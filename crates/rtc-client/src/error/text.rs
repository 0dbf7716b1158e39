//! A peer's text within a line of ours.

use std::fmt::{self, Write as _};

/// Shows a text on one line: what controls a terminal or the direction of writing is escaped.
pub(crate) struct OneLine<'t>(pub(crate) &'t str);

impl fmt::Display for OneLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|character| {
            if is_control(character) {
                write!(f, "{}", character.escape_default())
            } else {
                f.write_char(character)
            }
        })
    }
}

fn is_control(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_stays_on_its_line_and_in_its_direction() {
        let text = OneLine("a\r\n\x1b[1m\u{9b}\"é\\\u{202e}\u{2028}").to_string();
        assert_eq!(text, "a\\r\\n\\u{1b}[1m\\u{9b}\"é\\\\u{202e}\\u{2028}");
    }
}
