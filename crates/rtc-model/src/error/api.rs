//! The error body of the service and its gateway.

use std::fmt;

use http::StatusCode;
use serde::ser::SerializeStruct as _;
use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::error::ErrorCode;

/// A refusal by the service or by the gateway before it.
///
/// The service writes `{"error_code", "error_msg"}`; the gateway adds `request_id`. "Not found" is
/// told by the status: the service sends 404 with the code of a wrong value (decision D5).
///
/// ```
/// use rtc_model::{ApiError, ErrorCode};
///
/// let error = ApiError::of(ErrorCode::MISSING_PARAMETER, "url is mandatory and absent");
/// assert_eq!(error.status().as_u16(), 400);
/// assert_eq!(error.code(), &ErrorCode::MISSING_PARAMETER);
/// assert_eq!(error.message(), "MissingParameter: url is mandatory and absent");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiError {
    status: StatusCode,
    code: ErrorCode,
    message: String,
    request_id: Option<String>,
}

impl ApiError {
    /// Makes an error of a status, a code and a message.
    pub fn new(status: StatusCode, code: ErrorCode, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), request_id: None }
    }

    /// Makes an error of a documented code: its status, and a message that begins with its
    /// documented word and then gives `detail`.
    pub fn of(code: ErrorCode, detail: impl fmt::Display) -> Self {
        let documented = code.documented().next();
        let status = documented.map_or(StatusCode::INTERNAL_SERVER_ERROR, |row| row.status);
        let word = documented.map_or("", |row| row.word());
        let message =
            if word.is_empty() { detail.to_string() } else { format!("{word}: {detail}") };
        Self::new(status, code, message)
    }

    /// Makes an error with the documented status and message of `code`, word for word; the first
    /// documented row where there are several.
    pub fn documented(code: ErrorCode) -> Self {
        let row = code.documented().next();
        let status = row.map_or(StatusCode::INTERNAL_SERVER_ERROR, |row| row.status);
        Self::new(status, code, row.map_or("", |row| row.message))
    }

    /// Makes an error with the documented message that `code` has with `status`.
    pub fn documented_as(status: StatusCode, code: ErrorCode) -> Self {
        let row = code.documented().find(|row| row.status == status);
        Self::new(status, code, row.map_or("", |row| row.message))
    }

    /// "Not found": status 404 with `RTC.00001003` (decision D5). `what` names it.
    pub fn not_found(what: impl fmt::Display) -> Self {
        Self { status: StatusCode::NOT_FOUND, ..Self::of(ErrorCode::INVALID_PARAMETER_VALUE, what) }
    }

    /// Adds the request id that gateway bodies carry.
    #[must_use]
    pub fn with_request_id(mut self, request_id: impl Into<String>) -> Self {
        self.request_id = Some(request_id.into());
        self
    }

    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The error code.
    pub fn code(&self) -> &ErrorCode {
        &self.code
    }

    /// The message; its text may change, the code does not.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The request id in the body; only the gateway's bodies have one.
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }

    /// Reads an error body in any form that the service, its gateway or IAM are known to send:
    /// `error_code` and `error_msg`, `errorCode` and `errorMsg`, `code` and `message`, at the top
    /// or in an object of the body. `None` when there is no such pair.
    pub fn from_body(status: StatusCode, body: &[u8]) -> Option<Self> {
        const NAMES: [(&str, &str); 3] =
            [("error_code", "error_msg"), ("errorCode", "errorMsg"), ("code", "message")];
        let Ok(Value::Object(top)) = serde_json::from_slice::<Value>(body) else {
            return None;
        };
        let nested = top.values().filter_map(Value::as_object);
        std::iter::once(&top).chain(nested).find_map(|object| {
            let (code, message) = NAMES.iter().find_map(|(code, message)| {
                Some((text(object.get(*code)?)?, text(object.get(*message)?)?))
            })?;
            let request_id = top.get("request_id").and_then(Value::as_str).map(str::to_owned);
            Some(Self { status, code: ErrorCode::from(code), message, request_id })
        })
    }
}

/// IAM's codes are numbers.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Control characters are escaped: the text comes from elsewhere and may go into a log.
impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: ", self.status.as_u16(), self.code)?;
        for c in self.message.chars() {
            if c.is_control() { write!(f, "{}", c.escape_default())? } else { write!(f, "{c}")? }
        }
        Ok(())
    }
}

impl std::error::Error for ApiError {}

impl Serialize for ApiError {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let count = 2 + usize::from(self.request_id.is_some());
        let mut body = serializer.serialize_struct("ApiError", count)?;
        body.serialize_field("error_code", &self.code)?;
        body.serialize_field("error_msg", &self.message)?;
        if let Some(request_id) = &self.request_id {
            body.serialize_field("request_id", request_id)?;
        }
        body.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_form_of_an_error_body_is_read() {
        for body in [
            r#"{"error_code":"RTC.00001003","error_msg":"m"}"#,
            r#"{"errorCode":"RTC.00001003","errorMsg":"m"}"#,
            r#"{"code":"RTC.00001003","message":"m"}"#,
            r#"{"error":{"code":"RTC.00001003","message":"m","title":"t"}}"#,
        ] {
            let error = ApiError::from_body(StatusCode::BAD_REQUEST, body.as_bytes()).unwrap();
            assert_eq!((error.code().as_str(), error.message()), ("RTC.00001003", "m"), "{body}");
        }
        let iam = br#"{"error":{"code":401,"message":"m","title":"Unauthorized"}}"#;
        let error = ApiError::from_body(StatusCode::UNAUTHORIZED, iam).unwrap();
        assert_eq!(error.code().as_str(), "401");
    }

    #[test]
    fn a_gateway_body_keeps_its_request_id() {
        let body = br#"{"error_msg":"m","error_code":"APIGW.0301","request_id":"r1"}"#;
        let error = ApiError::from_body(StatusCode::UNAUTHORIZED, body).unwrap();
        assert_eq!(error.request_id(), Some("r1"));
        let again = serde_json::to_value(&error).unwrap();
        assert_eq!(again, serde_json::from_slice::<Value>(body).unwrap());
    }

    #[test]
    fn other_bodies_are_not_taken_for_errors_of_the_service() {
        for body in ["", "<html>", "[]", "{}", r#"{"error_code":null,"error_msg":"m"}"#, "\"x\""] {
            assert_eq!(
                ApiError::from_body(StatusCode::BAD_GATEWAY, body.as_bytes()),
                None,
                "{body}"
            );
        }
    }

    #[test]
    fn a_message_cannot_write_into_a_terminal() {
        let error = ApiError::new(StatusCode::BAD_REQUEST, "X".into(), "a\n\u{1b}[31mb中");
        assert_eq!(error.to_string(), "400 X: a\\n\\u{1b}[31mb中");
    }

    #[test]
    fn not_found_has_the_code_of_a_wrong_value_and_the_status_404() {
        let error = ApiError::not_found("app a1 does not exist");
        assert_eq!(
            error.to_string(),
            "404 RTC.00001003: InvalidParameterValue: app a1 does not exist"
        );
    }
}
