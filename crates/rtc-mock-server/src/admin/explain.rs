//! Explains signatures: of exchanges in the journal, and of requests that are given.

mod compare;

use std::time::SystemTime;

use http::{HeaderMap, StatusCode};
use rtc_model::Timestamp;
use rtc_signer::{
    Credentials, DerivedKeys, Explanation, Reason, Tolerance, Verifier, X_SECURITY_TOKEN,
};

use crate::admin::{AdminCall, Outcome, Refused, ok};
use crate::admin_api::{ComparedLine, Explain, Explained, ReasonKind, RequestRead};
use crate::mask;
use crate::pipeline::Core;
use crate::raw::{RawRequest, SERVICE_HOSTS};

/// Why a signature is not explained.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ExplainError {
    /// The journal has no exchange with the number.
    #[error("no exchange with that number is in the journal")]
    NoExchange,
    /// What was asked cannot be answered: what it lacks, or where the request cannot be read.
    #[error("{0}")]
    Question(String),
}

impl From<ExplainError> for Refused {
    fn from(error: ExplainError) -> Self {
        let status = match error {
            ExplainError::NoExchange => StatusCode::NOT_FOUND,
            ExplainError::Question(_) => StatusCode::BAD_REQUEST,
        };
        Self::new(status, error.to_string())
    }
}

pub(super) fn answer(core: &Core, call: &AdminCall) -> Outcome {
    ok(&explain(core, &call.read()?)?)
}

/// What can be known about the signature that is meant.
pub(crate) fn explain(core: &Core, wanted: &Explain) -> Result<Explained, ExplainError> {
    match (wanted.id, &wanted.request) {
        (Some(id), None) => recorded(core, id, wanted),
        (None, Some(request)) => given(core, request, wanted),
        _ => Err(question("give either the id of an exchange in the journal or a request")),
    }
}

fn question(what: impl Into<String>) -> ExplainError {
    ExplainError::Question(what.into())
}

fn recorded(core: &Core, id: u64, wanted: &Explain) -> Result<Explained, ExplainError> {
    if wanted.access_key.is_some() || wanted.secret_key.is_some() || wanted.now.is_some() {
        let error = "access_key, secret_key and now go with request: an exchange in the journal is explained with the mock's own keys, at the time when it came";
        return Err(question(error));
    }
    let record = core.journal.record(id).ok_or(ExplainError::NoExchange)?;
    let theirs = wanted.canonical_request.as_deref();
    let explanation = core.explain_with(&record, theirs);
    let head = record.heads.request();
    let read = RequestRead {
        method: head.method.to_string(),
        path: head.uri.path().to_owned(),
        query: head.uri.query().map(mask::query),
        headers: head.headers.len(),
        body_bytes: record.body.len(),
        surplus_bytes: 0,
    };
    Ok(explained(read, &head.headers, &explanation, theirs))
}

fn given(core: &Core, text: &str, wanted: &Explain) -> Result<Explained, ExplainError> {
    let bad = |field: &str, error: String| question(format!("{field}: {error}"));
    let request =
        RawRequest::parse(text.as_bytes()).map_err(|error| bad("request", error.to_string()))?;
    let now = wanted.now.as_deref().map(time).transpose().map_err(|error| bad("now", error))?;
    let theirs = wanted.canonical_request.as_deref();
    let view = request.view();
    let explanation = match (&wanted.access_key, &wanted.secret_key) {
        (None, None) => core.gatekeeper.explain(&view, now, theirs),
        (Some(access_key), Some(secret_key)) => {
            let credentials = Credentials::new(access_key.as_str(), secret_key.as_str());
            verifier(credentials, request.headers()).explain(&view, now, theirs)
        }
        _ => return Err(question("access_key and secret_key go together")),
    };
    let read = RequestRead {
        method: request.method().to_string(),
        path: request.path().to_owned(),
        query: request.query().map(mask::query),
        headers: request.headers().len(),
        body_bytes: request.body().len(),
        surplus_bytes: request.surplus(),
    };
    Ok(explained(read, request.headers(), &explanation, theirs))
}

/// A token that the request brings is taken as the key's, and any region and service as meant: the
/// signature is judged, and nobody is let in.
fn verifier(credentials: Credentials, headers: &HeaderMap) -> Verifier {
    let credentials = match headers.get(X_SECURITY_TOKEN).map(|token| token.to_str()) {
        Some(Ok(token)) => credentials.with_security_token(token),
        _ => credentials,
    };
    Verifier::new()
        .with_key(credentials)
        .with_derived_keys(DerivedKeys::AnyScope)
        .with_other_hosts(SERVICE_HOSTS)
}

fn time(text: &str) -> Result<SystemTime, String> {
    let time = text.parse::<Timestamp>().ok().and_then(|time| time.to_system_time());
    time.ok_or_else(|| format!("{text:?} is no time; write 2024-01-02T03:04:05Z"))
}

fn explained(
    request: RequestRead,
    headers: &HeaderMap,
    explanation: &Explanation,
    theirs: Option<&str>,
) -> Explained {
    let shown = |text: &str| mask::quoted(headers, text);
    let words = |reason: &Reason| shown(&reason.to_string());
    let canonical = explanation.canonical_request();
    let comparison = canonical.zip(theirs).map(|(ours, theirs)| {
        let lines = compare::lines(ours, theirs).into_iter();
        let line = |(ours, theirs): (Option<&str>, Option<&str>)| ComparedLine {
            ours: ours.map(shown),
            theirs: theirs.map(shown),
            same: ours == theirs,
        };
        lines.map(line).collect()
    });
    Explained {
        request,
        verdict: explanation.verdict().to_string(),
        algorithm: explanation.algorithm().map(str::to_owned),
        access_key: explanation.access_key().map(str::to_owned),
        canonical_request: canonical.map(shown),
        string_to_sign: explanation.string_to_sign().map(shown),
        expected_signature: explanation.expected_signature().map(str::to_owned),
        given_signature: explanation.given_signature().map(str::to_owned),
        tolerance: explanation.tolerance().map(Tolerance::as_str).map(str::to_owned),
        reason: explanation.reason().map(words),
        reason_kind: explanation.reason().and_then(kind),
        explanation: shown(&explanation.to_string()),
        difference: explanation.difference().map(words),
        comparison,
    }
}

fn kind(reason: &Reason) -> Option<ReasonKind> {
    Some(match reason {
        Reason::Exact { .. } => ReasonKind::Exact,
        Reason::Hypothesis(_) => ReasonKind::Hypothesis,
        Reason::FirstDifference { .. } => ReasonKind::Difference,
        Reason::SameCanonicalRequest => ReasonKind::Same,
        Reason::NoneMatches => ReasonKind::Unknown,
        _ => return None,
    })
}
