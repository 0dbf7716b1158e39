//! A project of a server in the hands of a test.

use std::fmt;
use std::sync::Arc;

use rtc_model::record_callback::NotifyEvent;
use rtc_model::{ApiError, AppId, RoomId, UserId};

use crate::handlers::Presence;
use crate::pipeline::Core;

/// A project of a running [`MockServer`](crate::MockServer) with several, for ids of apps that more
/// than one of them has. Where an id is of one project only, the server finds it by itself.
///
/// ```
/// use rtc_mock_server::{Fixture, MockServer};
/// use rtc_signer::Credentials;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let fixture = r#"{"projects": [
///     {"project_id": "one", "apps": [{"app_id": "app", "app_name": "class"}]},
///     {"project_id": "two", "apps": [{"app_id": "app", "app_name": "class"}]}
/// ]}"#;
/// let server = MockServer::builder()
///     .credentials_for(Credentials::new("AK", "SK"), ["one".to_owned(), "two".to_owned()])
///     .fixture(Fixture::from_json(fixture)?)
///     .start()
///     .await?;
/// assert!(server.join_room("app", "room", "anna").is_err());
/// assert!(server.project("two").join_room("app", "room", "anna")?);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct ServerProject {
    core: Arc<Core>,
    id: String,
}

impl ServerProject {
    pub(crate) fn new(core: Arc<Core>, id: String) -> Self {
        Self { core, id }
    }

    /// Lets a user join a room; see [`MockServer::join_room`](crate::MockServer::join_room).
    pub fn join_room(
        &self,
        app_id: impl Into<AppId>,
        room_id: impl Into<RoomId>,
        user_id: impl Into<UserId>,
    ) -> Result<bool, ApiError> {
        let (app, room, user) = (app_id.into(), room_id.into(), user_id.into());
        self.core.presence(Some(&self.id), &app, room, user, Presence::Joins)
    }

    /// Lets a user leave a room; `false` when the user is not there.
    pub fn leave_room(
        &self,
        app_id: impl Into<AppId>,
        room_id: impl Into<RoomId>,
        user_id: impl Into<UserId>,
    ) -> Result<bool, ApiError> {
        let (app, room, user) = (app_id.into(), room_id.into(), user_id.into());
        self.core.presence(Some(&self.id), &app, room, user, Presence::Leaves)
    }

    /// Chooses the events that the record callback of an app is told of; see
    /// [`MockServer::subscribe`](crate::MockServer::subscribe).
    pub fn subscribe(
        &self,
        app_id: impl Into<AppId>,
        events: impl IntoIterator<Item = NotifyEvent>,
    ) -> Result<Vec<NotifyEvent>, ApiError> {
        self.core.subscribe(Some(&self.id), &app_id.into(), events.into_iter().collect())
    }
}

impl fmt::Debug for ServerProject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ServerProject({})", self.id)
    }
}
