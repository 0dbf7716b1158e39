"""The app is stopped, put in use again, and deleted with everything that belongs to it."""

import sdk
from callback import URL
from checks import APP_STOPPED, JOB_RUNNING, RULE_IN_USE, TIME
from checks import contains, equal, fields, matches, refused, succeeded, unknown, without_body
from individual_jobs import CAMERA, SCREEN
from mix_jobs import GRIDS
from rooms import ROOM, USER
from rules import OFF, hls_rule


class Ending:
    """What becomes of the app."""

    def __init__(self, apps, rules, individual_jobs):
        self.client, self.apps, self.rules, self.jobs = apps.client, apps, rules, individual_jobs
        self.stopped_at = None

    def steps(self):
        """(step, operation, the steps it builds on)"""
        app = (self.apps.create,)
        live = (*app, self.rules.create, self.jobs.create_for_other_user)
        stopped = (*app, self.stop_app)
        over = (*live, self.stop_last_job)
        free = (*over, self.rules.auto_record_off, self.delete_rule)
        deleted = (*free, self.delete)
        return [
            (self.delete_with_live_job, "DeleteApp", live),
            (self.delete_rule_in_use_by_job, "DeleteRecordRule", live),
            (self.stop_app, "StopApp", app),
            (self.stop_app_again, "StopApp", stopped),
            (self.show_stopped_app, "ShowApp", stopped),
            (self.list_stopped_app, "ListApps", stopped),
            (self.create_individual_job_of_stopped_app, "CreateIndividualStreamJob", (*live, *stopped)),
            (self.create_mix_job_of_stopped_app, "CreateMixJob", (*live, *stopped)),
            (self.show_job_of_stopped_app, "ShowIndividualStreamJob", (*live, *stopped)),
            (self.start_app, "StartApp", stopped),
            (self.start_app_again, "StartApp", (*stopped, self.start_app)),
            (self.show_started_app, "ShowApp", (*stopped, self.start_app)),
            (self.stop_last_job, "StopIndividualStreamJob", live),
            (self.delete_rule, "DeleteRecordRule", (*over, self.rules.auto_record_off)),
            (self.delete_rule_again, "DeleteRecordRule", free),
            (self.show_deleted_rule, "ShowRecordRule", free),
            (self.delete, "DeleteApp", free),
            (self.list_after_delete, "ListApps", deleted),
            *[(self.gone(*call), call[0], deleted) for call in self.calls()],
            (self.create_after_delete, "CreateApp", deleted),
        ]

    def delete_with_live_job(self):
        refused(JOB_RUNNING, sdk.delete_app, self.client, self.apps.app_id)

    def delete_rule_in_use_by_job(self):
        refused(RULE_IN_USE, sdk.delete_record_rule, self.client, self.apps.app_id, self.rules.rule_id)

    def state(self, answer, expected):
        """The time of an answer about the app's state."""
        equal("app_id", answer.app_id, self.apps.app_id)
        equal("state", fields(answer.state, "update_time"), {"state": expected})
        return answer.state.update_time

    def stop_app(self):
        answer = succeeded(sdk.stop_app(self.client, self.apps.app_id), 200)
        self.stopped_at = self.state(answer, "DEACTIVATION")

    def stop_app_again(self):
        answer = succeeded(sdk.stop_app(self.client, self.apps.app_id), 200)
        equal("update_time", self.state(answer, "DEACTIVATION"), self.stopped_at)

    def show_stopped_app(self):
        answer = succeeded(sdk.show_app(self.client, self.apps.app_id), 200)
        equal("update_time", self.state(answer, "DEACTIVATION"), self.stopped_at)

    def list_stopped_app(self):
        stopped = succeeded(sdk.list_apps(self.client, state="DEACTIVATION"), 200)
        contains("the stopped apps", [app.app_id for app in stopped.apps], self.apps.app_id)
        equal("count", stopped.count, len(stopped.apps))
        active = succeeded(sdk.list_apps(self.client, state="ACTIVATION"), 200)
        equal("the app among the active ones", self.apps.app_id in [app.app_id for app in active.apps], False)

    def create_individual_job_of_stopped_app(self):
        args = (self.client, self.apps.app_id, self.rules.rule_id)
        refused(APP_STOPPED, sdk.create_individual_job, *args, **CAMERA)

    def create_mix_job_of_stopped_app(self):
        args = (self.client, self.apps.app_id, self.rules.rule_id)
        refused(APP_STOPPED, sdk.create_mix_job, *args, **GRIDS)

    def show_job_of_stopped_app(self):
        self.jobs.checked(self.jobs.show(self.jobs.screen_id), self.jobs.screen_id, SCREEN, "RUNNING", "start_time")

    def start_app(self):
        answer = succeeded(sdk.start_app(self.client, self.apps.app_id), 200)
        matches("update_time", self.state(answer, "ACTIVATION"), TIME)

    def start_app_again(self):
        shown = sdk.show_app(self.client, self.apps.app_id).state
        answer = succeeded(sdk.start_app(self.client, self.apps.app_id), 200)
        equal("update_time", self.state(answer, "ACTIVATION"), shown.update_time)

    def show_started_app(self):
        answer = succeeded(sdk.show_app(self.client, self.apps.app_id), 200)
        self.state(answer, "ACTIVATION")

    def stop_last_job(self):
        without_body(sdk.stop_individual_job(self.client, self.apps.app_id, self.jobs.screen_id), 204)

    def delete_rule(self):
        without_body(sdk.delete_record_rule(self.client, self.apps.app_id, self.rules.rule_id), 204)

    def delete_rule_again(self):
        rule_id = self.rules.rule_id
        unknown(rule_id, sdk.delete_record_rule, self.client, self.apps.app_id, rule_id)

    def show_deleted_rule(self):
        rule_id = self.rules.rule_id
        unknown(rule_id, sdk.show_record_rule, self.client, self.apps.app_id, rule_id)

    def delete(self):
        without_body(sdk.delete_app(self.client, self.apps.app_id), 204)

    def list_after_delete(self):
        answer = succeeded(sdk.list_apps(self.client), 200)
        equal("the deleted app in the list", self.apps.app_id in [app.app_id for app in answer.apps], False)

    def create_after_delete(self):
        # The name is free again.
        answer = succeeded(sdk.create_app(self.client, self.apps.name), 201)
        without_body(sdk.delete_app(self.client, answer.app_id), 204)

    def calls(self):
        """(operation, call, what comes after the app's id): all that address the app."""
        rule, job, room = lambda: self.rules.rule_id, lambda: self.jobs.screen_id, lambda: ROOM
        return [
            ("ShowApp", sdk.show_app, (), {}),
            ("DeleteApp", sdk.delete_app, (), {}),
            ("StartApp", sdk.start_app, (), {}),
            ("StopApp", sdk.stop_app, (), {}),
            ("ShowAutoRecord", sdk.show_auto_record, (), {}),
            ("UpdateAutoRecord", sdk.update_auto_record, (), {"mode": OFF}),
            ("ShowRecordCallback", sdk.show_record_callback, (), {}),
            ("UpdateRecordCallback", sdk.update_record_callback, (), {"url": URL}),
            ("CreateRecordRule", sdk.create_record_rule, (), hls_rule()),
            ("ListRecordRules", sdk.list_record_rules, (), {}),
            ("ShowRecordRule", sdk.show_record_rule, (rule,), {}),
            ("UpdateRecordRule", sdk.update_record_rule, (rule,), hls_rule()),
            ("DeleteRecordRule", sdk.delete_record_rule, (rule,), {}),
            ("CreateIndividualStreamJob", sdk.create_individual_job, (rule,), CAMERA),
            ("ShowIndividualStreamJob", sdk.show_individual_job, (job,), {}),
            ("UpdateIndividualStreamJob", sdk.update_individual_job, (job, rule), {}),
            ("StopIndividualStreamJob", sdk.stop_individual_job, (job,), {}),
            ("CreateMixJob", sdk.create_mix_job, (rule,), GRIDS),
            ("ShowMixJob", sdk.show_mix_job, (job,), {}),
            ("UpdateMixJob", sdk.update_mix_job, (job,), {"background_image": "s3://demo-bucket/sky.png"}),
            ("StopMixJob", sdk.stop_mix_job, (job,), {}),
            ("RemoveUsers", sdk.remove_users, (room,), {"user_ids": [USER]}),
            ("RemoveRoom", sdk.remove_room, (room,), {}),
        ]

    def gone(self, operation, call, rest, named):
        """A step: the call must say that there is no such app. The ids are known when it is made."""

        def step():
            args = [value() for value in rest]
            unknown(self.apps.app_id, call, self.client, self.apps.app_id, *args, **named)

        step.__qualname__ = "Ending.after_delete_%s" % operation
        return step
