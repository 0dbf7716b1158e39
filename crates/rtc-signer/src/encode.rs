//! Bytes to text and back: percent-encoding, `+`, hex. One set only: RFC 3986 unreserved.

use std::cmp::Ordering;

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

/// The bit of the bytes that stand for themselves in a path.
pub(crate) const IN_PATH: u8 = 1;
/// The bit of the bytes that stand for themselves in a query, the unreserved ones.
pub(crate) const IN_QUERY: u8 = 2;

/// In which texts each byte stands for itself, a bit for each of them.
static PLAIN: [u8; 256] = {
    let mut table = [0; 256];
    let mut index = 0_u8;
    loop {
        table[index as usize] = match index {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                IN_PATH | IN_QUERY
            }
            b'/' => IN_PATH,
            _ => 0,
        };
        if index == 255 {
            break table;
        }
        index += 1;
    }
};

/// Whether a byte stands for itself in the canonical form.
pub(crate) fn is_unreserved(byte: u8) -> bool {
    is_plain(byte, IN_QUERY)
}

fn is_plain(byte: u8, text: u8) -> bool {
    PLAIN[usize::from(byte)] & text != 0
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
pub(crate) fn decode(raw: &[u8], plus: Plus) -> Decode<'_> {
    Decode { rest: raw, plus }
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

/// Parts the unreserved bytes at the start from the rest, where they are few.
#[inline]
pub(crate) fn split_unreserved(raw: &[u8]) -> (&[u8], &[u8]) {
    let end = raw.iter().position(|byte| !is_unreserved(*byte));
    raw.split_at(end.unwrap_or(raw.len()))
}

/// Parts the bytes at the start that stand for themselves from the rest.
#[inline]
pub(crate) fn split_plain(raw: &[u8], text: u8) -> (&[u8], &[u8]) {
    // Eight at once, as long as there are so many.
    let all = |eight: &&[u8; 8]| {
        eight.iter().fold(text, |all, byte| all & PLAIN[usize::from(*byte)]) != 0
    };
    let (eights, _) = raw.as_chunks::<8>();
    let mut end = 8 * eights.iter().take_while(all).count();
    while raw.get(end).is_some_and(|byte| is_plain(*byte, text)) {
        end += 1;
    }
    raw.split_at(end)
}

/// Decodes and encodes again: the canonical form of a query's key or value.
pub(crate) fn recode(raw: &[u8], plus: Plus) -> impl Iterator<Item = u8> {
    decode(raw, plus).flat_map(|byte| encode_byte(byte).iter().copied())
}

/// Writes the canonical form of a text, runs of plain characters in one piece.
#[inline]
pub(crate) fn write_recoded<S: Sink>(raw: &[u8], plus: Plus, text: u8, mut sink: S) -> S {
    let mut rest = raw;
    loop {
        let (run, tail) = split_plain(rest, text);
        sink = sink.put(run);
        let mut bytes = Decode { rest: tail, plus };
        let Some(byte) = bytes.next() else { return sink };
        sink = sink.put(if is_plain(byte, text) { literal(byte) } else { encode_byte(byte) });
        rest = bytes.rest;
    }
}

/// The order of two texts, of which most differ in the first byte, which is soon seen.
#[inline]
pub(crate) fn by_first(a: &[u8], b: &[u8]) -> Ordering {
    match (a, b) {
        ([one, ..], [other, ..]) if one != other => one.cmp(other),
        _ => a.cmp(b),
    }
}

/// Hex of a SHA-256 hash, lower-case.
#[inline]
pub(crate) fn hex(hash: [u8; 32]) -> [u8; 64] {
    // Plain loops without a table, so that the compiler does many digits at once.
    let digit = |value: u8| value + if value > 9 { b'a' - 10 } else { b'0' };
    let (mut high, mut low) = ([0; 32], [0; 32]);
    for (digits, byte) in high.iter_mut().zip(&mut low).zip(&hash) {
        (*digits.0, *digits.1) = (digit(byte >> 4), digit(byte & 15));
    }
    let mut text = [0; 64];
    let (pairs, _) = text.as_chunks_mut::<2>();
    for (pair, (high, low)) in pairs.iter_mut().zip(high.iter().zip(&low)) {
        *pair = [*high, *low];
    }
    text
}

/// Reads 64 hex digits of any case.
pub(crate) fn unhex(text: &[u8]) -> Option<[u8; 32]> {
    let digits: &[u8; 64] = text.try_into().ok()?;
    if !digits.iter().fold(true, |all, digit| all & digit.is_ascii_hexdigit()) {
        return None;
    }
    // As in `hex`. Only letters have bit 6, and their low bits count from 1.
    let mut values = [0; 64];
    for (value, digit) in values.iter_mut().zip(digits) {
        *value = (digit & 15) + 9 * (digit >> 6);
    }
    let mut hash = [0; 32];
    let (pairs, _) = values.as_chunks::<2>();
    for (byte, [high, low]) in hash.iter_mut().zip(pairs) {
        *byte = high << 4 | low;
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

/// Bytes that were made of nothing but texts, hex digits and dates.
pub(crate) fn ascii(text: &[u8]) -> &str {
    std::str::from_utf8(text).expect("it was made of texts, hex digits and dates")
}

fn hex_digit(digit: u8) -> Option<u8> {
    digit.is_ascii_hexdigit().then(|| (digit & 15) + 9 * (digit >> 6))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn recoded(raw: &str, plus: Plus, kind: u8) -> String {
        let mut text = Vec::new();
        let _ = write_recoded(raw.as_bytes(), plus, kind, &mut text);
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn a_text_is_decoded_once_and_encoded() {
        assert_eq!(recoded("/a%20b/%7e%2F", Plus::Plus, IN_PATH), "/a%20b/~/");
        assert_eq!(recoded("a%2520", Plus::Space, IN_QUERY), "a%2520");
        assert_eq!(recoded("x+y%2Bz", Plus::Space, IN_QUERY), "x%20y%2Bz");
        assert_eq!(recoded("x+y", Plus::Plus, IN_QUERY), "x%2By");
        assert_eq!(recoded("%zz%2%", Plus::Space, IN_QUERY), "%25zz%252%25");
        assert_eq!(recoded("%FF%c3%A9", Plus::Space, IN_QUERY), "%FF%C3%A9");
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
            let one: Vec<u8> = recode(raw.as_bytes(), Plus::Space).collect();
            prop_assert_eq!(String::from_utf8(one).unwrap(), recoded(&raw, Plus::Space, IN_QUERY));
        }

        #[test]
        fn a_recoded_text_is_recoded_to_itself(raw in ".*") {
            let once = recoded(&raw, Plus::Space, IN_QUERY);
            prop_assert_eq!(recoded(&once, Plus::Space, IN_QUERY), once);
        }
    }
}
