"""Jobs that record one user."""

import secrets

import sdk
from checks import ID, INVALID, JOB_DONE, JOB_RUNNING, MISSING, TIME
from checks import differs, equal, fields, matches, refused, succeeded, unknown, without_body
from rooms import ROOM, USER, OTHER_USER

CAMERA = {"room_id": ROOM, "user_id": USER, "video_type": "CAMERASTREAM"}
SCREEN = {
    "room_id": ROOM,
    "user_id": OTHER_USER,
    "is_record_audio": False,
    "video_type": "SCREENSTREAM",
    "select_stream_type": "HD",
    "max_idle_time": 43200,
}
UNSET = "0001-01-01T00:00:00Z"


def not_over(answer):
    """A job that is not over has no time and no reason of its end."""
    equal("stop_reason", answer.stop_reason, None)
    if answer.stop_time not in (None, UNSET):
        equal("stop_time", answer.stop_time, None)


class IndividualJobs:
    """The jobs of two users: one is stopped and made anew, one is at work to the end."""

    def __init__(self, apps, rules, rooms):
        self.client, self.apps, self.rules, self.rooms = apps.client, apps, rules, rooms
        self.unknown = secrets.token_hex(16)
        self.job_id = None
        self.screen_id = None

    def steps(self):
        """(step, operation, the steps it builds on)"""
        app = (self.apps.create,)
        ready = (*app, self.rules.create, self.rooms.join)
        made = (*ready, self.create)
        stopped = (*made, self.stop)
        return [
            (self.create, "CreateIndividualStreamJob", ready),
            (self.show_running, "ShowIndividualStreamJob", made),
            (self.create_same, "CreateIndividualStreamJob", made),
            (self.create_for_other_user, "CreateIndividualStreamJob", ready),
            (self.show_other_user, "ShowIndividualStreamJob", (*ready, self.create_for_other_user)),
            (self.create_refused, "CreateIndividualStreamJob", (*app, self.rules.create)),
            (self.create_for_unknown_app, "CreateIndividualStreamJob", (*app, self.rules.create)),
            (self.update, "UpdateIndividualStreamJob", made),
            (self.update_nothing, "UpdateIndividualStreamJob", made),
            (self.update_to_unknown_rule, "UpdateIndividualStreamJob", made),
            (self.show_unknown, "ShowIndividualStreamJob", app),
            (self.update_unknown, "UpdateIndividualStreamJob", (*app, self.rules.create)),
            (self.stop_unknown, "StopIndividualStreamJob", app),
            (self.stop, "StopIndividualStreamJob", made),
            (self.stop_again, "StopIndividualStreamJob", stopped),
            (self.update_after_stop, "UpdateIndividualStreamJob", stopped),
            (self.show_stopped, "ShowIndividualStreamJob", stopped),
            (self.create_after_stop, "CreateIndividualStreamJob", stopped),
        ]

    def make(self, **job):
        args = (self.client, self.apps.app_id, self.rules.rule_id)
        return succeeded(sdk.create_individual_job(*args, **job), 201)

    def show(self, job_id):
        return succeeded(sdk.show_individual_job(self.client, self.apps.app_id, job_id), 200)

    def checked(self, answer, job_id, job, state, *times):
        """Looks at each field of an answer about a job; the times of its run are named."""
        found = fields(answer, "create_time", "update_time", *times)
        if found.get("stop_time") == UNSET:
            del found["stop_time"]
        expected = {
            "job_id": job_id,
            "stream_name": "s_%s_%s_%s" % (job_id, job["room_id"], job["user_id"]),
            "app_id": self.apps.app_id,
            "record_param": {"record_rule_id": self.rules.rule_id},
            "is_record_audio": True,
            "select_stream_type": "FHD",
            "max_idle_time": 30,
            "state": state,
            **job,
        }
        equal("the job", found, expected)

    def create(self):
        answer = self.make(**CAMERA)
        matches("job_id", answer.job_id, ID)
        self.job_id = answer.job_id
        self.checked(answer, self.job_id, CAMERA, "INIT")
        not_over(answer)

    def show_running(self):
        answer = self.show(self.job_id)
        self.checked(answer, self.job_id, CAMERA, "RUNNING", "start_time")
        not_over(answer)

    def create_same(self):
        args = (self.client, self.apps.app_id, self.rules.rule_id)
        refused(JOB_RUNNING, sdk.create_individual_job, *args, **CAMERA)

    def create_for_other_user(self):
        answer = self.make(**SCREEN)
        self.screen_id = answer.job_id
        differs("job_id", self.screen_id, self.job_id)
        self.checked(answer, self.screen_id, SCREEN, "INIT")

    def show_other_user(self):
        self.checked(self.show(self.screen_id), self.screen_id, SCREEN, "RUNNING", "start_time")

    def create_refused(self):
        someone = {"room_id": ROOM, "user_id": "carl"}
        for expected, rule_id, job in (
            (MISSING, self.rules.rule_id, {"user_id": "carl"}),
            (MISSING, self.rules.rule_id, {"room_id": ROOM}),
            (MISSING, None, someone),
            (INVALID, self.rules.unknown, someone),
            (INVALID, self.rules.rule_id, {**someone, "room_id": "r" * 65}),
            (INVALID, self.rules.rule_id, {**someone, "user_id": "carl the third"}),
            (INVALID, self.rules.rule_id, {**someone, "video_type": "TVSTREAM"}),
            (INVALID, self.rules.rule_id, {**someone, "select_stream_type": "8K"}),
            (INVALID, self.rules.rule_id, {**someone, "max_idle_time": 4}),
            (INVALID, self.rules.rule_id, {**someone, "max_idle_time": 43201}),
        ):
            refused(expected, sdk.create_individual_job, self.client, self.apps.app_id, rule_id, **job)

    def create_for_unknown_app(self):
        args = (self.client, self.apps.unknown, self.rules.rule_id)
        unknown(self.apps.unknown, sdk.create_individual_job, *args, **CAMERA)

    def update(self):
        answer = sdk.update_individual_job(self.client, self.apps.app_id, self.job_id, self.rules.rule_id)
        self.checked(succeeded(answer, 200), self.job_id, CAMERA, "RUNNING", "start_time")

    def update_nothing(self):
        answer = sdk.update_individual_job(self.client, self.apps.app_id, self.job_id)
        self.checked(succeeded(answer, 200), self.job_id, CAMERA, "RUNNING", "start_time")

    def update_to_unknown_rule(self):
        args = (self.client, self.apps.app_id, self.job_id, self.rules.unknown)
        refused(INVALID, sdk.update_individual_job, *args)

    def show_unknown(self):
        unknown(self.unknown, sdk.show_individual_job, self.client, self.apps.app_id, self.unknown)

    def update_unknown(self):
        args = (self.client, self.apps.app_id, self.unknown, self.rules.rule_id)
        unknown(self.unknown, sdk.update_individual_job, *args)

    def stop_unknown(self):
        unknown(self.unknown, sdk.stop_individual_job, self.client, self.apps.app_id, self.unknown)

    def stop(self):
        without_body(sdk.stop_individual_job(self.client, self.apps.app_id, self.job_id), 204)

    def stop_again(self):
        refused(JOB_DONE, sdk.stop_individual_job, self.client, self.apps.app_id, self.job_id)

    def update_after_stop(self):
        args = (self.client, self.apps.app_id, self.job_id, self.rules.rule_id)
        refused(JOB_DONE, sdk.update_individual_job, *args)

    def show_stopped(self):
        answer = self.show(self.job_id)
        over = {**CAMERA, "stop_reason": "TENANT_STOP"}
        self.checked(answer, self.job_id, over, "STOPPED", "start_time", "stop_time")
        equal("the order of the times", answer.start_time <= answer.stop_time, True)
        matches("stop_time", answer.stop_time, TIME)

    def create_after_stop(self):
        answer = self.make(**CAMERA)
        differs("job_id", answer.job_id, self.job_id)
        without_body(sdk.stop_individual_job(self.client, self.apps.app_id, answer.job_id), 204)
