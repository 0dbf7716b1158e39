//! What happens to a request, from top to bottom.

mod log;

use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;
use http::header::{DATE, HOST, RETRY_AFTER};
use http::request::Parts;
use http::{Response, StatusCode, Version};
use hyper::ext::ReasonPhrase;
use rtc_model::error::CodeOrigin;
use rtc_model::record_callback::UpdateRecordCallback;
use rtc_model::{ApiError, ErrorCode, Operation as _, OperationId, wire};
use rtc_signer::{Explanation, Payload, SignableRequest};

use crate::admin::AdminToken;
use crate::auth::{Gatekeeper, Verdict};
use crate::clock::LiveClock;
use crate::events::{Event, Events};
use crate::fault::{Act, FaultKind, FaultTime, Faults, Script};
use crate::handlers::{Call, Service};
use crate::http_date::http_date;
use crate::iam::{self, Account};
use crate::io::Received;
use crate::journal::{FaultMark, Journal, Record, StoredHeads};
use crate::metrics::{Asked, Metrics};
use crate::origin::Origin;
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
    pub(crate) clock: LiveClock,
    pub(crate) events: Events,
    pub(crate) faults: Faults,
    pub(crate) metrics: Metrics,
    pub(crate) origin: Origin,
    /// Where the API listens.
    pub(crate) url: String,
    /// What the admin API asks for, where it is open to other machines.
    pub(crate) admin_token: Option<AdminToken>,
    /// The certificate that a client must trust, where the mock made its own.
    pub(crate) ca_pem: Option<String>,
}

impl Core {
    /// Answers a request and writes it into the journal. Only faults let this wait.
    pub(crate) async fn answer(&self, head: &Parts, body: Received) -> Answer {
        let started = Instant::now();
        let at = self.clock.now();
        let request_id = self.service.ids().request_id();
        let request_id = request_id.as_str();

        let mut found = Found::default();
        let mut answer = match self.process(&mut found, head, &body, at, request_id).await {
            Ok(answer) => answer,
            Err(error) => Some(found.refuse(error, request_id)),
        };
        // What it tells of is on disk before anybody is told, the journal too.
        if self.service.is_kept() && !Box::pin(self.service.is_safe()).await {
            let error = ApiError::documented(ErrorCode::DB_ERROR);
            answer = Some(found.refuse(error, request_id));
        }
        let answer = answer.map(|mut answer| {
            // `Date` is of the mock's clock.
            if let Some(date) = http_date(at) {
                answer.headers_mut().insert(DATE, date);
            }
            if let Some(seconds) = found.retry_after {
                answer.headers_mut().insert(RETRY_AFTER, seconds.into());
            }
            answer
        });

        let duration = started.elapsed().saturating_sub(found.waited);
        let status = answer.as_ref().map(Response::status);
        self.log(&found, head, &body, at, status, request_id);
        self.metrics.count(asked(&found, head), status, duration, &found.verdict);
        let script = found.spoilt.map(|(kind, random)| Script::new(&kind, random, answer.as_ref()));
        let answer = answer.unwrap_or_default();
        let id = self.journal.push(Record {
            id: 0,
            at,
            duration,
            operation: found.operation,
            verdict: found.verdict,
            heads: StoredHeads::new(head, answer.headers()),
            body: kept(body),
            status,
            reply_body: answer.body().clone(),
            fault: found.fault,
            explanation: OnceLock::new(),
        });
        self.events.tell(Event::Exchange(id));
        Answer { response: answer, script }
    }

    /// Whether the head alone is refused, so that its body need not be waited for.
    pub(crate) fn refuses_head(head: &Parts) -> bool {
        let (method, path) = (&head.method, head.uri.path());
        let is_known =
            OperationId::route(method, path).is_some() || iam::route(method, path).is_some();
        check_head(head).is_err() || !is_known
    }

    /// Whether the switch for [`probe`](Self::probe) is on, and the operation one that it is for.
    fn probes(&self, operation: OperationId) -> bool {
        operation == OperationId::UpdateRecordCallback && self.service.probes()
    }

    /// Refuses a callback whose URL cannot be reached (decision D4). What else is wrong with the
    /// request is told first, by the operation itself.
    async fn probe(&self, call: &Call<'_>, head: &Parts, body: &[u8]) -> Result<(), ApiError> {
        let Ok(update) = wire::decode_request::<UpdateRecordCallback>(head, body) else {
            return Ok(());
        };
        let is_known = self.service.read().entry(call.project, &update.app_id).is_ok();
        if !is_known || update.validate().is_err() {
            return Ok(());
        }
        let reached = self.service.deliveries().reach(&update.body.url).await;
        reached.map_err(|reason| {
            ApiError::of(ErrorCode::URL_UNAVAILABLE, format_args!("url: {reason}"))
        })
    }

    /// What can be known about the signature of a request in the journal.
    pub(crate) fn explain(&self, record: &Record) -> Explanation {
        self.explain_with(record, None)
    }

    /// The same with the client's own canonical request, if it is given, compared.
    pub(crate) fn explain_with(&self, record: &Record, client: Option<&str>) -> Explanation {
        let request =
            SignableRequest::from_parts(record.heads.request(), Payload::Bytes(&record.body));
        self.gatekeeper.explain(&request, Some(record.at), client)
    }

