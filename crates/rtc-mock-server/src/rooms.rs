//! Rooms and who is in them. The service makes rooms when users join; here the admin API says so
//! (decision D27).

use std::collections::{BTreeMap, BTreeSet};
use std::time::SystemTime;

use rtc_model::{RuleId, UserId};

/// A room: who is in it, and who left when.
#[derive(Debug, Default)]
pub(crate) struct Room {
    /// By which rule those who join are recorded; auto record is for rooms that are made while it
    /// is on.
    pub(crate) auto_record: Option<RuleId>,
    users: BTreeSet<UserId>,
    left: BTreeMap<UserId, SystemTime>,
    emptied: Option<SystemTime>,
}

impl Room {
    /// A room without anybody.
    pub(crate) fn new(auto_record: Option<RuleId>) -> Self {
        Self { auto_record, ..Self::default() }
    }

    /// A room as it was: who is in it, and who left it when.
    pub(crate) fn restored(
        users: BTreeSet<UserId>,
        left: BTreeMap<UserId, SystemTime>,
        auto_record: Option<RuleId>,
    ) -> Self {
        let emptied = left.values().max().copied().filter(|_| users.is_empty());
        Self { auto_record, users, left, emptied }
    }

    /// Who is there.
    pub(crate) fn users(&self) -> &BTreeSet<UserId> {
        &self.users
    }

    /// Who left when, and did not come back.
    pub(crate) fn left(&self) -> &BTreeMap<UserId, SystemTime> {
        &self.left
    }

    /// A user joins; `false` when the user is there already.
    pub(crate) fn join(&mut self, user: UserId) -> bool {
        self.left.remove(&user);
        self.emptied = None;
        self.users.insert(user)
    }

    /// A user leaves; `false` when the user is not there.
    pub(crate) fn leave(&mut self, user: &UserId, now: SystemTime) -> bool {
        let was_there = self.users.remove(user);
        if was_there {
            self.left.insert(user.clone(), now);
            if self.users.is_empty() {
                self.emptied = Some(now);
            }
        }
        was_there
    }

    /// All users leave.
    pub(crate) fn dismiss(&mut self, now: SystemTime) {
        for user in std::mem::take(&mut self.users) {
            self.left.insert(user, now);
            self.emptied = Some(now);
        }
    }

    /// Whether nobody is there: then there is no room.
    pub(crate) fn is_empty(&self) -> bool {
        self.users.is_empty()
    }

    /// Since when the user is gone; `None` when the user is there or never was.
    pub(crate) fn gone_since(&self, user: &UserId) -> Option<SystemTime> {
        self.left.get(user).copied()
    }

    /// Since when nobody is there; `None` when somebody is there or nobody ever was.
    pub(crate) fn empty_since(&self) -> Option<SystemTime> {
        self.emptied
    }
}
