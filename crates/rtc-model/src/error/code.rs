//! The table of error codes (page "Error Codes"; gateway codes of the API gateway's user guide).

use std::borrow::Cow;
use std::fmt;

use http::StatusCode;
use serde::{Serialize, Serializer};

/// An error code such as `RTC.00001003`. The set is open: any text is held.
///
/// The gateway writes its codes with the prefix `APIGW.`, in some regions `APIG.`; both are equal
/// here, and the text is kept as it came.
///
/// ```
/// use rtc_model::ErrorCode;
///
/// assert_eq!(ErrorCode::from("APIG.0301"), ErrorCode::GATEWAY_INCORRECT_IAM_AUTHENTICATION);
/// ```
#[derive(Clone)]
pub struct ErrorCode(Cow<'static, str>);

/// Where a code comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum CodeOrigin {
    /// The RTC service.
    Service,
    /// The API gateway in front of it.
    Gateway,
    /// Another service, IAM for instance, or a code that is not known.
    Other,
}

/// A row of the documented table: a code with a status and the text that goes with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct DocumentedError {
    /// The code.
    pub code: &'static str,
    /// The HTTP status.
    pub status: StatusCode,
    /// The documented message.
    pub message: &'static str,
}

impl DocumentedError {
    /// The word with which the message begins, such as `MissingParameter`.
    pub fn word(&self) -> &'static str {
        self.message.split_once(':').map_or(self.message, |(word, _)| word)
    }
}

