//! The first line in which two canonical requests differ.

use super::{Part, Reason};

/// Headers whose values are not repeated in a reason.
const SECRET: [&str; 4] = ["authorization", "cookie", "x-auth-token", "x-security-token"];

/// Compares line by line; `theirs` has its lines parted by `\n`, or by `|` if it has no `\n`.
pub(super) fn first(ours: &str, theirs: &str) -> Reason {
    let theirs = theirs.trim_end_matches(['\r', '\n']);
    let lines = ours.split('\n').zip(1_usize..);
    let count = ours.split('\n').count();
    let pieces: Vec<(usize, Part, &str)> = if theirs.contains('\n') {
        lines.map(|(line, number)| (number, part(number, count, line), line)).collect()
    } else {
        // A header's value may hold `|` itself, so our own lines are parted in the same way.
        lines
            .flat_map(|(line, number)| {
                line.split('|').map(move |piece| (number, part(number, count, line), piece))
            })
            .collect()
    };
    let separator = if theirs.contains('\n') { '\n' } else { '|' };
    let mut theirs = theirs.split(separator).map(|line| line.trim_end_matches('\r'));
    for (line, part, ours) in pieces {
        let theirs = theirs.next();
        if theirs != Some(ours) {
            return difference(line, part, Some(ours), theirs);
        }
    }
    match theirs.next() {
        Some(surplus) => difference(count + 1, Part::Surplus, None, Some(surplus)),
        None => Reason::SameCanonicalRequest,
    }
}

/// What a line holds, of `count` lines in all.
fn part(number: usize, count: usize, line: &str) -> Part {
    match (number, count.saturating_sub(number)) {
        (1, _) => Part::Method,
        (2, _) => Part::Path,
        (3, _) => Part::Query,
        (_, 0) => Part::Payload,
        (_, 1) => Part::SignedHeaders,
        (_, 2) => Part::EmptyLine,
        _ => {
            let name = line.split_once(':').map_or(line, |(name, _)| name);
            Part::Header { name: name.to_owned() }
        }
    }
}

fn difference(line: usize, part: Part, ours: Option<&str>, theirs: Option<&str>) -> Reason {
    let secret = matches!(&part, Part::Header { name } if is_secret(name));
    let show = |text: &str| match text.split_once(':') {
        Some((name, _)) if secret || is_secret(name) => format!("{name}:***"),
        None if secret => "***".to_owned(),
        _ => text.to_owned(),
    };
    Reason::FirstDifference { line, part, ours: ours.map(show), theirs: theirs.map(show) }
}

fn is_secret(name: &str) -> bool {
    SECRET.iter().any(|secret| secret.eq_ignore_ascii_case(name.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const OURS: &str =
        "GET\n/a/\nq=1\nhost:h\nx-security-token:secret\n\nhost;x-security-token\nhash";

    #[track_caller]
    fn differs(theirs: &str) -> (usize, Part, Option<String>, Option<String>) {
        let barred = first(OURS, &theirs.replace('\n', "|"));
        assert_eq!(first(OURS, &theirs.replace('\n', "\r\n")), barred);
        assert_eq!(first(OURS, theirs), barred);
        if let Reason::FirstDifference { line, part, ours, theirs } = barred {
            return (line, part, ours, theirs);
        }
        panic!("no difference found");
    }

    #[test]
    fn each_part_is_named() {
        let header = |name: &str| Part::Header { name: name.to_owned() };
        for (from, to, line, part) in [
            ("GET", "get", 1, Part::Method),
            ("/a/", "/a", 2, Part::Path),
            ("q=1", "", 3, Part::Query),
            ("host:h\n", "host:h:80\n", 4, header("host")),
            ("\n\n", "\n", 6, Part::EmptyLine),
            ("host;", "", 7, Part::SignedHeaders),
            ("hash", "other", 8, Part::Payload),
        ] {
            let theirs = OURS.replacen(from, to, 1);
            let (found_line, found_part, ..) = differs(&theirs);
            assert_eq!((found_line, found_part), (line, part), "{theirs}");
        }
    }

    #[test]
    fn both_ways_to_part_lines_are_read() {
        for theirs in [
            OURS.to_owned(),
            OURS.replace('\n', "|"),
            OURS.replace('\n', "\r\n"),
            format!("{OURS}\n"),
        ] {
            assert_eq!(first(OURS, &theirs), Reason::SameCanonicalRequest);
        }
        let barred = OURS.replace("host:h", "host:a|b");
        assert_eq!(first(&barred, &barred.replace('\n', "|")), Reason::SameCanonicalRequest);
    }

    #[test]
    fn a_text_that_ends_early_or_late_differs_at_its_end() {
        assert_eq!(differs("GET\n/a/"), (3, Part::Query, Some("q=1".to_owned()), None));
        let (line, part, ours, theirs) = differs(&format!("{OURS}\nmore"));
        assert_eq!((line, part, ours), (9, Part::Surplus, None));
        assert_eq!(theirs.as_deref(), Some("more"));
    }

    #[test]
    fn the_value_of_a_token_is_not_repeated() {
        let (_, _, ours, theirs) = differs(&OURS.replace("secret", "other-secret"));
        assert_eq!(ours.as_deref(), Some("x-security-token:***"));
        assert_eq!(theirs.as_deref(), Some("x-security-token:***"));
        let (_, _, ours, theirs) = differs(&OURS.replace("host:h\n", ""));
        assert_eq!(ours.as_deref(), Some("host:h"));
        assert_eq!(theirs.as_deref(), Some("x-security-token:***"));
    }
}
