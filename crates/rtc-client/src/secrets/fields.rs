//! JSON without the values that may be secrets of the account.

use super::MASK;

/// The fields of the API that hold secrets of the account, which the service answers in clear.
const SECRET_FIELDS: [&str; 2] = ["auth_key", "app_key"];

/// Masks the values of the fields that hold secrets, of whatever type they are, in JSON that may be
/// cut, broken, or written into a text of other JSON.
pub(crate) fn mask_fields(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, value)) = split_at_secret_value(rest) {
        masked.push_str(before);
        rest = mask_value(value, &mut masked);
    }
    masked.push_str(rest);
    masked
}

/// Masks all the texts and numbers of JSON and leaves its form: the names of fields, brackets,
/// `true`, `false` and `null`. A text that is no JSON, such as a page, is left as it is.
///
/// For an answer that should be the documented one: where it is not, a secret may be anywhere.
pub(crate) fn mask_values(text: &str) -> String {
    let text = mask_fields(text);
    let is_json = |first: char| matches!(first, '{' | '[' | '"' | '-' | '0'..='9');
    if !text.trim_start().starts_with(is_json) {
        return text;
    }
    let mut masked = String::with_capacity(text.len());
    let mut rest = text.as_str();
    // Names of fields stand after one of these two.
    let mut before = ' ';
    while let Some(first) = rest.chars().next() {
        if first == '"' {
            let (string, after) = rest.split_at(string_length(rest));
            let is_name = matches!(before, '{' | ',') && after.trim_start().starts_with(':');
            masked.push_str(if is_name { string } else { "\"***\"" });
            rest = after;
            before = '"';
            continue;
        }
        let is_mark = |c: char| matches!(c, '{' | '}' | '[' | ']' | ',' | ':');
        if is_mark(first) || first.is_whitespace() {
            masked.push(first);
            rest = rest.get(first.len_utf8()..).unwrap_or_default();
            if is_mark(first) {
                before = first;
            }
            continue;
        }
        let end = rest.find(|c: char| is_mark(c) || c.is_whitespace() || c == '"');
        let (word, after) = rest.split_at(end.unwrap_or(rest.len()));
        masked.push_str(if matches!(word, "true" | "false" | "null") { word } else { MASK });
        rest = after;
        before = ' ';
    }
    masked
}

/// Parts a text where the value of its first secret field begins.
fn split_at_secret_value(text: &str) -> Option<(&str, &str)> {
    SECRET_FIELDS
        .iter()
        .filter_map(|field| {
            text.match_indices(field).find_map(|(at, field)| {
                let after = text.get(at + field.len()..)?;
                let after = after.trim_start_matches('\\').strip_prefix('"')?.trim_start();
                let value = after.strip_prefix(':')?.trim_start();
                text.split_at_checked(text.len() - value.len())
            })
        })
        .min_by_key(|(before, _)| before.len())
}

/// Writes the mask of the value that `text` begins with, and gives what follows it.
fn mask_value<'t>(text: &'t str, masked: &mut String) -> &'t str {
    let unescaped = text.trim_start_matches('\\');
    let length = match unescaped.chars().next() {
        Some('"') => {
            // In JSON that is a text of other JSON, quotation marks have backslashes.
            let escapes = text.len() - unescaped.len();
            let mark = text.get(..=escapes).unwrap_or_default();
            let length = if escapes == 0 { string_length(text) } else { nested_length(text, mark) };
            masked.extend([mark, MASK, mark]);
            length
        }
        Some('{' | '[') => {
            masked.push_str(MASK);
            nest_length(text)
        }
        _ => {
            let length = text.find([',', '}', ']', '\n']).unwrap_or(text.len());
            let word = text.get(..length).unwrap_or_default();
            masked.push_str(if matches!(word.trim(), "" | "null") { word } else { MASK });
            length
        }
    };
    text.get(length..).unwrap_or_default()
}

