"""What the steps assert of an answer or a refusal."""

import re

from huaweicloudsdkcore.exceptions.exceptions import ServiceResponseException
from huaweicloudsdkcore.utils.http_utils import sanitize_for_serialization

REQUEST_ID = re.compile(r"[0-9a-f]{32}")
TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z")
OBS_TIME = re.compile(r"[0-9]{4}/[0-9]{2}/[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2} GMT[+-][0-9]{2}:[0-9]{2}")
ID = re.compile(r"\S{1,64}")

INVALID = (400, "RTC.00001003", "InvalidParameterValue")
COMBINATION = (400, "RTC.00001004", "InvalidParameterCombination")
MISSING = (400, "RTC.00001005", "MissingParameter")
JOB_RUNNING = (400, "RTC.00001006", "JobRunning")
JOB_DONE = (400, "RTC.00001009", "JobDone")
RULE_IN_USE = (400, "RTC.00001013", "RuleForbidenDelete")
APP_STOPPED = (400, "RTC.00001016", "AppDeactivation")
APPS_EXCEED = (400, "RTC.00001017", "AppsExceed")
APP_EXISTS = (400, "RTC.00001020", "AppExist")
NOT_FOUND = (404, "RTC.00001003", "")


class Failed(Exception):
    """A value differs from what was expected."""


def equal(what, found, expected):
    if found != expected:
        raise Failed("%s: expected %r, found %r" % (what, expected, found))


def differs(what, found, unwanted):
    if found == unwanted:
        raise Failed("%s: expected another value than %r" % (what, unwanted))


def contains(what, found, part):
    if part not in found:
        raise Failed("%s: expected %r in it, found %r" % (what, part, found))


def matches(what, found, pattern):
    if not isinstance(found, str) or not pattern.fullmatch(found):
        raise Failed("%s: expected %s, found %r" % (what, pattern.pattern, found))


def succeeded(answer, status):
    equal("status_code", answer.status_code, status)
    matches("X-request-Id", answer.x_request_id, REQUEST_ID)
    return answer


def without_body(answer, status):
    """A success that says nothing but its status."""
    succeeded(answer, status)
    equal("the body", answer.raw_content, b"")


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


def unknown(name, call, *args, **kwargs):
    """Makes the call, which must be refused since there is no `name`; the message must say so."""
    error = refused(NOT_FOUND, call, *args, **kwargs)
    contains("error_msg", error.error_msg, name)


def as_json(value):
    """An answer as it came, a part of one or a list of parts as the SDK would send it."""
    return value.to_json_object() if hasattr(value, "to_json_object") else sanitize_for_serialization(value)


def fields(answer, *times):
    """The answer as JSON without the named times, each of which must be there and be one."""
    found = as_json(answer)
    for name in times:
        matches(name, found.pop(name, None), TIME)
    return found
