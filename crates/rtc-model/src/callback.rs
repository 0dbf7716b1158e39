//! What the service sends to the recording event callback of an app (pages `rtc_07_0021` and
//! `rtc_04_0007`).
//!
//! A notification comes as a POST with a JSON body to the URL that
//! [`UpdateRecordCallback`](crate::record_callback::UpdateRecordCallback) has set. Here is what the
//! body says; whether it can be trusted says its signature, which is no matter of this crate.

use bytes::Bytes;

use crate::error::{JsonError, read_lenient};
use crate::id::{AppId, JobId, RoomId};
use crate::record_callback::NotifyEvent;
use crate::record_rules::RecordFormat;
use crate::timestamp::Timestamp;

/// What the reference answers a notification with, at status 200; the service does not evaluate it,
/// as far as its pages tell.
pub const ACCEPTED: &str = r#"{"status":1,"result":"success"}"#;

object! {
    /// An event of a recording job.
    ///
    /// No field is mandatory. There is no id of the event and no time of it: the reference names
    /// nothing by which to tell a repetition.
    ///
    /// ```
    /// use rtc_model::callback::Notification;
    /// use rtc_model::record_callback::NotifyEvent;
    ///
    /// let body = br#"{"event_type":"RECORD_FILE_COMPLETE","record_duration":61,"room_id":"room-7"}"#;
    /// let notification = Notification::from_json(body)?;
    /// assert_eq!(notification.event_type, Some(NotifyEvent::RecordFileComplete));
    /// assert_eq!(notification.record_duration, Some(61));
    /// assert_eq!(notification.to_json(), &body[..]);
    /// # Ok::<(), rtc_model::error::JsonError>(())
    /// ```
    pub struct Notification: Default {
        optional {
            /// What happened. For the end of a job the reference writes `CLOUD_RECORD_SERVER_OVER`
            /// here and `CLOUD_RECORD_OVER` in subscriptions (decision D19).
            event_type: NotifyEvent,
            /// The name of the recorded stream.
            stream_name: String,
            /// The format of the recording.
            record_format: RecordFormat,
            /// Where the file can be downloaded from OBS, not for playing; of a complete file.
            download_url: String,
            /// The size of the file; of a complete file. Bytes, as it seems: the reference has it
            /// in its example only.
            file_size: i64,
            /// How long the recording is, in seconds; of a complete file.
            record_duration: i64,
            /// When the recording began, UTC, in whole seconds; of a complete file.
            start_time: Timestamp,
            /// When the recording ended, UTC, in whole seconds; of a complete file.
            end_time: Timestamp,
            /// The width of the picture in pixels; of a complete file.
            width: i32,
            /// The height of the picture in pixels; of a complete file.
            height: i32,
            /// The region of OBS; of a complete file. In the reference's example it is a URL.
            obs_location: String,
            /// The bucket; of a complete file.
            obs_bucket: String,
            /// The path of the file in the bucket; of a complete file.
            obs_object: String,
            /// The application.
            app_id: AppId,
            /// The job.
            job_id: JobId,
            /// The room.
            room_id: RoomId,
            /// A description of the state.
            detail_message: String,
        }
    }
}

impl Notification {
    /// Reads the body of a notification.
    ///
    /// It is read as answers are: `null` equals absent, unknown fields are ignored, unknown values
    /// of enums are kept, and where a number stands for a text, or a text for a number, it is taken
    /// for what it says. Verify the signature first, of the same bytes.
    ///
    /// # Errors
    ///
    /// [`JsonError`] with the place: no JSON object, or a value of another type than documented.
    pub fn from_json(body: &[u8]) -> Result<Self, JsonError> {
        read_lenient(body)
    }

    /// Writes the body of a notification, the fields in the order of the reference's example.
    ///
    /// Times are written with the fraction that they have; the service writes
    /// [none](Timestamp::in_seconds).
    ///
    /// # Panics
    ///
    /// Never: texts, numbers and times can be written.
    pub fn to_json(&self) -> Bytes {
        serde_json::to_vec(self).expect("texts, numbers and times can be written as JSON").into()
    }
}
