//! Paths and queries of the admin API.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use serde_json::json;

/// What stays as it is in a segment and in a value.
const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A path of these segments, whatever is in them.
pub(super) fn path<const N: usize>(segments: [&str; N]) -> String {
    let mut path = String::new();
    for segment in segments {
        path.push('/');
        path.extend(utf8_percent_encode(segment, KEPT));
    }
    path
}

/// The path with the project that is meant, if one is.
pub(super) fn with_project(path: String, project: Option<&str>) -> String {
    match project {
        Some(project) => format!("{path}?project_id={}", utf8_percent_encode(project, KEPT)),
        None => path,
    }
}

/// The filter as a query with its question mark, or nothing.
pub(super) fn query(filter: &impl Serialize) -> String {
    let fields = json!(filter);
    let fields = fields.as_object().into_iter().flatten();
    let pairs: Vec<_> = fields
        .map(|(name, value)| {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            format!("{name}={}", utf8_percent_encode(&value, KEPT))
        })
        .collect();
    if pairs.is_empty() { String::new() } else { format!("?{}", pairs.join("&")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::RequestFilter;

    #[test]
    fn a_filter_comes_back_out_of_its_query() {
        for text in [
            "{}",
            r#"{"operation":"CreateApp","status":"4xx","verdict":"refused","fault":"a-b","method":"PUT","path":"/v2/a b&c*","since_id":7,"since":"2024-03-15T08:15:30.250Z","until":"2024-03-15T08:15:31Z"}"#,
        ] {
            let filter: RequestFilter = serde_json::from_str(text).unwrap();
            let query = query(&filter);
            let read = RequestFilter::from_query(query.strip_prefix('?')).unwrap();
            assert_eq!(read, filter, "{query}");
        }
    }

    #[test]
    fn no_segment_leaves_its_place() {
        assert_eq!(path(["faults", "../a?b#c d%"]), "/faults/..%2Fa%3Fb%23c%20d%25");
    }
}
