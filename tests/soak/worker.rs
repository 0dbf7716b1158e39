//! A client that changes things of its own, and knows what must be there.

use std::fmt::Debug;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use fastrand::Rng;
use rtc_client::Client;
use rtc_model::AppId;
use rtc_model::apps::{
    AppReq, AppStatus, CreateApp, DeleteApp, ListApps, ShowApp, StartApp, StopApp,
};
use rtc_model::record_callback::{
    AppCallbackUrlReq, NotifyEvent, ShowRecordCallback, UpdateRecordCallback,
};
use rtc_model::record_rules::{
    CreateRecordRule, DeleteRecordRule, ListRecordRules, ShowRecordRule, UpdateRecordRule,
};

use super::doubt::{Outcome, read};
use super::figures::{Figures, LOSSES};
use super::mock::Mock;
use super::model::{App, Formats, Rule};
use super::receiver::{AUTH_KEY, Receiver};

mod jobs;

/// How many apps a client has at most.
const APPS: usize = 3;
/// How many jobs an app has at most; those that are over stay until the app is deleted.
const JOBS: usize = 12;
/// How many of them are not over, at most.
const LIVE: usize = 4;
/// The largest page of a list.
const PAGE: i32 = 100;

/// What all clients share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) figures: Arc<Figures>,
    pub(crate) receiver: Receiver,
    pub(crate) mock: Mock,
    /// Whether the clients come to their end.
    pub(crate) is_ending: AtomicBool,
}

/// A client with what it was told.
#[derive(Debug)]
pub(crate) struct Worker {
    number: usize,
    rng: Rng,
    counter: u64,
    pub(crate) apps: Vec<App>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Callback,
    MakeRule,
    ChangeRule,
    DropRule,
    StopOrStart,
    Begin,
    Change,
    End,
    Check,
    Delete,
}

impl Worker {
    pub(crate) fn new(number: usize, seed: u64) -> Self {
        let mut seeds = Rng::with_seed(seed);
        let rng = (0..=number).map(|_| seeds.fork()).last().unwrap_or(seeds);
        Self { number, rng, counter: 0, apps: Vec::new() }
    }

    /// Changes things until the end.
    pub(crate) async fn change_things(
        &mut self,
        shared: &Shared,
        client: &Client,
    ) -> Result<(), String> {
        while !shared.is_ending.load(Ordering::Relaxed) {
            if self.apps.is_empty() || (self.apps.len() < APPS && self.rng.u8(..) < 32) {
                self.create(shared, client).await?;
                continue;
            }
            let place = self.rng.usize(..self.apps.len());
            // Taken out, so that what went wrong leaves nothing half-known behind.
            let mut app = self.apps.swap_remove(place);
            let step = self.choose(&app);
            if self.make(step, &mut app, shared, client).await? {
                self.apps.push(app);
            }
        }
        Ok(())
    }

    /// Looks at everything, ends all jobs, and looks again.
    pub(crate) async fn finish(&mut self, shared: &Shared, client: &Client) -> Result<(), String> {
        for mut app in std::mem::take(&mut self.apps) {
            check(&app, shared, client).await?;
            while self.end(&mut app, shared, client).await? {}
            check(&app, shared, client).await?;
            for (id, job) in &app.jobs {
                shared.receiver.owe(id.clone(), job.formats);
            }
            self.apps.push(app);
        }
        Ok(())
    }

    fn fresh(&mut self, what: &str) -> String {
        self.counter += 1;
        format!("{what}-{}-{}", self.number, self.counter)
    }

    fn choose(&mut self, app: &App) -> Step {
        let live = app.live().count();
        let records = app.callback.is_some() && app.rule.is_some() && !app.is_stopped;
        let is_full = app.jobs.len() >= JOBS;
        let steps = [
            (Step::Callback, if app.callback.is_none() { 8 } else { 1 }),
            (Step::MakeRule, if app.rule.is_none() { 8 } else { 0 }),
            (Step::ChangeRule, u32::from(app.rule.is_some())),
            (Step::DropRule, u32::from(app.rule.is_some() && live == 0)),
            (Step::StopOrStart, if app.is_stopped { 6 } else { 1 }),
            (Step::Begin, if records && !is_full && live < LIVE { 8 } else { 0 }),
            (Step::Change, if live > 0 { 2 } else { 0 }),
            (Step::End, if live > 0 { 5 } else { 0 }),
            (Step::Check, 4),
            (
                Step::Delete,
                if live > 0 {
                    0
                } else if is_full {
                    20
                } else {
                    1
                },
            ),
        ];
        let sum: u32 = steps.iter().map(|(_, weight)| weight).sum();
        let mut at = self.rng.u32(..sum);
        for (step, weight) in steps {
            match at.checked_sub(weight) {
                Some(rest) => at = rest,
                None => return step,
            }
        }
        Step::Check
    }

