//! What shows secrets, or hides them where all is shown otherwise; what is known of signatures.

use http::Method;
use serde_json::Value;

use super::{AdminClient, AdminError};
use crate::admin_api::{Explain, Explained, RecordedExchange};

impl AdminClient {
    /// The exchange with the number, with whole bodies and with its secrets: tokens in headers,
    /// keys in bodies and queries. [`request`](Self::request) masks them.
    pub async fn revealed_request(&self, id: u64) -> Result<RecordedExchange, AdminError> {
        self.get(&format!("/requests/{id}?reveal=true")).await
    }

    /// What the mock holds, for people: secrets are masked, so it cannot be put back, which is why
    /// it is no [`Fixture`](crate::Fixture). [`state`](Self::state) has them.
    pub async fn masked_state(&self) -> Result<Value, AdminError> {
        self.get("/state?masked=true").await
    }

    /// What can be known about a signature: of an exchange in the journal, or of a request that is
    /// given.
    ///
    /// ```
    /// use rtc_mock_server::admin_api::Explain;
    /// use rtc_mock_server::{AdminClient, MockServer};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = MockServer::builder().admin_listen("127.0.0.1:0".parse()?).start().await?;
    /// # let url = server.admin_url().unwrap_or_default();
    /// // let url = "http://127.0.0.1:8471";
    /// let admin = AdminClient::new(&url)?;
    /// let request = "GET /v2/apps HTTP/1.1\nHost: rtc.example\n\n";
    /// let wanted = Explain { request: Some(request.to_owned()), ..Explain::default() };
    /// let explained = admin.explain(&wanted).await?;
    /// assert_eq!(explained.verdict, "refused");
    /// println!("{}", explained.explanation);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`AdminErrorKind::Refused`](super::AdminErrorKind::Refused): the exchange is not in the
    /// journal (404), or the request cannot be read (400).
    pub async fn explain(&self, wanted: &Explain) -> Result<Explained, AdminError> {
        self.send(Method::POST, "/explain", wanted).await
    }
}
