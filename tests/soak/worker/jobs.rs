//! The jobs of an app: begun, changed, ended.

use rtc_client::{Client, Error, ErrorKind};
use rtc_model::individual_stream_jobs::{
    CreateIndividualStreamJob, IndividualStreamJobReq, ShowIndividualStreamJob,
    StopIndividualStreamJob,
};
use rtc_model::jobs::{JobState, RecordParam};
use rtc_model::mix_stream_jobs::{
    CreateMixJob, ShowMixJob, StopMixJob, UpdateMixJob, UpdateMixJobReq, UpdateMixParam,
};
use rtc_model::{AppId, JobId, RoomId};

use super::{Shared, Worker, expect};
use crate::doubt::{Doubt, Outcome, is_taken, may_pass, read};
use crate::figures::{LOSSES, MADE_ANYWAY};
use crate::model::{App, Job, Work, mix};

/// The longest idle time of a new job; nobody is in its room, so it does not count.
const IDLE: i32 = 30;
/// The length of the id of a job.
const ID: usize = 32;

/// What a job is, as far as it changes.
type Shown = Option<(Option<RoomId>, bool, Option<i32>)>;

impl Worker {
    /// Begins a job in a room that had none.
    pub(super) async fn begin(
        &mut self,
        app: &mut App,
        shared: &Shared,
        client: &Client,
    ) -> Result<(), String> {
        let Some(rule) = app.rule.clone() else { return Ok(()) };
        let room = RoomId::from(self.fresh("room"));
        let work = if self.rng.bool() { Work::Individual } else { Work::Mix { idle: IDLE } };
        let job = Job { work, room, rule: rule.id, formats: rule.formats, is_over: false };
        let (figures, mut doubt) = (&*shared.figures, None);
        let id = loop {
            let answer = create(app, &job, client).await;
            if let (Err(error), Some(_)) = (&answer, doubt) {
                if is_taken(error) {
                    figures.count(MADE_ANYWAY);
                    break named(error)?;
                }
                if error.kind() == ErrorKind::BadRequest && may_pass(error) {
                    continue;
                }
            }
            match (Outcome::of(answer, figures)?, doubt) {
                (Outcome::Done(_), Some(Doubt::Done)) => {
                    figures.count(LOSSES);
                    return Err(format!("a job was acknowledged and is not there: {job:?}"));
                }
                (Outcome::Done(id), _) => break id.ok_or("a job has no id")?,
                (Outcome::NotDone, None) => return Ok(()),
                // There is no list of jobs, but one that is there refuses another and is named.
                (Outcome::Doubt(Doubt::Done), _) => doubt = Some(Doubt::Done),
                (Outcome::Doubt(Doubt::Either), None) => doubt = Some(Doubt::Either),
                (Outcome::NotDone | Outcome::Doubt(Doubt::Either), Some(_)) => {}
            }
            tokio::time::sleep(crate::PAUSE).await;
        };
        figures.count("jobs begun");
        app.jobs.insert(id, job);
        Ok(())
    }

    /// Changes the longest idle time of a job.
    pub(super) async fn change(
        &mut self,
        app: &mut App,
        shared: &Shared,
        client: &Client,
    ) -> Result<(), String> {
        let changed = self.rng.i32(5..=43_200);
        let mut live = app.jobs.iter_mut().filter(|(_, job)| !job.is_over);
        let job = live.find_map(|(id, job)| match &mut job.work {
            Work::Mix { idle } => Some((id, idle)),
            Work::Individual => None,
        });
        let Some((id, idle)) = job else { return Ok(()) };
        let body = UpdateMixJobReq::new(UpdateMixParam::new().max_idle_time(changed));
        let answer = client.send(UpdateMixJob::new(&app.id, id, body)).await;
        let look = async {
            let shown = read(client, ShowMixJob::new(&app.id, id)).await?;
            Ok(shown.and_then(|job| job.mix_param?.max_idle_time) == Some(changed))
        };
        let outcome = Outcome::of(answer, &shared.figures)?;
        if outcome.has_happened("the change of a job", &shared.figures, look).await? {
            *idle = changed;
        }
        Ok(())
    }

    /// Ends a job; `false` when there is none.
    pub(super) async fn end(
        &mut self,
        app: &mut App,
        shared: &Shared,
        client: &Client,
    ) -> Result<bool, String> {
        let live = app.live().count();
        if live == 0 {
            return Ok(false);
        }
        let place = self.rng.usize(..live);
        let mut jobs = app.jobs.iter_mut().filter(|(_, job)| !job.is_over);
        let Some((id, job)) = jobs.nth(place) else { return Ok(false) };
        let answer = match job.work {
            Work::Individual => client.send(StopIndividualStreamJob::new(&app.id, id)).await,
            Work::Mix { .. } => client.send(StopMixJob::new(&app.id, id)).await,
        };
        let outcome = Outcome::of(answer, &shared.figures)?;
        let (work, app) = (job.work, app.id.clone());
        let look = async {
            let shown = match work {
                Work::Individual => individual(&app, id, client).await?,
                Work::Mix { .. } => mixed(&app, id, client).await?,
            };
            Ok(shown.is_some_and(|(_, is_over, _)| is_over))
        };
        if outcome.has_happened("the end of a job", &shared.figures, look).await? {
            shared.figures.count("jobs ended");
            job.is_over = true;
        }
        Ok(true)
    }
}

/// Compares a job with what the API says of it.
pub(super) async fn check(
    app: &App,
    id: &JobId,
    job: &Job,
    shared: &Shared,
    client: &Client,
) -> Result<(), String> {
    let (shown, idle) = match job.work {
        Work::Individual => (individual(&app.id, id, client).await?, None),
        Work::Mix { idle } => (mixed(&app.id, id, client).await?, Some(idle)),
    };
    expect(&shown, &Some((Some(job.room.clone()), job.is_over, idle)), app, shared)
}

async fn create(app: &App, job: &Job, client: &Client) -> Result<Option<JobId>, Error> {
    let param = RecordParam::new(&job.rule);
    match job.work {
        Work::Individual => {
            let body = IndividualStreamJobReq::new(&job.room, "user").record_param(param);
            let made = client.send(CreateIndividualStreamJob::new(&app.id, body)).await?;
            Ok(made.into_output().job_id)
        }
        Work::Mix { idle } => {
            let body = mix(&job.room, idle).record_param(param);
            let made = client.send(CreateMixJob::new(&app.id, body)).await?;
            Ok(made.into_output().job_id)
        }
    }
}

/// The job that a refusal names.
fn named(error: &Error) -> Result<JobId, String> {
    let message = error.service_error().map_or("", |error| error.message());
    let id = message.split(' ').find(|word| word.len() == ID);
    id.map(JobId::from).ok_or_else(|| format!("no job is named: {message}"))
}

async fn individual(app: &AppId, id: &JobId, client: &Client) -> Result<Shown, String> {
    let job = read(client, ShowIndividualStreamJob::new(app, id)).await?;
    Ok(job.map(|job| (job.room_id, job.state == Some(JobState::Stopped), None)))
}

async fn mixed(app: &AppId, id: &JobId, client: &Client) -> Result<Shown, String> {
    let job = read(client, ShowMixJob::new(app, id)).await?;
    Ok(job.map(|job| {
        let idle = job.mix_param.and_then(|mix| mix.max_idle_time);
        (job.room_id, job.state == Some(JobState::Stopped), idle)
    }))
}
