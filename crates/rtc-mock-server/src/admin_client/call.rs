//! One request over a connection of its own.

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HOST, HeaderValue};
use http::uri::Authority;
use http::{Method, Request, Response};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::client::conn::http1::{self, SendRequest};
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

impl Call<'_> {
    /// The answer, whatever its status is. Without a time-out.
    pub(super) async fn send(self) -> Result<Response<Bytes>, AdminError> {
        let url = format!("http://{}", self.authority);
        let what = format!("{} {}", self.method, self.target);
        let max_answer = self.max_answer;
        let host = self.authority.host().trim_matches(['[', ']']);
        let port = self.authority.port_u16().unwrap_or(80);
        let request = self.request(&what)?;
        let stream = TcpStream::connect((host, port)).await;
        let stream = stream.map_err(|error| AdminError::connect(&url, error))?;
        let broken = |error| AdminError::connection(&url, error);
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(broken)?;
        let answer = answer(sender, request, max_answer, &what, &url);
        tokio::pin!(answer);
        tokio::select! {
            answer = &mut answer => answer,
            ended = connection => match ended {
                // It is read to its end all the same.
                Ok(()) => answer.await,
                Err(error) => Err(broken(error)),
            },
        }
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

async fn answer(
    mut sender: SendRequest<Full<Bytes>>,
    request: Request<Full<Bytes>>,
    max_answer: usize,
    what: &str,
    url: &str,
) -> Result<Response<Bytes>, AdminError> {
    let broken = |error| AdminError::connection(url, error);
    let (head, body) = sender.send_request(request).await.map_err(broken)?.into_parts();
    match Limited::new(body, max_answer).collect().await {
        Ok(body) => Ok(Response::from_parts(head, body.to_bytes())),
        Err(error) => Err(match error.downcast::<hyper::Error>() {
            Ok(error) => broken(*error),
            // There is but one other.
            Err(_) => AdminError::too_large(what, max_answer),
        }),
    }
}
