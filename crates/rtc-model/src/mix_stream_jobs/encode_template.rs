//! Size, frame rate and bit rate of a mixed video.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::open_enum::TextVisitor;
use crate::validate::{Field, Validate, Violation};

/// Size, frame rate and bit rate of a mixed video, such as `1280x720_15_2260`.
///
/// The reference's tables write a `*` between width and height, its examples an `x`. Both are read
/// and equal; the text is kept as it came, and the constants write `x` (decision D14).
///
/// ```
/// use rtc_model::mix_stream_jobs::EncodeTemplate;
///
/// let read = EncodeTemplate::from("1280*720_15_2260");
/// assert_eq!(read, EncodeTemplate::W1280_H720_F15_2260);
/// assert_eq!(read.as_str(), "1280*720_15_2260");
/// ```
#[derive(Clone)]
pub struct EncodeTemplate(Cow<'static, str>);

macro_rules! templates {
    ($($name:ident = $text:literal),* $(,)?) => {
        impl EncodeTemplate {
            $(
                #[doc = concat!("`", $text, "`")]
                pub const $name: Self = Self(Cow::Borrowed($text));
            )*

            /// The documented templates.
            pub const KNOWN: &'static [Self] = &[$(Self::$name),*];
        }
    };
}

templates! {
    W1920_H1080_F30_4620 = "1920x1080_30_4620",
    W1920_H1080_F30_3150 = "1920x1080_30_3150",
    W1920_H1080_F15_3460 = "1920x1080_15_3460",
    W1920_H1080_F15_2080 = "1920x1080_15_2080",
    W1280_H720_F30_3420 = "1280x720_30_3420",
    W1280_H720_F30_1710 = "1280x720_30_1710",
    W1280_H720_F15_2260 = "1280x720_15_2260",
    W1280_H720_F15_1130 = "1280x720_15_1130",
    W640_H480_F30_1500 = "640x480_30_1500",
    W640_H480_F30_1000 = "640x480_30_1000",
    W640_H480_F15_500 = "640x480_15_500",
    W480_H360_F30_490 = "480x360_30_490",
    W480_H360_F15_320 = "480x360_15_320",
    AUDIO_ONLY = "audio_only",
}

impl EncodeTemplate {
    /// The text as it came, or as it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the template is a documented one.
    pub fn is_known(&self) -> bool {
        Self::KNOWN.contains(self)
    }

    fn key(&self) -> impl Iterator<Item = u8> + '_ {
        self.0.bytes().map(|c| if c == b'*' { b'x' } else { c })
    }
}

impl PartialEq for EncodeTemplate {
    fn eq(&self, other: &Self) -> bool {
        self.key().eq(other.key())
    }
}

impl Eq for EncodeTemplate {}

impl From<&str> for EncodeTemplate {
    fn from(text: &str) -> Self {
        Self(Cow::Owned(text.to_owned()))
    }
}

impl fmt::Display for EncodeTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for EncodeTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EncodeTemplate({self})")
    }
}

impl Serialize for EncodeTemplate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for EncodeTemplate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(TextVisitor::new())
    }
}

impl Validate for EncodeTemplate {
    fn validate(&self, at: &Field<'_>) -> Result<(), Violation> {
        if self.is_known() {
            return Ok(());
        }
        let known: Vec<_> = Self::KNOWN.iter().map(Self::as_str).collect();
        Err(at.invalid(format!("{:?} is not one of {}", self.as_str(), known.join(", "))))
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for EncodeTemplate {
    fn schema_name() -> Cow<'static, str> {
        "EncodeTemplate".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let spellings = Self::KNOWN.iter().flat_map(|template| {
            let text = template.as_str();
            let starred = text.replacen('x', "*", 1);
            let both = text.starts_with(|c: char| c.is_ascii_digit());
            [Some(text.to_owned()), both.then_some(starred)].into_iter().flatten()
        });
        let spellings: Vec<String> = spellings.collect();
        let spellings: Vec<&str> = spellings.iter().map(String::as_str).collect();
        crate::schema::one_of("Size, frame rate and bit rate of a mixed video.", &spellings)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_are_known_and_the_text_is_kept() {
        for known in EncodeTemplate::KNOWN {
            let starred = EncodeTemplate::from(known.as_str().replacen('x', "*", 1).as_str());
            assert!(starred.is_known() || *known == EncodeTemplate::AUDIO_ONLY, "{starred}");
        }
        assert!(!EncodeTemplate::from("1x1_1_1").is_known());
        let json = serde_json::to_string(&EncodeTemplate::from("640*480_15_500")).unwrap();
        assert_eq!(json, "\"640*480_15_500\"");
    }
}
