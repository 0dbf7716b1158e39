//! What the mock holds: apps with all that belongs to them, and buckets, kept apart by project.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, SystemTime};

use rtc_model::apps::{App, AppStatus};
use rtc_model::auto_record::AutoRecordMode;
use rtc_model::record_rules::RecordRule;
use rtc_model::{ApiError, AppId, ErrorCode, JobId, RoomId, RuleId};

use crate::buckets::Buckets;
use crate::jobs::{Job, Jobs};
use crate::notices::{self, Notice};
use crate::ordered::Ordered;
use crate::rooms::Room;

pub(crate) use self::agenda::{Agenda, Told};

mod agenda;

/// Everything the mock holds.
#[derive(Debug, Default)]
pub(crate) struct State {
    projects: BTreeMap<Box<str>, Project>,
    /// The projects that may have changed since somebody asked; `None` when nobody ever did.
    touched: Option<BTreeSet<Box<str>>>,
    agenda: Agenda,
}

/// One project. Projects do not see each other (decision D30).
#[derive(Debug, Default)]
pub(crate) struct Project {
    apps: BTreeMap<AppId, Entry>,
    names: BTreeMap<Box<str>, AppId>,
    order: Ordered,
    pub(crate) buckets: Buckets,
    /// The apps that may have changed since somebody asked; `None` when nobody ever did.
    touched: Option<BTreeSet<AppId>>,
}

/// An app with all that belongs to it.
#[derive(Debug)]
pub(crate) struct Entry {
    number: u64,
    pub(crate) app: App,
    pub(crate) rules: BTreeMap<RuleId, RecordRule>,
    pub(crate) jobs: Jobs,
    pub(crate) rooms: BTreeMap<RoomId, Room>,
    /// Until when its jobs have been looked at.
    seen: SystemTime,
    /// When something is due that somebody is to be told of; as it stands in the agenda.
    due: Option<SystemTime>,
    /// When a job changes its state; as it stands in the agenda.
    turn: Option<SystemTime>,
    /// What somebody is to be told of.
    notices: Vec<Notice>,
}

impl State {
    /// The project to add to; made when nothing was ever written to it.
    pub(crate) fn project_mut(&mut self, id: &str) -> &mut Project {
        if !self.projects.contains_key(id) {
            self.projects.insert(id.into(), Project::default());
        }
        self.touch(id);
        self.projects.get_mut(id).expect("the project was inserted above")
    }

    /// The project to read from; `None` when nothing was ever written to it.
    pub(crate) fn project(&self, id: &str) -> Option<&Project> {
        self.projects.get(id)
    }

    /// How many apps there are in all projects.
    pub(crate) fn app_count(&self) -> usize {
        self.projects.values().map(Project::app_count).sum()
    }

    /// An app to read from.
    pub(crate) fn entry(&self, project: &str, id: &AppId) -> Result<&Entry, ApiError> {
        self.projects
            .get(project)
            .and_then(|project| project.apps.get(id))
            .ok_or_else(|| no_app(id))
    }

    /// An app to change.
    pub(crate) fn entry_mut(&mut self, project: &str, id: &AppId) -> Result<&mut Entry, ApiError> {
        self.touch(project);
        self.agenda.look_at(project, id);
        let project = self.projects.get_mut(project).ok_or_else(|| no_app(id))?;
        project.touch(id);
        project.apps.get_mut(id).ok_or_else(|| no_app(id))
    }

    /// Removes an app with everything that belongs to it (decision D8). What its callback is still
    /// to be told of is told, at most about `most`.
    pub(crate) fn remove_app(
        &mut self,
        project: &str,
        id: &AppId,
        most: usize,
    ) -> Result<(), ApiError> {
        let entry = self.entry_mut(project, id)?;
        entry.record(most);
        let notices = std::mem::take(&mut entry.notices);
        self.agenda.tell(project, notices);
        self.project_mut(project).remove_app(id)
    }

    /// All projects.
    pub(crate) fn projects(&self) -> impl Iterator<Item = (&str, &Project)> {
        self.projects.iter().map(|(id, project)| (&**id, project))
    }

    /// The projects that may have changed since the last call; `None` at the first one: all may.
    #[cfg(feature = "store")]
    pub(crate) fn take_touched(&mut self) -> Option<BTreeSet<Box<str>>> {
        self.touched.replace(BTreeSet::new())
    }

    /// A project to ask what may have changed.
    #[cfg(feature = "store")]
    pub(crate) fn touched_project(&mut self, id: &str) -> Option<&mut Project> {
        self.projects.get_mut(id)
    }

