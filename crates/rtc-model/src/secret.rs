//! Texts that must not be shown.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::open_enum::TextVisitor;

/// A secret that the API carries in clear, such as a callback's `auth_key`.
///
/// It is written to and read from the wire like any text, but `Debug` never shows it.
///
/// ```
/// let key = rtc_model::Secret::from("78912374ae8cdb38");
/// assert_eq!(format!("{key:?}"), "Secret(***)");
/// assert_eq!(key.expose_secret(), "78912374ae8cdb38");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Box<str>);

impl Secret {
    /// The text itself. Keep it out of logs.
    pub fn expose_secret(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(***)")
    }
}

/// For code that needs a text, such as the check of its length. Keep it out of logs.
impl AsRef<str> for Secret {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(TextVisitor::new())
    }
}
