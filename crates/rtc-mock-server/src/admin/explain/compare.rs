//! Two canonical requests side by side.

/// What is lined up by the lines that both have; longer differences are lined up by their place.
const MAX_CELLS: usize = 1 << 20;

/// A line of ours, of theirs, or of both.
type Pair<'a> = (Option<&'a str>, Option<&'a str>);

/// Lines up both texts, so that a line which only one has makes only itself differ. The lines of
/// `theirs` are parted by `|` if it has no line feed.
pub(super) fn lines<'a>(ours: &'a str, theirs: &'a str) -> Vec<Pair<'a>> {
    let theirs = theirs.trim_end_matches(['\r', '\n']);
    // A header's value may hold `|` itself, so our own lines are parted in the same way.
    let separator = if theirs.contains('\n') { '\n' } else { '|' };
    let ours: Vec<&str> = ours.split(['\n', separator]).collect();
    let theirs: Vec<&str> =
        theirs.split(separator).map(|line| line.trim_end_matches('\r')).collect();

    let head = common(ours.iter(), theirs.iter());
    let (same, ours) = ours.split_at(head);
    let theirs = theirs.get(head..).unwrap_or_default();
    let tail = common(ours.iter().rev(), theirs.iter().rev());
    let (ours, end) = ours.split_at(ours.len() - tail);
    let theirs = theirs.get(..theirs.len() - tail).unwrap_or_default();

    let both = |line: &&'a str| (Some(*line), Some(*line));
    let mut pairs: Vec<Pair<'a>> = same.iter().map(both).collect();
    pairs.extend(middle(ours, theirs));
    pairs.extend(end.iter().map(both));
    pairs
}

fn common<'a>(
    ours: impl Iterator<Item = &'a &'a str>,
    theirs: impl Iterator<Item = &'a &'a str>,
) -> usize {
    ours.zip(theirs).take_while(|(ours, theirs)| ours == theirs).count()
}

/// What stands between the first and the last difference: the lines of a longest common
/// subsequence side by side, and what is between them as it comes.
fn middle<'a>(ours: &[&'a str], theirs: &[&'a str]) -> Vec<Pair<'a>> {
    let mut pairs = Vec::new();
    if ours.len().saturating_mul(theirs.len()) > MAX_CELLS {
        beside(&mut pairs, ours, theirs);
        return pairs;
    }
    let lengths = lengths(ours, theirs);
    let width = theirs.len() + 1;
    let at = |i: usize, j: usize| lengths.get(i * width + j).copied().unwrap_or_default();
    // Where the unmatched lines begin, and where we are.
    let (mut from_i, mut from_j, mut i, mut j) = (0, 0, 0, 0);
    while let (Some(our), Some(their)) = (ours.get(i), theirs.get(j)) {
        if our == their {
            let (left, right) = (ours.get(from_i..i), theirs.get(from_j..j));
            beside(&mut pairs, left.unwrap_or_default(), right.unwrap_or_default());
            pairs.push((Some(our), Some(their)));
            (i, j) = (i + 1, j + 1);
            (from_i, from_j) = (i, j);
        } else if at(i + 1, j) >= at(i, j + 1) {
            i += 1;
        } else {
            j += 1;
        }
    }
    let (left, right) = (ours.get(from_i..), theirs.get(from_j..));
    beside(&mut pairs, left.unwrap_or_default(), right.unwrap_or_default());
    pairs
}

/// For each pair of places, in rows: how many lines the rests from there have in common.
fn lengths(ours: &[&str], theirs: &[&str]) -> Vec<usize> {
    let width = theirs.len() + 1;
    let mut lengths = vec![0; (ours.len() + 1) * width];
    for (i, our) in ours.iter().enumerate().rev() {
        for (j, their) in theirs.iter().enumerate().rev() {
            let cell = |i: usize, j: usize| lengths.get(i * width + j).copied().unwrap_or_default();
            let length = if our == their {
                cell(i + 1, j + 1) + 1
            } else {
                cell(i + 1, j).max(cell(i, j + 1))
            };
            if let Some(cell) = lengths.get_mut(i * width + j) {
                *cell = length;
            }
        }
    }
    lengths
}

fn beside<'a>(pairs: &mut Vec<Pair<'a>>, ours: &[&'a str], theirs: &[&'a str]) {
    let rows = ours.len().max(theirs.len());
    pairs.extend((0..rows).map(|row| (ours.get(row).copied(), theirs.get(row).copied())));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn marks(pairs: &[Pair<'_>]) -> String {
        let mark = |pair: &Pair<'_>| match pair {
            (Some(ours), Some(theirs)) if ours == theirs => '=',
            (Some(_), Some(_)) => '!',
            (Some(_), None) => '<',
            _ => '>',
        };
        pairs.iter().map(mark).collect()
    }

    #[test]
    fn a_line_that_one_lacks_makes_only_itself_differ() {
        let ours = "GET\n/a/\n\nhost:h\nx-sdk-date:d\n\nhost;x-sdk-date\nhash";
        for (theirs, expected) in [
            (ours.to_owned(), "========"),
            (ours.replace('\n', "|"), "========"),
            (format!("{}\r\n", ours.replace('\n', "\r\n")), "========"),
            (ours.replace("/a/", "/a"), "=!======"),
            (ours.replace("host:h\n", ""), "===<===="),
            (ours.replace("host:h\n", "accept:*/*\nhost:h\n"), "===>====="),
            (ours.replace("host:h\nx-sdk-date:d\n\nhost;", ""), "===!<<<="),
            (ours.replace("/a/", "/a").replace("hash", "other"), "=!=====!"),
        ] {
            assert_eq!(marks(&lines(ours, &theirs)), expected, "{theirs}");
        }
        assert_eq!(marks(&lines("GET\nx:a|b", "GET|x:a|b")), "===");
    }

    proptest! {
        #[test]
        fn both_texts_come_out_as_they_went_in(
            ours in proptest::collection::vec("[ab]{0,2}", 1..8),
            theirs in proptest::collection::vec("[ab]{0,2}", 1..8),
        ) {
            let (left, right) = (ours.join("\n"), format!("x\n{}\nx", theirs.join("\n")));
            let pairs = lines(&left, &right);
            let ours: Vec<_> = pairs.iter().filter_map(|(ours, _)| *ours).collect();
            let theirs: Vec<_> = pairs.iter().filter_map(|(_, theirs)| *theirs).collect();
            prop_assert_eq!(ours.join("\n"), left.as_str());
            prop_assert_eq!(theirs.join("\n"), right.as_str());
        }
    }
}
