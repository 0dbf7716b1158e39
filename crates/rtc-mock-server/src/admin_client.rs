//! The client of the admin API: for tests that drive a mock which runs elsewhere, and for the
//! commands of the program.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::uri::Authority;
use http::{Method, Response, StatusCode, Uri};
use rtc_model::record_callback::NotifyEvent;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use self::call::Call;
use self::deliveries::DELIVERY_TIME;
use self::target::{path, query, with_project};
use crate::admin_api::{
    Advance, Changed, ClockStatus, Count, FaultList, FaultStatus, Health, Info, Problem,
    RecordedExchange, Requests, Reset, SetClock, Subscription, Verified, Verify, Wait,
};
use crate::fault::Fault;
use crate::fixture::Fixture;
use crate::journal::RequestFilter;

pub use self::error::{AdminError, AdminErrorKind};
pub use self::events::AdminEvents;

mod call;
mod deliveries;
mod error;
mod events;
mod look;
mod target;

/// How long a call may take when nothing else is said.
const TIMEOUT: Duration = Duration::from_secs(10);
/// How long the mock waits for requests when nothing else is said.
const PATIENCE: Duration = Duration::from_secs(10);
/// The largest answer that is read when nothing else is said: more than a full journal.
const MAX_ANSWER: usize = 256 << 20;

/// A client of the admin API of a running mock, wherever it runs. A method for each endpoint; the
/// messages are those of [`admin_api`](crate::admin_api).
///
/// A test that has its mock in its own process asks the [`MockServer`](crate::MockServer) itself.
///
/// Each call has a connection of its own, a time-out (10 s) and a bound on its answer (256 MiB).
/// `Debug` does not show the token.
///
/// ```
/// use rtc_mock_server::admin_api::{Reset, ResetPart};
/// use rtc_mock_server::{AdminClient, MockServer};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let server = MockServer::builder()
/// #     .admin_listen("127.0.0.1:0".parse()?)
/// #     .admin_token("open sesame")
/// #     .start()
/// #     .await?;
/// # let url = server.admin_url().unwrap_or_default();
/// // let url = "http://127.0.0.1:8471";
/// let admin = AdminClient::new(&url)?.token("open sesame");
/// admin.set_fault("down", &"CreateApp=status(503),count=2".parse()?).await?;
/// admin.advance_clock(std::time::Duration::from_secs(3_600)).await?;
/// // Drive a client against the mock …
/// assert_eq!(admin.fault("down").await?.struck, 0);
/// admin.reset(&Reset { only: Some(vec![ResetPart::Faults]) }).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct AdminClient {
    authority: Authority,
    token: Option<String>,
    project: Option<String>,
    timeout: Duration,
    max_answer: usize,
}

impl AdminClient {
    /// A client of the admin API at `http://HOST:PORT`. Nothing is asked yet.
    ///
    /// # Errors
    ///
    /// [`AdminErrorKind::Url`]: another scheme than `http` (the admin API has no TLS), no host, or
    /// a path.
    pub fn new(url: &str) -> Result<Self, AdminError> {
        let uri: Option<Uri> = url.parse().ok();
        let uri = uri.filter(|uri| uri.scheme_str() == Some("http") && uri.query().is_none());
        let uri = uri.filter(|uri| matches!(uri.path(), "" | "/"));
        let authority = uri.and_then(|uri| uri.authority().cloned());
        // Who a caller is stands in the token, never in a URL that is shown.
        let authority = authority.filter(|a| !a.host().is_empty() && !a.as_str().contains('@'));
        Ok(Self {
            authority: authority.ok_or_else(|| AdminError::url(url))?,
            token: None,
            project: None,
            timeout: TIMEOUT,
            max_answer: MAX_ANSWER,
        })
    }

    /// The token of the mock's `--admin-token`.
    #[must_use]
    pub fn token(mut self, token: impl Into<String>) -> Self {
        self.token = Some(token.into());
        self
    }

