"""Apps: made, listed, shown."""

import secrets

import sdk
from checks import APP_EXISTS, APPS_EXCEED, ID, INVALID, MISSING, TIME
from checks import as_json, contains, equal, matches, refused, succeeded, unknown, without_body

QUOTA = 20


class Apps:
    """The app that all other steps use, `app_id`."""

    def __init__(self, client):
        self.client = client
        # Another name each time, so that a run which broke off is in nobody's way.
        self.name = "peer 录制 " + secrets.token_hex(4)
        self.unknown = secrets.token_hex(12)
        self.app_id = None
        self.second_id = None

    def steps(self):
        """(step, operation, the steps it builds on)"""
        created = (self.create,)
        both = (self.create, self.create_second)
        return [
            (self.create, "CreateApp", ()),
            (self.create_same_name, "CreateApp", created),
            (self.create_without_name, "CreateApp", ()),
            (self.create_with_257_characters, "CreateApp", ()),
            (self.show_new_app, "ShowApp", created),
            (self.list_new_app, "ListApps", created),
            (self.list_active_apps, "ListApps", created),
            (self.list_stopped_apps, "ListApps", created),
            (self.list_apps_in_an_unknown_state, "ListApps", ()),
            (self.create_second, "CreateApp", created),
            (self.list_page_by_page, "ListApps", both),
            (self.list_with_limits_out_of_range, "ListApps", ()),
            (self.delete_second, "DeleteApp", both),
            (self.create_up_to_the_quota, "CreateApp", created),
            (self.show_unknown_app, "ShowApp", ()),
            (self.delete_unknown_app, "DeleteApp", ()),
            (self.start_unknown_app, "StartApp", ()),
            (self.stop_unknown_app, "StopApp", ()),
        ]

    def create(self):
        answer = succeeded(sdk.create_app(self.client, self.name), 201)
        matches("app_id", answer.app_id, ID)
        self.app_id = answer.app_id

    def create_same_name(self):
        refused(APP_EXISTS, sdk.create_app, self.client, self.name)

    def create_without_name(self):
        refused(MISSING, sdk.create_app, self.client)

    def create_with_257_characters(self):
        refused(INVALID, sdk.create_app, self.client, "n" * 257)

    def show_new_app(self):
        answer = succeeded(sdk.show_app(self.client, self.app_id), 200)
        equal("app_id", answer.app_id, self.app_id)
        equal("app_name", answer.app_name, self.name)
        equal("state.state", answer.state and answer.state.state, "ACTIVATION")
        matches("state.update_time", answer.state.update_time, TIME)
        matches("create_time", answer.create_time, TIME)
        equal("callbacks.record_callback", answer.callbacks and answer.callbacks.record_callback, None)

    def list_new_app(self):
        answer = succeeded(sdk.list_apps(self.client), 200)
        [found] = [app for app in answer.apps if app.app_id == self.app_id]
        equal("count", answer.count, len(answer.apps))
        equal("the app in the list", as_json(found), as_json(sdk.show_app(self.client, self.app_id)))

    def list_active_apps(self):
        answer = succeeded(sdk.list_apps(self.client, state="ACTIVATION"), 200)
        contains("the active apps", [app.app_id for app in answer.apps], self.app_id)
        equal("their states", {app.state.state for app in answer.apps}, {"ACTIVATION"})

    def list_stopped_apps(self):
        answer = succeeded(sdk.list_apps(self.client, state="DEACTIVATION"), 200)
        equal("the new app among the stopped ones", self.app_id in [app.app_id for app in answer.apps], False)

    def list_apps_in_an_unknown_state(self):
        refused(INVALID, sdk.list_apps, self.client, state="ASLEEP")
        # A state of apps, but none that the reference lists for this parameter.
        refused(INVALID, sdk.list_apps, self.client, state="DELETED")

    def create_second(self):
        answer = succeeded(sdk.create_app(self.client, self.name + " 2"), 201)
        self.second_id = answer.app_id

    def list_page_by_page(self):
        found, page = [], 0
        while True:
            answer = succeeded(sdk.list_apps(self.client, offset=page, limit=1), 200)
            if not answer.apps:
                break
            [app] = answer.apps
            found.append(app.app_id)
            page += 1
            # Too many pages end as a difference to count and not as a run without end.
            if page > answer.count:
                break
        equal("count", answer.count, len(found))
        equal("the ids on all pages without repetition", len(set(found)), len(found))
        for app_id in (self.app_id, self.second_id):
            contains("the ids on all pages", found, app_id)

    def list_with_limits_out_of_range(self):
        for query in ({"limit": 0}, {"limit": 101}, {"offset": -1}):
            refused(INVALID, sdk.list_apps, self.client, **query)

    def delete_second(self):
        without_body(sdk.delete_app(self.client, self.second_id), 204)
        unknown(self.second_id, sdk.show_app, self.client, self.second_id)

    def create_up_to_the_quota(self):
        made = []
        try:
            for number in range(sdk.list_apps(self.client).count, QUOTA):
                answer = succeeded(sdk.create_app(self.client, "%s quota %d" % (self.name, number)), 201)
                made.append(answer.app_id)
            refused(APPS_EXCEED, sdk.create_app, self.client, self.name + " quota")
        finally:
            for app_id in made:
                sdk.delete_app(self.client, app_id)

    def show_unknown_app(self):
        unknown(self.unknown, sdk.show_app, self.client, self.unknown)

    def delete_unknown_app(self):
        unknown(self.unknown, sdk.delete_app, self.client, self.unknown)

    def start_unknown_app(self):
        unknown(self.unknown, sdk.start_app, self.client, self.unknown)

    def stop_unknown_app(self):
        unknown(self.unknown, sdk.stop_app, self.client, self.unknown)
