//! What goes over a connection instead of what the server wants to write.

use std::fmt::Write as _;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::header::{CONNECTION, CONTENT_LENGTH};
use http::{Response, StatusCode};
use hyper::ext::ReasonPhrase;

use crate::fault::FaultKind;

/// What goes over a connection instead of what the server wants to write; then it ends.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Script {
    pub(crate) bytes: Bytes,
    /// How many bytes are written at a time, and the pause after them.
    pub(crate) pace: Option<(usize, Duration)>,
    pub(crate) ending: Ending,
}

/// How the connection ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// With FIN.
    Close,
    /// With RST.
    Reset,
}

impl Script {
    /// What `kind` makes of an answer. `random` makes garbage.
    pub(crate) fn new(kind: &FaultKind, random: u64, answer: Option<&Response<Bytes>>) -> Self {
        let all = |length: i64| {
            answer.map_or_else(Bytes::new, |answer| encode(answer, length, answer.body()))
        };
        let true_length = answer.map_or(0, |answer| answer.body().len());
        let length = i64::try_from(true_length).unwrap_or(i64::MAX);
        let bytes = match kind {
            FaultKind::End { bytes } => answer.map_or_else(Bytes::new, |answer| {
                let end = (*bytes).min(answer.body().len());
                encode(answer, length, &answer.body().slice(..end))
            }),
            FaultKind::Garbage { bytes } => garbage(*bytes, random),
            FaultKind::Length { by } => all(length.saturating_add(i64::from(*by)).max(0)),
            FaultKind::Trickle { .. } => all(length),
            _ => Bytes::new(),
        };
        let pace = match kind {
            FaultKind::Trickle { bytes, every } => Some((*bytes, *every)),
            _ => None,
        };
        let ending = match kind {
            FaultKind::Reset => Ending::Reset,
            _ => Ending::Close,
        };
        Self { bytes, pace, ending }
    }
}

/// Bytes that no reader takes for the begin of an answer: the first has the high bit.
fn garbage(count: usize, random: u64) -> Bytes {
    let mut random = fastrand::Rng::with_seed(random);
    let mut bytes = vec![0; count];
    random.fill(&mut bytes);
    if let Some(first) = bytes.first_mut() {
        *first |= 0x80;
    }
    Bytes::from(bytes)
}

/// An answer in HTTP/1.1, as hyper would write it, with the length that is asked for.
fn encode(answer: &Response<Bytes>, length: i64, body: &[u8]) -> Bytes {
    let status = answer.status();
    let given = answer.extensions().get::<ReasonPhrase>();
    let reason = given.and_then(|reason| std::str::from_utf8(reason.as_bytes()).ok());
    let reason = reason.or(status.canonical_reason()).unwrap_or_default();
    let mut head = String::new();
    let _ = write!(head, "HTTP/1.1 {} {reason}\r\n", status.as_u16());
    let mut bytes = BytesMut::from(head.as_bytes());
    for (name, value) in answer.headers() {
        if *name == CONTENT_LENGTH || *name == CONNECTION {
            continue;
        }
        for part in [name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"] {
            bytes.extend_from_slice(part);
        }
    }
    if status != StatusCode::NO_CONTENT || length > 0 {
        bytes.extend_from_slice(format!("content-length: {length}\r\n").as_bytes());
    }
    bytes.extend_from_slice(b"connection: close\r\n\r\n");
    bytes.extend_from_slice(body);
    bytes.freeze()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(spec: &str) -> String {
        let answer = Response::builder().header("x-a", "b").body(Bytes::from("0123456789"));
        let kind = spec.parse::<crate::Fault>().unwrap().kind().clone();
        let script = Script::new(&kind, 1, Some(&answer.unwrap()));
        String::from_utf8_lossy(&script.bytes).into_owned()
    }

    #[test]
    fn answers_are_cut_and_their_length_is_changed() {
        let head = "HTTP/1.1 200 OK\r\nx-a: b\r\ncontent-length: 10\r\nconnection: close\r\n\r\n";
        assert_eq!(made("*=end(4)"), format!("{head}0123"));
        assert_eq!(made("*=end(40)"), format!("{head}0123456789"));
        assert_eq!(made("*=trickle(1/1ms)"), format!("{head}0123456789"));
        let longer = head.replace("10", "15");
        assert_eq!(made("*=length(+5)"), format!("{longer}0123456789"));
        let none = head.replace("10", "0");
        assert_eq!(made("*=length(-50)"), format!("{none}0123456789"));
        assert_eq!(made("*=reset"), "");
        assert_eq!(garbage(1_000, 7).len(), 1_000);
        assert!(garbage(1, 7)[0] >= 0x80);
    }
}
