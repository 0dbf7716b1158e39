//! Which notifications came, and which are owed.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::{Duration, Instant};

use rtc_model::JobId;
use rtc_model::callback::Notification;
use rtc_model::record_callback::NotifyEvent;
use rtc_model::record_rules::RecordFormat;

use super::mock::Mode;
use super::model::Formats;

/// How long what is owed may take to come.
const LONGEST: Duration = Duration::from_secs(60);
/// How many jobs are known of which all has come.
const KEPT: usize = 20_000;

/// What a job tells, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    BegunHls,
    BegunMp4,
    CompleteHls,
    CompleteMp4,
    Over,
}

/// What came of a notification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Came {
    /// It is new.
    First,
    /// It was there before.
    Again,
}

/// The notifications of all jobs.
#[derive(Debug)]
pub(crate) struct Ledger {
    mode: Mode,
    jobs: BTreeMap<JobId, Vec<Step>>,
    owed: VecDeque<(Instant, JobId, Formats)>,
    /// Jobs of which all has come, the oldest first.
    settled: VecDeque<JobId>,
    known: BTreeSet<JobId>,
}

impl Ledger {
    pub(crate) fn new(mode: Mode) -> Self {
        let (jobs, owed) = (BTreeMap::new(), VecDeque::new());
        Self { mode, jobs, owed, settled: VecDeque::new(), known: BTreeSet::new() }
    }

    /// Takes a notification down, or says what is wrong with it.
    pub(crate) fn take(&mut self, notification: &Notification) -> Result<Came, String> {
        let step =
            step(notification).ok_or_else(|| format!("told of what is not: {notification:?}"))?;
        let job = notification.job_id.clone().ok_or("a notification names no job")?;
        if self.known.contains(&job) {
            return Ok(Came::Again);
        }
        let line = self.jobs.entry(job.clone()).or_default();
        let last = line.last().copied();
        if last == Some(step) {
            return Ok(Came::Again);
        }
        // Where the server was killed, what had been answered may not have been written.
        if line.contains(&step) && self.mode == Mode::Killed {
            return Ok(Came::Again);
        }
        if last > Some(step) {
            return Err(format!("the job {job} tells {step:?} after {line:?}"));
        }
        line.push(step);
        Ok(Came::First)
    }

    /// From now on all of this job is owed, since it is over.
    pub(crate) fn owe(&mut self, job: JobId, formats: Formats) {
        self.owed.push_back((Instant::now(), job, formats));
    }

    /// Strikes off what has come, and says what is owed for too long.
    pub(crate) fn settle(&mut self) -> Result<usize, String> {
        for _ in 0..self.owed.len() {
            let Some((since, job, formats)) = self.owed.pop_front() else { break };
            let came = self.jobs.get(&job).map_or(&[][..], Vec::as_slice);
            let all = all(formats);
            if came == all {
                self.jobs.remove(&job);
                self.known.insert(job.clone());
                self.settled.push_back(job);
                if self.settled.len() > KEPT {
                    self.settled.pop_front().map(|oldest| self.known.remove(&oldest));
                }
                continue;
            }
            if !all.starts_with(came) || since.elapsed() > LONGEST {
                return Err(format!("the job {job} told {came:?} instead of {all:?}"));
            }
            self.owed.push_back((since, job, formats));
        }
        Ok(self.owed.len())
    }

    /// The jobs that told something and of which nothing is owed.
    pub(crate) fn unowed(&self) -> impl Iterator<Item = &JobId> {
        self.jobs.keys()
    }
}

/// What a job tells from its begin to its end.
fn all(formats: Formats) -> &'static [Step] {
    match formats {
        Formats::Hls => &[Step::BegunHls, Step::CompleteHls, Step::Over],
        Formats::Both => {
            &[Step::BegunHls, Step::BegunMp4, Step::CompleteHls, Step::CompleteMp4, Step::Over]
        }
    }
}

fn step(notification: &Notification) -> Option<Step> {
    match (notification.event_type.as_ref()?, notification.record_format.as_ref()) {
        (NotifyEvent::RecordNewFileStart, Some(RecordFormat::Hls)) => Some(Step::BegunHls),
        (NotifyEvent::RecordNewFileStart, Some(RecordFormat::Mp4)) => Some(Step::BegunMp4),
        (NotifyEvent::RecordFileComplete, Some(RecordFormat::Hls)) => Some(Step::CompleteHls),
        (NotifyEvent::RecordFileComplete, Some(RecordFormat::Mp4)) => Some(Step::CompleteMp4),
        (NotifyEvent::CloudRecordServerOver, _) => Some(Step::Over),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(event: NotifyEvent, format: Option<RecordFormat>) -> Notification {
        let mut told = Notification::new().event_type(event).job_id("j");
        told.record_format = format;
        told
    }

    fn begun() -> Notification {
        told(NotifyEvent::RecordNewFileStart, Some(RecordFormat::Hls))
    }

    fn complete() -> Notification {
        told(NotifyEvent::RecordFileComplete, Some(RecordFormat::Hls))
    }

    fn over() -> Notification {
        told(NotifyEvent::CloudRecordServerOver, None)
    }

    #[test]
    fn a_job_that_told_all_in_order_owes_nothing() {
        let mut ledger = Ledger::new(Mode::Steady);
        ledger.owe(JobId::from("j"), Formats::Hls);
        let came: Vec<_> =
            [begun(), begun(), complete(), over()].iter().map(|one| ledger.take(one)).collect();
        let expected = [Came::First, Came::Again, Came::First, Came::First].map(Ok);
        assert_eq!(came, expected);
        assert_eq!(ledger.settle(), Ok(0));
        assert_eq!(ledger.take(&over()), Ok(Came::Again), "it is known to be over");
    }

    #[test]
    fn what_is_left_out_or_out_of_order_is_told() {
        let mut ledger = Ledger::new(Mode::Steady);
        ledger.owe(JobId::from("j"), Formats::Hls);
        ledger.take(&begun()).unwrap();
        assert_eq!(ledger.settle(), Ok(1), "it may still come");
        ledger.take(&over()).unwrap();
        assert!(ledger.settle().is_err(), "the complete file was left out");
        assert!(ledger.take(&complete()).is_err());
        let mut killed = Ledger::new(Mode::Killed);
        killed.take(&begun()).unwrap();
        killed.take(&complete()).unwrap();
        assert_eq!(killed.take(&begun()), Ok(Came::Again));
    }
}