    /// Makes a step; `false` when the app is gone.
    async fn make(
        &mut self,
        step: Step,
        app: &mut App,
        shared: &Shared,
        client: &Client,
    ) -> Result<bool, String> {
        match step {
            Step::Callback => self.set_callback(app, shared, client).await?,
            Step::MakeRule => self.make_rule(app, shared, client).await?,
            Step::ChangeRule => self.change_rule(app, shared, client).await?,
            Step::DropRule => drop_rule(app, shared, client).await?,
            Step::StopOrStart => stop_or_start(app, shared, client).await?,
            Step::Begin => self.begin(app, shared, client).await?,
            Step::Change => self.change(app, shared, client).await?,
            Step::End => self.end(app, shared, client).await.map(drop)?,
            Step::Check => check(app, shared, client).await?,
            Step::Delete => return delete(app, shared, client).await,
        }
        Ok(true)
    }

    async fn create(&mut self, shared: &Shared, client: &Client) -> Result<(), String> {
        let (name, figures) = (self.fresh("app"), &*shared.figures);
        let made = client.send(CreateApp::new(AppReq::new(&name))).await;
        let id = match Outcome::of(made, figures)? {
            Outcome::Done(made) => Some(made.into_output().app_id),
            Outcome::NotDone => None,
            Outcome::Doubt(doubt) => {
                let id = find_app(&name, client).await?;
                doubt.resolve(id.is_some(), &name, figures)?;
                id
            }
        };
        if let Some(id) = id {
            figures.count("apps made");
            self.apps.push(App::new(id, name));
        }
        Ok(())
    }

    async fn set_callback(
        &mut self,
        app: &mut App,
        shared: &Shared,
        client: &Client,
    ) -> Result<(), String> {
        let url = format!("{}/{}", shared.receiver.url, self.fresh("callback"));
        let body = AppCallbackUrlReq::new(&url).auth_key(AUTH_KEY);
        let set = client.send(UpdateRecordCallback::new(&app.id, body)).await;
        let outcome = Outcome::of(set, &shared.figures)?;
        let look = async { Ok(callback(app, client).await?.as_ref() == Some(&url)) };
        if !outcome.has_happened(&url, &shared.figures, look).await? {
            return Ok(());
        }
        if app.callback.replace(url).is_none() {
            // Only the admin API can; before the first job, or its end would not be told.
            let events = [
                NotifyEvent::RecordNewFileStart,
                NotifyEvent::RecordFileComplete,
                NotifyEvent::CloudRecordOver,
            ];
            let mock = &shared.mock;
            mock.patiently(|| mock.admin.subscribe(app.id.as_str(), &events)).await?;
        }
        Ok(())
    }

    async fn make_rule(
        &mut self,
        app: &mut App,
        shared: &Shared,
        client: &Client,
    ) -> Result<(), String> {
        let (object, figures) = (self.fresh("rule"), &*shared.figures);
        let formats = if self.rng.bool() { Formats::Hls } else { Formats::Both };
        let made = client.send(CreateRecordRule::new(&app.id, formats.rule(&object))).await;
        let id = match Outcome::of(made, figures)? {
            Outcome::Done(rule) => rule.into_output().into_inner().rule_id,
            Outcome::NotDone => None,
            Outcome::Doubt(doubt) => {
                let list = read(client, ListRecordRules::new(&app.id)).await?;
                let rule = list.and_then(|list| list.rules.into_iter().next());
                doubt.resolve(rule.is_some(), &object, figures)?;
                rule.and_then(|rule| rule.rule_id)
            }
        };
        app.rule = id.map(|id| Rule { id, object, formats });
        Ok(())
    }

    async fn change_rule(
        &mut self,
        app: &mut App,
        shared: &Shared,
        client: &Client,
    ) -> Result<(), String> {
        let object = self.fresh("rule");
        let Some(rule) = &mut app.rule else { return Ok(()) };
        let body = rule.formats.rule(&object);
        let changed = client.send(UpdateRecordRule::new(&app.id, &rule.id, body)).await;
        let outcome = Outcome::of(changed, &shared.figures)?;
        let look = async {
            let shown = read(client, ShowRecordRule::new(&app.id, &rule.id)).await?;
            let place = shown.and_then(|rule| rule.obs_addr?.object);
            Ok(place.as_ref() == Some(&object))
        };
        if outcome.has_happened(&object, &shared.figures, look).await? {
            rule.object = object;
        }
        Ok(())
    }
}

