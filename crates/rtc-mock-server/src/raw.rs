//! A request as it stands on the wire, read from a text that people have saved or typed. Library and
//! program both have this file, since it is no part of the library's interface.

use std::fmt;

use http::header::{CONTENT_LENGTH, HeaderName, HeaderValue, TRANSFER_ENCODING};
use http::{HeaderMap, Method};
use rtc_signer::{Payload, SignableRequest};

/// Hosts of the real service, which a client may sign whose connections alone are led to the mock.
pub(crate) const SERVICE_HOSTS: [&str; 3] =
    ["rtc-api.myhuaweicloud.com", "iam.myhuaweicloud.com", "iam.cn-north-4.myhuaweicloud.com"];

/// A request. Its path, query and body are lent from the input, so that no byte changes.
#[derive(Debug)]
pub(crate) struct RawRequest<'a> {
    method: Method,
    path: &'a str,
    query: Option<&'a str>,
    /// The values without the spaces round them.
    headers: HeaderMap,
    /// The values with all but the one space that stands behind the colon.
    untrimmed: HeaderMap,
    body: &'a [u8],
    surplus: usize,
}

/// Why a text is no request. Lines are counted from 1.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum RawError {
    Empty,
    RequestLine,
    Target,
    HeaderLine(usize),
    FoldedLine(usize),
    TooManyHeaders(usize),
    ContentLength,
    BodyTooShort { announced: u64, found: usize },
    Chunked,
}

impl fmt::Display for RawError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str(
                "it is empty; give a request: request line, headers, an empty line, body",
            ),
            Self::RequestLine => {
                f.write_str("the first line is not of the form `GET /path?query HTTP/1.1`")
            }
            Self::Target => f.write_str(
                "the target in the first line is neither a path nor a URL in plain ASCII or UTF-8",
            ),
            Self::HeaderLine(line) => write!(f, "line {line} is not of the form `Name: value`"),
            Self::FoldedLine(line) => write!(
                f,
                "line {line} begins with a space; a header stands in one line, and an empty line \
                 has nothing in it"
            ),
            Self::TooManyHeaders(line) => write!(f, "there are too many headers at line {line}"),
            Self::ContentLength => f.write_str("Content-Length is not one decimal number"),
            Self::BodyTooShort { announced, found } => write!(
                f,
                "Content-Length says {announced} bytes, but only {found} follow; send the body as \
                 it was on the wire"
            ),
            Self::Chunked => f.write_str(
                "a body with Transfer-Encoding is not read; save it without chunks and leave \
                 Transfer-Encoding out",
            ),
        }
    }
}

impl<'a> RawRequest<'a> {
    /// Reads a request whose lines end in CR LF or LF.
    ///
    /// The body has the length that `Content-Length` says, else it is all that follows the empty
    /// line. A head without an empty line after it has no body.
    pub(crate) fn parse(input: &'a [u8]) -> Result<Self, RawError> {
        let mut lines = Lines { rest: input, number: 0 };
        // HTTP lets a server skip empty lines before a request.
        let first = loop {
            match lines.next() {
                Some([]) => {}
                Some(line) => break line,
                None => return Err(RawError::Empty),
            }
        };
        let (method, path, query) = request_line(first)?;
        let (mut headers, mut untrimmed) = (HeaderMap::new(), HeaderMap::new());
        while let Some(line) = lines.next().filter(|line| !line.is_empty()) {
            let too_many = |_| RawError::TooManyHeaders(lines.number);
            let (name, value, as_it_stands) = header(line, lines.number)?;
            headers.try_append(name.clone(), value).map_err(too_many)?;
            untrimmed.try_append(name, as_it_stands).map_err(too_many)?;
        }
        let (body, surplus) = body(&headers, lines.rest)?;
        Ok(Self { method, path, query, headers, untrimmed, body, surplus })
    }

    /// The request for the verifier, which trims values itself: what it sees of their spaces lets
    /// it tell whether they were signed.
    pub(crate) fn view(&self) -> SignableRequest<'_> {
        let payload = Payload::Bytes(self.body);
        SignableRequest::new(&self.method, self.path, self.query, &self.untrimmed, payload)
    }

    pub(crate) fn method(&self) -> &Method {
        &self.method
    }

    pub(crate) fn path(&self) -> &str {
        self.path
    }

    pub(crate) fn query(&self) -> Option<&str> {
        self.query
    }

    /// The headers, their values without the spaces round them.
    pub(crate) fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    pub(crate) fn body(&self) -> &[u8] {
        self.body
    }

    /// How many bytes follow the body.
    pub(crate) fn surplus(&self) -> usize {
        self.surplus
    }
}

/// Lines without their ends.
struct Lines<'a> {
    rest: &'a [u8],
    number: usize,
}

