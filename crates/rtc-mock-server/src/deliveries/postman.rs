//! The task that lets happen what is due and sends the notifications of it.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use rtc_model::{Secret, Timestamp};
use rtc_signer::SignedCallback;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::admin_api::DeliveryAttempt;
use crate::deliveries::delivery::Delivery;
use crate::deliveries::lines::Ending;
use crate::deliveries::send::{Letter, sign};
use crate::events::Event;
use crate::fault::{DeliveryPlan, FaultKind};
use crate::pipeline::Core;

/// How often a clock of the caller's own is looked at while something waits for it.
const LOOK: Duration = Duration::from_millis(20);
/// How long a notification waits at most for the one that is to go before it, by the mock's clock.
const PATIENCE: Duration = Duration::from_secs(60);
/// The key of a signature that is wrong on purpose.
const WRONG_KEY: &str = "a key that nobody has, for a signature that is wrong";

/// Runs until the server stops; attempts under way are waited for then.
pub(crate) async fn run(core: Arc<Core>, mut stop: watch::Receiver<bool>, grace: Duration) {
    let mut attempts = JoinSet::new();
    let mut told = 0;
    loop {
        let deliveries = core.service.deliveries();
        let now = core.clock.now();
        if deliveries.room() > 0 {
            core.service.run_agenda(now);
        }
        while let Some(delivery) = core.start(now) {
            attempts.spawn(attempt(Arc::clone(&core), delivery, now));
        }
        told = core.tell_new(told);
        deliveries.quiet.notify_waiters();
        let pause = core.pause(now);
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => break,
            () = deliveries.wake.notified() => {}
            Some(_) = attempts.join_next() => {}
            () = sleep(pause) => {}
        }
    }
    let _ =
        tokio::time::timeout(grace, async { while attempts.join_next().await.is_some() {} }).await;
}

async fn sleep(pause: Option<Duration>) {
    match pause {
        Some(pause) => tokio::time::sleep(pause).await,
        None => std::future::pending().await,
    }
}

impl Core {
    /// An attempt that is due; those that a fault puts off are not.
    fn start(&self, now: SystemTime) -> Option<(Delivery, Option<DeliveryPlan>)> {
        let deliveries = self.service.deliveries();
        loop {
            let delivery = deliveries.lock().take_due(now)?;
            let plan = self.faults.plan_delivery(&delivery.notice.event, delivery.was_moved);
            let until = match plan.as_ref().map(|plan| &plan.kind) {
                Some(FaultKind::Late { by }) => now.checked_add(*by),
                Some(FaultKind::Reorder) if deliveries.lock().let_pass(delivery.id) => continue,
                Some(FaultKind::Reorder) => now.checked_add(PATIENCE),
                _ => return Some((delivery, plan)),
            };
            deliveries.lock().put_off(delivery.id, until.unwrap_or(now));
        }
    }

    /// Tells watchers of new deliveries; gives the newest.
    fn tell_new(&self, told: u64) -> u64 {
        let newest = self.service.deliveries().lock().newest();
        (told + 1..=newest).for_each(|id| self.events.tell(Event::Delivery(id)));
        newest
    }

    /// How long there is nothing to do; `None` until something happens.
    fn pause(&self, now: SystemTime) -> Option<Duration> {
        let deliveries = self.service.deliveries();
        let room = deliveries.room() > 0;
        let due = deliveries.lock().next_due();
        let due = due.into_iter().chain(self.service.next_due().filter(|_| room)).min()?;
        let wait = due.duration_since(now).unwrap_or_default();
        self.clock.real_time(wait, LOOK)
    }

    /// From when the next attempt counts after one that was made at `now`: from its end, but what
    /// fell due while the clock was set forward counts as made on the way.
    fn base(&self, delivery: &Delivery, now: SystemTime) -> SystemTime {
        let (landed, end) = (self.clock.landed(), self.clock.now());
        if landed > now {
            return now;
        }
        let begin = delivery.due().filter(|due| *due < landed).unwrap_or(now);
        begin.checked_add(end.duration_since(now).unwrap_or_default()).unwrap_or(begin)
    }

    /// Whether nothing is due and nothing is under way.
    pub(super) fn is_quiet(&self) -> bool {
        let now = self.clock.now();
        let is_due = |due: Option<SystemTime>| due.is_some_and(|due| due <= now);
        let lines = self.service.deliveries().lock();
        if lines.is_busy() || is_due(lines.next_due()) {
            return false;
        }
        drop(lines);
        // What there is no room for is not due before there is.
        self.service.deliveries().room() == 0 || !is_due(self.service.next_due())
    }

