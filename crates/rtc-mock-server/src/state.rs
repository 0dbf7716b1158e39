//! What the mock holds: apps, kept apart by project.

use std::collections::BTreeMap;

use rtc_model::apps::App;
use rtc_model::{ApiError, AppId};

/// Everything the mock holds.
#[derive(Debug, Default)]
pub(crate) struct State {
    projects: BTreeMap<Box<str>, Project>,
}

/// The apps of one project. Projects do not see each other (decision D30).
#[derive(Debug, Default)]
pub(crate) struct Project {
    apps: BTreeMap<AppId, App>,
    names: BTreeMap<Box<str>, AppId>,
}

impl State {
    /// The project to add to; made when nothing was ever written to it.
    pub(crate) fn project_mut(&mut self, id: &str) -> &mut Project {
        if !self.projects.contains_key(id) {
            self.projects.insert(id.into(), Project::default());
        }
        self.projects.get_mut(id).expect("the project was inserted above")
    }

    /// How many apps there are in all projects.
    pub(crate) fn app_count(&self) -> usize {
        self.projects.values().map(Project::app_count).sum()
    }

    /// An app to read from.
    pub(crate) fn app(&self, project: &str, id: &AppId) -> Result<&App, ApiError> {
        self.projects
            .get(project)
            .and_then(|project| project.apps.get(id))
            .ok_or_else(|| no_app(id))
    }

    /// An app to change.
    pub(crate) fn app_mut(&mut self, project: &str, id: &AppId) -> Result<&mut App, ApiError> {
        let project = self.projects.get_mut(project);
        project.and_then(|project| project.apps.get_mut(id)).ok_or_else(|| no_app(id))
    }

    /// Removes an app with everything that belongs to it (decision D8).
    pub(crate) fn remove_app(&mut self, project: &str, id: &AppId) -> Result<(), ApiError> {
        let project = self.projects.get_mut(project).ok_or_else(|| no_app(id))?;
        let app = project.apps.remove(id).ok_or_else(|| no_app(id))?;
        if let Some(name) = &app.app_name {
            project.names.remove(name.as_str());
        }
        Ok(())
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
        if self.apps.contains_key(&id) || self.names.contains_key(name) {
            return false;
        }
        self.names.insert(name.into(), id.clone());
        self.apps.insert(id, app);
        true
    }
}

fn no_app(id: &AppId) -> ApiError {
    ApiError::not_found(format_args!("the application {:?} does not exist", id.as_str()))
}
