//! Rooms.

use rtc_contract_tests::golden::Golden;
use rtc_model::UserId;
use rtc_model::rooms::{RemoveRoom, RemoveUsers, RemoveUsersReq};

use crate::requests::{APP, ROOM, USER, Visit};

/// Visits a golden request of this group; `None` when it has no value here.
pub(super) fn visit(case: (&str, &str), golden: Golden, visitor: &mut impl Visit) -> Option<()> {
    match case {
        ("RemoveUsers", "one") => {
            let body = RemoveUsersReq::new().user_ids([UserId::from(USER)]);
            visitor.visit(golden, RemoveUsers::new(APP, ROOM, body));
        }
        ("RemoveUsers", "several") => {
            let body = RemoveUsersReq::new().user_ids([USER, "ben", "Cleo_3-x"].map(UserId::from));
            visitor.visit(golden, RemoveUsers::new(APP, ROOM, body));
        }
        ("RemoveRoom", "plain") => visitor.visit(golden, RemoveRoom::new(APP, ROOM)),
        _ => return None,
    }
    Some(())
}
