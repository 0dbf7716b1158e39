"""A user of the official Python SDK, who asserts every value that comes back.

Usage:
    python_sdk.py                              all steps
    python_sdk.py show APP_ID                  prints the callback's answer as JSON
    python_sdk.py update APP_ID URL [AUTH_KEY] sets the callback, prints the answer

Needs the packages of requirements.txt and, in the environment, what
`rtc-mock-server env` prints: HUAWEICLOUD_SDK_AK, HUAWEICLOUD_SDK_SK,
HUAWEICLOUD_SDK_PROJECT_ID, HUAWEICLOUD_SDK_IAM_ENDPOINT and
HUAWEICLOUD_SDK_REGION_CLOUDRTC_CN_NORTH_4. The server must check signatures.

All steps: one JSON line a step on stdout, {"step", "operation", "ok"} and,
where ok is false, "detail". A step whose forerunner failed is reported as
failed too. Exit codes: 0 all ok, 1 a step failed or the call was refused,
2 usage.
"""

import json
import os
import re
import secrets
import sys

from huaweicloudsdkcloudrtc.v2 import (
    AppCallbackUrlReq,
    AppReq,
    CloudRTCClient,
    CreateAppRequest,
    DeleteAppRequest,
    ShowAppRequest,
    ShowRecordCallbackRequest,
    UpdateRecordCallbackRequest,
)
from huaweicloudsdkcloudrtc.v2.region.cloudrtc_region import CloudRTCRegion
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.auth.provider import EnvCredentialProvider
from huaweicloudsdkcore.exceptions.exceptions import SdkException, ServiceResponseException

REGION = "cn-north-4"
VARIABLES = (
    "HUAWEICLOUD_SDK_AK",
    "HUAWEICLOUD_SDK_SK",
    "HUAWEICLOUD_SDK_PROJECT_ID",
    "HUAWEICLOUD_SDK_IAM_ENDPOINT",
    "HUAWEICLOUD_SDK_REGION_CLOUDRTC_CN_NORTH_4",
)
EVENTS = ["RECORD_NEW_FILE_START", "RECORD_FILE_COMPLETE"]
URL = "https://callback.example.com/rtc/record?tenant=1"
KEY = "78912374ae8cdb38"
REQUEST_ID = re.compile(r"[0-9a-f]{32}")
TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z")
INVALID = (400, "RTC.00001003", "InvalidParameterValue")
MISSING = (400, "RTC.00001005", "MissingParameter")
NOT_FOUND = (404, "RTC.00001003", "")
UNAUTHORIZED = "Incorrect IAM authentication information: "


def connect(credentials=None):
    if credentials is None:
        credentials = EnvCredentialProvider.get_basic_credential_env_provider().get_credentials()
    builder = CloudRTCClient.new_builder().with_credentials(credentials)
    return builder.with_region(CloudRTCRegion.value_of(REGION)).build()


def create_app(client, name=None):
    return client.create_app(CreateAppRequest(body=AppReq(app_name=name)))


def show_app(client, app_id):
    return client.show_app(ShowAppRequest(app_id=app_id))


def delete_app(client, app_id):
    return client.delete_app(DeleteAppRequest(app_id=app_id))


def show(client, app_id):
    return client.show_record_callback(ShowRecordCallbackRequest(app_id=app_id))


def update(client, app_id, url=None, auth_key=None):
    body = AppCallbackUrlReq(url=url, auth_key=auth_key)
    return client.update_record_callback(UpdateRecordCallbackRequest(app_id=app_id, body=body))


class Failed(Exception):
    """A value differs from what was expected."""


def equal(what, found, expected):
    if found != expected:
        raise Failed("%s: expected %r, found %r" % (what, expected, found))


def matches(what, found, pattern):
    if not isinstance(found, str) or not pattern.fullmatch(found):
        raise Failed("%s: expected %s, found %r" % (what, pattern.pattern, found))


def succeeded(answer, status):
    equal("status_code", answer.status_code, status)
    matches("X-request-Id", answer.x_request_id, REQUEST_ID)
    return answer


