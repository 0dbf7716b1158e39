//! What the operator does by the admin API.

use std::sync::Arc;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{HeaderMap, Response, StatusCode};
use rtc_model::query::QueryReader;
use rtc_model::{ApiError, AppId, JobId, OperationId, RoomId, Timestamp, UserId};

use crate::admin::{AdminCall, NOT_KEPT, Outcome, Refused, ReplyBody, ok};
use crate::admin_api::{
    Advance, Changed, ClockStatus, Happened, Health, Info, Reset, ResetPart, SetClock, Subscription,
};
use crate::clock::{Clock, ClockError};
use crate::fixture::{Fixture, FixtureError};
use crate::handlers::Presence;
use crate::mask;
use crate::metrics::openmetrics;
use crate::pipeline::Core;

/// The media type of `OpenMetrics` text.
pub(super) const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

pub(super) fn health(core: &Core) -> Outcome {
    if core.service.has_failed() {
        return Err(Refused::new(StatusCode::SERVICE_UNAVAILABLE, NOT_KEPT));
    }
    ok(&Health { status: "ok".to_owned() })
}

pub(super) fn info(core: &Core) -> Outcome {
    ok(&Info {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        operations: OperationId::ALL.iter().map(|id| id.as_str().to_owned()).collect(),
        url: core.url.clone(),
        auth: core.gatekeeper.mode().to_string(),
        clock: core.clock.setting().to_string(),
        time: Timestamp::from(core.clock.now()),
        apps: core.service.read().app_count(),
        seed: core.origin.seed.number(),
    })
}

pub(super) fn metrics(core: &Arc<Core>) -> Outcome {
    let text = openmetrics(core)
        .map_err(|error| Refused::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()))?;
    Ok(text_reply(text, OPENMETRICS))
}

pub(super) fn ca(core: &Core) -> Outcome {
    let pem = core.ca_pem.clone().ok_or_else(|| {
        Refused::new(StatusCode::NOT_FOUND, "there is no CA; see --tls-self-signed")
    })?;
    Ok(text_reply(pem, "application/x-pem-file"))
}

fn text_reply(text: String, media_type: &'static str) -> Response<ReplyBody> {
    let mut response = Response::new(ReplyBody::from(Bytes::from(text)));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    response
}

/// Secrets of the account are in it, or it could not be put back; who only looks leaves them out.
pub(super) fn show_state(core: &Core, call: &AdminCall) -> Outcome {
    let mut state = Fixture::of(&core.service.read()).to_json();
    if call.flag("masked")? {
        mask::mask_value(&mut state, &HeaderMap::new());
    }
    ok(&state)
}

pub(super) fn set_state(core: &Core, call: &AdminCall) -> Outcome {
    let wrong = |error: FixtureError| Refused::new(StatusCode::BAD_REQUEST, error.to_string());
    let fixture = Fixture::from_json(&String::from_utf8_lossy(&call.body)).map_err(wrong)?;
    core.hold(&fixture).map_err(wrong)?;
    ok(&Changed { changed: true })
}

pub(super) fn reset(core: &Core, call: &AdminCall) -> Outcome {
    let wanted: Reset = call.read()?;
    core.reset(wanted.only.as_deref().unwrap_or(ResetPart::ALL))
        .map_err(|error| Refused::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()))?;
    ok(&Changed { changed: true })
}

pub(super) fn show_clock(core: &Core) -> Outcome {
    ok(&clock_status(core, Vec::new()))
}

pub(super) fn set_clock(core: &Core, call: &AdminCall) -> Outcome {
    let wanted: SetClock = call.read()?;
    let clock: Clock = wanted.clock.parse().map_err(|error| bad_clock(&error))?;
    let happened = core.set_clock(|_| Ok(clock)).map_err(|error| bad_clock(&error))?;
    ok(&clock_status(core, happened))
}

pub(super) fn advance_clock(core: &Core, call: &AdminCall) -> Outcome {
    let wanted: Advance = call.read()?;
    let happened =
        core.set_clock(|clock| clock.advanced(wanted.time())).map_err(|error| bad_clock(&error))?;
    ok(&clock_status(core, happened))
}

fn bad_clock(error: &ClockError) -> Refused {
    Refused::bad(error.to_string())
}

pub(super) fn clock_status(core: &Core, happened: Vec<Happened>) -> ClockStatus {
    let clock = core.clock.setting();
    ClockStatus { clock: clock.to_string(), time: Timestamp::from(clock.now()), happened }
}

/// A user joins or leaves a room.
pub(super) fn presence(core: &Core, call: &AdminCall, presence: Presence) -> Outcome {
    let project = project(call)?;
    let app = AppId::from(call.segment(0));
    let (room, user) = (RoomId::from(call.segment(1)), UserId::from(call.segment(2)));
    let changed = core.presence(project.as_deref(), &app, room, user, presence);
    ok(&Changed { changed: changed.map_err(|error| of_service(&error))? })
}

pub(super) fn subscribe(core: &Core, call: &AdminCall) -> Outcome {
    let project = project(call)?;
    let app = AppId::from(call.segment(0));
    let events = call.read::<Subscription>()?.notify_event_subscription;
    let events = core.subscribe(project.as_deref(), &app, events);
    let events = events.map_err(|error| of_service(&error))?;
    ok(&Subscription { notify_event_subscription: events })
}

pub(super) fn fail_job(core: &Core, call: &AdminCall) -> Outcome {
    let job = JobId::from(call.segment(0));
    core.fail_job(&job).map_err(|error| of_service(&error))?;
    ok(&Changed { changed: true })
}

/// The project where it is named; an app id that several projects have needs it.
fn project(call: &AdminCall) -> Result<Option<String>, Refused> {
    let project = QueryReader::new(call.query.as_deref()).text("project_id");
    let project = project.map_err(|error| Refused::bad(error.to_string()))?;
    Ok(project.map(|project| project.to_string()))
}

fn of_service(error: &ApiError) -> Refused {
    Refused::new(error.status(), error.message())
}
