//! Jobs that mix the streams of a room into one and record it.

use rtc_model::mix_stream_jobs::{
    CreateMixJob, MixJob, MixJobReq, ShowMixJob, StopMixJob, UpdateMixJob, UpdateMixJobReq,
};
use rtc_model::{AppId, JobId};

use crate::wait::{self, Wait, Waited};
use crate::{Client, Error, Reply};

/// Jobs that mix the streams of a room into one and record it.
impl Client {
    /// Starts to mix and record a room (page `CreateMixJob`).
    ///
    /// Not idempotent: where [`Error::delivery`](crate::Error::delivery) is unknown, the job may
    /// have been made, and a second attempt may then fail with `RTC.00001006`.
    ///
    /// # Errors
    ///
    /// - 404: there is no such app.
    /// - 400 `RTC.00001005`: no record rule is named (decision D11), or a mandatory value is absent.
    /// - 400 `RTC.00001004`: the layout is absent, or its panes are (decision D15).
    /// - 400 `RTC.00001003`: a value is out of its range, or the app has no such record rule.
    /// - 400 `RTC.00001010`: the layout is not known.
    /// - 400 `RTC.00001006`: the room has a job that is not over (decision D11).
    /// - 400 `RTC.00001007`: there are too many jobs.
    /// - 400 `RTC.00001016`: the app is stopped.
    ///
    /// ```no_run
    /// # async fn example(client: rtc_client::Client) -> Result<(), rtc_client::Error> {
    /// use rtc_client::model::jobs::RecordParam;
    /// use rtc_client::model::mix_stream_jobs::*;
    ///
    /// let mix = MixParam::new("room-7", EncodeTemplate::W1280_H720_F15_2260)
    ///     .layout_template(LayoutTemplate::NineGridsView);
    /// let job = MixJobReq::new(mix).record_param(RecordParam::new("456789abc"));
    /// let job = client.create_mix_job("123456789abcdefghijklmno", job).await?;
    /// println!("{:?} {:?}", job.output().job_id, job.output().state);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn create_mix_job(
        &self,
        app_id: impl Into<AppId>,
        job: impl Into<MixJobReq>,
    ) -> Result<Reply<MixJob>, Error> {
        self.send(CreateMixJob::new(app_id, job)).await
    }

    /// Queries a job (page `ShowMixJob`).
    ///
    /// # Errors
    ///
    /// - 404: there is no such app, or it has no such job.
    ///
    /// ```no_run
    /// # async fn example(client: rtc_client::Client) -> Result<(), rtc_client::Error> {
    /// let job = client.show_mix_job("123456789abcdefghijklmno", "607824b4").await?;
    /// println!("{:?}", job.output().state);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn show_mix_job(
        &self,
        app_id: impl Into<AppId>,
        job_id: impl Into<JobId>,
    ) -> Result<Reply<MixJob>, Error> {
        self.send(ShowMixJob::new(app_id, job_id)).await
    }

    /// Changes the layout of a running job (page `UpdateMixJob`).
    ///
    /// # Errors
    ///
    /// - 404: there is no such app, or it has no such job.
    /// - 400 `RTC.00001022`: the job is not at work yet (decision D12).
    /// - 400 `RTC.00001009`: the job is over (decision D12).
    /// - 400 `RTC.00001003`, `RTC.00001004`: a value is out of its range, or the values do not go
    ///   together; the layout can only be changed between custom ones.
    ///
    /// ```no_run
    /// # async fn example(client: rtc_client::Client) -> Result<(), rtc_client::Error> {
    /// use rtc_client::model::mix_stream_jobs::{UpdateMixJobReq, UpdateMixParam};
    ///
    /// let layout = UpdateMixParam::new().background_image("s3://demo-bucket/sky.png");
    /// let change = UpdateMixJobReq::new(layout);
    /// client.update_mix_job("123456789abcdefghijklmno", "607824b4", change).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn update_mix_job(
        &self,
        app_id: impl Into<AppId>,
        job_id: impl Into<JobId>,
        change: impl Into<UpdateMixJobReq>,
    ) -> Result<Reply<MixJob>, Error> {
        self.send(UpdateMixJob::new(app_id, job_id, change)).await
    }

    /// Stops a job (page `StopMixJob`).
    ///
    /// # Errors
    ///
    /// - 404: there is no such app, or it has no such job.
    /// - 400 `RTC.00001009`: the job is over already (decision D12; the page lists no 400); after an
    ///   attempt whose answer was lost: it is stopped.
    ///
    /// ```no_run
    /// # async fn example(client: rtc_client::Client) -> Result<(), rtc_client::Error> {
    /// client.stop_mix_job("123456789abcdefghijklmno", "607824b4").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn stop_mix_job(
        &self,
        app_id: impl Into<AppId>,
        job_id: impl Into<JobId>,
    ) -> Result<Reply<()>, Error> {
        self.send(StopMixJob::new(app_id, job_id)).await
    }

    /// Waits until a job is at work or over, by queries at growing intervals; see [`Wait`].
    ///
    /// # Errors
    ///
    /// Those of [`show_mix_job`](Self::show_mix_job), of the first query that fails. That the time
    /// passes is no error but [`Waited::TimedOut`].
    ///
    /// ```no_run
    /// # async fn example(client: rtc_client::Client) -> Result<(), rtc_client::Error> {
    /// use rtc_client::{Wait, Waited};
    ///
    /// client.stop_mix_job("123456789abcdefghijklmno", "607824b4").await?;
    /// let wait = Wait::stopped();
    /// match client.wait_for_mix_job("123456789abcdefghijklmno", "607824b4", wait).await? {
    ///     Waited::Reached(job) => println!("over: {:?}", job.stop_reason),
    ///     other => println!("still {:?}", other.job().state),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn wait_for_mix_job(
        &self,
        app_id: impl Into<AppId>,
        job_id: impl Into<JobId>,
        wait: Wait,
    ) -> Result<Waited<MixJob>, Error> {
        wait::for_job(self, ShowMixJob::new(app_id, job_id), wait).await
    }
}
