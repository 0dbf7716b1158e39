//! Rooms and the users in them (pages `RemoveUsersV2` and `RemoveRoomV2`).

use crate::id::{AppId, RoomId, UserId};

operation! {
    /// Removes users from a room. Users that are not there are passed over (decision D27).
    ///
    /// ```
    /// use rtc_model::UserId;
    /// use rtc_model::rooms::{RemoveUsers, RemoveUsersReq};
    ///
    /// let users = RemoveUsersReq::new().user_ids([UserId::from("anna")]);
    /// let remove = RemoveUsers::new("123456789abcdefghijklmno", "room-7", users);
    /// assert_eq!(remove.room_id.as_str(), "room-7");
    /// ```
    RemoveUsers: POST "/v2/apps/{app_id}/rooms/{room_id}/batch-remove-users" => ACCEPTED
    path { /** The application. */ app_id: AppId, /** The room. */ room_id: RoomId }
    body RemoveUsersReq;
    returns ();
    errors BAD_REQUEST, NOT_FOUND, INTERNAL_SERVER_ERROR;
    Idempotent, Rooms
}

operation! {
    /// Dismisses a room: all users leave it.
    ///
    /// ```
    /// use rtc_model::rooms::RemoveRoom;
    ///
    /// let dismiss = RemoveRoom::new("123456789abcdefghijklmno", "room-7");
    /// assert_eq!(dismiss.room_id.as_str(), "room-7");
    /// ```
    RemoveRoom: POST "/v2/apps/{app_id}/rooms/{room_id}/dismiss" => ACCEPTED
    path { /** The application. */ app_id: AppId, /** The room. */ room_id: RoomId }
    returns ();
    errors BAD_REQUEST, NOT_FOUND, INTERNAL_SERVER_ERROR;
    Idempotent, Rooms
}

object! {
    /// The users to remove.
    pub struct RemoveUsersReq: Default {
        lists {
            /// The users.
            user_ids: UserId { some },
        }
    }
}
