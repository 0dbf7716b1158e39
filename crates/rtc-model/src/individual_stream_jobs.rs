//! Jobs that record the stream of one user (pages `CreateIndividualStreamJob`,
//! `ShowIndividualStreamJob`, `UpdateIndividualStreamJobV2`, `StopIndividualStreamJob`).

use crate::id::{AppId, JobId, RoomId, UserId};
use crate::jobs::{JobState, RecordParam, StopReason, StreamQuality, VideoType};
use crate::operation::json_output;
use crate::timestamp::Timestamp;

operation! {
    /// Starts to record the stream of one user.
    ///
    /// ```
    /// use rtc_model::individual_stream_jobs::{CreateIndividualStreamJob, IndividualStreamJobReq};
    /// use rtc_model::jobs::RecordParam;
    ///
    /// let job = IndividualStreamJobReq::new("room-7", "anna").record_param(RecordParam::new("456789abc"));
    /// let create = CreateIndividualStreamJob::new("123456789abcdefghijklmno", job);
    /// assert_eq!(create.body.user_id.as_str(), "anna");
    /// ```
    CreateIndividualStreamJob: POST "/v2/apps/{app_id}/individual-stream-jobs" => CREATED
    path { /** The application. */ app_id: AppId }
    body IndividualStreamJobReq;
    returns IndividualStreamJob;
    errors BAD_REQUEST, NOT_FOUND, INTERNAL_SERVER_ERROR;
    NotIdempotent, Jobs
}

operation! {
    /// Queries a job.
    ///
    /// ```
    /// use rtc_model::individual_stream_jobs::ShowIndividualStreamJob;
    ///
    /// let show = ShowIndividualStreamJob::new("123456789abcdefghijklmno", "607824b4");
    /// assert_eq!(show.job_id.as_str(), "607824b4");
    /// ```
    ShowIndividualStreamJob: GET "/v2/apps/{app_id}/individual-stream-jobs/{job_id}" => OK
    path { /** The application. */ app_id: AppId, /** The job. */ job_id: JobId }
    returns IndividualStreamJob;
    errors BAD_REQUEST, NOT_FOUND, INTERNAL_SERVER_ERROR;
    Idempotent, Jobs
}

operation! {
    /// Changes the record rule of a running job.
    ///
    /// ```
    /// use rtc_model::individual_stream_jobs::{UpdateIndividualJobReq, UpdateIndividualStreamJob};
    /// use rtc_model::jobs::RecordParam;
    ///
    /// let change = UpdateIndividualJobReq::new().record_param(RecordParam::new("456789abc"));
    /// let update = UpdateIndividualStreamJob::new("123456789abcdefghijklmno", "607824b4", change);
    /// assert_eq!(update.job_id.as_str(), "607824b4");
    /// ```
    UpdateIndividualStreamJob: PUT "/v2/apps/{app_id}/individual-stream-jobs/{job_id}" => OK
    path { /** The application. */ app_id: AppId, /** The job. */ job_id: JobId }
    body UpdateIndividualJobReq;
    returns IndividualStreamJob;
    errors BAD_REQUEST, NOT_FOUND, INTERNAL_SERVER_ERROR;
    Idempotent, Jobs
}

operation! {
    /// Stops a job.
    ///
    /// ```
    /// use rtc_model::individual_stream_jobs::StopIndividualStreamJob;
    ///
    /// let stop = StopIndividualStreamJob::new("123456789abcdefghijklmno", "607824b4");
    /// assert_eq!(stop.job_id.as_str(), "607824b4");
    /// ```
    StopIndividualStreamJob: DELETE "/v2/apps/{app_id}/individual-stream-jobs/{job_id}" => NO_CONTENT
    path { /** The application. */ app_id: AppId, /** The job. */ job_id: JobId }
    returns ();
    errors BAD_REQUEST, NOT_FOUND, INTERNAL_SERVER_ERROR;
    Idempotent, Jobs
}

object! {
    /// A job as it is started.
    pub struct IndividualStreamJobReq {
        required {
            /// The room.
            room_id: RoomId,
            /// The user whose stream is recorded.
            user_id: UserId,
        }
        optional {
            /// Whether sound is recorded, true by default.
            is_record_audio: bool,
            /// Which video is recorded; absent: none.
            video_type: VideoType,
            /// Which quality of the video is recorded, FHD by default.
            select_stream_type: StreamQuality,
            /// After how many seconds without the user the job ends by itself, 30 by default.
            max_idle_time: i32 { range 5..=43_200 },
            /// The record rule: there is nothing else to do (decision D11).
            record_param: RecordParam { needed },
        }
    }
}

object! {
    /// A change of a running job.
    pub struct UpdateIndividualJobReq: Default {
        optional {
            /// The record rule.
            record_param: RecordParam,
        }
    }
}

object! {
    /// A job. Answers are partial: what does not apply is left out.
    pub struct IndividualStreamJob: Default {
        optional {
            /// The id, made by the service.
            job_id: JobId,
            /// The name of the recorded stream.
            stream_name: String { chars 1..=256 },
            /// The app.
            app_id: AppId,
            /// The room.
            room_id: RoomId,
            /// The user whose stream is recorded.
            user_id: UserId,
            /// Whether sound is recorded.
            is_record_audio: bool,
            /// Which video is recorded; empty: none.
            video_type: VideoType,
            /// Which quality of the video is recorded.
            select_stream_type: StreamQuality,
            /// After how many seconds without the user the job ends by itself.
            max_idle_time: i32,
            /// The record rule.
            record_param: RecordParam,
            /// When the job was made, UTC.
            create_time: Timestamp,
            /// When the job was changed last, UTC.
            update_time: Timestamp,
            /// The state.
            state: JobState,
            /// Why the job is over; only when it is.
            stop_reason: StopReason,
            /// A description of the state.
            description: String { chars 1..=128 },
            /// When the job began to work, UTC.
            start_time: Timestamp,
            /// When the job ended, UTC; see [`Timestamp::is_set`].
            stop_time: Timestamp,
        }
    }
}

json_output!(IndividualStreamJob);