    fn touch(&mut self, project: &str) {
        if let Some(touched) = self.touched.as_mut().filter(|touched| !touched.contains(project)) {
            touched.insert(project.into());
        }
    }

    /// The project and the app of a job, for the admin API, which names neither.
    pub(crate) fn owner_of(&self, job: &JobId) -> Option<(String, AppId)> {
        self.projects.iter().find_map(|(project, held)| {
            let (app, _) = held.apps.iter().find(|(_, entry)| entry.jobs.get(job).is_some())?;
            Some((project.to_string(), app.clone()))
        })
    }

    /// The project of an app, for the admin API, which need not name one. An id that several
    /// projects have is no answer.
    pub(crate) fn project_of(&self, id: &AppId) -> Result<&str, ApiError> {
        let mut owners = self.projects.iter().filter(|(_, project)| project.apps.contains_key(id));
        match (owners.next(), owners.next()) {
            (Some((project, _)), None) => Ok(project),
            (Some(_), Some(_)) => {
                let detail = format_args!(
                    "several projects have an application {:?}; name one",
                    id.as_str()
                );
                Err(ApiError::of(ErrorCode::INVALID_PARAMETER_VALUE, detail))
            }
            (None, _) => Err(no_app(id)),
        }
    }
}

impl Project {
    /// How many apps there are.
    pub(crate) fn app_count(&self) -> usize {
        self.apps.len()
    }

    /// The app that has the name.
    pub(crate) fn app_named(&self, name: &str) -> Option<&AppId> {
        self.names.get(name)
    }

    /// Adds an app; `false`, and nothing changed, when its id or its name is taken.
    pub(crate) fn insert_app(&mut self, id: AppId, name: &str, app: App) -> bool {
        self.touch(&id);
        if self.apps.contains_key(&id) || self.names.contains_key(name) {
            return false;
        }
        self.names.insert(name.into(), id.clone());
        let number = self.order.push(id.clone(), status(&app));
        let entry = Entry {
            number,
            app,
            rules: BTreeMap::new(),
            jobs: Jobs::default(),
            rooms: BTreeMap::new(),
            seen: SystemTime::UNIX_EPOCH,
            due: None,
            turn: None,
            notices: Vec::new(),
        };
        self.apps.insert(id, entry);
        true
    }

    /// Puts an app into another state.
    pub(crate) fn set_status(
        &mut self,
        id: &AppId,
        change: impl FnOnce(&mut App),
    ) -> Result<&App, ApiError> {
        self.touch(id);
        let entry = self.apps.get_mut(id).ok_or_else(|| no_app(id))?;
        let before = status(&entry.app);
        change(&mut entry.app);
        self.order.set_status(entry.number, id, &before, &status(&entry.app));
        Ok(&entry.app)
    }

    fn remove_app(&mut self, id: &AppId) -> Result<(), ApiError> {
        self.touch(id);
        let entry = self.apps.remove(id).ok_or_else(|| no_app(id))?;
        if let Some(name) = &entry.app.app_name {
            self.names.remove(name.as_str());
        }
        self.order.remove(entry.number, &status(&entry.app));
        Ok(())
    }

    /// All apps in the order in which they were made.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (&AppId, &Entry)> {
        self.order.ids(None).iter().filter_map(|(_, id)| Some((id, self.apps.get(id)?)))
    }

    /// The numbers of apps to come begin with `number`, if they are not past it.
    #[cfg(feature = "store")]
    pub(crate) fn number_from(&mut self, number: u64) {
        self.order.number_from(number);
    }

    /// The apps that may have changed since the last call; `None` at the first one: all may.
    #[cfg(feature = "store")]
    pub(crate) fn take_touched(&mut self) -> Option<BTreeSet<AppId>> {
        self.touched.replace(BTreeSet::new())
    }

    /// An app to ask what may have changed.
    #[cfg(feature = "store")]
    pub(crate) fn touched_entry(&mut self, id: &AppId) -> Option<&mut Entry> {
        self.apps.get_mut(id)
    }

    fn touch(&mut self, id: &AppId) {
        if let Some(touched) = &mut self.touched {
            touched.insert(id.clone());
        }
    }

    /// A page of apps in the order in which they were made, and how many there are in all.
    pub(crate) fn page(&self, state: Option<&AppStatus>, page: Page) -> (usize, Vec<App>) {
        let ids = self.order.ids(state);
        let range = page.range(ids.len());
        let ids = ids.get(range).unwrap_or_default();
        let apps = ids.iter().filter_map(|(_, id)| Some(self.apps.get(id)?.app.clone()));
        (self.order.ids(state).len(), apps.collect())
    }
}

