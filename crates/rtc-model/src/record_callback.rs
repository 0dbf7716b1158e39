//! The recording event callback: where the service reports finished recordings (pages
//! `ShowRecordCallback` and `UpdateRecordCallback`).

use http::Uri;

use crate::id::AppId;
use crate::operation::json_output;
use crate::secret::Secret;
use crate::timestamp::Timestamp;
use crate::validate::{Field, Validate, Violation};

operation! {
    /// Queries the recording event callback of an app.
    ///
    /// An app whose callback was never set is answered without one (decision D2).
    ///
    /// ```
    /// use rtc_model::record_callback::ShowRecordCallback;
    ///
    /// let query = ShowRecordCallback::new("123456789abcdefghijklmno");
    /// assert_eq!(query.app_id.as_str(), "123456789abcdefghijklmno");
    /// ```
    ShowRecordCallback: GET "/v2/apps/{app_id}/record-callback" => OK
    path { /** The application. */ app_id: AppId }
    returns RecordCallback;
    errors BAD_REQUEST, NOT_FOUND, INTERNAL_SERVER_ERROR;
    Idempotent, AppManagement
}

operation! {
    /// Sets the recording event callback of an app, replacing the whole of it.
    ///
    /// Leaving out the key clears it (decision D3). Which events are reported cannot be set by the
    /// API; the answer lists them.
    ///
    /// ```
    /// use rtc_model::record_callback::{AppCallbackUrlReq, UpdateRecordCallback};
    ///
    /// let body = AppCallbackUrlReq::new("https://example.com/rtc").auth_key("78912374ae8cdb38");
    /// let update = UpdateRecordCallback::new("123456789abcdefghijklmno", body);
    /// assert_eq!(update.body.url, "https://example.com/rtc");
    /// ```
    UpdateRecordCallback: PUT "/v2/apps/{app_id}/record-callback" => OK
    path { /** The application. */ app_id: AppId }
    body AppCallbackUrlReq;
    returns RecordCallback;
    errors BAD_REQUEST, NOT_FOUND, INTERNAL_SERVER_ERROR;
    Idempotent, AppManagement
}

object! {
    /// The recording event callback of an app.
    #[derive(Default)]
    pub struct RecordCallback {
        optional {
            /// The application.
            app_id: AppId,
            /// The callback; absent when none was set (decision D2).
            record_callback: AppCallbackUrl,
        }
    }
}

object! {
    /// A callback as it is answered.
    #[derive(Default)]
    pub struct AppCallbackUrl {
        optional {
            /// Where notifications are sent by POST; starts with `http://` or `https://`, 0 to
            /// 1,024 characters.
            url: String,
            /// The key that signs the notifications, 0 to 64 characters. Without one, or with an
            /// empty one, notifications carry no signature. The service answers it in clear.
            auth_key: Secret,
            /// When the callback was changed last, UTC.
            update_time: Timestamp,
        }
        lists {
            /// The events that are reported.
            notify_event_subscription: NotifyEvent,
        }
    }
}

object! {
    /// A callback as it is set.
    pub struct AppCallbackUrlReq {
        required {
            /// Where notifications are sent by POST: an absolute `http://` or `https://` URL with a
            /// host, 1 to 256 characters.
            url: String,
        }
        optional {
            /// The key that signs the notifications: 32 to 64 characters by the reference, whose
            /// own example has 16; empty or absent means none (decision D3).
            auth_key: Secret,
        }
    }
}

open_enum! {
    /// An event that a callback subscribes to.
    ///
    /// The reference's table lists the first two; its examples also show the others.
    pub enum NotifyEvent {
        /// A new file is begun.
        RecordNewFileStart = "RECORD_NEW_FILE_START",
        /// A file is complete.
        RecordFileComplete = "RECORD_FILE_COMPLETE",
        /// The recording job is over; the notification itself says `CLOUD_RECORD_SERVER_OVER`.
        CloudRecordOver = "CLOUD_RECORD_OVER",
        /// The recording job is over.
        CloudRecordServerOver = "CLOUD_RECORD_SERVER_OVER",
        /// A user's role changed.
        RtcUserRoleChanged = "RTC_USER_ROLE_CHANGED",
        /// An audio stream was opened.
        RtcAudioStreamOpen = "RTC_AUDIO_STREAM_OPEN",
        /// An audio stream was closed.
        RtcAudioStreamClose = "RTC_AUDIO_STREAM_CLOSE",
        /// A video stream was opened.
        RtcVideoStreamOpen = "RTC_VIDEO_STREAM_OPEN",
        /// A video stream was closed.
        RtcVideoStreamClose = "RTC_VIDEO_STREAM_CLOSE",
    }
}

json_output!(RecordCallback);

impl Validate for AppCallbackUrlReq {
    fn validate(&self, at: &Field<'_>) -> Result<(), Violation> {
        let url = at.name("url");
        url.length(&self.url, 1, 256)?;
        if let Err(reason) = check_url(&self.url) {
            return Err(url.invalid(reason));
        }
        match &self.auth_key {
            // The documented range is 32 to 64, the documented example has 16 (decision D3).
            Some(key) if !key.expose_secret().is_empty() => {
                at.name("auth_key").length(key.expose_secret(), 16, 64)
            }
            _ => Ok(()),
        }
    }
}

fn check_url(url: &str) -> Result<(), &'static str> {
    let uri: Uri = url.parse().map_err(|_| "it is not a URL")?;
    match uri.scheme_str() {
        Some("http" | "https") => {}
        _ => return Err("it must start with http:// or https://"),
    }
    match uri.host() {
        Some(host) if !host.is_empty() => Ok(()),
        _ => Err("it names no host"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(url: &str, key: &str) -> Result<(), String> {
        let body = AppCallbackUrlReq::new(url).auth_key(key);
        body.validate(&Field::ROOT).map_err(|violation| violation.to_string())
    }

    #[test]
    fn an_absolute_http_url_with_a_host_is_accepted() {
        for url in [
            "http://mydomain.com",
            "https://a.example:8443/x?y=1",
            "http://127.0.0.1:1/",
            "HTTP://[::1]/",
        ] {
            assert_eq!(check(url, ""), Ok(()), "{url}");
        }
        let longest = format!("http://h/{}", "x".repeat(256 - 9));
        assert_eq!(check(&longest, ""), Ok(()));
    }

    #[test]
    fn other_urls_are_refused_by_name() {
        let long = format!("http://h/{}", "x".repeat(257 - 9));
        for url in [
            "",
            "ftp://a.example",
            "mydomain.com",
            "/path",
            "http://",
            "http:///x",
            "http://a b",
            &long,
        ] {
            let refusal = check(url, "").unwrap_err();
            assert!(refusal.starts_with("url: "), "{url:?}: {refusal}");
        }
    }

    #[test]
    fn a_key_has_16_to_64_characters_or_none() {
        for length in [0, 16, 32, 64] {
            assert_eq!(check("http://h", &"k".repeat(length)), Ok(()), "{length}");
        }
        for length in [1, 15, 65] {
            let refusal = check("http://h", &"k".repeat(length)).unwrap_err();
            assert!(refusal.starts_with("auth_key: "), "{refusal}");
            assert!(!refusal.contains("kk"), "the key itself is shown: {refusal}");
        }
    }
}