def refused(expected, call, *args, **kwargs):
    """Makes the call, which must be refused with (status, error_code, start of error_msg)."""
    status, code, message = expected
    try:
        answer = call(*args, **kwargs)
    except ServiceResponseException as error:
        equal("status_code", error.status_code, status)
        equal("error_code", error.error_code, code)
        matches("request_id", error.request_id, REQUEST_ID)
        if not error.error_msg or not error.error_msg.startswith(message):
            raise Failed("error_msg: expected %r at its start, found %r" % (message, error.error_msg)) from None
        return error
    raise Failed("expected status %d %s, found status %s" % (status, code, answer.status_code))


class Story:
    """The steps in a life-like order; every method named in `steps` is one."""

    def __init__(self):
        self.client = connect()
        # Another name each time, so that a run which broke off is in nobody's way.
        self.name = "peer 录制 " + secrets.token_hex(4)
        self.unknown = secrets.token_hex(12)
        self.app_id = None
        self.callback = None

    def steps(self):
        """(step, operation, the steps it builds on)"""
        created = (self.create,)
        updated = (self.create, self.update_with_key)
        cleared = (*updated, self.update_without_key)
        return [
            (self.create, "CreateApp", ()),
            (self.create_same_name, "CreateApp", created),
            (self.create_without_name, "CreateApp", ()),
            (self.show_new_app, "ShowApp", created),
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
            (self.show_unknown_app, "ShowApp", ()),
            (self.query_unknown_app, "ShowRecordCallback", ()),
            (self.update_unknown_app, "UpdateRecordCallback", ()),
            (self.delete_unknown_app, "DeleteApp", ()),
            (self.wrong_secret, "ShowRecordCallback", ()),
            (self.unknown_access_key, "ShowRecordCallback", ()),
            (self.foreign_project, "ShowRecordCallback", ()),
            (self.delete, "DeleteApp", created),
            (self.query_after_delete, "ShowRecordCallback", (self.create, self.delete)),
            (self.show_after_delete, "ShowApp", (self.create, self.delete)),
            (self.delete_again, "DeleteApp", (self.create, self.delete)),
        ]

    def create(self):
        answer = succeeded(create_app(self.client, self.name), 201)
        matches("app_id", answer.app_id, re.compile(r"\S{1,32}"))
        self.app_id = answer.app_id

    def create_same_name(self):
        refused((400, "RTC.00001020", "AppExist"), create_app, self.client, self.name)

    def create_without_name(self):
        refused(MISSING, create_app, self.client)

    def show_new_app(self):
        answer = succeeded(show_app(self.client, self.app_id), 200)
        equal("app_id", answer.app_id, self.app_id)
        equal("app_name", answer.app_name, self.name)
        equal("state.state", answer.state and answer.state.state, "ACTIVATION")
        matches("create_time", answer.create_time, TIME)
        equal("callbacks.record_callback", answer.callbacks and answer.callbacks.record_callback, None)

    def query_before_any_update(self):
        answer = succeeded(show(self.client, self.app_id), 200)
        equal("the answer", answer.to_json_object(), {"app_id": self.app_id})
        equal("record_callback", answer.record_callback, None)

    def update_with_key(self):
        answer = succeeded(update(self.client, self.app_id, URL, KEY), 200)
        self.callback = self.checked(answer, URL, KEY)

    def query_with_key(self):
        answer = succeeded(show(self.client, self.app_id), 200)
        equal("record_callback", self.checked(answer, URL, KEY), self.callback)

    def show_app_with_callback(self):
        answer = succeeded(show_app(self.client, self.app_id), 200)
        found = answer.callbacks and answer.callbacks.record_callback
        equal("callbacks.record_callback", found, self.callback)

    def update_without_key(self):
        answer = succeeded(update(self.client, self.app_id, URL), 200)
        self.callback = self.checked(answer, URL, None)

    def query_without_key(self):
        answer = succeeded(show(self.client, self.app_id), 200)
        equal("record_callback", self.checked(answer, URL, None), self.callback)

    def update_to_ftp(self):
        refused(INVALID, update, self.client, self.app_id, "ftp://callback.example.com/rtc", KEY)

    def update_to_257_characters(self):
        refused(INVALID, update, self.client, self.app_id, url_of_length(257), KEY)

    def update_without_url(self):
        refused(MISSING, update, self.client, self.app_id, auth_key=KEY)

    def update_to_short_key(self):
        refused(INVALID, update, self.client, self.app_id, URL, KEY[:15])

    def query_after_refused_updates(self):
        self.query_without_key()

    def update_to_256_characters(self):
        url = url_of_length(256)
        answer = succeeded(update(self.client, self.app_id, url, KEY), 200)
        expected = self.checked(answer, url, KEY)
        found = succeeded(show(self.client, self.app_id), 200).record_callback
        equal("record_callback", found, expected)

    def show_unknown_app(self):
        refused(NOT_FOUND, show_app, self.client, self.unknown)

    def query_unknown_app(self):
        refused(NOT_FOUND, show, self.client, self.unknown)

    def update_unknown_app(self):
        refused(NOT_FOUND, update, self.client, self.unknown, URL, KEY)

    def delete_unknown_app(self):
        refused(NOT_FOUND, delete_app, self.client, self.unknown)

    def wrong_secret(self):
        expected = (401, "APIGW.0301", UNAUTHORIZED + "verify aksk signature fail, canonicalRequest:GET|/v2/apps/")
        refused(expected, show, stranger(sk="wrong-secret-of-the-peer-program-00000"), self.app_id or self.unknown)

    def unknown_access_key(self):
        ak = "AKID" + secrets.token_hex(8).upper()
        expected = (401, "APIGW.0301", UNAUTHORIZED + "Get secretKey failed,ak:%s,err:ak not exist" % ak)
        refused(expected, show, stranger(ak=ak), self.app_id or self.unknown)

    def foreign_project(self):
        expected = (403, "APIGW.0302", "The IAM user is not authorized to access the API")
        refused(expected, show, stranger(project_id=secrets.token_hex(16)), self.app_id or self.unknown)

    def delete(self):
        answer = succeeded(delete_app(self.client, self.app_id), 204)
        equal("the body", answer.raw_content, b"")

    def query_after_delete(self):
        refused(NOT_FOUND, show, self.client, self.app_id)

    def show_after_delete(self):
        refused(NOT_FOUND, show_app, self.client, self.app_id)

    def delete_again(self):
        refused(NOT_FOUND, delete_app, self.client, self.app_id)

    def checked(self, answer, url, auth_key):
        """The answer's callback, after a look at each of its fields."""
        equal("app_id", answer.app_id, self.app_id)
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


