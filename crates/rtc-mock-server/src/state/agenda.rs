//! What is due without anybody asking, and what is to be told of it.

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime};

use rtc_model::AppId;

use crate::notices::{self, Notice};
use crate::state::{Entry, State};

/// The apps whose jobs may have something due, and those that were changed.
#[derive(Debug, Default)]
pub(crate) struct Agenda {
    /// When something is due that somebody is to be told of.
    due: Calendar,
    /// When a job changes its state.
    turns: Calendar,
    changed: BTreeSet<(Box<str>, AppId)>,
    /// Of apps that are gone.
    notices: Told,
}

/// Apps by the time at which they are to be looked at.
#[derive(Debug, Default)]
struct Calendar(BTreeSet<(SystemTime, Box<str>, AppId)>);

impl Calendar {
    fn first(&self) -> Option<SystemTime> {
        self.0.first().map(|(time, ..)| *time)
    }

    /// Takes an app whose time has come by `now`.
    fn pop(&mut self, now: SystemTime) -> Option<(Box<str>, AppId)> {
        self.first().filter(|time| *time <= now)?;
        self.0.pop_first().map(|(_, project, app)| (project, app))
    }

    /// Moves an app from the time at which it stands to another.
    fn put(
        &mut self,
        (project, app): (&str, &AppId),
        stands: &mut Option<SystemTime>,
        time: Option<SystemTime>,
    ) {
        if *stands == time {
            return;
        }
        if let Some(old) = std::mem::replace(stands, time) {
            self.0.remove(&(old, project.into(), app.clone()));
        }
        if let Some(time) = time {
            self.0.insert((time, project.into(), app.clone()));
        }
    }
}

/// What is to be told, with the project, in the order in which it happened for each job.
pub(crate) type Told = Vec<(Box<str>, Notice)>;

impl Agenda {
    pub(super) fn look_at(&mut self, project: &str, app: &AppId) {
        self.changed.insert((project.into(), app.clone()));
    }

    pub(super) fn tell(&mut self, project: &str, notices: Vec<Notice>) {
        self.notices.extend(notices.into_iter().map(|notice| (project.into(), notice)));
    }

    /// Looks at one app: what its callback is to be told of, and when there is more.
    fn update(
        &mut self,
        place: (&str, &AppId),
        entry: &mut Entry,
        init_delay: Duration,
        most: usize,
        told: &mut Told,
    ) {
        entry.record(most.saturating_sub(told.len()));
        told.extend(entry.notices.drain(..).map(|notice| (place.0.into(), notice)));
        let is_told = notices::callback(&entry.app).is_some();
        let due = is_told.then(|| entry.jobs.next_due(init_delay, &entry.rooms)).flatten();
        self.due.put(place, &mut entry.due, due);
        let turn = entry.jobs.next_turn(init_delay, &entry.rooms);
        self.turns.put(place, &mut entry.turn, turn);
    }
}

impl State {
    /// What is to be told of the apps that were changed since the last call, at most about `most`.
    /// What is left is due at once.
    pub(crate) fn take_told(&mut self, init_delay: Duration, most: usize) -> Told {
        let Self { agenda, projects, .. } = self;
        let mut told = std::mem::take(&mut agenda.notices);
        let changed = std::mem::take(&mut agenda.changed);
        for (project, app) in &changed {
            let held = projects.get_mut(project);
            if let Some(entry) = held.and_then(|held| held.apps.get_mut(app)) {
                agenda.update((project, app), entry, init_delay, most, &mut told);
            }
        }
        told
    }

    /// When something is due that somebody is to be told of.
    pub(crate) fn next_due(&self) -> Option<SystemTime> {
        self.agenda.due.first()
    }

    /// Lets happen what is due by `now` and somebody is to be told of, in at most `most` apps.
    pub(crate) fn run_agenda(&mut self, now: SystemTime, init_delay: Duration, most: usize) {
        for _ in 0..most {
            let Some((project, app)) = self.agenda.due.pop(now) else { return };
            if let Ok(entry) = self.entry_mut(&project, &app) {
                entry.due = None;
                entry.settle(now, init_delay);
            }
        }
    }

