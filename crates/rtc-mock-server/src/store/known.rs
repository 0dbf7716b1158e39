//! What is on disk, or on its way there, and what of a state differs from it.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hasher as _};
use std::ops::Bound;

use rtc_model::AppId;

use super::record;
use crate::state::{Project, State};

/// A record to be written, or to be removed where it has no value.
pub(super) struct Change {
    pub(super) place: Place,
    pub(super) value: Option<Vec<u8>>,
}

/// Where a record is.
pub(super) enum Place {
    /// Among those of the state, by its key.
    State(String),
    /// Among the notifications that are not over, by its id.
    Delivery(u64),
}

/// The records by their hashes.
pub(super) struct Known {
    hashes: BTreeMap<String, u64>,
}

impl Known {
    pub(super) fn new(records: &BTreeMap<String, Vec<u8>>) -> Self {
        let hashes = records.iter().map(|(key, value)| (key.clone(), hash(value)));
        Self { hashes: hashes.collect() }
    }

    /// What differs; from now on it is known. Only what may have changed since the last call is
    /// looked at: a state of its own is looked at in whole.
    pub(super) fn changes(&mut self, state: &mut State) -> serde_json::Result<Vec<Change>> {
        let mut found = Found { known: self, changes: Vec::new() };
        let (projects, all) = match state.take_touched() {
            Some(projects) => (projects, false),
            None => (state.projects().map(|(id, _)| id.into()).collect(), true),
        };
        if all {
            let prefixes: BTreeSet<_> = projects.iter().map(|id| record::of_project(id)).collect();
            found.remove("", |key| !begins(key, &prefixes));
        }
        for id in projects {
            if let Some(project) = state.touched_project(&id) {
                found.project(&id, project)?;
            }
        }
        Ok(found.changes)
    }
}

struct Found<'k> {
    known: &'k mut Known,
    changes: Vec<Change>,
}

impl Found<'_> {
    fn project(&mut self, id: &str, project: &mut Project) -> serde_json::Result<()> {
        self.put(record::buckets_key(id), record::buckets(&project.buckets)?);
        let (apps, all) = match project.take_touched() {
            Some(apps) => (apps, false),
            None => (project.entries().map(|(app, _)| app.clone()).collect(), true),
        };
        if all {
            let prefixes: BTreeSet<_> = apps.iter().map(|app| record::of_app(id, app)).collect();
            let buckets = record::buckets_key(id);
            self.remove(&record::of_project(id), |key| key != buckets && !begins(key, &prefixes));
        }
        for app in apps {
            self.app(id, &app, project, all)?;
        }
        Ok(())
    }

    fn app(
        &mut self,
        project: &str,
        app: &AppId,
        held: &mut Project,
        all: bool,
    ) -> serde_json::Result<()> {
        let prefix = record::of_app(project, app);
        let Some(entry) = held.touched_entry(app) else {
            self.remove(&prefix, |_| true);
            return Ok(());
        };
        self.put(record::app_key(project, app), record::app(app, entry)?);
        let jobs = match entry.jobs.take_touched() {
            Some(jobs) if !all => jobs,
            _ => {
                let jobs: BTreeSet<_> =
                    entry.jobs.in_order().iter().map(|j| j.id.clone()).collect();
                let mut keys: BTreeSet<_> =
                    jobs.iter().map(|job| record::job_key(project, app, job)).collect();
                keys.insert(record::app_key(project, app));
                self.remove(&prefix, |key| !keys.contains(key));
                jobs
            }
        };
        for id in jobs {
            let key = record::job_key(project, app, &id);
            match entry.jobs.get(&id) {
                Some(job) => self.put(key, record::job(app, job)?),
                None => self.remove(&key, |_| true),
            }
        }
        Ok(())
    }

    fn put(&mut self, key: String, value: Vec<u8>) {
        let hash = hash(&value);
        if self.known.hashes.get(&key) != Some(&hash) {
            self.known.hashes.insert(key.clone(), hash);
            self.changes.push(Change { place: Place::State(key), value: Some(value) });
        }
    }

    /// Removes records whose keys begin with `prefix`.
    fn remove(&mut self, prefix: &str, gone: impl Fn(&str) -> bool) {
        let keys = self.known.hashes.range(prefix.to_owned()..).map(|(key, _)| key);
        let keys = keys.take_while(|key| key.starts_with(prefix)).filter(|key| gone(key));
        let keys: Vec<_> = keys.cloned().collect();
        for key in keys {
            self.known.hashes.remove(&key);
            self.changes.push(Change { place: Place::State(key), value: None });
        }
    }
}

/// Whether the key begins with one of the prefixes. None of them begins with another, so only the
/// last one before the key can be it.
fn begins(key: &str, prefixes: &BTreeSet<String>) -> bool {
    let before = (Bound::Unbounded, Bound::Included(key));
    prefixes.range::<str, _>(before).next_back().is_some_and(|prefix| key.starts_with(prefix))
}

fn hash(value: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(value);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_found_by_the_record_that_it_belongs_to() {
        let ids = ["a", "a1", "a\"b", "a]", "b", "", "A", "\u{e9}"];
        let prefixes: BTreeSet<_> =
            ids.iter().map(|id| record::of_app("p", &AppId::from(*id))).collect();
        for id in ids {
            let app = AppId::from(id);
            assert!(begins(&record::app_key("p", &app), &prefixes), "{id}");
            assert!(begins(&record::job_key("p", &app, &"j".into()), &prefixes), "{id}");
        }
        for id in ["a2", "a\"", "aa", "c", "0"] {
            assert!(!begins(&record::app_key("p", &AppId::from(id)), &prefixes), "{id}");
        }
        assert!(!begins(&record::app_key("q", &AppId::from("a")), &prefixes));
    }
}
