//! Applications (pages `CreateApp`, `ListApps`, `ShowApp`, `DeleteApp`, `StartApp`, `StopApp`).

use crate::auto_record::AppAutoRecordMode;
use crate::id::AppId;
use crate::operation::json_output;
use crate::record_callback::AppCallbackUrl;
use crate::secret::Secret;
use crate::timestamp::Timestamp;

operation! {
    /// Makes an app. Its name is unique in the account; 20 apps are allowed by default.
    ///
    /// ```
    /// use rtc_model::apps::{AppReq, CreateApp};
    ///
    /// let create = CreateApp::new(AppReq::new("classroom"));
    /// assert_eq!(create.body.app_name, "classroom");
    /// ```
    CreateApp: POST "/v2/apps" => CREATED
    body AppReq;
    returns CreatedApp;
    errors BAD_REQUEST, INTERNAL_SERVER_ERROR;
    NotIdempotent, AppManagement
}

operation! {
    /// Lists the apps of the account, page by page.
    ///
    /// ```
    /// use rtc_model::apps::{AppFilter, ListApps};
    ///
    /// let list = ListApps::new().state(AppFilter::Activation).limit(10);
    /// assert_eq!(list.limit, Some(10));
    /// ```
    ListApps(Default): GET "/v2/apps" => OK
    optional query {
        /// Only apps in this state.
        state("state"): AppFilter,
        /// The page, beginning with 0 (decision D1); 0 by default.
        offset("offset"): i32 { range 0..=2_147_483_647 },
        /// The apps on a page, 100 by default.
        limit("limit"): i32 { range 1..=100 },
    }
    returns AppList;
    errors BAD_REQUEST, INTERNAL_SERVER_ERROR;
    Idempotent, AppManagement
}

operation! {
    /// Queries an app.
    ///
    /// ```
    /// use rtc_model::apps::ShowApp;
    ///
    /// let show = ShowApp::new("123456789abcdefghijklmno");
    /// assert_eq!(show.app_id.as_str(), "123456789abcdefghijklmno");
    /// ```
    ShowApp: GET "/v2/apps/{app_id}" => OK
    path { /** The application. */ app_id: AppId }
    returns App;
    errors BAD_REQUEST, NOT_FOUND, INTERNAL_SERVER_ERROR;
    Idempotent, AppManagement
}

operation! {
    /// Deletes an app with everything that belongs to it (decision D8).
    ///
    /// ```
    /// use rtc_model::apps::DeleteApp;
    ///
    /// let delete = DeleteApp::new("123456789abcdefghijklmno");
    /// assert_eq!(delete.app_id.as_str(), "123456789abcdefghijklmno");
    /// ```
    DeleteApp: DELETE "/v2/apps/{app_id}" => NO_CONTENT
    path { /** The application. */ app_id: AppId }
    returns ();
    errors BAD_REQUEST, NOT_FOUND, INTERNAL_SERVER_ERROR;
    Idempotent, AppManagement
}

operation! {
    /// Puts an app in use. An app in use stays as it is (decision D7).
    ///
    /// ```
    /// use rtc_model::apps::StartApp;
    ///
    /// let start = StartApp::new("123456789abcdefghijklmno");
    /// assert_eq!(start.app_id.as_str(), "123456789abcdefghijklmno");
    /// ```
    StartApp: POST "/v2/apps/{app_id}/enable" => OK
    path { /** The application. */ app_id: AppId }
    returns AppStateAnswer;
    errors BAD_REQUEST, NOT_FOUND, INTERNAL_SERVER_ERROR;
    Idempotent, AppManagement
}

operation! {
    /// Stops an app: no new rooms, no new users, no recording. Those in a room go on.
    ///
    /// ```
    /// use rtc_model::apps::StopApp;
    ///
    /// let stop = StopApp::new("123456789abcdefghijklmno");
    /// assert_eq!(stop.app_id.as_str(), "123456789abcdefghijklmno");
    /// ```
    StopApp: POST "/v2/apps/{app_id}/disable" => OK
    path { /** The application. */ app_id: AppId }
    returns AppStateAnswer;
    errors BAD_REQUEST, NOT_FOUND, INTERNAL_SERVER_ERROR;
    Idempotent, AppManagement
}

