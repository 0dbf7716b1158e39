//! The admin API: health, facts about the server, and the journal.
//!
//! | request | answer |
//! |---|---|
//! | `GET /health` | `{"status":"ok"}` |
//! | `GET /info` | version, operations, clock |
//! | `GET /requests` | the exchanges in the journal, oldest first; secrets masked |
//! | `GET /requests/{id}` | one exchange |

use std::sync::Arc;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Method, Response, StatusCode, Uri};
use rtc_model::{OperationId, Timestamp};
use serde_json::{Value, json};

use crate::exchange::Exchange;
use crate::pipeline::Core;

/// Answers a request to the admin API.
pub(crate) fn answer(core: &Arc<Core>, method: &Method, uri: &Uri) -> Response<Bytes> {
    if method != Method::GET {
        return error(StatusCode::METHOD_NOT_ALLOWED, "the admin API takes GET");
    }
    match uri.path().trim_start_matches('/').split('/').collect::<Vec<_>>().as_slice() {
        ["health"] => reply(StatusCode::OK, &json!({ "status": "ok" })),
        ["info"] => reply(StatusCode::OK, &info(core)),
        ["requests"] => reply(StatusCode::OK, &requests(core)),
        ["requests", id] => match id.parse().ok().and_then(|id| core.journal.record(id)) {
            Some(record) => {
                reply(StatusCode::OK, &Exchange::new(Arc::clone(core), record).to_json())
            }
            None => error(StatusCode::NOT_FOUND, "no exchange with that number is in the journal"),
        },
        _ => error(
            StatusCode::NOT_FOUND,
            "unknown path; there are /health, /info, /requests and /requests/{id}",
        ),
    }
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
        .map(|record| Exchange::new(Arc::clone(core), record).to_json())
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
