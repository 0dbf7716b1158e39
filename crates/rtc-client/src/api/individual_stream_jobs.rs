//! Jobs that record the stream of one user.

use rtc_model::individual_stream_jobs::{
    CreateIndividualStreamJob, IndividualStreamJob, IndividualStreamJobReq,
    ShowIndividualStreamJob, StopIndividualStreamJob, UpdateIndividualJobReq,
    UpdateIndividualStreamJob,
};
use rtc_model::{AppId, JobId};

use crate::wait::{self, Wait, Waited};
use crate::{Client, Error, Reply};

/// Jobs that record the stream of one user.
impl Client {
    /// Starts to record the stream of one user (page `CreateIndividualStreamJob`).
    ///
    /// Not idempotent: where [`Error::delivery`](crate::Error::delivery) is unknown, the job may
    /// have been made, and a second attempt may then fail with `RTC.00001006`.
    ///
    /// # Errors
    ///
    /// - 404: there is no such app.
    /// - 400 `RTC.00001005`: no record rule is named (decision D11).
    /// - 400 `RTC.00001003`: a value is out of its range, or the app has no such record rule.
    /// - 400 `RTC.00001006`: the user's stream has a job that is not over (decision D11).
    /// - 400 `RTC.00001007`: there are too many jobs.
    /// - 400 `RTC.00001016`: the app is stopped.
    ///
    /// ```no_run
    /// # async fn example(client: rtc_client::Client) -> Result<(), rtc_client::Error> {
    /// use rtc_client::model::individual_stream_jobs::IndividualStreamJobReq;
    /// use rtc_client::model::jobs::{RecordParam, VideoType};
    ///
    /// let job = IndividualStreamJobReq::new("room-7", "anna")
    ///     .video_type(VideoType::CameraStream)
    ///     .record_param(RecordParam::new("456789abc"));
    /// let job = client.create_individual_stream_job("123456789abcdefghijklmno", job).await?;
    /// println!("{:?} {:?}", job.output().job_id, job.output().state);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn create_individual_stream_job(
        &self,
        app_id: impl Into<AppId>,
        job: impl Into<IndividualStreamJobReq>,
    ) -> Result<Reply<IndividualStreamJob>, Error> {
        self.send(CreateIndividualStreamJob::new(app_id, job)).await
    }

    /// Queries a job (page `ShowIndividualStreamJob`).
    ///
    /// # Errors
    ///
    /// - 404: there is no such app, or it has no such job.
    ///
    /// ```no_run
    /// # async fn example(client: rtc_client::Client) -> Result<(), rtc_client::Error> {
    /// let job = client.show_individual_stream_job("123456789abcdefghijklmno", "607824b4").await?;
    /// println!("{:?}", job.output().state);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn show_individual_stream_job(
        &self,
        app_id: impl Into<AppId>,
        job_id: impl Into<JobId>,
    ) -> Result<Reply<IndividualStreamJob>, Error> {
        self.send(ShowIndividualStreamJob::new(app_id, job_id)).await
    }

    /// Changes the record rule of a running job (page `UpdateIndividualStreamJobV2`).
    ///
    /// # Errors
    ///
    /// - 404: there is no such app, or it has no such job.
    /// - 400 `RTC.00001022`: the job is not at work yet (decision D12).
    /// - 400 `RTC.00001009`: the job is over (decision D12).
    /// - 400 `RTC.00001003`: the app has no such record rule.
    ///
    /// ```no_run
    /// # async fn example(client: rtc_client::Client) -> Result<(), rtc_client::Error> {
    /// use rtc_client::model::individual_stream_jobs::UpdateIndividualJobReq;
    /// use rtc_client::model::jobs::RecordParam;
    ///
    /// let change = UpdateIndividualJobReq::new().record_param(RecordParam::new("456789abc"));
    /// client
    ///     .update_individual_stream_job("123456789abcdefghijklmno", "607824b4", change)
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn update_individual_stream_job(
        &self,
        app_id: impl Into<AppId>,
        job_id: impl Into<JobId>,
        change: impl Into<UpdateIndividualJobReq>,
    ) -> Result<Reply<IndividualStreamJob>, Error> {
        self.send(UpdateIndividualStreamJob::new(app_id, job_id, change)).await
    }

    /// Stops a job (page `StopIndividualStreamJob`).
    ///
    /// # Errors
    ///
    /// - 404: there is no such app, or it has no such job.
    /// - 400 `RTC.00001009`: the job is over already (decision D12; the page lists no 400); after an
    ///   attempt whose answer was lost: it is stopped.
    ///
    /// ```no_run
    /// # async fn example(client: rtc_client::Client) -> Result<(), rtc_client::Error> {
    /// client.stop_individual_stream_job("123456789abcdefghijklmno", "607824b4").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn stop_individual_stream_job(
        &self,
        app_id: impl Into<AppId>,
        job_id: impl Into<JobId>,
    ) -> Result<Reply<()>, Error> {
        self.send(StopIndividualStreamJob::new(app_id, job_id)).await
    }

    /// Waits until a job is at work or over, by queries at growing intervals; see [`Wait`].
    ///
    /// # Errors
    ///
    /// Those of [`show_individual_stream_job`](Self::show_individual_stream_job), of the first query
    /// that fails. That the time passes is no error but [`Waited::TimedOut`].
    ///
    /// ```no_run
    /// # async fn example(client: rtc_client::Client) -> Result<(), rtc_client::Error> {
    /// use rtc_client::{Wait, Waited};
    ///
    /// let (app, job) = ("123456789abcdefghijklmno", "607824b4");
    /// match client.wait_for_individual_stream_job(app, job, Wait::running()).await? {
    ///     Waited::Reached(job) => println!("recording since {:?}", job.start_time),
    ///     Waited::StoppedBefore { reason, .. } => println!("over before it began: {reason:?}"),
    ///     other => println!("still {:?}", other.job().state),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn wait_for_individual_stream_job(
        &self,
        app_id: impl Into<AppId>,
        job_id: impl Into<JobId>,
        wait: Wait,
    ) -> Result<Waited<IndividualStreamJob>, Error> {
        wait::for_job(self, ShowIndividualStreamJob::new(app_id, job_id), wait).await
    }
}
