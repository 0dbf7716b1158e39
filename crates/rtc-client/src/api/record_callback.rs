//! The recording event callback.

use rtc_model::AppId;
use rtc_model::record_callback::{
    AppCallbackUrlReq, RecordCallback, ShowRecordCallback, UpdateRecordCallback,
};

use crate::{Client, Error, Reply};

/// The recording event callback.
impl Client {
    /// Queries the recording event callback of an app (page `ShowRecordCallback`). One that was
    /// never set is answered without a callback (decision D2).
    ///
    /// # Errors
    ///
    /// - 404: there is no such app.
    ///
    /// ```no_run
    /// # async fn example(client: rtc_client::Client) -> Result<(), rtc_client::Error> {
    /// let answer = client.show_record_callback("123456789abcdefghijklmno").await?.into_output();
    /// if let Some(callback) = answer.record_callback {
    ///     println!("{:?} {:?}", callback.url, callback.notify_event_subscription);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn show_record_callback(
        &self,
        app_id: impl Into<AppId>,
    ) -> Result<Reply<RecordCallback>, Error> {
        self.send(ShowRecordCallback::new(app_id)).await
    }

    /// Sets the recording event callback of an app, replacing the whole of it (page
    /// `UpdateRecordCallback`): leaving out the key clears it (decision D3).
    ///
    /// # Errors
    ///
    /// - 404: there is no such app.
    /// - 400 `RTC.00001018`: the service cannot reach the URL.
    /// - 400 `RTC.00001003`: the URL is not an absolute `http` or `https` one, or it or the key is
    ///   too long or too short.
    ///
    /// ```no_run
    /// # async fn example(client: rtc_client::Client) -> Result<(), rtc_client::Error> {
    /// use rtc_client::model::record_callback::AppCallbackUrlReq;
    ///
    /// let callback = AppCallbackUrlReq::new("https://example.com/rtc")
    ///     .auth_key("0123456789abcdef0123456789abcdef");
    /// client.update_record_callback("123456789abcdefghijklmno", callback).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn update_record_callback(
        &self,
        app_id: impl Into<AppId>,
        callback: impl Into<AppCallbackUrlReq>,
    ) -> Result<Reply<RecordCallback>, Error> {
        self.send(UpdateRecordCallback::new(app_id, callback)).await
    }
}