/// The length of the string that `text` begins with; all of it where it is cut.
fn string_length(text: &str) -> usize {
    let mut is_escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// The length of a string whose quotation marks are written as `mark`, with backslashes. A mark
/// with more of them is a character of the string.
fn nested_length(text: &str, mark: &str) -> usize {
    text.match_indices(mark)
        .skip(1)
        .find(|(at, _)| !text.get(..*at).is_some_and(|before| before.ends_with('\\')))
        .map_or(text.len(), |(at, mark)| at + mark.len())
}

/// The length of the object or array that `text` begins with; all of it where it is cut.
fn nest_length(text: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(byte) = text.as_bytes().get(at) {
        match byte {
            b'"' => {
                at += string_length(text.get(at..).unwrap_or_default());
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return at + 1;
                }
            }
            _ => {}
        }
        at += 1;
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_value_of_a_secret_field_is_left_in_any_json(
            key in "[A-Z\"\\\\é]{1,20}",
            form in 0_usize..4,
            before in "[a-z{}\\[\\]:, \"]{0,20}",
            cut in 0_usize..60,
        ) {
            let key = match form {
                0 => serde_json::json!(key),
                1 => serde_json::json!([[], key]),
                2 => serde_json::json!({ key.clone(): [key] }),
                _ => serde_json::json!([{ "x": key }, "]"]),
            };
            let json = serde_json::json!({ "auth_key": key, "app_key": key }).to_string();
            for json in [json.clone(), serde_json::json!([json]).to_string()] {
                let text: String =
                    before.chars().chain(json.chars()).take(before.len() + cut).collect();
                let masked = mask_fields(&text);
                let left = |c: char| c.is_ascii_uppercase() || c == 'é';
                prop_assert!(!masked.contains(left), "{masked}");
            }
        }

        #[test]
        fn whatever_is_in_no_secret_field_is_kept(text in "[a-z<>{}\":, é\n\\\\]{0,80}") {
            prop_assert_eq!(mask_fields(&text), text);
        }

        #[test]
        fn the_form_of_json_has_its_names_and_no_value(
            text in "[A-Z0-9\"\\\\é{}]{1,20}",
            number in 10_i32..,
            cut in 0_usize..60,
        ) {
            let json = serde_json::json!({ "a": [text, { "b": number }, null], "c": text });
            let form = mask_values(&json.to_string());
            prop_assert_eq!(form, r#"{"a":["***",{"b":***},null],"c":"***"}"#);
            let cut: String = json.to_string().chars().take(cut).collect();
            let form = mask_values(&cut);
            let left = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == 'é';
            prop_assert!(!form.contains(left), "{form}");
        }

        #[test]
        fn any_text_has_a_form(text in "\\PC{0,80}") {
            mask_values(&text);
            mask_fields(&text);
        }
    }

    #[test]
    fn values_of_secret_fields_are_masked_whatever_they_are() {
        for (text, masked) in [
            (r#"{"auth_key":"k1","url":"u"}"#, r#"{"auth_key":"***","url":"u"}"#),
            (r#"{"app_key" : "a\"b", "auth_key":"#, r#"{"app_key" : "***", "auth_key":"#),
            (r#"{"auth_key":"cut"#, r#"{"auth_key":"***""#),
            (r#"{"auth_key":"cut\""#, r#"{"auth_key":"***""#),
            (r#"{"auth_key":""#, r#"{"auth_key":"***""#),
            (r#"{"auth_key":null,"app_key":5}"#, r#"{"auth_key":null,"app_key":***}"#),
            (r#"{"auth_key":["k",{"]":1}],"url":"u"}"#, r#"{"auth_key":***,"url":"u"}"#),
            (r#"{"auth_key":{"k":["#, r#"{"auth_key":***"#),
            (
                r#"{"d":"{\"auth_key\":\"k\",\"e\":1}"}"#,
                r#"{"d":"{\"auth_key\":\"***\",\"e\":1}"}"#,
            ),
            (r#""{\"auth_key\":\"k\\\"k\"}""#, r#""{\"auth_key\":\"***\"}""#),
            (
                "InvalidParameterValue: auth_key: 16 to 64",
                "InvalidParameterValue: auth_key: 16 to 64",
            ),
            ("<html>", "<html>"),
        ] {
            assert_eq!(mask_fields(text), masked, "{text}");
        }
    }

    #[test]
    fn the_form_of_an_answer_shows_what_it_is_made_of() {
        for (text, form) in [
            (r#"{"record_callback":"K"}"#, r#"{"record_callback":"***"}"#),
            (r#"{ "a" : true, "b":[1.5,-2] "#, r#"{ "a" : true, "b":[***,***] "#),
            (r#"["K","L":1]"#, r#"["***","L":***]"#),
            (r#""K""#, r#""***""#),
            ("12", "***"),
            ("{} K", "{} ***"),
            (r#"<html>"auth_key":"K""#, r#"<html>"auth_key":"***""#),
        ] {
            assert_eq!(mask_values(text), form, "{text}");
        }
    }
}
