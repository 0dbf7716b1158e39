//! Path templates such as `/v2/apps/{app_id}/record-callback`.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::error::{DecodeError, EncodeError};

/// The most variables a template may have.
pub const MAX_VARIABLES: usize = 4;

/// All but the unreserved characters of RFC 3986 are encoded, in paths and queries alike.
pub(crate) const ENCODED: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A path with variables; it writes paths and reads them back.
///
/// ```
/// use rtc_model::path::{PathTemplate, PathValues};
///
/// const TEMPLATE: PathTemplate = PathTemplate::new("/v2/apps/{app_id}", &["app_id"]);
///
/// assert_eq!(TEMPLATE.render(&PathValues::new(["a 1"]))?, "/v2/apps/a%201");
/// let args = TEMPLATE.capture("/v2/apps/a%201").expect("the path fits");
/// assert_eq!(args.value("app_id")?, "a 1");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Template and variables are compared at compile time; a variable that is no field does not build:
///
/// ```compile_fail,E0080
/// # use rtc_model::path::PathTemplate;
/// const WRONG: PathTemplate = PathTemplate::new("/v2/apps/{app_id}", &["room_id"]);
/// ```
///
/// Neither does a field that is no variable:
///
/// ```compile_fail,E0080
/// # use rtc_model::path::PathTemplate;
/// const WRONG: PathTemplate = PathTemplate::new("/v2/apps", &["app_id"]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PathTemplate {
    template: &'static str,
    variables: &'static [&'static str],
    /// How long the template is before its first variable.
    literal: usize,
    /// How long it is after its last one; all of it where there is none.
    tail: usize,
    slashes: usize,
}

impl PathTemplate {
    /// Makes a template whose variables, in order, are `variables`.
    ///
    /// # Panics
    ///
    /// In a constant this is a compile error: when the template does not start with `/`, has an
    /// empty segment or a segment that is only partly a variable, or when its variables are not
    /// exactly `variables` in their order.
    pub const fn new(template: &'static str, variables: &'static [&'static str]) -> Self {
        let text = template.as_bytes();
        assert!(!text.is_empty() && text[0] == b'/', "a path template starts with '/'");
        assert!(variables.len() <= MAX_VARIABLES, "a path template has at most 4 variables");
        let mut seen = 0;
        let mut literal = text.len();
        let mut tail = text.len();
        let mut slashes = 0;
        let mut at = 1;
        while at <= text.len() {
            slashes += 1;
            let mut end = at;
            while end < text.len() && text[end] != b'/' {
                end += 1;
            }
            assert!(end > at, "a path template has no empty segment");
            if text[at] == b'{' {
                assert!(text[end - 1] == b'}', "a variable of a path template is a whole segment");
                assert!(seen < variables.len(), "a variable of the template is no path field");
                assert!(
                    is_at(variables[seen].as_bytes(), text, at + 1, end - 1),
                    "the path fields are not the variables of the template in their order"
                );
                if seen == 0 {
                    literal = at;
                }
                seen += 1;
                tail = text.len() - end;
            } else {
                assert!(
                    is_unreserved(text, at, end),
                    "a literal segment of a path template holds unreserved characters only"
                );
            }
            at = end + 1;
        }
        assert!(seen == variables.len(), "a path field is no variable of the path template");
        Self { template, variables, literal, tail, slashes }
    }

    /// The template as it is written in the API reference.
    pub const fn as_str(&self) -> &'static str {
        self.template
    }

    /// How many slashes a path of this template has.
    pub(crate) const fn slashes(&self) -> usize {
        self.slashes
    }

    /// The names of the variables, in order.
    pub const fn variables(&self) -> &'static [&'static str] {
        self.variables
    }

    /// Writes the path with `values` percent-encoded in the places of the variables.
    ///
    /// A value that would make the request address something else is refused: an empty one, `.`,
    /// `..`, and one with a `/`.
    pub fn render(&self, values: &PathValues<'_>) -> Result<String, EncodeError> {
        let mut path = String::with_capacity(self.template.len() + 48);
        self.render_to(values, &mut path)?;
        Ok(path)
    }

    /// How long the path is if no value has a character to encode.
    pub(crate) fn plain_len(&self, values: &PathValues<'_>) -> usize {
        let names: usize = self.variables.iter().map(|name| name.len() + "{}".len()).sum();
        self.template.len() - names + values.iter().map(str::len).sum::<usize>()
    }

    /// Adds the path to `path`, as [`render`](Self::render) writes it.
    pub(crate) fn render_to(
        &self,
        values: &PathValues<'_>,
        path: &mut String,
    ) -> Result<(), EncodeError> {
        let mut values = values.iter();
        let mut rest = self.template;
        for name in self.variables {
            let (before, after) = split_before(rest, b'{').unwrap_or_default();
            let value = values.next().unwrap_or_default();
            if let Some(reason) = refusal(value) {
                return Err(EncodeError::PathValue { name, reason });
            }
            path.push_str(before);
            path.extend(utf8_percent_encode(value, ENCODED));
            rest = after.get(name.len() + "{}".len()..).unwrap_or_default();
        }
        path.push_str(rest);
        Ok(())
    }

    /// Reads `path`, as it stands on the wire: the values of the variables, still encoded, or
    /// `None` when the path is not of this template. An empty segment is never a value.
    pub fn capture<'p>(&self, path: &'p str) -> Option<PathArgs<'p>> {
        // Most paths of other templates end in another way.
        let (_, tail) = self.template.split_at_checked(self.template.len() - self.tail)?;
        if !path.ends_with(tail) {
            return None;
        }
        let (literal, mut template) = self.template.split_at_checked(self.literal)?;
        let mut path = path.strip_prefix(literal)?;
        let mut values = [""; MAX_VARIABLES];
        for (name, place) in self.variables.iter().zip(&mut values) {
            let (value, rest) = split_before(path, b'/')?;
            if value.is_empty() {
                return None;
            }
            *place = value;
            let after = template.get(name.len() + "{}".len()..)?;
            let (literal, next) = split_before(after, b'{')?;
            path = rest.strip_prefix(literal)?;
            template = next;
        }
        path.is_empty().then_some(PathArgs { names: self.variables, values })
    }
}