    /// The project that is meant where several have an app of one id; otherwise the mock finds it.
    #[must_use]
    pub fn project_id(mut self, project_id: impl Into<String>) -> Self {
        self.project = Some(project_id.into());
        self
    }

    /// How long a call may take, from connecting to the last byte; 10 s by default.
    /// [`wait_for_requests`](Self::wait_for_requests) takes so much longer than it waits, and what
    /// waits for notifications to be sent 30 s longer.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// The largest answer that is read, in bytes; 256 MiB by default. What is larger is an error.
    #[must_use]
    pub fn max_answer(mut self, bytes: usize) -> Self {
        self.max_answer = bytes;
        self
    }

    /// The address of the admin API, `http://HOST:PORT`.
    pub fn url(&self) -> String {
        format!("http://{}", self.authority)
    }

    /// Whether the mock is well. Needs no token.
    pub async fn health(&self) -> Result<Health, AdminError> {
        self.get("/health").await
    }

    /// Facts about the mock.
    pub async fn info(&self) -> Result<Info, AdminError> {
        self.get("/info").await
    }

    /// The OpenAPI document of the API.
    pub async fn openapi(&self) -> Result<Value, AdminError> {
        self.get("/openapi.json").await
    }

    /// The OpenAPI document of the admin API.
    pub async fn openapi_admin(&self) -> Result<Value, AdminError> {
        self.get("/openapi-admin.json").await
    }

    /// The counts of the mock since its start, as `OpenMetrics` text.
    pub async fn metrics(&self) -> Result<String, AdminError> {
        self.text("/metrics").await
    }

    /// The certificate that clients must trust, in PEM, where the mock made its own.
    ///
    /// # Errors
    ///
    /// [`AdminErrorKind::Refused`] with the status 404 where it did not.
    pub async fn ca_pem(&self) -> Result<String, AdminError> {
        self.text("/ca.pem").await
    }

    /// What the mock holds. Keys of callbacks are in it.
    pub async fn state(&self) -> Result<Fixture, AdminError> {
        let text = self.text("/state").await?;
        Fixture::from_json(&text).map_err(|error| AdminError::unreadable("GET /state", error))
    }

    /// Puts what a fixture describes in the place of all that the mock holds.
    pub async fn set_state(&self, state: &Fixture) -> Result<Changed, AdminError> {
        self.send(Method::PUT, "/state", state).await
    }

    /// Begins anew, in all parts or in some.
    pub async fn reset(&self, reset: &Reset) -> Result<Changed, AdminError> {
        self.send(Method::POST, "/reset", reset).await
    }

    /// The exchanges that are meant, oldest first. Bodies over 64 KB are left out.
    pub async fn requests(&self, filter: &RequestFilter) -> Result<Requests, AdminError> {
        self.get(&format!("/requests{}", query(filter))).await
    }

    /// Empties the journal.
    pub async fn clear_requests(&self) -> Result<Changed, AdminError> {
        self.delete("/requests").await
    }

    /// How many exchanges are meant.
    pub async fn count_requests(&self, filter: &RequestFilter) -> Result<Count, AdminError> {
        self.send(Method::POST, "/requests/count", filter).await
    }

    /// Whether what is expected has come, and what came instead.
    pub async fn verify_requests(&self, wanted: &Verify) -> Result<Verified, AdminError> {
        match self.send(Method::POST, "/requests/verify", wanted).await {
            Ok(verified) => Ok(verified),
            Err(error) => error.into_unmet(),
        }
    }

    /// Waits until what is expected has come, without asking again and again, and gives it.
    ///
    /// # Errors
    ///
    /// [`AdminErrorKind::Unmet`] when the time is up: [`AdminError::unmet`] says what came instead.
    pub async fn wait_for_requests(&self, wanted: &Wait) -> Result<Requests, AdminError> {
        let patience = wanted.timeout_ms.map_or(PATIENCE, Duration::from_millis);
        self.patient(patience).send(Method::POST, "/requests/wait", wanted).await
    }

