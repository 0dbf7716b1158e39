//! Jobs that mix the streams of a room into one and record it (pages `CreateMixJob`, `ShowMixJob`,
//! `UpdateMixJob`, `StopMixJob`).

use crate::id::{AppId, JobId, RoomId, UserId};
use crate::jobs::{JobState, RecordParam, StopReason, VideoType};
use crate::operation::json_output;
use crate::timestamp::Timestamp;
use crate::validate::{Field, Violation};

pub use self::encode_template::EncodeTemplate;

mod encode_template;

operation! {
    /// Starts to mix and record a room.
    ///
    /// ```
    /// use rtc_model::jobs::RecordParam;
    /// use rtc_model::mix_stream_jobs::{CreateMixJob, EncodeTemplate, LayoutTemplate, MixJobReq, MixParam};
    ///
    /// let mix = MixParam::new("room-7", EncodeTemplate::W1280_H720_F15_2260)
    ///     .layout_template(LayoutTemplate::NineGridsView);
    /// let job = MixJobReq::new(mix).record_param(RecordParam::new("456789abc"));
    /// let create = CreateMixJob::new("123456789abcdefghijklmno", job);
    /// assert_eq!(create.body.mix_param.room_id.as_str(), "room-7");
    /// ```
    CreateMixJob: POST "/v2/apps/{app_id}/mix-stream-jobs" => CREATED
    path { /** The application. */ app_id: AppId }
    body MixJobReq;
    returns MixJob;
    errors BAD_REQUEST, NOT_FOUND, INTERNAL_SERVER_ERROR;
    NotIdempotent, Jobs
}

operation! {
    /// Queries a job.
    ///
    /// ```
    /// use rtc_model::mix_stream_jobs::ShowMixJob;
    ///
    /// let show = ShowMixJob::new("123456789abcdefghijklmno", "607824b4");
    /// assert_eq!(show.job_id.as_str(), "607824b4");
    /// ```
    ShowMixJob: GET "/v2/apps/{app_id}/mix-stream-jobs/{job_id}" => OK
    path { /** The application. */ app_id: AppId, /** The job. */ job_id: JobId }
    returns MixJob;
    errors BAD_REQUEST, NOT_FOUND, INTERNAL_SERVER_ERROR;
    Idempotent, Jobs
}

operation! {
    /// Changes the layout of a running job.
    ///
    /// ```
    /// use rtc_model::mix_stream_jobs::{UpdateMixJob, UpdateMixJobReq, UpdateMixParam};
    ///
    /// let layout = UpdateMixParam::new().background_image("s3://demo-bucket/sky.png");
    /// let update = UpdateMixJob::new("123456789abcdefghijklmno", "607824b4", UpdateMixJobReq::new(layout));
    /// assert_eq!(update.job_id.as_str(), "607824b4");
    /// ```
    UpdateMixJob: PUT "/v2/apps/{app_id}/mix-stream-jobs/{job_id}" => OK
    path { /** The application. */ app_id: AppId, /** The job. */ job_id: JobId }
    body UpdateMixJobReq;
    returns MixJob;
    errors BAD_REQUEST, NOT_FOUND, INTERNAL_SERVER_ERROR;
    Idempotent, Jobs
}

operation! {
    /// Stops a job.
    ///
    /// ```
    /// use rtc_model::mix_stream_jobs::StopMixJob;
    ///
    /// let stop = StopMixJob::new("123456789abcdefghijklmno", "607824b4");
    /// assert_eq!(stop.job_id.as_str(), "607824b4");
    /// ```
    StopMixJob: DELETE "/v2/apps/{app_id}/mix-stream-jobs/{job_id}" => NO_CONTENT
    path { /** The application. */ app_id: AppId, /** The job. */ job_id: JobId }
    returns ();
    errors BAD_REQUEST, NOT_FOUND, INTERNAL_SERVER_ERROR;
    Idempotent, Jobs
}

