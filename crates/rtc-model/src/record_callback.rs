//! The recording event callback: where the service reports finished recordings (pages
//! `ShowRecordCallback` and `UpdateRecordCallback`).

use std::net::Ipv6Addr;

use http::Uri;

use crate::id::AppId;
use crate::operation::json_output;
use crate::secret::Secret;
use crate::timestamp::Timestamp;
use crate::validate::{Field, Violation};

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
    pub struct RecordCallback: Default {
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
    pub struct AppCallbackUrl: Default {
        optional {
            /// Where notifications are sent by POST; starts with `http://` or `https://`.
            url: String { chars 0..=1024 },
            /// The key that signs the notifications. Without one, or with an empty one,
            /// notifications carry no signature. The service answers it in clear.
            auth_key: Secret { chars 0..=64 },
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
            /// host.
            url: String { chars 1..=256 },
        }
        optional {
            /// The key that signs the notifications: 32 to 64 characters by the reference, whose
            /// own example has 16; empty or absent means none (decision D3).
            auth_key: Secret { chars 0..=64 },
        }
    }
    check check_callback;
}

open_enum! {
    /// An event that a callback subscribes to, and that a notification tells of.
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

fn check_callback(callback: &AppCallbackUrlReq, at: &Field<'_>) -> Result<(), Violation> {
    check_url(&callback.url).map_err(|reason| at.name("url").invalid(reason))?;
    match &callback.auth_key {
        // The documented range is 32 to 64, the documented example has 16 (decision D3).
        Some(key) if !key.expose_secret().is_empty() => {
            at.name("auth_key").length(key.expose_secret(), 16, 64)
        }
        _ => Ok(()),
    }
}

fn check_url(url: &str) -> Result<(), &'static str> {
    if !url.bytes().all(|c| c.is_ascii_graphic()) {
        return Err("it holds a space or a character that is not ASCII; percent-encode it");
    }
    let uri: Uri = url.parse().map_err(|_| "it is not a URL")?;
    match uri.scheme_str() {
        Some("http" | "https") => {}
        _ => return Err("it must start with http:// or https://"),
    }
    let Some(authority) = uri.authority() else { return Err("it names no host") };
    check_host(authority.host())?;
    let after_user = authority.as_str().rsplit('@').next().unwrap_or_default();
    match after_user.strip_prefix(authority.host()) {
        Some("") => Ok(()),
        Some(port) => {
            let port = port.strip_prefix(':').and_then(|port| port.parse::<u16>().ok());
            if port.is_some_and(|port| port > 0) { Ok(()) } else { Err("its port is none") }
        }
        None => Err("it names no host"),
    }
}

fn check_host(host: &str) -> Result<(), &'static str> {
    if host.is_empty() {
        return Err("it names no host");
    }
    if let Some(address) = host.strip_prefix('[') {
        let address =
            address.strip_suffix(']').and_then(|address| address.parse::<Ipv6Addr>().ok());
        return address.map(drop).ok_or("its host is no IPv6 address");
    }
    if host.bytes().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'.' | b'_')) {
        Ok(())
    } else {
        Err("its host holds a character that no host name has")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::Validate as _;

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
            "http://user:word@h_1.example:80/",
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
        let wrong = "ftp://a.example mydomain.com /path http:// http:///x http://h:port/ http://h:99999/ \
                     http://h:0 http://h: http://[zz]/ http://[::1]x/ http://* http://h/中 http://中/";
        for url in
            ["", "http://a b", "http://h/a b", &long].into_iter().chain(wrong.split_whitespace())
        {
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
