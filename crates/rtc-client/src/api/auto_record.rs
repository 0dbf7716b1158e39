//! Auto record.

use rtc_model::AppId;
use rtc_model::auto_record::{AutoRecord, AutoRecordModeReq, ShowAutoRecord, UpdateAutoRecord};

use crate::{Client, Error, Reply};

/// Auto record: rooms that are recorded without a job.
impl Client {
    /// Queries whether the rooms of an app are recorded without a job (page `ShowAutoRecord`).
    ///
    /// # Errors
    ///
    /// - 404: there is no such app.
    ///
    /// ```no_run
    /// # async fn example(client: rtc_client::Client) -> Result<(), rtc_client::Error> {
    /// let answer = client.show_auto_record("123456789abcdefghijklmno").await?.into_output();
    /// println!("{:?}", answer.auto_record_mode);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn show_auto_record(
        &self,
        app_id: impl Into<AppId>,
    ) -> Result<Reply<AutoRecord>, Error> {
        self.send(ShowAutoRecord::new(app_id)).await
    }

    /// Sets whether the rooms of an app are recorded without a job (page `UpdateAutoRecord`). Rooms
    /// that are there already are not affected.
    ///
    /// # Errors
    ///
    /// - 404: there is no such app.
    /// - 400 `RTC.00001004`: `AUTO_INDIVIDUAL_RECORD` is asked for without a record rule.
    /// - 400 `RTC.00001003`: the mode is not a documented one, or the app has no such record rule.
    ///
    /// ```no_run
    /// # async fn example(client: rtc_client::Client) -> Result<(), rtc_client::Error> {
    /// use rtc_client::model::auto_record::{AutoRecordMode, AutoRecordModeReq};
    ///
    /// let mode = AutoRecordModeReq::new(AutoRecordMode::IndividualRecord).record_rule_id("456789abc");
    /// client.update_auto_record("123456789abcdefghijklmno", mode).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn update_auto_record(
        &self,
        app_id: impl Into<AppId>,
        mode: impl Into<AutoRecordModeReq>,
    ) -> Result<Reply<AutoRecord>, Error> {
        self.send(UpdateAutoRecord::new(app_id, mode)).await
    }
}
