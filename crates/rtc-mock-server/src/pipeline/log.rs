//! One line a request, with the reason of a refusal, which may quote a value; no headers else, and no
//! bodies.

use std::time::SystemTime;

use http::StatusCode;
use http::request::Parts;
use rtc_model::OperationId;
use rtc_signer::{Payload, SignableRequest, VerifyError};
use tracing::Level;

use super::{Core, Found};
use crate::auth::{Refusal, Verdict};
use crate::io::Received;

/// The mistake in a signature is not searched for in larger requests, in bytes: others wait.
const MAX_SEARCHED: usize = 16 * 1024;

impl Core {
    /// Writes the line.
    pub(super) fn log(
        &self,
        found: &Found,
        head: &Parts,
        body: &Received,
        at: SystemTime,
        status: Option<StatusCode>,
        request_id: &str,
    ) {
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
                let body = if let Received::Whole(body) = body { &**body } else { &[] };
                let looks = is_mismatch(refusal)
                    && tracing::enabled!(Level::WARN)
                    && size(head) + body.len() <= MAX_SEARCHED;
                let found = looks.then(|| {
                    let request = SignableRequest::from_parts(head, Payload::Bytes(body));
                    self.gatekeeper.explain(&request, Some(at), None)
                });
                let mistake = found.as_ref().and_then(|found| found.reason());
                let mistake = mistake.map(tracing::field::display);
                tracing::warn!(%method, path, operation, status, request_id, reason = %refusal, mistake, "{what}");
            }
            (_, Some(fault), _) => {
                let fault = &fault.spec;
                let reason = found.refusal.as_ref().map(tracing::field::display);
                tracing::info!(%method, path, operation, status, request_id, fault, reason, "answered by a fault");
            }
            (.., Some(refusal)) => {
                tracing::info!(%method, path, operation, status, request_id, reason = %refusal, "refused");
            }
            _ => tracing::info!(%method, path, operation, status, request_id, "answered"),
        }
    }
}

/// The bytes of the target and the headers.
fn size(head: &Parts) -> usize {
    let target = head.uri.path_and_query().map_or(0, |target| target.as_str().len());
    let headers = head.headers.iter();
    headers.fold(target, |all, (name, value)| all + name.as_str().len() + value.len())
}

/// Whether it takes a search to tell what is wrong.
fn is_mismatch(refusal: &Refusal) -> bool {
    matches!(refusal, Refusal::Signature(error) if matches!(**error, VerifyError::SignatureMismatch { .. }))
}
