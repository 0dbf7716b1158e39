"""The record callback, and who may not ask for it."""

import secrets

import sdk
from checks import INVALID, MISSING, TIME, Failed
from checks import as_json, equal, matches, refused, succeeded, unknown

EVENTS = ["RECORD_NEW_FILE_START", "RECORD_FILE_COMPLETE"]
URL = "https://callback.example.com/rtc/record?tenant=1"
KEY = "78912374ae8cdb38"
UNAUTHORIZED = "Incorrect IAM authentication information: "


class Callback:
    """The callback of the app."""

    def __init__(self, apps):
        self.client, self.apps = apps.client, apps
        self.callback = None

    def steps(self):
        """(step, operation, the steps it builds on)"""
        created = (self.apps.create,)
        updated = (*created, self.update_with_key)
        cleared = (*updated, self.update_without_key)
        return [
            (self.query_before_any_update, "ShowRecordCallback", created),
            (self.update_with_key, "UpdateRecordCallback", created),
            (self.query_with_key, "ShowRecordCallback", updated),
            (self.show_app_with_callback, "ShowApp", updated),
            (self.update_without_key, "UpdateRecordCallback", updated),
            (self.query_without_key, "ShowRecordCallback", cleared),
            (self.update_to_ftp, "UpdateRecordCallback", created),
            (self.update_to_257_characters, "UpdateRecordCallback", created),
            (self.update_without_url, "UpdateRecordCallback", created),
            (self.update_to_short_key, "UpdateRecordCallback", created),
            (self.query_after_refused_updates, "ShowRecordCallback", cleared),
            (self.update_to_256_characters, "UpdateRecordCallback", created),
            (self.query_unknown_app, "ShowRecordCallback", ()),
            (self.update_unknown_app, "UpdateRecordCallback", ()),
            (self.wrong_secret, "ShowRecordCallback", ()),
            (self.unknown_access_key, "ShowRecordCallback", ()),
            (self.foreign_project, "ShowRecordCallback", ()),
        ]

    def show(self):
        return succeeded(sdk.show_record_callback(self.client, self.apps.app_id), 200)

    def update(self, *args):
        return succeeded(sdk.update_record_callback(self.client, self.apps.app_id, *args), 200)

    def query_before_any_update(self):
        answer = self.show()
        equal("the answer", as_json(answer), {"app_id": self.apps.app_id})
        equal("record_callback", answer.record_callback, None)

    def update_with_key(self):
        self.callback = self.checked(self.update(URL, KEY), URL, KEY)

    def query_with_key(self):
        equal("record_callback", self.checked(self.show(), URL, KEY), self.callback)

    def show_app_with_callback(self):
        answer = succeeded(sdk.show_app(self.client, self.apps.app_id), 200)
        found = answer.callbacks and answer.callbacks.record_callback
        equal("callbacks.record_callback", found, self.callback)

    def update_without_key(self):
        self.callback = self.checked(self.update(URL), URL, None)

    def query_without_key(self):
        equal("record_callback", self.checked(self.show(), URL, None), self.callback)

    def update_to_ftp(self):
        self.refused(INVALID, "ftp://callback.example.com/rtc", KEY)

    def update_to_257_characters(self):
        self.refused(INVALID, url_of_length(257), KEY)

    def update_without_url(self):
        self.refused(MISSING, None, KEY)

    def update_to_short_key(self):
        self.refused(INVALID, URL, KEY[:15])

    def query_after_refused_updates(self):
        self.query_without_key()

    def update_to_256_characters(self):
        url = url_of_length(256)
        expected = self.checked(self.update(url, KEY), url, KEY)
        equal("record_callback", self.show().record_callback, expected)

    def query_unknown_app(self):
        unknown(self.apps.unknown, sdk.show_record_callback, self.client, self.apps.unknown)

    def update_unknown_app(self):
        unknown(self.apps.unknown, sdk.update_record_callback, self.client, self.apps.unknown, URL, KEY)

    def wrong_secret(self):
        expected = (401, "APIGW.0301", UNAUTHORIZED + "verify aksk signature fail, canonicalRequest:GET|/v2/apps/")
        self.not_let_in(expected, sk="wrong-secret-of-the-peer-program-00000")

    def unknown_access_key(self):
        ak = "AKID" + secrets.token_hex(8).upper()
        self.not_let_in((401, "APIGW.0301", UNAUTHORIZED + "Get secretKey failed,ak:%s,err:ak not exist" % ak), ak=ak)

    def foreign_project(self):
        expected = (403, "APIGW.0302", "The IAM user is not authorized to access the API")
        self.not_let_in(expected, project_id=secrets.token_hex(16))

    def refused(self, expected, url, auth_key):
        refused(expected, sdk.update_record_callback, self.client, self.apps.app_id, url, auth_key)

    def not_let_in(self, expected, **credentials):
        app_id = self.apps.app_id or self.apps.unknown
        refused(expected, sdk.show_record_callback, sdk.stranger(**credentials), app_id)

    def checked(self, answer, url, auth_key):
        """The answer's callback, after a look at each of its fields."""
        equal("app_id", answer.app_id, self.apps.app_id)
        callback = answer.record_callback
        if callback is None:
            raise Failed("record_callback is absent")
        equal("url", callback.url, url)
        # A cleared key may be absent or empty.
        equal("auth_key", callback.auth_key or None, auth_key)
        equal("notify_event_subscription", callback.notify_event_subscription, EVENTS)
        matches("update_time", callback.update_time, TIME)
        return callback


def url_of_length(length):
    return "https://callback.example.com/".ljust(length, "a")