    /// An app of which a job changes its state by `now`; each such is given once.
    pub(crate) fn take_turn(&mut self, now: SystemTime) -> Option<(Box<str>, AppId)> {
        let (project, app) = self.agenda.turns.pop(now)?;
        if let Ok(entry) = self.entry_mut(&project, &app) {
            entry.turn = None;
        }
        Some((project, app))
    }
}

#[cfg(test)]
mod tests {
    use rtc_model::apps::{App, AppCallbacks};
    use rtc_model::mix_stream_jobs::{EncodeTemplate, MixParam};
    use rtc_model::record_callback::{AppCallbackUrl, NotifyEvent};
    use rtc_model::record_rules::{HlsRecordConfig, RecordFormat, RecordRule};
    use rtc_model::{JobId, RuleId};

    use super::*;
    use crate::jobs::{Job, Work};

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    /// A state with one app that has a job, made at 0, of files of a minute.
    fn state(events: &[NotifyEvent]) -> State {
        let (mut state, app) = (State::default(), AppId::from("app"));
        let callback = AppCallbackUrl::new().url("http://localhost/");
        let callback = callback.notify_event_subscription(events.iter().cloned());
        let callbacks = AppCallbacks::new().record_callback(callback);
        let held = App::new().app_id(&app).callbacks(callbacks);
        state.project_mut("p").insert_app(app.clone(), "name", held);
        let entry = state.entry_mut("p", &app).unwrap();
        let rule = RecordRule::new().record_formats([RecordFormat::Hls]);
        entry.rules.insert(RuleId::from("rule"), rule.hls_config(HlsRecordConfig::new(60)));
        let work = Work::Mix(MixParam::new("room", EncodeTemplate::AUDIO_ONLY));
        entry.jobs.insert(Job::new(JobId::from("job"), "room".into(), work, "rule".into(), at(0)));
        entry.settle(at(0), Duration::ZERO);
        state
    }

    fn run(state: &mut State, now: u64, most: usize) -> Vec<NotifyEvent> {
        state.run_agenda(at(now), Duration::ZERO, most);
        let told = state.take_told(Duration::ZERO, most);
        told.into_iter().map(|(_, notice)| notice.event).collect()
    }

    #[test]
    fn a_file_is_told_when_its_time_has_come_and_not_before() {
        use NotifyEvent::{RecordFileComplete as Complete, RecordNewFileStart as Start};
        let mut state = state(&[Start, Complete]);
        assert_eq!(run(&mut state, 0, 100), [Start]);
        assert_eq!(state.next_due(), Some(at(60)));
        assert_eq!(run(&mut state, 59, 100), []);
        assert_eq!(run(&mut state, 60, 100), [Complete, Start]);
        assert_eq!(state.next_due(), Some(at(120)));
    }

    #[test]
    fn what_there_is_no_room_for_is_told_later_and_nothing_twice() {
        let mut state = state(&[NotifyEvent::RecordFileComplete]);
        run(&mut state, 0, 100);
        let mut count = run(&mut state, 60_000, 10).len();
        assert!((5..=10).contains(&count), "{count}");
        assert!(state.next_due().is_some_and(|due| due < at(60_000)), "the rest is due");
        for _ in 0..1_000 {
            count += run(&mut state, 60_000, 10).len();
        }
        assert_eq!((count, state.next_due()), (1_000, Some(at(60_060))));
    }

    #[test]
    fn an_app_stands_in_a_calendar_once() {
        let (mut calendar, mut stands, app) = (Calendar::default(), None, AppId::from("a"));
        for time in [5, 9, 7] {
            calendar.put(("p", &app), &mut stands, Some(at(time)));
        }
        assert_eq!((stands, calendar.0.len(), calendar.pop(at(6))), (Some(at(7)), 1, None));
        assert_eq!(calendar.pop(at(7)), Some(("p".into(), app.clone())));
        calendar.put(("p", &app), &mut stands, None);
        assert!(calendar.0.is_empty() && stands.is_none());
    }

    #[test]
    fn an_app_without_a_callback_has_nothing_due() {
        let mut state = state(&[]);
        assert_eq!(run(&mut state, 0, 100), []);
        assert_eq!((run(&mut state, 60_000, 100).len(), state.next_due()), (0, None));
    }
}
