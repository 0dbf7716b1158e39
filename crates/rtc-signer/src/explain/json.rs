//! A JSON body as another serializer would have written it.

use crate::canonical::Sink;

/// How the tokens of a JSON text are parted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Spacing {
    /// As they are.
    AsSent,
    /// Not at all.
    Compact,
    /// By a space after each `:` and `,`, as Python's `json.dumps` does.
    Spaced,
}

/// How characters outside printable ASCII are written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Letters {
    /// As they are.
    AsSent,
    /// As `\u` and lower-case hex, as Python's `json.dumps` does by default.
    Escaped,
}

/// Whether a body may be a JSON object or array.
pub(super) fn is_candidate(body: &[u8]) -> bool {
    let first = body.iter().find(|byte| !is_space(**byte));
    matches!(first, Some(b'{' | b'['))
}

/// Writes the body with other spaces between its tokens and other characters in its strings.
///
/// Strings that are not UTF-8 stay as they are.
pub(super) fn write(body: &[u8], spacing: Spacing, letters: Letters, mut sink: impl Sink) {
    let mut rest = body;
    while let Some(first) = rest.first() {
        let len = match first {
            b'"' => string_len(rest),
            b':' | b',' => 1,
            _ if is_space(*first) => 1,
            _ => token_len(rest),
        };
        let (token, tail) = rest.split_at_checked(len).unwrap_or((rest, &[]));
        rest = tail;
        match std::str::from_utf8(token) {
            _ if is_space(*first) && spacing != Spacing::AsSent => {}
            Ok(text) if *first == b'"' && letters == Letters::Escaped => {
                sink = write_escaped(text, sink);
            }
            _ => sink = sink.put(token),
        }
        if matches!(first, b':' | b',') && spacing == Spacing::Spaced {
            sink = sink.put(b" ");
        }
    }
}

/// Writes a text with escapes, of two UTF-16 surrogates for a character beyond U+FFFF.
fn write_escaped<S: Sink>(text: &str, mut sink: S) -> S {
    for letter in text.chars() {
        if matches!(letter, ' '..='~') {
            sink = sink.put(&[letter as u8]);
            continue;
        }
        for unit in letter.encode_utf16(&mut [0; 2]) {
            let [high, low] = unit.to_be_bytes();
            let [a, b, c, d] = [high >> 4, high & 15, low >> 4, low & 15].map(digit);
            sink = sink.put(&[b'\\', b'u', a, b, c, d]);
        }
    }
    sink
}

/// A value below 16 as a lower-case hex digit.
const fn digit(value: u8) -> u8 {
    value + if value > 9 { b'a' - 10 } else { b'0' }
}

/// The length of the string at the front, with both its quotes.
fn string_len(text: &[u8]) -> usize {
    let mut escaped = false;
    for (index, byte) in text.iter().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return index + 1,
            _ => {}
        }
    }
    text.len()
}

/// The length of what stands before the next space, quote, `:` or `,`.
fn token_len(text: &[u8]) -> usize {
    let ends = |byte: &u8| is_space(*byte) || matches!(byte, b'"' | b':' | b',');
    text.iter().position(ends).unwrap_or(text.len())
}

const fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(body: &str, spacing: Spacing, letters: Letters) -> String {
        let mut text = Vec::new();
        write(body.as_bytes(), spacing, letters, &mut text);
        String::from_utf8(text).unwrap()
    }

    fn spaced(body: &str, spacing: Spacing) -> String {
        written(body, spacing, Letters::AsSent)
    }

    #[test]
    fn only_spaces_between_tokens_change() {
        let body = "{ \"a, b\" : [1 ,\t2], \r\n\"c\\\" :\": {}, \"d\\\\\":null }\n";
        assert_eq!(spaced(body, Spacing::Compact), r#"{"a, b":[1,2],"c\" :":{},"d\\":null}"#);
        assert_eq!(spaced(body, Spacing::Spaced), r#"{"a, b": [1, 2], "c\" :": {}, "d\\": null}"#);
    }

    #[test]
    fn characters_outside_printable_ascii_are_escaped_as_python_does() {
        let body = "{ \"\u{e9}~\u{7f}\": \"\u{6559} \u{1f600}\\n\\u00e9\" }";
        let escaped = r#"{ "\u00e9~\u007f": "\u6559 \ud83d\ude00\n\u00e9" }"#;
        assert_eq!(written(body, Spacing::AsSent, Letters::Escaped), escaped);
        let compact = r#"{"\u00e9~\u007f":"\u6559 \ud83d\ude00\n\u00e9"}"#;
        assert_eq!(written(body, Spacing::Compact, Letters::Escaped), compact);
    }

    #[test]
    fn what_is_not_utf8_stays_as_it_is() {
        let (body, mut text) = (b"[\"\xff\xc3\xa9\", \xff]", Vec::new());
        write(body, Spacing::AsSent, Letters::Escaped, &mut text);
        assert_eq!(text, body);
    }

    #[test]
    fn a_text_that_is_no_json_is_written_to_its_end() {
        assert_eq!(spaced("[\"open", Spacing::Compact), "[\"open");
        assert_eq!(spaced("[\"open\\", Spacing::Compact), "[\"open\\");
    }

    #[test]
    fn only_objects_and_arrays_are_tried() {
        assert!(is_candidate(b" {}") && is_candidate(b"[1]"));
        assert!(!is_candidate(b"") && !is_candidate(b"\"a\"") && !is_candidate(b"a=1"));
    }

    proptest! {
        #[test]
        fn spacing_agrees_with_a_real_serializer(
            keys in proptest::collection::vec(".{0,5}", 0..4),
            number: i32,
        ) {
            let value = serde_json::json!({ "keys": keys, "number": number, "none": null });
            let pretty = serde_json::to_string_pretty(&value).unwrap();
            prop_assert_eq!(spaced(&pretty, Spacing::Compact), value.to_string());
            prop_assert_eq!(spaced(&pretty, Spacing::AsSent), &*pretty);
            let escaped = written(&pretty, Spacing::Spaced, Letters::Escaped);
            prop_assert!(escaped.is_ascii());
            prop_assert_eq!(serde_json::from_str::<serde_json::Value>(&escaped).unwrap(), value);
        }
    }
}
