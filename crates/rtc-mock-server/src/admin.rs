//! The admin API: what the operator of the mock sees and does. It has a listener of its own, is
//! outside faults, signatures and the journal, and describes itself (`openapi --admin`).

use std::sync::Arc;

use bytes::Bytes;
use http::header::{ALLOW, CONTENT_TYPE, HeaderValue, X_CONTENT_TYPE_OPTIONS};
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming;
use rtc_model::query::QueryReader;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::watch;

use self::routes::{Endpoint, Found, ROUTES};
use crate::admin_api::Problem;
use crate::pipeline::Core;

pub(crate) use self::access::AdminToken;
pub(crate) use self::body::ReplyBody;
pub(crate) use self::events::told;
pub use self::explain::ExplainError;
pub(crate) use self::explain::explain;
pub use self::openapi::openapi_admin;

mod access;
mod body;
mod deliveries;
mod events;
mod explain;
mod faults;
mod journal;
mod openapi;
mod operate;
mod page;
mod routes;

/// Why the mock is not well.
const NOT_KEPT: &str = "the state can no longer be written to the data directory; see the log";
/// The largest body that is read: a state of some 10,000 apps.
const MAX_BODY: usize = 16 << 20;

/// A request to an endpoint.
pub(crate) struct AdminCall {
    /// The segments of the path that stand in braces.
    pub(crate) path: Vec<String>,
    pub(crate) query: Option<String>,
    pub(crate) body: Bytes,
}

impl AdminCall {
    /// A segment in braces.
    fn segment(&self, place: usize) -> &str {
        self.path.get(place).map(String::as_str).unwrap_or_default()
    }

    /// A parameter of the query that is `true` or `false`; `false` where it is left out.
    fn flag(&self, name: &'static str) -> Result<bool, Refused> {
        let text = QueryReader::new(self.query.as_deref()).text(name);
        match text.map_err(|error| Refused::bad(error.to_string()))?.as_deref() {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(_) => Err(Refused::bad(format!("{name} is true or false"))),
        }
    }

    /// The body as a message; an absent one is an empty object.
    fn read<T: DeserializeOwned>(&self) -> Result<T, Refused> {
        let body = if self.body.is_empty() { b"{}" } else { &*self.body };
        let mut reader = serde_json::Deserializer::from_slice(body);
        let read = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
            let (path, error) = (error.path().to_string(), error.into_inner());
            Refused::bad(if path == "." { error.to_string() } else { format!("{path}: {error}") })
        })?;
        reader.end().map_err(|error| Refused::bad(error.to_string()))?;
        Ok(read)
    }
}

/// Why a request is refused.
#[derive(Debug)]
pub(crate) struct Refused {
    status: StatusCode,
    error: String,
}

impl Refused {
    pub(crate) fn new(status: StatusCode, error: impl Into<String>) -> Self {
        Self { status, error: error.into() }
    }

    fn bad(error: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, error)
    }

    fn reply(self) -> Response<ReplyBody> {
        reply(self.status, &Problem { error: self.error })
    }
}

/// An answer, or why there is none.
type Outcome = Result<Response<ReplyBody>, Refused>;

/// Answers a request to the admin API.
pub(crate) async fn answer(
    core: Arc<Core>,
    stop: watch::Receiver<bool>,
    request: Request<Incoming>,
) -> Response<ReplyBody> {
    let mut answer = try_answer(core, stop, request).await.unwrap_or_else(Refused::reply);
    // What a client sent must not be taken for a page.
    let headers = answer.headers_mut();
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    answer
}

