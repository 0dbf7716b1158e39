//! Arbitrary values of every model.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use rtc_model::apps::*;
use rtc_model::auto_record::*;
use rtc_model::callback::*;
use rtc_model::individual_stream_jobs::*;
use rtc_model::jobs::*;
use rtc_model::mix_stream_jobs::*;
use rtc_model::obs::*;
use rtc_model::record_callback::*;
use rtc_model::record_rules::*;
use rtc_model::rooms::*;
use rtc_model::*;

/// Texts that JSON has to escape among them.
pub(crate) fn text() -> impl Strategy<Value = String> {
    any::<String>()
}

/// Any type that is made of a text: ids, and enums with values that nobody knows.
pub(crate) fn of_text<T: for<'a> From<&'a str> + std::fmt::Debug>() -> impl Strategy<Value = T> {
    text().prop_map(|text| T::from(text.as_str()))
}

/// Ids that can stand in a path.
pub(crate) fn path_id<T: for<'a> From<&'a str> + std::fmt::Debug>() -> impl Strategy<Value = T> {
    text()
        .prop_filter("it can stand in a path", |id| {
            !["", ".", ".."].contains(&&**id) && !id.contains('/')
        })
        .prop_map(|id| T::from(id.as_str()))
}

pub(crate) fn time() -> impl Strategy<Value = Timestamp> {
    // The years 1 to 9999.
    (-62_135_596_800_i64..253_402_300_800, 0..1_000_u32).prop_map(|(seconds, millis)| {
        let time = std::time::Duration::new(seconds.unsigned_abs(), millis * 1_000_000);
        let epoch = std::time::SystemTime::UNIX_EPOCH;
        Timestamp::from(if seconds < 0 { epoch - time } else { epoch + time })
    })
}

/// A share that JSON can write: finite, and the same when it is read.
fn share() -> impl Strategy<Value = f64> {
    (0_u32..=1_000_000).prop_map(|n| f64::from(n) / 1_000_000.0)
}

/// Sets the optional fields that are there.
macro_rules! set {
    ($value:expr; $($field:ident),*) => {{
        let mut value = $value;
        $(value.$field = $field;)*
        value
    }};
}

prop_compose! {
    pub(crate) fn callback()(
        url in option::of(text()),
        auth_key in option::of(text().prop_map(Secret::from)),
        events in vec(of_text::<NotifyEvent>(), 0..4),
        update_time in option::of(time()),
    ) -> AppCallbackUrl {
        set!(AppCallbackUrl::new().notify_event_subscription(events); url, auth_key, update_time)
    }
}

prop_compose! {
    pub(crate) fn app_state()(state in option::of(of_text()), update_time in option::of(time())) -> AppState {
        set!(AppState::new(); state, update_time)
    }
}

prop_compose! {
    pub(crate) fn app()(
        app_name in option::of(text()),
        app_id in option::of(of_text()),
        state in option::of(app_state()),
        scope in option::of(of_text()),
        create_time in option::of(time()),
        authentication in option::of((any::<bool>(), any::<i32>())
            .prop_map(|(enable, expire)| AppAuth::new().enable(enable).expire(expire))),
        callbacks in option::of(callback().prop_map(|c| AppCallbacks::new().record_callback(c))),
        auto_record_mode in option::of(auto_record_mode()),
    ) -> App {
        set!(App::new(); app_name, app_id, state, scope, create_time, authentication, callbacks, auto_record_mode)
    }
}

prop_compose! {
    pub(crate) fn auto_record_mode()(
        mode in option::of(of_text()),
        record_rule_id in option::of(text()),
        update_time in option::of(time()),
    ) -> AppAutoRecordMode {
        set!(AppAutoRecordMode::new(); mode, record_rule_id, update_time)
    }
}

prop_compose! {
    fn place()(
        location in of_text::<RuleLocation>(), project in text(), bucket in text(), object in option::of(text()),
    ) -> RecordObsFileAddr {
        set!(RecordObsFileAddr::new(location, project, bucket); object)
    }
}

prop_compose! {
    fn hls()(
        cycle in any::<i32>(),
        record_prefix in option::of(text()),
        record_slice_duration in option::of(any::<i32>()),
        record_max_duration_to_merge_file in option::of(any::<i32>()),
    ) -> HlsRecordConfig {
        set!(HlsRecordConfig::new(cycle); record_prefix, record_slice_duration, record_max_duration_to_merge_file)
    }
}

prop_compose! {
    fn mp4()(cycle in any::<i32>(), record_prefix in option::of(text())) -> Mp4RecordConfig {
        set!(Mp4RecordConfig::new(cycle); record_prefix)
    }
}

prop_compose! {
    pub(crate) fn rule_req()(
        place in place(),
        hls_config in option::of(hls()),
        mp4_config in option::of(mp4()),
        record_formats in vec(of_text(), 0..3),
    ) -> RecordRuleReq {
        set!(RecordRuleReq::new(place); hls_config, mp4_config, record_formats)
    }
}

prop_compose! {
    pub(crate) fn rule()(
        rule_id in option::of(of_text()),
        obs_addr in option::of(place()),
        hls_config in option::of(hls()),
        record_formats in vec(of_text(), 0..3),
        create_time in option::of(time()),
    ) -> RecordRule {
        set!(RecordRule::new(); rule_id, obs_addr, hls_config, record_formats, create_time)
    }
}

fn param() -> impl Strategy<Value = RecordParam> {
    of_text::<RuleId>().prop_map(RecordParam::new)
}