async fn drop_rule(app: &mut App, shared: &Shared, client: &Client) -> Result<(), String> {
    let Some(rule) = &app.rule else { return Ok(()) };
    let dropped = client.send(DeleteRecordRule::new(&app.id, &rule.id)).await;
    let outcome = Outcome::of(dropped, &shared.figures)?;
    let look = async { Ok(read(client, ShowRecordRule::new(&app.id, &rule.id)).await?.is_none()) };
    if outcome.has_happened("the end of a rule", &shared.figures, look).await? {
        app.rule = None;
    }
    Ok(())
}

async fn stop_or_start(app: &mut App, shared: &Shared, client: &Client) -> Result<(), String> {
    let wanted = !app.is_stopped;
    let answer = if wanted {
        client.send(StopApp::new(&app.id)).await
    } else {
        client.send(StartApp::new(&app.id)).await
    };
    let outcome = Outcome::of(answer, &shared.figures)?;
    let look = async {
        let shown = read(client, ShowApp::new(&app.id)).await?;
        let status = shown.and_then(|app| app.state?.state);
        Ok(status == Some(if wanted { AppStatus::Deactivation } else { AppStatus::Activation }))
    };
    if outcome.has_happened("the state of an app", &shared.figures, look).await? {
        app.is_stopped = wanted;
    }
    Ok(())
}

/// Deletes an app whose jobs are over; `true` when it is still there.
async fn delete(app: &mut App, shared: &Shared, client: &Client) -> Result<bool, String> {
    audit(app, shared).await?;
    let deleted = client.send(DeleteApp::new(&app.id)).await;
    let outcome = Outcome::of(deleted, &shared.figures)?;
    let look = async { Ok(read(client, ShowApp::new(&app.id)).await?.is_none()) };
    if !outcome.has_happened("the end of an app", &shared.figures, look).await? {
        return Ok(true);
    }
    shared.figures.count("apps deleted");
    for (id, job) in &app.jobs {
        shared.receiver.owe(id.clone(), job.formats);
    }
    Ok(false)
}

/// Compares an app with what the API says of it, and with what the mock holds.
async fn check(app: &App, shared: &Shared, client: &Client) -> Result<(), String> {
    let shown = read(client, ShowApp::new(&app.id)).await?;
    let name = shown.and_then(|app| app.app_name);
    expect(&name, &Some(app.name.clone()), app, shared)?;
    expect(&callback(app, client).await?, &app.callback, app, shared)?;
    let list = read(client, ListRecordRules::new(&app.id)).await?.unwrap_or_default();
    let places = list.rules.into_iter().map(|rule| rule.obs_addr.and_then(|place| place.object));
    let rule = app.rule.iter().map(|rule| Some(rule.object.clone()));
    expect(&places.collect::<Vec<_>>(), &rule.collect(), app, shared)?;
    for (id, job) in &app.jobs {
        jobs::check(app, id, job, shared, client).await?;
    }
    audit(app, shared).await
}

async fn audit(app: &App, shared: &Shared) -> Result<(), String> {
    shared.figures.count("audits");
    let audit = app.audit(&shared.mock.state().await?);
    audit.inspect_err(|_| shared.figures.count(LOSSES))
}

fn expect<T: PartialEq + Debug>(
    found: &T,
    expected: &T,
    app: &App,
    shared: &Shared,
) -> Result<(), String> {
    shared.figures.count("values compared");
    if found == expected {
        return Ok(());
    }
    shared.figures.count(LOSSES);
    Err(format!("the API tells {found:?} instead of {expected:?}, of {app:?}"))
}

async fn callback(app: &App, client: &Client) -> Result<Option<String>, String> {
    let shown = read(client, ShowRecordCallback::new(&app.id)).await?;
    Ok(shown.and_then(|shown| shown.record_callback?.url))
}

async fn find_app(name: &str, client: &Client) -> Result<Option<AppId>, String> {
    for page in 0.. {
        let list = ListApps::new().offset(page * PAGE).limit(PAGE);
        let apps = read(client, list).await?.map(|list| list.apps).unwrap_or_default();
        let is_last = apps.len() < usize::try_from(PAGE).unwrap_or_default();
        if let Some(app) = apps.into_iter().find(|app| app.app_name.as_deref() == Some(name)) {
            return Ok(app.app_id);
        }
        if is_last {
            break;
        }
    }
    Ok(None)
}
