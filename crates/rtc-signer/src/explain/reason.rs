//! The reasons, typed.

use std::error::Error;
use std::fmt;

use super::Hypothesis;
use crate::error::{VerifyError, VerifyErrorKind};

/// Why a request was refused; `Display` says what to change.
///
/// ```
/// use std::time::UNIX_EPOCH;
/// use rtc_signer::http::Request;
/// use rtc_signer::{Credentials, Part, Payload, Reason, SignableRequest, Signer, Verifier};
///
/// let signer = Signer::new(Credentials::new("AK", "a secret that nobody knows"));
/// let (mut parts, ()) = Request::get("http://localhost/v2/apps?limit=10").body(())?.into_parts();
/// signer.sign_parts(&mut parts, Payload::Bytes(b""), UNIX_EPOCH)?;
///
/// let verifier = Verifier::new().with_key(Credentials::new("AK", "SK"));
/// let arrived = SignableRequest::from_parts(&parts, Payload::Bytes(b""));
/// assert_eq!(verifier.explain(&arrived, None, None).reason(), Some(&Reason::NoneMatches));
///
/// // With the canonical request of the client, here its beginning:
/// let explanation = verifier.explain(&arrived, None, Some("GET|/v2/apps/|limit=11"));
/// let (ours, theirs) = (Some("limit=10".to_owned()), Some("limit=11".to_owned()));
/// let difference = Reason::FirstDifference { line: 3, part: Part::Query, ours, theirs };
/// assert_eq!(explanation.reason(), Some(&difference));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// A reason that is certain.
    Exact {
        /// Which one.
        kind: VerifyErrorKind,
        /// The words of the [`VerifyError`] and its sources.
        text: String,
    },
    /// The signature is the one that a client with this mistake would send.
    Hypothesis(Hypothesis),
    /// The client's canonical request differs in this line, and in none before it.
    ///
    /// The values of headers that hold secrets (`authorization`, `cookie`, `x-auth-token`,
    /// `x-security-token`) are replaced by `***`.
    FirstDifference {
        /// The number of the line, from 1.
        line: usize,
        /// What stands in that line.
        part: Part,
        /// The verifier's line; `None` if its text ends before.
        ours: Option<String>,
        /// The client's line; `None` if its text ends before.
        theirs: Option<String>,
    },
    /// The client's canonical request is the verifier's, and the signature still differs.
    SameCanonicalRequest,
    /// No mistake that is known leads to the signature.
    NoneMatches,
}

impl Reason {
    pub(super) fn exact(error: &VerifyError) -> Self {
        let mut text = error.to_string();
        let mut source = error.source();
        while let Some(cause) = source {
            text.push_str(": ");
            text.push_str(&cause.to_string());
            source = cause.source();
        }
        Self::Exact { kind: error.kind(), text }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact { text, .. } => f.write_str(text),
            Self::Hypothesis(hypothesis) => hypothesis.fmt(f),
            Self::FirstDifference { line, part, ours, theirs } => {
                write!(f, "the canonical requests differ first in line {line}, {part}")?;
                write_line(f, "\n  server: ", ours.as_deref())?;
                write_line(f, "\n  client: ", theirs.as_deref())?;
                f.write_str("\nmake the client's line like the server's")
            }
            Self::SameCanonicalRequest => f.write_str(
                "the client's canonical request is the same as the server's: the secret key or \
                 the string to sign differs; check the SK, the algorithm's name and that the \
                 string holds the same X-Sdk-Date as the header",
            ),
            Self::NoneMatches => f.write_str(
                "none of the known mistakes leads to this signature: the secret key is wrong, or \
                 the request was changed on its way; check the SK, or compare the client's \
                 canonical request with the server's",
            ),
        }
    }
}

/// What a line of the canonical request holds; [`Reason`] has an example.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Part {
    /// The method.
    Method,
    /// The path.
    Path,
    /// The query.
    Query,
    /// One signed header.
    Header {
        /// Its name.
        name: String,
    },
    /// The empty line after the headers.
    EmptyLine,
    /// The list of signed headers.
    SignedHeaders,
    /// The hash of the body, or what stands in for it.
    Payload,
    /// Text after the last line.
    Surplus,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Method => f.write_str("the method"),
            Self::Path => f.write_str("the path"),
            Self::Query => f.write_str("the query"),
            Self::Header { name } => write!(f, "the header {name}"),
            Self::EmptyLine => f.write_str("the empty line after the headers"),
            Self::SignedHeaders => f.write_str("the list of signed headers"),
            Self::Payload => f.write_str("the payload hash"),
            Self::Surplus => f.write_str("after the end"),
        }
    }
}

/// The longest piece of a line that is shown.
const SHOWN: usize = 300;

fn write_line(f: &mut fmt::Formatter<'_>, label: &str, line: Option<&str>) -> fmt::Result {
    f.write_str(label)?;
    match line {
        None => f.write_str("(ends before)"),
        Some(line) => match line.char_indices().nth(SHOWN) {
            None => f.write_str(line),
            Some((end, _)) => write!(f, "{}…", line.get(..end).unwrap_or_default()),
        },
    }
}
