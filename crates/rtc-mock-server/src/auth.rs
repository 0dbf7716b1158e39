//! Who may call: signatures, tokens and projects are checked here.

use std::borrow::Cow;
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
    Credentials, Explanation, Payload, SignableRequest, Tolerance, Verified, Verifier, VerifyError,
};

use self::issued::Issued;
pub(crate) use self::lockout::Lockout;
use crate::raw::SERVICE_HOSTS;

pub(crate) mod issued;
mod lockout;

/// The projects of a caller; the first is the default. Those of a key that stays are borrowed: a
/// count of references would go from core to core with each request.
pub(crate) type Projects = Arc<[Arc<str>]>;

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
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub enum Verdict {
    /// They were not looked at: authentication is off, or the request was refused before.
    #[default]
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
    /// The token is one of the IAM endpoint's, and over.
    #[error("the X-Auth-Token expired at {expires_at}; get a new one")]
    ExpiredToken {
        /// When it expired, as IAM writes it.
        expires_at: String,
    },
    /// The access key is a temporary one of the IAM endpoint's, and over.
    #[error("the temporary access key `{access_key}` expired at {expires_at}; get a new one")]
    ExpiredKey {
        /// The access key.
        access_key: String,
        /// When it expired, as IAM writes it.
        expires_at: String,
    },
    /// The access key is locked after too many failures; see `--lockout`.
    #[error(
        "the access key `{access_key}` is locked for five minutes after more than five refused signatures in a row; see --lockout"
    )]
    Locked {
        /// The access key.
        access_key: String,
    },
    /// The user name, the account or the password is wrong.
    #[error("the user name, its domain or the password is wrong; see --iam-user")]
    Login,
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

impl Refusal {
    /// About how much memory it takes, in bytes.
    pub(crate) fn size(&self) -> usize {
        match self {
            Self::Signature(error) => match &**error {
                VerifyError::SignatureMismatch { canonical_request } => {
                    canonical_request.as_str().len()
                }
                _ => 0,
            },
            _ => 0,
        }
    }
}

/// Who is let in, to which projects.
pub(crate) struct Gatekeeper {
    mode: AuthMode,
    verifier: Verifier,
    keys: BTreeMap<Arc<str>, Projects>,
    tokens: BTreeMap<Vec<u8>, Projects>,
    issued: Issued,
    lockout: Option<Lockout>,
    /// The projects of all keys, the default one first.
    all: Projects,
}

impl Gatekeeper {
    pub(crate) fn new(mode: AuthMode, default_project: &str) -> Self {
        Self {
            mode,
            verifier: Verifier::new().with_other_hosts(SERVICE_HOSTS),
            keys: BTreeMap::new(),
            tokens: BTreeMap::new(),
            issued: Issued::default(),
            lockout: None,
            all: [default_project.into()].into(),
        }
    }

    /// Locks keys after too many failures, or not.
    pub(crate) fn lock_out(&mut self, lockout: Option<Lockout>) {
        self.lockout = lockout;
    }

    pub(crate) fn mode(&self) -> AuthMode {
        self.mode
    }

    /// The projects of all keys, the default one first.
    pub(crate) fn all_projects(&self) -> &Projects {
        &self.all
    }

    /// Forgets what the IAM endpoint has issued, and failures that lock a key.
    pub(crate) fn forget(&self) {
        self.issued.clear();
        self.lockout.iter().for_each(Lockout::clear);
    }

    /// What the IAM endpoint has issued.
    pub(crate) fn issued(&self) -> &Issued {
        &self.issued
    }

    /// Lets a key in, to its projects; the first is its default.
    pub(crate) fn add_key(&mut self, credentials: Credentials, projects: Vec<String>) {
        let projects: Projects = projects.into_iter().map(Arc::from).collect();
        let new = projects.iter().filter(|project| !self.all.contains(project));
        self.all = self.all.iter().chain(new).cloned().collect();
        self.keys.insert(credentials.access_key().into(), projects);
        let verifier = std::mem::take(&mut self.verifier);
        self.verifier = verifier.with_key(credentials);
    }

    /// Lets a token in, to its project (decision D33).
    pub(crate) fn add_token(&mut self, token: String, project: &str) {
        self.tokens.insert(token.into_bytes(), [project.into()].into());
    }

    /// The project that the caller acts in, or why there is none. Both come with the verdict.
    pub(crate) fn admit(
        &self,
        head: &Parts,
        body: &[u8],
        now: SystemTime,
    ) -> (Verdict, Result<Cow<'_, Arc<str>>, ApiError>) {
        let asked = asked_project(&head.headers);
        if self.mode == AuthMode::Off {
            let project = match asked {
                Asked::One(project) => std::str::from_utf8(project).ok().map(Arc::from),
                Asked::None | Asked::Several => None,
            };
            let project = project.or_else(|| self.all.first().cloned()).unwrap_or_default();
            return (Verdict::Unchecked, Ok(Cow::Owned(project)));
        }
        let admitted = self
            .identify(head, body, now)
            .and_then(|(verdict, projects)| Ok((verdict, choose(&projects, asked)?)));
        decided(admitted)
    }

    /// All projects of the caller, for calls that act in none.
    pub(crate) fn projects_of(
        &self,
        head: &Parts,
        body: &[u8],
        now: SystemTime,
    ) -> (Verdict, Result<Projects, ApiError>) {
        if self.mode == AuthMode::Off {
            return (Verdict::Unchecked, Ok(Arc::clone(&self.all)));
        }
        let identified = self.identify(head, body, now);
        decided(identified.map(|(verdict, projects)| (verdict, projects.into_owned())))
    }

