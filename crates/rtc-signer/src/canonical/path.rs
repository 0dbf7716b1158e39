//! The path line: base rule 3 and the known other readings of it.

use super::Sink;
use crate::encode::{Plus, decode, encode_byte, is_unreserved, literal, write_recoded};

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
    pub(crate) fn write(self, path: &str, sink: &mut impl Sink) {
        match self {
            Self::Base => write_recoded(path.as_bytes(), Plus::Plus, true, sink),
            Self::NotDecoded => path.bytes().for_each(|byte| sink.put(segment_byte(byte))),
            Self::TrailingSlashesStripped => {
                write_recoded(path.trim_end_matches('/').as_bytes(), Plus::Plus, true, sink);
                sink.put(b"/");
                return;
            }
            Self::NoTrailingSlash => {
                let path = path.strip_suffix('/').unwrap_or(path);
                write_recoded(path.as_bytes(), Plus::Plus, true, sink);
                return;
            }
            Self::EncodedTwice => {
                decode(path.as_bytes(), Plus::Plus).for_each(|byte| write_twice(byte, sink));
            }
            Self::AsOnWire => sink.put(path.as_bytes()),
            Self::NotEncoded => {
                decode(path.as_bytes(), Plus::Plus).for_each(|byte| sink.put(literal(byte)));
            }
        }
        let decoded = !matches!(self, Self::NotDecoded | Self::AsOnWire);
        if !ends_in_slash(path, decoded) {
            sink.put(b"/");
        }
    }
}

fn segment_byte(byte: u8) -> &'static [u8] {
    if byte == b'/' { b"/" } else { encode_byte(byte) }
}

fn write_twice(byte: u8, sink: &mut impl Sink) {
    match segment_byte(byte) {
        [b'%', digits @ ..] => {
            sink.put(b"%25");
            sink.put(digits);
        }
        plain => {
            debug_assert!(is_unreserved(byte) || byte == b'/');
            sink.put(plain);
        }
    }
}

/// Whether the last byte is a slash, a decoded one if `decoded`.
fn ends_in_slash(path: &str, decoded: bool) -> bool {
    path.ends_with('/') || (decoded && (path.ends_with("%2F") || path.ends_with("%2f")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn line(form: PathForm, path: &str) -> String {
        let mut text = Vec::new();
        form.write(path, &mut text);
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
