//! The error body of the service and its gateway.

use std::fmt;

use http::StatusCode;
use serde::ser::SerializeStruct as _;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

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
    /// As a rule there is none of these.
    more: Option<Box<More>>,
}

/// What IAM and the gateways of other services add.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct More {
    encoded_authorization_message: Option<String>,
    details: Vec<ErrorDetail>,
}

/// One of the single errors that a refusal lists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ErrorDetail {
    /// The error code.
    #[serde(rename = "error_code")]
    pub code: ErrorCode,
    /// The message.
    #[serde(rename = "error_msg")]
    pub message: String,
}

impl ErrorDetail {
    /// Makes one of a code and a message.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}

/// How often an object of an error body may stand in another.
const MAX_DEPTH: usize = 8;
/// A longer body is not searched for an error, in bytes.
const MAX_BODY: usize = 1024 * 1024;

impl ApiError {
    /// Makes an error of a status, a code and a message.
    pub fn new(status: StatusCode, code: ErrorCode, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), request_id: None, more: None }
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

    /// Adds the text that tells why a policy forbids the call.
    #[must_use]
    pub fn with_encoded_authorization_message(mut self, encoded: impl Into<String>) -> Self {
        self.more.get_or_insert_default().encoded_authorization_message = Some(encoded.into());
        self
    }

    /// Adds single errors.
    #[must_use]
    pub fn with_details(mut self, details: impl IntoIterator<Item = ErrorDetail>) -> Self {
        let mut details = details.into_iter().peekable();
        if details.peek().is_some() {
            self.more.get_or_insert_default().details.extend(details);
        }
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

    /// What the API `DecodeAuthorizationMessage` of the service STS makes a reason of, where a policy
    /// of the account forbids the call.
    pub fn encoded_authorization_message(&self) -> Option<&str> {
        self.more.as_ref()?.encoded_authorization_message.as_deref()
    }

    /// The single errors, where the body lists them.
    pub fn details(&self) -> &[ErrorDetail] {
        self.more.as_ref().map_or(&[], |more| &more.details)
    }

    /// Reads an error body in any form that the official SDKs read: a code named `error_code`,
    /// `errorCode` or `code` beside a message named `error_msg`, `errorMsg` or `message`, at the top
    /// or in an object of the body, the outermost first. `None` when there is no such pair, or the
    /// body is longer than 1 MiB.
    ///
    /// ```
    /// use rtc_model::ApiError;
    ///
    /// let body = br#"{"error":{"code":401,"message":"wrong password","title":"Unauthorized"}}"#;
    /// let error = ApiError::from_body(http::StatusCode::UNAUTHORIZED, body).unwrap();
    /// assert_eq!(error.to_string(), "401 401: wrong password");
    /// ```
    pub fn from_body(status: StatusCode, body: &[u8]) -> Option<Self> {
        if body.len() > MAX_BODY {
            return None;
        }
        let Ok(Value::Object(top)) = serde_json::from_slice::<Value>(body) else {
            return None;
        };
        let mut level = vec![&top];
        for _ in 0..MAX_DEPTH {
            if let Some(error) = level.iter().find_map(|object| Self::of_object(status, object)) {
                let request_id = string(&top, "request_id");
                return Some(Self { request_id, ..error });
            }
            level =
                level.iter().flat_map(|one| one.values()).filter_map(Value::as_object).collect();
        }
        None
    }

    fn of_object(status: StatusCode, object: &Map<String, Value>) -> Option<Self> {
        let (code, message) = pair(object)?;
        let details = object.get("details").and_then(Value::as_array).into_iter().flatten();
        let details = details.filter_map(Value::as_object).filter_map(pair);
        let details = details.map(|(code, message)| ErrorDetail::new(code.into(), message));
        let error = Self::new(status, code.into(), message).with_details(details);
        Some(match string(object, "encoded_authorization_message") {
            Some(encoded) => error.with_encoded_authorization_message(encoded),
            None => error,
        })
    }
}

/// The code and the message of an object.
fn pair(object: &Map<String, Value>) -> Option<(String, String)> {
    let find = |names: [&str; 3]| names.iter().find_map(|name| text(object.get(*name)?));
    let code = find(["error_code", "errorCode", "code"])?;
    Some((code, find(["error_msg", "errorMsg", "message"])?))
}

fn string(object: &Map<String, Value>, name: &str) -> Option<String> {
    object.get(name).and_then(Value::as_str).map(str::to_owned)
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
        let encoded = self.encoded_authorization_message();
        let count = 2
            + usize::from(self.request_id.is_some())
            + usize::from(encoded.is_some())
            + usize::from(!self.details().is_empty());
        let mut body = serializer.serialize_struct("ApiError", count)?;
        body.serialize_field("error_code", &self.code)?;
        body.serialize_field("error_msg", &self.message)?;
        if let Some(request_id) = &self.request_id {
            body.serialize_field("request_id", request_id)?;
        }
        if let Some(encoded) = encoded {
            body.serialize_field("encoded_authorization_message", encoded)?;
        }
        if !self.details().is_empty() {
            body.serialize_field("details", self.details())?;
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
            r#"{"errorCode":"RTC.00001003","message":"m"}"#,
            r#"{"a":1,"b":{"c":{"error":{"error_code":"RTC.00001003","error_msg":"m"}}}}"#,
            r#"{"x":{"code":"inner","message":"n"},"code":"RTC.00001003","message":"m"}"#,
        ] {
            let error = ApiError::from_body(StatusCode::BAD_REQUEST, body.as_bytes()).unwrap();
            assert_eq!((error.code().as_str(), error.message()), ("RTC.00001003", "m"), "{body}");
        }
        let iam = br#"{"error":{"code":401,"message":"m","title":"Unauthorized"}}"#;
        let error = ApiError::from_body(StatusCode::UNAUTHORIZED, iam).unwrap();
        assert_eq!(error.code().as_str(), "401");
    }

    #[test]
    fn what_other_services_add_is_kept() {
        let body = br#"{"error_code":"PAP5.0001","error_msg":"m","request_id":"r1","encoded_authorization_message":"e","details":[{"error_code":"A.1","error_msg":"n"}]}"#;
        let error = ApiError::from_body(StatusCode::FORBIDDEN, body).unwrap();
        assert_eq!(error.encoded_authorization_message(), Some("e"));
        let [detail] = error.details() else { panic!("there is one") };
        assert_eq!((detail.code.as_str(), detail.message.as_str()), ("A.1", "n"));
        let again = serde_json::to_vec(&error).unwrap();
        assert_eq!(ApiError::from_body(StatusCode::FORBIDDEN, &again), Some(error));
    }

    #[test]
    fn what_is_too_deep_or_too_long_is_not_searched() {
        let error = r#"{"code":"A.1","message":"m"}"#;
        let within = |depth| {
            let body = format!("{}{error}{}", r#"{"a":"#.repeat(depth), "}".repeat(depth));
            ApiError::from_body(StatusCode::BAD_REQUEST, body.as_bytes()).is_some()
        };
        assert!(within(MAX_DEPTH - 1) && !within(MAX_DEPTH));
        let padded = |len| {
            let body = format!("{error}{}", " ".repeat(len - error.len()));
            ApiError::from_body(StatusCode::BAD_REQUEST, body.as_bytes()).is_some()
        };
        assert!(padded(MAX_BODY) && !padded(MAX_BODY + 1));
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
