//! What a client was told, and so what must be there.

use std::collections::BTreeMap;

use rtc_model::mix_stream_jobs::{EncodeTemplate, MixJobReq, MixParam};
use rtc_model::record_rules::{
    HlsRecordConfig, Mp4RecordConfig, RecordFormat, RecordObsFileAddr, RecordRuleReq, RuleLocation,
};
use rtc_model::{AppId, JobId, RoomId, RuleId};
use serde_json::{Value, json};

/// The longest file in MP4: longer than any soak.
const LONG: i32 = 10_800;

/// An app with all that belongs to it.
#[derive(Debug, Clone)]
pub(crate) struct App {
    pub(crate) id: AppId,
    pub(crate) name: String,
    pub(crate) is_stopped: bool,
    /// The URL of the callback.
    pub(crate) callback: Option<String>,
    pub(crate) rule: Option<Rule>,
    pub(crate) jobs: BTreeMap<JobId, Job>,
}

/// The record rule of an app.
#[derive(Debug, Clone)]
pub(crate) struct Rule {
    pub(crate) id: RuleId,
    /// What the last change has set.
    pub(crate) object: String,
    pub(crate) formats: Formats,
}

/// In which formats is recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Formats {
    Hls,
    Both,
}

/// A recording job.
#[derive(Debug, Clone)]
pub(crate) struct Job {
    pub(crate) work: Work,
    pub(crate) room: RoomId,
    pub(crate) rule: RuleId,
    pub(crate) formats: Formats,
    pub(crate) is_over: bool,
}

/// What a job does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Work {
    Individual,
    /// With the longest idle time that the last change has set.
    Mix {
        idle: i32,
    },
}

impl App {
    pub(crate) fn new(id: AppId, name: String) -> Self {
        Self { id, name, is_stopped: false, callback: None, rule: None, jobs: BTreeMap::new() }
    }

    /// The jobs that are not over.
    pub(crate) fn live(&self) -> impl Iterator<Item = (&JobId, &Job)> {
        self.jobs.iter().filter(|(_, job)| !job.is_over)
    }

    /// Compares all of it with what the admin API tells of the project: no less, no more.
    pub(crate) fn audit(&self, project: &Value) -> Result<(), String> {
        let held = of_app(project, "apps", &self.id);
        let [app] = held.as_slice() else {
            return Err(format!("the app {self:?} is there {} times", held.len()));
        };
        let callback = &app["callbacks"]["record_callback"]["url"];
        let state = if self.is_stopped { "DEACTIVATION" } else { "ACTIVATION" };
        let found = json!([app["app_name"], app["state"]["state"], callback]);
        expect(found, json!([self.name, state, self.callback]), self)?;

        let rules = of_app(project, "record_rules", &self.id);
        let found = rules.iter().map(|rule| json!([rule["rule_id"], rule["obs_addr"]["object"]]));
        let expected = self.rule.iter().map(|rule| json!([rule.id, rule.object]));
        expect(found.collect(), expected.collect(), self)?;

        let mut found = Vec::new();
        for kind in ["individual_stream_jobs", "mix_stream_jobs"] {
            for job in of_app(project, kind, &self.id) {
                let idle = &job["mix_param"]["max_idle_time"];
                let rule = &job["record_param"]["record_rule_id"];
                let is_over = job["state"] == "STOPPED";
                found.push(json!([job["job_id"], job["room_id"], rule, is_over, idle]));
            }
        }
        let jobs = self.jobs.iter().map(|(id, job)| {
            let idle = match job.work {
                Work::Mix { idle } => Some(idle),
                Work::Individual => None,
            };
            json!([id, job.room, job.rule, job.is_over, idle])
        });
        let mut expected: Vec<_> = jobs.collect();
        found.sort_by_key(Value::to_string);
        expected.sort_by_key(Value::to_string);
        expect(found.into(), expected.into(), self)
    }
}

impl Formats {
    /// A rule that records in them, and puts its files there.
    pub(crate) fn rule(self, object: &str) -> RecordRuleReq {
        let place = RecordObsFileAddr::new(RuleLocation::CnNorth4, "project", "demo-bucket");
        let rule = RecordRuleReq::new(place.object(object)).hls_config(HlsRecordConfig::new(0));
        match self {
            Self::Hls => rule.record_formats([RecordFormat::Hls]),
            Self::Both => rule
                .record_formats([RecordFormat::Hls, RecordFormat::Mp4])
                .mp4_config(Mp4RecordConfig::new(LONG)),
        }
    }
}

/// A job that mixes a room, without video.
pub(crate) fn mix(room: &RoomId, idle: i32) -> MixJobReq {
    MixJobReq::new(MixParam::new(room, EncodeTemplate::AUDIO_ONLY).max_idle_time(idle))
}

/// What the admin API tells under a name of the app.
fn of_app<'v>(project: &'v Value, name: &str, app: &AppId) -> Vec<&'v Value> {
    let all = project[name].as_array().map_or(&[][..], Vec::as_slice);
    all.iter().filter(|one| one["app_id"] == app.as_str()).collect()
}

fn expect(found: Value, expected: Value, app: &App) -> Result<(), String> {
    if found == expected {
        return Ok(());
    }
    Err(format!("the mock holds {found} instead of {expected}, of {app:?}"))
}