async fn try_answer(
    core: Arc<Core>,
    stop: watch::Receiver<bool>,
    request: Request<Incoming>,
) -> Outcome {
    let (head, body) = request.into_parts();
    let found = routes::find(&head.method, head.uri.path());
    let token = core.admin_token.as_ref();
    // An open health check lets a container be asked without the token, and the page asks for it.
    let open =
        matches!(found, Found::Endpoint(Endpoint::Health | Endpoint::Page | Endpoint::Asset, _));
    if !(open && token.is_some()) {
        access::check(&head.headers, token)?;
    }
    let (endpoint, path) = match found {
        Found::Endpoint(endpoint, path) => (endpoint, path),
        Found::OtherMethods(methods) => {
            let methods = methods.join(", ");
            let error = format!("{} has {methods}", head.uri.path());
            let mut refused = Refused::new(StatusCode::METHOD_NOT_ALLOWED, error).reply();
            if let Ok(methods) = HeaderValue::from_str(&methods) {
                refused.headers_mut().insert(ALLOW, methods);
            }
            return Ok(refused);
        }
        Found::Nothing => {
            let rows: Vec<_> = ROUTES.iter().map(|r| format!("{} {}", r.method, r.path)).collect();
            let error = format!("there is no such path; there are {}", rows.join(", "));
            return Err(Refused::new(StatusCode::NOT_FOUND, error));
        }
    };
    let body = Limited::new(body, MAX_BODY).collect().await.map_err(|error| {
        Refused::new(StatusCode::PAYLOAD_TOO_LARGE, format!("the body cannot be read: {error}"))
    })?;
    let query = head.uri.query().map(str::to_owned);
    let call = AdminCall { path, query, body: body.to_bytes() };
    if endpoint == Endpoint::WaitForRequests {
        return journal::wait(&core, stop, &call).await;
    }
    if endpoint == Endpoint::FlushDeliveries {
        return deliveries::flush(&core).await;
    }
    let advances = endpoint == Endpoint::AdvanceClock;
    let settling = advances.then(|| Arc::clone(&core));
    if endpoint == Endpoint::WatchEvents {
        return events::stream(core, stop).await;
    }
    let service = endpoint.changes_state().then(|| Arc::clone(&core));
    // Explanations and large journals take their time; the API is not to wait for them.
    let answer = tokio::task::spawn_blocking(move || run(&core, endpoint, &call)).await;
    if let Some(core) = service
        && matches!(answer, Ok(Ok(_)))
        && !core.service.is_safe().await
    {
        let error = format!("what was changed is lost with the end of the mock: {NOT_KEPT}");
        return Err(Refused::new(StatusCode::INTERNAL_SERVER_ERROR, error));
    }
    if let Some(core) = settling {
        // The notifications of what fell due are part of it; one that takes too long goes on alone.
        core.settled(deliveries::PATIENCE).await;
    }
    answer.unwrap_or_else(|_| {
        let error = "the answer could not be made; see the log";
        Err(Refused::new(StatusCode::INTERNAL_SERVER_ERROR, error))
    })
}

fn run(core: &Arc<Core>, endpoint: Endpoint, call: &AdminCall) -> Outcome {
    match endpoint {
        Endpoint::Health => operate::health(core),
        Endpoint::Info => operate::info(core),
        Endpoint::ApiDocument => Ok(reply(StatusCode::OK, &crate::openapi::openapi())),
        Endpoint::AdminDocument => Ok(reply(StatusCode::OK, &openapi_admin())),
        Endpoint::Metrics => operate::metrics(core),
        Endpoint::ShowCa => operate::ca(core),
        Endpoint::ShowState => operate::show_state(core, call),
        Endpoint::SetState => operate::set_state(core, call),
        Endpoint::Reset => operate::reset(core, call),
        Endpoint::ListRequests => journal::list(core, call),
        Endpoint::ClearRequests => journal::clear(core),
        Endpoint::CountRequests => journal::count(core, call),
        Endpoint::VerifyRequests => journal::verified(core, call),
        Endpoint::ShowRequest => journal::show(core, call),
        Endpoint::ExplainSignature => explain::answer(core, call),
        Endpoint::ShowClock => operate::show_clock(core),
        Endpoint::SetClock => operate::set_clock(core, call),
        Endpoint::AdvanceClock => operate::advance_clock(core, call),
        Endpoint::ListFaults => faults::list(core),
        Endpoint::ReplaceFaults => faults::replace(core, call),
        Endpoint::AddFault => faults::add(core, call),
        Endpoint::ClearFaults => faults::clear(core),
        Endpoint::ShowFault => faults::show(core, call),
        Endpoint::SetFault => faults::set(core, call),
        Endpoint::RemoveFault => faults::remove(core, call),
        Endpoint::JoinRoom => operate::presence(core, call, crate::handlers::Presence::Joins),
        Endpoint::LeaveRoom => operate::presence(core, call, crate::handlers::Presence::Leaves),
        Endpoint::Subscribe => operate::subscribe(core, call),
        Endpoint::FailJob => operate::fail_job(core, call),
        Endpoint::ListDeliveries => deliveries::list(core, call),
        Endpoint::ClearDeliveries => deliveries::clear(core),
        Endpoint::ShowDelivery => deliveries::show(core, call),
        Endpoint::Redeliver => deliveries::redeliver(core, call),
        Endpoint::PauseDeliveries => deliveries::set_paused(core, true),
        Endpoint::ResumeDeliveries => deliveries::set_paused(core, false),
        Endpoint::Page => page::asset("index.html"),
        Endpoint::Asset => page::asset(call.segment(0)),
        // They are answered above, without a thread of their own.
        Endpoint::WaitForRequests | Endpoint::WatchEvents | Endpoint::FlushDeliveries => {
            Err(Refused::bad("this endpoint waits"))
        }
    }
}

#[expect(clippy::unnecessary_wraps, reason = "what every endpoint gives")]
fn ok(body: &impl Serialize) -> Outcome {
    Ok(reply(StatusCode::OK, body))
}

fn reply(status: StatusCode, body: &impl Serialize) -> Response<ReplyBody> {
    // No message has a key that is no text, which is all that could go wrong.
    let body = serde_json::to_vec(body).unwrap_or_default();
    let mut response = Response::new(ReplyBody::from(Bytes::from(body)));
    *response.status_mut() = status;
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, json);
    response
}
