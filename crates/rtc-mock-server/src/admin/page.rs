//! The inspector: a page and its files. They hold nothing of anybody, so they need no token; what
//! the page shows it asks of the admin API.

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue};
use http::{Response, StatusCode};

use crate::admin::{Outcome, Refused, ReplyBody};

/// Nothing from another host, nothing inline, and no text may become markup or code.
const POLICY: &str = "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

/// What a browser is told with each file.
const HEADERS: [(HeaderName, HeaderValue); 5] = [
    (http::header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
    (http::header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("same-origin"),
    ),
    // The files change with the program.
    (CACHE_CONTROL, HeaderValue::from_static("no-cache")),
];

struct Asset {
    name: &'static str,
    media_type: &'static str,
    text: &'static str,
}

macro_rules! assets {
    ($($name:literal $media_type:literal,)*) => {
        const ASSETS: &[Asset] = &[$(Asset {
            name: $name,
            media_type: $media_type,
            text: include_str!(concat!("../../assets/", $name)),
        }),*];
    };
}

assets! {
    "index.html" "text/html; charset=utf-8",
    "icon.svg" "image/svg+xml",
    "inspector.css" "text/css; charset=utf-8",
    "inspector.js" "text/javascript; charset=utf-8",
    "api.js" "text/javascript; charset=utf-8",
    "dom.js" "text/javascript; charset=utf-8",
    "list.js" "text/javascript; charset=utf-8",
    "detail.js" "text/javascript; charset=utf-8",
    "signature.js" "text/javascript; charset=utf-8",
    "snippets.js" "text/javascript; charset=utf-8",
    "panels.js" "text/javascript; charset=utf-8",
    "deliveries.js" "text/javascript; charset=utf-8",
}

/// A file of the page by its name.
pub(super) fn asset(name: &str) -> Outcome {
    let found = ASSETS.iter().find(|asset| asset.name == name);
    let asset = found
        .ok_or_else(|| Refused::new(StatusCode::NOT_FOUND, "the inspector has no such file"))?;
    let mut response = Response::new(ReplyBody::from(Bytes::from_static(asset.text.as_bytes())));
    let headers = response.headers_mut();
    headers.extend(HEADERS);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(asset.media_type));
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_is_small_and_names_no_other_host() {
        let size: usize = ASSETS.iter().map(|asset| asset.text.len()).sum();
        assert!(size < 60_000, "{size} bytes");
        for asset in ASSETS {
            // The name of the format of drawings is no address that is asked.
            let text = asset.text.replace("http://www.w3.org/2000/svg", "");
            for other in ["http://", "https://", "//cdn"] {
                let quoted = text.lines().find(|line| line.contains(other));
                assert_eq!(quoted, None, "{}", asset.name);
            }
        }
    }

    #[test]
    fn text_never_becomes_markup_or_code() {
        for asset in ASSETS {
            for way in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("] {
                assert!(!asset.text.contains(way), "{}: {way}", asset.name);
            }
        }
        let page = ASSETS.iter().find(|asset| asset.name == "index.html").unwrap().text;
        for inline in ["<style", " style=", " onclick=", " onload=", "javascript:"] {
            assert!(!page.contains(inline), "{inline}");
        }
        assert_eq!(
            page.matches("<script").count(),
            page.matches("<script type=\"module\" src=").count()
        );
    }

    #[test]
    fn every_file_that_a_file_names_is_there() {
        for asset in ASSETS {
            let ends = [".js\"", ".css\"", ".svg\""];
            let named = asset
                .text
                .split_inclusive('"')
                .filter(|part| ends.iter().any(|end| part.ends_with(end)) && !part.contains(' '));
            for name in named {
                let name = name.trim_end_matches('"');
                let name = name.trim_start_matches("./").trim_start_matches("assets/");
                assert!(ASSETS.iter().any(|asset| asset.name == name), "{}: {name}", asset.name);
            }
        }
    }
}
