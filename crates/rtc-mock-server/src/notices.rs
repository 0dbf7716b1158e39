//! What a record callback is told of a job.

use std::time::SystemTime;

use bytes::Bytes;
use rtc_model::apps::App;
use rtc_model::callback::Notification;
use rtc_model::jobs::{StopReason, StreamQuality, VideoType};
use rtc_model::record_callback::{AppCallbackUrl, NotifyEvent};
use rtc_model::record_rules::{RecordFormat, RecordRule};
use rtc_model::{AppId, JobId, RoomId, Secret, Timestamp};
use time::OffsetDateTime;

use crate::jobs::{Job, Moment, What, Work};

/// The template of paths where a rule has none, as the reference says.
const PREFIX: &str =
    "{app_id}/{record_format}/{stream}_{file_start_time}/{stream}_{file_start_time}";
/// How many bytes a second of sound gets; a chosen number.
const SOUND_RATE: i64 = 16_000;
/// How many bytes a second of video gets; that of the reference's example of a complete file.
const VIDEO_RATE: i64 = 400_000;

/// A notification to be sent, as it was when it happened: neither another URL nor another key
/// changes it later.
#[derive(Debug, Clone)]
pub(crate) struct Notice {
    pub(crate) at: SystemTime,
    pub(crate) app: AppId,
    pub(crate) job: JobId,
    pub(crate) room: RoomId,
    pub(crate) event: NotifyEvent,
    pub(crate) url: String,
    pub(crate) key: Option<Secret>,
    pub(crate) body: Bytes,
}

/// The record callback of an app, if it is told of anything.
pub(crate) fn callback(app: &App) -> Option<&AppCallbackUrl> {
    let callback = app.callbacks.as_ref()?.record_callback.as_ref()?;
    (callback.url.is_some() && !callback.notify_event_subscription.is_empty()).then_some(callback)
}

/// The notification of something that happened; `None` when nobody is to be told.
pub(crate) fn notice(app: &App, job: &Job, moment: &Moment) -> Option<Notice> {
    let callback = callback(app)?;
    let event = match moment.what {
        What::Begun { .. } => NotifyEvent::RecordNewFileStart,
        What::Complete { .. } => NotifyEvent::RecordFileComplete,
        What::Over => NotifyEvent::CloudRecordServerOver,
    };
    if !subscribes(callback, &event) {
        return None;
    }
    let app = app.app_id.clone()?;
    let notification = notification(&app, job, &event, moment);
    Some(Notice {
        at: moment.at,
        job: job.id.clone(),
        room: job.room.clone(),
        event,
        url: callback.url.clone()?,
        key: callback.auth_key.clone().filter(|key| !key.expose_secret().is_empty()),
        body: notification.to_json(),
        app,
    })
}

/// The end of a job has two names (decision D19).
fn subscribes(callback: &AppCallbackUrl, event: &NotifyEvent) -> bool {
    let has = |event| callback.notify_event_subscription.contains(event);
    has(event)
        || (*event == NotifyEvent::CloudRecordServerOver && has(&NotifyEvent::CloudRecordOver))
}

fn notification(app: &AppId, job: &Job, event: &NotifyEvent, moment: &Moment) -> Notification {
    let stream = job.stream_name(app);
    let mut notification = Notification::new()
        .event_type(event.clone())
        .stream_name(&stream)
        .app_id(app)
        .job_id(&job.id)
        .room_id(&job.room);
    match &moment.what {
        What::Begun { format } => notification.record_format = Some(format.clone()),
        What::Complete { rule, format, since } => {
            let file = File { app, stream: &stream, rule, format, since: *since, end: moment.at };
            file.describe(&mut notification, job);
        }
        What::Over => {
            notification.detail_message = job.stop_reason().map(detail).map(str::to_owned);
        }
    }
    notification
}

/// What is said of a job that is over; the reference has no text of its own.
fn detail(reason: &StopReason) -> &'static str {
    match reason {
        StopReason::TenantStop => "stopped by the tenant",
        StopReason::ExceedMaxIdleTime => "nobody was there for the longest idle time",
        _ => "an internal error",
    }
}

/// A complete file.
struct File<'a> {
    app: &'a AppId,
    stream: &'a str,
    rule: &'a RecordRule,
    format: &'a RecordFormat,
    since: SystemTime,
    end: SystemTime,
}

impl File<'_> {
    fn describe(&self, notification: &mut Notification, job: &Job) {
        let seconds = self.end.duration_since(self.since).unwrap_or_default().as_secs();
        let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
        let picture = picture(&job.work);
        let rate = if picture.is_some() { VIDEO_RATE } else { SOUND_RATE };
        notification.record_format = Some(self.format.clone());
        notification.record_duration = Some(seconds);
        notification.file_size = Some(seconds.saturating_mul(rate));
        notification.start_time = Some(Timestamp::from(self.since).in_seconds());
        notification.end_time = Some(Timestamp::from(self.end).in_seconds());
        if let Some((width, height)) = picture {
            notification.width = Some(width);
            notification.height = Some(height);
        }
        if let Some(place) = &self.rule.obs_addr {
            let (bucket, location) = (&place.bucket, &place.location);
            let object = self.object(place.object.as_deref().unwrap_or_default());
            notification.download_url =
                Some(format!("https://{bucket}.obs.{location}.myhuaweicloud.com/{object}"));
            // As in the reference's example; its table has the region alone.
            notification.obs_location = Some(format!("http://obs.{location}.myhuaweicloud.com"));
            notification.obs_bucket = Some(bucket.clone());
            notification.obs_object = Some(object);
        }
    }

    /// The path of the file: the place of the rule, its template, and the ending of the format.
    fn object(&self, top: &str) -> String {
        let (template, ending) = match self.format {
            RecordFormat::Hls => {
                (self.rule.hls_config.as_ref().and_then(|hls| hls.record_prefix.as_deref()), "m3u8")
            }
            _ => {
                (self.rule.mp4_config.as_ref().and_then(|mp4| mp4.record_prefix.as_deref()), "mp4")
            }
        };
        // The reference's example writes the format in lower case.
        let format = self.format.as_str().to_ascii_lowercase();
        let path = template
            .unwrap_or(PREFIX)
            .replace("{app_id}", self.app.as_str())
            .replace("{record_format}", &format)
            .replace("{stream}", self.stream)
            .replace("{file_start_time}", &compact(self.since));
        match top.trim_end_matches('/') {
            "" => format!("{path}.{ending}"),
            top => format!("{top}/{path}.{ending}"),
        }
    }
}

/// `20240301080000`, UTC; the reference does not say how the variable is written.
fn compact(time: SystemTime) -> String {
    let time = OffsetDateTime::from(time);
    let (date, hour, minute, second) = (time.date(), time.hour(), time.minute(), time.second());
    let (year, month, day) = (date.year(), u8::from(date.month()), date.day());
    format!("{year:04}{month:02}{day:02}{hour:02}{minute:02}{second:02}")
}

/// Width and height of what is recorded; `None` without video.
fn picture(work: &Work) -> Option<(i32, i32)> {
    match work {
        Work::Mix(mix) => {
            let text = mix.encode_template.as_str();
            let (width, rest) = text.split_once(['x', '*'])?;
            let height = rest.split('_').next()?;
            Some((width.parse().ok()?, height.parse().ok()?))
        }
        Work::Individual(work) if *work.video() == VideoType::None => None,
        Work::Individual(work) => Some(match work.quality() {
            StreamQuality::Ld => (320, 180),
            StreamQuality::Sd => (640, 360),
            StreamQuality::Hd => (1280, 720),
            _ => (1920, 1080),
        }),
    }
}
