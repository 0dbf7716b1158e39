//! The jobs of an app.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::{Duration, SystemTime};

use rtc_model::jobs::JobState;
use rtc_model::record_rules::RecordRule;
use rtc_model::{JobId, RoomId, RuleId};

use crate::jobs::{Job, Moment};
use crate::rooms::Room;

/// How many jobs that are over can still be asked for; the reference does not say how long.
const KEPT: usize = 10_000;

/// Is given what may be told of a job.
type Tell<'t> = &'t mut dyn FnMut(&Job, Moment);

/// The jobs of an app. What a call costs depends on those that are not over.
#[derive(Debug, Default)]
pub(crate) struct Jobs {
    all: BTreeMap<JobId, Job>,
    live: BTreeSet<JobId>,
    /// Those of which there is more to be told, now or later.
    telling: BTreeSet<JobId>,
    /// In the order in which they were seen to be over.
    over: VecDeque<JobId>,
    /// Those that may have changed since somebody asked; `None` when nobody ever did.
    touched: Option<BTreeSet<JobId>>,
}

impl Jobs {
    /// A job.
    pub(crate) fn get(&self, id: &JobId) -> Option<&Job> {
        self.all.get(id)
    }

    /// A job to change.
    pub(crate) fn get_mut(&mut self, id: &JobId) -> Option<&mut Job> {
        touch(&mut self.touched, id);
        self.all.get_mut(id)
    }

    /// The jobs that were not over when they were last looked at.
    pub(crate) fn live(&self) -> impl Iterator<Item = &Job> {
        self.live.iter().filter_map(|id| self.all.get(id))
    }

    /// How many are not over.
    pub(crate) fn live_count(&self) -> usize {
        self.live.len()
    }

    /// Adds a job; `false`, and nothing changed, when its id is taken.
    pub(crate) fn insert(&mut self, job: Job) -> bool {
        if self.all.contains_key(&job.id) {
            return false;
        }
        let id = job.id.clone();
        touch(&mut self.touched, &id);
        self.live.insert(id.clone());
        if !job.is_told() {
            self.telling.insert(id.clone());
        }
        self.all.insert(id.clone(), job);
        self.sort(id);
        true
    }

    /// Brings all jobs up to the time; gives the rooms of those that are over by it.
    pub(crate) fn settle(
        &mut self,
        now: SystemTime,
        init_delay: Duration,
        rooms: &BTreeMap<RoomId, Room>,
    ) -> Vec<RoomId> {
        let mut over = Vec::new();
        for id in &self.live {
            if let Some(job) = self.all.get_mut(id) {
                let before = job.state();
                job.settle(now, init_delay, rooms.get(&job.room));
                if job.state() != before {
                    touch(&mut self.touched, id);
                }
                if job.state() == JobState::Stopped {
                    over.push((id.clone(), job.room.clone()));
                }
            }
        }
        let over = over.into_iter().map(|(id, room)| {
            self.sort(id);
            room
        });
        over.collect()
    }

    /// Lets all jobs record until `now`. `tell` is given what may be told of each, at most about
    /// `most` in all; without it nobody is told.
    pub(crate) fn record(
        &mut self,
        now: SystemTime,
        rules: &BTreeMap<RuleId, RecordRule>,
        most: usize,
        mut tell: Option<Tell<'_>>,
    ) {
        let (mut over, mut count) = (Vec::new(), 0);
        // The one that is most behind is first, and leaves room for the others.
        let mut telling: Vec<_> = self.telling.iter().collect();
        telling.sort_by_cached_key(|id| self.all.get(*id).map(Job::told_until));
        let share = most / telling.len().max(1) + 1;
        for id in telling {
            let Some(job) = self.all.get_mut(id) else { continue };
            let rule = rules.get(&job.rule);
            if let Some(tell) = &mut tell {
                if count >= most {
                    break;
                }
                let mut told = Vec::new();
                job.record(now, rule, share.min(most - count), &mut told);
                if !told.is_empty() {
                    touch(&mut self.touched, id);
                }
                count += told.len();
                for moment in told {
                    tell(job, moment);
                }
            } else {
                job.skip(now, rule);
            }
            if job.is_told() {
                touch(&mut self.touched, id);
                over.push(id.clone());
            }
        }
        for id in over {
            self.telling.remove(&id);
        }
    }

    /// When something is due, if nobody does anything.
    pub(crate) fn next_due(
        &self,
        init_delay: Duration,
        rooms: &BTreeMap<RoomId, Room>,
    ) -> Option<SystemTime> {
        let jobs = self.telling.iter().filter_map(|id| self.all.get(id));
        jobs.filter_map(|job| job.next_due(init_delay, rooms.get(&job.room))).min()
    }

    /// When a job changes its state, if nobody does anything.
    pub(crate) fn next_turn(
        &self,
        init_delay: Duration,
        rooms: &BTreeMap<RoomId, Room>,
    ) -> Option<SystemTime> {
        self.live().filter_map(|job| job.next_turn(init_delay, rooms.get(&job.room))).min()
    }

    /// Puts a job where it belongs after a change; the oldest of too many that are over goes.
    pub(crate) fn sort(&mut self, id: JobId) {
        let is_over = self.all.get(&id).is_some_and(|job| job.state() == JobState::Stopped);
        if is_over && self.live.remove(&id) {
            self.over.push_back(id);
        }
        while self.over.len() > KEPT {
            if let Some(oldest) = self.over.pop_front() {
                touch(&mut self.touched, &oldest);
                self.telling.remove(&oldest);
                self.all.remove(&oldest);
            }
        }
    }

    /// All jobs, in the order in which those that are over came to be.
    pub(crate) fn in_order(&self) -> Vec<&Job> {
        let mut jobs: Vec<_> = self.all.values().collect();
        jobs.sort_by_key(|job| job.stopped_at());
        jobs
    }

    /// The jobs that may have changed since the last call; `None` at the first one: all may.
    #[cfg(feature = "store")]
    pub(crate) fn take_touched(&mut self) -> Option<BTreeSet<JobId>> {
        self.touched.replace(BTreeSet::new())
    }
}

fn touch(touched: &mut Option<BTreeSet<JobId>>, id: &JobId) {
    if let Some(touched) = touched {
        touched.insert(id.clone());
    }
}

#[cfg(test)]
mod tests {
    use rtc_model::mix_stream_jobs::{EncodeTemplate, MixParam};

    use super::*;
    use crate::jobs::Work;

    #[test]
    fn jobs_that_are_over_cost_nothing_and_the_oldest_are_forgotten() {
        let (mut jobs, now) = (Jobs::default(), SystemTime::UNIX_EPOCH);
        let id = |number: usize| JobId::from(format!("{number:032x}"));
        for number in 0..KEPT + 5 {
            let work = Work::Mix(MixParam::new("room", EncodeTemplate::AUDIO_ONLY));
            assert!(jobs.insert(Job::new(id(number), "room".into(), work, "rule".into(), now)));
            assert_eq!(jobs.live_count(), 1);
            jobs.get_mut(&id(number)).unwrap().stop(now).unwrap();
            jobs.sort(id(number));
            assert_eq!(jobs.live_count(), 0);
        }
        assert!(jobs.get(&id(4)).is_none() && jobs.get(&id(5)).is_some());
    }
}
