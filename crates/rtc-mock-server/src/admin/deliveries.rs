//! Notifications on their way, by the admin API.

use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use serde_json::{Map, Value};

use crate::admin::{AdminCall, Outcome, Refused, ok};
use crate::admin_api::{Changed, DeliveryFilter, DeliveryList};
use crate::pipeline::Core;

/// How long an answer waits for attempts that are due.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);

pub(super) fn list(core: &Core, call: &AdminCall) -> Outcome {
    let filter = filter(call.query.as_deref())?;
    let deliveries = core.service.deliveries();
    let found = deliveries.list(&filter);
    ok(&DeliveryList {
        paused: deliveries.is_paused(),
        count: found.len() as u64,
        deliveries: found,
    })
}

pub(super) fn show(core: &Core, call: &AdminCall) -> Outcome {
    let delivery = core.service.deliveries().get(id(call)?);
    ok(&delivery.ok_or_else(|| unknown(call))?)
}

pub(super) fn redeliver(core: &Core, call: &AdminCall) -> Outcome {
    let id = id(call)?;
    match core.redeliver(id) {
        None => Err(unknown(call)),
        Some(false) => Err(Refused::new(StatusCode::CONFLICT, "an attempt is under way")),
        Some(true) => show(core, call),
    }
}

pub(super) fn set_paused(core: &Core, paused: bool) -> Outcome {
    ok(&Changed { changed: core.service.deliveries().set_paused(paused) })
}

pub(super) fn clear(core: &Core) -> Outcome {
    ok(&Changed { changed: core.service.deliveries().forget_over() > 0 })
}

/// Waits for the attempts, so it must not run where answers are made one after the other.
pub(super) async fn flush(core: &Arc<Core>) -> Outcome {
    let deliveries = core.service.deliveries();
    if deliveries.is_paused() {
        let error = "sending is stopped; POST /deliveries/resume first";
        return Err(Refused::new(StatusCode::CONFLICT, error));
    }
    deliveries.hurry(core.clock.now());
    let settled = core.settled(PATIENCE).await;
    if !settled {
        let error = format!("attempts are still under way after {} s", PATIENCE.as_secs());
        return Err(Refused::new(StatusCode::GATEWAY_TIMEOUT, error));
    }
    ok(&Changed { changed: true })
}

fn id(call: &AdminCall) -> Result<u64, Refused> {
    call.segment(0).parse().map_err(|_| unknown(call))
}

fn unknown(call: &AdminCall) -> Refused {
    let error = format!("there is no delivery {:?}", call.segment(0));
    Refused::new(StatusCode::NOT_FOUND, error)
}

fn filter(query: Option<&str>) -> Result<DeliveryFilter, Refused> {
    let mut form = Map::new();
    for pair in query.unwrap_or_default().split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let value = percent_encoding::percent_decode_str(value).decode_utf8_lossy();
        form.insert(name.to_owned(), Value::String(value.into_owned()));
    }
    serde_json::from_value(Value::Object(form))
        .map_err(|error| Refused::new(StatusCode::BAD_REQUEST, error.to_string()))
}
