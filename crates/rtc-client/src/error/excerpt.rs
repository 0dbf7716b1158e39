//! The beginning of a body in the text of an error.

use std::fmt;

use crate::error::text::OneLine;
use crate::secrets::{mask_fields, mask_values};

/// The most characters that are shown.
const MAX_CHARS: usize = 200;

/// Shows how a body begins, on one line, without the secrets of the account.
pub(crate) struct Excerpt<'b> {
    pub(crate) body: &'b [u8],
    pub(crate) values: Values,
}

/// What is shown of the values of JSON.
#[derive(Clone, Copy)]
pub(crate) enum Values {
    /// All but those of fields that hold secrets.
    Shown,
    /// None: in an answer of another form than the documented one, a secret may be anywhere.
    Hidden,
}

impl fmt::Display for Excerpt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.body.is_empty() {
            return f.write_str("its body is empty");
        }
        f.write_str("its body begins with ")?;
        // Masked before it is cut, so that no part of a secret is left over.
        let text = String::from_utf8_lossy(self.body);
        let text = match self.values {
            Values::Shown => mask_fields(&text),
            Values::Hidden => mask_values(&text),
        };
        match text.char_indices().nth(MAX_CHARS) {
            None => write!(f, "{}", OneLine(&text)),
            Some((end, _)) => write!(f, "{}…", OneLine(text.get(..end).unwrap_or_default())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(body: &[u8]) -> String {
        Excerpt { body, values: Values::Shown }.to_string()
    }

    #[test]
    fn an_excerpt_is_one_short_line() {
        assert_eq!(shown(b""), "its body is empty");
        assert_eq!(shown(b"a\r\n\x1b[1m"), "its body begins with a\\r\\n\\u{1b}[1m");
        assert_eq!(shown(&[0xff]), "its body begins with \u{fffd}");
        let long = shown(&[b'x'; 201]);
        assert!(long.ends_with("xx…") && long.chars().count() < 230, "{long}");
        assert!(shown(&[b'x'; 200]).ends_with("xx"));
    }

    #[test]
    fn an_excerpt_shows_no_secret_of_the_account() {
        let body = br#"[{"auth_key":"78912374ae8cdb38","url":"u"}]"#;
        assert_eq!(shown(body), r#"its body begins with [{"auth_key":"***","url":"u"}]"#);
        let hidden = Excerpt { body, values: Values::Hidden }.to_string();
        assert_eq!(hidden, r#"its body begins with [{"auth_key":"***","url":"***"}]"#);
    }
}
