//! What happens to a request, from top to bottom.

use std::borrow::Cow;
use std::sync::OnceLock;
use std::time::{Instant, SystemTime};

use bytes::Bytes;
use http::header::DATE;
use http::request::Parts;
use http::{HeaderValue, Response, StatusCode};
use hyper::ext::ReasonPhrase;
use rtc_model::error::CodeOrigin;
use rtc_model::{ApiError, ErrorCode, OperationId, wire};
use rtc_signer::Explanation;

use crate::auth::{Gatekeeper, Refusal, Verdict};
use crate::clock::Clock;
use crate::handlers::{Call, Service};
use crate::iam::{self, Account};
use crate::io::Received;
use crate::journal::{Journal, Record, StoredHead};
use crate::router;
use crate::throttle::Counter;

/// The largest target: 32 KB.
const MAX_TARGET: usize = 32 << 10;
/// The largest header: 32 KB.
const MAX_HEADER: usize = 32 << 10;
/// The largest header section: 128 KB.
const MAX_HEADERS: usize = 128 << 10;

/// The mock without its sockets.
pub(crate) struct Core {
    pub(crate) service: Service,
    pub(crate) gatekeeper: Gatekeeper,
    pub(crate) account: Account,
    pub(crate) throttle: Counter,
    pub(crate) journal: Journal,
    pub(crate) clock: Clock,
    /// The certificate that a client must trust, where the mock made its own.
    pub(crate) ca_pem: Option<String>,
}

impl Core {
    /// Answers a request and writes it into the journal.
    pub(crate) fn answer(&self, head: Parts, body: Received) -> Response<Bytes> {
        let started = Instant::now();
        let at = self.clock.now();
        let request_id = self.service.ids().request_id();
        let request_id = request_id.as_str();

        let mut found = Found { operation: None, verdict: Verdict::Unchecked };
        let mut response = match self.process(&mut found, &head, &body, at, request_id) {
            Ok(response) => response,
            Err(error) => refuse(error, request_id),
        };
        if let Some(date) = http_date(at) {
            response.headers_mut().insert(DATE, date);
        }

        let duration = started.elapsed();
        log(&found, &head, response.status(), request_id);
        self.journal.push(Record {
            id: 0,
            at,
            duration,
            operation: found.operation,
            verdict: found.verdict,
            head: StoredHead::new(&head),
            body: kept(body),
            status: response.status(),
            reply_headers: response.headers().clone(),
            reply_body: response.body().clone(),
            explanation: OnceLock::new(),
        });
        response
    }

    /// The answer, once what it tells of is on disk; a fault of the database (RTC.00002002) where
    /// that cannot be.
    pub(crate) async fn once_safe(&self, answer: Response<Bytes>) -> Response<Bytes> {
        if self.service.is_safe().await {
            return answer;
        }
        let request_id = self.service.ids().request_id();
        refuse(ApiError::documented(ErrorCode::DB_ERROR), request_id.as_str())
    }

    /// Whether the head alone is refused, so that its body need not be waited for.
    pub(crate) fn refuses_head(head: &Parts) -> bool {
        let (method, path) = (&head.method, head.uri.path());
        let is_known =
            OperationId::route(method, path).is_some() || iam::route(method, path).is_some();
        check_head(head).is_err() || !is_known
    }

    /// What can be known about the signature of a request in the journal.
    pub(crate) fn explain(&self, record: &Record) -> Explanation {
        self.gatekeeper.explain(record.head.parts(), &record.body, record.at)
    }

    /// The checks in the order that the contract has: limits of the head, route, limits of the
    /// body, credentials and project, throttling, then the operation itself (decision D31).
    fn process(
        &self,
        found: &mut Found,
        head: &Parts,
        body: &Received,
        at: SystemTime,
        request_id: &str,
    ) -> Result<Response<Bytes>, ApiError> {
        check_head(head)?;
        if let Some(route) = iam::route(&head.method, head.uri.path()) {
            let body = check_body(body)?;
            let (verdict, answer) = iam::answer(self, route, head, body, at, request_id);
            found.verdict = verdict;
            return answer;
        }
        let operation = OperationId::route(&head.method, head.uri.path())
            .ok_or_else(|| ApiError::documented(ErrorCode::GATEWAY_API_NOT_FOUND))?;
        found.operation = Some(operation);
        let body = check_body(body)?;
        let (verdict, project) = self.gatekeeper.admit(head, body, at);
        found.verdict = verdict;
        let project = project?;
        self.throttle.count(&project, operation.meta().group, at)?;
        let call = Call { project: &project, now: at };
        router::dispatch(operation, &self.service, &call, head, body, request_id)
    }
}

