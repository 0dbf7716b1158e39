//! What the operator does to a running mock, by the library or by the admin API.

use std::sync::Arc;

use rtc_model::record_callback::NotifyEvent;
use rtc_model::validate::{Field, Validate as _};
use rtc_model::{ApiError, AppId, ErrorCode, JobId, RoomId, Timestamp, UserId};

use super::MockServer;
use crate::admin_api::{Explain, Explained, ResetPart};
use crate::auth::AuthMode;
use crate::events::Event;
use crate::exchange::Exchange;
use crate::fixture::{Fixture, FixtureError};
use crate::handlers::Presence;
use crate::metrics::openmetrics;
use crate::pipeline::Core;
use crate::{ExplainError, ServerProject};

impl Core {
    /// Puts what a fixture describes in the place of all that the mock holds.
    pub(crate) fn hold(&self, fixture: &Fixture) -> Result<(), FixtureError> {
        if self.gatekeeper.mode() == AuthMode::Enforce {
            let known = self.gatekeeper.all_projects();
            fixture.check_projects(|id| known.iter().any(|known| **known == *id))?;
        }
        let now = Timestamp::from(self.clock.now());
        let state = fixture.to_state(&self.origin.default_project, now)?;
        self.service.hold(state);
        Ok(())
    }

    /// Empties the journal; how many exchanges there were.
    pub(crate) fn clear_journal(&self) -> usize {
        let (held, _) = self.journal.size();
        self.journal.clear();
        self.events.tell(Event::Cleared);
        held
    }

    /// Lets a user join or leave a room; `false` when it was so already. The project need not be
    /// named where only one has the app.
    pub(crate) fn presence(
        &self,
        project: Option<&str>,
        app: &AppId,
        room: RoomId,
        user: UserId,
        presence: Presence,
    ) -> Result<bool, ApiError> {
        room.validate(&Field::ROOT.name("room_id"))?;
        user.validate(&Field::ROOT.name("user_id"))?;
        self.service.set_presence(project, app, room, user, presence, self.clock.now())
    }

    /// Chooses the events that the record callback of an app is told of.
    pub(crate) fn subscribe(
        &self,
        project: Option<&str>,
        app: &AppId,
        events: Vec<NotifyEvent>,
    ) -> Result<Vec<NotifyEvent>, ApiError> {
        let mut all = events.iter().enumerate();
        if let Some((place, event)) = all.find(|(_, event)| !event.is_known()) {
            let detail = format_args!("notify_event_subscription[{place}]: {event} is no event");
            return Err(ApiError::of(ErrorCode::INVALID_PARAMETER_VALUE, detail));
        }
        let callback = self.service.subscribe(project, app, events, self.clock.now())?;
        Ok(callback.notify_event_subscription)
    }

    /// Ends a job as a fault of the service would.
    pub(crate) fn fail_job(&self, job: &JobId) -> Result<(), ApiError> {
        self.service.fail_job(job, self.clock.now())
    }
}

/// What the operator does.
impl MockServer {
    /// Puts what a fixture describes in the place of all that the mock holds. What was to be told
    /// of that is told to nobody any more.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use rtc_mock_server::{Fixture, MockServer};
    ///
    /// let server = MockServer::start().await?;
    /// let before = server.state();
    /// let one = r#"{"projects": [{"apps": [{"app_id": "app", "app_name": "class"}]}]}"#;
    /// server.set_state(&Fixture::from_json(one)?)?;
    /// // Drive a client against server.url() …
    /// server.set_state(&before)?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`FixtureError::NoProject`]: a project that no key has, unless credentials are not checked.
    /// Nothing has changed then.
    pub fn set_state(&self, state: &Fixture) -> Result<(), FixtureError> {
        self.core.hold(state)
    }

    /// Begins anew in some parts; [`reset`](Self::reset) does in all.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use rtc_mock_server::MockServer;
    /// use rtc_mock_server::admin_api::ResetPart;
    ///
    /// let server = MockServer::start().await?;
    /// // The clock and the faults stay as they are.
    /// server.reset_parts(&[ResetPart::State, ResetPart::Requests])?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// A fixture that cannot be used; the one that the server started with can.
    pub fn reset_parts(&self, parts: &[ResetPart]) -> Result<(), FixtureError> {
        self.core.reset(parts)
    }

