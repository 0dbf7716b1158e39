//! Who waits for whom: the notifications of a job one after the other, those of a host not all at
//! once.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::{Duration, SystemTime};

use rtc_model::JobId;

use crate::admin_api::{DeliveryAttempt, DeliveryState};
use crate::deliveries::delivery::{Delivery, Stage};
use crate::state::Told;

#[cfg(test)]
mod tests;

/// How many deliveries that are over can still be looked at.
const KEPT: usize = 1_000;
/// How many attempts of a delivery are kept.
const ATTEMPTS: usize = 100;
/// How many attempts at one host are under way at a time.
const PER_HOST: usize = 16;
/// How many attempts are under way at a time.
const IN_ALL: usize = 256;

/// The deliveries of a server.
#[derive(Debug, Default)]
pub(super) struct Lines {
    all: BTreeMap<u64, Delivery>,
    /// Those that are not over, job by job, the one that is next first.
    jobs: BTreeMap<JobId, VecDeque<u64>>,
    hosts: BTreeMap<Box<str>, Host>,
    over: VecDeque<u64>,
    newest: u64,
    under_way: usize,
    waiting: usize,
    pub(super) is_paused: bool,
}

/// What is to be sent to a host.
#[derive(Debug, Default)]
struct Host {
    due: BTreeSet<(SystemTime, u64)>,
    under_way: usize,
}

/// How an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// The receiver has it.
    Delivered,
    /// It is worth another attempt.
    Failed,
    /// It may not be sent there.
    Refused,
}

impl Ending {
    pub(crate) const ALL: [Self; 3] = [Self::Delivered, Self::Failed, Self::Refused];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Failed => "failed",
            Self::Refused => "refused",
        }
    }
}

impl Lines {
    /// Adds what is to be told; gives the ids.
    pub(super) fn add(&mut self, told: Told) -> std::ops::RangeInclusive<u64> {
        let first = self.newest + 1;
        for (project, notice) in told {
            self.newest += 1;
            self.insert(Delivery::new(self.newest, project, notice));
        }
        first..=self.newest
    }

    /// Adds a delivery behind those of its job.
    pub(super) fn insert(&mut self, delivery: Delivery) {
        let id = delivery.id;
        self.newest = self.newest.max(id);
        self.waiting += 1;
        let job = delivery.notice.job.clone();
        self.all.insert(id, delivery);
        let line = self.jobs.entry(job).or_default();
        line.push_back(id);
        if line.len() == 1 {
            self.make_due(id);
        }
    }

    /// The id of the newest.
    pub(super) fn newest(&self) -> u64 {
        self.newest
    }

    /// How many are not over.
    pub(super) fn waiting(&self) -> usize {
        self.waiting
    }

    /// Whether something is under way.
    pub(super) fn is_busy(&self) -> bool {
        self.under_way > 0
    }

    pub(super) fn get(&self, id: u64) -> Option<&Delivery> {
        self.all.get(&id)
    }

    /// All, oldest first.
    pub(super) fn all(&self) -> impl Iterator<Item = &Delivery> {
        self.all.values()
    }

    /// Takes a delivery whose attempt is due by `now`, unless too many are under way.
    pub(super) fn take_due(&mut self, now: SystemTime) -> Option<Delivery> {
        if self.is_paused || self.under_way >= IN_ALL {
            return None;
        }
        let free = self.hosts.values_mut().filter(|host| {
            host.under_way < PER_HOST && host.due.first().is_some_and(|(due, _)| *due <= now)
        });
        // The one that is asked least first, or those that do not answer hold up the others.
        let host = free.min_by_key(|host| (host.under_way, host.due.first().copied()))?;
        let (due, id) = host.due.pop_first()?;
        host.under_way += 1;
        self.under_way += 1;
        let delivery = self.all.get_mut(&id)?;
        delivery.stage = Stage::UnderWay(due);
        Some(delivery.clone())
    }

    /// When the next attempt is due that can be made then.
    pub(super) fn next_due(&self) -> Option<SystemTime> {
        if self.is_paused || self.under_way >= IN_ALL {
            return None;
        }
        let hosts = self.hosts.values().filter(|host| host.under_way < PER_HOST);
        hosts.filter_map(|host| host.due.first().map(|(due, _)| *due)).min()
    }

    /// Notes an attempt. `next` is after how long another one is made, if it is worth one.
    pub(super) fn finish(
        &mut self,
        id: u64,
        attempt: DeliveryAttempt,
        ending: Ending,
        base: SystemTime,
        schedule: &[Duration],
    ) {
        let Some(delivery) = self.all.get_mut(&id) else { return };
        if !matches!(delivery.stage, Stage::UnderWay(_)) {
            return;
        }
        note(delivery, attempt);
        let again = match ending {
            Ending::Failed => schedule.get(delivery.tries).and_then(|wait| base.checked_add(*wait)),
            Ending::Delivered | Ending::Refused => None,
        };
        delivery.tries += 1;
        self.leave_host(id);
        match again {
            Some(due) => self.wait(id, due),
            None => self.end(id, ending, base),
        }
    }

    /// Notes an attempt that is followed by another at once.
    pub(super) fn note(&mut self, id: u64, attempt: DeliveryAttempt) {
        if let Some(delivery) = self.all.get_mut(&id) {
            note(delivery, attempt);
        }
    }

    /// Puts an attempt off that was taken: it was not made.
    pub(super) fn put_off(&mut self, id: u64, due: SystemTime) {
        self.note_moved(id);
        self.leave_host(id);
        self.wait(id, due);
    }