prop_compose! {
    pub(crate) fn individual_req()(
        room in of_text::<RoomId>(),
        user in of_text::<UserId>(),
        is_record_audio in option::of(any::<bool>()),
        video_type in option::of(of_text()),
        select_stream_type in option::of(of_text()),
        max_idle_time in option::of(any::<i32>()),
        record_param in option::of(param()),
    ) -> IndividualStreamJobReq {
        set!(IndividualStreamJobReq::new(room, user);
            is_record_audio, video_type, select_stream_type, max_idle_time, record_param)
    }
}

prop_compose! {
    pub(crate) fn individual_change()(record_param in option::of(param())) -> UpdateIndividualJobReq {
        set!(UpdateIndividualJobReq::new(); record_param)
    }
}

prop_compose! {
    pub(crate) fn individual_job()(
        job_id in option::of(of_text()),
        user_id in option::of(of_text()),
        video_type in option::of(of_text()),
        record_param in option::of(param()),
        state in option::of(of_text()),
        stop_reason in option::of(of_text()),
        stop_time in option::of(time()),
    ) -> IndividualStreamJob {
        set!(IndividualStreamJob::new(); job_id, user_id, video_type, record_param, state, stop_reason, stop_time)
    }
}

prop_compose! {
    fn pane()(
        id in option::of(any::<i32>()),
        user_id in option::of(text()),
        x in option::of(share()),
        height in option::of(share()),
        zorder in option::of(any::<i32>()),
        crop_mode in option::of(of_text()),
        filling_policy in option::of(of_text()),
    ) -> MixLayoutPane {
        set!(MixLayoutPane::new(); id, user_id, x, height, zorder, crop_mode, filling_policy)
    }
}

fn images() -> impl Strategy<Value = Vec<MixUserBackgroundImage>> {
    let image = (of_text::<UserId>(), text());
    vec(image.prop_map(|(user, image)| MixUserBackgroundImage::new(user, image)), 0..3)
}

prop_compose! {
    fn mix()(
        room in of_text::<RoomId>(),
        template in of_text::<EncodeTemplate>(),
        max_idle_time in option::of(any::<i32>()),
        layout_template in option::of(of_text()),
        background_image in option::of(text()),
        layout_panes in option::of(vec(pane(), 0..3)),
        user_background_images in option::of(images()),
    ) -> MixParam {
        set!(MixParam::new(room, template);
            max_idle_time, layout_template, background_image, layout_panes, user_background_images)
    }
}

prop_compose! {
    pub(crate) fn mix_req()(mix in mix(), record_param in option::of(param())) -> MixJobReq {
        set!(MixJobReq::new(mix); record_param)
    }
}

prop_compose! {
    pub(crate) fn mix_change()(
        layout_template in option::of(of_text()),
        screen_background_image in option::of(text()),
        layout_panes in option::of(vec(pane(), 0..3)),
        user_background_images in option::of(images()),
    ) -> UpdateMixJobReq {
        let change = set!(UpdateMixParam::new();
            layout_template, screen_background_image, layout_panes, user_background_images);
        UpdateMixJobReq::new(change)
    }
}

prop_compose! {
    pub(crate) fn mix_job()(
        job_id in option::of(of_text()),
        mix_param in option::of(mix()),
        state in option::of(of_text()),
        start_time in option::of(time()),
    ) -> MixJob {
        set!(MixJob::new(); job_id, mix_param, state, start_time)
    }
}

prop_compose! {
    pub(crate) fn notification()(
        (event_type, stream_name, record_format, download_url, detail_message) in
            (option::of(of_text()), option::of(text()), option::of(of_text()), option::of(text()), option::of(text())),
        (file_size, record_duration, width, height) in
            (option::of(any::<i64>()), option::of(any::<i64>()), option::of(any::<i32>()), option::of(any::<i32>())),
        start_time in option::of(time().prop_map(Timestamp::in_seconds)),
        end_time in option::of(time()),
        (obs_location, obs_bucket, obs_object) in (option::of(text()), option::of(text()), option::of(text())),
        (app_id, job_id, room_id) in (option::of(of_text()), option::of(of_text()), option::of(of_text())),
    ) -> Notification {
        set!(Notification::new();
            event_type, stream_name, record_format, download_url, file_size, record_duration, start_time, end_time,
            width, height, obs_location, obs_bucket, obs_object, app_id, job_id, room_id, detail_message)
    }
}

pub(crate) fn users() -> impl Strategy<Value = RemoveUsersReq> {
    vec(of_text::<UserId>(), 0..4).prop_map(|users| RemoveUsersReq::new().user_ids(users))
}

prop_compose! {
    pub(crate) fn authority()(
        bucket in text(), operation in any::<i32>(), location in of_text::<ObsLocation>(), project_id in option::of(text()),
    ) -> ObsAuthorityConfig {
        set!(ObsAuthorityConfig::new(bucket, operation, location); project_id)
    }
}

prop_compose! {
    pub(crate) fn bucket()(
        bucket in option::of(text()), creation_date in option::of(text()), is_authorized in option::of(any::<bool>()),
    ) -> ObsBucket {
        set!(ObsBucket::new(); bucket, creation_date, is_authorized)
    }
}

prop_compose! {
    pub(crate) fn object()(file_name in option::of(text()), size in option::of(any::<i32>())) -> ObsObject {
        set!(ObsObject::new(); file_name, size)
    }
}
