//! The closed list of mistakes that are tried.

use std::fmt;

use crate::tolerance::Tolerance;

/// A mistake that leads to exactly the signature that was sent.
///
/// Each is tried by itself, in the order of this list. `Display` says what to change.
///
/// ```
/// use std::time::UNIX_EPOCH;
/// use rtc_signer::http::Request;
/// use rtc_signer::{Credentials, Hypothesis, Payload, Reason, SignableRequest, Signer, Verifier};
///
/// let credentials = Credentials::new("AK", "SK");
/// let (mut parts, ()) = Request::post("http://localhost/v2/apps").body(())?.into_parts();
/// let (signed, sent) = (br#"{"app_name":"demo"}"#, br#"{"app_name": "demo"}"#);
/// Signer::new(credentials.clone()).sign_parts(&mut parts, Payload::Bytes(signed), UNIX_EPOCH)?;
///
/// let arrived = SignableRequest::from_parts(&parts, Payload::Bytes(sent));
/// let explanation = Verifier::new().with_key(credentials).explain(&arrived, None, None);
/// assert_eq!(explanation.reason(), Some(&Reason::Hypothesis(Hypothesis::BodyCompacted)));
/// assert!(Hypothesis::BodyCompacted.to_string().contains("was signed without spaces"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Hypothesis {
    /// A deviation of an official SDK that this verifier could accept but is set not to.
    ToleranceSwitchedOff(Tolerance),
    /// `host` was signed without the port that the request carries.
    HostWithoutPort {
        /// The host as signed.
        signed: String,
    },
    /// `host` was signed as `X-Forwarded-Host` says, so a proxy has changed `Host`.
    HostBeforeProxy {
        /// The host as signed.
        signed: String,
    },
    /// `host` was signed as another one than was sent.
    ///
    /// Tried are the sent host with the default ports 80 and 443, for a host of this machine
    /// `localhost`, `127.0.0.1` and `[::1]` with each port and without, and the hosts that the
    /// verifier [was told of](crate::Verifier::with_other_hosts).
    OtherHost {
        /// The host as signed.
        signed: String,
    },
    /// The path was signed without a slash at its end.
    NoTrailingSlash,
    /// The path was encoded twice.
    PathEncodedTwice,
    /// The path was signed as it stands on the wire.
    PathAsOnWire,
    /// The path was decoded and not encoded again.
    PathNotEncoded,
    /// The query was not sorted.
    QueryUnsorted,
    /// The query was sorted as joined texts `key=value`, not by key and then by value.
    QuerySortedAsText,
    /// A raw `+` in the query was signed as a plus, `%2B`, but means a space.
    PlusKept,
    /// A space in the query was signed as `+`, not as `%20`.
    SpaceAsPlus,
    /// The hash of an empty body was signed, but the request has a body.
    EmptyPayloadHash,
    /// `UNSIGNED-PAYLOAD` was signed, but `X-Sdk-Content-Sha256` does not say so.
    UnsignedPayload,
    /// The hash of the body was signed, but `X-Sdk-Content-Sha256` says `UNSIGNED-PAYLOAD`.
    PayloadHeaderIgnored,
    /// The spaces round a header's value were signed too.
    ///
    /// They are taken as they stand in the request. Where a library dropped them, when it sent the
    /// request or, as hyper does, when it read it, two at most on either side of one value are
    /// guessed.
    HeaderValuesUntrimmed,
    /// The signature was made with the secret of another key that the verifier knows.
    OtherKey {
        /// The access key that belongs to the secret.
        access_key: String,
    },
    /// The body was signed with a line feed at its end, but sent without.
    BodyWithNewline,
    /// The body was signed without the line feed at its end.
    BodyWithoutNewline,
    /// The JSON body was signed without spaces, but sent with some.
    BodyCompacted,
    /// The JSON body was signed with a space after each `:` and `,`, but sent otherwise.
    BodySpaced,
    /// The JSON body was signed with `\u` escapes in place of characters outside ASCII, as Python's
    /// `json.dumps` writes them; its tokens parted as in the body that was sent, or as in
    /// [`BodyCompacted`](Self::BodyCompacted) or [`BodySpaced`](Self::BodySpaced).
    BodyEscaped,
    /// The first line of the string to sign was another algorithm's name.
    AlgorithmLabel {
        /// The name as signed; empty if the line was empty.
        signed: String,
    },
}

