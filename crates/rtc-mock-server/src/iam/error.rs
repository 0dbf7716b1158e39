//! What IAM refuses, in its own nested form.

use bytes::Bytes;
use http::{Response, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::json;

/// A refusal by IAM.
#[derive(Debug)]
pub(super) struct IamError {
    status: StatusCode,
    message: String,
}

impl IamError {
    pub(super) fn bad_request(message: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, message: message.into() }
    }

    pub(super) fn unauthorized(message: impl Into<String>) -> Self {
        Self { status: StatusCode::UNAUTHORIZED, message: message.into() }
    }

    /// Where no secret can be made.
    pub(super) fn unavailable() -> Self {
        let message = "the system has no randomness to give".to_owned();
        Self { status: StatusCode::SERVICE_UNAVAILABLE, message }
    }

    pub(super) fn response(&self) -> Response<Bytes> {
        let error = json!({
            "code": self.status.as_u16(),
            "message": self.message,
            "title": self.status.canonical_reason(),
        });
        super::reply(self.status, &json!({ "error": error }))
    }
}

/// Reads a body. The message never repeats a value: it may be a password.
pub(super) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, IamError> {
    let mut reader = serde_json::Deserializer::from_slice(body);
    serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let (path, inner) = (error.path().to_string(), error.inner());
        let reason = match inner.classify() {
            serde_json::error::Category::Data => {
                "a value of another type was expected, or one is absent"
            }
            _ => "this is no JSON",
        };
        let (line, column) = (inner.line(), inner.column());
        IamError::bad_request(format!("{path}: {reason} (line {line}, column {column})"))
    })
}
