//! What can be known about a signature.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Asks what can be known about a signature: of an exchange in the journal, or of a request that is
/// given. `Debug` shows neither the request nor keys.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "a message that callers write")]
pub struct Explain {
    /// The number of an exchange in the journal; or else `request`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<u64>,
    /// A request as it stands on the wire in HTTP/1.1; its lines may end in CR LF or LF.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<String>,
    /// The client's own canonical request, to be compared; its lines may be parted by `|`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub canonical_request: Option<String>,
    /// With `request`: the access key; without one the keys that the mock knows are used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access_key: Option<String>,
    /// With `access_key`: its secret key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_key: Option<String>,
    /// With `request`: the time at which its age is judged (RFC 3339); without one it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub now: Option<String>,
}

impl fmt::Debug for Explain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Explain").field("id", &self.id).finish_non_exhaustive()
    }
}

/// What can be known about a signature.
///
/// **Keep it from strangers**: the expected signature is a valid one for the request. Tokens are
/// masked. `Debug` shows no signature and no canonical request.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Explained {
    /// What was read of the request.
    pub request: RequestRead,
    /// `accepted` or `refused`.
    pub verdict: String,
    /// The algorithm that the request names.
    #[serde(default)]
    pub algorithm: Option<String>,
    /// The access key that the request names.
    #[serde(default)]
    pub access_key: Option<String>,
    /// The canonical request that the mock computed.
    #[serde(default)]
    pub canonical_request: Option<String>,
    /// The string to sign that the mock computed.
    #[serde(default)]
    pub string_to_sign: Option<String>,
    /// The signature that the mock computed, where it knows the access key.
    #[serde(default)]
    pub expected_signature: Option<String>,
    /// The signature that was sent.
    #[serde(default)]
    pub given_signature: Option<String>,
    /// The tolerance that was needed.
    #[serde(default)]
    pub tolerance: Option<String>,
    /// Why it is refused, in words.
    #[serde(default)]
    pub reason: Option<String>,
    /// What kind of reason that is.
    #[serde(default)]
    pub reason_kind: Option<ReasonKind>,
    /// All of it in words, in several lines.
    pub explanation: String,
    /// The first line in which the client's canonical request differs, in words.
    #[serde(default)]
    pub difference: Option<String>,
    /// Both canonical requests line by line, where the client's was given and the mock has one.
    #[serde(default)]
    pub comparison: Option<Vec<ComparedLine>>,
}

impl fmt::Debug for Explained {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Explained")
            .field("request", &self.request)
            .field("verdict", &self.verdict)
            .field("reason_kind", &self.reason_kind)
            .finish_non_exhaustive()
    }
}

/// What was read of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct RequestRead {
    /// The method.
    pub method: String,
    /// The path.
    pub path: String,
    /// The query.
    #[serde(default)]
    pub query: Option<String>,
    /// How many headers it has.
    pub headers: usize,
    /// How many bytes of body it has.
    pub body_bytes: usize,
    /// How many bytes follow the body that `Content-Length` announces.
    pub surplus_bytes: usize,
}

/// How sure the reason of a refusal is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum ReasonKind {
    /// It is certain.
    Exact,
    /// A client with this mistake would send this very signature.
    Hypothesis,
    /// The client's canonical request differs.
    Difference,
    /// The client's canonical request is the mock's: the key or the string to sign differs.
    Same,
    /// No mistake that is known leads to the signature.
    Unknown,
}

/// A line of both canonical requests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct ComparedLine {
    /// The mock's; absent where only the client has a line.
    #[serde(default)]
    pub ours: Option<String>,
    /// The client's; absent where only the mock has a line.
    #[serde(default)]
    pub theirs: Option<String>,
    /// Whether both are the same.
    pub same: bool,
}
