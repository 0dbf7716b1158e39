//! Why a signature was refused, as far as one can know.

mod difference;
mod hypothesis;
mod json;
mod reason;
mod search;

use std::fmt;
use std::time::SystemTime;

pub use self::hypothesis::Hypothesis;
pub use self::reason::{Part, Reason};
use crate::authorization::AuthorizationRef;
use crate::canonical::{CanonicalRequest, Form, PayloadLine};
use crate::error::VerifyError;
use crate::request::SignableRequest;
use crate::signature::Signature;
use crate::string_to_sign::StringToSign;
use crate::tolerance::Tolerance;
use crate::verify::{SignedFields, Verifier, canonical, find_date};

/// Whether a request is accepted; [`Explanation`] has an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Verdict {
    /// The signature is good.
    Accepted,
    /// The signature is not good.
    Refused,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Accepted => "accepted",
            Self::Refused => "refused",
        })
    }
}

/// Why a request is accepted or refused; made by [`Verifier::explain`].
///
/// A verifier sees one MAC, so beyond the exact reasons it can only compute what the signature
/// would be if the client had made one of a closed list of mistakes. `Display` gives the words for
/// people in several lines, without canonical request and signatures. `Debug` leaves those out too.
///
/// **Keep it from strangers**: [`expected_signature`](Self::expected_signature) is a valid
/// signature for the request, and the canonical request holds the values of all signed headers.
///
/// ```
/// use std::time::UNIX_EPOCH;
/// use rtc_signer::http::{HeaderValue, Request};
/// use rtc_signer::{
///     Credentials, Hypothesis, Payload, Reason, SignableRequest, Signer, Verdict, Verifier,
/// };
///
/// let credentials = Credentials::new("AK", "SK");
/// let (mut parts, ()) = Request::get("http://127.0.0.1/v2/apps").body(())?.into_parts();
/// Signer::new(credentials.clone()).sign_parts(&mut parts, Payload::Bytes(b""), UNIX_EPOCH)?;
/// parts.headers.insert("host", HeaderValue::from_static("127.0.0.1:8470"));
///
/// let arrived = SignableRequest::from_parts(&parts, Payload::Bytes(b""));
/// let explanation = Verifier::new().with_key(credentials).explain(&arrived, Some(UNIX_EPOCH), None);
/// assert_eq!(explanation.verdict(), Verdict::Refused);
/// let signed = "127.0.0.1".to_owned();
/// let mistake = Reason::Hypothesis(Hypothesis::HostWithoutPort { signed });
/// assert_eq!(explanation.reason(), Some(&mistake));
/// assert!(explanation.canonical_request().unwrap().contains("\nhost:127.0.0.1:8470\n"));
/// assert_ne!(explanation.expected_signature(), explanation.given_signature());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Explanation {
    verdict: Verdict,
    algorithm: Option<String>,
    access_key: Option<String>,
    canonical_request: Option<CanonicalRequest>,
    string_to_sign: Option<StringToSign>,
    expected_signature: Option<String>,
    given_signature: Option<String>,
    tolerance: Option<Tolerance>,
    reason: Option<Reason>,
    difference: Option<Reason>,
}

impl Explanation {
    /// Whether the request is accepted.
    pub const fn verdict(&self) -> Verdict {
        self.verdict
    }

    /// The algorithm that the request names, known or not.
    pub fn algorithm(&self) -> Option<&str> {
        self.algorithm.as_deref()
    }

    /// The access key that the request names, known or not.
    pub fn access_key(&self) -> Option<&str> {
        self.access_key.as_deref()
    }

    /// The canonical request of the verifier, if the request has all that it is made of.
    ///
    /// It follows the base rule, or the tolerance if one was needed and granted.
    pub fn canonical_request(&self) -> Option<&str> {
        self.canonical_request.as_ref().map(CanonicalRequest::as_str)
    }

    /// The string to sign of the verifier.
    pub fn string_to_sign(&self) -> Option<&str> {
        self.string_to_sign.as_ref().map(StringToSign::as_str)
    }

    /// The signature that the verifier computes, if the access key is known. A secret.
    pub fn expected_signature(&self) -> Option<&str> {
        self.expected_signature.as_deref()
    }

    /// The signature as sent.
    pub fn given_signature(&self) -> Option<&str> {
        self.given_signature.as_deref()
    }

    /// The tolerance that was needed to accept the request.
    pub const fn tolerance(&self) -> Option<Tolerance> {
        self.tolerance
    }

    /// Why the request was refused; always there if it was.
    pub const fn reason(&self) -> Option<&Reason> {
        self.reason.as_ref()
    }