/// The body as the journal keeps it: in memory of its own, since what hyper gives is a slice of its
/// read buffer.
fn kept(body: Received) -> Bytes {
    match body {
        Received::Whole(body) => Bytes::copy_from_slice(&body),
        _ => Bytes::new(),
    }
}

/// What became known of a request on its way.
struct Found {
    operation: Option<OperationId>,
    verdict: Verdict,
}

fn check_head(head: &Parts) -> Result<(), ApiError> {
    let target = head.uri.path_and_query().map_or(0, |target| target.as_str().len());
    if target > MAX_TARGET {
        return Err(too_large(StatusCode::URI_TOO_LONG));
    }
    let sizes = head.headers.iter().map(|(name, value)| name.as_str().len() + value.len());
    let (largest, all) = sizes.fold((0, 0), |(largest, all), size| (size.max(largest), all + size));
    if largest > MAX_HEADER || all > MAX_HEADERS {
        // The gateway's own status, which is in no standard.
        let status =
            StatusCode::from_u16(494).unwrap_or(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE);
        let message = "Request headers too large.";
        return Err(ApiError::new(status, ErrorCode::GATEWAY_REQUEST_ERROR, message));
    }
    Ok(())
}

fn check_body(body: &Received) -> Result<&[u8], ApiError> {
    let broken = |status, reason: Cow<'_, str>| {
        let message = format!("API request error: {reason}");
        Err(ApiError::new(status, ErrorCode::GATEWAY_REQUEST_ERROR, message))
    };
    match body {
        Received::Whole(body) => Ok(body),
        Received::TooLarge => Err(too_large(StatusCode::PAYLOAD_TOO_LARGE)),
        Received::TooSlow => {
            broken(StatusCode::REQUEST_TIMEOUT, "the body did not arrive within 60 s".into())
        }
        Received::Broken(reason) => broken(StatusCode::BAD_REQUEST, reason.into()),
    }
}

fn too_large(status: StatusCode) -> ApiError {
    ApiError::documented_as(status, ErrorCode::GATEWAY_REQUEST_ERROR)
}

/// Bodies of the gateway carry the request id (decision D24).
fn refuse(error: ApiError, request_id: &str) -> Response<Bytes> {
    let error = match error.code().origin() {
        CodeOrigin::Gateway => error.with_request_id(request_id),
        _ => error,
    };
    let mut response = wire::encode_error(&error, request_id);
    if response.status().canonical_reason().is_none() {
        response
            .extensions_mut()
            .insert(ReasonPhrase::from_static(b"Request Header Fields Too Large"));
    }
    response
}

/// `Date` is of the mock's clock; a year that HTTP cannot write leaves it out.
fn http_date(at: SystemTime) -> Option<HeaderValue> {
    const YEAR_9999: u64 = 253_402_300_800;
    let seconds = at.duration_since(SystemTime::UNIX_EPOCH).ok()?.as_secs();
    (seconds < YEAR_9999).then(|| HeaderValue::from_str(&httpdate::fmt_http_date(at)).ok())?
}

/// One line a request, with the reason of a refusal; no headers, no bodies.
fn log(found: &Found, head: &Parts, status: StatusCode, request_id: &str) {
    let operation = found.operation.map_or("-", OperationId::as_str);
    let status = status.as_u16();
    let (method, path) = (&head.method, head.uri.path());
    match &found.verdict {
        Verdict::Refused(Refusal::Signature(error)) => {
            tracing::warn!(%method, path, operation, status, request_id, reason = %error, "signature refused");
        }
        Verdict::Refused(refusal) => {
            tracing::warn!(%method, path, operation, status, request_id, reason = %refusal, "credentials refused");
        }
        _ => tracing::info!(%method, path, operation, status, request_id, "answered"),
    }
}
