//! What went wrong in a call.

mod excerpt;
mod form;
mod kind;
mod service;
mod text;

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::{StatusCode, response};
use rtc_model::error::CodeOrigin;
use rtc_model::operation::Idempotency;
use rtc_model::{ApiError, EncodeError, OperationId, ReplyError};

use self::excerpt::{Excerpt, Values};
use self::form::FormError;
pub use self::kind::ErrorKind;
use self::kind::of_status;
pub(crate) use self::text::OneLine;
use crate::auth::AuthError;
use crate::page::PageError;
use crate::reply::request_id;
use crate::secrets::Secrets;
use crate::transport::{Delivery, TransportError, TransportErrorKind};

/// The most of a body that an error keeps.
const MAX_RAW_BODY: usize = 4 * 1024;

/// Why a call failed.
///
/// [`kind`](Self::kind) says what to do; the other methods say what is known. `Display` gives this
/// level only, in a text that may change; what lies below is reached by
/// [`source`](StdError::source), whose types are not part of the API.
///
/// What the peer sent is kept within bounds: 4 KiB of a message or a body, 128 bytes of a request
/// id, 64 bytes of a code. Values that the client sent in sensitive headers (token, security token,
/// authorization) are masked wherever the peer repeated them. `Display` stays on one line; it,
/// `Debug` and the sources leave out the values of `auth_key` and `app_key`, and all values of an
/// answer that cannot be read.
///
/// ```no_run
/// # async fn example(client: rtc_client::Client) {
/// use rtc_client::ErrorKind;
///
/// if let Err(error) = client.show_app("a1").await {
///     match error.kind() {
///         ErrorKind::NotFound => println!("there is no such app"),
///         ErrorKind::Unauthorized => println!("check the keys and the clock"),
///         _ => println!("{error} (request {:?})", error.request_id()),
///     }
/// }
/// # }
/// ```
pub struct Error(Box<Inner>);

struct Inner {
    operation: OperationId,
    kind: ErrorKind,
    delivery: Delivery,
    status: Option<StatusCode>,
    request_id: Option<String>,
    service: Option<ApiError>,
    raw_body: Option<Bytes>,
    retry_after: Option<Duration>,
    clock_skew: bool,
    attempts: u32,
    after_lost_answer: bool,
    source: Option<Source>,
}

enum Source {
    Encode(EncodeError),
    Auth(AuthError),
    Transport(TransportError),
    Form(FormError),
    Page(PageError),
}

impl Error {
    pub(crate) fn invalid_request(operation: OperationId, source: EncodeError) -> Self {
        let source = Source::Encode(source);
        Self::unanswered(operation, ErrorKind::InvalidRequest, Delivery::NotSent, source)
    }

    pub(crate) fn authentication(operation: OperationId, source: AuthError) -> Self {
        let source = Source::Auth(source);
        Self::unanswered(operation, ErrorKind::Authentication, Delivery::NotSent, source)
    }

    pub(crate) fn transport(operation: OperationId, source: TransportError) -> Self {
        let kind = match source.kind() {
            TransportErrorKind::Connect => ErrorKind::Connect,
            TransportErrorKind::Timeout => ErrorKind::Timeout,
            TransportErrorKind::Exchange => ErrorKind::Transport,
            TransportErrorKind::BodyTooLarge => ErrorKind::BodyTooLarge,
            TransportErrorKind::HeadTooLarge => ErrorKind::HeadTooLarge,
        };
        let status = source.head().map(|head| head.status);
        let request_id =
            source.head().and_then(|head| request_id(&head.headers)).map(str::to_owned);
        let delivery = source.delivery();
        let mut error = Self::unanswered(operation, kind, delivery, Source::Transport(source));
        error.0.status = status;
        error.0.request_id = request_id;
        error
    }

    fn unanswered(
        operation: OperationId,
        kind: ErrorKind,
        delivery: Delivery,
        source: Source,
    ) -> Self {
        Self(Box::new(Inner {
            operation,
            kind,
            delivery,
            status: None,
            request_id: None,
            service: None,
            raw_body: None,
            retry_after: None,
            clock_skew: false,
            attempts: 0,
            after_lost_answer: false,
            source: Some(source),
        }))
    }