object! {
    /// A job as it is started.
    pub struct MixJobReq {
        required {
            /// What is mixed, and how.
            mix_param: MixParam,
        }
        optional {
            /// The record rule: there is nothing else to do (decision D11).
            record_param: RecordParam { needed },
        }
    }
}

object! {
    /// What is mixed, and how. With [`EncodeTemplate::AUDIO_ONLY`] the layout and all images are
    /// ignored.
    pub struct MixParam {
        required {
            /// The room.
            room_id: RoomId,
            /// Size, frame rate and bit rate of the mixed video.
            encode_template: EncodeTemplate,
        }
        optional {
            /// After how many seconds of an empty room the job ends by itself, 30 by default.
            max_idle_time: i32 { range 5..=43_200 },
            /// The layout; mandatory for video.
            layout_template: LayoutTemplate,
            /// The picture of users without video, `s3://bucket/object`.
            default_user_background_image: String { chars 1..=128 },
            /// The picture of a shared screen without video, `s3://bucket/object`.
            screen_background_image: String { chars 1..=128 },
            /// The picture behind all, `s3://bucket/object`.
            background_image: String { chars 1..=128 },
            /// The panes of the layout; mandatory for all layouts but `nine_grids_view` (decision
            /// D15).
            layout_panes: Vec<MixLayoutPane>,
            /// The pictures of single users without video; they go before the default one.
            user_background_images: Vec<MixUserBackgroundImage>,
        }
    }
    check check_layout;
}

object! {
    /// A change of a running job: of its layout.
    pub struct UpdateMixJobReq {
        required {
            /// What is changed.
            mix_param: UpdateMixParam,
        }
    }
}

object! {
    /// A change of the layout; what is left out stays as it is.
    pub struct UpdateMixParam: Default {
        optional {
            /// The layout; can only be changed between custom ones.
            layout_template: LayoutTemplate,
            /// The picture behind all, `s3://bucket/object`.
            background_image: String { chars 0..=128 },
            /// The picture of users without video, `s3://bucket/object`.
            default_user_background_image: String { chars 0..=128 },
            /// The picture of a shared screen without video, `s3://bucket/object`.
            screen_background_image: String { chars 0..=128 },
            /// After how many seconds of an empty room the job ends by itself.
            max_idle_time: i32 { range 5..=43_200 },
            /// The panes of the layout.
            layout_panes: Vec<MixLayoutPane>,
            /// The pictures of single users without video.
            user_background_images: Vec<MixUserBackgroundImage>,
        }
    }
}

object! {
    /// A pane of a layout. Places and sizes are shares of the whole picture.
    pub struct MixLayoutPane: Default {
        optional {
            /// The number of the pane.
            id: i32 { range 1..=25 },
            /// The user who is shown; empty or absent with a shared screen of nobody in particular.
            user_id: String { chars 0..=64 },
            /// Which video is shown, `CAMERASTREAM` by default.
            video_type: VideoType,
            /// The left edge.
            x: f64 { range 0.0..=1.0 },
            /// The upper edge.
            y: f64 { range 0.0..=1.0 },
            /// The width.
            width: f64 { range 0.0..=1.0 },
            /// The height.
            height: f64 { range 0.0..=1.0 },
            /// The layer; 0 is the lowest.
            zorder: i32 { range 0..=24 },
            /// How the video fills the pane; in custom layouts.
            crop_mode: CropMode,
            /// Who fills the pane; in `screen_share_left` and `screen_share_right`.
            filling_policy: FillingPolicy,
        }
    }
}

object! {
    /// The picture of a user without video.
    pub struct MixUserBackgroundImage {
        required {
            /// The user.
            user_id: UserId,
            /// The picture, `s3://bucket/object`.
            image_uri: String { chars 1..=128 },
        }
    }
}

