//! A client that changes things of its own, and knows what must be there.

use serde_json::{Value, json};

use super::{Chance, http};
use crate::run::Outcome;

/// How many apps a worker has at most: those of all workers fit on one page of the list.
const APPS: usize = super::PAGE / super::WORKERS;

/// A client with what it was told.
pub(super) struct Worker {
    number: usize,
    chance: Chance,
    counter: u64,
    apps: Vec<App>,
    /// The change under way when the server was killed: it may have happened or not.
    doubt: Option<Change>,
    pub(super) acknowledged: u64,
    pub(super) cut: u64,
}

#[derive(Debug, Clone)]
struct App {
    id: String,
    name: String,
    url: Option<String>,
    rule: Option<String>,
    job: Option<Job>,
}

#[derive(Debug, Clone)]
struct Job {
    id: String,
    is_over: bool,
}

#[derive(Debug, Clone)]
enum Change {
    Create { name: String },
    Callback { app: usize, url: String },
    Rule { app: usize },
    Start { app: usize },
    Stop { app: usize },
    Delete { app: usize },
}

impl Worker {
    pub(super) fn new(number: usize, seed: u64) -> Self {
        let chance = Chance(seed | 1);
        Self { number, chance, counter: 0, apps: Vec::new(), doubt: None, acknowledged: 0, cut: 0 }
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.apps.iter().map(|app| app.name.as_str())
    }

    /// Goes on until no answer comes.
    pub(super) fn change_things(&mut self, address: &str) {
        loop {
            let change = self.choose();
            let (method, path, body) = self.request(&change);
            let body = if body.is_null() { String::new() } else { body.to_string() };
            let Some((status, answer)) = http::call(address, method, &path, &body) else {
                self.doubt = Some(change);
                self.cut += 1;
                return;
            };
            assert!(status < 300, "{method} {path} is answered with {status}: {answer}");
            self.apply(&change, &answer);
            self.acknowledged += 1;
        }
    }

    fn choose(&mut self) -> Change {
        self.counter += 1;
        let name = format!("worker-{}-{}", self.number, self.counter);
        if self.apps.is_empty() {
            return Change::Create { name };
        }
        let count = u64::try_from(self.apps.len()).unwrap_or(1);
        let app = usize::try_from(self.chance.next() % count).unwrap_or(0);
        let held = &self.apps[app];
        match (self.chance.next() % 8, &held.rule, &held.job) {
            (0 | 1, ..) if self.apps.len() < APPS => Change::Create { name },
            (2 | 3, None, _) => Change::Rule { app },
            (2..=4, Some(_), None) => Change::Start { app },
            (2..=4, _, Some(job)) if !job.is_over => Change::Stop { app },
            (5, _, None) => Change::Delete { app },
            (5, _, Some(job)) if job.is_over => Change::Delete { app },
            _ => Change::Callback { app, url: format!("http://cb.example/{}", self.counter) },
        }
    }

    fn request(&self, change: &Change) -> (&'static str, String, Value) {
        let path = |app: &usize, rest: &str| format!("/v2/apps/{}{rest}", self.apps[*app].id);
        match change {
            Change::Create { name } => ("POST", "/v2/apps".to_owned(), json!({ "app_name": name })),
            Change::Callback { app, url } => {
                ("PUT", path(app, "/record-callback"), json!({ "url": url }))
            }
            Change::Rule { app } => {
                let bucket =
                    json!({ "location": "cn-north-4", "bucket": "demo-bucket", "project_id": "p" });
                let hls = json!({ "record_cycle": 60 });
                let body =
                    json!({ "obs_addr": bucket, "record_formats": ["HLS"], "hls_config": hls });
                ("POST", path(app, "/record-rules"), body)
            }
            Change::Start { app } => {
                let param = json!({ "record_rule_id": self.apps[*app].rule });
                let body = json!({ "room_id": "room", "user_id": "user", "record_param": param });
                ("POST", path(app, "/individual-stream-jobs"), body)
            }
            Change::Stop { app } => {
                let job = self.apps[*app].job.as_ref().map_or("", |job| &job.id);
                ("DELETE", path(app, &format!("/individual-stream-jobs/{job}")), Value::Null)
            }
            Change::Delete { app } => ("DELETE", path(app, ""), Value::Null),
        }
    }

