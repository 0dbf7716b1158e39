//! Mix jobs.

use rtc_contract_tests::golden::Golden;
use rtc_model::jobs::{RecordParam, VideoType};
use rtc_model::mix_stream_jobs::{
    CreateMixJob, CropMode, EncodeTemplate, FillingPolicy, LayoutTemplate, MixJobReq,
    MixLayoutPane, MixParam, MixUserBackgroundImage, ShowMixJob, StopMixJob, UpdateMixJob,
    UpdateMixJobReq, UpdateMixParam,
};

use crate::requests::{APP, JOB, ROOM, RULE, USER, Visit};

/// Visits a golden request of this group; `None` when it has no value here.
pub(super) fn visit(case: (&str, &str), golden: Golden, visitor: &mut impl Visit) -> Option<()> {
    match case {
        ("CreateMixJob", "nine-grids") => {
            let mix = MixParam::new(ROOM, EncodeTemplate::W1280_H720_F15_2260)
                .layout_template(LayoutTemplate::NineGridsView);
            visitor.visit(golden, create(mix));
        }
        ("CreateMixJob", "nine-grids-star") => {
            let mix = MixParam::new(ROOM, "1280*720_15_2260")
                .layout_template(LayoutTemplate::NineGridsView)
                .max_idle_time(43_200);
            visitor.visit(golden, create(mix));
        }
        ("CreateMixJob", "custom") => {
            let mix = MixParam::new(ROOM, "1920*1080_30_4620")
                .layout_template(LayoutTemplate::Custom)
                .max_idle_time(60)
                .default_user_background_image("s3://demo-bucket/nobody.png")
                .screen_background_image("s3://demo-bucket/screen.png")
                .background_image("s3://demo-bucket/sky.png")
                .layout_panes([big(), small()])
                .user_background_images([picture()]);
            visitor.visit(golden, create(mix));
        }
        ("CreateMixJob", "screen-share-left") => {
            let fixed =
                MixLayoutPane::new().id(2).user_id(USER).filling_policy(FillingPolicy::FixedUser);
            let mix = MixParam::new(ROOM, EncodeTemplate::W640_H480_F15_500)
                .layout_template(LayoutTemplate::ScreenShareLeft)
                .layout_panes([shared(), fixed]);
            visitor.visit(golden, create(mix));
        }
        ("CreateMixJob", "screen-share-right") => {
            let mix = MixParam::new(ROOM, EncodeTemplate::W480_H360_F15_320)
                .layout_template(LayoutTemplate::ScreenShareRight)
                .layout_panes([shared()]);
            visitor.visit(golden, create(mix));
        }
        ("CreateMixJob", "audio-only") => {
            visitor.visit(golden, create(MixParam::new(ROOM, EncodeTemplate::AUDIO_ONLY)));
        }
        ("ShowMixJob", "plain") => visitor.visit(golden, ShowMixJob::new(APP, JOB)),
        ("UpdateMixJob", "all-fields") => {
            let mix = UpdateMixParam::new()
                .layout_template(LayoutTemplate::Custom)
                .max_idle_time(5)
                .default_user_background_image("s3://demo-bucket/nobody.png")
                .screen_background_image("s3://demo-bucket/screen.png")
                .background_image("s3://demo-bucket/sky.png")
                .layout_panes([big(), small()])
                .user_background_images([picture()]);
            visitor.visit(golden, update(mix));
        }
        ("UpdateMixJob", "panes") => {
            visitor.visit(golden, update(UpdateMixParam::new().layout_panes([small()])));
        }
        ("UpdateMixJob", "background-image") => {
            let mix = UpdateMixParam::new().background_image("s3://demo-bucket/night.png");
            visitor.visit(golden, update(mix));
        }
        ("StopMixJob", "plain") => visitor.visit(golden, StopMixJob::new(APP, JOB)),
        _ => return None,
    }
    Some(())
}

fn create(mix: MixParam) -> CreateMixJob {
    CreateMixJob::new(APP, MixJobReq::new(mix).record_param(RecordParam::new(RULE)))
}

fn update(mix: UpdateMixParam) -> UpdateMixJob {
    UpdateMixJob::new(APP, JOB, UpdateMixJobReq::new(mix))
}

fn big() -> MixLayoutPane {
    MixLayoutPane::new()
        .id(1)
        .user_id(USER)
        .video_type(VideoType::CameraStream)
        .x(0.0)
        .y(0.0)
        .width(1.0)
        .height(1.0)
        .zorder(0)
        .crop_mode(CropMode::KeepRatioPadding)
}

fn small() -> MixLayoutPane {
    MixLayoutPane::new()
        .id(2)
        .user_id("ben")
        .x(0.75)
        .y(0.625)
        .width(0.25)
        .height(0.375)
        .zorder(24)
        .crop_mode(CropMode::KeepRatioCrop)
}

/// A shared screen of nobody in particular.
fn shared() -> MixLayoutPane {
    MixLayoutPane::new()
        .id(1)
        .user_id("")
        .video_type(VideoType::ScreenStream)
        .filling_policy(FillingPolicy::SharedScreen)
}

fn picture() -> MixUserBackgroundImage {
    MixUserBackgroundImage::new(USER, "s3://demo-bucket/anna.png")
}
