//! Records: one an app with its rules and rooms, one a job, one for the buckets of a project.
//!
//! A key is a JSON array: the project, the kind, the app, the job. The keys of what belongs
//! together begin alike.

use std::collections::BTreeMap;
use std::sync::Arc;

use rtc_model::apps::App;
use rtc_model::individual_stream_jobs::IndividualStreamJob;
use rtc_model::mix_stream_jobs::MixJob;
use rtc_model::record_rules::{RecordFormat, RecordRule};
use rtc_model::{AppId, JobId, Timestamp};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::buckets::Buckets;
use crate::deliveries::Nanos;
use crate::fixture::{BucketFixture, RoomFixture};
use crate::jobs::{Job, OpenFile, Progress, Recording, ZeroTimes};
use crate::state::{Entry, State};

const APP: &str = "app";
const BUCKETS: &str = "buckets";

/// How the keys of a project's records begin.
pub(super) fn of_project(project: &str) -> String {
    beginning(&json!([project]).to_string()) + ","
}

/// How the keys of an app's records begin.
pub(super) fn of_app(project: &str, app: &AppId) -> String {
    beginning(&app_key(project, app))
}

pub(super) fn app_key(project: &str, app: &AppId) -> String {
    json!([project, APP, app.as_str()]).to_string()
}

pub(super) fn job_key(project: &str, app: &AppId, job: &JobId) -> String {
    json!([project, APP, app.as_str(), job.as_str()]).to_string()
}

pub(super) fn buckets_key(project: &str) -> String {
    json!([project, BUCKETS]).to_string()
}

/// An array that goes on.
fn beginning(array: &str) -> String {
    array.trim_end_matches(']').to_owned()
}

#[derive(Serialize)]
struct AppOut<'a> {
    number: u64,
    app: &'a App,
    rules: Vec<&'a RecordRule>,
    rooms: Vec<RoomFixture>,
}

#[derive(Deserialize)]
struct AppIn {
    number: u64,
    app: App,
    rules: Vec<RecordRule>,
    rooms: Vec<RoomFixture>,
}

#[derive(Serialize, Deserialize)]
struct JobRecord {
    job: JobAnswer,
    /// The files that are open; absent when none are.
    #[serde(skip_serializing_if = "Option::is_none")]
    recording: Option<RecordingRecord>,
}

#[derive(Serialize, Deserialize)]
enum JobAnswer {
    Individual(IndividualStreamJob),
    Mix(MixJob),
}

#[derive(Serialize, Deserialize)]
struct RecordingRecord {
    rule: RecordRule,
    files: Vec<(RecordFormat, Nanos)>,
}

impl RecordingRecord {
    fn of(job: &Job) -> Option<Self> {
        let Progress::Open(recording) = job.progress() else { return None };
        let files = recording.files.iter().map(|file| (file.format.clone(), file.since.into()));
        Some(Self { rule: (*recording.rule).clone(), files: files.collect() })
    }

    fn to_progress(&self) -> Progress {
        let files = self
            .files
            .iter()
            .map(|(format, since)| OpenFile { format: format.clone(), since: (*since).into() });
        Progress::Open(Recording { rule: Arc::new(self.rule.clone()), files: files.collect() })
    }
}

pub(super) fn app(id: &AppId, entry: &Entry) -> serde_json::Result<Vec<u8>> {
    let rooms = entry.rooms.iter().map(|(room, held)| RoomFixture::new(id, room, held));
    serde_json::to_vec(&AppOut {
        number: entry.number(),
        app: &entry.app,
        rules: entry.rules.values().collect(),
        rooms: rooms.collect(),
    })
}

pub(super) fn job(app: &AppId, job: &Job) -> serde_json::Result<Vec<u8>> {
    let zero = ZeroTimes::LeaveOut;
    let individual = job.individual(app, zero).map(JobAnswer::Individual);
    let answer = individual.or_else(|| job.mix(app, zero).map(JobAnswer::Mix));
    let recording = RecordingRecord::of(job);
    serde_json::to_vec(&answer.map(|job| JobRecord { job, recording }))
}

pub(super) fn buckets(buckets: &Buckets) -> serde_json::Result<Vec<u8>> {
    let buckets = buckets.all().iter();
    let buckets: Vec<_> = buckets.map(|(name, held)| BucketFixture::new(name, held)).collect();
    serde_json::to_vec(&buckets)
}

/// The state of which these are the records, or what is wrong with them.
pub(super) fn state(records: &BTreeMap<String, Vec<u8>>) -> Result<State, String> {
    let mut state = State::default();
    let (mut apps, mut jobs) = (Vec::new(), Vec::new());
    for (key, value) in records {
        let parts: Vec<String> = read(key, key.as_bytes())?;
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        match parts.as_slice() {
            [project, BUCKETS] => {
                let buckets: Vec<BucketFixture> = read(key, value)?;
                let buckets = buckets.iter().map(BucketFixture::to_bucket).collect();
                state.project_mut(project).buckets.replace(buckets);
            }
            [project, APP, id] => {
                let app: AppIn = read(key, value)?;
                apps.push(((*project).to_owned(), AppId::from(*id), app));
            }
            [project, APP, app, _] => {
                let app = AppId::from(*app);
                let job = to_job(&read(key, value)?).map_err(|part| lacks(key, part))?;
                jobs.push(((*project).to_owned(), app, job));
            }
            _ => return Err(format!("the record {key} is of no known kind")),
        }
    }
    apps.sort_by_key(|(.., app)| app.number);
    for (project, id, app) in apps {
        add_app(&mut state, &project, id, app)?;
    }
    jobs.sort_by_key(|(.., job)| job.stopped_at());
    for (project, app, job) in jobs {
        let id = job.id.clone();
        let entry = state.entry_mut(&project, &app);
        if !entry.is_ok_and(|entry| entry.jobs.insert(job)) {
            return Err(format!("the job {id} has no app"));
        }
    }
    Ok(state)
}

fn add_app(state: &mut State, project: &str, id: AppId, record: AppIn) -> Result<(), String> {
    let AppIn { number, app, rules, rooms } = record;
    let name = app.app_name.clone().ok_or_else(|| lacks(id.as_str(), "app_name"))?;
    let held = state.project_mut(project);
    held.number_from(number);
    if !held.insert_app(id.clone(), &name, app) {
        return Err(format!("the name of the app {id} is there twice"));
    }
    let entry = state.entry_mut(project, &id).map_err(|error| error.to_string())?;
    for rule in rules {
        let rule_id = rule.rule_id.clone().ok_or_else(|| lacks(id.as_str(), "rule_id"))?;
        entry.rules.insert(rule_id, rule);
    }
    entry.rooms = rooms.iter().map(|room| (room.room_id.clone(), room.to_room())).collect();
    Ok(())
}

fn to_job(record: &JobRecord) -> Result<Job, &'static str> {
    let mut job = match &record.job {
        JobAnswer::Individual(job) => Job::from_individual(job, Timestamp::UNSET),
        JobAnswer::Mix(job) => Job::from_mix(job, Timestamp::UNSET),
    }?;
    if let Some(recording) = &record.recording {
        job.set_progress(recording.to_progress());
    }
    Ok(job)
}

fn read<T: DeserializeOwned>(key: &str, value: &[u8]) -> Result<T, String> {
    serde_json::from_slice(value)
        .map_err(|error| format!("the record {key} cannot be read: {error}"))
}

fn lacks(what: &str, part: &str) -> String {
    format!("the record {what} has no {part}")
}
