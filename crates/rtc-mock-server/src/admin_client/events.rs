//! What happens at the mock, as it happens: server-sent events.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, StatusCode};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;

use self::message::Messages;
use super::call::{self, Line};
use super::{AdminClient, AdminError, refusal};
use crate::admin_api::Event;

mod message;

const TARGET: &str = "/events";
/// The mock breaks its silence after this time.
const SILENCE: Duration = Duration::from_secs(15);

impl AdminClient {
    /// Watches what happens at the mock from now on. What is in the journal must be looked at
    /// after this, so that nothing is missed.
    ///
    /// ```
    /// use rtc_mock_server::admin_api::Event;
    /// use rtc_mock_server::{AdminClient, MockServer};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = MockServer::builder().admin_listen("127.0.0.1:0".parse()?).start().await?;
    /// # let url = server.admin_url().unwrap_or_default();
    /// // let url = "http://127.0.0.1:8471";
    /// let admin = AdminClient::new(&url)?;
    /// let mut events = admin.events().await?;
    /// admin.set_clock("frozen@2024-03-15T08:15:30Z").await?;
    /// while let Some(event) = events.next().await? {
    ///     match event {
    ///         Event::Exchange(exchange) => println!("{} {:?}", exchange.id, exchange.operation),
    ///         Event::Clock(clock) => {
    ///             println!("it is {}", clock.time);
    ///             break;
    ///         }
    ///         _ => {}
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`AdminErrorKind::Refused`](super::AdminErrorKind::Refused) with the status 503 when 64
    /// streams are open already.
    pub async fn events(&self) -> Result<AdminEvents, AdminError> {
        let open = async {
            let (answer, line) = self.asked(Method::GET, TARGET, Bytes::new()).open().await?;
            if answer.status() == StatusCode::OK {
                return Ok((answer, line));
            }
            let what = format!("GET {TARGET}");
            let answer = call::whole(answer, line, &what, self.max_answer).await?;
            Err(refusal(&self.url(), &what, &answer))
        };
        let (answer, line) = self.in_time(open).await?;
        Ok(AdminEvents {
            url: self.url(),
            line,
            body: Some(answer.into_body()),
            messages: Messages::new(self.max_answer),
            patience: self.timeout.saturating_add(SILENCE),
        })
    }
}

/// What happens at a mock, one event after the other. Dropping it closes its connection.
#[must_use = "nothing is read before `next`"]
pub struct AdminEvents {
    url: String,
    line: Line,
    /// `None` once all of it was read.
    body: Option<Incoming>,
    messages: Messages,
    /// How long nothing at all may come.
    patience: Duration,
}

impl AdminEvents {
    /// Waits for the next event; `None` when the mock has stopped. May be dropped while it waits:
    /// no event is lost.
    ///
    /// # Errors
    ///
    /// A connection that broke, or on which nothing at all came for 15 s longer than a call may
    /// take; an event that is larger than what is read. Nothing comes after these. An event that is
    /// not what it should be is an error as well, after which the next one may come.
    pub async fn next(&mut self) -> Result<Option<Event>, AdminError> {
        loop {
            if let Some(event) = self.messages.next()? {
                return Ok(Some(event));
            }
            let Some(body) = &mut self.body else { return Ok(None) };
            let url = &self.url;
            let frame = async {
                let frame = body.frame().await.transpose();
                frame.map_err(|error| AdminError::connection(url, error))
            };
            let frame = tokio::time::timeout(self.patience, self.line.drive(frame)).await;
            let frame = frame.unwrap_or_else(|_| Err(AdminError::timeout(url, self.patience)));
            let added = frame.and_then(|frame| {
                let Some(frame) = frame else { return Ok(false) };
                if let Ok(piece) = frame.into_data() {
                    self.messages.add(&piece)?;
                }
                Ok(true)
            });
            if !matches!(added, Ok(true)) {
                self.body = None;
            }
            added?;
        }
    }
}

impl fmt::Debug for AdminEvents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AdminEvents").field("url", &self.url).finish_non_exhaustive()
    }
}
