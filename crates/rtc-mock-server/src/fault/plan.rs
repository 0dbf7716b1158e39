//! What the faults make of one request.

use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use rtc_model::{ApiError, ErrorCode};

use crate::fault::{FaultKind, FaultTime};
use crate::journal::FaultMark;

/// What becomes of an attempt to deliver a notification.
#[derive(Debug)]
pub(crate) struct DeliveryPlan {
    pub(crate) kind: FaultKind,
    pub(crate) mark: Arc<FaultMark>,
}

/// What the faults make of one request; without any, nothing.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    /// The fault that decides.
    pub(crate) mark: Option<Arc<FaultMark>>,
    /// Waited before the operation.
    pub(crate) before: Duration,
    /// Waited after it.
    pub(crate) after: Duration,
    /// What comes instead of the answer, or how it is spoilt.
    pub(crate) act: Option<(FaultTime, Act)>,
}

/// What comes instead of an answer, or how it is spoilt.
#[derive(Debug, Clone)]
pub(crate) enum Act {
    /// An error, with the seconds after which the caller may come back.
    Refuse(ApiError, Option<u64>),
    /// What happens to the bytes of the answer; the random number makes garbage.
    Stream(FaultKind, u64),
}

impl Act {
    /// What a kind does; a delay does nothing of its own.
    pub(super) fn of(kind: &FaultKind, random: &mut fastrand::Rng) -> Option<Self> {
        Some(match kind {
            FaultKind::Delay(_) => return None,
            FaultKind::Status { status, code } => Self::Refuse(error(*status, code.clone()), None),
            FaultKind::Throttle { retry_after } => {
                let seconds = retry_after.as_millis().div_ceil(1_000);
                let throttled = ApiError::documented(ErrorCode::GATEWAY_THROTTLED);
                Self::Refuse(throttled, u64::try_from(seconds).ok())
            }
            other => Self::Stream(other.clone(), random.u64(..)),
        })
    }
}

/// The error with the documented code and message of the status. A status that the documents do
/// not have gets the gateway's code for what it cannot pass on.
fn error(status: StatusCode, code: Option<ErrorCode>) -> ApiError {
    let code = code.unwrap_or(match status.as_u16() {
        400 | 404 => ErrorCode::INVALID_PARAMETER_VALUE,
        401 => ErrorCode::GATEWAY_INCORRECT_IAM_AUTHENTICATION,
        403 => ErrorCode::GATEWAY_IAM_USER_NOT_AUTHORIZED,
        405 => ErrorCode::GATEWAY_APP_QUOTA_USED_UP,
        429 => ErrorCode::GATEWAY_THROTTLED,
        500 => ErrorCode::DB_ERROR,
        503 => ErrorCode::GATEWAY_IAM_UNAVAILABLE,
        _ => ErrorCode::GATEWAY_REQUEST_ERROR,
    });
    let documented = code.documented().find(|row| row.status == status);
    let message = match documented.or_else(|| code.documented().next()) {
        Some(row) => row.message,
        None => status.canonical_reason().unwrap_or("an error that was asked for"),
    };
    ApiError::new(status, code, message)
}
