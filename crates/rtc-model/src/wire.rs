//! The four functions between values and messages, and the only places where a message is made or
//! read.
//!
//! | | client | server |
//! |---|---|---|
//! | request | [`encode_request`] | [`decode_request`] |
//! | answer | [`decode_reply`], [`decode_refusal`] | [`encode_reply`], [`encode_error`] |

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use http::request::Parts;
use http::uri::PathAndQuery;
use http::{Request, Response, StatusCode, Uri};

use crate::error::{ApiError, DecodeError, EncodeError, ErrorCode, ReplyError, read_json};
use crate::operation::{BodyKind, Operation, Output};
use crate::query::{QueryReader, QueryWriter};

/// The header that carries the request id on every answer. The reference writes `X-request-Id`.
pub const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// The header that carries the project; mandatory with AK/SK authentication.
pub const X_PROJECT_ID: HeaderName = HeaderName::from_static("x-project-id");
/// The header that carries a user token.
pub const X_AUTH_TOKEN: HeaderName = HeaderName::from_static("x-auth-token");

/// The headers of a signed request without a body, which fit into a map of the smallest size.
const HEADERS: usize = 6;
const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// Makes the request of `operation` for the service at `endpoint` (scheme, authority and, if any, a
/// path prefix).
///
/// `Content-Type` is set, since the reference makes it mandatory on every request; what belongs to
/// authentication is not.
pub fn encode_request<O: Operation>(
    operation: &O,
    endpoint: &Uri,
) -> Result<Request<Bytes>, EncodeError> {
    let (prefix, values) = (endpoint.path().trim_end_matches('/'), operation.path_values());
    // A text without room to spare becomes `Bytes` as it is.
    let mut target = String::with_capacity(prefix.len() + O::META.path.plain_len(&values));
    target.push_str(prefix);
    O::META.path.render_to(&values, &mut target)?;
    let mut query = QueryWriter::new();
    operation.write_query(&mut query);
    if let Some(query) = query.finish() {
        target.reserve_exact(1 + query.len());
        target.push('?');
        target.push_str(&query);
    }
    let body = match operation.body() {
        Some(body) => {
            Bytes::from(serde_json::to_vec(body).map_err(|error| EncodeError::Json(error.into()))?)
        }
        None => Bytes::new(),
    };
    let refuse = |source| EncodeError::Target { endpoint: endpoint.to_string(), source };
    let target = PathAndQuery::try_from(target).map_err(|error| refuse(error.into()))?;
    let mut uri = endpoint.clone().into_parts();
    uri.path_and_query = Some(target);
    let mut request = Request::new(body);
    *request.uri_mut() = Uri::from_parts(uri).map_err(|error| refuse(error.into()))?;
    *request.method_mut() = O::META.method;
    // Room for what authentication and transport add.
    let headers = HEADERS + usize::from(!request.body().is_empty());
    request.headers_mut().reserve(headers);
    request.headers_mut().insert(CONTENT_TYPE, JSON);
    Ok(request)
}

/// Reads a request of the operation `O`: the inverse of [`encode_request`].
///
/// Documented limits are not checked here; see [`Operation::validate`]. A body that the operation
/// does not document is ignored.
pub fn decode_request<O: Operation>(head: &Parts, body: &[u8]) -> Result<O, DecodeError> {
    let path = O::META.path.capture(head.uri.path()).ok_or(DecodeError::Route)?;
    if head.method != O::META.method {
        return Err(DecodeError::Route);
    }
    let query = QueryReader::new(head.uri.query());
    let body = match O::META.body {
        BodyKind::None => None,
        BodyKind::Json => {
            require_json(&head.headers)?;
            if body.is_empty() {
                return Err(DecodeError::EmptyBody);
            }
            Some(read_json(body)?)
        }
    };
    O::from_parts(&path, &query, body)
}

/// Makes the answer of a request that succeeded.
pub fn encode_reply<O: Operation>(output: &O::Output, request_id: &str) -> Response<Bytes> {
    let status = output.status(O::META.success);
    let body = match output.to_json() {
        None => None,
        Some(Ok(body)) => Some(body),
        // No output can fail to be written: their maps have text keys only. Should one, then the
        // answer says so rather than the server.
        Some(Err(error)) => {
            let fault = ApiError::of(ErrorCode::GATEWAY_INTERNAL_ERROR, error);
            return encode_error(&fault, request_id);
        }
    };
    reply(status, body, request_id)
}

/// Makes the answer of a request that was refused.
pub fn encode_error(error: &ApiError, request_id: &str) -> Response<Bytes> {
    // Writing two or three texts as JSON does not fail.
    let body = serde_json::to_vec(error).unwrap_or_default();
    reply(error.status(), Some(body), request_id)
}

/// Reads the answer to a request of the operation `O`.
pub fn decode_reply<O: Operation>(
    status: StatusCode,
    body: &[u8],
) -> Result<O::Output, ReplyError> {
    if O::META.success.contains(&status) {
        return O::Output::from_json(status, body)
            .map_err(|source| ReplyError::Body { status, source });
    }
    Err(decode_refusal(status, body))
}

/// Reads an answer whose status is none of the operation's successes: the part of [`decode_reply`]
/// that is the same for all operations.
pub fn decode_refusal(status: StatusCode, body: &[u8]) -> ReplyError {
    if !status.is_client_error() && !status.is_server_error() {
        return ReplyError::UndocumentedStatus { status };
    }
    match ApiError::from_body(status, body) {
        Some(error) => ReplyError::Api(error),
        None => ReplyError::Unrecognized { status },
    }
}

fn reply(status: StatusCode, body: Option<Vec<u8>>, request_id: &str) -> Response<Bytes> {
    let has_body = body.is_some();
    let mut response = Response::new(Bytes::from(body.unwrap_or_default()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    if has_body {
        headers.insert(CONTENT_TYPE, JSON);
    }
    if let Ok(value) = HeaderValue::from_str(request_id) {
        headers.insert(X_REQUEST_ID, value);
    }
    response
}

/// A missing Content-Type is accepted, another one than JSON is not (decision D25).
fn require_json(headers: &HeaderMap) -> Result<(), DecodeError> {
    let Some(value) = headers.get(CONTENT_TYPE) else {
        return Ok(());
    };
    let text = String::from_utf8_lossy(value.as_bytes());
    let media_type = text.split(';').next().unwrap_or_default().trim();
    if media_type.eq_ignore_ascii_case("application/json") {
        return Ok(());
    }
    Err(DecodeError::MediaType { found: text.into_owned() })
}