macro_rules! error_codes {
    ($($(#[$meta:meta])* $name:ident = $code:literal { $($status:ident $message:literal),+ })*) => {
        impl ErrorCode {
            $(
                $(#[$meta])*
                #[doc = concat!("\n\n`", $code, "`")]
                pub const $name: Self = Self(Cow::Borrowed($code));
            )*
        }

        /// Every documented row; a code with several statuses has several.
        static TABLE: &[DocumentedError] = &[
            $($(DocumentedError {
                code: $code,
                status: StatusCode::$status,
                message: $message,
            },)+)*
        ];
    };
}

error_codes! {
    /// The token holds no domain id.
    OPERATION_UNAUTHORIZED = "RTC.00001001" { BAD_REQUEST "OperationUnauthorized: get DomainID fail please check X-Auth-Token or AK/SK" }
    /// The body is no JSON, or not the documented object.
    MALFORMED_REQUEST_BODY = "RTC.00001002" { BAD_REQUEST "MalformedRequestBody: json parsing failed" }
    /// A value is not allowed; with status 404: what is addressed does not exist.
    INVALID_PARAMETER_VALUE = "RTC.00001003" { BAD_REQUEST "InvalidParameterValue" }
    /// Values do not go together.
    INVALID_PARAMETER_COMBINATION = "RTC.00001004" { BAD_REQUEST "InvalidParameterCombination" }
    /// A mandatory value is absent.
    MISSING_PARAMETER = "RTC.00001005" { BAD_REQUEST "MissingParameter" }
    /// A job of this kind exists and is not over.
    JOB_RUNNING = "RTC.00001006" { BAD_REQUEST "JobRunning: job exists and is not over" }
    /// Too many jobs.
    JOB_EXCEED = "RTC.00001007" { BAD_REQUEST "JobExceed" }
    /// The job is cancelled or complete.
    JOB_DONE = "RTC.00001009" { BAD_REQUEST "JobDone: task canceled or completed" }
    /// The layout template is not known.
    LAYOUT_TEMPLATE_NOT_EXIST = "RTC.00001010" { BAD_REQUEST "LayoutTemplateNotExist: layout template not exist under your app" }
    /// The region is not served.
    UNSUPPORTED_REGION = "RTC.00001012" { BAD_REQUEST "UnsupportRegion: rtc does not provide services in the region" }
    /// The rule may not be deleted.
    RULE_FORBIDDEN_DELETE = "RTC.00001013" { BAD_REQUEST "RuleForbidenDelete: rule is associated with backup rule" }
    /// The app is stopped.
    APP_DEACTIVATION = "RTC.00001016" { BAD_REQUEST "AppDeactivation: app is stopped" }
    /// Too many apps; 20 by default.
    APPS_EXCEED = "RTC.00001017" { BAD_REQUEST "AppsExceed: app num exceed" }
    /// The callback URL cannot be reached.
    URL_UNAVAILABLE = "RTC.00001018" { BAD_REQUEST "URL unavailable: The callback URL is unavailable." }
    /// The rule exists; delete it first.
    RECORD_RULE_EXIST = "RTC.00001019" { BAD_REQUEST "RecordRuleExist: record rule of the app exists" }
    /// The app name is taken.
    APP_EXIST = "RTC.00001020" { BAD_REQUEST "AppExist: app exists" }
    /// An IAM policy refuses.
    NO_PERMISSION = "RTC.00001021" { BAD_REQUEST "NoPermission: policy doesn't allow action to be performed" }
    /// The job is not yet initialized; wait.
    JOB_NOT_INITIALIZED = "RTC.00001022" { BAD_REQUEST "job is not initialized" }
    /// A fault of the id generator.
    GENERATOR_ID_ERROR = "RTC.00002001" { INTERNAL_SERVER_ERROR "InternalError.GeneratorIDError" }
    /// A fault of the database.
    DB_ERROR = "RTC.00002002" { INTERNAL_SERVER_ERROR "InternalError.DbErr" }
    /// A fault of the media input.
    TRANSCODE_4XX_ERROR = "RTC.00002003" { INTERNAL_SERVER_ERROR "InternalError.Transcode4xxError" }

    /// Method and path are no API.
    GATEWAY_API_NOT_FOUND = "APIGW.0101" { NOT_FOUND "The API does not exist or has not been published in the environment." }
    /// The backend does not exist.
    GATEWAY_BACKEND_NOT_FOUND = "APIGW.0103" { INTERNAL_SERVER_ERROR "The backend does not exist." }
    /// The plug-ins do not exist.
    GATEWAY_PLUGINS_NOT_FOUND = "APIGW.0104" { INTERNAL_SERVER_ERROR "The plug-ins do not exist." }
    /// The backend configurations do not exist.
    GATEWAY_BACKEND_CONFIGURATIONS_NOT_FOUND = "APIGW.0105" { INTERNAL_SERVER_ERROR "The backend configurations do not exist." }
    /// An orchestration error.
    GATEWAY_ORCHESTRATION_ERROR = "APIGW.0106" { BAD_REQUEST "Orchestration error." }
    /// The request cannot be passed on; the status says why.
    GATEWAY_REQUEST_ERROR = "APIGW.0201" {
        BAD_REQUEST "API request error.",
        PAYLOAD_TOO_LARGE "Request entity too large.",
        URI_TOO_LONG "Request URI too large.",
        BAD_GATEWAY "Backend unavailable.",
        GATEWAY_TIMEOUT "Backend timeout.",
        INTERNAL_SERVER_ERROR "An unexpected error occurred"
    }
    /// The SSL protocol is not supported.
    GATEWAY_SSL_NOT_SUPPORTED = "APIGW.0204" { BAD_REQUEST "SSL protocol is not supported" }
    /// The signature or the token is wrong.
    GATEWAY_INCORRECT_IAM_AUTHENTICATION = "APIGW.0301" { UNAUTHORIZED "Incorrect IAM authentication information" }
    /// The IAM user may not call the API, or the project is not the user's.
    GATEWAY_IAM_USER_NOT_AUTHORIZED = "APIGW.0302" { FORBIDDEN "The IAM user is not authorized to access the API." }
    /// The app authentication is wrong.
    GATEWAY_INCORRECT_APP_AUTHENTICATION = "APIGW.0303" { UNAUTHORIZED "Incorrect app authentication information." }
    /// The app may not call the API.
    GATEWAY_APP_NOT_AUTHORIZED = "APIGW.0304" { FORBIDDEN "The app is not authorized to access the API." }
    /// The authentication is wrong.
    GATEWAY_INCORRECT_AUTHENTICATION = "APIGW.0305" { UNAUTHORIZED "Incorrect authentication information." }
    /// Access is denied.
    GATEWAY_ACCESS_DENIED = "APIGW.0306" { FORBIDDEN "API access denied." }
    /// The token is expired.
    GATEWAY_TOKEN_MUST_BE_UPDATED = "APIGW.0307" { UNAUTHORIZED "The token must be updated." }
    /// Too many calls.
    GATEWAY_THROTTLED = "APIGW.0308" { TOO_MANY_REQUESTS "The throttling threshold has been reached." }
    /// The project is unavailable.
    GATEWAY_PROJECT_UNAVAILABLE = "APIGW.0310" { FORBIDDEN "The project is unavailable." }
    /// The debugging authentication is wrong.
    GATEWAY_INCORRECT_DEBUGGING_AUTHENTICATION = "APIGW.0311" { UNAUTHORIZED "Incorrect debugging authentication information." }
    /// The client's address is not known.
    GATEWAY_UNKNOWN_CLIENT_IP = "APIGW.0401" { FORBIDDEN "Unknown client IP address." }
    /// The client's address is not authorized.
    GATEWAY_CLIENT_IP_NOT_AUTHORIZED = "APIGW.0402" { FORBIDDEN "The IP address is not authorized." }
    /// The backend's address is denied.
    GATEWAY_BACKEND_IP_DENIED = "APIGW.0404" { FORBIDDEN "Access to the backend IP address has been denied." }
    /// The app's quota is used up.
    GATEWAY_APP_QUOTA_USED_UP = "APIGW.0501" { METHOD_NOT_ALLOWED "The app quota has been used up." }
    /// The app is frozen.
    GATEWAY_APP_FROZEN = "APIGW.0502" { METHOD_NOT_ALLOWED "The app has been frozen." }
    /// A fault of the gateway.
    GATEWAY_INTERNAL_ERROR = "APIGW.0601" { INTERNAL_SERVER_ERROR "Internal server error." }
    /// A bad request.
    GATEWAY_BAD_REQUEST = "APIGW.0602" { BAD_REQUEST "Bad request." }
    /// Another protocol is wanted.
    GATEWAY_UNSUPPORTED_PROTOCOL = "APIGW.0607" { BAD_REQUEST "The following protocol is supported" }
    /// No backend is there.
    GATEWAY_NO_BACKEND = "APIGW.0610" { BAD_GATEWAY "No backend available." }
    /// IAM is unavailable.
    GATEWAY_IAM_UNAVAILABLE = "APIGW.0613" { SERVICE_UNAVAILABLE "The IAM service is currently unavailable." }
    /// The IAM user is forbidden in the region.
    GATEWAY_IAM_USER_FORBIDDEN = "APIGW.0802" { FORBIDDEN "The IAM user is forbidden in the currently selected region" }
}

impl ErrorCode {
    /// The documented table, service codes first.
    pub fn table() -> &'static [DocumentedError] {
        TABLE
    }

    /// The code as it came, or as it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The documented rows of this code; none for a code that is not in the table.
    pub fn documented(&self) -> impl Iterator<Item = &'static DocumentedError> {
        let key = self.key();
        TABLE.iter().filter(move |row| key_of(row.code) == key)
    }

    /// Where the code comes from.
    pub fn origin(&self) -> CodeOrigin {
        match self.key() {
            (CodeOrigin::Other, text) if text.starts_with("RTC.") => CodeOrigin::Service,
            (origin, _) => origin,
        }
    }

    fn key(&self) -> (CodeOrigin, &str) {
        key_of(&self.0)
    }
}

/// Gateway codes are compared by their number.
fn key_of(code: &str) -> (CodeOrigin, &str) {
    match code.strip_prefix("APIGW.").or_else(|| code.strip_prefix("APIG.")) {
        Some(number) => (CodeOrigin::Gateway, number),
        None => (CodeOrigin::Other, code),
    }
}

impl PartialEq for ErrorCode {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for ErrorCode {}

impl From<&str> for ErrorCode {
    fn from(code: &str) -> Self {
        Self::from(code.to_owned())
    }
}

impl From<String> for ErrorCode {
    fn from(code: String) -> Self {
        Self(Cow::Owned(code))
    }
}

impl fmt::Debug for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ErrorCode({})", self.0)
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for ErrorCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_prefixes_of_the_gateway_are_one_code() {
        assert_eq!(ErrorCode::from("APIG.0308"), ErrorCode::GATEWAY_THROTTLED);
        assert_eq!(ErrorCode::from("APIG.0308").as_str(), "APIG.0308");
        assert_ne!(ErrorCode::from("0308"), ErrorCode::GATEWAY_THROTTLED);
    }

    #[test]
    fn origins_are_told_apart() {
        assert_eq!(ErrorCode::JOB_DONE.origin(), CodeOrigin::Service);
        assert_eq!(ErrorCode::from("APIG.0101").origin(), CodeOrigin::Gateway);
        assert_eq!(ErrorCode::from("401").origin(), CodeOrigin::Other);
    }

    #[test]
    fn service_codes_from_1001_to_1022_are_all_400() {
        let rows = ErrorCode::table().iter().filter(|row| row.code.starts_with("RTC.00001"));
        let statuses: Vec<_> = rows.map(|row| row.status.as_u16()).collect();
        assert_eq!(statuses, vec![400; 18]);
    }

    #[test]
    fn the_word_of_a_message_is_what_stands_before_the_colon() {
        let word = |code: ErrorCode| code.documented().next().unwrap().word();
        assert_eq!(word(ErrorCode::MALFORMED_REQUEST_BODY), "MalformedRequestBody");
        assert_eq!(word(ErrorCode::MISSING_PARAMETER), "MissingParameter");
        assert_eq!(ErrorCode::GATEWAY_REQUEST_ERROR.documented().count(), 6);
    }
}
