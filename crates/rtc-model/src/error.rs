//! What the service answers when it refuses, and what can go wrong in making and reading messages.

use std::borrow::Cow;

use http::StatusCode;

pub use self::api::{ApiError, ErrorDetail};
pub use self::code::{CodeOrigin, DocumentedError, ErrorCode};
pub use self::json::JsonError;
pub(crate) use self::json::read_json;
pub(crate) use self::lenient::read_lenient;
use crate::validate::{Violation, ViolationKind};

mod api;
mod code;
mod json;
mod lenient;

/// A request that cannot be made of its values.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EncodeError {
    /// A value cannot stand in the path.
    #[error("the path value {name} cannot be sent: {reason}")]
    PathValue {
        /// The variable of the path.
        name: &'static str,
        /// Why.
        reason: &'static str,
    },
    /// The body could not be written as JSON.
    #[error("the body cannot be written as JSON")]
    Json(#[source] JsonError),
    /// The endpoint and the path make no target.
    #[error(
        "the endpoint {endpoint:?} and the path make no request target; an endpoint looks like https://rtc-api.myhuaweicloud.com"
    )]
    Target {
        /// The endpoint that was given.
        endpoint: String,
        /// What the parts were refused for.
        #[source]
        source: http::Error,
    },
}

/// A request that cannot be read, seen from the server.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// Method and path are not of the operation.
    #[error("the path is not of this operation")]
    Route,
    /// A value in the path cannot be read.
    #[error("{name}: {reason}")]
    Path {
        /// The variable of the path.
        name: &'static str,
        /// Why.
        reason: &'static str,
    },
    /// A query parameter cannot be read.
    #[error("{name}: {reason}")]
    Query {
        /// The parameter.
        name: &'static str,
        /// Why.
        reason: Cow<'static, str>,
    },
    /// A body of another media type than `application/json`.
    #[error("the Content-Type is {found:?}; send application/json")]
    MediaType {
        /// What was sent.
        found: String,
    },
    /// The operation has a body and the request has none.
    #[error("the body is empty; a JSON object is expected")]
    EmptyBody,
    /// The body is no JSON, or holds a value of another JSON type than documented.
    #[error("the body is not the documented JSON")]
    Json(#[source] JsonError),
    /// A mandatory value is absent.
    #[error("{field} is mandatory and absent")]
    Missing {
        /// The place in the request.
        field: Cow<'static, str>,
    },
}

impl From<JsonError> for DecodeError {
    fn from(error: JsonError) -> Self {
        match error.missing_field() {
            Some(field) => Self::Missing { field: field.into() },
            None => Self::Json(error),
        }
    }
}

impl From<DecodeError> for ApiError {
    /// The answer that the service gives (decision D6): the message begins with the documented
    /// word and then says which field and why.
    fn from(error: DecodeError) -> Self {
        let code = match error {
            DecodeError::Route => return Self::documented(ErrorCode::GATEWAY_API_NOT_FOUND),
            DecodeError::Path { .. } | DecodeError::Query { .. } => {
                ErrorCode::INVALID_PARAMETER_VALUE
            }
            DecodeError::Missing { .. } => ErrorCode::MISSING_PARAMETER,
            DecodeError::MediaType { .. } | DecodeError::EmptyBody => {
                ErrorCode::MALFORMED_REQUEST_BODY
            }
            DecodeError::Json(json) if json.is_value() => {
                return Self::of(ErrorCode::INVALID_PARAMETER_VALUE, json);
            }
            DecodeError::Json(json) => {
                let detail = format_args!("json parsing failed: {json}");
                return Self::of(ErrorCode::MALFORMED_REQUEST_BODY, detail);
            }
        };
        Self::of(code, error)
    }
}

impl From<Violation> for ApiError {
    fn from(violation: Violation) -> Self {
        let code = match violation.kind() {
            ViolationKind::Missing => ErrorCode::MISSING_PARAMETER,
            ViolationKind::Value => ErrorCode::INVALID_PARAMETER_VALUE,
            ViolationKind::Combination => ErrorCode::INVALID_PARAMETER_COMBINATION,
        };
        Self::of(code, violation)
    }
}

/// An answer that is not the documented success, seen from the client.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReplyError {
    /// The service or its gateway refused, in one of its own forms.
    #[error("the service answered {0}")]
    Api(ApiError),
    /// A status of failure whose body is in no form of the service.
    #[error("the answer has status {status} and no error body of the service")]
    Unrecognized {
        /// The status of the answer.
        status: StatusCode,
    },
    /// A status that the operation does not document, such as a redirect.
    #[error("the answer has status {status}, which the operation does not document")]
    UndocumentedStatus {
        /// The status of the answer.
        status: StatusCode,
    },
    /// The status says success, but the body is not the documented one.
    #[error("the answer has status {status}, but its body cannot be read")]
    Body {
        /// The status of the answer.
        status: StatusCode,
        /// What was found, and where.
        #[source]
        source: JsonError,
    },
}
