//! `POST /v3/auth/tokens`: a token for a user name and a password.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::header::HeaderValue;
use http::request::Parts;
use http::{Response, StatusCode};
use rtc_model::query::QueryReader;
use serde::Deserialize;
use serde_json::{Value, json};

use super::error::{IamError, read};
use super::{Account, Answer, USER_ID, X_SUBJECT_TOKEN, project_name, reply};
use crate::auth::issued::iam_time;
use crate::auth::{AuthMode, Projects, Refusal, Verdict};
use crate::pipeline::Core;

/// How long a token is valid.
const LIFE: Duration = Duration::from_secs(24 * 60 * 60);

#[derive(Deserialize)]
struct Request {
    auth: Auth,
}

#[derive(Deserialize)]
struct Auth {
    identity: Identity,
    scope: Option<Scope>,
}

#[derive(Deserialize)]
struct Identity {
    methods: Vec<String>,
    password: Option<Password>,
}

#[derive(Deserialize)]
struct Password {
    user: User,
}

#[derive(Deserialize)]
struct User {
    name: String,
    password: String,
    domain: Option<Named>,
}

#[derive(Deserialize)]
struct Scope {
    domain: Option<Named>,
    project: Option<Named>,
}

/// An account or a project, by one of the two.
#[derive(Deserialize)]
struct Named {
    id: Option<String>,
    name: Option<String>,
}

/// Gives a token of 24 hours of the mock's clock.
pub(super) fn answer(core: &Core, head: &Parts, body: &[u8], now: SystemTime) -> (Verdict, Answer) {
    let auth = match read::<Request>(body).and_then(|request| check_form(request.auth)) {
        Ok(auth) => auth,
        Err(error) => return (Verdict::Unchecked, Ok(Err(error))),
    };
    let (Auth { scope, .. }, user) = auth;
    if core.gatekeeper.mode() == AuthMode::Enforce && !is_right(&core.account, &user) {
        let error = IamError::unauthorized("The username or password is wrong.");
        return (Verdict::Refused(Refusal::Login), Ok(Err(error)));
    }
    (Verdict::Unchecked, Ok(issue(core, head, scope, now)))
}

fn check_form(mut auth: Auth) -> Result<(Auth, User), IamError> {
    if auth.identity.methods != ["password"] {
        let message = "auth.identity.methods: the mock knows [\"password\"] alone";
        return Err(IamError::bad_request(message));
    }
    let password = auth.identity.password.take();
    let user = password.ok_or_else(|| IamError::bad_request("auth.identity.password is absent"))?;
    Ok((auth, user.user))
}

/// A user without a domain is nobody's; the reference makes it mandatory.
fn is_right(account: &Account, user: &User) -> bool {
    user.name == account.user
        && user.password == account.password
        && user.domain.as_ref().is_some_and(|domain| is_domain(account, domain))
}

fn is_domain(account: &Account, domain: &Named) -> bool {
    match (&domain.id, &domain.name) {
        (Some(id), _) => id == super::DOMAIN_ID,
        (None, Some(name)) => *name == account.domain,
        (None, None) => false,
    }
}

/// If both scopes are given, the project wins. A token for the account acts in any of its
/// projects, and so does one without a scope.
fn issue(
    core: &Core,
    head: &Parts,
    scope: Option<Scope>,
    now: SystemTime,
) -> Result<Response<Bytes>, IamError> {
    let all = core.gatekeeper.all_projects();
    let (domain, project) = scope.map_or((None, None), |scope| (scope.domain, scope.project));
    let project = project.map(|project| find(all, &project)).transpose()?;
    if let Some(domain) = domain.filter(|_| project.is_none())
        && !is_domain(&core.account, &domain)
    {
        return Err(IamError::unauthorized("auth.scope.domain is not the account of the user"));
    }
    let token = core.service.ids().secret::<64>().ok_or_else(IamError::unavailable)?;
    let expires = now.checked_add(LIFE).unwrap_or(now);
    let projects = match &project {
        Some(project) => [Arc::clone(project)].into(),
        None => Arc::clone(all),
    };
    core.gatekeeper.issued().add_token(&token, projects, expires);

    let mut body = json!({
        "methods": ["password"],
        "issued_at": iam_time(now),
        "expires_at": iam_time(expires),
        "roles": [{ "id": "0", "name": "te_admin" }],
        "user": {
            "id": USER_ID,
            "name": core.account.user,
            "domain": core.account.domain_json(),
            "password_expires_at": "",
        },
    });
    match &project {
        Some(id) => {
            let (name, domain) = (project_name(all, id), core.account.domain_json());
            body["project"] = json!({ "id": &**id, "name": name, "domain": domain });
        }
        None => body["domain"] = core.account.domain_json(),
    }
    // Whatever the value of the parameter is.
    if !matches!(QueryReader::new(head.uri.query()).text("nocatalog"), Ok(Some(_))) {
        body["catalog"] = Value::Array(Vec::new());
    }
    let mut response = reply(StatusCode::CREATED, &json!({ "token": body }));
    let mut token = HeaderValue::try_from(token).map_err(|_| IamError::unavailable())?;
    token.set_sensitive(true);
    response.headers_mut().insert(X_SUBJECT_TOKEN, token);
    Ok(response)
}

/// The project that is meant.
fn find(all: &Projects, wanted: &Named) -> Result<Arc<str>, IamError> {
    let mut projects = all.iter();
    let found = match (&wanted.id, &wanted.name) {
        (Some(id), _) => projects.find(|project| project.as_ref() == id),
        (None, Some(name)) => projects.find(|project| project_name(all, project) == *name),
        (None, None) => return Err(IamError::bad_request("auth.scope.project: give id or name")),
    };
    let message = "auth.scope.project is not a project of the user";
    found.cloned().ok_or_else(|| IamError::unauthorized(message))
}
