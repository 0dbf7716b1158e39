//! What the client asks of IAM: tokens, keys and projects.

mod login;

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri};
use rtc_model::Timestamp;
use rtc_signer::{Credentials, Payload, Signer};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

pub use self::login::{PasswordLogin, TokenScope};
use crate::ask::{self, AskError, ask, below, text};
use crate::credentials::{CredentialsError, ProvidedKeys};
use crate::regions::REGION;
use crate::renew::Fetched;
use crate::retry::date;
use crate::secrets::Secrets;
use crate::transport::Transport;

/// The longest time of one attempt.
const TIMEOUT: Duration = Duration::from_secs(15);
/// The most attempts of a request, none of which does harm twice.
const ATTEMPTS: u32 = 3;
/// The pause before the second attempt; the next one is five times as long.
const PAUSE: Duration = Duration::from_millis(200);
/// Who is asked to wait longer is not asked again by the same request.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// From which difference on a refusal is put down to the clocks, as for calls.
const SKEW: Duration = Duration::from_secs(14 * 60);
/// How long a token holds that does not say it (page "Obtaining a User Token").
const TOKEN_LIFE: Duration = Duration::from_secs(24 * 60 * 60);
/// The life of temporary keys, in seconds.
const KEYS_LIFE: u32 = 21_600;
/// The most ids of projects that an error lists.
const MAX_LISTED: usize = 10;
const X_SUBJECT_TOKEN: HeaderName = HeaderName::from_static("x-subject-token");
const X_IDP_ID: HeaderName = HeaderName::from_static("x-idp-id");

/// The IAM of the service's only region.
pub(crate) fn default_endpoint() -> Uri {
    Uri::from_static("https://iam.cn-north-4.myhuaweicloud.com")
}

/// IAM, reached over a transport.
pub(crate) struct Iam<'a> {
    transport: &'a dyn Transport,
    endpoint: &'a Uri,
}

impl<'a> Iam<'a> {
    pub(crate) fn new(transport: &'a dyn Transport, endpoint: &'a Uri) -> Self {
        Self { transport, endpoint }
    }

    /// The token of a user, for the name and password.
    pub(crate) async fn token_for_password(
        &self,
        login: &PasswordLogin,
        now: SystemTime,
    ) -> Result<Fetched<HeaderValue>, CredentialsError> {
        let what = "a token";
        let secrets = Secrets::default().and(login.password());
        // The list of all services and their endpoints is left out of the answer.
        let path = "/v3/auth/tokens?nocatalog=true";
        let (headers, body) =
            self.post(what, path, HeaderMap::new(), &login.body(), &secrets).await?;
        let expires_at = time(&body, "/token/expires_at").or_else(|| now.checked_add(TOKEN_LIFE));
        Ok(Fetched { value: subject_token(what, &headers)?, expires_at })
    }

    /// A token for the one of an identity provider.
    pub(crate) async fn token_for_id_token(
        &self,
        idp_id: &str,
        id_token: &str,
    ) -> Result<HeaderValue, AskError> {
        let what = "a token for the id token";
        let idp_id = HeaderValue::from_str(idp_id)
            .map_err(|error| AskError::Made { what, source: error.into() })?;
        let headers = HeaderMap::from_iter([(X_IDP_ID, idp_id)]);
        let body = json!({"auth": {"id_token": {"id": id_token}}});
        let secrets = Secrets::default().and(id_token);
        let path = "/v3.0/OS-AUTH/id-token/tokens";
        let (headers, _) = self.post(what, path, headers, &body, &secrets).await?;
        subject_token(what, &headers)
    }

    /// Temporary keys for a token.
    pub(crate) async fn keys_for_token(
        &self,
        token: &HeaderValue,
    ) -> Result<ProvidedKeys, AskError> {
        let what = "temporary keys";
        let id = token.to_str().map_err(|_| AskError::Form { what, missing: "token" })?;
        let secrets = Secrets::default().and(id);
        let token = json!({"id": id, "duration_seconds": KEYS_LIFE});
        let body = json!({"auth": {"identity": {"methods": ["token"], "token": token}}});
        let path = "/v3.0/OS-CREDENTIAL/securitytokens";
        let (_, body) = self.post(what, path, HeaderMap::new(), &body, &secrets).await?;
        credential(what, &body)
    }

