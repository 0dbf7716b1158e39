//! Applications (pages `CreateApp`, `ShowApp`, `DeleteApp`).

use crate::auto_record::AppAutoRecordMode;
use crate::id::AppId;
use crate::operation::json_output;
use crate::record_callback::AppCallbackUrl;
use crate::secret::Secret;
use crate::timestamp::Timestamp;
use crate::validate::{Field, Validate, Violation};

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

object! {
    /// An app as it is made.
    pub struct AppReq {
        required {
            /// The name, unique in the account: 1 to 256 characters.
            app_name: String,
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
    /// An app.
    #[derive(Default)]
    pub struct App {
        optional {
            /// The name, 1 to 256 characters.
            app_name: String,
            /// The id.
            app_id: AppId,
            /// Whether the app is in use.
            state: AppState,
            /// Where the app serves.
            scope: AppScope,
            /// The name of the account, 1 to 253 characters.
            tenant_name: String,
            /// The domain that clients use, 1 to 253 characters.
            domain: String,
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
    #[derive(Default)]
    pub struct AppState {
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
    #[derive(Default)]
    pub struct AppAuth {
        optional {
            /// Whether a signature is asked for.
            enable: bool,
            /// How long a signature is valid, in seconds: 60 to 2,592,000, 300 by default.
            expire: u32,
            /// The key that signs, 0 to 16 characters.
            app_key: Secret,
            /// When the setting was changed last, UTC.
            update_time: Timestamp,
        }
    }
}

object! {
    /// Where the events of an app are reported.
    #[derive(Default)]
    pub struct AppCallbacks {
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

json_output!(CreatedApp, App);

impl Validate for AppReq {
    fn validate(&self, at: &Field<'_>) -> Result<(), Violation> {
        at.name("app_name").length(&self.app_name, 1, 256)
    }
}
