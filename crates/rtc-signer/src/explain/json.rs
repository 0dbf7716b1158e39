//! A JSON body as another serializer would have spaced it.

use crate::canonical::Sink;

/// Bodies longer than this are not tried.
pub(super) const MAX_BODY: usize = 1 << 20;

/// How the tokens of a JSON text are parted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Spacing {
    /// Not at all.
    Compact,
    /// By a space after each `:` and `,`, as Python's `json.dumps` does.
    Spaced,
}

/// Whether a body may be a JSON object or array.
pub(super) fn is_candidate(body: &[u8]) -> bool {
    let first = body.iter().find(|byte| !is_space(**byte));
    body.len() <= MAX_BODY && matches!(first, Some(b'{' | b'['))
}

/// Writes the body with other spaces between its tokens; strings stay as they are.
pub(super) fn write(body: &[u8], spacing: Spacing, mut sink: impl Sink) {
    let mut rest = body;
    while let Some(first) = rest.first() {
        let len = match first {
            b'"' => string_len(rest),
            _ if is_space(*first) => {
                rest = rest.get(1..).unwrap_or_default();
                continue;
            }
            b':' | b',' => 1,
            _ => token_len(rest),
        };
        let (token, tail) = rest.split_at_checked(len).unwrap_or((rest, &[]));
        sink = sink.put(token);
        if matches!(first, b':' | b',') && spacing == Spacing::Spaced {
            sink = sink.put(b" ");
        }
        rest = tail;
    }
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

    fn spaced(body: &str, spacing: Spacing) -> String {
        let mut text = Vec::new();
        write(body.as_bytes(), spacing, &mut text);
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn only_spaces_between_tokens_change() {
        let body = "{ \"a, b\" : [1 ,\t2], \r\n\"c\\\" :\": {}, \"d\\\\\":null }\n";
        assert_eq!(spaced(body, Spacing::Compact), r#"{"a, b":[1,2],"c\" :":{},"d\\":null}"#);
        assert_eq!(spaced(body, Spacing::Spaced), r#"{"a, b": [1, 2], "c\" :": {}, "d\\": null}"#);
    }

    #[test]
    fn a_text_that_is_no_json_is_written_to_its_end() {
        assert_eq!(spaced("[\"open", Spacing::Compact), "[\"open");
        assert_eq!(spaced("[\"open\\", Spacing::Compact), "[\"open\\");
    }

    #[test]
    fn only_objects_and_arrays_of_a_bounded_size_are_tried() {
        assert!(is_candidate(b" {}") && is_candidate(b"[1]"));
        assert!(!is_candidate(b"") && !is_candidate(b"\"a\"") && !is_candidate(b"a=1"));
        assert!(!is_candidate(&vec![b'['; MAX_BODY + 1]));
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
        }
    }
}
