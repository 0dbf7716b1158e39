//! The path line: base rule 3 and the known other readings of it.

use super::Sink;
use crate::encode::{IN_PATH, Plus, decode, encode_byte, literal, write_recoded};

/// How the path of the wire becomes the second line.
#[derive(Clone, Copy)]
pub(crate) enum PathForm {
    /// Decoded once, encoded, a slash at the end: the base rule.
    Base,
    /// Encoded as it stands (a tolerance).
    NotDecoded,
    /// All slashes at the end dropped before one is added (a tolerance).
    TrailingSlashesStripped,
    /// No slash at the end (a mistake).
    NoTrailingSlash,
    /// Decoded once and encoded twice (a mistake).
    EncodedTwice,
    /// As on the wire, with a slash at the end (a mistake).
    AsOnWire,
    /// Decoded once and not encoded (a mistake).
    NotEncoded,
}

impl PathForm {
    #[inline]
    pub(crate) fn write<S: Sink>(self, path: &str, sink: S) -> S {
        let raw = path.as_bytes();
        let sink = match self {
            Self::Base => write_recoded(raw, Plus::Plus, IN_PATH, sink),
            Self::NotDecoded => raw.iter().fold(sink, |sink, byte| sink.put(segment_byte(*byte))),
            Self::TrailingSlashesStripped => {
                let raw = path.trim_end_matches('/').as_bytes();
                return write_recoded(raw, Plus::Plus, IN_PATH, sink).put(b"/");
            }
            Self::NoTrailingSlash => {
                let raw = path.strip_suffix('/').unwrap_or(path).as_bytes();
                return write_recoded(raw, Plus::Plus, IN_PATH, sink);
            }
            Self::EncodedTwice => decode(raw, Plus::Plus).fold(sink, write_twice),
            Self::AsOnWire => sink.put(raw),
            Self::NotEncoded => {
                decode(raw, Plus::Plus).fold(sink, |sink, byte| sink.put(literal(byte)))
            }
        };
        let decoded = !matches!(self, Self::NotDecoded | Self::AsOnWire);
        if ends_in_slash(raw, decoded) { sink } else { sink.put(b"/") }
    }
}

fn segment_byte(byte: u8) -> &'static [u8] {
    if byte == b'/' { b"/" } else { encode_byte(byte) }
}

fn write_twice<S: Sink>(sink: S, byte: u8) -> S {
    match segment_byte(byte) {
        [b'%', digits @ ..] => sink.put(b"%25").put(digits),
        plain => sink.put(plain),
    }
}

/// Whether the last byte is a slash, a decoded one if `decoded`.
fn ends_in_slash(raw: &[u8], decoded: bool) -> bool {
    match raw {
        [.., b'/'] => true,
        [.., b'%', b'2', b'F' | b'f'] => decoded,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn line(form: PathForm, path: &str) -> String {
        let mut text = Vec::new();
        let _ = form.write(path, &mut text);
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn the_base_rule_decodes_once_and_ends_in_a_slash() {
        for (path, expected) in [
            ("", "/"),
            ("/", "/"),
            ("/v2/apps", "/v2/apps/"),
            ("/a/", "/a/"),
            ("/a//", "/a//"),
            ("/a//b", "/a//b/"),
            ("/a%2Fb", "/a/b/"),
            ("/a%2f", "/a/"),
            ("/a%2", "/a%252/"),
            ("/a+b %2B", "/a%2Bb%20%2B/"),
            ("/a%FFb", "/a%FFb/"),
            ("/../.", "/.././"),
            ("*", "%2A/"),
        ] {
            assert_eq!(line(PathForm::Base, path), expected);
        }
    }

    #[test]
    fn the_other_readings_differ_as_named() {
        assert_eq!(line(PathForm::NotDecoded, "/a%20b"), "/a%2520b/");
        assert_eq!(line(PathForm::NotDecoded, "/a%2F"), "/a%252F/");
        assert_eq!(line(PathForm::TrailingSlashesStripped, "/a///"), "/a/");
        assert_eq!(line(PathForm::TrailingSlashesStripped, "//"), "/");
        assert_eq!(line(PathForm::NoTrailingSlash, "/a%20b"), "/a%20b");
        assert_eq!(line(PathForm::NoTrailingSlash, "/a/"), "/a");
        assert_eq!(line(PathForm::EncodedTwice, "/a$b~"), "/a%2524b~/");
        assert_eq!(line(PathForm::AsOnWire, "/a$b%20"), "/a$b%20/");
        assert_eq!(line(PathForm::NotEncoded, "/a$b%20c"), "/a$b c/");
    }
}