impl Entry {
    /// The place of the app among those of its project.
    #[cfg(feature = "store")]
    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    /// The state of the app.
    pub(crate) fn status(&self) -> AppStatus {
        status(&self.app)
    }

    /// The rule by which auto record records those who join a room that is made now.
    pub(crate) fn auto_record_rule(&self) -> Option<RuleId> {
        let mode = self.app.auto_record_mode.as_ref()?;
        let is_on = mode.mode == Some(AutoRecordMode::IndividualRecord);
        let rule = mode.record_rule_id.as_deref().filter(|_| is_on)?;
        self.rules.get_key_value(rule).map(|(rule, _)| rule.clone())
    }

    /// A rule of the app.
    pub(crate) fn rule(&self, id: &RuleId) -> Result<&RecordRule, ApiError> {
        self.rules.get(id).ok_or_else(|| not_found("record rule", id.as_str()))
    }

    /// Brings all jobs up to the time: what was due since the last look has happened.
    pub(crate) fn settle(&mut self, now: SystemTime, init_delay: Duration) {
        self.seen = now;
        for room in self.jobs.settle(now, init_delay, &self.rooms) {
            self.forget_room(&room);
        }
    }

    /// Lets the jobs record until they were looked at, and notes what the callback is to be told
    /// of, at most about `most`.
    pub(crate) fn record(&mut self, most: usize) {
        let (app, notices) = (&self.app, &mut self.notices);
        if notices::callback(app).is_none() {
            return self.jobs.record(self.seen, &self.rules, most, None);
        }
        let mut tell = |job: &Job, moment| notices.extend(notices::notice(app, job, &moment));
        self.jobs.record(self.seen, &self.rules, most, Some(&mut tell));
    }

    /// Records a job by another rule from now on. Of what was before, at most about `most` is told.
    pub(crate) fn change_rule(&mut self, job: &JobId, rule: RuleId, now: SystemTime, most: usize) {
        self.record(most);
        let (app, notices) = (&self.app, &mut self.notices);
        if let Some(job) = self.jobs.get_mut(job) {
            let told = self.rules.get(&rule).map(|rule| job.change_rule(rule, now, most));
            job.rule = rule;
            let told = told.into_iter().flatten();
            notices.extend(told.filter_map(|moment| notices::notice(app, job, &moment)));
        }
    }

    /// A room that is empty is none, once no job waits for somebody to come back to it.
    pub(crate) fn forget_room(&mut self, id: &RoomId) {
        let is_empty = self.rooms.get(id).is_some_and(Room::is_empty);
        if is_empty && !self.jobs.live().any(|job| job.room == *id) {
            self.rooms.remove(id);
        }
    }
}

/// A page of a list: its number, beginning with 0, and how many items a page has (decision D1).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Page {
    number: usize,
    size: usize,
}

impl Page {
    /// Of checked parameters; 100 items by default.
    pub(crate) fn new(offset: Option<i32>, limit: Option<i32>) -> Self {
        let number = offset.and_then(|offset| usize::try_from(offset).ok()).unwrap_or(0);
        let size = limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(100);
        Self { number, size }
    }

    /// The places of the page's items in a list of the length.
    pub(crate) fn range(self, length: usize) -> std::ops::Range<usize> {
        let start = self.number.saturating_mul(self.size).min(length);
        start..start.saturating_add(self.size).min(length)
    }
}

/// "Not found" with what was not found (decision D5).
pub(crate) fn not_found(what: &str, id: &str) -> ApiError {
    ApiError::not_found(format_args!("the {what} {id:?} does not exist"))
}

fn no_app(id: &AppId) -> ApiError {
    not_found("application", id.as_str())
}

fn status(app: &App) -> AppStatus {
    let state = app.state.as_ref().and_then(|state| state.state.clone());
    state.unwrap_or(AppStatus::Activation)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_follow_each_other_and_end() {
        let range = |offset, limit| Page::new(Some(offset), Some(limit)).range(25);
        assert_eq!((range(0, 10), range(2, 10), range(3, 10)), (0..10, 20..25, 25..25));
        assert_eq!(range(i32::MAX, 100), 25..25);
        assert_eq!(Page::new(None, None).range(250), 0..100);
    }
}
