//! Who may call: signatures, tokens and projects are checked here.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::time::SystemTime;

use http::header::AUTHORIZATION;
use http::request::Parts;
use http::{HeaderMap, HeaderValue};
use rtc_model::wire::{X_AUTH_TOKEN, X_PROJECT_ID};
use rtc_model::{ApiError, ErrorCode};
use rtc_signer::date::format_sdk_date;
use rtc_signer::{
    Credentials, Explanation, Payload, SignableRequest, Tolerance, Verifier, VerifyError,
};

/// Whether credentials are checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum AuthMode {
    /// They are.
    #[default]
    Enforce,
    /// They are not; the project is the one in `X-Project-Id`.
    Off,
}

impl FromStr for AuthMode {
    type Err = AuthModeError;

    fn from_str(text: &str) -> Result<Self, AuthModeError> {
        match text {
            "enforce" => Ok(Self::Enforce),
            "off" => Ok(Self::Off),
            other => Err(AuthModeError(other.to_owned())),
        }
    }
}

/// A text that is no mode of authentication.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no mode; write enforce or off")]
pub struct AuthModeError(String);

impl fmt::Display for AuthMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Enforce => "enforce",
            Self::Off => "off",
        })
    }
}

/// What the mock found of a request's credentials.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Verdict {
    /// They were not looked at: authentication is off, or the request was refused before.
    Unchecked,
    /// The signature is right.
    Signed {
        /// The access key that signed.
        access_key: Arc<str>,
        /// The tolerance that the signature needed, if any.
        tolerance: Option<Tolerance>,
    },
    /// The token is right.
    Token,
    /// They were refused.
    Refused(Refusal),
}

/// Why credentials were refused.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// The signature was refused.
    #[error(transparent)]
    Signature(Arc<VerifyError>),
    /// There are none.
    #[error(
        "the request has neither an Authorization header of a known algorithm nor an X-Auth-Token; sign it or send a token"
    )]
    NoCredentials,
    /// The token is not known.
    #[error("the X-Auth-Token is not known to this server; see --token")]
    UnknownToken,
    /// The project belongs to somebody else.
    #[error(
        "the X-Project-Id {project:?} is not a project of these credentials; send one of {allowed}, or none"
    )]
    ForeignProject {
        /// The project that was asked for.
        project: String,
        /// The projects of the credentials.
        allowed: String,
    },
}

/// Who is let in, to which projects.
pub(crate) struct Gatekeeper {
    mode: AuthMode,
    verifier: Verifier,
    keys: BTreeMap<Arc<str>, Vec<String>>,
    tokens: BTreeMap<Vec<u8>, String>,
    default_project: String,
}

impl Gatekeeper {
    pub(crate) fn new(mode: AuthMode, default_project: String) -> Self {
        Self {
            mode,
            verifier: Verifier::new(),
            keys: BTreeMap::new(),
            tokens: BTreeMap::new(),
            default_project,
        }
    }

    pub(crate) fn mode(&self) -> AuthMode {
        self.mode
    }

    /// Lets a key in, to its projects; the first is its default.
    pub(crate) fn add_key(&mut self, credentials: Credentials, projects: Vec<String>) {
        self.keys.insert(credentials.access_key().into(), projects);
        let verifier = std::mem::take(&mut self.verifier);
        self.verifier = verifier.with_key(credentials);
    }

    /// Lets a token in, to its project (decision D33).
    pub(crate) fn add_token(&mut self, token: String, project: String) {
        self.tokens.insert(token.into_bytes(), project);
    }