def stranger(ak=None, sk=None, project_id=None):
    """A client with the environment's credentials but for the given parts."""
    return connect(
        BasicCredentials(
            ak or os.environ["HUAWEICLOUD_SDK_AK"],
            sk or os.environ["HUAWEICLOUD_SDK_SK"],
            project_id or os.environ["HUAWEICLOUD_SDK_PROJECT_ID"],
        )
    )


def run_all():
    story = Story()
    failed = set()
    for step, operation, needs in story.steps():
        line = {"step": step.__name__, "operation": operation, "ok": False}
        broken = [need.__name__ for need in needs if need.__name__ in failed]
        if broken:
            line["detail"] = "not tried, since it builds on a step that failed: " + ", ".join(broken)
        else:
            try:
                step()
                line["ok"] = True
            except Exception as error:  # whatever the SDK throws is this step's result
                line["detail"] = str(error) if isinstance(error, Failed) else "%s: %s" % (type(error).__name__, error)
        if not line["ok"]:
            failed.add(step.__name__)
        print(json.dumps(line), flush=True)
    return 1 if failed else 0


def run_one(call, *args):
    try:
        answer = call(connect(), *args)
    except SdkException as error:
        print(error, file=sys.stderr)
        return 1
    print(json.dumps(answer.to_json_object(), ensure_ascii=False))
    return 0


def main(args):
    missing = [name for name in VARIABLES if not os.environ.get(name)]
    if missing:
        print("not set: %s; `rtc-mock-server env` prints them" % ", ".join(missing), file=sys.stderr)
        return 2
    if not args:
        return run_all()
    if args[0] == "show" and len(args) == 2:
        return run_one(show, args[1])
    if args[0] == "update" and len(args) in (3, 4):
        return run_one(update, *args[1:])
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
