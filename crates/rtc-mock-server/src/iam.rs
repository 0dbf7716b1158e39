//! The part of IAM that clients of RTC need: tokens, temporary keys, projects, the account.
//!
//! It is on the listener of the API, so that one address is enough for a client.

use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use http::request::Parts;
use http::{Method, Response, StatusCode};
use rtc_model::ApiError;
use rtc_model::query::QueryReader;
use rtc_model::wire::X_REQUEST_ID;
use serde_json::{Value, json};

use self::error::IamError;
use crate::auth::{Projects, Verdict};
use crate::pipeline::Core;

mod error;
mod login;
mod temporary;

/// The user that the IAM endpoint knows when none is given.
pub const DEFAULT_IAM_USER: &str = "rtc-mock-user";
/// The password of the user when none is given. Not a secret of anybody.
pub const DEFAULT_IAM_PASSWORD: &str = "rtc-mock-password-not-for-real-use-1";
/// The account of the user when none is given.
pub const DEFAULT_IAM_DOMAIN: &str = "rtc-mock-account";

/// The id of the account.
const DOMAIN_ID: &str = "0000000000000000000000000000d001";
/// The id of the user.
const USER_ID: &str = "0000000000000000000000000000a001";
/// The one region of the service; the main project of a caller there has its name.
const REGION: &str = "cn-north-4";

const X_SUBJECT_TOKEN: HeaderName = HeaderName::from_static("x-subject-token");
/// By this header the official SDKs name a call to IAM in their errors.
const X_IAM_TRACE_ID: HeaderName = HeaderName::from_static("x-iam-trace-id");

/// The account that all projects belong to, and its user.
pub(crate) struct Account {
    pub(crate) user: String,
    pub(crate) password: String,
    pub(crate) domain: String,
}

impl Default for Account {
    fn default() -> Self {
        Self {
            user: DEFAULT_IAM_USER.to_owned(),
            password: DEFAULT_IAM_PASSWORD.to_owned(),
            domain: DEFAULT_IAM_DOMAIN.to_owned(),
        }
    }
}

impl Account {
    fn domain_json(&self) -> Value {
        json!({ "id": DOMAIN_ID, "name": self.domain })
    }
}

/// A call to IAM.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Route {
    /// `POST /v3/auth/tokens`
    Login,
    /// `POST /v3.0/OS-CREDENTIAL/securitytokens`
    TemporaryKey,
    /// `GET /v3/projects`
    Projects,
    /// `GET /v3/auth/domains`
    Domains,
}

/// The call to IAM that a request is, if it is one.
pub(crate) fn route(method: &Method, path: &str) -> Option<Route> {
    match (method, path) {
        (&Method::POST, "/v3/auth/tokens") => Some(Route::Login),
        (&Method::POST, "/v3.0/OS-CREDENTIAL/securitytokens") => Some(Route::TemporaryKey),
        (&Method::GET, "/v3/projects") => Some(Route::Projects),
        (&Method::GET, "/v3/auth/domains") => Some(Route::Domains),
        _ => None,
    }
}

/// Answers a call to IAM. What IAM itself refuses has its own form of error; a refused signature
/// or token is answered by the gateway before it.
pub(crate) fn answer(
    core: &Core,
    route: Route,
    head: &Parts,
    body: &[u8],
    now: SystemTime,
    request_id: &str,
) -> (Verdict, Result<Response<Bytes>, ApiError>) {
    let (verdict, answer) = match route {
        Route::Login => login::answer(core, head, body, now),
        Route::TemporaryKey => temporary::answer(core, head, body, now),
        Route::Projects => {
            let (verdict, projects) = core.gatekeeper.projects_of(head, body, now);
            (verdict, projects.map(|projects| list_projects(head, &projects)))
        }
        Route::Domains => {
            let (verdict, projects) = core.gatekeeper.projects_of(head, body, now);
            (verdict, projects.map(|_| Ok(list_domains(&core.account))))
        }
    };
    let finish = |answer: Result<Response<Bytes>, IamError>| {
        let mut response = answer.unwrap_or_else(|error| error.response());
        if let Ok(id) = HeaderValue::from_str(request_id) {
            response.headers_mut().insert(X_REQUEST_ID, id.clone());
            response.headers_mut().insert(X_IAM_TRACE_ID, id);
        }
        response
    };
    (verdict, answer.map(finish))
}

/// What a call is answered with: by IAM, or by the gateway before it.
type Answer = Result<Result<Response<Bytes>, IamError>, ApiError>;

/// The first project of a caller is its main one in the region and has the region's name; further
/// ones are sub-projects of it, whose names begin with that.
fn project_name(projects: &Projects, id: &Arc<str>) -> String {
    if projects.first() == Some(id) { REGION.to_owned() } else { format!("{REGION}_{id}") }
}

fn project_json(projects: &Projects, id: &Arc<str>) -> Value {
    json!({
        "id": &**id,
        "name": project_name(projects, id),
        "description": "",
        "domain_id": DOMAIN_ID,
        "parent_id": DOMAIN_ID,
        "enabled": true,
        "is_domain": false,
        "links": { "self": link(&format!("/v3/projects/{id}")) },
    })
}

fn list_projects(head: &Parts, projects: &Projects) -> Result<Response<Bytes>, IamError> {
    let name = QueryReader::new(head.uri.query()).text("name");
    let name = name.map_err(|error| IamError::bad_request(error.to_string()))?;
    let found = projects
        .iter()
        .filter(|id| name.as_deref().is_none_or(|name| project_name(projects, id) == name));
    let found: Vec<_> = found.map(|id| project_json(projects, id)).collect();
    let links = json!({ "self": link("/v3/projects"), "previous": null, "next": null });
    Ok(reply(StatusCode::OK, &json!({ "links": links, "projects": found })))
}

fn list_domains(account: &Account) -> Response<Bytes> {
    let domain = json!({
        "id": DOMAIN_ID,
        "name": account.domain,
        "description": "",
        "enabled": true,
        "links": { "self": link(&format!("/v3/domains/{DOMAIN_ID}")) },
    });
    let links = json!({ "self": link("/v3/auth/domains"), "previous": null, "next": null });
    reply(StatusCode::OK, &json!({ "domains": [domain], "links": links }))
}

fn link(path: &str) -> String {
    format!("https://iam.myhuaweicloud.com{path}")
}

fn reply(status: StatusCode, body: &Value) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body.to_string()));
    *response.status_mut() = status;
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, json);
    response
}
