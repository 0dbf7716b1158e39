//! The query line: base rule 4 and the known other readings of it.

use std::cmp::Ordering;

use super::Sink;
use crate::encode::{Plus, decode, encode_byte, recode, write_recoded};

/// How the query of the wire becomes the third line.
#[derive(Clone, Copy)]
pub(crate) enum QueryForm {
    /// Decoded, sorted by key and value as bytes, encoded: the base rule.
    Base,
    /// Sorted by key only (a tolerance).
    ValuesInWireOrder,
    /// Sorted by UTF-16 code units (a tolerance).
    Utf16Order,
    /// Sorted by encoded key and encoded value (a tolerance).
    SortedAfterEncoding,
    /// Not sorted (a mistake).
    Unsorted,
    /// Sorted as the joined texts `key=value` (a mistake).
    SortedAsText,
    /// A raw `+` taken as itself (a mistake).
    PlusKept,
    /// A space written as `+` (a mistake).
    SpaceAsPlus,
}

/// Queries with more pairs than this are sorted on the heap.
const PAIRS_ON_STACK: usize = 32;

#[derive(Clone, Copy, Default)]
struct Pair<'q> {
    key: &'q str,
    value: &'q str,
}

impl QueryForm {
    pub(crate) fn write(self, query: &str, sink: &mut impl Sink) {
        let mut stack = [Pair::default(); PAIRS_ON_STACK];
        let mut len = 0;
        let mut pairs = pairs(query);
        for (slot, pair) in stack.iter_mut().zip(&mut pairs) {
            *slot = pair;
            len += 1;
        }
        let stack = stack.get_mut(..len).unwrap_or_default();
        match pairs.next() {
            None => self.write_pairs(stack, sink),
            Some(next) => {
                let mut all = stack.to_vec();
                all.push(next);
                all.extend(pairs);
                self.write_pairs(&mut all, sink);
            }
        }
    }

    fn write_pairs(self, pairs: &mut [Pair<'_>], sink: &mut impl Sink) {
        match self {
            // Equal pairs have equal text, so an unstable sort is no loss.
            Self::Base | Self::PlusKept | Self::SpaceAsPlus => {
                pairs.sort_unstable_by(|a, b| self.by_bytes(a, b));
            }
            Self::ValuesInWireOrder => {
                pairs.sort_by(|a, b| decode(a.key, Plus::Space).cmp(decode(b.key, Plus::Space)));
            }
            Self::Utf16Order => pairs.sort_unstable_by(|a, b| {
                let order = |text| decode(text, Plus::Space).map(utf16_rank);
                order(a.key).cmp(order(b.key)).then_with(|| order(a.value).cmp(order(b.value)))
            }),
            Self::SortedAfterEncoding => pairs.sort_unstable_by(|a, b| {
                let order = |text| recode(text, Plus::Space);
                order(a.key).cmp(order(b.key)).then_with(|| order(a.value).cmp(order(b.value)))
            }),
            Self::Unsorted => {}
            Self::SortedAsText => pairs.sort_unstable_by(|a, b| joined(a).cmp(joined(b))),
        }
        for (index, pair) in pairs.iter().enumerate() {
            if index > 0 {
                sink.put(b"&");
            }
            self.write_text(pair.key, sink);
            sink.put(b"=");
            self.write_text(pair.value, sink);
        }
    }

    fn write_text(self, raw: &str, sink: &mut impl Sink) {
        if let Self::SpaceAsPlus = self {
            for byte in decode(raw, Plus::Space) {
                sink.put(if byte == b' ' { b"+" } else { encode_byte(byte) });
            }
        } else {
            write_recoded(raw, self.plus(), false, sink);
        }
    }

    const fn plus(self) -> Plus {
        if let Self::PlusKept = self { Plus::Plus } else { Plus::Space }
    }

    fn by_bytes(self, a: &Pair<'_>, b: &Pair<'_>) -> Ordering {
        let order = |text| decode(text, self.plus());
        order(a.key).cmp(order(b.key)).then_with(|| order(a.value).cmp(order(b.value)))
    }
}

/// The pairs in the order of the wire; empty pieces are no pairs, a piece without `=` has no value.
fn pairs(query: &str) -> impl Iterator<Item = Pair<'_>> {
    query.split('&').filter(|piece| !piece.is_empty()).map(|piece| {
        let (key, value) = piece.split_once('=').unwrap_or((piece, ""));
        Pair { key, value }
    })
}

fn joined<'q>(pair: &Pair<'q>) -> impl Iterator<Item = u8> + use<'q> {
    recode(pair.key, Plus::Space).chain([b'=']).chain(recode(pair.value, Plus::Space))
}

/// Orders UTF-8 bytes as UTF-16 would: U+E000 to U+FFFF come after the characters beyond U+FFFF.
const fn utf16_rank(byte: u8) -> u8 {
    match byte {
        0xEE | 0xEF => byte + 0x10,
        _ => byte,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn line(form: QueryForm, query: &str) -> String {
        let mut text = Vec::new();
        form.write(query, &mut text);
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn the_base_rule_sorts_decoded_pairs() {
        for (query, expected) in [
            ("", ""),
            ("&&", ""),
            ("a", "a="),
            ("b&a=1&", "a=1&b="),
            ("=v&=", "=&=v"),
            ("a-b=2&a=1", "a=1&a-b=2"),
            ("a=2&a=10&a=1", "a=1&a=10&a=2"),
            ("a=x+y", "a=x%20y"),
            ("a=x%2By&b=%zz", "a=x%2By&b=%25zz"),
            ("a=b=c", "a=b%3Dc"),
            ("%61=2&a=1", "a=1&a=2"),
            ("k=%F0%9F%98%80&k=%EF%BD%9E", "k=%EF%BD%9E&k=%F0%9F%98%80"),
        ] {
            assert_eq!(line(QueryForm::Base, query), expected);
        }
    }

    #[test]
    fn many_pairs_are_sorted_too() {
        let query: Vec<String> = (0..100).rev().map(|number| format!("k{number:03}=")).collect();
        let mut sorted = query.clone();
        sorted.sort();
        assert_eq!(line(QueryForm::Base, &query.join("&")), sorted.join("&"));
    }

    #[test]
    fn the_other_readings_differ_as_named() {
        assert_eq!(line(QueryForm::ValuesInWireOrder, "b=&a=3&a=1"), "a=3&a=1&b=");
        assert_eq!(
            line(QueryForm::Utf16Order, "k=%EF%BD%9E&k=%F0%9F%98%80"),
            "k=%F0%9F%98%80&k=%EF%BD%9E"
        );
        assert_eq!(line(QueryForm::SortedAfterEncoding, "a=1&{=2"), "%7B=2&a=1");
        assert_eq!(line(QueryForm::Unsorted, "b=1&a=+"), "b=1&a=%20");
        assert_eq!(line(QueryForm::SortedAsText, "a=1&a-b=2"), "a-b=2&a=1");
        assert_eq!(line(QueryForm::PlusKept, "a=x+y%20z"), "a=x%2By%20z");
        assert_eq!(line(QueryForm::SpaceAsPlus, "a=x+y%20z"), "a=x+y+z");
    }

    proptest! {
        #[test]
        fn utf16_order_is_the_order_of_code_units(a in ".{0,4}", b in ".{0,4}") {
            let ranks = a.bytes().map(utf16_rank).cmp(b.bytes().map(utf16_rank));
            prop_assert_eq!(ranks, a.encode_utf16().cmp(b.encode_utf16()));
        }
    }
}