    /// The checks in the order that the contract has: limits of the head, route, limits of the
    /// body, credentials and project, throttling, faults, then the operation itself (decision D31).
    /// `None` when a fault lets no answer be made.
    async fn process(
        &self,
        found: &mut Found,
        head: &Parts,
        body: &Received,
        at: SystemTime,
        request_id: &str,
    ) -> Result<Option<Response<Bytes>>, ApiError> {
        check_head(head)?;
        if let Some(route) = iam::route(&head.method, head.uri.path()) {
            let body = check_body(body)?;
            let mut verdict = Verdict::default();
            let run = || {
                let (found, answer) = iam::answer(self, route, head, body, at, request_id);
                verdict = found;
                answer
            };
            let run = self.run(found, Asked::Iam, head, None::<std::future::Ready<_>>, run);
            let answer = Box::pin(run).await;
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

        let probe = self.probes(operation).then(|| Box::pin(self.probe(&call, head, body)));
        let run = || router::dispatch(operation, &self.service, &call, head, body, request_id);
        self.run(found, Asked::Operation(operation), head, probe, run).await
    }

    /// Makes the answer, with the faults that strike, once `first` has let it. `None` when a fault
    /// lets no answer be made.
    ///
    /// What few requests wait for is boxed: the future of every request has room for it otherwise,
    /// and is moved with all its room.
    async fn run(
        &self,
        found: &mut Found,
        asked: Asked,
        head: &Parts,
        first: Option<impl Future<Output = Result<(), ApiError>> + Unpin>,
        run: impl FnOnce() -> Result<Response<Bytes>, ApiError>,
    ) -> Result<Option<Response<Bytes>>, ApiError> {
        let plan = self.faults.plan(asked, head);
        found.fault = plan.mark;
        if !plan.before.is_zero() {
            Box::pin(found.wait(plan.before)).await;
        }
        let after = match plan.act {
            Some((FaultTime::Before, act)) => {
                found.spoil(act)?;
                return Ok(None);
            }
            Some((FaultTime::After, act)) => Some(act),
            None => None,
        };
        let let_in = match first {
            Some(first) => first.await,
            None => Ok(()),
        };
        let answer = let_in.and_then(|()| run());
        if !plan.after.is_zero() {
            Box::pin(found.wait(plan.after)).await;
        }
        if let Some(act) = after {
            found.spoil(act)?;
        }
        answer.map(Some)
    }
}

/// What the counts name a request by.
fn asked(found: &Found, head: &Parts) -> Asked {
    match found.operation {
        Some(operation) => Asked::Operation(operation),
        None if iam::route(&head.method, head.uri.path()).is_some() => Asked::Iam,
        None => Asked::Nothing,
    }
}

/// An answer, and what a fault makes of it.
pub(crate) struct Answer {
    pub(crate) response: Response<Bytes>,
    /// What goes over the connection instead of the response, which is then not sent.
    pub(crate) script: Option<Script>,
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
#[derive(Default)]
struct Found {
    operation: Option<OperationId>,
    verdict: Verdict,
    fault: Option<Arc<FaultMark>>,
    /// How long faults let it wait.
    waited: Duration,
    retry_after: Option<u64>,
    /// The error that is answered. Boxed, since the future of every request has room for it.
    refusal: Option<Box<ApiError>>,
    /// What happens to the bytes of the answer.
    spoilt: Option<(FaultKind, u64)>,
}

impl Found {
    async fn wait(&mut self, delay: Duration) {
        let since = Instant::now();
        tokio::time::sleep(delay).await;
        self.waited += since.elapsed();
    }

    /// The answer of an error, whose text the log gives as the reason.
    fn refuse(&mut self, error: ApiError, request_id: &str) -> Response<Bytes> {
        let response = refuse(&error, request_id);
        self.refusal = Some(Box::new(error));
        response
    }

    fn spoil(&mut self, act: Act) -> Result<(), ApiError> {
        match act {
            Act::Refuse(error, retry_after) => {
                self.retry_after = retry_after;
                Err(error)
            }
            Act::Stream(kind, random) => {
                self.spoilt = Some((kind, random));
                Ok(())
            }
        }
    }
}

fn check_head(head: &Parts) -> Result<(), ApiError> {
    let hosts = head.headers.get_all(HOST).iter().count();
    if hosts > 1 || (hosts == 0 && head.version > Version::HTTP_10) {
        return Err(broken(StatusCode::BAD_REQUEST, "there must be one Host header"));
    }
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
    match body {
        Received::Whole(body) => Ok(body),
        Received::TooLarge => Err(too_large(StatusCode::PAYLOAD_TOO_LARGE)),
        Received::TooSlow => {
            Err(broken(StatusCode::REQUEST_TIMEOUT, "the body did not arrive within 60 s"))
        }
        Received::Broken(reason) => Err(broken(StatusCode::BAD_REQUEST, reason)),
    }
}

fn broken(status: StatusCode, reason: &str) -> ApiError {
    let message = format!("API request error: {reason}");
    ApiError::new(status, ErrorCode::GATEWAY_REQUEST_ERROR, message)
}

fn too_large(status: StatusCode) -> ApiError {
    ApiError::documented_as(status, ErrorCode::GATEWAY_REQUEST_ERROR)
}

/// Bodies of the gateway carry the request id (decision D24).
fn refuse(error: &ApiError, request_id: &str) -> Response<Bytes> {
    let mut response = match error.code().origin() {
        CodeOrigin::Gateway => {
            wire::encode_error(&error.clone().with_request_id(request_id), request_id)
        }
        _ => wire::encode_error(error, request_id),
    };
    if response.status().canonical_reason().is_none() {
        response
            .extensions_mut()
            .insert(ReasonPhrase::from_static(b"Request Header Fields Too Large"));
    }
    response
}
