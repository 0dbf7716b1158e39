//! The beginning of a body in the text of an error.

use std::fmt;

use crate::secrets::mask_fields;

/// The most characters that are shown.
const MAX_CHARS: usize = 200;

/// Shows how a body begins, on one line, without the secrets of known fields.
pub(crate) struct Excerpt<'b>(pub(crate) &'b [u8]);

impl fmt::Display for Excerpt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("its body is empty");
        }
        f.write_str("its body begins with ")?;
        // Masked before it is cut, so that no part of a secret is left over.
        let text = mask_fields(&String::from_utf8_lossy(self.0));
        let mut characters = text.chars();
        for character in characters.by_ref().take(MAX_CHARS) {
            if character.is_control() {
                write!(f, "{}", character.escape_default())?;
            } else {
                write!(f, "{character}")?;
            }
        }
        if characters.next().is_some() {
            f.write_str("…")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_is_one_short_line() {
        assert_eq!(Excerpt(b"").to_string(), "its body is empty");
        assert_eq!(Excerpt(b"a\r\n\x1b[1m").to_string(), "its body begins with a\\r\\n\\u{1b}[1m");
        assert_eq!(Excerpt(&[0xff]).to_string(), "its body begins with \u{fffd}");
        let long = Excerpt(&[b'x'; 201]).to_string();
        assert!(long.ends_with("xx…") && long.chars().count() < 230, "{long}");
        assert!(Excerpt(&[b'x'; 200]).to_string().ends_with("xx"));
    }

    #[test]
    fn an_excerpt_shows_no_secret_of_the_account() {
        let text = Excerpt(br#"[{"auth_key":"78912374ae8cdb38"}]"#).to_string();
        assert_eq!(text, r#"its body begins with [{"auth_key":"***"}]"#);
    }
}