impl fmt::Display for Hypothesis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fixed = match self {
            Self::ToleranceSwitchedOff(tolerance) => return switched_off(f, *tolerance),
            Self::HostWithoutPort { signed } => {
                let rest = "without the port that was sent; sign Host exactly as it is sent";
                return host(f, signed, rest);
            }
            Self::HostBeforeProxy { signed } => {
                let rest = "which is what X-Forwarded-Host says; let the proxy pass Host on \
                    unchanged, or sign the host that the server sees";
                return host(f, signed, rest);
            }
            Self::OtherHost { signed } => {
                let rest = "but another was sent; sign Host exactly as it is sent, with the port \
                    if it has one";
                return host(f, signed, rest);
            }
            Self::OtherKey { access_key } => {
                return write!(
                    f,
                    "the signature was made with the secret key of `{access_key}`; use the SK \
                     that belongs to the AK"
                );
            }
            Self::AlgorithmLabel { signed } => {
                return write!(
                    f,
                    "the string to sign begins with `{signed}`; begin it with the algorithm that \
                     the Authorization header names"
                );
            }
            Self::NoTrailingSlash => {
                "the path was signed without a slash at its end; append `/` to the canonical path \
                 (not to the path that is sent) where it is missing"
            }
            Self::PathEncodedTwice => {
                "the path was encoded twice; percent-encode the decoded path once"
            }
            Self::PathAsOnWire => {
                "the path was signed as it stands on the wire; decode it and encode every \
                 character but letters, digits and `-._~/` with upper-case hex"
            }
            Self::PathNotEncoded => {
                "the path was signed decoded; encode every character but letters, digits and \
                 `-._~/`"
            }
            Self::QueryUnsorted => {
                "the query was signed in the order in which it was sent; sort the pairs by key, \
                 then by value"
            }
            Self::QuerySortedAsText => {
                "the query was sorted as joined texts `key=value`; sort the pairs by key, then by \
                 value, and join them afterwards"
            }
            Self::PlusKept => {
                "a raw `+` in the query was signed as `%2B`, but stands for a space; send `%2B` \
                 for a plus"
            }
            Self::SpaceAsPlus => "a space in the query was signed as `+`; sign it as `%20`",
            Self::EmptyPayloadHash => {
                "the hash of an empty body was signed, but the request has a body; sign the hash \
                 of the body that is sent"
            }
            Self::UnsignedPayload => {
                "UNSIGNED-PAYLOAD was signed in place of the body's hash, but the request does \
                 not say so; send and sign `X-Sdk-Content-Sha256: UNSIGNED-PAYLOAD`"
            }
            Self::PayloadHeaderIgnored => {
                "the hash of the body was signed, but X-Sdk-Content-Sha256 says \
                 UNSIGNED-PAYLOAD; sign the header's value, or do not send the header"
            }
            Self::HeaderValuesUntrimmed => {
                "the spaces round a header's value were signed too; trim the values"
            }
            Self::BodyWithNewline => {
                "the body was signed with a line feed at its end, but sent without; sign the \
                 bytes that are sent"
            }
            Self::BodyWithoutNewline => {
                "the body was signed without the line feed at its end, but sent with it; sign the \
                 bytes that are sent"
            }
            Self::BodyCompacted => {
                "the JSON body was signed without spaces, but sent with some; serialize once, \
                 sign those bytes and send them"
            }
            Self::BodySpaced => {
                "the JSON body was signed with a space after each `:` and `,`, but sent \
                 otherwise; serialize once, sign those bytes and send them"
            }
            Self::BodyEscaped => {
                "the JSON body was signed with `\\u` escapes for characters outside ASCII, but \
                 sent with the characters; serialize once, sign those bytes and send them"
            }
        };
        f.write_str(fixed)
    }
}

fn switched_off(f: &mut fmt::Formatter<'_>, tolerance: Tolerance) -> fmt::Result {
    write!(
        f,
        "the signature has the known deviation {tolerance} of an official SDK, which this verifier \
         is set not to accept; allow it, or {}",
        advice(tolerance)
    )
}

fn host(f: &mut fmt::Formatter<'_>, signed: &str, rest: &str) -> fmt::Result {
    write!(f, "`host` was signed as `{signed}`, {rest}")
}

/// How a client gets along without a tolerance.
const fn advice(tolerance: Tolerance) -> &'static str {
    match tolerance {
        Tolerance::PathNotDecoded => "decode the path before it is encoded for signing",
        Tolerance::TrailingSlashesStripped => "keep the slashes at the end of the path",
        Tolerance::ValuesInWireOrder => "sort the values of a key",
        Tolerance::Utf16Order => "sort the query by its UTF-8 bytes",
        Tolerance::SortedAfterEncoding => "sort the query before it is encoded",
    }
}
