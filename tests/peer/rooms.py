"""Rooms and the users in them, who join by the mock's admin API."""

import admin
import sdk
from checks import INVALID, MISSING
from checks import contains, refused, unknown, without_body

ROOM, USER, OTHER_USER = "gigu", "anna", "Ben_2-x"


class Rooms:
    """The room that is recorded."""

    def __init__(self, apps):
        self.client, self.apps = apps.client, apps

    def joining(self):
        """(step, operation, the steps it builds on)"""
        return [(self.join, "", (self.apps.create,))]

    def leaving(self):
        """(step, operation, the steps it builds on)"""
        app = (self.apps.create,)
        joined = (*app, self.join)
        return [
            (self.remove_one, "RemoveUsers", joined),
            (self.remove_users_that_are_not_there, "RemoveUsers", joined),
            (self.remove_from_unknown_room, "RemoveUsers", app),
            (self.remove_refused, "RemoveUsers", app),
            (self.remove_from_unknown_app, "RemoveUsers", ()),
            (self.dismiss, "RemoveRoom", joined),
            (self.dismiss_again, "RemoveRoom", (*joined, self.dismiss)),
            (self.dismiss_unknown_room, "RemoveRoom", app),
            (self.dismiss_in_unknown_app, "RemoveRoom", ()),
            (self.dismiss_a_room_of_nobody, "RemoveRoom", (*joined, self.dismiss_again)),
        ]

    def join(self):
        for user in (USER, OTHER_USER):
            contains("the admin API's answers", (200, 204), admin.join(self.apps.app_id, ROOM, user))

    def remove(self, room, users):
        without_body(sdk.remove_users(self.client, self.apps.app_id, room, users), 202)

    def remove_one(self):
        self.remove(ROOM, [USER])

    def remove_users_that_are_not_there(self):
        self.remove(ROOM, [USER, "nobody"])

    def remove_from_unknown_room(self):
        self.remove("no-such-room", [USER])

    def remove_refused(self):
        refused(MISSING, sdk.remove_users, self.client, self.apps.app_id, ROOM, None)
        refused(INVALID, sdk.remove_users, self.client, self.apps.app_id, ROOM, ["u" * 65])

    def remove_from_unknown_app(self):
        unknown(self.apps.unknown, sdk.remove_users, self.client, self.apps.unknown, ROOM, [USER])

    def dismiss(self):
        without_body(sdk.remove_room(self.client, self.apps.app_id, ROOM), 202)

    def dismiss_again(self):
        unknown(ROOM, sdk.remove_room, self.client, self.apps.app_id, ROOM)

    def dismiss_unknown_room(self):
        unknown("no-such-room", sdk.remove_room, self.client, self.apps.app_id, "no-such-room")

    def dismiss_in_unknown_app(self):
        unknown(self.apps.unknown, sdk.remove_room, self.client, self.apps.unknown, ROOM)

    def dismiss_a_room_of_nobody(self):
        # A room is there again once somebody joins, and gone with its last user.
        admin.join(self.apps.app_id, ROOM, USER)
        self.remove(ROOM, [USER])
        unknown(ROOM, sdk.remove_room, self.client, self.apps.app_id, ROOM)
