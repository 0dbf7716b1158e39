//! What both kinds of recording jobs share.

use crate::id::RuleId;

object! {
    /// The record rule of a job.
    pub struct RecordParam {
        required {
            /// The record rule.
            record_rule_id: RuleId,
        }
    }
}

open_enum! {
    /// The states of a job: made, at work, over.
    pub enum JobState {
        /// Made; not at work yet.
        Init = "INIT",
        /// At work.
        Running = "RUNNING",
        /// Over.
        Stopped = "STOPPED",
    }
}

open_enum! {
    /// Why a job is over.
    pub enum StopReason {
        /// It was told to stop.
        TenantStop = "TENANT_STOP",
        /// Nobody was there for the longest idle time.
        ExceedMaxIdleTime = "EXCEED_MAX_IDLE_TIME",
        /// A fault of the service.
        InternalError = "INTERNAL_ERROR",
    }
}

open_enum! {
    /// Which video of a user is meant.
    pub enum VideoType {
        /// The camera.
        CameraStream = "CAMERASTREAM",
        /// The shared screen.
        ScreenStream = "SCREENSTREAM",
        /// None; answers write it for a job that records no video.
        None = "",
    }
}

open_enum! {
    /// Which quality of a video is meant.
    pub enum StreamQuality {
        /// Low definition.
        Ld = "LD",
        /// Standard definition.
        Sd = "SD",
        /// High definition.
        Hd = "HD",
        /// Full high definition.
        Fhd = "FHD",
    }
}
