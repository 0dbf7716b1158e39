"""A user of the official Python SDK, who asserts every value that comes back.

Usage:
    python_sdk.py                              all steps
    python_sdk.py show APP_ID                  prints the callback's answer as JSON
    python_sdk.py update APP_ID URL [AUTH_KEY] sets the callback, prints the answer

Needs the packages of requirements.txt and, in the environment, what
`rtc-mock-server env` prints: HUAWEICLOUD_SDK_AK, HUAWEICLOUD_SDK_SK,
HUAWEICLOUD_SDK_PROJECT_ID, HUAWEICLOUD_SDK_IAM_ENDPOINT and
HUAWEICLOUD_SDK_REGION_CLOUDRTC_CN_NORTH_4. The server must check signatures.
All steps also need RTC_MOCK_ADMIN, the URL of the mock's admin API, and a
server as it is when it has just been started, without a fixture.

All steps: one JSON line a step on stdout, {"step", "operation", "ok"} and,
where ok is false, "detail"; a step that calls the admin API alone has an empty
operation. A step whose forerunner failed is reported as failed too. Exit
codes: 0 all ok, 1 a step failed or the call was refused, 2 usage.
"""

import json
import os
import sys

from huaweicloudsdkcore.exceptions.exceptions import SdkException

import admin
import sdk
from apps import Apps
from buckets import Buckets
from callback import Callback
from checks import Failed
from ending import Ending
from individual_jobs import IndividualJobs
from mix_jobs import MixJobs
from rooms import Rooms
from rules import Rules


def story():
    """(step, operation, the steps it builds on), in a life-like order."""
    client = sdk.connect()
    apps, buckets = Apps(client), Buckets(client)
    rules, callback, rooms = Rules(apps), Callback(apps), Rooms(apps)
    individual_jobs, mix_jobs = IndividualJobs(apps, rules, rooms), MixJobs(apps, rules, rooms)
    return [
        *apps.steps(),
        *buckets.steps(),
        *rules.steps(),
        *callback.steps(),
        *rooms.joining(),
        *individual_jobs.steps(),
        *mix_jobs.steps(),
        *rooms.leaving(),
        *Ending(apps, rules, individual_jobs).steps(),
    ]


def run_all():
    reported, failed = set(), set()
    for step, operation, needs in story():
        name = step.__qualname__
        needed = {need.__qualname__ for need in needs}
        if name in reported or not needed <= reported:
            raise AssertionError("%s comes twice, or before what it builds on" % name)
        line = {"step": name, "operation": operation, "ok": False}
        broken = sorted(needed & failed)
        if broken:
            line["detail"] = "not tried, since it builds on a step that failed: " + ", ".join(broken)
        else:
            try:
                step()
                line["ok"] = True
            except Exception as error:  # whatever the SDK throws is this step's result
                line["detail"] = str(error) if isinstance(error, Failed) else "%s: %s" % (type(error).__name__, error)
        reported.add(name)
        if not line["ok"]:
            failed.add(name)
        print(json.dumps(line), flush=True)
    return 1 if failed else 0


def run_one(call, *args):
    try:
        answer = call(sdk.connect(), *args)
    except SdkException as error:
        print(error, file=sys.stderr)
        return 1
    print(json.dumps(answer.to_json_object(), ensure_ascii=False))
    return 0


def not_set(names):
    missing = [name for name in names if not os.environ.get(name)]
    if missing:
        print("not set: %s" % ", ".join(missing), file=sys.stderr)
    return missing


def main(args):
    if not_set(sdk.VARIABLES):
        print("`rtc-mock-server env` prints them", file=sys.stderr)
        return 2
    if not args:
        if not_set([admin.VARIABLE]):
            print("it is the URL of the mock's admin API, by which users join rooms", file=sys.stderr)
            return 2
        return run_all()
    if args[0] == "show" and len(args) == 2:
        return run_one(sdk.show_record_callback, args[1])
    if args[0] == "update" and len(args) in (3, 4):
        return run_one(sdk.update_record_callback, *args[1:])
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
