"""Jobs that mix the streams of a room and record them."""

import secrets

from huaweicloudsdkcloudrtc.v2 import MixLayoutPane, MixUserBackgroundImage

import sdk
from checks import COMBINATION, ID, INVALID, JOB_DONE, JOB_RUNNING, MISSING
from checks import as_json, differs, equal, fields, matches, refused, succeeded, unknown, without_body
from individual_jobs import UNSET, not_over
from rooms import OTHER_USER, ROOM, USER

SKY, NIGHT = "s3://demo-bucket/sky.png", "s3://demo-bucket/night.png"
GRIDS = {"room_id": ROOM, "encode_template": "1280x720_15_2260", "layout_template": "nine_grids_view"}
AUDIO = {"room_id": ROOM, "encode_template": "audio_only", "max_idle_time": 5}


def pane(**values):
    return MixLayoutPane(**{"id": 1, "user_id": USER, "x": 0.0, "y": 0.0, "width": 1.0, "height": 0.5, **values})


def custom():
    """Every field, the encode template in its other spelling."""
    return {
        "room_id": ROOM,
        "encode_template": "1920*1080_30_4620",
        "layout_template": "custom",
        "max_idle_time": 60,
        "default_user_background_image": "s3://demo-bucket/nobody.png",
        "screen_background_image": "s3://demo-bucket/screen.png",
        "background_image": SKY,
        "layout_panes": [
            pane(video_type="CAMERASTREAM", zorder=0, crop_mode="KEEP_RATIO_PADDING"),
            pane(id=2, user_id=OTHER_USER, x=0.75, y=0.625, width=0.25, zorder=24, crop_mode="KEEP_RATIO_CROP"),
        ],
        "user_background_images": [MixUserBackgroundImage(user_id=USER, image_uri="s3://demo-bucket/anna.png")],
    }


