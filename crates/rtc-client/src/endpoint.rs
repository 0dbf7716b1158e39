//! Reading the endpoint.

use http::Uri;
use http::uri::{PathAndQuery, Scheme};

use crate::BuildError;

/// Reads `[http[s]://]host[:port][/prefix]`; without a scheme it is `https`, as in the official
/// SDKs.
pub(crate) fn parse(text: &str) -> Result<Uri, BuildError> {
    let text = text.trim();
    // What stands before an @ may be a password: such a text is not repeated.
    if text.contains('@') {
        return Err(BuildError::Endpoint {
            endpoint: "(hidden)".into(),
            reason: "it holds an @; user names and passwords are not supported",
        });
    }
    // What follows the path may be one too, as in a signed URL.
    if let Some(path_end) = text.find(['?', '#']) {
        let shown = text.get(..=path_end).unwrap_or_default();
        return Err(BuildError::Endpoint {
            endpoint: format!("{shown}(hidden)"),
            reason: "it has a query or a fragment; remove what follows the path",
        });
    }
    let refuse = |reason| BuildError::Endpoint { endpoint: text.into(), reason };
    let full =
        if text.contains("://") { text.to_owned() } else { format!("{}://{text}", Scheme::HTTPS) };
    let uri: Uri = full.parse().map_err(|_| refuse("it is not a URL"))?;
    let scheme = match uri.scheme() {
        Some(scheme) if *scheme == Scheme::HTTP => Scheme::HTTP,
        Some(scheme) if *scheme == Scheme::HTTPS => Scheme::HTTPS,
        _ => return Err(refuse("its scheme is neither http nor https")),
    };
    let authority = uri.authority().ok_or_else(|| refuse("it names no host"))?;
    let host = authority.host();
    if host.is_empty() {
        return Err(refuse("it names no host"));
    }
    let port = authority.as_str().strip_prefix(host).unwrap_or_default();
    if !port.is_empty() && authority.port_u16().is_none_or(|port| port == 0) {
        return Err(refuse("its port is not a number from 1 to 65535"));
    }
    let prefix = PathAndQuery::try_from(uri.path()).map_err(|_| refuse("its path is not valid"))?;
    Uri::builder()
        .scheme(scheme)
        .authority(authority.clone())
        .path_and_query(prefix)
        .build()
        .map_err(|_| refuse("it is not a URL"))
}

/// Whether the endpoint needs TLS.
pub(crate) fn is_https(endpoint: &Uri) -> bool {
    endpoint.scheme() == Some(&Scheme::HTTPS)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_text_is_read_or_refused_and_what_is_read_reads_the_same_again(
            text in "(https?://)?[a-z\\[\\]:.@/?#%0-9é \\PC]{0,40}",
        ) {
            if let Ok(uri) = parse(&text) {
                prop_assert_eq!(parse(&uri.to_string()).unwrap(), uri);
            }
        }
    }

    #[test]
    fn an_endpoint_is_a_host_with_or_without_scheme_port_and_prefix() {
        for (text, uri) in [
            ("https://rtc-api.myhuaweicloud.com", "https://rtc-api.myhuaweicloud.com/"),
            ("rtc-api.myhuaweicloud.com", "https://rtc-api.myhuaweicloud.com/"),
            ("localhost:8443/base", "https://localhost:8443/base"),
            ("http://127.0.0.1:8470/a/b/", "http://127.0.0.1:8470/a/b/"),
            (" HTTP://[::1]:80 ", "http://[::1]:80/"),
            ("httpbin.example", "https://httpbin.example/"),
        ] {
            assert_eq!(parse(text).unwrap(), uri, "{text}");
            assert_eq!(parse(text).unwrap().scheme_str(), uri.split(':').next(), "{text}");
        }
    }

    #[test]
    fn other_texts_are_refused_with_the_reason() {
        for (text, reason) in [
            ("", "not a URL"),
            ("https://", "not a URL"),
            ("ftp://a.example", "scheme"),
            ("https://a b", "not a URL"),
            ("https://a.example/?x=1", "query"),
            ("https://a.example/#x", "fragment"),
            ("https://a.example:", "port"),
            ("https://a.example:0", "port"),
            ("https://a.example:65536", "port"),
            ("https://:80", "host"),
            ("/only/a/path", "not a URL"),
        ] {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.contains(reason), "{text:?}: {error}");
        }
    }

    #[test]
    fn what_may_be_a_secret_in_an_endpoint_is_not_repeated() {
        for text in [
            "https://user:s3cret@a.example",
            "https://a.example/b?token=s3cret",
            "https://a.example/b#s3cret",
            "https://a.example/b#s3cret?s3cret",
            "https://user:s3cret@a.example/?s3cret",
            "ftp://a b?s3cret",
        ] {
            let error = parse(text).unwrap_err();
            let shown = format!("{error} {error:?}");
            assert!(!shown.contains("s3cret") && shown.contains("(hidden)"), "{shown}");
        }
        let error = parse("https://a.example/b?token=s3cret").unwrap_err().to_string();
        assert!(error.contains(r#""https://a.example/b?(hidden)""#), "{error}");
    }
}
