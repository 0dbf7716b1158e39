//! Bytes to text and back: percent-encoding, `+`, hex. One set only: RFC 3986 unreserved.

use percent_encoding::percent_encode_byte;
use ring::digest::{Digest, SHA256, digest};

use crate::canonical::Sink;

/// The hash of an empty body.
pub(crate) const EMPTY_SHA256: &str =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// What a raw `+` in a query stands for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Plus {
    /// A space, as in forms (base rule 4).
    Space,
    /// Itself.
    Plus,
}

/// Every byte by itself, so that one byte can be lent as a slice.
static IDENTITY: [u8; 256] = {
    let mut table = [0; 256];
    let mut index = 0_u8;
    loop {
        table[index as usize] = index;
        if index == 255 {
            break table;
        }
        index += 1;
    }
};

/// Whether a byte stands for itself in the canonical form.
pub(crate) const fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

/// The canonical text of one byte: itself, or `%` and two upper-case hex digits.
pub(crate) fn encode_byte(byte: u8) -> &'static [u8] {
    if is_unreserved(byte) { literal(byte) } else { percent_encode_byte(byte).as_bytes() }
}

/// One byte as a slice.
pub(crate) fn literal(byte: u8) -> &'static [u8] {
    let index = usize::from(byte);
    &IDENTITY[index..=index]
}

/// Percent-decodes once, as bytes; a `%` without two hex digits stays as it is.
pub(crate) fn decode(raw: &str, plus: Plus) -> Decode<'_> {
    Decode { rest: raw.as_bytes(), plus }
}

/// The iterator of [`decode`].
#[derive(Clone)]
pub(crate) struct Decode<'a> {
    rest: &'a [u8],
    plus: Plus,
}

impl Iterator for Decode<'_> {
    type Item = u8;

    fn next(&mut self) -> Option<u8> {
        if let [b'%', high, low, rest @ ..] = self.rest
            && let (Some(high), Some(low)) = (hex_digit(*high), hex_digit(*low))
        {
            self.rest = rest;
            return Some(high << 4 | low);
        }
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        if *first == b'+' && self.plus == Plus::Space { Some(b' ') } else { Some(*first) }
    }
}

/// Decodes and encodes again: the canonical form of a query's key or value.
pub(crate) fn recode(raw: &str, plus: Plus) -> impl Iterator<Item = u8> {
    decode(raw, plus).flat_map(|byte| encode_byte(byte).iter().copied())
}

/// Writes the canonical form of a text, runs of plain characters in one piece.
pub(crate) fn write_recoded(raw: &str, plus: Plus, keep_slash: bool, sink: &mut impl Sink) {
    let plain = |byte: &u8| is_unreserved(*byte) || (keep_slash && *byte == b'/');
    let mut rest = raw.as_bytes();
    while !rest.is_empty() {
        let run = rest.iter().position(|byte| !plain(byte)).unwrap_or(rest.len());
        let (run, tail) = rest.split_at(run);
        if !run.is_empty() {
            sink.put(run);
        }
        let mut bytes = Decode { rest: tail, plus };
        if let Some(byte) = bytes.next() {
            sink.put(if plain(&byte) { literal(byte) } else { encode_byte(byte) });
        }
        rest = bytes.rest;
    }
}

/// Hex of a SHA-256 hash, lower-case.
pub(crate) fn hex(hash: [u8; 32]) -> [u8; 64] {
    let mut text = [0; 64];
    let (pairs, _) = text.as_chunks_mut::<2>();
    for (pair, byte) in pairs.iter_mut().zip(hash) {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        *pair = [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]];
    }
    text
}

/// Reads 64 hex digits of any case.
pub(crate) fn unhex(text: &[u8]) -> Option<[u8; 32]> {
    if text.len() != 64 {
        return None;
    }
    let mut hash = [0; 32];
    let (pairs, _) = text.as_chunks::<2>();
    for (byte, [high, low]) in hash.iter_mut().zip(pairs) {
        *byte = hex_digit(*high)? << 4 | hex_digit(*low)?;
    }
    Some(hash)
}

/// The hash of some bytes, in hex.
pub(crate) fn sha256_hex(bytes: &[u8]) -> [u8; 64] {
    hex(digest_bytes(&digest(&SHA256, bytes)))
}

/// A SHA-256 digest as an array.
pub(crate) fn digest_bytes(digest: &Digest) -> [u8; 32] {
    digest.as_ref().try_into().expect("SHA-256 gives 32 bytes")
}

/// Hex digits, dates and algorithm names as text.
pub(crate) fn ascii(text: &[u8]) -> &str {
    std::str::from_utf8(text).expect("hex digits, dates and algorithm names are ASCII")
}

fn hex_digit(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn recoded(raw: &str, plus: Plus, keep_slash: bool) -> String {
        let mut text = Vec::new();
        write_recoded(raw, plus, keep_slash, &mut text);
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn a_text_is_decoded_once_and_encoded() {
        assert_eq!(recoded("/a%20b/%7e%2F", Plus::Plus, true), "/a%20b/~/");
        assert_eq!(recoded("a%2520", Plus::Space, false), "a%2520");
        assert_eq!(recoded("x+y%2Bz", Plus::Space, false), "x%20y%2Bz");
        assert_eq!(recoded("x+y", Plus::Plus, false), "x%2By");
        assert_eq!(recoded("%zz%2%", Plus::Space, false), "%25zz%252%25");
        assert_eq!(recoded("%FF%c3%A9", Plus::Space, false), "%FF%C3%A9");
    }

    #[test]
    fn the_hash_of_an_empty_body_is_the_known_one() {
        assert_eq!(ascii(&sha256_hex(b"")), EMPTY_SHA256);
    }

    #[test]
    fn hex_needs_64_digits() {
        assert_eq!(unhex(&[b'a'; 63]), None);
        assert_eq!(unhex(&[b'g'; 64]), None);
        assert_eq!(unhex(&[b'F'; 64]), Some([0xFF; 32]));
    }

    proptest! {
        #[test]
        fn hex_is_read_back(hash: [u8; 32]) {
            prop_assert_eq!(unhex(&hex(hash)), Some(hash));
        }

        #[test]
        fn the_two_ways_to_recode_agree(raw in ".*") {
            let one: Vec<u8> = recode(&raw, Plus::Space).collect();
            prop_assert_eq!(String::from_utf8(one).unwrap(), recoded(&raw, Plus::Space, false));
        }

        #[test]
        fn a_recoded_text_is_recoded_to_itself(raw in ".*") {
            let once = recoded(&raw, Plus::Space, false);
            prop_assert_eq!(recoded(&once, Plus::Space, false), once);
        }
    }
}
