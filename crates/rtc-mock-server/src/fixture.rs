//! Fixtures: what a mock holds when it starts, as JSON.

use rtc_model::Timestamp;
use rtc_model::apps::App;
use serde::Deserialize;

use crate::state::State;

/// What a mock holds when it starts.
///
/// The JSON has a list of projects, each with its apps in the form in which the service answers
/// them. Without `project_id` the apps belong to the first project that the mock knows.
///
/// ```
/// use rtc_mock_server::Fixture;
///
/// let fixture = Fixture::from_json(r#"{
///     "projects": [{
///         "apps": [{
///             "app_id": "123456789abcdefghijklmno",
///             "app_name": "classroom",
///             "callbacks": { "record_callback": { "url": "http://mydomain.com" } }
///         }]
///     }]
/// }"#)?;
/// # let _ = fixture;
/// # Ok::<(), rtc_mock_server::FixtureError>(())
/// ```
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fixture {
    projects: Vec<ProjectFixture>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct ProjectFixture {
    project_id: Option<String>,
    #[serde(default)]
    apps: Vec<App>,
}

impl Fixture {
    /// Reads a fixture.
    pub fn from_json(json: &str) -> Result<Self, FixtureError> {
        let mut reader = serde_json::Deserializer::from_str(json);
        let fixture: Self =
            serde_path_to_error::deserialize(&mut reader).map_err(|error| FixtureError::Json {
                path: error.path().to_string(),
                reason: error.into_inner().to_string(),
            })?;
        let broken = |error: serde_json::Error| FixtureError::Json {
            path: ".".into(),
            reason: error.to_string(),
        };
        reader.end().map_err(broken)?;
        // What can be wrong is said now and not when a server starts with it.
        fixture.to_state("default", Timestamp::UNSET)?;
        Ok(fixture)
    }

    /// The state that the fixture describes. What an app leaves out stays absent in answers,
    /// except its state and times: without them it would be no app.
    pub(crate) fn to_state(
        &self,
        default_project: &str,
        now: Timestamp,
    ) -> Result<State, FixtureError> {
        let mut state = State::default();
        for (p, project) in self.projects.iter().enumerate() {
            let id = project.project_id.as_deref().unwrap_or(default_project);
            for (a, app) in project.apps.iter().enumerate() {
                let at = |field: &str| format!("projects[{p}].apps[{a}].{field}");
                let (Some(app_id), Some(name)) = (&app.app_id, &app.app_name) else {
                    let field = if app.app_id.is_none() { "app_id" } else { "app_name" };
                    return Err(FixtureError::Missing { field: at(field) });
                };
                let mut app = app.clone();
                app.create_time.get_or_insert(now);
                let status = app.state.get_or_insert_default();
                status.state.get_or_insert(rtc_model::apps::AppStatus::Activation);
                status.update_time.get_or_insert(now);
                if !state.project_mut(id).insert_app(app_id.clone(), name, app.clone()) {
                    return Err(FixtureError::Taken {
                        field: at("app_id"),
                        app: app_id.to_string(),
                    });
                }
            }
        }
        Ok(state)
    }
}

/// A fixture that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FixtureError {
    /// The text is no JSON, or not of the documented form.
    #[error("the fixture cannot be read at {path}: {reason}")]
    Json {
        /// The place in the JSON.
        path: String,
        /// What was found.
        reason: String,
    },
    /// A mandatory value is absent.
    #[error("the fixture has no {field}; every app needs an app_id and an app_name")]
    Missing {
        /// The place in the JSON.
        field: String,
    },
    /// Two apps of one project have the same id or name.
    #[error("the fixture's {field} ({app}): its id or its name is taken by an app before it")]
    Taken {
        /// The place in the JSON.
        field: String,
        /// The app's id.
        app: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        for (json, place) in [
            ("{", "EOF"),
            (r#"{"project": []}"#, "unknown field"),
            (r#"{"projects":[{"apps":[{"app_id":"a"}]}]}"#, "projects[0].apps[0].app_name"),
            (
                r#"{"projects":[{"apps":[{"app_id":"a","app_name":"n"},{"app_id":"a","app_name":"m"}]}]}"#,
                "apps[1]",
            ),
            (
                r#"{"projects":[{"apps":[{"app_id":"a","app_name":"n"},{"app_id":"b","app_name":"n"}]}]}"#,
                "apps[1]",
            ),
            (
                r#"{"projects":[{"apps":[{"app_id":5,"app_name":"n"}]}]}"#,
                "projects[0].apps[0].app_id",
            ),
            (r#"{"projects":[]} x"#, "trailing"),
        ] {
            let error = Fixture::from_json(json).unwrap_err().to_string();
            assert!(error.contains(place), "{json}: {error}");
        }
    }
}
