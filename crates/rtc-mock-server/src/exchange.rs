//! An exchange as people and tests look at it; made only when somebody looks.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, Method, StatusCode};
use rtc_model::{OperationId, Timestamp};
use rtc_signer::Explanation;
use serde_json::{Value, json};

use crate::auth::{Refusal, Verdict};
use crate::journal::Record;
use crate::mask;
use crate::pipeline::Core;

/// A request that the mock received, with the answer that it gave.
///
/// Cheap to clone. The accessors give what was on the wire; [`to_json`](Self::to_json) and
/// `Display` are for people and hold no secrets.
#[derive(Clone)]
pub struct Exchange {
    core: Arc<Core>,
    record: Arc<Record>,
}

impl Exchange {
    pub(crate) fn new(core: Arc<Core>, record: Arc<Record>) -> Self {
        Self { core, record }
    }

    /// The number of the exchange; the first one is 1.
    pub fn id(&self) -> u64 {
        self.record.id
    }

    /// When the request came, by the mock's clock.
    pub fn received_at(&self) -> SystemTime {
        self.record.at
    }

    /// How long the work took.
    pub fn duration(&self) -> Duration {
        self.record.duration
    }

    /// The operation; `None` when method and path are none of the API.
    pub fn operation(&self) -> Option<OperationId> {
        self.record.operation
    }

    /// The method of the request.
    pub fn method(&self) -> &Method {
        &self.record.head.parts().method
    }

    /// The target of the request, as it was on the wire: path and query, or the whole of it where
    /// it was in another form.
    pub fn target(&self) -> String {
        self.record.head.parts().uri.to_string()
    }

    /// The headers of the request.
    pub fn headers(&self) -> &HeaderMap {
        &self.record.head.parts().headers
    }

    /// The body of the request.
    pub fn body(&self) -> &[u8] {
        &self.record.body
    }

    /// What was found of the credentials.
    pub fn verdict(&self) -> &Verdict {
        &self.record.verdict
    }

    /// The status of the answer.
    pub fn status(&self) -> StatusCode {
        self.record.status
    }

    /// The headers of the answer.
    pub fn reply_headers(&self) -> &HeaderMap {
        &self.record.reply_headers
    }

    /// The body of the answer.
    pub fn reply_body(&self) -> &[u8] {
        &self.record.reply_body
    }

    /// What can be known about a refused signature, in several lines; `None` when no signature was
    /// refused.
    pub fn explanation(&self) -> Option<String> {
        matches!(self.verdict(), Verdict::Refused(Refusal::Signature(_)))
            .then(|| mask::quoted(self.headers(), &self.explain().to_string()))
    }

    /// The exchange as JSON, secrets masked; bodies that are no UTF-8 in base64.
    pub fn to_json(&self) -> Value {
        self.json(usize::MAX)
    }

    /// The same without bodies that are larger than `max_body`: only their length is told.
    pub(crate) fn json(&self, max_body: usize) -> Value {
        let record = &*self.record;
        let head = record.head.parts();
        let mut request = json!({
            "method": head.method.as_str(),
            "path": head.uri.path(),
            "query": head.uri.query().map(mask::query),
            "headers": headers(&head.headers),
        });
        self.add_body(&mut request, &record.body, max_body);
        let mut reply = json!({
            "status": record.status.as_u16(),
            "headers": headers(&record.reply_headers),
        });
        self.add_body(&mut reply, &record.reply_body, max_body);
        json!({
            "id": record.id,
            "time": Timestamp::from(record.at),
            "duration_us": u64::try_from(record.duration.as_micros()).unwrap_or(u64::MAX),
            "operation": record.operation.map(OperationId::as_str),
            "request": request,
            "reply": reply,
            "verdict": self.verdict_json(),
        })
    }

    fn add_body(&self, message: &mut Value, bytes: &[u8], max_body: usize) {
        let (name, value) = if bytes.len() > max_body {
            ("body_bytes", Value::from(bytes.len()))
        } else if let Some(text) = mask::body(self.headers(), bytes) {
            ("body", Value::from(text))
        } else {
            ("body_base64", Value::from(STANDARD.encode(bytes)))
        };
        message[name] = value;
    }

    fn verdict_json(&self) -> Value {
        match self.verdict() {
            Verdict::Unchecked => json!({ "result": "unchecked" }),
            Verdict::Token => json!({ "result": "accepted", "by": "token" }),
            Verdict::Signed { access_key, tolerance } => json!({
                "result": "accepted",
                "by": "signature",
                "access_key": &**access_key,
                "tolerance": tolerance.map(rtc_signer::Tolerance::as_str),
            }),
            Verdict::Refused(Refusal::Signature(error)) => {
                let explanation = self.explain();
                let text = |text: &str| mask::quoted(self.headers(), text);
                json!({
                    "result": "refused",
                    "reason": text(&error.to_string()),
                    "explanation": text(&explanation.to_string()),
                    "canonical_request": explanation.canonical_request().map(text),
                    "string_to_sign": explanation.string_to_sign().map(text),
                })
            }
            Verdict::Refused(refusal) => {
                json!({ "result": "refused", "reason": refusal.to_string() })
            }
        }
    }

    fn explain(&self) -> &Explanation {
        self.record.explanation.get_or_init(|| Box::new(self.core.explain(&self.record)))
    }
}

fn headers(headers: &HeaderMap) -> Value {
    headers
        .iter()
        .map(|(name, value)| json!([name.as_str(), mask::header(name, value.as_bytes())]))
        .collect()
}

/// One line: number, method, target, operation, status.
impl fmt::Display for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let operation = self.operation().map_or("no operation", OperationId::as_str);
        let (id, method, target) = (self.id(), self.method(), self.target());
        write!(f, "#{id} {method} {target} ({operation}): {}", self.status().as_u16())?;
        match self.verdict() {
            Verdict::Refused(refusal) => write!(f, ", {refusal}"),
            _ => Ok(()),
        }
    }
}

impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Exchange({self})")
    }
}