    /// The exchange with the number, with whole bodies.
    pub async fn request(&self, id: u64) -> Result<RecordedExchange, AdminError> {
        self.get(&format!("/requests/{id}")).await
    }

    /// How the clock is set, and what it shows.
    pub async fn clock(&self) -> Result<ClockStatus, AdminError> {
        self.get("/clock").await
    }

    /// Sets the clock: `real`, `frozen@RFC3339` or `offset@RFC3339`.
    pub async fn set_clock(&self, clock: impl Into<String>) -> Result<ClockStatus, AdminError> {
        self.patient(DELIVERY_TIME)
            .send(Method::PUT, "/clock", &SetClock { clock: clock.into() })
            .await
    }

    /// Sets the clock forward, by whole milliseconds; what falls due on the way has happened when
    /// the answer comes.
    pub async fn advance_clock(&self, by: Duration) -> Result<ClockStatus, AdminError> {
        self.patient(DELIVERY_TIME).send(Method::POST, "/clock/advance", &Advance::by(by)).await
    }

    /// The faults with what they did, in the order in which they are tried.
    pub async fn faults(&self) -> Result<FaultList, AdminError> {
        self.get("/faults").await
    }

    /// Puts faults in the place of all.
    pub async fn replace_faults(&self, faults: &[Fault]) -> Result<FaultList, AdminError> {
        self.send(Method::PUT, "/faults", faults).await
    }

    /// Adds a fault after the others; the mock gives it an id.
    pub async fn add_fault(&self, fault: &Fault) -> Result<FaultStatus, AdminError> {
        self.send(Method::POST, "/faults", fault).await
    }

    /// Removes all faults.
    pub async fn clear_faults(&self) -> Result<Changed, AdminError> {
        self.delete("/faults").await
    }

    /// The fault with the id.
    pub async fn fault(&self, id: &str) -> Result<FaultStatus, AdminError> {
        self.get(&path(["faults", id])).await
    }

    /// Puts a fault in the place of the one with the id, or after the others. An id has 1 to 64
    /// letters, digits, `_` and `-`.
    pub async fn set_fault(&self, id: &str, fault: &Fault) -> Result<FaultStatus, AdminError> {
        self.send(Method::PUT, &path(["faults", id]), fault).await
    }

    /// Removes the fault with the id.
    pub async fn remove_fault(&self, id: &str) -> Result<Changed, AdminError> {
        self.delete(&path(["faults", id])).await
    }

    /// Lets a user join a room, as a client of the media service would.
    pub async fn join_room(
        &self,
        app_id: &str,
        room_id: &str,
        user_id: &str,
    ) -> Result<Changed, AdminError> {
        let path = path(["apps", app_id, "rooms", room_id, "users", user_id]);
        self.exchange(Method::PUT, &self.in_project(path), Bytes::new()).await
    }

    /// Lets a user leave a room.
    pub async fn leave_room(
        &self,
        app_id: &str,
        room_id: &str,
        user_id: &str,
    ) -> Result<Changed, AdminError> {
        let path = path(["apps", app_id, "rooms", room_id, "users", user_id]);
        self.delete(&self.in_project(path)).await
    }

    /// Chooses the events that the record callback of an app is told of.
    pub async fn subscribe(
        &self,
        app_id: &str,
        events: &[NotifyEvent],
    ) -> Result<Subscription, AdminError> {
        let path = path(["apps", app_id, "record-callback", "subscription"]);
        let wanted = Subscription { notify_event_subscription: events.to_vec() };
        self.send(Method::PUT, &self.in_project(path), &wanted).await
    }

    /// Ends a job as a fault of the service would.
    pub async fn fail_job(&self, job_id: &str) -> Result<Changed, AdminError> {
        self.exchange(Method::POST, &path(["jobs", job_id, "fail"]), Bytes::new()).await
    }

    /// A client that waits longer.
    fn patient(&self, longer: Duration) -> Self {
        self.clone().timeout(self.timeout.saturating_add(longer))
    }

    fn in_project(&self, path: String) -> String {
        with_project(path, self.project.as_deref())
    }