    /// Lets the one behind in the line of its job go first; `false` when there is none. Neither
    /// changes its place again.
    pub(super) fn let_pass(&mut self, id: u64) -> bool {
        let Some(delivery) = self.all.get(&id) else { return false };
        let Stage::UnderWay(due) = delivery.stage else { return false };
        let Some(line) = self.jobs.get_mut(&delivery.notice.job) else { return false };
        if line.front() != Some(&id) || line.len() < 2 {
            return false;
        }
        line.swap(0, 1);
        let next = line.front().copied();
        self.leave_host(id);
        self.note_moved(id);
        if let Some(delivery) = self.all.get_mut(&id) {
            delivery.stage = Stage::Waiting(due);
        }
        if let Some(next) = next {
            self.note_moved(next);
            self.make_due(next);
        }
        true
    }

    /// Makes an attempt due now: a further one when the delivery is over. `false` when there is no
    /// such delivery, or an attempt is under way.
    pub(super) fn redeliver(&mut self, id: u64, now: SystemTime) -> bool {
        let Some(delivery) = self.all.get(&id) else { return false };
        match delivery.stage {
            Stage::UnderWay(_) => return false,
            Stage::Waiting(due) => {
                if let Some(host) = self.hosts.get_mut(delivery.authority())
                    && host.due.remove(&(due, id))
                {
                    host.due.insert((now, id));
                }
            }
            Stage::Over(_) => {
                self.over.retain(|other| *other != id);
                self.waiting += 1;
                let host = self.hosts.entry(delivery.authority().into()).or_default();
                host.due.insert((now, id));
            }
        }
        if let Some(delivery) = self.all.get_mut(&id) {
            if matches!(delivery.stage, Stage::Over(_)) {
                // Whatever comes of it, it is the last.
                delivery.tries = usize::MAX - 1;
            }
            delivery.stage = Stage::Waiting(now);
        }
        true
    }

    /// Makes everything due now that waits for its time, also behind another.
    pub(super) fn hurry(&mut self, now: SystemTime) {
        for delivery in self.all.values_mut() {
            if let Stage::Waiting(due) = &mut delivery.stage {
                *due = now.min(*due);
            }
        }
        for host in self.hosts.values_mut() {
            let due = std::mem::take(&mut host.due).into_iter();
            host.due = due.map(|(time, id)| (time.min(now), id)).collect();
        }
    }

    /// Forgets those that are over; how many there were.
    pub(super) fn forget_over(&mut self) -> usize {
        let over = std::mem::take(&mut self.over);
        over.iter().filter(|id| self.all.remove(id).is_some()).count()
    }

    /// Forgets all; gives the ids. Ids go on, so that an attempt under way is not taken for another.
    pub(super) fn clear(&mut self) -> Vec<u64> {
        let ids = std::mem::take(&mut self.all).into_keys().collect();
        let (newest, is_paused) = (self.newest, self.is_paused);
        *self = Self { newest, is_paused, ..Self::default() };
        ids
    }

    fn note_moved(&mut self, id: u64) {
        if let Some(delivery) = self.all.get_mut(&id) {
            delivery.was_moved = true;
        }
    }

    fn leave_host(&mut self, id: u64) {
        let Some(delivery) = self.all.get(&id) else { return };
        self.under_way = self.under_way.saturating_sub(1);
        if let Some(host) = self.hosts.get_mut(delivery.authority()) {
            host.under_way = host.under_way.saturating_sub(1);
        }
        self.forget_host(id);
    }

    /// A host to which nothing is sent is none.
    fn forget_host(&mut self, id: u64) {
        let Some(delivery) = self.all.get(&id) else { return };
        let name = delivery.authority();
        let is_idle = |host: &Host| host.under_way == 0 && host.due.is_empty();
        if self.hosts.get(name).is_some_and(is_idle) {
            self.hosts.remove(name);
        }
    }

    fn wait(&mut self, id: u64, due: SystemTime) {
        if let Some(delivery) = self.all.get_mut(&id) {
            delivery.stage = Stage::Waiting(due);
        }
        self.make_due(id);
    }

    fn make_due(&mut self, id: u64) {
        let Some(delivery) = self.all.get(&id) else { return };
        if let Stage::Waiting(due) = delivery.stage {
            self.hosts.entry(delivery.authority().into()).or_default().due.insert((due, id));
        }
    }

    /// A delivery is over; the next one of its job is due, not before `at`.
    fn end(&mut self, id: u64, ending: Ending, at: SystemTime) {
        let Some(delivery) = self.all.get_mut(&id) else { return };
        delivery.stage = Stage::Over(match ending {
            Ending::Delivered => DeliveryState::Delivered,
            Ending::Failed => DeliveryState::Failed,
            Ending::Refused => DeliveryState::Refused,
        });
        self.waiting = self.waiting.saturating_sub(1);
        let job = delivery.notice.job.clone();
        self.over.push_back(id);
        if self.over.len() > KEPT {
            let oldest = self.over.pop_front();
            oldest.map(|oldest| self.all.remove(&oldest));
        }
        let Some(line) = self.jobs.get_mut(&job) else { return };
        if line.front() != Some(&id) {
            // One that was over already, and was sent again.
            return;
        }
        line.pop_front();
        match line.front().copied() {
            None => drop(self.jobs.remove(&job)),
            Some(next) => {
                if let Some(delivery) = self.all.get_mut(&next)
                    && let Stage::Waiting(due) = delivery.stage
                {
                    delivery.stage = Stage::Waiting(due.max(at));
                }
                self.make_due(next);
            }
        }
    }
}

fn note(delivery: &mut Delivery, attempt: DeliveryAttempt) {
    if delivery.attempts.len() >= ATTEMPTS {
        delivery.attempts.remove(0);
    }
    delivery.attempts.push(attempt);
}
