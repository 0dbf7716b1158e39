//! How a notification is shown.

use std::borrow::Cow;
use std::fmt::Write as _;

use rtc_model::Timestamp;
use serde_json::{Value, json};

use crate::cli::listen::judge::{Seen, Verdict};

/// The longest value in a line for people.
const LONGEST: usize = 200;

/// A line for people. What comes from outside cannot break it or command the terminal.
pub(super) fn text(seen: &Seen) -> String {
    let mut line = format!("{} {:<9}", Timestamp::from(seen.time), name(&seen.verdict));
    let notification = seen.notification.clone().unwrap_or_default();
    let event = notification.event_type.as_ref().map_or("-", |event| event.as_str());
    let _ = write!(line, " {}", word(event));
    let fields = [
        ("job", notification.job_id.map(|id| id.to_string())),
        ("room", notification.room_id.map(|id| id.to_string())),
        ("file", notification.obs_object.or(notification.stream_name)),
        ("duration", notification.record_duration.map(|seconds| format!("{seconds}s"))),
        ("detail", notification.detail_message),
        ("age", age(seen).map(|seconds| format!("{seconds:.1}s"))),
    ];
    for (name, value) in fields {
        if let Some(value) = value {
            let _ = write!(line, " {name}={}", word(&value));
        }
    }
    let _ = write!(line, " answered={}", seen.answer.as_u16());
    if let Verdict::Refused(reason) = &seen.verdict {
        let _ = write!(line, " because {}", plain(reason));
    }
    line
}

/// An object for programs, in one line.
pub(super) fn json(seen: &Seen) -> String {
    let (key, reason) = match &seen.verdict {
        Verdict::Verified(key) => (json!(key), Value::Null),
        Verdict::Refused(reason) => (Value::Null, json!(reason)),
        _ => (Value::Null, Value::Null),
    };
    json!({
        "time": Timestamp::from(seen.time),
        "verdict": name(&seen.verdict),
        "key": key,
        "reason": reason,
        "age": age(seen),
        "answer": seen.answer.as_u16(),
        "notification": seen.notification,
    })
    .to_string()
}

fn name(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Verified(_) => "verified",
        Verdict::Repeated => "repeated",
        Verdict::Unsigned => "unsigned",
        Verdict::Unchecked => "unchecked",
        Verdict::Refused(_) => "refused",
    }
}

/// Seconds since it was signed; below 0 where the sender's clock is ahead.
fn age(seen: &Seen) -> Option<f64> {
    let signed_at = seen.signed_at?;
    Some(match seen.time.duration_since(signed_at) {
        Ok(age) => age.as_secs_f64(),
        Err(ahead) => -ahead.duration().as_secs_f64(),
    })
}

/// A value as one word, in quotes where it is none.
fn word(text: &str) -> Cow<'_, str> {
    if text.len() <= LONGEST && text.bytes().all(|c| c.is_ascii_graphic() && c != b'"') {
        return text.into();
    }
    let mut start: String = text.chars().take(LONGEST).collect();
    if start.len() < text.len() {
        start.push('…');
    }
    format!("{start:?}").into()
}

/// A sentence without line ends and other control characters.
fn plain(text: &str) -> String {
    text.chars().take(2 * LONGEST).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use http::StatusCode;
    use rtc_model::callback::Notification;
    use rtc_model::record_callback::NotifyEvent;

    use super::*;

    fn seen(verdict: Verdict, notification: Notification) -> Seen {
        let time = UNIX_EPOCH + Duration::from_millis(1_704_164_645_500);
        Seen {
            time,
            verdict,
            signed_at: Some(UNIX_EPOCH + Duration::from_secs(1_704_164_645)),
            notification: Some(notification),
            answer: StatusCode::OK,
        }
    }

    #[test]
    fn a_line_tells_verdict_event_job_room_file_and_age() {
        let notification = Notification::new()
            .event_type(NotifyEvent::RecordFileComplete)
            .job_id("j1")
            .room_id("room 7")
            .obs_object("Record/a.mp4")
            .record_duration(61);
        assert_eq!(
            text(&seen(Verdict::Verified(1), notification)),
            "2024-01-02T03:04:05.500Z verified  RECORD_FILE_COMPLETE job=j1 room=\"room 7\" \
             file=Record/a.mp4 duration=61s age=0.5s answered=200"
        );
        let mut early = seen(Verdict::Refused("too\nnew".into()), Notification::new());
        early.signed_at = Some(early.time + Duration::from_secs(400));
        early.answer = StatusCode::UNAUTHORIZED;
        assert_eq!(
            text(&early),
            "2024-01-02T03:04:05.500Z refused   - age=-400.0s answered=401 because too new"
        );
    }

    #[test]
    fn a_value_from_outside_cannot_command_the_terminal() {
        let evil = "\u{1b}[2J\n\u{9b}31m\u{202e}";
        let notification = Notification::new()
            .event_type(NotifyEvent::from(evil))
            .room_id(evil)
            .stream_name("x".repeat(1_000_000))
            .detail_message(evil);
        let line = text(&seen(Verdict::Refused(evil.into()), notification));
        assert!(!line.chars().any(char::is_control), "{line:?}");
        assert!(line.len() < 2_000, "{}", line.len());
    }

    #[test]
    fn an_object_tells_the_same() {
        let notification = Notification::new().event_type(NotifyEvent::CloudRecordServerOver);
        let line = json(&seen(Verdict::Verified(2), notification));
        let value: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(
            value,
            json!({
                "time": "2024-01-02T03:04:05.500Z",
                "verdict": "verified",
                "key": 2,
                "reason": null,
                "age": 0.5,
                "answer": 200,
                "notification": { "event_type": "CLOUD_RECORD_SERVER_OVER" },
            })
        );
    }
}
