"""The calls of the official Python SDK that record.py puts on the wire.

The values are the reference's where it shows some: the ids of the app, the
rule, the job and the room, the callback, the encode templates in both
spellings. Everything else is made here.
"""

from huaweicloudsdkcloudrtc.v2 import (
    AppCallbackUrlReq,
    AppReq,
    AutoRecordModeReq,
    CreateAppRequest,
    CreateIndividualStreamJobRequest,
    CreateMixJobRequest,
    CreateRecordRuleRequest,
    DeleteAppRequest,
    DeleteRecordRuleRequest,
    HLSRecordConfig,
    IndividualStreamJobReq,
    ListAppsRequest,
    ListObsBucketObjectsRequest,
    ListObsBucketsRequest,
    ListRecordRulesRequest,
    MP4RecordConfig,
    MixJobReq,
    MixLayoutPane,
    MixParam,
    MixUserBackgroundImage,
    ObsAuthorityConfig,
    RecordObsFileAddr,
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

APP_ID = "123456789abcdefghijklmno"
RULE_ID = "456789abc"
JOB_ID = "607824b4fa163e19fe301cc817dda855"
ROOM_ID = "gigu"
USER_ID = "anna"
BUCKET = "demo-bucket"
BUCKET_PROJECT = "abcdef0123456789abcdef0123456789"
LOCATION = "cn-north-4"


def cases():
    """(operation, case, method of the client, request), in the order of the reference."""
    return [
        *apps(),
        *auto_record(),
        *record_callback(),
        *record_rules(),
        *individual_stream_jobs(),
        *mix_jobs(),
        *rooms(),
        *buckets(),
    ]


def apps():
    def create(name):
        return CreateAppRequest(body=AppReq(app_name=name))

    page = ListAppsRequest(state="ACTIVATION", offset=0, limit=10)
    return [
        ("CreateApp", "ascii-name", "create_app", create("classroom")),
        ("CreateApp", "non-ascii-name", "create_app", create("课堂 München 🎓")),
        ("ListApps", "plain", "list_apps", ListAppsRequest()),
        ("ListApps", "state-offset-limit", "list_apps", page),
        ("ListApps", "second-page", "list_apps", ListAppsRequest(offset=1, limit=1)),
        ("ShowApp", "plain", "show_app", ShowAppRequest(app_id=APP_ID)),
        ("DeleteApp", "plain", "delete_app", DeleteAppRequest(app_id=APP_ID)),
        ("StartApp", "plain", "start_app", StartAppRequest(app_id=APP_ID)),
        ("StopApp", "plain", "stop_app", StopAppRequest(app_id=APP_ID)),
    ]


def auto_record():
    def update(**body):
        return UpdateAutoRecordRequest(app_id=APP_ID, body=AutoRecordModeReq(**body))

    individual = update(mode="AUTO_INDIVIDUAL_RECORD", record_rule_id=RULE_ID)
    return [
        ("ShowAutoRecord", "plain", "show_auto_record", ShowAutoRecordRequest(app_id=APP_ID)),
        ("UpdateAutoRecord", "individual", "update_auto_record", individual),
        ("UpdateAutoRecord", "off", "update_auto_record", update(mode="AUTO_RECORD_OFF")),
        ("UpdateAutoRecord", "off-empty-rule", "update_auto_record", update(mode="AUTO_RECORD_OFF", record_rule_id="")),
    ]


def record_callback():
    def update(**body):
        return UpdateRecordCallbackRequest(app_id=APP_ID, body=AppCallbackUrlReq(**body))

    url, key = "http://mydomain.com", "78912374ae8cdb38"
    show = ShowRecordCallbackRequest(app_id=APP_ID)
    return [
        ("ShowRecordCallback", "plain", "show_record_callback", show),
        ("UpdateRecordCallback", "with-auth-key", "update_record_callback", update(url=url, auth_key=key)),
        ("UpdateRecordCallback", "without-auth-key", "update_record_callback", update(url=url)),
    ]


def record_rules():
    top = RecordObsFileAddr(location=LOCATION, project_id=BUCKET_PROJECT, bucket=BUCKET)
    folder = RecordObsFileAddr(location=LOCATION, project_id=BUCKET_PROJECT, bucket=BUCKET, object="录制/2020 07")
    hls = RecordRuleReq(obs_addr=top, record_formats=["HLS"], hls_config=HLSRecordConfig(record_cycle=0))
    mp4 = RecordRuleReq(obs_addr=top, record_formats=["MP4"], mp4_config=MP4RecordConfig(record_cycle=3600))
    both = RecordRuleReq(
        obs_addr=folder,
        record_formats=["HLS", "MP4"],
        hls_config=HLSRecordConfig(
            record_cycle=43200,
            record_prefix="{app_id}/{record_format}/{stream}_{file_start_time}/{stream}_{file_start_time}",
            record_slice_duration=10,
            record_max_duration_to_merge_file=-1,
        ),
        mp4_config=MP4RecordConfig(
            record_cycle=60,
            record_prefix="{app_id}/{stream}_{file_start_time}",
            record_max_duration_to_merge_file=300,
        ),
    )

    def create(body):
        return CreateRecordRuleRequest(app_id=APP_ID, body=body)

    def update(body):
        return UpdateRecordRuleRequest(app_id=APP_ID, rule_id=RULE_ID, body=body)

    rule = {"app_id": APP_ID, "rule_id": RULE_ID}
    page = ListRecordRulesRequest(app_id=APP_ID, offset=0, limit=100)
    return [
        ("CreateRecordRule", "hls", "create_record_rule", create(hls)),
        ("CreateRecordRule", "mp4", "create_record_rule", create(mp4)),
        ("CreateRecordRule", "all-fields", "create_record_rule", create(both)),
        ("ListRecordRules", "plain", "list_record_rules", ListRecordRulesRequest(app_id=APP_ID)),
        ("ListRecordRules", "offset-limit", "list_record_rules", page),
        ("ShowRecordRule", "plain", "show_record_rule", ShowRecordRuleRequest(**rule)),
        ("UpdateRecordRule", "mp4", "update_record_rule", update(mp4)),
        ("UpdateRecordRule", "all-fields", "update_record_rule", update(both)),
        ("DeleteRecordRule", "plain", "delete_record_rule", DeleteRecordRuleRequest(**rule)),
    ]


def individual_stream_jobs():
    record = RecordParam(record_rule_id=RULE_ID)

    def create(**body):
        job = IndividualStreamJobReq(room_id=ROOM_ID, user_id=USER_ID, record_param=record, **body)
        return CreateIndividualStreamJobRequest(app_id=APP_ID, body=job)

    def update(**body):
        return UpdateIndividualStreamJobRequest(**job, body=UpdateIndividualJobReq(**body))

    screen = create(is_record_audio=False, video_type="SCREENSTREAM", select_stream_type="HD", max_idle_time=5)
    job = {"app_id": APP_ID, "job_id": JOB_ID}
    show, stop = ShowIndividualStreamJobRequest(**job), StopIndividualStreamJobRequest(**job)
    return [
        ("CreateIndividualStreamJob", "minimal", "create_individual_stream_job", create()),
        ("CreateIndividualStreamJob", "all-fields", "create_individual_stream_job", screen),
        ("ShowIndividualStreamJob", "plain", "show_individual_stream_job", show),
        ("UpdateIndividualStreamJob", "rule", "update_individual_stream_job", update(record_param=record)),
        ("UpdateIndividualStreamJob", "nothing", "update_individual_stream_job", update()),
        ("StopIndividualStreamJob", "plain", "stop_individual_stream_job", stop),
    ]


def mix_jobs():
    record = RecordParam(record_rule_id=RULE_ID)

    def create(encode_template, **mix):
        mix = MixParam(room_id=ROOM_ID, encode_template=encode_template, **mix)
        return CreateMixJobRequest(app_id=APP_ID, body=MixJobReq(mix_param=mix, record_param=record))

    def update(**mix):
        return UpdateMixJobRequest(**job, body=UpdateMixJobReq(mix_param=UpdateMixParam(**mix)))

    def image(name):
        return "s3://%s/%s.png" % (BUCKET, name)

    images = {
        "default_user_background_image": image("nobody"),
        "screen_background_image": image("screen"),
        "background_image": image("sky"),
        "user_background_images": [MixUserBackgroundImage(user_id=USER_ID, image_uri=image("anna"))],
    }
    big = MixLayoutPane(
        id=1,
        user_id=USER_ID,
        video_type="CAMERASTREAM",
        x=0.0,
        y=0.0,
        width=1.0,
        height=1.0,
        zorder=0,
        crop_mode="KEEP_RATIO_PADDING",
    )
    small = MixLayoutPane(
        id=2, user_id="ben", x=0.75, y=0.625, width=0.25, height=0.375, zorder=24, crop_mode="KEEP_RATIO_CROP"
    )
    shared = MixLayoutPane(id=1, user_id="", video_type="SCREENSTREAM", filling_policy="SHARED_SCREEN")
    fixed = MixLayoutPane(id=2, user_id=USER_ID, filling_policy="FIXED_USER")

    grids = create("1280x720_15_2260", layout_template="nine_grids_view")
    starred = create("1280*720_15_2260", layout_template="nine_grids_view", max_idle_time=43200)
    custom = create(
        "1920*1080_30_4620", layout_template="custom", max_idle_time=60, layout_panes=[big, small], **images
    )
    left = create("640x480_15_500", layout_template="screen_share_left", layout_panes=[shared, fixed])
    right = create("480x360_15_320", layout_template="screen_share_right", layout_panes=[shared])
    audio = create("audio_only")
    job = {"app_id": APP_ID, "job_id": JOB_ID}
    layout = update(layout_template="custom", max_idle_time=5, layout_panes=[big, small], **images)
    return [
        ("CreateMixJob", "nine-grids", "create_mix_job", grids),
        ("CreateMixJob", "nine-grids-star", "create_mix_job", starred),
        ("CreateMixJob", "custom", "create_mix_job", custom),
        ("CreateMixJob", "screen-share-left", "create_mix_job", left),
        ("CreateMixJob", "screen-share-right", "create_mix_job", right),
        ("CreateMixJob", "audio-only", "create_mix_job", audio),
        ("ShowMixJob", "plain", "show_mix_job", ShowMixJobRequest(**job)),
        ("UpdateMixJob", "all-fields", "update_mix_job", layout),
        ("UpdateMixJob", "panes", "update_mix_job", update(layout_panes=[small])),
        ("UpdateMixJob", "background-image", "update_mix_job", update(background_image=image("night"))),
        ("StopMixJob", "plain", "stop_mix_job", StopMixJobRequest(**job)),
    ]


def rooms():
    def remove(*users):
        return RemoveUsersRequest(app_id=APP_ID, room_id=ROOM_ID, body=RemoveUsersReq(user_ids=list(users)))

    return [
        ("RemoveUsers", "one", "remove_users", remove(USER_ID)),
        ("RemoveUsers", "several", "remove_users", remove(USER_ID, "ben", "Cleo_3-x")),
        ("RemoveRoom", "plain", "remove_room", RemoveRoomRequest(app_id=APP_ID, room_id=ROOM_ID)),
    ]


def buckets():
    def objects(kind, **query):
        return ListObsBucketObjectsRequest(bucket=BUCKET, type=kind, location=LOCATION, **query)

    def authority(operation, **body):
        config = ObsAuthorityConfig(bucket=BUCKET, operation=operation, location=LOCATION, **body)
        return UpdateObsBucketAuthorityRequest(body=config)

    listing, call = "ListObsBucketObjects", "list_obs_bucket_objects"
    authorizing, call_authority = "UpdateObsBucketAuthority", "update_obs_bucket_authority"
    return [
        ("ListObsBuckets", "plain", "list_obs_buckets", ListObsBucketsRequest()),
        (listing, "objects", call, objects("objects")),
        (listing, "folders", call, objects("folders")),
        (listing, "prefix", call, objects("objects", prefix="Record/")),
        (listing, "prefix-to-encode", call, objects("objects", prefix="录制/a b+c~&=%2F")),
        (authorizing, "authorize", call_authority, authority(1)),
        (authorizing, "cancel", call_authority, authority(0, project_id=BUCKET_PROJECT)),
    ]