/// What stands before a character of ASCII, and the rest; all where there is none.
fn split_before(text: &str, character: u8) -> Option<(&str, &str)> {
    text.split_at_checked(text.bytes().position(|c| c == character).unwrap_or(text.len()))
}

const fn is_at(name: &[u8], text: &[u8], start: usize, end: usize) -> bool {
    if name.len() != end - start {
        return false;
    }
    let mut i = 0;
    while i < name.len() {
        if name[i] != text[start + i] {
            return false;
        }
        i += 1;
    }
    true
}

const fn is_unreserved(text: &[u8], start: usize, end: usize) -> bool {
    let mut i = start;
    while i < end {
        if !(text[i].is_ascii_alphanumeric() || matches!(text[i], b'-' | b'.' | b'_' | b'~')) {
            return false;
        }
        i += 1;
    }
    true
}

fn refusal(value: &str) -> Option<&'static str> {
    match value {
        "" => Some("it is empty, so the request would address something else"),
        "." | ".." => {
            Some("dot segments are removed on the way, so the request would address something else")
        }
        _ if value.bytes().any(|byte| byte == b'/') => {
            Some("it holds a '/', which separates path segments")
        }
        _ => None,
    }
}

/// The values of a path's variables, in the order of the template.
#[derive(Debug, Clone, Copy)]
pub struct PathValues<'a> {
    values: [&'a str; MAX_VARIABLES],
    count: usize,
}

impl<'a> PathValues<'a> {
    /// Takes the values in the order of the template's variables.
    pub fn new<const N: usize>(values: [&'a str; N]) -> Self {
        const {
            assert!(N <= MAX_VARIABLES, "a path template has at most 4 variables");
        };
        let mut all = [""; MAX_VARIABLES];
        for (place, value) in all.iter_mut().zip(values) {
            *place = value;
        }
        Self { values: all, count: N }
    }

    fn iter(&self) -> impl Iterator<Item = &'a str> {
        self.values.into_iter().take(self.count)
    }
}

/// The values that a path holds in the places of a template's variables, as they stand on the wire.
#[derive(Debug, Clone, Copy)]
pub struct PathArgs<'p> {
    names: &'static [&'static str],
    values: [&'p str; MAX_VARIABLES],
}

impl<'p> PathArgs<'p> {
    /// The value of the variable `name`, decoded once.
    pub fn value(&self, name: &'static str) -> Result<Cow<'p, str>, DecodeError> {
        let raw = self
            .names
            .iter()
            .zip(self.values)
            .find_map(|(known, value)| (*known == name).then_some(value))
            .ok_or(DecodeError::Path { name, reason: "the path has no such variable" })?;
        percent_decode_str(raw).decode_utf8().map_err(|_| DecodeError::Path {
            name,
            reason: "it is not UTF-8 after percent-decoding",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: PathTemplate =
        PathTemplate::new("/v2/apps/{app_id}/record-rules/{rule_id}", &["app_id", "rule_id"]);

    #[test]
    fn a_path_is_read_back_as_it_was_written() {
        let path = TWO.render(&PathValues::new(["a+b", "中 %2F"])).unwrap();
        assert_eq!(path, "/v2/apps/a%2Bb/record-rules/%E4%B8%AD%20%252F");
        let args = TWO.capture(&path).unwrap();
        assert_eq!(args.value("app_id").unwrap(), "a+b");
        assert_eq!(args.value("rule_id").unwrap(), "中 %2F");
    }

    #[test]
    fn a_value_that_would_address_something_else_is_refused() {
        for value in ["", ".", "..", "a/b"] {
            let error = TWO.render(&PathValues::new(["a", value])).unwrap_err();
            assert!(matches!(error, EncodeError::PathValue { name: "rule_id", .. }), "{value:?}");
        }
    }

    #[test]
    fn another_path_is_not_captured() {
        for path in [
            "",
            "/",
            "/v2/apps/a/record-rules",
            "/v2/apps/a/record-rules/",
            "/v2/apps//record-rules/b",
            "/v2/apps/a/record-rules/b/",
            "/v2/apps/a/record-rules/b/c",
            "/V2/apps/a/record-rules/b",
            "v2/apps/a/record-rules/b",
        ] {
            assert!(TWO.capture(path).is_none(), "{path}");
        }
    }

    #[test]
    fn a_value_that_is_not_utf_8_is_named() {
        let args = TWO.capture("/v2/apps/%FF/record-rules/b").unwrap();
        let error = args.value("app_id").unwrap_err();
        assert!(error.to_string().contains("app_id"), "{error}");
    }
}
