//! Rooms and the users in them (decision D27).

use std::time::SystemTime;

use rtc_model::rooms::{RemoveRoom, RemoveUsers};
use rtc_model::{ApiError, AppId, RoomId, UserId};

use crate::handlers::{Call, Handle, Service};
use crate::state::not_found;

impl Handle<RemoveUsers> for Service {
    fn handle(&self, call: &Call<'_>, operation: RemoveUsers) -> Result<(), ApiError> {
        let mut state = self.write();
        let entry = state.entry_mut(call.project, &operation.app_id)?;
        entry.settle(call.now, self.settings.job_init_delay);
        if let Some(room) = entry.rooms.get_mut(&operation.room_id) {
            for user in &operation.body.user_ids {
                room.leave(user, call.now);
            }
        }
        Ok(())
    }
}

impl Handle<RemoveRoom> for Service {
    fn handle(&self, call: &Call<'_>, operation: RemoveRoom) -> Result<(), ApiError> {
        let mut state = self.write();
        let entry = state.entry_mut(call.project, &operation.app_id)?;
        entry.settle(call.now, self.settings.job_init_delay);
        match entry.rooms.get_mut(&operation.room_id).filter(|room| !room.is_empty()) {
            Some(room) => {
                room.dismiss(call.now);
                Ok(())
            }
            None => Err(not_found("room", operation.room_id.as_str())),
        }
    }
}

/// What a user does with a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Presence {
    /// Joins it; a room that is not there is made.
    Joins,
    /// Leaves it.
    Leaves,
}

impl Service {
    /// Lets a user join or leave, as the admin API says; `false` when nothing changed by it.
    pub(crate) fn set_presence(
        &self,
        app: &AppId,
        room: RoomId,
        user: UserId,
        presence: Presence,
        now: SystemTime,
    ) -> Result<bool, ApiError> {
        let mut state = self.write();
        let entry = state.entry_anywhere(app)?;
        entry.settle(now, self.settings.job_init_delay);
        Ok(match presence {
            Presence::Joins => entry.rooms.entry(room).or_default().join(user),
            Presence::Leaves => {
                entry.rooms.get_mut(&room).is_some_and(|room| room.leave(&user, now))
            }
        })
    }
}
