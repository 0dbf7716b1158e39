//! Single-stream jobs.

use rtc_contract_tests::golden::Golden;
use rtc_model::individual_stream_jobs::{
    CreateIndividualStreamJob, IndividualStreamJobReq, ShowIndividualStreamJob,
    StopIndividualStreamJob, UpdateIndividualJobReq, UpdateIndividualStreamJob,
};
use rtc_model::jobs::{RecordParam, StreamQuality, VideoType};

use crate::requests::{APP, JOB, ROOM, RULE, USER, Visit};

/// Visits a golden request of this group; `None` when it has no value here.
pub(super) fn visit(case: (&str, &str), golden: Golden, visitor: &mut impl Visit) -> Option<()> {
    match case {
        ("CreateIndividualStreamJob", "minimal") => {
            visitor.visit(golden, CreateIndividualStreamJob::new(APP, job()));
        }
        ("CreateIndividualStreamJob", "all-fields") => {
            let body = job()
                .is_record_audio(false)
                .video_type(VideoType::ScreenStream)
                .select_stream_type(StreamQuality::Hd)
                .max_idle_time(5);
            visitor.visit(golden, CreateIndividualStreamJob::new(APP, body));
        }
        ("ShowIndividualStreamJob", "plain") => {
            visitor.visit(golden, ShowIndividualStreamJob::new(APP, JOB));
        }
        ("UpdateIndividualStreamJob", "rule") => {
            let body = UpdateIndividualJobReq::new().record_param(RecordParam::new(RULE));
            visitor.visit(golden, UpdateIndividualStreamJob::new(APP, JOB, body));
        }
        ("UpdateIndividualStreamJob", "nothing") => {
            let body = UpdateIndividualJobReq::new();
            visitor.visit(golden, UpdateIndividualStreamJob::new(APP, JOB, body));
        }
        ("StopIndividualStreamJob", "plain") => {
            visitor.visit(golden, StopIndividualStreamJob::new(APP, JOB));
        }
        _ => return None,
    }
    Some(())
}

fn job() -> IndividualStreamJobReq {
    IndividualStreamJobReq::new(ROOM, USER).record_param(RecordParam::new(RULE))
}