    /// Makes one more attempt at a delivery; `None` when there is none with the id, `false` when an
    /// attempt is under way.
    pub(crate) fn redeliver(&self, id: u64) -> Option<bool> {
        self.service.redeliver(id, self.clock.now())
    }

    /// Waits until nothing is due and nothing is under way; `false` when the time is up.
    pub(crate) async fn settled(&self, patience: Duration) -> bool {
        let deliveries = self.service.deliveries();
        let waiting = async {
            loop {
                let quiet = deliveries.quiet.notified();
                tokio::pin!(quiet);
                // Registered before it is looked, so that nothing comes in between.
                quiet.as_mut().enable();
                if self.is_quiet() {
                    return;
                }
                quiet.await;
            }
        };
        tokio::time::timeout(patience, waiting).await.is_ok()
    }
}

/// Makes an attempt and notes how it went.
async fn attempt(
    core: Arc<Core>,
    (delivery, plan): (Delivery, Option<DeliveryPlan>),
    now: SystemTime,
) {
    // Nobody is told of what could still be lost.
    let (mut attempt, ending) = if core.service.is_safe().await {
        send(&core, &delivery, plan.as_ref(), now).await
    } else {
        (unsent(now, "the state cannot be kept on disk".to_owned()), Ending::Failed)
    };
    core.metrics.count_attempt(ending);
    if let Some(plan) = &plan {
        attempt.fault = Some(plan.mark.spec.clone());
        if plan.kind == FaultKind::Twice && ending == Ending::Delivered {
            let (again, another) = send(&core, &delivery, None, now).await;
            core.service.deliveries().lock().note(delivery.id, attempt);
            attempt = again;
            attempt.fault = Some(plan.mark.spec.clone());
            core.metrics.count_attempt(another);
        }
    }
    let base = core.base(&delivery, now);
    log(&delivery, &attempt, ending);
    core.service.finish_delivery(delivery.id, attempt, ending, base);
    core.events.tell(Event::Delivery(delivery.id));
}

async fn send(
    core: &Core,
    delivery: &Delivery,
    plan: Option<&DeliveryPlan>,
    now: SystemTime,
) -> (DeliveryAttempt, Ending) {
    let notice = &delivery.notice;
    let (mut key, mut at, mut cut) = (notice.key.as_ref().map(Secret::expose_secret), now, None);
    match plan.map(|plan| &plan.kind) {
        Some(FaultKind::WrongSignature) => key = Some(WRONG_KEY),
        Some(FaultKind::OldSignature { by }) => at = now.checked_sub(*by).unwrap_or(now),
        Some(FaultKind::End { bytes }) => cut = Some(*bytes),
        _ => {}
    }
    let signed = match key.map(|key| signature(core, key, &notice.body, at)).transpose() {
        Ok(signed) => signed,
        Err(error) => return (unsent(now, error), Ending::Failed),
    };
    let letter = Letter { url: &notice.url, body: &notice.body, signed: signed.as_ref(), cut };
    core.service.deliveries().sender.send(letter, now).await
}

fn signature(
    core: &Core,
    key: &str,
    body: &[u8],
    at: SystemTime,
) -> Result<SignedCallback, String> {
    let rand = core.service.ids().secret::<32>().and_then(|text| text.parse().ok());
    sign(key, body, rand.ok_or("the system has no randomness to give")?, at)
}

fn unsent(now: SystemTime, error: String) -> DeliveryAttempt {
    DeliveryAttempt {
        time: Timestamp::from(now),
        duration_us: 0,
        status: None,
        error: Some(error),
        timestamp: None,
        rand: None,
        signature: None,
        fault: None,
    }
}

/// One line an attempt; no bodies, no keys.
fn log(delivery: &Delivery, attempt: &DeliveryAttempt, ending: Ending) {
    let (id, job, event) = (delivery.id, &delivery.notice.job, &delivery.notice.event);
    let status = attempt.status.unwrap_or(0);
    match (&attempt.error, ending) {
        (None, Ending::Delivered) => tracing::info!(id, %job, %event, status, "notification sent"),
        (error, _) => {
            let error = error.as_deref().unwrap_or_default();
            tracing::warn!(id, %job, %event, status, error, "notification not delivered");
        }
    }
}
