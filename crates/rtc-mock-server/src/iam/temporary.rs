//! `POST /v3.0/OS-CREDENTIAL/securitytokens`: a temporary key for a token.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::request::Parts;
use http::{Response, StatusCode};
use rtc_signer::Credentials;
use serde::Deserialize;
use serde_json::json;

use super::error::{IamError, read};
use super::{Answer, reply};
use crate::auth::issued::iam_time;
use crate::auth::{AuthMode, Projects, Verdict};
use crate::pipeline::Core;

/// How long a key is valid, in seconds: by default, and at the most.
const LIFE: u64 = 15 * 60;
const LONGEST: u64 = 24 * 60 * 60;

#[derive(Deserialize)]
struct Request {
    auth: Auth,
}

#[derive(Deserialize)]
struct Auth {
    identity: Identity,
}

#[derive(Deserialize)]
struct Identity {
    methods: Vec<String>,
    token: Option<Token>,
}

#[derive(Deserialize)]
struct Token {
    id: Option<String>,
    duration_seconds: Option<u64>,
}

/// Gives a temporary key to whoever comes with a token in the body, or with credentials as for any
/// other call. The key acts in the same projects.
pub(super) fn answer(core: &Core, head: &Parts, body: &[u8], now: SystemTime) -> (Verdict, Answer) {
    let identity = match read::<Request>(body) {
        Ok(request) => request.auth.identity,
        Err(error) => return (Verdict::Unchecked, Ok(Err(error))),
    };
    let (token, duration) =
        identity.token.map_or((None, None), |token| (token.id, token.duration_seconds));
    let (verdict, projects) = match token {
        Some(token) if core.gatekeeper.mode() == AuthMode::Enforce => {
            match core.gatekeeper.token(token.as_bytes(), now) {
                Ok(projects) => (Verdict::Token, Ok(projects)),
                Err(refusal) => {
                    let error =
                        IamError::unauthorized("The token in auth.identity.token is not valid.");
                    return (Verdict::Refused(refusal), Ok(Err(error)));
                }
            }
        }
        _ => core.gatekeeper.projects_of(head, body, now),
    };
    let answer = projects.map(|projects| {
        if identity.methods != ["token"] {
            let message = "auth.identity.methods: the mock knows [\"token\"] alone";
            return Err(IamError::bad_request(message));
        }
        issue(core, projects, duration.unwrap_or(LIFE), now)
    });
    (verdict, answer)
}

fn issue(
    core: &Core,
    projects: Projects,
    seconds: u64,
    now: SystemTime,
) -> Result<Response<Bytes>, IamError> {
    if !(LIFE..=LONGEST).contains(&seconds) {
        let message = format!(
            "auth.identity.token.duration_seconds: {seconds} is not within {LIFE} to {LONGEST}"
        );
        return Err(IamError::bad_request(message));
    }
    let ids = core.service.ids();
    let parts = ids.secret::<12>().zip(ids.secret::<40>()).zip(ids.secret::<64>());
    let ((name, secret), token) = parts.ok_or_else(IamError::unavailable)?;
    let access = format!("RTCMOCKT{}", name.to_ascii_uppercase());
    let expires = now.checked_add(Duration::from_secs(seconds)).unwrap_or(now);
    let key = Credentials::new(&*access, &*secret).with_security_token(&*token);
    core.gatekeeper.issued().add_key(key, projects, expires);
    let credential = json!({
        "access": access,
        "secret": secret,
        "securitytoken": token,
        "expires_at": iam_time(expires),
    });
    Ok(reply(StatusCode::CREATED, &json!({ "credential": credential })))
}