    /// The exchange with the number, while it is in the journal.
    pub fn request(&self, id: u64) -> Option<Exchange> {
        Some(Exchange::new(Arc::clone(&self.core), self.core.journal.record(id)?))
    }

    /// Empties the journal; how many exchanges there were.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = rtc_mock_server::MockServer::start().await?;
    /// // Arrange by way of the API …
    /// server.clear_requests();
    /// // … so that only what is tested is asserted.
    /// assert_eq!(server.requests().len(), 0);
    /// # Ok(())
    /// # }
    /// ```
    pub fn clear_requests(&self) -> usize {
        self.core.clear_journal()
    }

    /// What can be known about a signature: of an exchange in the journal, beside the client's own
    /// canonical request if it is given, or of a request as it stands on the wire.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use rtc_mock_server::MockServer;
    /// use rtc_mock_server::admin_api::Explain;
    ///
    /// let server = MockServer::start().await?;
    /// let request = "GET /v2/apps HTTP/1.1\nHost: rtc.example\n\n";
    /// let wanted = Explain { request: Some(request.to_owned()), ..Explain::default() };
    /// println!("{}", server.explain(&wanted)?.explanation);
    /// # Ok(())
    /// # }
    /// ```
    pub fn explain(&self, wanted: &Explain) -> Result<Explained, ExplainError> {
        crate::admin::explain(&self.core, wanted)
    }

    /// Ends a job as a fault of the service would, with the reason `INTERNAL_ERROR`.
    ///
    /// ```no_run
    /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = rtc_mock_server::MockServer::start().await?;
    /// // The id is the one that the service answered when the job was made.
    /// server.fail_job("607824b4fa163e19da6ceab8")?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// There is no such job, or it is over.
    pub fn fail_job(&self, job_id: impl Into<JobId>) -> Result<(), ApiError> {
        self.core.fail_job(&job_id.into())
    }

    /// Chooses the events that the record callback of an app is told of, which the API cannot
    /// (decision D3); gives them.
    ///
    /// ```no_run
    /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// use rtc_model::record_callback::NotifyEvent;
    ///
    /// # let server = rtc_mock_server::MockServer::start().await?;
    /// server.subscribe("app", [NotifyEvent::RecordFileComplete])?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// There is no such app, it has no record callback, or an event is not known.
    pub fn subscribe(
        &self,
        app_id: impl Into<AppId>,
        events: impl IntoIterator<Item = NotifyEvent>,
    ) -> Result<Vec<NotifyEvent>, ApiError> {
        self.core.subscribe(None, &app_id.into(), events.into_iter().collect())
    }

    /// Lets a user join a room, as a client of the media service would; a room that is not there is
    /// made. `false` when the user is there already (decision D27).
    pub fn join_room(
        &self,
        app_id: impl Into<AppId>,
        room_id: impl Into<RoomId>,
        user_id: impl Into<UserId>,
    ) -> Result<bool, ApiError> {
        let (app, room, user) = (app_id.into(), room_id.into(), user_id.into());
        self.core.presence(None, &app, room, user, Presence::Joins)
    }

    /// Lets a user leave a room; `false` when the user is not there.
    pub fn leave_room(
        &self,
        app_id: impl Into<AppId>,
        room_id: impl Into<RoomId>,
        user_id: impl Into<UserId>,
    ) -> Result<bool, ApiError> {
        let (app, room, user) = (app_id.into(), room_id.into(), user_id.into());
        self.core.presence(None, &app, room, user, Presence::Leaves)
    }

    /// One of several projects, for an id of an app that more than one of them has.
    pub fn project(&self, project_id: impl Into<String>) -> ServerProject {
        ServerProject::new(Arc::clone(&self.core), project_id.into())
    }

    /// The counts of the mock since its start, as `OpenMetrics` text, like `/metrics` of the admin
    /// API.
    pub fn metrics(&self) -> String {
        // Writing to a string cannot fail.
        openmetrics(&self.core).unwrap_or_default()
    }
}
