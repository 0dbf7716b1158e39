//! Fixtures: what a mock holds when it starts, as JSON.

use std::collections::{BTreeMap, BTreeSet};

use rtc_model::apps::{App, AppStatus};
use rtc_model::individual_stream_jobs::IndividualStreamJob;
use rtc_model::mix_stream_jobs::MixJob;
use rtc_model::obs::ObsObject;
use rtc_model::record_rules::RecordRule;
use rtc_model::{AppId, RoomId, RuleId, Timestamp, UserId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use self::error::FixtureError;
use self::strict::{check_fields, check_objects};
use crate::buckets::Bucket;
use crate::handlers::default_subscription;
use crate::jobs::Job;
use crate::rooms::Room;
use crate::state::{Project, State};

mod check;
mod error;
mod export;
mod schema;
mod strict;

pub use self::schema::fixture_schema;
pub(crate) use self::schema::schema_in;

/// What a mock holds when it starts.
///
/// The JSON has a list of projects. Each has its `apps`, `record_rules`, `individual_stream_jobs` and
/// `mix_stream_jobs` in the form in which the service answers them; what an app leaves out stays absent, except its state and times, and the
/// events of a callback, which are then the default ones (a rule belongs to the app that its `app_id` names), and its `buckets`, in
/// the form of the service with a list of `objects`; without them there is `demo-bucket`. Without
/// `project_id` all of it belongs to the first project that the mock knows.
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
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fixture {
    projects: Vec<ProjectFixture>,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ProjectFixture {
    /// The project; without it the first one that the mock knows.
    #[serde(skip_serializing_if = "Option::is_none")]
    project_id: Option<String>,
    /// Apps as the service answers them; `app_id` and `app_name` must be there.
    #[serde(default)]
    apps: Vec<App>,
    /// Rules as the service answers them; `rule_id` and `app_id` must be there.
    #[serde(default)]
    record_rules: Vec<RecordRule>,
    /// Jobs as the service answers them; the ids and `record_param` must be there.
    #[serde(default)]
    individual_stream_jobs: Vec<IndividualStreamJob>,
    /// Jobs as the service answers them; the ids, `mix_param` and `record_param` must be there.
    #[serde(default)]
    mix_stream_jobs: Vec<MixJob>,
    /// Rooms with who is in them.
    #[serde(default)]
    rooms: Vec<RoomFixture>,
    /// Buckets; without the list there is `demo-bucket`.
    #[serde(skip_serializing_if = "Option::is_none")]
    buckets: Option<Vec<BucketFixture>>,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RoomFixture {
    /// The app of the room.
    pub(crate) app_id: AppId,
    /// The room.
    pub(crate) room_id: RoomId,
    /// Who is there.
    #[serde(default)]
    users: BTreeSet<UserId>,
    /// Who left when, and did not come back: the idle time of jobs counts from there.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    left: BTreeMap<UserId, Timestamp>,
    /// By which rule those who join are recorded: auto record was on when the room was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    auto_record_rule_id: Option<RuleId>,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BucketFixture {
    /// Its name.
    bucket: String,
    /// Its region, such as `cn-north-4`.
    location: String,
    /// Whether RTC may write to it.
    #[serde(default)]
    is_authorized: bool,
    /// As OBS writes it, `2020/07/16 15:11:55 GMT+08:00`; the start of the mock without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    creation_date: Option<String>,
    /// What is in it; a folder has a name that ends in `/`.
    #[serde(default)]
    objects: Vec<ObsObject>,
}

impl Fixture {
    /// Reads a fixture.
    ///
    /// # Errors
    ///
    /// Text that is no JSON or not of the form, fields that are not known, ids that are absent,
    /// taken or not allowed: [`FixtureError`] says where.
    pub fn from_json(json: &str) -> Result<Self, FixtureError> {
        let wrong = |path: &str, reason: String| FixtureError::Json { path: path.into(), reason };
        let given: Value =
            serde_json::from_str(json).map_err(|error| wrong(".", error.to_string()))?;
        check_objects(&given)?;
        let fixture: Self = serde_path_to_error::deserialize(&given)
            .map_err(|error| wrong(&error.path().to_string(), error.inner().to_string()))?;
        fixture.check_known(&given)?;
        // What can be wrong is said now and not when a server starts with it.
        fixture.to_state("default", Timestamp::UNSET)?;
        Ok(fixture)
    }

    /// Each project that the fixture names must be known, or nobody could see it.
    pub(crate) fn check_projects(
        &self,
        is_known: impl Fn(&str) -> bool,
    ) -> Result<(), FixtureError> {
        let named = self.projects.iter().filter_map(|project| project.project_id.as_deref());
        match named.into_iter().find(|id| !is_known(id)) {
            Some(id) => Err(FixtureError::NoProject { project: id.to_owned() }),
            None => Ok(()),
        }
    }

    /// The models ignore fields that they do not know, as clients must. In a fixture such a field
    /// is a slip.
    fn check_known(&self, given: &Value) -> Result<(), FixtureError> {
        for (number, project) in self.projects.iter().enumerate() {
            let given = &given["projects"][number];
            for (a, app) in project.apps.iter().enumerate() {
                let place = format!("projects[{number}].apps[{a}]");
                check_fields(&given["apps"][a], serde_json::to_value(app).ok(), &place)?;
            }
            for (j, job) in project.individual_stream_jobs.iter().enumerate() {
                let place = format!("projects[{number}].individual_stream_jobs[{j}]");
                let given = &given["individual_stream_jobs"][j];
                check_fields(given, serde_json::to_value(job).ok(), &place)?;
            }
            for (j, job) in project.mix_stream_jobs.iter().enumerate() {
                let place = format!("projects[{number}].mix_stream_jobs[{j}]");
                let given = &given["mix_stream_jobs"][j];
                check_fields(given, serde_json::to_value(job).ok(), &place)?;
            }
            for (r, rule) in project.record_rules.iter().enumerate() {
                let place = format!("projects[{number}].record_rules[{r}]");
                check_fields(&given["record_rules"][r], serde_json::to_value(rule).ok(), &place)?;
            }
            for (r, room) in project.rooms.iter().enumerate() {
                let users = given["rooms"][r]["users"].as_array().map_or(0, Vec::len);
                if users > room.users.len() {
                    let path = format!("projects[{number}].rooms[{r}].users");
                    let reason = "one is there twice".to_owned();
                    return Err(FixtureError::Json { path, reason });
                }
            }
            for (b, bucket) in project.buckets.iter().flatten().enumerate() {
                let place = format!("projects[{number}].buckets[{b}].objects");
                let given = &given["buckets"][b]["objects"];
                check_fields(given, serde_json::to_value(&bucket.objects).ok(), &place)?;
            }
        }
        Ok(())
    }

    /// The state that the fixture describes.
    pub(crate) fn to_state(
        &self,
        default_project: &str,
        now: Timestamp,
    ) -> Result<State, FixtureError> {
        let mut state = State::default();
        for (number, project) in self.projects.iter().enumerate() {
            let id = project.project_id.as_deref().unwrap_or(default_project);
            let place = format!("projects[{number}]");
            project.check_limits(number)?;
            project.add_apps(state.project_mut(id), &place, now)?;
            project.add_rules(&mut state, id, &place, now)?;
            project.add_jobs(&mut state, id, &place, now)?;
            project.check_rules(&state, id, &place)?;
            project.add_rooms(&mut state, id, &place)?;
            if let Some(buckets) = &project.buckets {
                let buckets = buckets.iter().map(BucketFixture::to_bucket).collect();
                state.project_mut(id).buckets.replace(buckets);
            }
        }
        Ok(state)
    }
}

impl ProjectFixture {
    fn add_apps(
        &self,
        project: &mut Project,
        place: &str,
        now: Timestamp,
    ) -> Result<(), FixtureError> {
        for (number, app) in self.apps.iter().enumerate() {
            let at = |field: &str| format!("{place}.apps[{number}].{field}");
            let (Some(app_id), Some(name)) = (&app.app_id, &app.app_name) else {
                let field = if app.app_id.is_none() { "app_id" } else { "app_name" };
                return Err(FixtureError::Missing { field: at(field) });
            };
            let mut app = app.clone();
            let callback = app.callbacks.as_mut().and_then(|all| all.record_callback.as_mut());
            if let Some(callback) = callback.filter(|c| c.notify_event_subscription.is_empty()) {
                // What a new callback gets (decision D3).
                callback.notify_event_subscription = default_subscription();
            }
            app.create_time.get_or_insert(now);
            let status = app.state.get_or_insert_default();
            status.state.get_or_insert(AppStatus::Activation);
            status.update_time.get_or_insert(now);
            if !project.insert_app(app_id.clone(), name, app) {
                return Err(FixtureError::Taken { field: at("app_id"), id: app_id.to_string() });
            }
        }
        Ok(())
    }

    fn add_rules(
        &self,
        state: &mut State,
        project: &str,
        place: &str,
        now: Timestamp,
    ) -> Result<(), FixtureError> {
        for (number, rule) in self.record_rules.iter().enumerate() {
            let at = |field: &str| format!("{place}.record_rules[{number}].{field}");
            let (Some(rule_id), Some(app_id)) = (&rule.rule_id, &rule.app_id) else {
                let field = if rule.rule_id.is_none() { "rule_id" } else { "app_id" };
                return Err(FixtureError::Missing { field: at(field) });
            };
            let Ok(entry) = state.entry_mut(project, app_id) else {
                return Err(FixtureError::NoApp { field: at("app_id"), app: app_id.to_string() });
            };
            let mut rule = rule.clone();
            rule.create_time.get_or_insert(now);
            rule.update_time.get_or_insert(now);
            if entry.rules.insert(rule_id.clone(), rule).is_some() {
                return Err(FixtureError::Taken { field: at("rule_id"), id: rule_id.to_string() });
            }
        }
        Ok(())
    }

    fn add_jobs(
        &self,
        state: &mut State,
        project: &str,
        place: &str,
        now: Timestamp,
    ) -> Result<(), FixtureError> {
        let individual = self.individual_stream_jobs.iter().enumerate();
        let individual = individual.map(|(number, job)| {
            let place = format!("{place}.individual_stream_jobs[{number}]");
            (place, job.app_id.as_ref(), Job::from_individual(job, now))
        });
        let mix = self.mix_stream_jobs.iter().enumerate().map(|(number, job)| {
            let place = format!("{place}.mix_stream_jobs[{number}]");
            (place, job.app_id.as_ref(), Job::from_mix(job, now))
        });
        for (place, app, job) in individual.chain(mix) {
            let missing = |field: &str| FixtureError::Missing { field: format!("{place}.{field}") };
            let app = app.ok_or_else(|| missing("app_id"))?;
            let job = job.map_err(missing)?;
            let Ok(entry) = state.entry_mut(project, app) else {
                let field = format!("{place}.app_id");
                return Err(FixtureError::NoApp { field, app: app.to_string() });
            };
            let id = job.id.to_string();
            if !entry.jobs.insert(job) {
                return Err(FixtureError::Taken { field: format!("{place}.job_id"), id });
            }
        }
        Ok(())
    }

    fn add_rooms(&self, state: &mut State, project: &str, place: &str) -> Result<(), FixtureError> {
        for (number, room) in self.rooms.iter().enumerate() {
            let Ok(entry) = state.entry_mut(project, &room.app_id) else {
                let field = format!("{place}.rooms[{number}].app_id");
                return Err(FixtureError::NoApp { field, app: room.app_id.to_string() });
            };
            let taken = entry.rooms.insert(room.room_id.clone(), room.to_room());
            if taken.is_some() {
                let (field, id) = (format!("{place}.rooms[{number}].room_id"), &room.room_id);
                return Err(FixtureError::Taken { field, id: id.to_string() });
            }
        }
        Ok(())
    }
}

impl RoomFixture {
    pub(crate) fn new(app: &AppId, id: &RoomId, room: &Room) -> Self {
        let left = room.left().iter().map(|(user, time)| (user.clone(), Timestamp::from(*time)));
        Self {
            app_id: app.clone(),
            room_id: id.clone(),
            users: room.users().clone(),
            left: left.collect(),
            auto_record_rule_id: room.auto_record.clone(),
        }
    }

    pub(crate) fn to_room(&self) -> Room {
        let left = self.left.iter();
        let left = left.filter_map(|(user, time)| Some((user.clone(), time.to_system_time()?)));
        Room::restored(self.users.clone(), left.collect(), self.auto_record_rule_id.clone())
    }
}

impl BucketFixture {
    pub(crate) fn new(name: &str, bucket: &Bucket) -> Self {
        Self {
            bucket: name.to_owned(),
            location: bucket.location.clone(),
            is_authorized: bucket.authorized,
            creation_date: bucket.creation_date.clone(),
            objects: bucket.objects.clone(),
        }
    }

    pub(crate) fn to_bucket(&self) -> (String, Bucket) {
        let bucket = Bucket {
            location: self.location.clone(),
            creation_date: self.creation_date.clone(),
            authorized: self.is_authorized,
            objects: self.objects.clone(),
        };
        (self.bucket.clone(), bucket)
    }
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
            (
                r#"{"projects":[{"apps":[{"app_id":"a","app_name":"n","callback":{}}]}]}"#,
                "projects[0].apps[0].callback: there is no such field",
            ),
            (
                r#"{"projects":[{"apps":[{"app_id":"123456789012345678901234567890123","app_name":"n"}]}]}"#,
                "33 characters",
            ),
            (
                r#"{"projects":[{"record_rules":[{"rule_id":"r","app_id":"a"}]}]}"#,
                "record_rules[0].app_id",
            ),
            (
                r#"{"projects":[{"apps":[{"app_id":"a","app_name":""}]}]}"#,
                "projects[0].apps[0].app_name: it has 0 characters",
            ),
            (
                r#"{"projects":[{},{"apps":[{"app_id":"a","app_name":"n","state":{"state":"DANCING"},"authentication":{"expire":1}}]}]}"#,
                "projects[1].apps[0].authentication.expire: it is 1, 60 to 2592000 is allowed",
            ),
            (
                r#"{"projects":[{"apps":[{"app_id":"a","app_name":"n"}],"rooms":[{"app_id":"a","room_id":"r","users":["a b"]}]}]}"#,
                "projects[0].rooms[0].users[0]: it holds ' '",
            ),
            (
                r#"{"projects":[{"apps":[{"app_id":"a","app_name":"n","auto_record_mode":{"mode":"AUTO_INDIVIDUAL_RECORD","record_rule_id":"r"}}]}]}"#,
                "projects[0].apps[0].auto_record_mode.record_rule_id (r): there is no such record rule",
            ),
            (
                r#"{"projects":[{"apps":[{"app_id":"a","app_name":"n"}],"individual_stream_jobs":[{"app_id":"a","job_id":"j","room_id":"x","user_id":"u","state":"RUNNING","record_param":{"record_rule_id":"r"}}]}]}"#,
                "projects[0].individual_stream_jobs[0].record_param.record_rule_id (r)",
            ),
            (
                r#"{"projects":[{"apps":[{"app_id":"a","app_name":"n"}],"rooms":[{"app_id":"a","room_id":"r","users":["u","v","u"]}]}]}"#,
                "projects[0].rooms[0].users: one is there twice",
            ),
            (
                r#"{"projects":[{"apps":[{"app_id":"a","app_name":"n"}],"rooms":[{"app_id":"a","room_id":"r","left":{"a b":"2024-03-15T08:15:30Z"}}]}]}"#,
                "projects[0].rooms[0].left[0]: it holds ' '",
            ),
            (
                r#"{"projects":[{"buckets":[{"bucket":"b","location":"l","objects":[{"name":"x"}]}]}]}"#,
                "projects[0].buckets[0].objects[0].name: there is no such field",
            ),
            (
                r#"{"projects":[{"buckets":[{"bucket":"b","location":"l","objects":[{"size":-1}]}]}]}"#,
                "projects[0].buckets[0].objects[0].size: it is -1",
            ),
            (r#"{"projects":[[null,[]]]}"#, "projects[0]: an object is expected"),
            ("[[]]", "an object is expected"),
        ] {
            let error = Fixture::from_json(json).unwrap_err().to_string();
            assert!(error.contains(place), "{json}: {error}");
        }
    }

    #[test]
    fn what_is_over_may_outlive_its_rule() {
        let off = r#"{"mode":"AUTO_RECORD_OFF","record_rule_id":"gone"}"#;
        let job = r#"{"app_id":"a","job_id":"j","room_id":"x","user_id":"u","state":"STOPPED","record_param":{"record_rule_id":"gone"}}"#;
        let json = format!(
            r#"{{"projects":[{{"apps":[{{"app_id":"a","app_name":"n","auto_record_mode":{off}}}],"individual_stream_jobs":[{job}]}}]}}"#
        );
        Fixture::from_json(&json).unwrap();
    }
}
