//! The query line: base rule 4 and the known other readings of it.

use std::cmp::Ordering;

use super::Sink;
use crate::buffer::Few;
use crate::encode::{
    IN_QUERY, Plus, by_first, decode, encode_byte, is_unreserved, recode, split_unreserved,
    write_recoded,
};

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

/// A list of pairs; queries with more of them are sorted on the heap.
type Pairs<'q> = Few<Pair<'q>, 6>;

#[derive(Clone, Copy, Default)]
struct Pair<'q> {
    key: &'q [u8],
    value: &'q [u8],
    /// Whether key and value hold nothing that must be decoded or encoded.
    plain: bool,
}

impl QueryForm {
    #[inline]
    pub(crate) fn write<S: Sink>(self, query: &str, sink: S) -> S {
        if matches!(self, Self::Base) && is_canonical(query) {
            sink.put(query.as_bytes())
        } else {
            self.write_pairs(query, sink)
        }
    }

    fn write_pairs<S: Sink>(self, query: &str, mut sink: S) -> S {
        let mut all = Pairs::new(Pair::default());
        for pair in pairs(query) {
            all.push(pair);
        }
        self.sort(all.as_mut_slice());
        for (index, pair) in all.as_slice().iter().enumerate() {
            sink = if index > 0 { sink.put(b"&") } else { sink };
            sink = if pair.plain {
                sink.put(pair.key).put(b"=").put(pair.value)
            } else {
                let sink = self.write_text(pair.key, sink).put(b"=");
                self.write_text(pair.value, sink)
            };
        }
        sink
    }

    fn sort(self, pairs: &mut [Pair<'_>]) {
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
    }

    fn write_text<S: Sink>(self, raw: &[u8], sink: S) -> S {
        if let Self::SpaceAsPlus = self {
            decode(raw, Plus::Space).fold(sink, |sink, byte| {
                sink.put(if byte == b' ' { b"+" } else { encode_byte(byte) })
            })
        } else {
            write_recoded(raw, self.plus(), IN_QUERY, sink)
        }
    }

    const fn plus(self) -> Plus {
        if let Self::PlusKept = self { Plus::Plus } else { Plus::Space }
    }

    fn by_bytes(self, a: &Pair<'_>, b: &Pair<'_>) -> Ordering {
        if a.plain && b.plain {
            return by_first(a.key, b.key).then_with(|| a.value.cmp(b.value));
        }
        let order = |text| decode(text, self.plus());
        order(a.key).cmp(order(b.key)).then_with(|| order(a.value).cmp(order(b.value)))
    }
}

/// The pairs in the order of the wire; empty pieces are no pairs, a piece without `=` has no value.
#[inline]
fn pairs(query: &str) -> impl Iterator<Item = Pair<'_>> {
    let mut rest = query.as_bytes();
    std::iter::from_fn(move || {
        while let [b'&', tail @ ..] = rest {
            rest = tail;
        }
        let (mut equals, mut end, mut plain) = (None, rest.len(), true);
        for (at, byte) in rest.iter().enumerate() {
            match byte {
                b'&' => {
                    end = at;
                    break;
                }
                b'=' if equals.is_none() => equals = Some(at),
                byte => plain &= is_unreserved(*byte),
            }
        }
        let (piece, tail) = rest.split_at(end);
        rest = tail;
        let (key, value) = piece.split_at(equals.unwrap_or(end));
        let value = value.get(1..).unwrap_or_default();
        (end > 0).then_some(Pair { key, value, plain })
    })
}

/// Whether the base rule leaves a query as it is, as it does with that of a tidy client.
fn is_canonical(query: &str) -> bool {
    let mut last: Option<(&[u8], &[u8])> = None;
    let mut rest = query.as_bytes();
    while !rest.is_empty() {
        let (key, tail) = split_unreserved(rest);
        let Some((b'=', tail)) = tail.split_first() else { return false };
        let (value, tail) = split_unreserved(tail);
        if last.is_some_and(|last| by_first(last.0, key).then_with(|| last.1.cmp(value)).is_gt()) {
            return false;
        }
        last = Some((key, value));
        rest = match tail {
            [] => tail,
            [b'&', tail @ ..] if !tail.is_empty() => tail,
            _ => return false,
        };
    }
    true
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
        let _ = form.write(query, &mut text);
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
        fn a_canonical_query_is_left_as_it_is(query in "([ab]{0,2}[=&%+1]){0,6}[ab]{0,2}") {
            let written = line(QueryForm::Base, &query);
            if is_canonical(&query) {
                prop_assert_eq!(&written, &query);
            }
            prop_assert_eq!(is_canonical(&written), !written.contains('%'));
        }

        #[test]
        fn utf16_order_is_the_order_of_code_units(a in ".{0,4}", b in ".{0,4}") {
            let ranks = a.bytes().map(utf16_rank).cmp(b.bytes().map(utf16_rank));
            prop_assert_eq!(ranks, a.encode_utf16().cmp(b.encode_utf16()));
        }
    }
}
