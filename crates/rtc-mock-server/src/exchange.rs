//! An exchange as people and tests look at it; made only when somebody looks.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use http::{HeaderMap, Method, StatusCode};
use rtc_model::OperationId;
use rtc_signer::Explanation;
use serde_json::Value;

use crate::auth::{Refusal, Verdict};
use crate::journal::Record;
use crate::mask::{self, Secrets};
use crate::pipeline::Core;

mod view;

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
        &self.record.heads.request().method
    }

    /// The target of the request, as it was on the wire: path and query, or the whole of it where
    /// it was in another form.
    pub fn target(&self) -> String {
        self.record.heads.request().uri.to_string()
    }

    /// The headers of the request.
    pub fn headers(&self) -> &HeaderMap {
        &self.record.heads.request().headers
    }

    /// The body of the request.
    pub fn body(&self) -> &[u8] {
        &self.record.body
    }

    /// What was found of the credentials.
    pub fn verdict(&self) -> &Verdict {
        &self.record.verdict
    }

    /// The status of the answer; `None` when a fault let no answer be made.
    pub fn status(&self) -> Option<StatusCode> {
        self.record.status
    }

    /// The headers of the answer.
    pub fn reply_headers(&self) -> &HeaderMap {
        self.record.heads.reply()
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

    /// The fault that decided on the answer, in the words of `--fault`; `None` when none did.
    pub fn fault(&self) -> Option<&str> {
        self.record.fault.as_ref().map(|fault| fault.spec.as_str())
    }

    /// The exchange as JSON, secrets masked; bodies that are no UTF-8 in base64.
    pub fn to_json(&self) -> Value {
        // Nothing of it has a key that is no text, which is all that could go wrong.
        serde_json::to_value(self.view(usize::MAX, Secrets::Masked)).unwrap_or_default()
    }

    pub(crate) fn record(&self) -> &Record {
        &self.record
    }

    /// The target without secrets.
    fn shown_target(&self) -> String {
        let uri = &self.record.heads.request().uri;
        match uri.query() {
            Some(query) => format!("{}?{}", uri.path(), mask::query(query)),
            None => self.target(),
        }
    }

    fn explain(&self) -> &Explanation {
        self.record.explanation.get_or_init(|| Box::new(self.core.explain(&self.record)))
    }
}

/// One line: number, method, target, operation, status.
impl fmt::Display for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let operation = self.operation().map_or("no operation", OperationId::as_str);
        let (id, method, target) = (self.id(), self.method(), self.shown_target());
        write!(f, "#{id} {method} {target} ({operation}): ")?;
        match self.status() {
            Some(status) => write!(f, "{}", status.as_u16())?,
            None => f.write_str("no answer")?,
        }
        if let Some(fault) = self.fault() {
            write!(f, ", by the fault {fault}")?;
        }
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