    async fn get<T: DeserializeOwned>(&self, target: &str) -> Result<T, AdminError> {
        self.exchange(Method::GET, target, Bytes::new()).await
    }

    async fn delete<T: DeserializeOwned>(&self, target: &str) -> Result<T, AdminError> {
        self.exchange(Method::DELETE, target, Bytes::new()).await
    }

    async fn send<B: Serialize + ?Sized, T: DeserializeOwned>(
        &self,
        method: Method,
        target: &str,
        body: &B,
    ) -> Result<T, AdminError> {
        // No message has a key that is no text, which is all that could go wrong.
        let body = serde_json::to_vec(body).unwrap_or_default();
        self.exchange(method, target, body.into()).await
    }

    async fn exchange<T: DeserializeOwned>(
        &self,
        method: Method,
        target: &str,
        body: Bytes,
    ) -> Result<T, AdminError> {
        let what = format!("{method} {target}");
        let answer = self.call(method, target, body).await?;
        serde_json::from_slice(answer.body()).map_err(|error| AdminError::unreadable(&what, error))
    }

    async fn text(&self, target: &str) -> Result<String, AdminError> {
        let answer = self.call(Method::GET, target, Bytes::new()).await?;
        let text = String::from_utf8(answer.into_body().into());
        text.map_err(|error| AdminError::unreadable(&format!("GET {target}"), error))
    }

    /// A successful answer.
    async fn call(
        &self,
        method: Method,
        target: &str,
        body: Bytes,
    ) -> Result<Response<Bytes>, AdminError> {
        let what = format!("{method} {target}");
        let answer = self.in_time(self.asked(method, target, body).send()).await?;
        if answer.status() == StatusCode::OK {
            return Ok(answer);
        }
        Err(refusal(&self.url(), &what, &answer))
    }

    fn asked<'a>(&'a self, method: Method, target: &'a str, body: Bytes) -> Call<'a> {
        Call {
            authority: &self.authority,
            token: self.token.as_deref(),
            max_answer: self.max_answer,
            method,
            target,
            body,
        }
    }

    async fn in_time<T>(
        &self,
        call: impl Future<Output = Result<T, AdminError>>,
    ) -> Result<T, AdminError> {
        let answer = tokio::time::timeout(self.timeout, call).await;
        answer.map_err(|_| AdminError::timeout(&self.url(), self.timeout))?
    }
}

impl fmt::Debug for AdminClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AdminClient")
            .field("url", &self.url())
            .field("token", &self.token.as_ref().map(|_| "***"))
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

fn refusal(url: &str, what: &str, answer: &Response<Bytes>) -> AdminError {
    let (status, body) = (answer.status(), answer.body());
    if let Ok(problem) = serde_json::from_slice::<Problem>(body) {
        return AdminError::refused(what, status, &problem.error);
    }
    match serde_json::from_slice::<Verified>(body) {
        Ok(verified) if status == StatusCode::CONFLICT => AdminError::of_unmet(verified),
        // Every answer of the API has a request id, and none of the admin API.
        _ if answer.headers().contains_key(rtc_model::wire::X_REQUEST_ID) => {
            AdminError::not_admin(url, status)
        }
        _ => AdminError::refused(what, status, "it gives no reason"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_root_of_a_plain_http_server_is_a_url() {
        for url in ["http://127.0.0.1:8471", "http://localhost", "http://[::1]:1/"] {
            assert!(AdminClient::new(url).is_ok(), "{url}");
        }
        for url in
            ["", "127.0.0.1:8471", "https://h", "http://h/admin", "http://h?x=1", "http://u:p@h"]
        {
            let error = AdminClient::new(url).unwrap_err();
            assert_eq!(error.kind(), AdminErrorKind::Url, "{url}");
        }
    }

    #[test]
    fn the_token_does_not_show() {
        let client = AdminClient::new("http://h").unwrap().token("hush");
        assert!(!format!("{client:?}").contains("hush"));
    }
}
