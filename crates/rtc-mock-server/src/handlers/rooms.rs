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
            entry.forget_room(&operation.room_id);
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
                entry.forget_room(&operation.room_id);
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
    /// Lets a user join or leave, as the admin API says; `false` when nothing changed by it. The
    /// project need not be named where only one has the app.
    pub(crate) fn set_presence(
        &self,
        project: Option<&str>,
        app: &AppId,
        room: RoomId,
        user: UserId,
        presence: Presence,
        now: SystemTime,
    ) -> Result<bool, ApiError> {
        let mut state = self.write();
        let project = match project {
            Some(project) => project.to_owned(),
            None => state.project_of(app)?.to_owned(),
        };
        let entry = state.entry_mut(&project, app)?;
        entry.settle(now, self.settings.job_init_delay);
        Ok(match presence {
            Presence::Joins => entry.rooms.entry(room).or_default().join(user),
            Presence::Leaves => {
                let left = entry.rooms.get_mut(&room).is_some_and(|room| room.leave(&user, now));
                entry.forget_room(&room);
                left
            }
        })
    }
}
