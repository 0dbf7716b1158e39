//! What the service said, as it is kept.

use rtc_model::{ApiError, ErrorCode};

use crate::error::text::OneLine;
use crate::secrets::{MAX_REQUEST_ID, Secrets, mask_fields};

/// The most of a code that is kept, in bytes; documented ones have 11.
const MAX_CODE: usize = 64;
/// The most of a message that is kept, in bytes.
const MAX_MESSAGE: usize = 4 * 1024;

/// The same error without secrets, each of its texts within a bound.
pub(super) fn bounded(error: &ApiError, secrets: &Secrets) -> ApiError {
    let code = secrets.mask_text(error.code().as_str(), MAX_CODE);
    // A code is a word, so it is shown as it stands.
    let code = ErrorCode::from(OneLine(&code).to_string());
    let message = mask_fields(&secrets.mask_text(error.message(), MAX_MESSAGE));
    let bounded = ApiError::new(error.status(), code, message);
    match error.request_id() {
        Some(request_id) => bounded.with_request_id(secrets.mask_text(request_id, MAX_REQUEST_ID)),
        None => bounded,
    }
}
