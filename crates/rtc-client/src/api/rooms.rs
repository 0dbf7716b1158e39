//! Rooms and the users in them.

use rtc_model::rooms::{RemoveRoom, RemoveUsers, RemoveUsersReq};
use rtc_model::{AppId, RoomId};

use crate::{Client, Error, Reply};

/// Rooms and the users in them. Rooms come about when users join; the API only ends them.
impl Client {
    /// Removes users from a room (page `RemoveUsersV2`). Users that are not there are passed over
    /// (decision D27).
    ///
    /// The answer, 202, says that the request was taken, not that the users are out.
    ///
    /// # Errors
    ///
    /// - 404: there is no such app (decision D27; the page lists no 404).
    /// - 400 `RTC.00001005`: no user is named.
    /// - 400 `RTC.00001003`: an id is too long or holds other than letters, digits, `_` and `-`.
    ///
    /// ```no_run
    /// # async fn example(client: rtc_client::Client) -> Result<(), rtc_client::Error> {
    /// use rtc_client::model::UserId;
    /// use rtc_client::model::rooms::RemoveUsersReq;
    ///
    /// let users = RemoveUsersReq::new().user_ids(["anna", "ben"].map(UserId::from));
    /// client.remove_users("123456789abcdefghijklmno", "room-7", users).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn remove_users(
        &self,
        app_id: impl Into<AppId>,
        room_id: impl Into<RoomId>,
        users: impl Into<RemoveUsersReq>,
    ) -> Result<Reply<()>, Error> {
        self.send(RemoveUsers::new(app_id, room_id, users)).await
    }

    /// Dismisses a room: all users leave it (page `RemoveRoomV2`).
    ///
    /// The answer, 202, says that the request was taken, not that the room is empty.
    ///
    /// # Errors
    ///
    /// - 404: there is no such app, or it has no such room; after an attempt whose answer was lost:
    ///   the room is dismissed.
    /// - 400 `RTC.00001003`: the id of the room is too long or holds other than letters, digits, `_`
    ///   and `-`.
    ///
    /// ```no_run
    /// # async fn example(client: rtc_client::Client) -> Result<(), rtc_client::Error> {
    /// client.remove_room("123456789abcdefghijklmno", "room-7").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn remove_room(
        &self,
        app_id: impl Into<AppId>,
        room_id: impl Into<RoomId>,
    ) -> Result<Reply<()>, Error> {
        self.send(RemoveRoom::new(app_id, room_id)).await
    }
}
