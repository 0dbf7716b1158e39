//! What the service said, as it is kept.

use rtc_model::{ApiError, ErrorCode, ErrorDetail};

use crate::error::text::OneLine;
use crate::secrets::{MAX_REQUEST_ID, Secrets, mask_fields};

/// The most of a code that is kept, in bytes; documented ones have 11.
const MAX_CODE: usize = 64;
/// The most of a message that is kept, in bytes.
const MAX_MESSAGE: usize = 4 * 1024;

/// The most single errors that are kept.
const MAX_DETAILS: usize = 16;
/// An encoded reason that is longer is dropped, in bytes.
const MAX_ENCODED: usize = 16 * 1024;

/// The same error without secrets, each of its texts within a bound.
pub(super) fn bounded(error: &ApiError, secrets: &Secrets) -> ApiError {
    let code = secrets.mask_text(error.code().as_str(), MAX_CODE);
    // A code is a word, so it is shown as it stands.
    let code = ErrorCode::from(OneLine(&code).to_string());
    let message = mask_fields(&secrets.mask_text(error.message(), MAX_MESSAGE));
    let details = error.details().iter().take(MAX_DETAILS).map(|detail| {
        let code = secrets.mask_text(detail.code.as_str(), MAX_CODE);
        let message = mask_fields(&secrets.mask_text(&detail.message, MAX_MESSAGE));
        ErrorDetail::new(OneLine(&code).to_string().into(), message)
    });
    let mut bounded = ApiError::new(error.status(), code, message).with_details(details);
    if let Some(request_id) = error.request_id() {
        bounded = bounded.with_request_id(secrets.mask_text(request_id, MAX_REQUEST_ID));
    }
    // A part of it cannot be decoded.
    if let Some(encoded) = error.encoded_authorization_message().filter(|e| e.len() <= MAX_ENCODED)
    {
        let encoded = secrets.mask_text(encoded, MAX_ENCODED);
        bounded = bounded.with_encoded_authorization_message(encoded);
    }
    bounded
}
