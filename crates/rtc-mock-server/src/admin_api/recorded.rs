//! An exchange of the journal as the admin API shows it.

use rtc_model::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::journal::VerdictKind;

/// An exchange as the admin API shows it: secrets are masked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct RecordedExchange {
    /// The number of the exchange; the first one is 1.
    pub id: u64,
    /// When the request came, by the mock's clock.
    pub time: Timestamp,
    /// How long the work took, in microseconds of real time, without the delays of faults.
    pub duration_us: u64,
    /// The operation; absent when method and path are none of the API.
    #[serde(default)]
    pub operation: Option<String>,
    /// What came.
    pub request: RecordedRequest,
    /// What was answered; absent when a fault let no answer be made. With a fault it is the answer
    /// that was made, whatever the fault sent of it.
    #[serde(default)]
    pub reply: Option<RecordedReply>,
    /// What was found of the credentials.
    pub verdict: RecordedVerdict,
    /// The fault that decided on the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<RecordedFault>,
}

/// A request as the admin API shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct RecordedRequest {
    /// The method.
    pub method: String,
    /// The path, as it was on the wire.
    pub path: String,
    /// The query, as it was on the wire.
    #[serde(default)]
    pub query: Option<String>,
    /// The headers: pairs of name and value.
    pub headers: Vec<(String, String)>,
    /// The body, if it is UTF-8.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// The body in base64, if it is not UTF-8.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body_base64: Option<String>,
    /// The length of a body that is too large for a list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body_bytes: Option<usize>,
}

/// An answer as the admin API shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct RecordedReply {
    /// The status.
    pub status: u16,
    /// The headers: pairs of name and value.
    pub headers: Vec<(String, String)>,
    /// The body, if it is UTF-8.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// The body in base64, if it is not UTF-8.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body_base64: Option<String>,
    /// The length of a body that is too large for a list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body_bytes: Option<usize>,
}

/// What was found of credentials.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct RecordedVerdict {
    /// In one word.
    pub result: VerdictKind,
    /// What was right: `signature` or `token`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// The access key that signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access_key: Option<String>,
    /// The tolerance that the signature needed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tolerance: Option<String>,
    /// Why the credentials were refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What can be known about a refused signature, in several lines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub explanation: Option<String>,
    /// The canonical request that the mock computed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub canonical_request: Option<String>,
    /// The string to sign that the mock computed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub string_to_sign: Option<String>,
}

impl RecordedVerdict {
    pub(crate) fn of(result: VerdictKind) -> Self {
        Self {
            result,
            by: None,
            access_key: None,
            tolerance: None,
            reason: None,
            explanation: None,
            canonical_request: None,
            string_to_sign: None,
        }
    }
}

/// The fault that an exchange met.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct RecordedFault {
    /// Its id.
    pub id: String,
    /// The fault in the words of `--fault`.
    pub spec: String,
}