class MixJobs:
    """The jobs of the room, one after the other."""

    def __init__(self, apps, rules, rooms):
        self.client, self.apps, self.rules, self.rooms = apps.client, apps, rules, rooms
        self.unknown = secrets.token_hex(16)
        self.job_id = None
        self.custom_id = None

    def steps(self):
        """(step, operation, the steps it builds on)"""
        app = (self.apps.create,)
        rule = (*app, self.rules.create)
        ready = (*rule, self.rooms.join)
        grids = (*ready, self.create_grids)
        stopped = (*grids, self.stop_grids)
        panes = (*stopped, self.create_custom)
        return [
            (self.create_grids, "CreateMixJob", ready),
            (self.show_grids, "ShowMixJob", grids),
            (self.create_in_same_room, "CreateMixJob", grids),
            (self.create_mix_refused, "CreateMixJob", rule),
            (self.create_mix_for_unknown_app, "CreateMixJob", rule),
            (self.update_grids, "UpdateMixJob", grids),
            (self.change_layout, "UpdateMixJob", grids),
            (self.update_mix_refused, "UpdateMixJob", grids),
            (self.show_unknown_mix, "ShowMixJob", app),
            (self.update_unknown_mix, "UpdateMixJob", app),
            (self.stop_unknown_mix, "StopMixJob", app),
            (self.stop_grids, "StopMixJob", grids),
            (self.stop_grids_again, "StopMixJob", stopped),
            (self.update_grids_after_stop, "UpdateMixJob", stopped),
            (self.show_stopped_grids, "ShowMixJob", stopped),
            (self.create_custom, "CreateMixJob", stopped),
            (self.show_custom, "ShowMixJob", panes),
            (self.update_custom, "UpdateMixJob", panes),
            (self.show_updated_custom, "ShowMixJob", (*panes, self.update_custom)),
            (self.stop_custom, "StopMixJob", panes),
            (self.record_sound_only, "CreateMixJob", (*panes, self.stop_custom)),
        ]

    def make(self, mix):
        args = (self.client, self.apps.app_id, self.rules.rule_id)
        return succeeded(sdk.create_mix_job(*args, **mix), 201)

    def show(self, job_id):
        return succeeded(sdk.show_mix_job(self.client, self.apps.app_id, job_id), 200)

    def update(self, job_id, **mix):
        return succeeded(sdk.update_mix_job(self.client, self.apps.app_id, job_id, **mix), 200)

    def stop(self, job_id):
        without_body(sdk.stop_mix_job(self.client, self.apps.app_id, job_id), 204)

    def checked(self, answer, job_id, mix, state, *times, **over):
        """Looks at each field of an answer about a job; the times of its run are named."""
        found = fields(answer, "create_time", "update_time", *times)
        if found.get("stop_time") == UNSET:
            del found["stop_time"]
        found["mix_param"] = {name: value for name, value in found["mix_param"].items() if value != []}
        expected = {
            "job_id": job_id,
            "stream_name": "m_%s_%s" % (job_id, ROOM),
            "app_id": self.apps.app_id,
            "room_id": ROOM,
            "mix_param": {"max_idle_time": 30, **as_json(mix)},
            "record_param": {"record_rule_id": self.rules.rule_id},
            "state": state,
            **over,
        }
        equal("the job", found, expected)

    def create_grids(self):
        answer = self.make(GRIDS)
        matches("job_id", answer.job_id, ID)
        self.job_id = answer.job_id
        self.checked(answer, self.job_id, GRIDS, "INIT")
        not_over(answer)

    def show_grids(self):
        answer = self.show(self.job_id)
        self.checked(answer, self.job_id, GRIDS, "RUNNING", "start_time")
        not_over(answer)

    def create_in_same_room(self):
        # Also with another layout: it is the room that counts.
        args = (self.client, self.apps.app_id, self.rules.rule_id)
        refused(JOB_RUNNING, sdk.create_mix_job, *args, **GRIDS)
        refused(JOB_RUNNING, sdk.create_mix_job, *args, **AUDIO)

    def create_mix_refused(self):
        elsewhere = {**GRIDS, "room_id": "elsewhere"}
        shared = {**elsewhere, "layout_template": "screen_share_left"}
        panes = {**custom(), "room_id": "elsewhere"}
        no_layout = {key: value for key, value in elsewhere.items() if key != "layout_template"}
        for expected, mix in (
            (MISSING, {}),
            (MISSING, {**elsewhere, "room_id": None}),
            (MISSING, {**elsewhere, "encode_template": None}),
            (COMBINATION, no_layout),
            (COMBINATION, {**elsewhere, "layout_template": "custom"}),
            (COMBINATION, shared),
            (COMBINATION, {**shared, "layout_template": "screen_share_right", "layout_panes": []}),
            (INVALID, {**elsewhere, "encode_template": "1x1_1_1"}),
            (INVALID, {**elsewhere, "layout_template": "ten_grids_view"}),
            (INVALID, {**elsewhere, "max_idle_time": 4}),
            (INVALID, {**elsewhere, "room_id": "else where"}),
            (INVALID, {**elsewhere, "background_image": "s" * 129}),
            (INVALID, {**panes, "layout_panes": [pane(), pane(width=1.5)]}),
            (INVALID, {**panes, "layout_panes": [pane(id=26)]}),
            (INVALID, {**panes, "layout_panes": [pane(zorder=25)]}),
            (INVALID, {**panes, "layout_panes": [pane(crop_mode="STRETCH")]}),
            (INVALID, {**shared, "layout_panes": [pane(filling_policy="ANYBODY")]}),
        ):
            refused(expected, sdk.create_mix_job, self.client, self.apps.app_id, self.rules.rule_id, **mix)
        refused(MISSING, sdk.create_mix_job, self.client, self.apps.app_id, None, **elsewhere)
        refused(INVALID, sdk.create_mix_job, self.client, self.apps.app_id, self.rules.unknown, **elsewhere)

    def create_mix_for_unknown_app(self):
        args = (self.client, self.apps.unknown, self.rules.rule_id)
        unknown(self.apps.unknown, sdk.create_mix_job, *args, **GRIDS)

    def update_grids(self):
        answer = self.update(self.job_id, max_idle_time=43200, background_image=SKY)
        changed = {**GRIDS, "max_idle_time": 43200, "background_image": SKY}
        self.checked(answer, self.job_id, changed, "RUNNING", "start_time")

    def change_layout(self):
        args = (self.client, self.apps.app_id, self.job_id)
        refused(COMBINATION, sdk.update_mix_job, *args, layout_template="custom", layout_panes=[pane()])

    def update_mix_refused(self):
        args = (self.client, self.apps.app_id, self.job_id)
        refused(MISSING, sdk.update_mix_job, *args)
        refused(INVALID, sdk.update_mix_job, *args, max_idle_time=4)
        refused(INVALID, sdk.update_mix_job, *args, layout_template="ten_grids_view")
        refused(INVALID, sdk.update_mix_job, *args, layout_panes=[pane(height=-0.5)])

    def show_unknown_mix(self):
        unknown(self.unknown, sdk.show_mix_job, self.client, self.apps.app_id, self.unknown)

    def update_unknown_mix(self):
        args = (self.client, self.apps.app_id, self.unknown)
        unknown(self.unknown, sdk.update_mix_job, *args, background_image=SKY)

    def stop_unknown_mix(self):
        unknown(self.unknown, sdk.stop_mix_job, self.client, self.apps.app_id, self.unknown)

    def stop_grids(self):
        self.stop(self.job_id)

    def stop_grids_again(self):
        refused(JOB_DONE, sdk.stop_mix_job, self.client, self.apps.app_id, self.job_id)

    def update_grids_after_stop(self):
        args = (self.client, self.apps.app_id, self.job_id)
        refused(JOB_DONE, sdk.update_mix_job, *args, background_image=SKY)

    def show_stopped_grids(self):
        changed = {**GRIDS, "max_idle_time": 43200, "background_image": SKY}
        times = ("start_time", "stop_time")
        answer = self.show(self.job_id)
        self.checked(answer, self.job_id, changed, "STOPPED", *times, stop_reason="TENANT_STOP")
        equal("the order of the times", answer.start_time <= answer.stop_time, True)

    def create_custom(self):
        answer = self.make(custom())
        self.custom_id = answer.job_id
        differs("job_id", self.custom_id, self.job_id)
        self.checked(answer, self.custom_id, custom(), "INIT")

    def show_custom(self):
        self.checked(self.show(self.custom_id), self.custom_id, custom(), "RUNNING", "start_time")

    def changed(self):
        return {"layout_template": "custom", "layout_panes": [pane(id=3)], "background_image": NIGHT}

    def update_custom(self):
        answer = self.update(self.custom_id, **self.changed())
        self.checked(answer, self.custom_id, {**custom(), **self.changed()}, "RUNNING", "start_time")

    def show_updated_custom(self):
        answer = self.show(self.custom_id)
        self.checked(answer, self.custom_id, {**custom(), **self.changed()}, "RUNNING", "start_time")

    def stop_custom(self):
        self.stop(self.custom_id)

    def record_sound_only(self):
        # What belongs to video is ignored.
        answer = self.make({**custom(), **AUDIO})
        job_id = answer.job_id
        self.checked(answer, job_id, AUDIO, "INIT")
        self.checked(self.show(job_id), job_id, AUDIO, "RUNNING", "start_time")
        self.stop(job_id)
