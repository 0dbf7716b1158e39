//! A request head as the journal keeps it.

use std::borrow::Cow;
use std::sync::OnceLock;

use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Uri};

/// A request head in one piece of memory of its own.
///
/// The parts that hyper gives are slices of its read buffer: a kept header would keep all of that.
/// They are made anew when somebody looks.
#[derive(Debug)]
pub(crate) struct StoredHead {
    text: Box<[u8]>,
    parts: OnceLock<Box<Parts>>,
}

impl StoredHead {
    pub(crate) fn new(head: &Parts) -> Self {
        // Most targets are no more than this.
        let target = match (head.uri.authority(), head.uri.path_and_query()) {
            (None, Some(target)) => Cow::Borrowed(target.as_str()),
            _ => Cow::Owned(head.uri.to_string()),
        };
        let headers = head.headers.iter();
        let size =
            headers.map(|(name, value)| name.as_str().len() + value.len() + 2).sum::<usize>();
        let mut text = Vec::with_capacity(head.method.as_str().len() + target.len() + 2 + size);
        text.extend_from_slice(head.method.as_str().as_bytes());
        text.push(b' ');
        text.extend_from_slice(target.as_bytes());
        text.push(b'\n');
        for (name, value) in &head.headers {
            text.extend_from_slice(name.as_str().as_bytes());
            text.push(b':');
            text.extend_from_slice(value.as_bytes());
            text.push(b'\n');
        }
        Self { text: text.into_boxed_slice(), parts: OnceLock::new() }
    }

    /// How much memory it takes.
    pub(crate) fn size(&self) -> usize {
        self.text.len()
    }

    /// The head, made anew the first time.
    pub(crate) fn parts(&self) -> &Parts {
        let read = || self.read().unwrap_or_else(|| Request::new(()).into_parts().0);
        self.parts.get_or_init(|| Box::new(read()))
    }

    /// Neither a target nor a header holds a line feed, so the lines are what they were.
    fn read(&self) -> Option<Parts> {
        let mut lines = self.text.split(|c| *c == b'\n');
        let first = std::str::from_utf8(lines.next()?).ok()?;
        let (method, target) = first.split_once(' ')?;
        let mut headers = HeaderMap::new();
        for line in lines.filter(|line| !line.is_empty()) {
            let colon = line.iter().position(|c| *c == b':')?;
            let (name, value) = line.split_at(colon);
            let name = HeaderName::from_bytes(name).ok()?;
            headers.append(name, HeaderValue::from_bytes(value.get(1..)?).ok()?);
        }
        let (mut parts, ()) = Request::new(()).into_parts();
        parts.method = Method::from_bytes(method.as_bytes()).ok()?;
        parts.uri = target.parse::<Uri>().ok()?;
        parts.headers = headers;
        Some(parts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_comes_back_as_it_was() {
        for target in ["/v2/apps/%FF?a=b", "http://other.example/x", "host:443", "*"] {
            let request = Request::builder()
                .method("PATCH")
                .uri(target)
                .header("x-a", "1:2")
                .header("x-a", HeaderValue::from_bytes(b"\xe9 ").unwrap())
                .header("x-empty", "")
                .body(())
                .unwrap();
            let (head, ()) = request.into_parts();
            let stored = StoredHead::new(&head);
            let again = stored.parts();
            assert_eq!((&again.method, &again.uri), (&head.method, &head.uri));
            assert_eq!(again.headers, head.headers);
        }
    }
}
