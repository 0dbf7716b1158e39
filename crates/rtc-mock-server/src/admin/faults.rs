//! Faults by the admin API.

use std::sync::Arc;

use http::StatusCode;

use crate::admin::{AdminCall, Outcome, Refused, ok};
use crate::admin_api::{Changed, FaultList};
use crate::fault::{Fault, FaultError, ServerFaults};
use crate::pipeline::Core;

pub(super) fn list(core: &Arc<Core>) -> Outcome {
    ok(&FaultList { faults: core.faults.list() })
}

pub(super) fn replace(core: &Arc<Core>, call: &AdminCall) -> Outcome {
    let faults: Vec<Fault> = call.read()?;
    handle(core).replace(faults).map_err(|error| wrong(&error))?;
    list(core)
}

pub(super) fn add(core: &Arc<Core>, call: &AdminCall) -> Outcome {
    let id = handle(core).add(call.read()?).map_err(|error| wrong(&error))?;
    shown(core, &id)
}

pub(super) fn clear(core: &Arc<Core>) -> Outcome {
    ok(&Changed { changed: handle(core).clear() > 0 })
}

pub(super) fn show(core: &Arc<Core>, call: &AdminCall) -> Outcome {
    shown(core, call.segment(0))
}

pub(super) fn set(core: &Arc<Core>, call: &AdminCall) -> Outcome {
    let id = call.segment(0);
    handle(core).set(id, call.read()?).map_err(|error| wrong(&error))?;
    shown(core, id)
}

pub(super) fn remove(core: &Arc<Core>, call: &AdminCall) -> Outcome {
    if handle(core).remove(call.segment(0)) {
        return ok(&Changed { changed: true });
    }
    Err(none())
}

fn handle(core: &Arc<Core>) -> ServerFaults {
    ServerFaults::new(Arc::clone(core))
}

fn shown(core: &Core, id: &str) -> Outcome {
    ok(&core.faults.get(id).ok_or_else(none)?)
}

fn none() -> Refused {
    Refused::new(StatusCode::NOT_FOUND, "no fault has that id; see GET /faults")
}

fn wrong(error: &FaultError) -> Refused {
    Refused::bad(error.to_string())
}
