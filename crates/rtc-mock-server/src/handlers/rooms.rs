//! Rooms and the users in them (decision D27).

use std::time::SystemTime;

use rtc_model::rooms::{RemoveRoom, RemoveUsers};
use rtc_model::{ApiError, AppId, RoomId, UserId};

use crate::handlers::job_rules::check_in_use;
use crate::handlers::{Call, Handle, Service};
use crate::jobs::{Individual, Job, Work};
use crate::rooms::Room;
use crate::state::{Entry, not_found};

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
    /// Lets a user join; records the user where auto record was on when the room was made.
    fn join(
        &self,
        entry: &mut Entry,
        room: RoomId,
        user: UserId,
        now: SystemTime,
    ) -> Result<bool, ApiError> {
        if entry.rooms.get(&room).is_some_and(|room| room.users().contains(&user)) {
            return Ok(false);
        }
        // A disabled app has no new rooms and nobody joins (page `StopApp`).
        check_in_use(entry)?;
        let auto_record = entry.auto_record_rule();
        let held = entry.rooms.entry(room.clone()).or_insert_with(|| Room::new(auto_record));
        held.join(user.clone());
        let Some(rule) = held.auto_record.clone() else { return Ok(true) };
        let same = |job: &Job| {
            job.room == room && matches!(&job.work, Work::Individual(i) if i.user == user)
        };
        if entry.jobs.live().any(same) {
            return Ok(true);
        }
        let work = Work::Individual(Individual::auto(user.clone()));
        let made = self.add_job(entry, |id| Job::new(id, room.clone(), work, rule, now), same);
        if let Err(error) = made {
            // The user has joined all the same.
            tracing::warn!(%room, %user, %error, "auto record makes no job");
        }
        entry.settle(now, self.settings.job_init_delay);
        Ok(true)
    }

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
            Presence::Joins => self.join(entry, room, user, now)?,
            Presence::Leaves => {
                let left = entry.rooms.get_mut(&room).is_some_and(|room| room.leave(&user, now));
                entry.forget_room(&room);
                left
            }
        })
    }
}
