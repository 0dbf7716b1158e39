//! Requests to others than the service: IAM and the metadata of a server.

use std::fmt;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::header::USER_AGENT;
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, Uri};
use rtc_signer::SignError;
use serde_json::Value;
use tokio::time::{Instant, timeout_at};

use crate::builder::PRODUCT;
use crate::client::after;
use crate::credentials::CredentialsError;
use crate::error::OneLine;
use crate::retry::retry_after;
use crate::secrets::{MAX_REQUEST_ID, Secrets, mask_fields};
use crate::transport::{Delivery, Limits, Transport, TransportError, TransportErrorKind};

/// The longest time to connect.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// The largest answer that is read, in bytes. A token with its roles has some 10 KB.
const MAX_BODY: usize = 1024 * 1024;
/// The wait for somebody who is asked too often.
const BUSY: Duration = Duration::from_secs(5);
/// The most of a message that is shown, in bytes.
const MAX_MESSAGE: usize = 500;

/// Why there is no answer that is of use. `what` is what was asked for, such as `a token`.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AskError {
    #[error("the request for {what} got no answer")]
    Transport { what: &'static str, source: TransportError },
    #[error("the request for {what} was answered with {status}{said}")]
    Refused { what: &'static str, status: u16, said: Said },
    #[error("the request for {what} was answered with {status}{said}")]
    NotNow { what: &'static str, status: u16, said: Said, wait: Option<Duration> },
    #[error("the answer to the request for {what} has no {missing}")]
    Form { what: &'static str, missing: &'static str },
    #[error("the request for {what} cannot be made")]
    Made { what: &'static str, source: http::Error },
    #[error("the request for {what} cannot be signed")]
    Signed { what: &'static str, source: SignError },
}

/// What a refusal says, within bounds and without the secrets that were sent.
#[derive(Debug, Default)]
pub(crate) struct Said {
    code: Option<String>,
    message: Option<String>,
    trace_id: Option<String>,
}

impl From<AskError> for CredentialsError {
    fn from(error: AskError) -> Self {
        let reason = error.to_string();
        match error {
            AskError::Refused { status: 400..=499, .. } => Self::refused(reason),
            AskError::NotNow { wait, .. } => Self::failed(reason).with_wait(wait),
            AskError::Refused { .. } | AskError::Form { .. } => Self::failed(reason),
            AskError::Transport { source, .. } => Self::failed(reason).with_source(source),
            AskError::Made { source, .. } => Self::failed(reason).with_source(source),
            AskError::Signed { source, .. } => Self::failed(reason).with_source(source),
        }
    }
}

/// An address below another, whose own path goes before.
pub(crate) fn below(base: &Uri, path_and_query: &str) -> Result<Uri, http::Error> {
    let prefix = base.path().trim_end_matches('/');
    let mut parts = base.clone().into_parts();
    parts.path_and_query = Some(format!("{prefix}{path_and_query}").parse()?);
    Ok(Uri::from_parts(parts)?)
}

/// Sends a request once and gives whatever is answered.
pub(crate) async fn ask(
    transport: &dyn Transport,
    what: &'static str,
    mut request: Request<Bytes>,
    timeout: Duration,
) -> Result<Response<Bytes>, AskError> {
    request.headers_mut().insert(USER_AGENT, HeaderValue::from_static(PRODUCT));
    let deadline = after(Instant::now(), timeout);
    let limits = Limits::new(MAX_BODY, deadline.into_std()).connect_timeout(CONNECT_TIMEOUT);
    let answer = timeout_at(deadline, transport.call(request, limits)).await.unwrap_or_else(|_| {
        Err(TransportError::new(TransportErrorKind::Timeout, Delivery::Unknown))
    });
    answer.map_err(|mut source| {
        // A token of the answer may be among them.
        if let Some(head) = source.head_mut() {
            head.headers = HeaderMap::new();
        }
        AskError::Transport { what, source }
    })
}

/// Whether the same request may be answered well later.
pub(crate) fn may_pass(status: StatusCode) -> bool {
    status.is_server_error()
        || status == StatusCode::TOO_MANY_REQUESTS
        || status == StatusCode::REQUEST_TIMEOUT
}

/// How long an answer asks to wait; a date that cannot be compared asks for very long. Who is asked
/// too often and does not say how long is left alone for a moment.
pub(crate) fn wait(answer: &Response<Bytes>) -> Option<Duration> {
    let is_busy = answer.status() == StatusCode::TOO_MANY_REQUESTS;
    retry_after(answer.headers(), SystemTime::UNIX_EPOCH).or(is_busy.then_some(BUSY))
}

/// Takes an answer for a refusal.
pub(crate) fn refused(what: &'static str, answer: &Response<Bytes>, secrets: &Secrets) -> AskError {
    let body: Value = serde_json::from_slice(answer.body()).unwrap_or_default();
    // IAM writes its errors one object deep, its own gateway on the outside.
    let places = [body.get("error"), Some(&body)];
    let find = |names: [&str; 3]| {
        let mut found = places
            .iter()
            .flatten()
            .flat_map(|place| names.iter().filter_map(|name| place.get(*name)));
        found.find_map(|value| match value {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        })
    };
    let clean = |text: String, max| mask_fields(&secrets.mask_text(&text, max));
    let header = |name| answer.headers().get(name)?.to_str().ok().map(str::to_owned);
    let trace_id = header("x-iam-trace-id").or_else(|| header("x-request-id"));
    let said = Said {
        code: find(["error_code", "code", "errorCode"]).map(|code| clean(code, 64)),
        message: find(["error_msg", "message", "errorMsg"]).map(|text| clean(text, MAX_MESSAGE)),
        trace_id: trace_id.map(|id| clean(id, MAX_REQUEST_ID)),
    };
    let status = answer.status().as_u16();
    if may_pass(answer.status()) {
        AskError::NotNow { what, status, said, wait: wait(answer) }
    } else {
        AskError::Refused { what, status, said }
    }
}

/// The answer as JSON, or the refusal that it is.
pub(crate) fn json(
    what: &'static str,
    answer: &Response<Bytes>,
    expected: StatusCode,
    secrets: &Secrets,
) -> Result<Value, AskError> {
    if answer.status() != expected {
        return Err(refused(what, answer, secrets));
    }
    // Nothing of the text is told: it may hold keys.
    serde_json::from_slice(answer.body())
        .map_err(|_| AskError::Form { what, missing: "JSON that can be read" })
}

/// A text at a place of an answer; one that is empty counts as absent.
pub(crate) fn text<'v>(value: &'v Value, pointer: &str) -> Option<&'v str> {
    value.pointer(pointer)?.as_str().filter(|text| !text.is_empty())
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(code) = &self.code {
            write!(f, " {}", OneLine(code))?;
        }
        if let Some(message) = &self.message {
            write!(f, ": {}", OneLine(message))?;
        }
        if let Some(trace_id) = &self.trace_id {
            write!(f, " (request id {})", OneLine(trace_id))?;
        }
        Ok(())
    }
}
