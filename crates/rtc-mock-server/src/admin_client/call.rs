//! One request over a connection of its own.

use std::pin::Pin;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HOST, HeaderValue};
use http::uri::Authority;
use http::{Method, Request, Response};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, Connection};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::admin_client::AdminError;

/// What is asked, and of whom.
pub(super) struct Call<'a> {
    pub(super) authority: &'a Authority,
    pub(super) token: Option<&'a str>,
    pub(super) max_answer: usize,
    pub(super) method: Method,
    pub(super) target: &'a str,
    pub(super) body: Bytes,
}

type Http1 = Connection<TokioIo<TcpStream>, Full<Bytes>>;

/// A connection, which carries its one request and answer while something is waited for.
pub(super) struct Line {
    url: String,
    /// `None` once it has ended. What it read until then is still there.
    connection: Option<Pin<Box<Http1>>>,
}

impl Line {
    /// Waits for `work`, which has to do with the connection.
    pub(super) async fn drive<T>(
        &mut self,
        work: impl Future<Output = Result<T, AdminError>>,
    ) -> Result<T, AdminError> {
        tokio::pin!(work);
        while let Some(connection) = &mut self.connection {
            tokio::select! {
                done = &mut work => return done,
                ended = connection => {
                    self.connection = None;
                    ended.map_err(|error| self.broken(error))?;
                }
            }
        }
        work.await
    }

    pub(super) fn broken(&self, error: hyper::Error) -> AdminError {
        AdminError::connection(&self.url, error)
    }
}

impl Call<'_> {
    /// The answer, whatever its status is. Without a time-out.
    pub(super) async fn send(self) -> Result<Response<Bytes>, AdminError> {
        let (what, max_answer) = (self.what(), self.max_answer);
        let (answer, line) = self.open().await?;
        whole(answer, line, &what, max_answer).await
    }

    /// The answer as soon as its head is there. Without a time-out.
    pub(super) async fn open(self) -> Result<(Response<Incoming>, Line), AdminError> {
        let url = format!("http://{}", self.authority);
        let what = self.what();
        let host = self.authority.host().trim_matches(['[', ']']);
        let port = self.authority.port_u16().unwrap_or(80);
        let request = self.request(&what)?;
        let stream = TcpStream::connect((host, port)).await;
        let stream = stream.map_err(|error| AdminError::connect(&url, error))?;
        let broken = |error| AdminError::connection(&url, error);
        let shaken = http1::handshake(TokioIo::new(stream)).await;
        let (mut sender, connection) = shaken.map_err(broken)?;
        let mut line = Line { url: url.clone(), connection: Some(Box::pin(connection)) };
        let asked = async { sender.send_request(request).await.map_err(broken) };
        let answer = line.drive(asked).await?;
        Ok((answer, line))
    }

    fn what(&self) -> String {
        format!("{} {}", self.method, self.target)
    }

    fn request(self, what: &str) -> Result<Request<Full<Bytes>>, AdminError> {
        let mut request = Request::new(Full::new(self.body));
        *request.method_mut() = self.method;
        *request.uri_mut() = self.target.parse().map_err(|_| AdminError::request(what))?;
        let headers = request.headers_mut();
        let host = HeaderValue::from_str(self.authority.as_str());
        headers.insert(HOST, host.map_err(|_| AdminError::request("the host"))?);
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some(token) = self.token {
            let token = HeaderValue::try_from(format!("Bearer {token}"));
            let mut token = token.map_err(|_| AdminError::request("the admin token"))?;
            token.set_sensitive(true);
            headers.insert(AUTHORIZATION, token);
        }
        Ok(request)
    }
}

/// The answer with all of its body.
pub(super) async fn whole(
    answer: Response<Incoming>,
    mut line: Line,
    what: &str,
    max_answer: usize,
) -> Result<Response<Bytes>, AdminError> {
    let (head, body) = answer.into_parts();
    let url = line.url.clone();
    let collected = async {
        Limited::new(body, max_answer).collect().await.map_err(|error| {
            match error.downcast::<hyper::Error>() {
                Ok(error) => AdminError::connection(&url, *error),
                // There is but one other.
                Err(_) => AdminError::too_large(what, max_answer),
            }
        })
    };
    let body = line.drive(collected).await?;
    Ok(Response::from_parts(head, body.to_bytes()))
}