object! {
    /// A job. Answers are partial: what does not apply is left out.
    pub struct MixJob: Default {
        optional {
            /// The id, made by the service.
            job_id: JobId,
            /// The name of the mixed stream.
            stream_name: String { chars 1..=256 },
            /// The app.
            app_id: AppId,
            /// The room.
            room_id: RoomId,
            /// What is mixed, and how.
            mix_param: MixParam,
            /// The record rule.
            record_param: RecordParam,
            /// When the job was made, UTC.
            create_time: Timestamp,
            /// When the layout was changed last, UTC.
            update_time: Timestamp,
            /// The state.
            state: JobState,
            /// Why the job is over; only when it is.
            stop_reason: StopReason,
            /// A description of the state.
            description: String { chars 1..=256 },
            /// When the job began to work, UTC.
            start_time: Timestamp,
            /// When the job ended, UTC; see [`Timestamp::is_set`].
            stop_time: Timestamp,
        }
    }
}

open_enum! {
    /// The layouts of a mixed video.
    pub enum LayoutTemplate {
        /// Up to nine users in a grid.
        NineGridsView = "nine_grids_view",
        /// A shared screen, the users left of it.
        ScreenShareLeft = "screen_share_left",
        /// A shared screen, the users right of it.
        ScreenShareRight = "screen_share_right",
        /// Panes wherever they are put.
        Custom = "custom",
    }
}

open_enum! {
    /// How a video fills its pane.
    pub enum CropMode {
        /// All of it, with bars beside it.
        KeepRatioPadding = "KEEP_RATIO_PADDING",
        /// All of the pane, the video cut.
        KeepRatioCrop = "KEEP_RATIO_CROP",
    }
}

open_enum! {
    /// Who fills a pane.
    pub enum FillingPolicy {
        /// The user that the pane names.
        FixedUser = "FIXED_USER",
        /// Whoever shares a screen.
        SharedScreen = "SHARED_SCREEN",
    }
}

json_output!(MixJob);

/// Decision D15.
fn check_layout(mix: &MixParam, at: &Field<'_>) -> Result<(), Violation> {
    if mix.encode_template == EncodeTemplate::AUDIO_ONLY {
        return Ok(());
    }
    match &mix.layout_template {
        None => Err(at.name("layout_template").combination("a video needs a layout")),
        Some(LayoutTemplate::NineGridsView) => Ok(()),
        Some(layout) if mix.layout_panes.as_ref().is_none_or(Vec::is_empty) => {
            let place = at.name("layout_panes");
            Err(place.combination(format!("the layout {layout} needs at least one pane")))
        }
        Some(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::{Validate as _, ViolationKind};

    fn check(mix: MixParam) -> Option<(ViolationKind, String)> {
        let violation = mix.validate(&Field::ROOT).err()?;
        Some((violation.kind(), violation.field().to_owned()))
    }

    #[test]
    fn a_video_needs_a_layout_and_most_layouts_need_panes() {
        let video = || MixParam::new("r", EncodeTemplate::W640_H480_F15_500);
        let combination = |field: &str| Some((ViolationKind::Combination, field.to_owned()));
        assert_eq!(check(video()), combination("layout_template"));
        assert_eq!(check(video().layout_template(LayoutTemplate::NineGridsView)), None);
        let custom = || video().layout_template(LayoutTemplate::Custom);
        assert_eq!(check(custom()), combination("layout_panes"));
        assert_eq!(check(custom().layout_panes([MixLayoutPane::new()])), None);
        assert_eq!(check(MixParam::new("r", EncodeTemplate::AUDIO_ONLY)), None);
    }

    #[test]
    fn a_pane_that_is_out_of_the_picture_is_told_with_its_place() {
        let panes = [MixLayoutPane::new().x(0.5), MixLayoutPane::new().width(1.5)];
        let mix = MixParam::new("r", "1280x720_15_1130").layout_template(LayoutTemplate::Custom);
        let found = check(mix.layout_panes(panes));
        assert_eq!(found, Some((ViolationKind::Value, "layout_panes[1].width".to_owned())));
    }
}