    /// The project that the caller acts in, or why there is none. Both come with the verdict.
    pub(crate) fn admit<'a>(
        &'a self,
        head: &'a Parts,
        body: &[u8],
        now: SystemTime,
    ) -> (Verdict, Result<&'a str, ApiError>) {
        let asked = asked_project(&head.headers);
        if self.mode == AuthMode::Off {
            let project = match asked {
                Asked::One(project) => std::str::from_utf8(project).ok(),
                Asked::None | Asked::Several => None,
            };
            return (Verdict::Unchecked, Ok(project.unwrap_or(&self.default_project)));
        }
        match self.identify(head, body, now) {
            Err(refusal) => {
                let error = answer(&refusal);
                (Verdict::Refused(refusal), Err(error))
            }
            Ok((verdict, projects)) => match choose(projects, asked) {
                Ok(project) => (verdict, Ok(project)),
                Err(refusal) => {
                    let error = answer(&refusal);
                    (Verdict::Refused(refusal), Err(error))
                }
            },
        }
    }

    /// What can be known about a refused signature, as of the time when it came.
    pub(crate) fn explain(&self, head: &Parts, body: &[u8], at: SystemTime) -> Explanation {
        let request = SignableRequest::from_parts(head, Payload::Bytes(body));
        self.verifier.explain(&request, Some(at), None)
    }

    /// AK/SK is checked when `Authorization` begins with a known algorithm, else the token
    /// (decision D21).
    fn identify(
        &self,
        head: &Parts,
        body: &[u8],
        now: SystemTime,
    ) -> Result<(Verdict, &[String]), Refusal> {
        let authorization = head.headers.get(AUTHORIZATION).map(HeaderValue::as_bytes);
        if authorization.is_some_and(is_known_algorithm) {
            let request = SignableRequest::from_parts(head, Payload::Bytes(body));
            let verified = self
                .verifier
                .verify(&request, now)
                .map_err(|error| Refusal::Signature(Arc::new(error)))?;
            let tolerance = verified.tolerance();
            let (access_key, projects) =
                self.keys.get_key_value(verified.access_key()).map_or_else(
                    || (Arc::from(verified.access_key()), &[][..]),
                    |(key, projects)| (Arc::clone(key), projects),
                );
            return Ok((Verdict::Signed { access_key, tolerance }, projects));
        }
        let token = head.headers.get(X_AUTH_TOKEN).ok_or(Refusal::NoCredentials)?;
        let project = self.tokens.get(token.as_bytes());
        let project = project.ok_or(Refusal::UnknownToken)?;
        Ok((Verdict::Token, std::slice::from_ref(project)))
    }
}

/// Whether an `Authorization` begins with an algorithm of the official SDKs. Those that the mock
/// does not verify are named in the refusal rather than taken for no signature.
pub(crate) fn is_known_algorithm(authorization: &[u8]) -> bool {
    const KNOWN: [&[u8]; 5] = [
        b"SDK-HMAC-SHA256",
        b"SDK-HMAC-SM3",
        b"V11-HMAC-SHA256",
        b"SDK-ECDSA-P256-SHA256",
        b"SDK-SM2-SM3",
    ];
    KNOWN.iter().any(|algorithm| authorization.starts_with(algorithm))
}

/// The project that a request asks for.
#[derive(Debug, Clone, Copy)]
enum Asked<'a> {
    None,
    One(&'a [u8]),
    /// Headers that differ: none of them can be meant.
    Several,
}

fn asked_project(headers: &HeaderMap) -> Asked<'_> {
    let mut values = headers.get_all(X_PROJECT_ID).iter().map(HeaderValue::as_bytes);
    match values.next() {
        None => Asked::None,
        Some(first) if values.all(|value| value == first) => Asked::One(first),
        Some(_) => Asked::Several,
    }
}

/// The project that was asked for, else the first (decision D30).
fn choose<'a>(projects: &'a [String], asked: Asked<'_>) -> Result<&'a str, Refusal> {
    let (found, asked) = match asked {
        Asked::None => (projects.first(), String::new()),
        Asked::One(asked) => (
            projects.iter().find(|project| project.as_bytes() == asked),
            String::from_utf8_lossy(asked).into_owned(),
        ),
        Asked::Several => (None, "several that differ".to_owned()),
    };
    found
        .map(String::as_str)
        .ok_or_else(|| Refusal::ForeignProject { project: asked, allowed: projects.join(", ") })
}

/// The answer of the gateway, in the words of the real one (decisions D20, D21, D30).
fn answer(refusal: &Refusal) -> ApiError {
    let detail = match refusal {
        Refusal::ForeignProject { .. } => {
            return ApiError::documented(ErrorCode::GATEWAY_IAM_USER_NOT_AUTHORIZED);
        }
        Refusal::NoCredentials => "x-auth-token not found".to_owned(),
        Refusal::UnknownToken => "decrypt token fail".to_owned(),
        Refusal::Signature(error) => match &**error {
            VerifyError::OutsideSkew { signed_at, server_time, .. } => format!(
                "calc aksk signature fail:signature expired, signature time:{},server time:{}",
                sdk_date(*signed_at),
                sdk_date(*server_time)
            ),
            VerifyError::UnknownAccessKey { access_key } => {
                format!("Get secretKey failed,ak:{access_key},err:ak not exist")
            }
            VerifyError::SignatureMismatch { canonical_request } => format!(
                "verify aksk signature fail, canonicalRequest:{}",
                canonical_request.gateway_form()
            ),
            other => format!("verify aksk signature fail, {other}"),
        },
    };
    ApiError::of(ErrorCode::GATEWAY_INCORRECT_IAM_AUTHENTICATION, detail)
}

fn sdk_date(time: SystemTime) -> String {
    format_sdk_date(time).map_or_else(String::new, |date| date.as_str().to_owned())
}
