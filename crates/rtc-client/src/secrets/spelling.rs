//! The ways in which a peer may write a secret that it repeats.

/// Whether the secret stands anywhere in `text`.
pub(super) fn is_in(text: &[u8], secret: &[u8]) -> bool {
    // An escape is never shorter than what it stands for.
    if text.len() < secret.len() {
        return false;
    }
    let mut rests = (0..text.len()).filter_map(|at| text.get(at..));
    text.iter().any(|first| may_begin(*first, secret))
        && rests.any(|rest| strip_prefix(rest, secret).is_some())
}

/// What follows the secret at the beginning of `text`.
///
/// The secret stands there as it is, or with any of its characters escaped: as in a text of JSON,
/// also one inside another, as in a URL or as in HTML.
pub(super) fn strip_prefix<'t>(text: &'t [u8], secret: &[u8]) -> Option<&'t [u8]> {
    if may_begin(*text.first()?, secret) { strip(text, secret) } else { None }
}

/// Whether the secret, as it is or escaped, may begin with this byte. Most places begin neither
/// with it nor with an escape, which is soon seen.
fn may_begin(first: u8, secret: &[u8]) -> bool {
    secret.first() == Some(&first) || matches!(first, b'\\' | b'%' | b'&')
}

fn strip<'t>(text: &'t [u8], secret: &[u8]) -> Option<&'t [u8]> {
    text.strip_prefix(secret).or_else(|| {
        let secret = std::str::from_utf8(secret).ok()?;
        secret.chars().try_fold(text, strip_character)
    })
}

fn strip_character(text: &[u8], wanted: char) -> Option<&[u8]> {
    match text.first()? {
        b'\\' => strip_json_escape(text, wanted),
        b'%' if wanted != '%' => {
            let (code, after) = text.get(1..)?.split_at_checked(2)?;
            (number(code, 16)? == u32::from(wanted)).then_some(after)
        }
        b'&' if wanted != '&' => {
            let text = text.strip_prefix(b"&#")?;
            let end = text.iter().take(12).position(|byte| *byte == b';')?;
            let (digits, after) = text.split_at_checked(end)?;
            let code = match digits.split_first()? {
                (b'x' | b'X', hex) => number(hex, 16)?,
                _ => number(digits, 10)?,
            };
            (code == u32::from(wanted)).then_some(after.get(1..)?)
        }
        _ => text.strip_prefix(wanted.encode_utf8(&mut [0; 4]).as_bytes()),
    }
}

/// `\/`, `\u002f`, and the same with more backslashes, as in JSON that is written into JSON.
fn strip_json_escape(text: &[u8], wanted: char) -> Option<&[u8]> {
    let backslashes = text.iter().take_while(|byte| **byte == b'\\').count();
    let after = text.get(backslashes..)?;
    if let Some(after) = strip_unicode_escape(after, wanted) {
        return Some(after);
    }
    match wanted {
        '\\' => text.strip_prefix(br"\\"),
        '\t' => after.strip_prefix(b"t"),
        _ => after.strip_prefix(wanted.encode_utf8(&mut [0; 4]).as_bytes()),
    }
}

/// The escape without its first backslash; two escapes for a character beyond 16 bits.
fn strip_unicode_escape(text: &[u8], wanted: char) -> Option<&[u8]> {
    let mut rest = text;
    for (at, unit) in wanted.encode_utf16(&mut [0; 2]).iter().enumerate() {
        if at > 0 {
            let backslashes = rest.iter().take_while(|byte| **byte == b'\\').count();
            rest = rest.get(backslashes..)?;
        }
        let (code, after) = rest.strip_prefix(b"u")?.split_at_checked(4)?;
        if number(code, 16)? != u32::from(*unit) {
            return None;
        }
        rest = after;
    }
    Some(rest)
}

fn number(digits: &[u8], radix: u32) -> Option<u32> {
    u32::from_str_radix(std::str::from_utf8(digits).ok()?, radix).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_found_in_all_its_spellings() {
        for text in [
            "t+/=\"é🔑|",
            r#"t+\/=\"é🔑|"#,
            r"t\u002b\u002F\u003d\u0022\u00e9\ud83d\udd11|",
            r"t\\u002b\\\/=\\\u0022é\\ud83d\\udd11|",
            "%74%2b%2F%3D%22é🔑|",
            "&#116;&#43;&#x2F;&#061;&#34;&#233;&#x1f511;|",
        ] {
            assert_eq!(
                strip_prefix(text.as_bytes(), "t+/=\"é🔑".as_bytes()),
                Some(&b"|"[..]),
                "{text}"
            );
        }
        assert_eq!(strip_prefix(br"a\\b|", br"a\b"), Some(&b"|"[..]));
        assert_eq!(strip_prefix(br"a\b|", br"a\b"), Some(&b"|"[..]));
        assert_eq!(strip_prefix(br"a\tb|", b"a\tb"), Some(&b"|"[..]));
        assert_eq!(strip_prefix(b"\xff|", b"\xff"), Some(&b"|"[..]));
        assert_eq!(strip_prefix(b"%25&|", b"%25&"), Some(&b"|"[..]));
    }

    #[test]
    fn other_and_cut_texts_are_not_taken_for_it() {
        for text in
            ["", "t", "t\\", "t\\u", "t\\u002", "t%", "t%2", "t&#", "t&#43", "t-", "t\\u002d"]
        {
            assert_eq!(strip_prefix(text.as_bytes(), b"t+"), None, "{text}");
        }
    }
}
