//! The admin API: health, facts about the server, and the journal.
//!
//! | request | answer |
//! |---|---|
//! | `GET /health` | `{"status":"ok"}` |
//! | `GET /info` | version, operations, clock |
//! | `GET /openapi.json` | the OpenAPI document of the API |
//! | `GET /ca.pem` | the certificate that signed the mock's own, with `--tls-self-signed` |
//! | `GET /requests` | the exchanges in the journal, oldest first; secrets masked, bodies over 64 KB left out |
//! | `GET /requests/{id}` | one exchange |
//! | `PUT /apps/{app_id}/rooms/{room_id}/users/{user_id}` | a user joins a room |
//! | `DELETE /apps/{app_id}/rooms/{room_id}/users/{user_id}` | a user leaves a room |
//!
//! The last two take `?project_id=`, for an app id that several projects have.

use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HOST, HeaderValue};
use http::request::Parts;
use http::uri::Authority;
use http::{Method, Response, StatusCode};
use percent_encoding::percent_decode_str;
use rtc_model::query::QueryReader;
use rtc_model::validate::{Field, Validate as _};
use rtc_model::{AppId, OperationId, RoomId, Timestamp, UserId};
use serde_json::{Value, json};

use crate::exchange::Exchange;
use crate::handlers::Presence;
use crate::pipeline::Core;

/// In the list of exchanges larger bodies are left out; each exchange by itself has them.
const MAX_LISTED_BODY: usize = 64 << 10;

/// Answers a request to the admin API.
pub(crate) fn answer(core: &Arc<Core>, head: &Parts) -> Response<Bytes> {
    if !is_loopback(head) {
        return error(
            StatusCode::FORBIDDEN,
            "the Host names another machine; ask for localhost or a loopback address",
        );
    }
    let method = if head.method == Method::HEAD { &Method::GET } else { &head.method };
    let segments: Vec<_> = head.uri.path().trim_start_matches('/').split('/').collect();
    match (method, segments.as_slice()) {
        (&Method::GET, ["health"]) => reply(StatusCode::OK, &json!({ "status": "ok" })),
        (&Method::GET, ["info"]) => reply(StatusCode::OK, &info(core)),
        (&Method::GET, ["openapi.json"]) => reply(StatusCode::OK, &crate::openapi::openapi()),
        (&Method::GET, ["ca.pem"]) => ca(core),
        (&Method::GET, ["requests"]) => reply(StatusCode::OK, &requests(core)),
        (&Method::GET, ["requests", id]) => {
            match id.parse().ok().and_then(|id| core.journal.record(id)) {
                Some(record) => {
                    reply(StatusCode::OK, &Exchange::new(Arc::clone(core), record).to_json())
                }
                None => {
                    error(StatusCode::NOT_FOUND, "no exchange with that number is in the journal")
                }
            }
        }
        (&Method::PUT, ["apps", app, "rooms", room, "users", user]) => {
            presence(core, head, [app, room, user], Presence::Joins)
        }
        (&Method::DELETE, ["apps", app, "rooms", room, "users", user]) => {
            presence(core, head, [app, room, user], Presence::Leaves)
        }
        _ => error(
            StatusCode::NOT_FOUND,
            "unknown path or method; there are GET /health, /info, /openapi.json, /ca.pem, /requests, /requests/{id}, and PUT or DELETE /apps/{app_id}/rooms/{room_id}/users/{user_id}",
        ),
    }
}

/// A page of another host whose name was made to lead here must not read the journal (DNS
/// rebinding). A request without Host is no browser's.
fn is_loopback(head: &Parts) -> bool {
    let Some(host) = head.headers.get(HOST) else { return true };
    let Some(authority) = host.to_str().ok().and_then(|host| host.parse::<Authority>().ok()) else {
        return false;
    };
    let host = authority.host().trim_matches(['[', ']']);
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// What is answered when an answer could not be made.
pub(crate) fn fault() -> Response<Bytes> {
    error(StatusCode::INTERNAL_SERVER_ERROR, "the answer could not be made; see the log")
}

/// A user joins or leaves a room.
fn presence(core: &Core, head: &Parts, path: [&str; 3], presence: Presence) -> Response<Bytes> {
    let project = match QueryReader::new(head.uri.query()).text("project_id") {
        Ok(project) => project,
        Err(refusal) => return error(StatusCode::BAD_REQUEST, &refusal.to_string()),
    };
    let [app, room, user] = path.map(|segment| percent_decode_str(segment).decode_utf8_lossy());
    let (room, user) = (RoomId::from(&*room), UserId::from(&*user));
    let valid = room
        .validate(&Field::ROOT.name("room_id"))
        .and_then(|()| user.validate(&Field::ROOT.name("user_id")));
    if let Err(violation) = valid {
        return error(StatusCode::BAD_REQUEST, &violation.to_string());
    }
    let now = core.clock.now();
    match core.service.set_presence(
        project.as_deref(),
        &AppId::from(&*app),
        room,
        user,
        presence,
        now,
    ) {
        Ok(changed) => reply(StatusCode::OK, &json!({ "changed": changed })),
        Err(refusal) => error(refusal.status(), refusal.message()),
    }
}

fn ca(core: &Core) -> Response<Bytes> {
    let Some(pem) = &core.ca_pem else {
        return error(StatusCode::NOT_FOUND, "there is no CA; see --tls-self-signed");
    };
    let mut response = Response::new(Bytes::from(pem.clone()));
    let media_type = HeaderValue::from_static("application/x-pem-file");
    response.headers_mut().insert(CONTENT_TYPE, media_type);
    response
}

fn info(core: &Core) -> Value {
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "operations": OperationId::ALL.iter().map(|id| id.as_str()).collect::<Vec<_>>(),
        "auth": core.gatekeeper.mode().to_string(),
        "clock": core.clock.to_string(),
        "time": Timestamp::from(core.clock.now()),
        "apps": core.service.read().app_count(),
    })
}

fn requests(core: &Arc<Core>) -> Value {
    let records = core.journal.records();
    let requests: Vec<_> = records
        .into_iter()
        .map(|record| Exchange::new(Arc::clone(core), record).json(MAX_LISTED_BODY))
        .collect();
    json!({ "count": requests.len(), "requests": requests })
}

fn error(status: StatusCode, message: &str) -> Response<Bytes> {
    reply(status, &json!({ "error": message }))
}

fn reply(status: StatusCode, body: &Value) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body.to_string()));
    *response.status_mut() = status;
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, json);
    response
}
