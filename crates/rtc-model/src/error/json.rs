//! JSON that cannot be read or written, with its place.

use std::fmt;

use serde::de::DeserializeOwned;

/// JSON that cannot be read or written: what was found, and where.
///
/// ```
/// use rtc_model::record_callback::UpdateRecordCallback;
/// use rtc_model::{DecodeError, wire};
///
/// let (head, _) = http::Request::put("/v2/apps/a1/record-callback").body(())?.into_parts();
/// let error = wire::decode_request::<UpdateRecordCallback>(&head, br#"{"url": 5}"#).unwrap_err();
/// let DecodeError::Json(json) = error else { panic!("another error: {error}") };
/// assert_eq!(json.path(), "url");
/// assert_eq!(json.to_string(), "url: invalid type: integer `5`, expected a string at line 1 column 9");
/// # Ok::<(), http::Error>(())
/// ```
pub struct JsonError {
    path: String,
    error: serde_json::Error,
}

/// Members whose values are secrets: what stands there is not repeated.
const SECRET_NAMES: [&str; 2] = ["auth_key", "app_key"];

impl JsonError {
    /// The place in the JSON, such as `layout_panes[2].x`; empty for the whole of it.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The path of the mandatory field that is absent, when that is what is wrong.
    pub(crate) fn missing_field(&self) -> Option<String> {
        // serde tells a missing field by its text alone.
        let text = self.error.to_string();
        let (field, _) = text.strip_prefix("missing field `")?.split_once('`')?;
        Some(if self.path.is_empty() { field.to_owned() } else { format!("{}.{field}", self.path) })
    }

    /// Whether the value is of the right JSON type and not allowed, such as a number that is too
    /// large.
    pub(crate) fn is_value(&self) -> bool {
        // serde tells this by its text alone, too.
        self.error.to_string().starts_with("invalid value")
    }

    fn is_secret(&self) -> bool {
        self.path.split(['.', '[']).any(|segment| SECRET_NAMES.contains(&segment))
    }
}

impl From<serde_json::Error> for JsonError {
    fn from(error: serde_json::Error) -> Self {
        Self { path: String::new(), error }
    }
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        if self.is_secret() {
            f.write_str("it is not of the documented type")?;
            let (line, column) = (self.error.line(), self.error.column());
            // Where an answer was read leniently, only the path is known.
            return if line == 0 { Ok(()) } else { write!(f, " at line {line} column {column}") };
        }
        // serde names the types of this language; the reader may use another.
        let text = self.error.to_string();
        let text = text.replace("expected i32", "expected an integer of 32 bits");
        let text = text.replace("expected i64", "expected an integer of 64 bits");
        f.write_str(&text.replace("expected f64", "expected a number"))
    }
}

impl fmt::Debug for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "JsonError({self})")
    }
}

impl std::error::Error for JsonError {}

/// Reads one JSON value and nothing after it.
pub(crate) fn read_json<T: DeserializeOwned>(text: &[u8]) -> Result<T, JsonError> {
    // To follow the path costs an allocation for each name, so it is followed only where something
    // is wrong.
    // As a text, so that it is not for each string anew that UTF-8 is looked for.
    if let Ok(text) = std::str::from_utf8(text)
        && let Ok(value) = serde_json::from_str(text)
    {
        return Ok(value);
    }
    let mut reader = serde_json::Deserializer::from_slice(text);
    let value = with_path(&mut reader)?;
    reader.end()?;
    Ok(value)
}

/// Reads a value; an error knows its place.
pub(super) fn with_path<'de, T, D>(reader: D) -> Result<T, JsonError>
where
    T: DeserializeOwned,
    D: serde::Deserializer<'de, Error = serde_json::Error>,
{
    serde_path_to_error::deserialize(reader)
        .map_err(|error| JsonError { path: path_of(error.path()), error: error.into_inner() })
}

/// The path of the whole value is written as a dot, a place that was not reached as a question mark.
fn path_of(path: &serde_path_to_error::Path) -> String {
    let text = path.to_string();
    let text = text.strip_suffix('?').unwrap_or(&text);
    text.trim_end_matches('.').to_owned()
}