impl<'a> Iterator for Lines<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        if self.rest.is_empty() {
            return None;
        }
        let end = self.rest.iter().position(|byte| *byte == b'\n').unwrap_or(self.rest.len());
        let (line, rest) = self.rest.split_at(end);
        self.rest = rest.strip_prefix(b"\n").unwrap_or(rest);
        self.number += 1;
        Some(line.strip_suffix(b"\r").unwrap_or(line))
    }
}

fn request_line(line: &[u8]) -> Result<(Method, &str, Option<&str>), RawError> {
    let mut words = line.splitn(2, |byte| *byte == b' ');
    let method = words.next().unwrap_or_default();
    let rest = words.next().ok_or(RawError::RequestLine)?;
    // The version stands after the last space, so that a raw space in a target is seen.
    let space = rest.iter().rposition(|byte| *byte == b' ').ok_or(RawError::RequestLine)?;
    let (target, version) = rest.split_at(space);
    if !version.starts_with(b" HTTP/1.") {
        return Err(RawError::RequestLine);
    }
    let method = Method::from_bytes(method).map_err(|_| RawError::RequestLine)?;
    let target = std::str::from_utf8(target).map_err(|_| RawError::Target)?;
    let target = origin_form(target).ok_or(RawError::Target)?;
    Ok(match target.split_once('?') {
        Some((path, query)) => (method, path, Some(query)),
        None => (method, target, None),
    })
}

/// Path and query; of a URL what follows its host.
fn origin_form(target: &str) -> Option<&str> {
    if target.starts_with('/') || target == "*" {
        return Some(target);
    }
    let (_, rest) = target.split_once("://")?;
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let rest = rest.get(end..).unwrap_or_default();
    Some(if rest.is_empty() { "/" } else { rest })
}

/// A name and its value, without the spaces round it and as it stands.
fn header(line: &[u8], number: usize) -> Result<(HeaderName, HeaderValue, HeaderValue), RawError> {
    if line.starts_with(b" ") || line.starts_with(b"\t") {
        return Err(RawError::FoldedLine(number));
    }
    let colon = line.iter().position(|byte| *byte == b':');
    let colon = colon.ok_or(RawError::HeaderLine(number))?;
    let (name, value) = line.split_at(colon);
    let value = value.strip_prefix(b":").unwrap_or_default();
    let as_it_stands = HeaderValue::from_bytes(value.strip_prefix(b" ").unwrap_or(value));
    match (HeaderName::from_bytes(name), HeaderValue::from_bytes(trim(value)), as_it_stands) {
        (Ok(name), Ok(value), Ok(as_it_stands)) => Ok((name, value, as_it_stands)),
        _ => Err(RawError::HeaderLine(number)),
    }
}

/// Without the spaces and tabs round a value, which are not part of it.
fn trim(mut value: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = value {
        value = rest;
    }
    value
}