object! {
    /// An app as it is made.
    pub struct AppReq {
        required {
            /// The name, unique in the account.
            app_name: String { chars 1..=256 },
        }
    }
}

object! {
    /// The answer to [`CreateApp`].
    pub struct CreatedApp {
        required {
            /// The id that the service gave to the app.
            app_id: AppId,
        }
    }
}

object! {
    /// A page of apps.
    pub struct AppList: Default {
        optional {
            /// How many apps there are in all, on every page the same.
            count: i32,
        }
        lists {
            /// The apps of the page.
            apps: App,
        }
    }
}

object! {
    /// The answer to [`StartApp`] and [`StopApp`].
    pub struct AppStateAnswer: Default {
        optional {
            /// The app.
            app_id: AppId,
            /// Its state.
            state: AppState,
        }
    }
}

object! {
    /// An app.
    pub struct App: Default {
        optional {
            /// The name.
            app_name: String { chars 1..=256 },
            /// The id.
            app_id: AppId,
            /// Whether the app is in use.
            state: AppState,
            /// Where the app serves.
            scope: AppScope,
            /// The name of the account.
            tenant_name: String { chars 1..=253 },
            /// The domain that clients use.
            domain: String { chars 1..=253 },
            /// When the app was made, UTC.
            create_time: Timestamp,
            /// How users are authenticated when they join a room.
            authentication: AppAuth,
            /// Where the app's events are reported.
            callbacks: AppCallbacks,
            /// Whether rooms are recorded without a job.
            auto_record_mode: AppAutoRecordMode,
        }
    }
}

object! {
    /// The state of an app, and since when.
    pub struct AppState: Default {
        optional {
            /// The state.
            state: AppStatus,
            /// When the state was changed last, UTC.
            update_time: Timestamp,
        }
    }
}

object! {
    /// How users are authenticated when they join a room.
    pub struct AppAuth: Default {
        optional {
            /// Whether a signature is asked for.
            enable: bool,
            /// How long a signature is valid, in seconds, 300 by default.
            expire: i32 { range 60..=2_592_000 },
            /// The key that signs.
            app_key: Secret { chars 0..=16 },
            /// When the setting was changed last, UTC.
            update_time: Timestamp,
        }
    }
}

object! {
    /// Where the events of an app are reported.
    pub struct AppCallbacks: Default {
        optional {
            /// The callback of relayed streams; no operation of API v2 sets it.
            push_callback: AppCallbackUrl,
            /// The recording event callback.
            record_callback: AppCallbackUrl,
        }
    }
}

open_enum! {
    /// The states of an app.
    pub enum AppStatus {
        /// In use.
        Activation = "ACTIVATION",
        /// Stopped.
        Deactivation = "DEACTIVATION",
        /// The account is in arrears.
        Arrears = "ARREARS",
        /// Deleted.
        Deleted = "DELETED",
    }
}

open_enum! {
    /// The states that [`ListApps`] can ask for.
    pub enum AppFilter {
        /// In use.
        Activation = "ACTIVATION",
        /// Stopped.
        Deactivation = "DEACTIVATION",
        /// The account is in arrears.
        Arrears = "ARREARS",
    }
}

impl From<AppStatus> for AppFilter {
    /// `DELETED` becomes a value that is not known: it cannot be asked for.
    fn from(status: AppStatus) -> Self {
        Self::from(status.as_str())
    }
}

open_enum! {
    /// Where an app serves.
    pub enum AppScope {
        /// In the Chinese mainland.
        Domestic = "DOMESTIC",
        /// Outside the Chinese mainland.
        Oversea = "OVERSEA",
        /// Everywhere.
        Global = "GLOBAL",
    }
}

json_output!(CreatedApp, AppList, App, AppStateAnswer);
