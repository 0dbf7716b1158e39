//! One line a request, with the reason of a refusal; no headers, no bodies.

use std::sync::OnceLock;
use std::time::SystemTime;

use http::StatusCode;
use http::request::Parts;
use rtc_model::OperationId;
use rtc_signer::{Explanation, Payload, SignableRequest, VerifyError};
use tracing::Level;

use super::{Core, Found};
use crate::auth::{Refusal, Verdict};
use crate::io::Received;

/// What is found of a signature, once somebody looks.
pub(super) type Explained = OnceLock<Box<Explanation>>;

impl Core {
    /// Writes the line. Where it tells of a mistake in a signature, what was found is handed on to
    /// the journal, which need not search for it again.
    pub(super) fn log(
        &self,
        found: &Found,
        head: &Parts,
        body: &Received,
        at: SystemTime,
        status: Option<StatusCode>,
        request_id: &str,
    ) -> Explained {
        let explained = Explained::new();
        let operation = found.operation.map_or("-", OperationId::as_str);
        // 0 where there is no answer.
        let status = status.map_or(0, |status| status.as_u16());
        let (method, path) = (&head.method, head.uri.path());
        match (&found.verdict, &found.fault, &found.refusal) {
            (Verdict::Refused(refusal), ..) => {
                let what = match refusal {
                    Refusal::Signature(_) => "signature refused",
                    _ => "credentials refused",
                };
                let mistake = if is_mismatch(refusal) && tracing::enabled!(Level::WARN) {
                    let body = if let Received::Whole(body) = body { &**body } else { &[] };
                    let request = SignableRequest::from_parts(head, Payload::Bytes(body));
                    let found = self.gatekeeper.explain(&request, Some(at), None);
                    explained.get_or_init(|| Box::new(found)).reason()
                } else {
                    None
                };
                let mistake = mistake.map(tracing::field::display);
                tracing::warn!(%method, path, operation, status, request_id, reason = %refusal, mistake, "{what}");
            }
            (_, Some(fault), _) => {
                let fault = &fault.spec;
                tracing::info!(%method, path, operation, status, request_id, fault, "answered by a fault");
            }
            (.., Some(refusal)) => {
                tracing::info!(%method, path, operation, status, request_id, reason = %refusal, "refused");
            }
            _ => tracing::info!(%method, path, operation, status, request_id, "answered"),
        }
        explained
    }
}

/// Whether it takes a search to tell what is wrong.
fn is_mismatch(refusal: &Refusal) -> bool {
    matches!(refusal, Refusal::Signature(error) if matches!(**error, VerifyError::SignatureMismatch { .. }))
}