    /// What a token is good for.
    pub(crate) fn token(&self, token: &[u8], now: SystemTime) -> Result<Projects, Refusal> {
        match self.tokens.get(token) {
            Some(projects) => Ok(Arc::clone(projects)),
            None => self.issued.token(token, now),
        }
    }

    /// What can be known about a signature, as of the time when it came; without one its age is
    /// not judged.
    pub(crate) fn explain(
        &self,
        request: &SignableRequest<'_>,
        at: Option<SystemTime>,
        client_canonical: Option<&str>,
    ) -> Explanation {
        let explanation = self.verifier.explain(request, at, client_canonical);
        let unknown = explanation.access_key().filter(|key| !self.keys.contains_key(*key));
        match unknown.and_then(|key| self.issued.key(key)) {
            Some(key) => key.verifier.explain(request, at, client_canonical),
            None => explanation,
        }
    }

    /// AK/SK is checked when `Authorization` begins with a known algorithm, else the token
    /// (decision D21).
    fn identify(
        &self,
        head: &Parts,
        body: &[u8],
        now: SystemTime,
    ) -> Result<(Verdict, Cow<'_, Projects>), Refusal> {
        let authorization = head.headers.get(AUTHORIZATION).map(HeaderValue::as_bytes);
        if authorization.is_some_and(is_known_algorithm) {
            let request = SignableRequest::from_parts(head, Payload::Bytes(body));
            return match &self.lockout {
                None => self.verify(&request, now),
                Some(lockout) => self.verify_unless_locked(lockout, head, &request, now),
            };
        }
        let token = head.headers.get(X_AUTH_TOKEN).ok_or(Refusal::NoCredentials)?;
        Ok((Verdict::Token, Cow::Owned(self.token(token.as_bytes(), now)?)))
    }

    fn verify_unless_locked(
        &self,
        lockout: &Lockout,
        head: &Parts,
        request: &SignableRequest<'_>,
        now: SystemTime,
    ) -> Result<(Verdict, Cow<'_, Projects>), Refusal> {
        // Only keys that are known: strangers must not fill the memory.
        let known = lockout::claimed(head);
        let known = known.and_then(|key| self.keys.get_key_value(key.as_str()));
        let Some((key, _)) = known else { return self.verify(request, now) };
        lockout.check(key, now)?;
        let verified = self.verify(request, now);
        lockout.count(key, verified.is_ok(), now);
        verified
    }

    fn verify(
        &self,
        request: &SignableRequest<'_>,
        now: SystemTime,
    ) -> Result<(Verdict, Cow<'_, Projects>), Refusal> {
        let refused = |error| Refusal::Signature(Arc::new(error));
        let signed = |access_key: Arc<str>, verified: Verified<'_>| Verdict::Signed {
            access_key,
            tolerance: verified.tolerance(),
        };
        let error = match self.verifier.verify(request, now) {
            Ok(verified) => {
                let known = self.keys.get_key_value(verified.access_key());
                let (access_key, projects) = known.map_or_else(
                    || (Arc::from(verified.access_key()), Cow::default()),
                    |(key, projects)| (Arc::clone(key), Cow::Borrowed(projects)),
                );
                return Ok((signed(access_key, verified), projects));
            }
            Err(error) => error,
        };
        let VerifyError::UnknownAccessKey { access_key } = &error else {
            return Err(refused(error));
        };
        let Some(key) = self.issued.key(access_key) else { return Err(refused(error)) };
        let verified = key.verifier.verify(request, now).map_err(refused)?;
        key.check_age(access_key, now)?;
        Ok((signed(access_key.as_str().into(), verified), Cow::Owned(Arc::clone(&key.projects))))
    }
}

/// A refusal with the answer to it.
fn decided<T>(admitted: Result<(Verdict, T), Refusal>) -> (Verdict, Result<T, ApiError>) {
    match admitted {
        Ok((verdict, found)) => (verdict, Ok(found)),
        Err(refusal) => {
            let error = answer(&refusal);
            (Verdict::Refused(refusal), Err(error))
        }
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
fn choose<'g>(
    projects: &Cow<'g, Projects>,
    asked: Asked<'_>,
) -> Result<Cow<'g, Arc<str>>, Refusal> {
    let is_asked = |project: &&Arc<str>| match asked {
        Asked::None => true,
        Asked::One(asked) => project.as_bytes() == asked,
        Asked::Several => false,
    };
    let found = match projects {
        Cow::Borrowed(projects) => projects.iter().find(is_asked).map(Cow::Borrowed),
        Cow::Owned(projects) => projects.iter().find(is_asked).cloned().map(Cow::Owned),
    };
    found.ok_or_else(|| {
        let project = match asked {
            Asked::None => String::new(),
            Asked::One(asked) => String::from_utf8_lossy(asked).into_owned(),
            Asked::Several => "several that differ".to_owned(),
        };
        Refusal::ForeignProject { project, allowed: projects.join(", ") }
    })
}

/// The answer of the gateway, in the words of the real one (decisions D20, D21, D30).
fn answer(refusal: &Refusal) -> ApiError {
    let detail = match refusal {
        Refusal::ForeignProject { .. } => {
            return ApiError::documented(ErrorCode::GATEWAY_IAM_USER_NOT_AUTHORIZED);
        }
        Refusal::NoCredentials => "x-auth-token not found".to_owned(),
        Refusal::Locked { .. } => "AK access failed to reach the limit,forbidden.".to_owned(),
        Refusal::UnknownToken | Refusal::Login => "decrypt token fail".to_owned(),
        Refusal::ExpiredToken { expires_at } => format!("token expires, expires_at:{expires_at}"),
        // A temporary key that is over is gone.
        Refusal::ExpiredKey { access_key, .. } => {
            format!("Get secretKey failed,ak:{access_key},err:ak not exist")
        }
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