fn body<'a>(headers: &HeaderMap, rest: &'a [u8]) -> Result<(&'a [u8], usize), RawError> {
    if headers.contains_key(TRANSFER_ENCODING) {
        return Err(RawError::Chunked);
    }
    let mut lengths = headers.get_all(CONTENT_LENGTH).iter();
    let (Some(length), None) = (lengths.next(), lengths.next()) else {
        let none = !headers.contains_key(CONTENT_LENGTH);
        return if none { Ok((rest, 0)) } else { Err(RawError::ContentLength) };
    };
    let text = length.to_str().map_err(|_| RawError::ContentLength)?;
    if !text.bytes().all(|digit| digit.is_ascii_digit()) {
        return Err(RawError::ContentLength);
    }
    let announced: u64 = text.parse().map_err(|_| RawError::ContentLength)?;
    let too_short = RawError::BodyTooShort { announced, found: rest.len() };
    let Ok(length) = usize::try_from(announced) else {
        return Err(too_short);
    };
    let (body, surplus) = rest.split_at_checked(length).ok_or(too_short)?;
    Ok((body, surplus.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn error(input: &[u8]) -> RawError {
        let error = RawRequest::parse(input).unwrap_err();
        assert!(!error.to_string().is_empty());
        error
    }

    #[test]
    fn both_line_ends_lead_to_the_same_request() {
        let text = "\nPOST /a%20b?x=1&y HTTP/1.1\nHost: h\nX-A:\t1 \nX-A: 2\n\n{\n}";
        let crlf = text.replacen('\n', "\r\n", 6);
        for input in [text, &crlf] {
            let request = RawRequest::parse(input.as_bytes()).unwrap();
            assert_eq!(request.method(), Method::POST);
            assert_eq!((request.path(), request.query()), ("/a%20b", Some("x=1&y")));
            let values: Vec<_> = request.headers().get_all("x-a").iter().collect();
            assert_eq!(values, ["1", "2"]);
            assert_eq!(request.body(), b"{\n}");
        }
    }

    #[test]
    fn the_body_is_as_long_as_content_length_says() {
        let head = "PUT /a HTTP/1.1\nContent-Length: 2\n\n";
        let request = format!("{head}{{}}\n");
        let request = RawRequest::parse(request.as_bytes()).unwrap();
        assert_eq!((request.body(), request.surplus()), (&b"{}"[..], 1));
        let short = RawError::BodyTooShort { announced: 2, found: 1 };
        assert_eq!(error(format!("{head}{{").as_bytes()), short);
        for length in ["-1", "2, 2", "+2", "", "99999999999999999999999"] {
            let text = format!("PUT /a HTTP/1.1\nContent-Length: {length}\n\n{{}}");
            assert_eq!(error(text.as_bytes()), RawError::ContentLength, "{length}");
        }
        let twice = b"PUT /a HTTP/1.1\nContent-Length: 0\nContent-Length: 0\n\n";
        assert_eq!(error(twice), RawError::ContentLength);
        let huge = b"PUT /a HTTP/1.1\nContent-Length: 18446744073709551615\n\n";
        assert_eq!(error(huge), RawError::BodyTooShort { announced: u64::MAX, found: 0 });
    }

    #[test]
    fn a_head_by_itself_has_no_body() {
        for input in ["GET / HTTP/1.1", "GET / HTTP/1.1\nHost: h", "GET / HTTP/1.1\r\nHost: h\r\n"]
        {
            assert_eq!(RawRequest::parse(input.as_bytes()).unwrap().body(), b"");
        }
    }

    #[test]
    fn the_bytes_of_a_value_are_kept() {
        let request = RawRequest::parse(b"GET / HTTP/1.1\nX-A: \xff\xe6\x95\x99 b  c\n\n").unwrap();
        assert_eq!(request.headers()["x-a"].as_bytes(), b"\xff\xe6\x95\x99 b  c");
    }

    #[test]
    fn spaces_round_a_value_are_kept_for_the_verifier_alone() {
        let text = b"PUT / HTTP/1.1\nX-A:   v \nX-B:v\nX-C:\tv\nContent-Length:  2 \n\n{}\n";
        let request = RawRequest::parse(text).unwrap();
        for (name, value, as_it_stands) in [
            ("x-a", "v", "  v "),
            ("x-b", "v", "v"),
            ("x-c", "v", "\tv"),
            ("content-length", "2", " 2 "),
        ] {
            assert_eq!(request.headers()[name], value);
            assert_eq!(request.untrimmed[name], as_it_stands);
        }
        assert_eq!((request.body(), request.surplus()), (&b"{}"[..], 1));
    }

    #[test]
    fn a_url_as_the_target_is_reduced_to_path_and_query() {
        for (target, path, query) in [
            ("http://h:1/a/b?c=/", "/a/b", Some("c=/")),
            ("https://h", "/", None),
            ("http://h?q", "", Some("q")),
            ("*", "*", None),
            ("/a b", "/a b", None),
        ] {
            let input = format!("GET {target} HTTP/1.1\n\n");
            let request = RawRequest::parse(input.as_bytes()).unwrap();
            assert_eq!((request.path(), request.query()), (path, query), "{target}");
        }
    }

    #[test]
    fn what_is_no_request_is_refused_with_its_line() {
        for input in [&b"GET"[..], b"GET /", b"GET / HTTP/2", b"G\xffT / HTTP/1.1", b"# text"] {
            assert_eq!(error(input), RawError::RequestLine);
        }
        assert_eq!(error(b""), RawError::Empty);
        assert_eq!(error(b"\r\n\n"), RawError::Empty);
        assert_eq!(error(b"GET a HTTP/1.1"), RawError::Target);
        assert_eq!(error(b"GET /\xff HTTP/1.1"), RawError::Target);
        assert_eq!(error(b"GET / HTTP/1.1\nA: b\nno colon\n"), RawError::HeaderLine(3));
        assert_eq!(error(b"GET / HTTP/1.1\nA : b\n"), RawError::HeaderLine(2));
        assert_eq!(error(b"GET / HTTP/1.1\nA: b\x00\n"), RawError::HeaderLine(2));
        assert_eq!(error(b"GET / HTTP/1.1\nA: b\n c\n"), RawError::FoldedLine(3));
        let chunked = b"GET / HTTP/1.1\nTransfer-Encoding: chunked\n\n0\r\n\r\n";
        assert_eq!(error(chunked), RawError::Chunked);
        let many: Vec<String> = (0..40_000).map(|number| format!("X-{number}: v\n")).collect();
        let many = format!("GET / HTTP/1.1\n{}", many.concat());
        assert!(matches!(error(many.as_bytes()), RawError::TooManyHeaders(_)));
    }
}
