"""Record rules and auto record."""

import secrets

from huaweicloudsdkcloudrtc.v2 import HLSRecordConfig, MP4RecordConfig, RecordObsFileAddr

import sdk
from buckets import PLACE
from checks import COMBINATION, ID, INVALID, MISSING, RULE_IN_USE
from checks import as_json, equal, fields, matches, refused, succeeded, unknown

PROJECT = "abcdef0123456789abcdef0123456789"
TEMPLATE = "{app_id}/{record_format}/{stream}_{file_start_time}/{stream}_{file_start_time}"
OFF, INDIVIDUAL = "AUTO_RECORD_OFF", "AUTO_INDIVIDUAL_RECORD"


def address(**other):
    return RecordObsFileAddr(**{**PLACE, "project_id": PROJECT, **other})


def hls_rule(**hls):
    return {
        "obs_addr": address(),
        "record_formats": ["HLS"],
        "hls_config": HLSRecordConfig(**{"record_cycle": 0, **hls}),
    }


def mp4_rule(**mp4):
    return {
        "obs_addr": address(object="录制/2020 07"),
        "record_formats": ["MP4"],
        "mp4_config": MP4RecordConfig(**{"record_cycle": 3600, **mp4}),
    }


def full_rule():
    return {
        "obs_addr": address(object="Record"),
        "record_formats": ["HLS", "MP4"],
        "hls_config": HLSRecordConfig(
            record_cycle=43200,
            record_prefix=TEMPLATE,
            record_slice_duration=60,
            record_max_duration_to_merge_file=-1,
        ),
        "mp4_config": MP4RecordConfig(
            record_cycle=60, record_prefix="{app_id}/{stream}", record_max_duration_to_merge_file=300
        ),
    }


