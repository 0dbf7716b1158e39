//! Heads as the journal keeps them.

use std::borrow::Cow;
use std::sync::OnceLock;

use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Uri};

/// The heads of a request and of its answer, in one piece of memory of their own.
///
/// The parts that hyper gives are slices of its read buffer: a kept header would keep all of that.
/// They are made anew when somebody looks.
#[derive(Debug)]
pub(crate) struct StoredHeads {
    text: Box<[u8]>,
    /// Where the answer begins.
    reply_at: usize,
    request: OnceLock<Box<Parts>>,
    reply: OnceLock<Box<HeaderMap>>,
}

impl StoredHeads {
    pub(crate) fn new(request: &Parts, reply: &HeaderMap) -> Self {
        // Most targets are no more than this.
        let target = match (request.uri.authority(), request.uri.path_and_query()) {
            (None, Some(target)) => Cow::Borrowed(target.as_str()),
            _ => Cow::Owned(request.uri.to_string()),
        };
        let method = request.method.as_str();
        let reply_at = method.len() + target.len() + 2 + size(&request.headers);
        let mut text = Vec::with_capacity(reply_at + size(reply));
        text.extend_from_slice(method.as_bytes());
        text.push(b' ');
        text.extend_from_slice(target.as_bytes());
        text.push(b'\n');
        write(&request.headers, &mut text);
        write(reply, &mut text);
        let text = text.into_boxed_slice();
        Self { text, reply_at, request: OnceLock::new(), reply: OnceLock::new() }
    }

    /// How much memory they take.
    pub(crate) fn size(&self) -> usize {
        self.text.len()
    }

    /// The head of the request, made anew the first time.
    pub(crate) fn request(&self) -> &Parts {
        let read = || self.read_request().unwrap_or_else(|| Request::new(()).into_parts().0);
        self.request.get_or_init(|| Box::new(read()))
    }

    /// The headers of the answer, made anew the first time.
    pub(crate) fn reply(&self) -> &HeaderMap {
        let text = self.text.get(self.reply_at..).unwrap_or_default();
        self.reply.get_or_init(|| Box::new(read(text).unwrap_or_default()))
    }

    /// Neither a target nor a header holds a line feed, so the lines are what they were.
    fn read_request(&self) -> Option<Parts> {
        let text = self.text.get(..self.reply_at)?;
        let (first, headers) = text.split_at_checked(text.iter().position(|c| *c == b'\n')? + 1)?;
        let first = std::str::from_utf8(first).ok()?.strip_suffix('\n')?;
        let (method, target) = first.split_once(' ')?;
        let (mut parts, ()) = Request::new(()).into_parts();
        parts.method = Method::from_bytes(method.as_bytes()).ok()?;
        parts.uri = target.parse::<Uri>().ok()?;
        parts.headers = read(headers)?;
        Some(parts)
    }
}

/// How long headers are when they are written: each has a colon and a line feed.
fn size(headers: &HeaderMap) -> usize {
    headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 2).sum()
}

fn write(headers: &HeaderMap, text: &mut Vec<u8>) {
    for (name, value) in headers {
        text.extend_from_slice(name.as_str().as_bytes());
        text.push(b':');
        text.extend_from_slice(value.as_bytes());
        text.push(b'\n');
    }
}

fn read(text: &[u8]) -> Option<HeaderMap> {
    let mut headers = HeaderMap::new();
    for line in text.split(|c| *c == b'\n').filter(|line| !line.is_empty()) {
        let (name, value) = line.split_at_checked(line.iter().position(|c| *c == b':')?)?;
        let name = HeaderName::from_bytes(name).ok()?;
        headers.append(name, HeaderValue::from_bytes(value.get(1..)?).ok()?);
    }
    Some(headers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_come_back_as_they_were() {
        for target in
            ["/v2/apps/%FF?a=b", "/v2/apps/a\u{3000}", "http://other.example/x", "host:443", "*"]
        {
            let request = Request::builder()
                .method("PATCH")
                .uri(target)
                .header("x-a", "1:2")
                .header("x-a", HeaderValue::from_bytes(b"\xe9 ").unwrap())
                .header("x-empty", "")
                .body(())
                .unwrap();
            let (head, ()) = request.into_parts();
            let mut reply = HeaderMap::new();
            reply.append("x-b", HeaderValue::from_static("3"));
            reply.append("x-b", HeaderValue::from_static(""));
            let stored = StoredHeads::new(&head, &reply);
            let again = stored.request();
            assert_eq!(stored.reply(), &reply);
            assert_eq!(StoredHeads::new(&head, &HeaderMap::new()).reply(), &HeaderMap::new());
            assert_eq!((&again.method, &again.uri), (&head.method, &head.uri));
            assert_eq!(again.headers, head.headers);
        }
    }
}
