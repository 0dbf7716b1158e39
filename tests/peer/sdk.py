"""The operations as calls of the official Python SDK, one function each."""

import os

from huaweicloudsdkcloudrtc.v2 import (
    AppCallbackUrlReq,
    AppReq,
    AutoRecordModeReq,
    CloudRTCClient,
    CreateAppRequest,
    CreateIndividualStreamJobRequest,
    CreateMixJobRequest,
    CreateRecordRuleRequest,
    DeleteAppRequest,
    DeleteRecordRuleRequest,
    IndividualStreamJobReq,
    ListAppsRequest,
    ListObsBucketObjectsRequest,
    ListObsBucketsRequest,
    ListRecordRulesRequest,
    MixJobReq,
    MixParam,
    ObsAuthorityConfig,
    RecordParam,
    RecordRuleReq,
    RemoveRoomRequest,
    RemoveUsersReq,
    RemoveUsersRequest,
    ShowAppRequest,
    ShowAutoRecordRequest,
    ShowIndividualStreamJobRequest,
    ShowMixJobRequest,
    ShowRecordCallbackRequest,
    ShowRecordRuleRequest,
    StartAppRequest,
    StopAppRequest,
    StopIndividualStreamJobRequest,
    StopMixJobRequest,
    UpdateAutoRecordRequest,
    UpdateIndividualJobReq,
    UpdateIndividualStreamJobRequest,
    UpdateMixJobReq,
    UpdateMixJobRequest,
    UpdateMixParam,
    UpdateObsBucketAuthorityRequest,
    UpdateRecordCallbackRequest,
    UpdateRecordRuleRequest,
)
from huaweicloudsdkcloudrtc.v2.region.cloudrtc_region import CloudRTCRegion
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.auth.provider import EnvCredentialProvider

REGION = "cn-north-4"
VARIABLES = (
    "HUAWEICLOUD_SDK_AK",
    "HUAWEICLOUD_SDK_SK",
    "HUAWEICLOUD_SDK_PROJECT_ID",
    "HUAWEICLOUD_SDK_IAM_ENDPOINT",
    "HUAWEICLOUD_SDK_REGION_CLOUDRTC_CN_NORTH_4",
)


def connect(credentials=None):
    if credentials is None:
        credentials = EnvCredentialProvider.get_basic_credential_env_provider().get_credentials()
    builder = CloudRTCClient.new_builder().with_credentials(credentials)
    return builder.with_region(CloudRTCRegion.value_of(REGION)).build()


def stranger(ak=None, sk=None, project_id=None):
    """A client with the environment's credentials but for the given parts."""
    return connect(
        BasicCredentials(
            ak or os.environ["HUAWEICLOUD_SDK_AK"],
            sk or os.environ["HUAWEICLOUD_SDK_SK"],
            project_id or os.environ["HUAWEICLOUD_SDK_PROJECT_ID"],
        )
    )


def create_app(client, name=None):
    return client.create_app(CreateAppRequest(body=AppReq(app_name=name)))


def list_apps(client, **query):
    return client.list_apps(ListAppsRequest(**query))


def show_app(client, app_id):
    return client.show_app(ShowAppRequest(app_id=app_id))


def delete_app(client, app_id):
    return client.delete_app(DeleteAppRequest(app_id=app_id))


def start_app(client, app_id):
    return client.start_app(StartAppRequest(app_id=app_id))


def stop_app(client, app_id):
    return client.stop_app(StopAppRequest(app_id=app_id))


def show_auto_record(client, app_id):
    return client.show_auto_record(ShowAutoRecordRequest(app_id=app_id))


def update_auto_record(client, app_id, mode=None, record_rule_id=None):
    body = AutoRecordModeReq(mode=mode, record_rule_id=record_rule_id)
    return client.update_auto_record(UpdateAutoRecordRequest(app_id=app_id, body=body))


def show_record_callback(client, app_id):
    return client.show_record_callback(ShowRecordCallbackRequest(app_id=app_id))


def update_record_callback(client, app_id, url=None, auth_key=None):
    body = AppCallbackUrlReq(url=url, auth_key=auth_key)
    return client.update_record_callback(UpdateRecordCallbackRequest(app_id=app_id, body=body))


def create_record_rule(client, app_id, **rule):
    return client.create_record_rule(CreateRecordRuleRequest(app_id=app_id, body=RecordRuleReq(**rule)))


def list_record_rules(client, app_id, **query):
    return client.list_record_rules(ListRecordRulesRequest(app_id=app_id, **query))


def show_record_rule(client, app_id, rule_id):
    return client.show_record_rule(ShowRecordRuleRequest(app_id=app_id, rule_id=rule_id))


def update_record_rule(client, app_id, rule_id, **rule):
    request = UpdateRecordRuleRequest(app_id=app_id, rule_id=rule_id, body=RecordRuleReq(**rule))
    return client.update_record_rule(request)


def delete_record_rule(client, app_id, rule_id):
    return client.delete_record_rule(DeleteRecordRuleRequest(app_id=app_id, rule_id=rule_id))


def create_individual_job(client, app_id, rule_id=None, **job):
    body = IndividualStreamJobReq(record_param=record_param(rule_id), **job)
    return client.create_individual_stream_job(CreateIndividualStreamJobRequest(app_id=app_id, body=body))


def show_individual_job(client, app_id, job_id):
    return client.show_individual_stream_job(ShowIndividualStreamJobRequest(app_id=app_id, job_id=job_id))


def update_individual_job(client, app_id, job_id, rule_id=None):
    body = UpdateIndividualJobReq(record_param=record_param(rule_id))
    request = UpdateIndividualStreamJobRequest(app_id=app_id, job_id=job_id, body=body)
    return client.update_individual_stream_job(request)


def stop_individual_job(client, app_id, job_id):
    return client.stop_individual_stream_job(StopIndividualStreamJobRequest(app_id=app_id, job_id=job_id))


def create_mix_job(client, app_id, rule_id=None, **mix):
    mix_param = MixParam(**mix) if mix else None
    body = MixJobReq(mix_param=mix_param, record_param=record_param(rule_id))
    return client.create_mix_job(CreateMixJobRequest(app_id=app_id, body=body))


def show_mix_job(client, app_id, job_id):
    return client.show_mix_job(ShowMixJobRequest(app_id=app_id, job_id=job_id))


def update_mix_job(client, app_id, job_id, **mix):
    body = UpdateMixJobReq(mix_param=UpdateMixParam(**mix) if mix else None)
    return client.update_mix_job(UpdateMixJobRequest(app_id=app_id, job_id=job_id, body=body))


def stop_mix_job(client, app_id, job_id):
    return client.stop_mix_job(StopMixJobRequest(app_id=app_id, job_id=job_id))


def remove_users(client, app_id, room_id, user_ids):
    body = RemoveUsersReq(user_ids=user_ids)
    return client.remove_users(RemoveUsersRequest(app_id=app_id, room_id=room_id, body=body))


def remove_room(client, app_id, room_id):
    return client.remove_room(RemoveRoomRequest(app_id=app_id, room_id=room_id))


def list_buckets(client):
    return client.list_obs_buckets(ListObsBucketsRequest())


def list_objects(client, **query):
    return client.list_obs_bucket_objects(ListObsBucketObjectsRequest(**query))


def update_authority(client, **config):
    return client.update_obs_bucket_authority(UpdateObsBucketAuthorityRequest(body=ObsAuthorityConfig(**config)))


def record_param(rule_id):
    return RecordParam(record_rule_id=rule_id) if rule_id else None