    /// The first line in which the client's canonical request differs, if one was supplied.
    ///
    /// A [`Reason::FirstDifference`] or a [`Reason::SameCanonicalRequest`], also where
    /// [`reason`](Self::reason) is another one.
    pub const fn difference(&self) -> Option<&Reason> {
        self.difference.as_ref()
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "signature {}", self.verdict)?;
        if let Some(tolerance) = self.tolerance {
            write!(f, " by the tolerance {tolerance}")?;
        }
        if let Some(access_key) = &self.access_key {
            write!(f, "\naccess key: {access_key}")?;
        }
        if let Some(algorithm) = &self.algorithm {
            write!(f, "\nalgorithm: {algorithm}")?;
        }
        if let Some(reason) = &self.reason {
            write!(f, "\nreason: {reason}")?;
        }
        match &self.difference {
            Some(difference) if self.reason.as_ref() != Some(difference) => {
                write!(f, "\nfurther: {difference}")
            }
            _ => Ok(()),
        }
    }
}

impl fmt::Debug for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Explanation")
            .field("verdict", &self.verdict)
            .field("algorithm", &self.algorithm)
            .field("access_key", &self.access_key)
            .field("tolerance", &self.tolerance)
            .field("reason", &self.reason)
            .finish_non_exhaustive()
    }
}

/// See [`Verifier::explain`].
pub(crate) fn explain(
    verifier: &Verifier,
    request: &SignableRequest<'_>,
    now: Option<SystemTime>,
    client_canonical: Option<&str>,
) -> Explanation {
    let mut explanation = Explanation {
        verdict: Verdict::Refused,
        algorithm: None,
        access_key: None,
        canonical_request: None,
        string_to_sign: None,
        expected_signature: None,
        given_signature: None,
        tolerance: None,
        reason: None,
        difference: None,
    };
    let outcome = verifier.verify_at(request, now);
    if let Ok(verified) = &outcome {
        explanation.verdict = Verdict::Accepted;
        explanation.tolerance = verified.tolerance();
    }
    match verifier.authorization(request) {
        Ok(authorization) => explanation.describe(verifier, request, &authorization),
        Err(VerifyError::UnsupportedAlgorithm { algorithm }) => {
            explanation.algorithm = Some(algorithm);
        }
        Err(_) => {}
    }
    if let (Some(ours), Some(theirs)) = (&explanation.canonical_request, client_canonical) {
        explanation.difference = Some(difference::first(ours.as_str(), theirs));
    }
    explanation.reason = outcome.err().map(|error| match error {
        VerifyError::SignatureMismatch { .. } => search::find(verifier, request, now)
            .map(Reason::Hypothesis)
            .or_else(|| explanation.difference.clone())
            .unwrap_or(Reason::NoneMatches),
        error => Reason::exact(&error),
    });
    explanation
}

impl Explanation {
    /// Fills in what the request names and what the verifier computes from it.
    fn describe(
        &mut self,
        verifier: &Verifier,
        request: &SignableRequest<'_>,
        authorization: &AuthorizationRef<'_>,
    ) {
        self.algorithm = Some(authorization.algorithm.to_string());
        self.access_key = Some(authorization.access_key.to_owned());
        self.given_signature = Some(authorization.signature_text.to_owned());
        let mut signed = SignedFields::new();
        if signed.find(request.headers, authorization.signed_headers).is_err() {
            return;
        }
        let Ok((date, _)) = find_date(request, &signed) else {
            return;
        };
        if signed.missing().is_some() {
            return;
        }
        let form = self.tolerance.and_then(|tolerance| tolerance.form(request));
        let canonical = canonical(request, authorization, &signed, form.unwrap_or(Form::BASE));
        let key = verifier.entry(authorization.access_key);
        let key = key.map(|entry| entry.key_for(authorization));
        let is_signed = |text: &CanonicalRequest| match &key {
            Some(key) => authorization.is_signature_of(key, &date, text.hash_digits()),
            None => false,
        };
        let text = match verifier.payload_lines(request, &signed) {
            Err(_) => canonical.text(PayloadLine::of(request.payload).as_bytes()),
            // For an empty body the one of two payload lines that was signed.
            Ok(lines) => {
                let mut texts = lines.iter().map(|line| canonical.text(line.as_bytes()));
                texts.find(is_signed).unwrap_or_else(|| canonical.text(lines.first().as_bytes()))
            }
        };
        let label = authorization.algorithm.as_str();
        let string_to_sign = authorization.string_to_sign(label, &date, text.hash_digits());
        self.expected_signature =
            key.as_ref().map(|key| Signature::new(key, &string_to_sign).to_string());
        self.canonical_request = Some(text);
        self.string_to_sign = Some(string_to_sign);
    }
}
