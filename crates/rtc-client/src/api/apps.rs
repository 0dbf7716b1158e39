//! Applications.

use rtc_model::AppId;
use rtc_model::apps::{App, AppReq, CreateApp, CreatedApp, DeleteApp, ShowApp};

use crate::{Client, Error, Reply};

/// Applications.
impl Client {
    /// Makes an app (page `CreateApp`).
    ///
    /// Not idempotent: where [`Error::delivery`](crate::Error::delivery) is unknown, the app may
    /// have been made, and a second attempt then fails with `RTC.00001020`.
    ///
    /// ```no_run
    /// # async fn example(client: rtc_client::Client) -> Result<(), rtc_client::Error> {
    /// use rtc_client::model::apps::AppReq;
    ///
    /// let made = client.create_app(AppReq::new("classroom")).await?.into_output();
    /// println!("{}", made.app_id);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn create_app(&self, app: impl Into<AppReq>) -> Result<Reply<CreatedApp>, Error> {
        self.send(CreateApp::new(app)).await
    }

    /// Queries an app (page `ShowApp`).
    ///
    /// ```no_run
    /// # async fn example(client: rtc_client::Client) -> Result<(), rtc_client::Error> {
    /// let app = client.show_app("123456789abcdefghijklmno").await?.into_output();
    /// println!("{:?}", app.app_name);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn show_app(&self, app_id: impl Into<AppId>) -> Result<Reply<App>, Error> {
        self.send(ShowApp::new(app_id)).await
    }

    /// Deletes an app with everything that belongs to it (page `DeleteApp`).
    ///
    /// ```no_run
    /// # async fn example(client: rtc_client::Client) -> Result<(), rtc_client::Error> {
    /// client.delete_app("123456789abcdefghijklmno").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn delete_app(&self, app_id: impl Into<AppId>) -> Result<Reply<()>, Error> {
        self.send(DeleteApp::new(app_id)).await
    }
}
