//! The journal by the admin API: list, count, verify, wait.

use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use tokio::sync::watch;

use crate::admin::{AdminCall, Outcome, Refused, ok, reply};
use crate::admin_api::{Changed, Count, RecordedExchange, Requests, Verified, Verify, Wait};
use crate::exchange::Exchange;
use crate::journal::{Mismatch, RequestFilter, Times, verify};
use crate::mask::Secrets;
use crate::pipeline::Core;

/// In lists larger bodies are left out; each exchange by itself has them.
pub(super) const MAX_LISTED_BODY: usize = 64 << 10;
/// How long is waited by default, and at most.
const PATIENCE: u64 = 10_000;
const MAX_PATIENCE: u64 = 60_000;

pub(super) fn list(core: &Arc<Core>, call: &AdminCall) -> Outcome {
    let filter = RequestFilter::from_query(call.query.as_deref()).map_err(Refused::bad)?;
    ok(&requests(&core.exchanges(&filter)))
}

pub(super) fn show(core: &Arc<Core>, call: &AdminCall) -> Outcome {
    let record = call.segment(0).parse().ok().and_then(|id| core.journal.record(id));
    let record = record.ok_or_else(none)?;
    let secrets = if call.flag("reveal")? { Secrets::Shown } else { Secrets::Masked };
    ok(&Exchange::new(Arc::clone(core), record).view(usize::MAX, secrets))
}

fn none() -> Refused {
    Refused::new(StatusCode::NOT_FOUND, "no exchange with that number is in the journal")
}

pub(super) fn clear(core: &Core) -> Outcome {
    ok(&Changed { changed: core.clear_journal() > 0 })
}

pub(super) fn count(core: &Arc<Core>, call: &AdminCall) -> Outcome {
    let filter: RequestFilter = call.read()?;
    ok(&Count { count: core.exchanges(&filter).len() as u64 })
}

pub(super) fn verified(core: &Arc<Core>, call: &AdminCall) -> Outcome {
    let wanted: Verify = call.read()?;
    let least = wanted.at_least.unwrap_or(u64::from(wanted.at_most != Some(0)));
    let times = Times { least, most: wanted.at_most };
    let all = core.exchanges(&RequestFilter::any());
    match verify(all, &wanted.filter, times) {
        Ok(found) => ok(&Verified {
            verified: true,
            count: found.len() as u64,
            message: None,
            nearest: None,
        }),
        Err(mismatch) => Ok(reply(StatusCode::CONFLICT, &unmet(&mismatch))),
    }
}

/// Waits without a thread: for the journal to grow, the time to be up, or the mock to stop.
pub(super) async fn wait(
    core: &Arc<Core>,
    mut stop: watch::Receiver<bool>,
    call: &AdminCall,
) -> Outcome {
    let wanted: Wait = call.read()?;
    let patience = wanted.timeout_ms.unwrap_or(PATIENCE);
    if patience > MAX_PATIENCE {
        return Err(Refused::bad(format!("timeout_ms: at most {MAX_PATIENCE} can be waited")));
    }
    let count = wanted.count.unwrap_or(1);
    let waiting = core.wait_for(&wanted.filter, count, Duration::from_millis(patience));
    let found = tokio::select! {
        found = waiting => found,
        // An error means that the server was dropped, which stops it as well.
        _ = stop.wait_for(|stop| *stop) => {
            return Err(Refused::new(StatusCode::SERVICE_UNAVAILABLE, "the mock is stopping"));
        }
    };
    match found {
        Ok(found) => ok(&requests(&found)),
        Err(mismatch) => Ok(reply(StatusCode::CONFLICT, &unmet(&mismatch))),
    }
}

fn requests(found: &[Exchange]) -> Requests {
    let requests: Vec<RecordedExchange> =
        found.iter().map(|exchange| exchange.view(MAX_LISTED_BODY, Secrets::Masked)).collect();
    Requests { count: requests.len() as u64, requests }
}

fn unmet(mismatch: &Mismatch) -> Verified {
    Verified {
        verified: false,
        count: mismatch.count(),
        message: Some(mismatch.to_string()),
        nearest: mismatch.nearest().map(|exchange| exchange.view(MAX_LISTED_BODY, Secrets::Masked)),
    }
}