    /// The id of the project that a region has by default.
    pub(crate) async fn project_id(
        &self,
        signer: &Signer,
        now: SystemTime,
    ) -> Result<String, CredentialsError> {
        let what = "the project";
        let (mut answer, mut secrets) = self.signed(what, signer, now).await?;
        if answer.status() == StatusCode::UNAUTHORIZED
            && let Some(there) = date(answer.headers())
            && there.duration_since(now).unwrap_or_else(|ahead| ahead.duration()) >= SKEW
        {
            (answer, secrets) = self.signed(what, signer, there).await?;
        }
        let body = ask::json(what, &answer, StatusCode::OK, &secrets)?;
        let projects = body.get("projects").and_then(Value::as_array);
        let projects = projects.ok_or(AskError::Form { what, missing: "projects" })?;
        let ids: Vec<_> = projects.iter().filter_map(|project| text(project, "/id")).collect();
        match ids[..] {
            [id] => Ok(id.to_owned()),
            [] => Err(CredentialsError::refused(format!(
                "IAM knows no project {REGION} of these keys; set the project id"
            ))),
            _ => {
                let shown = ids.iter().take(MAX_LISTED).map(|id| secrets.mask_text(id, 64));
                let shown = shown.collect::<Vec<_>>().join(", ");
                let more = if ids.len() > MAX_LISTED { ", …" } else { "" };
                Err(CredentialsError::refused(format!(
                    "IAM knows {} projects {REGION} of these keys; set the project id to one of: {shown}{more}",
                    ids.len()
                )))
            }
        }
    }

    async fn signed(
        &self,
        what: &'static str,
        signer: &Signer,
        at: SystemTime,
    ) -> Result<(Response<Bytes>, Secrets), AskError> {
        let path = format!("/v3/projects?name={REGION}");
        let mut secrets = Secrets::default();
        // Each attempt has a date and a signature of its own.
        let answer = self.send(what, |elapsed| {
            let request = self.request(what, Method::GET, &path, HeaderMap::new(), Bytes::new())?;
            let (mut parts, body) = request.into_parts();
            let at = at.checked_add(elapsed).unwrap_or(at);
            signer
                .sign_parts(&mut parts, Payload::Bytes(&body), at)
                .map_err(|source| AskError::Signed { what, source })?;
            secrets = Secrets::of(&parts.headers);
            Ok(Request::from_parts(parts, body))
        });
        let answer = answer.await?;
        Ok((answer, secrets))
    }

    /// Sends JSON; the answer must be 201.
    async fn post(
        &self,
        what: &'static str,
        path: &str,
        mut headers: HeaderMap,
        body: &Value,
        secrets: &Secrets,
    ) -> Result<(HeaderMap, Value), AskError> {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let body = Bytes::from(body.to_string());
        let request = self.request(what, Method::POST, path, headers, body)?;
        let answer = self.send(what, |_| Ok(request.clone())).await?;
        let body = ask::json(what, &answer, StatusCode::CREATED, secrets)?;
        Ok((answer.into_parts().0.headers, body))
    }

    /// Sends a request, made anew for the time since the first attempt, again where it got no
    /// answer or one that may be another soon.
    async fn send(
        &self,
        what: &'static str,
        mut request: impl FnMut(Duration) -> Result<Request<Bytes>, AskError>,
    ) -> Result<Response<Bytes>, AskError> {
        let begin = Instant::now();
        let mut pause = PAUSE;
        for _ in 1..ATTEMPTS {
            match ask(self.transport, what, request(begin.elapsed())?, TIMEOUT).await {
                Ok(answer) => {
                    let wait = ask::wait(&answer).unwrap_or_default();
                    if !ask::may_pass(answer.status()) || wait > LONGEST_PAUSE {
                        return Ok(answer);
                    }
                    sleep(pause.max(wait)).await;
                }
                Err(_) => sleep(pause).await,
            }
            pause *= 5;
        }
        ask(self.transport, what, request(begin.elapsed())?, TIMEOUT).await
    }

    fn request(
        &self,
        what: &'static str,
        method: Method,
        path: &str,
        headers: HeaderMap,
        body: Bytes,
    ) -> Result<Request<Bytes>, AskError> {
        let mut request = Request::new(body);
        *request.method_mut() = method;
        *request.uri_mut() =
            below(self.endpoint, path).map_err(|source| AskError::Made { what, source })?;
        *request.headers_mut() = headers;
        Ok(request)
    }
}

/// The token of an answer, marked sensitive.
fn subject_token(what: &'static str, headers: &HeaderMap) -> Result<HeaderValue, AskError> {
    let token = headers.get(X_SUBJECT_TOKEN).filter(|token| !token.is_empty());
    let missing = "header X-Subject-Token";
    let mut token = token.ok_or(AskError::Form { what, missing })?.clone();
    token.set_sensitive(true);
    Ok(token)
}

/// The keys in an answer, whose form IAM and the metadata share.
pub(crate) fn credential(what: &'static str, body: &Value) -> Result<ProvidedKeys, AskError> {
    let part = |pointer, missing| text(body, pointer).ok_or(AskError::Form { what, missing });
    let keys = Credentials::new(
        part("/credential/access", "credential.access")?,
        part("/credential/secret", "credential.secret")?,
    );
    let token = part("/credential/securitytoken", "credential.securitytoken")?;
    let missing = "credential.expires_at that can be read";
    let expires_at =
        time(body, "/credential/expires_at").ok_or(AskError::Form { what, missing })?;
    Ok(ProvidedKeys::new(keys.with_security_token(token)).with_expiry(expires_at))
}

fn time(body: &Value, pointer: &str) -> Option<SystemTime> {
    text(body, pointer)?.parse::<Timestamp>().ok()?.to_system_time()
}
