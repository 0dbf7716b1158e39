//! Applications.

use rtc_model::AppId;
use rtc_model::apps::{
    App, AppFilter, AppList, AppReq, AppStateAnswer, CreateApp, CreatedApp, DeleteApp, ListApps,
    ShowApp, StartApp, StopApp,
};

use crate::{AllApps, Client, Error, Reply};

/// Applications.
impl Client {
    /// Makes an app (page `CreateApp`).
    ///
    /// Not idempotent: where [`Error::delivery`](crate::Error::delivery) is unknown, the app may
    /// have been made, and a second attempt then fails with `RTC.00001020`.
    ///
    /// # Errors
    ///
    /// - 400 `RTC.00001020`: the account has an app of this name.
    /// - 400 `RTC.00001017`: the account has as many apps as it may have, 20 by default.
    /// - 400 `RTC.00001003`: the name is empty or longer than 256 characters.
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

    /// Lists a page of the apps (page `ListApps`). [`all_apps`](Self::all_apps) goes over all of
    /// them.
    ///
    /// # Errors
    ///
    /// - 400 `RTC.00001003`: `offset` or `limit` is out of range, or the state cannot be asked for,
    ///   as `DELETED`.
    ///
    /// ```no_run
    /// # async fn example(client: rtc_client::Client) -> Result<(), rtc_client::Error> {
    /// use rtc_client::model::apps::{AppFilter, ListApps};
    ///
    /// let list = ListApps::new().state(AppFilter::Activation).limit(10);
    /// let page = client.list_apps(list).await?.into_output();
    /// println!("{} of {:?}", page.apps.len(), page.count);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn list_apps(&self, list: ListApps) -> Result<Reply<AppList>, Error> {
        self.send(list).await
    }

    /// Goes over all apps, or over those in one state, page by page; see [`AllApps`].
    ///
    /// ```no_run
    /// # async fn example(client: rtc_client::Client) -> Result<(), rtc_client::Error> {
    /// use rtc_client::model::apps::AppFilter;
    ///
    /// let mut stopped = client.all_apps(AppFilter::Deactivation);
    /// while let Some(app) = stopped.next().await {
    ///     println!("{:?}", app?.app_name);
    /// }
    ///
    /// let mut all = client.all_apps(None);
    /// # let _ = all.next().await;
    /// # Ok(())
    /// # }
    /// ```
    pub fn all_apps(&self, state: impl Into<Option<AppFilter>>) -> AllApps {
        AllApps::new(self, state.into())
    }

    /// Queries an app (page `ShowApp`).
    ///
    /// # Errors
    ///
    /// - 404: there is no such app.
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
    /// # Errors
    ///
    /// - 404: there is no such app; after an attempt whose answer was lost: it is deleted.
    /// - 400: the app cannot be deleted yet. The reference does not say when that is; this project
    ///   takes it that a job of the app is not over (`RTC.00001006`, decision D8).
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

    /// Puts an app in use (page `StartApp`). One in use stays as it is (decision D7).
    ///
    /// # Errors
    ///
    /// - 404: there is no such app.
    /// - 400 `RTC.00001016`: the account is in arrears (decision D7; the page lists no 400).
    ///
    /// ```no_run
    /// # async fn example(client: rtc_client::Client) -> Result<(), rtc_client::Error> {
    /// let answer = client.start_app("123456789abcdefghijklmno").await?.into_output();
    /// println!("{:?}", answer.state);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn start_app(
        &self,
        app_id: impl Into<AppId>,
    ) -> Result<Reply<AppStateAnswer>, Error> {
        self.send(StartApp::new(app_id)).await
    }

    /// Stops an app (page `StopApp`): no new rooms, no new users, no recording; those in a room go
    /// on. One that is stopped stays as it is (decision D7).
    ///
    /// # Errors
    ///
    /// - 404: there is no such app.
    ///
    /// ```no_run
    /// # async fn example(client: rtc_client::Client) -> Result<(), rtc_client::Error> {
    /// let answer = client.stop_app("123456789abcdefghijklmno").await?.into_output();
    /// println!("{:?}", answer.state);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn stop_app(&self, app_id: impl Into<AppId>) -> Result<Reply<AppStateAnswer>, Error> {
        self.send(StopApp::new(app_id)).await
    }
}