class Rules:
    """The app's record rule, `rule_id`."""

    def __init__(self, apps):
        self.client, self.apps = apps.client, apps
        self.unknown = secrets.token_hex(16)
        self.rule_id = None
        self.create_time = None

    def steps(self):
        """(step, operation, the steps it builds on)"""
        app = (self.apps.create,)
        created = (*app, self.create)
        updated = (*created, self.update)
        on = (*created, self.auto_record_individual)
        return [
            (self.list_no_rules, "ListRecordRules", app),
            (self.create, "CreateRecordRule", app),
            (self.create_again, "CreateRecordRule", created),
            (self.list_rules, "ListRecordRules", (*created, self.create_again)),
            (self.list_rules_with_limits_out_of_range, "ListRecordRules", app),
            (self.show, "ShowRecordRule", (*created, self.create_again)),
            (self.update, "UpdateRecordRule", created),
            (self.show_updated, "ShowRecordRule", updated),
            (self.create_refused, "CreateRecordRule", app),
            (self.update_refused, "UpdateRecordRule", created),
            (self.show_after_refused_updates, "ShowRecordRule", updated),
            (self.create_for_unknown_app, "CreateRecordRule", ()),
            (self.list_of_unknown_app, "ListRecordRules", ()),
            (self.show_unknown, "ShowRecordRule", app),
            (self.update_unknown, "UpdateRecordRule", app),
            (self.delete_unknown, "DeleteRecordRule", app),
            (self.auto_record_never_set, "ShowAutoRecord", app),
            (self.auto_record_individual, "UpdateAutoRecord", created),
            (self.show_auto_record, "ShowAutoRecord", on),
            (self.show_app_with_auto_record, "ShowApp", on),
            (self.auto_record_refused, "UpdateAutoRecord", on),
            (self.show_auto_record_after_refusals, "ShowAutoRecord", on),
            (self.delete_in_use_by_auto_record, "DeleteRecordRule", on),
            (self.auto_record_off, "UpdateAutoRecord", on),
            (self.show_auto_record_off, "ShowAutoRecord", (*on, self.auto_record_off)),
            (self.show_auto_record_of_unknown_app, "ShowAutoRecord", ()),
            (self.update_auto_record_of_unknown_app, "UpdateAutoRecord", ()),
        ]

    def checked(self, answer, rule):
        """Looks at each field of an answer about the rule."""
        found = fields(answer, "create_time", "update_time")
        expected = {"rule_id": self.rule_id, "app_id": self.apps.app_id, **as_json(rule)}
        equal("the rule", found, expected)
        equal("create_time", answer.create_time, self.create_time)

    def list_no_rules(self):
        answer = succeeded(sdk.list_record_rules(self.client, self.apps.app_id), 200)
        equal("the answer", as_json(answer), {"rules": []})

    def create(self):
        rule = hls_rule()
        answer = succeeded(sdk.create_record_rule(self.client, self.apps.app_id, **rule), 201)
        matches("rule_id", answer.rule_id, ID)
        self.rule_id, self.create_time = answer.rule_id, answer.create_time
        self.checked(answer, rule)
        equal("update_time", answer.update_time, answer.create_time)

    def create_again(self):
        # The location has a rule: it is replaced, and keeps its id.
        rule = mp4_rule()
        answer = succeeded(sdk.create_record_rule(self.client, self.apps.app_id, **rule), 200)
        self.checked(answer, rule)

    def list_rules(self):
        answer = succeeded(sdk.list_record_rules(self.client, self.apps.app_id), 200)
        [found] = answer.rules
        self.checked(found, mp4_rule())
        one = succeeded(sdk.list_record_rules(self.client, self.apps.app_id, offset=0, limit=1), 200)
        equal("the first page of one", one.rules, answer.rules)
        next_page = succeeded(sdk.list_record_rules(self.client, self.apps.app_id, offset=1, limit=1), 200)
        equal("the second page of one", next_page.rules, [])

    def list_rules_with_limits_out_of_range(self):
        for query in ({"limit": 0}, {"limit": 101}, {"offset": -1}):
            refused(INVALID, sdk.list_record_rules, self.client, self.apps.app_id, **query)

    def show(self):
        self.shown(mp4_rule())

    def shown(self, rule):
        self.checked(succeeded(sdk.show_record_rule(self.client, self.apps.app_id, self.rule_id), 200), rule)

    def update(self):
        rule = full_rule()
        answer = succeeded(sdk.update_record_rule(self.client, self.apps.app_id, self.rule_id, **rule), 200)
        self.checked(answer, rule)

    def show_updated(self):
        self.shown(full_rule())

    def create_refused(self):
        self.each_refused(sdk.create_record_rule, self.client, self.apps.app_id)

    def update_refused(self):
        self.each_refused(sdk.update_record_rule, self.client, self.apps.app_id, self.rule_id)

    def each_refused(self, call, *args):
        for expected, rule in (
            (MISSING, {**hls_rule(), "obs_addr": None}),
            (MISSING, {**hls_rule(), "obs_addr": address(bucket=None)}),
            (MISSING, {**hls_rule(), "record_formats": None}),
            (MISSING, hls_rule(record_cycle=None)),
            (COMBINATION, {**hls_rule(), "hls_config": None}),
            (COMBINATION, {**mp4_rule(), "mp4_config": None}),
            (INVALID, {**hls_rule(), "record_formats": ["HLS", "hls"]}),
            (INVALID, {**hls_rule(), "obs_addr": address(location="cn-east-2")}),
            (INVALID, hls_rule(record_cycle=59)),
            (INVALID, hls_rule(record_slice_duration=61)),
            (INVALID, mp4_rule(record_cycle=10801)),
            (INVALID, mp4_rule(record_max_duration_to_merge_file=-1)),
        ):
            refused(expected, call, *args, **rule)

    def show_after_refused_updates(self):
        self.shown(full_rule())

    def create_for_unknown_app(self):
        unknown(self.apps.unknown, sdk.create_record_rule, self.client, self.apps.unknown, **hls_rule())

    def list_of_unknown_app(self):
        unknown(self.apps.unknown, sdk.list_record_rules, self.client, self.apps.unknown)

    def show_unknown(self):
        unknown(self.unknown, sdk.show_record_rule, self.client, self.apps.app_id, self.unknown)

    def update_unknown(self):
        args = (self.client, self.apps.app_id, self.unknown)
        unknown(self.unknown, sdk.update_record_rule, *args, **hls_rule())

    def delete_unknown(self):
        unknown(self.unknown, sdk.delete_record_rule, self.client, self.apps.app_id, self.unknown)

    def auto_record_never_set(self):
        self.auto_record_is({"mode": OFF})

    def auto_record_is(self, expected):
        """The update time is there once the setting was made."""
        answer = succeeded(sdk.show_auto_record(self.client, self.apps.app_id), 200)
        mode = self.checked_mode(answer)
        equal("auto_record_mode", mode, expected)

    def checked_mode(self, answer):
        equal("app_id", answer.app_id, self.apps.app_id)
        mode = answer.auto_record_mode
        found = fields(mode, *(["update_time"] if mode.update_time else []))
        # An off mode may name no rule by an empty id.
        return {name: value for name, value in found.items() if value}

    def auto_record_individual(self):
        args = (self.client, self.apps.app_id, INDIVIDUAL, self.rule_id)
        answer = succeeded(sdk.update_auto_record(*args), 200)
        equal("auto_record_mode", self.checked_mode(answer), {"mode": INDIVIDUAL, "record_rule_id": self.rule_id})
        fields(answer.auto_record_mode, "update_time")

    def show_auto_record(self):
        self.auto_record_is({"mode": INDIVIDUAL, "record_rule_id": self.rule_id})

    def show_app_with_auto_record(self):
        shown = succeeded(sdk.show_app(self.client, self.apps.app_id), 200)
        answer = sdk.show_auto_record(self.client, self.apps.app_id)
        equal("auto_record_mode", shown.auto_record_mode, answer.auto_record_mode)

    def auto_record_refused(self):
        for expected, mode, rule in (
            (MISSING, None, None),
            (COMBINATION, INDIVIDUAL, None),
            (COMBINATION, INDIVIDUAL, ""),
            (INVALID, "AUTO_MIX_RECORD", self.rule_id),
            (INVALID, INDIVIDUAL, self.unknown),
        ):
            refused(expected, sdk.update_auto_record, self.client, self.apps.app_id, mode, rule)

    def show_auto_record_after_refusals(self):
        self.show_auto_record()

    def delete_in_use_by_auto_record(self):
        refused(RULE_IN_USE, sdk.delete_record_rule, self.client, self.apps.app_id, self.rule_id)

    def auto_record_off(self):
        answer = succeeded(sdk.update_auto_record(self.client, self.apps.app_id, OFF), 200)
        equal("auto_record_mode", self.checked_mode(answer), {"mode": OFF})
        fields(answer.auto_record_mode, "update_time")

    def show_auto_record_off(self):
        self.auto_record_is({"mode": OFF})

    def show_auto_record_of_unknown_app(self):
        unknown(self.apps.unknown, sdk.show_auto_record, self.client, self.apps.unknown)

    def update_auto_record_of_unknown_app(self):
        unknown(self.apps.unknown, sdk.update_auto_record, self.client, self.apps.unknown, OFF)