    pub(crate) fn answered(
        operation: OperationId,
        error: ReplyError,
        head: &response::Parts,
        body: &Bytes,
        secrets: &Secrets,
    ) -> Self {
        let (kind, service, source) = match error {
            ReplyError::Api(error) => {
                (of_status(head.status), Some(service::bounded(&error, secrets)), None)
            }
            ReplyError::Body { source, .. } => {
                (ErrorKind::Decode, None, Some(Source::Form(FormError::new(&source, secrets))))
            }
            _ => (of_status(head.status), None, None),
        };
        let raw_body = match service {
            Some(_) => None,
            None => Some(secrets.mask_body(body, MAX_RAW_BODY)),
        };
        let in_body = service.as_ref().and_then(ApiError::request_id);
        let request_id = request_id(&head.headers).or(in_body).map(str::to_owned);
        Self(Box::new(Inner {
            operation,
            kind,
            delivery: Delivery::Answered,
            status: Some(head.status),
            request_id,
            service,
            raw_body,
            retry_after: None,
            clock_skew: false,
            attempts: 0,
            after_lost_answer: false,
            source,
        }))
    }

    /// The pages of a list do not make one list; `status` and `request_id` are those of the last.
    pub(crate) fn pages(
        operation: OperationId,
        status: StatusCode,
        request_id: Option<String>,
        source: PageError,
    ) -> Self {
        let source = Source::Page(source);
        let mut error = Self::unanswered(operation, ErrorKind::Pages, Delivery::Answered, source);
        error.0.status = Some(status);
        error.0.request_id = request_id;
        error
    }

    /// The answer said how long to wait.
    pub(crate) fn set_retry_after(&mut self, wait: Option<Duration>) {
        self.0.retry_after = wait;
    }

    /// The refusal is due to the difference of the clocks.
    pub(crate) fn set_clock_skew(&mut self) {
        self.0.clock_skew = true;
    }

    /// Says which attempt this is the error of, and whether one before may have been processed.
    pub(crate) fn set_attempts(&mut self, attempts: u32, after_lost_answer: bool) {
        self.0.attempts = attempts;
        self.0.after_lost_answer = after_lost_answer;
    }

    /// Whether this attempt may have been processed without anybody knowing what came of it.
    pub(crate) fn lost_answer(&self) -> bool {
        match (self.0.kind, self.0.delivery) {
            (_, Delivery::NotSent) => false,
            (ErrorKind::Transport | ErrorKind::Timeout, _) => true,
            (kind, _) => kind == ErrorKind::Server,
        }
    }

    /// The kind, which says what to do.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The operation that failed.
    pub fn operation(&self) -> OperationId {
        self.0.operation
    }

    /// The status of the answer, where one came.
    pub fn status(&self) -> Option<StatusCode> {
        self.0.status
    }

    /// What the service or its gateway said, where it said something in one of its forms.
    ///
    /// Its message is the peer's text, at most 4 KiB of it; the `Display` of this type escapes what
    /// controls a terminal, that of [`ApiError`] does not.
    pub fn service_error(&self) -> Option<&ApiError> {
        self.0.service.as_ref()
    }

    /// The id that the service gave to the request: of the header, else of the body. Its support
    /// asks for it.
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// The beginning of the answer's body, at most 4 KiB, where it could not be read or is no error
    /// of the service.
    ///
    /// It is as the peer sent it, but for the client's own secrets. It may hold others that the
    /// service answers in clear, such as `auth_key`: keep it out of logs.
    pub fn raw_body(&self) -> Option<&[u8]> {
        self.0.raw_body.as_deref()
    }

    /// Whether the service may have acted on the request.
    pub fn delivery(&self) -> Delivery {
        self.0.delivery
    }

    /// How many attempts the call made. This is the error of the last one.
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// Whether an attempt before the last may have been processed, but its answer was lost.
    ///
    /// What the last attempt was refused for may then be the work of the one before: a
    /// [`NotFound`](ErrorKind::NotFound) of a deletion says that it is done. The project's
    /// `docs/idempotency.md` has the table for all operations.
    pub fn is_after_lost_answer(&self) -> bool {
        self.0.after_lost_answer
    }

    /// How long the answer asks to wait before the next call (`Retry-After`).
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// Whether the same call may succeed later and does no harm if it is repeated: either the
    /// request surely was not processed, or the operation is idempotent and what failed may pass.
    pub fn is_retryable(&self) -> bool {
        let idempotent = self.0.operation.meta().idempotency == Idempotency::Idempotent;
        let passes = |status: StatusCode| matches!(status.as_u16(), 502..=504);
        match (self.0.kind, self.0.delivery) {
            (ErrorKind::Throttled, _)
            | (ErrorKind::Connect | ErrorKind::Transport | ErrorKind::Timeout, Delivery::NotSent) => {
                true
            }
            (ErrorKind::Transport | ErrorKind::Timeout, _) => idempotent,
            (ErrorKind::Server, _) => idempotent && self.0.status.is_some_and(passes),
            _ => false,
        }
    }