    fn apply(&mut self, change: &Change, answer: &Value) {
        let text = |name: &str| answer[name].as_str().unwrap_or_default().to_owned();
        match change {
            Change::Create { name } => {
                let (id, name) = (text("app_id"), name.clone());
                self.apps.push(App { id, name, url: None, rule: None, job: None });
            }
            Change::Callback { app, url } => self.apps[*app].url = Some(url.clone()),
            Change::Rule { app } => self.apps[*app].rule = Some(text("rule_id")),
            Change::Start { app } => {
                self.apps[*app].job = Some(Job { id: text("job_id"), is_over: false });
            }
            Change::Stop { app } => {
                if let Some(job) = &mut self.apps[*app].job {
                    job.is_over = true;
                }
            }
            Change::Delete { app } => drop(self.apps.remove(*app)),
        }
    }

    /// Finds out whether the change in doubt has happened, then looks at everything.
    pub(super) fn check(&mut self, address: &str) -> Outcome {
        if let Some(change) = self.doubt.take()
            && let Some(answer) = self.has_happened(address, &change)?
        {
            self.apply(&change, &answer);
        }
        self.apps.iter().try_for_each(|app| app.check(address))
    }

    /// What the answer would have said, if the change has happened.
    fn has_happened(&self, address: &str, change: &Change) -> Result<Option<Value>, String> {
        let app = |app: &usize| format!("/v2/apps/{}", self.apps[*app].id);
        match change {
            Change::Create { name } => {
                let list = get(address, &format!("/v2/apps?limit={}", super::PAGE))?.1;
                let mut apps = list["apps"].as_array().into_iter().flatten();
                Ok(apps.find(|app| app["app_name"] == name.as_str()).cloned())
            }
            Change::Callback { app: number, url } => {
                let answer = get(address, &(app(number) + "/record-callback"))?.1;
                Ok((answer["record_callback"]["url"] == url.as_str()).then_some(answer))
            }
            Change::Rule { app: number } => {
                let list = get(address, &(app(number) + "/record-rules"))?.1;
                Ok(list["rules"].get(0).cloned())
            }
            // There is no list of jobs. A job that is there refuses another one, and says its id.
            Change::Start { app: number } => {
                let (method, path, body) = self.request(change);
                let answer = http::call(address, method, &path, &body.to_string());
                let (status, answer) = answer.ok_or_else(|| format!("no answer about {number}"))?;
                if status == 201 {
                    return Ok(Some(answer));
                }
                let message = answer["error_msg"].as_str().unwrap_or_default();
                let mut words = message.split(' ');
                let id = words.find(|word| word.len() == 32).ok_or_else(|| message.to_owned())?;
                Ok(Some(json!({ "job_id": id })))
            }
            Change::Stop { app: number } => {
                let job = self.apps[*number].job.as_ref().map_or("", |job| &job.id);
                let path = app(number) + "/individual-stream-jobs/" + job;
                let answer = get(address, &path)?.1;
                Ok((answer["state"] == "STOPPED").then_some(answer))
            }
            Change::Delete { app: number } => {
                Ok((get(address, &app(number))?.0 == 404).then_some(Value::Null))
            }
        }
    }
}

impl App {
    fn check(&self, address: &str) -> Outcome {
        let path = format!("/v2/apps/{}", self.id);
        let wrong = |found: &(u16, Value)| Err(format!("{self:?}, but {} {}", found.0, found.1));
        let found = get(address, &path)?;
        if found.0 != 200 || found.1["app_name"] != self.name.as_str() {
            return wrong(&found);
        }
        let found = get(address, &format!("{path}/record-callback"))?;
        if found.1["record_callback"]["url"].as_str() != self.url.as_deref() {
            return wrong(&found);
        }
        let found = get(address, &format!("{path}/record-rules"))?;
        let rules = found.1["rules"].as_array().map_or(&[][..], Vec::as_slice);
        let ids: Vec<_> = rules.iter().filter_map(|rule| rule["rule_id"].as_str()).collect();
        if ids != Vec::from_iter(self.rule.as_deref()) {
            return wrong(&found);
        }
        if let Some(job) = &self.job {
            let found = get(address, &format!("{path}/individual-stream-jobs/{}", job.id))?;
            let is_over = found.1["state"] == "STOPPED";
            let is_whole =
                found.1["record_param"]["record_rule_id"].as_str() == self.rule.as_deref();
            if found.0 != 200 || is_over != job.is_over || !is_whole {
                return wrong(&found);
            }
        }
        Ok(())
    }
}

fn get(address: &str, path: &str) -> Result<(u16, Value), String> {
    http::call(address, "GET", path, "").ok_or_else(|| format!("GET {path} is not answered"))
}
