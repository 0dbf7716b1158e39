//! Who may call: signatures, tokens and projects are checked here.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::time::SystemTime;

use http::HeaderMap;
use http::header::AUTHORIZATION;
use http::request::Parts;
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
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "enforce" => Ok(Self::Enforce),
            "off" => Ok(Self::Off),
            other => Err(format!("{other:?} is no mode; write enforce or off")),
        }
    }
}

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
    tokens: BTreeMap<String, String>,
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
        self.tokens.insert(token, project);
    }

    /// The project that the caller acts in, or why there is none. Both come with the verdict.
    pub(crate) fn admit<'a>(
        &'a self,
        head: &'a Parts,
        body: &[u8],
        now: SystemTime,
    ) -> (Verdict, Result<&'a str, ApiError>) {
        let asked = head.headers.get(X_PROJECT_ID).and_then(|value| value.to_str().ok());
        if self.mode == AuthMode::Off {
            return (Verdict::Unchecked, Ok(asked.unwrap_or(&self.default_project)));
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
        if has_known_algorithm(&head.headers) {
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
        let project = token.to_str().ok().and_then(|token| self.tokens.get(token));
        let project = project.ok_or(Refusal::UnknownToken)?;
        Ok((Verdict::Token, std::slice::from_ref(project)))
    }
}

/// The algorithms of the official SDKs. Those that the mock does not verify are named in the
/// refusal rather than taken for no signature.
fn has_known_algorithm(headers: &HeaderMap) -> bool {
    const KNOWN: [&[u8]; 5] = [
        b"SDK-HMAC-SHA256",
        b"SDK-HMAC-SM3",
        b"V11-HMAC-SHA256",
        b"SDK-ECDSA-P256-SHA256",
        b"SDK-SM2-SM3",
    ];
    headers.get(AUTHORIZATION).is_some_and(|value| {
        let value = value.as_bytes();
        let end = value.iter().position(|c| *c == b' ').unwrap_or(value.len());
        KNOWN.contains(&value.get(..end).unwrap_or_default())
    })
}

/// The project that was asked for, else the first (decision D30).
fn choose<'a>(projects: &'a [String], asked: Option<&str>) -> Result<&'a str, Refusal> {
    let found = match asked {
        Some(asked) => projects.iter().find(|project| *project == asked),
        None => projects.first(),
    };
    found.map(String::as_str).ok_or_else(|| Refusal::ForeignProject {
        project: asked.unwrap_or_default().to_owned(),
        allowed: projects.join(", "),
    })
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