    /// Whether the service refused the signature because the clocks differ too much (its gateway
    /// allows 15 minutes).
    ///
    /// The client has learnt the difference from the answer, and dates what it sends from then on
    /// by the service's clock.
    pub fn is_clock_skew(&self) -> bool {
        self.0.clock_skew
    }

    /// Whether the service itself says that what the request addresses does not exist.
    ///
    /// The status tells it, not the code (decision D5). A 404 that comes from the gateway, which
    /// does not know the API under this endpoint, or from another server says nothing of the kind:
    /// its [`kind`](Self::kind) is [`ErrorKind::NotFound`] too, but this is `false`.
    pub fn is_not_found(&self) -> bool {
        self.0.kind == ErrorKind::NotFound
            && self
                .service_error()
                .is_some_and(|error| error.code().origin() == CodeOrigin::Service)
    }

    /// Whether there were too many calls.
    pub fn is_throttled(&self) -> bool {
        self.0.kind == ErrorKind::Throttled
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        write!(f, "{}: ", inner.operation)?;
        match (inner.kind, inner.status, &inner.service) {
            (_, _, Some(error)) => {
                let status = error.status().as_u16();
                let message = OneLine(error.message());
                write!(f, "the answer is {status} {}: {message}", error.code())?;
            }
            (ErrorKind::InvalidRequest, ..) => f.write_str("the request cannot be made")?,
            (ErrorKind::Authentication, ..) => f.write_str("the request was not authenticated")?,
            (ErrorKind::Connect, ..) => f.write_str("the endpoint was not reached")?,
            (ErrorKind::Timeout, None, _) => f.write_str("no answer came in time")?,
            (ErrorKind::Transport, None, _) => f.write_str("no answer came")?,
            (ErrorKind::BodyTooLarge, None, _) => f.write_str("the answer is too large")?,
            (ErrorKind::HeadTooLarge, ..) => f.write_str("the head of the answer is too large")?,
            (ErrorKind::Pages, ..) => f.write_str("the pages do not make one list")?,
            (ErrorKind::Timeout | ErrorKind::Transport, Some(status), _) => {
                write!(f, "the answer with status {} was cut", status.as_u16())?;
            }
            (ErrorKind::BodyTooLarge, Some(status), _) => {
                write!(f, "the answer with status {} is too large", status.as_u16())?;
            }
            (ErrorKind::Decode, status, _) => {
                let status = status.unwrap_or_default().as_u16();
                write!(f, "the answer with status {status} cannot be read")?;
                if let Some(Source::Form(form)) = &inner.source
                    && !form.path().is_empty()
                {
                    write!(f, " at {}", form.path())?;
                }
            }
            (_, status, None) => {
                let status = status.unwrap_or_default().as_u16();
                write!(f, "the answer has status {status} and no error of the service")?;
            }
        }
        if let Some(body) = &inner.raw_body {
            let values = match inner.kind {
                ErrorKind::Decode => Values::Hidden,
                _ => Values::Shown,
            };
            write!(f, "; {}", Excerpt { body, values })?;
        }
        if let Some(request_id) = &inner.request_id {
            write!(f, " (request id {})", OneLine(request_id))?;
        }
        if inner.attempts > 1 {
            write!(f, ", after {} attempts", inner.attempts)?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        let mut shown = f.debug_struct("Error");
        shown
            .field("operation", &inner.operation)
            .field("kind", &inner.kind)
            .field("delivery", &inner.delivery)
            .field("status", &inner.status)
            .field("request_id", &inner.request_id)
            .field("attempts", &inner.attempts)
            .field("service_error", &inner.service)
            .field("source", &self.source());
        if let Some(body) = &inner.raw_body {
            shown.field("raw_body", &format_args!("{} bytes", body.len()));
        }
        shown.finish()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(match self.0.source.as_ref()? {
            Source::Encode(source) => source,
            Source::Auth(source) => source,
            Source::Transport(source) => source,
            Source::Form(source) => source,
            Source::Page(source) => source,
        })
    }
}
