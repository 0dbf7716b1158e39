//! Tries the closed list of mistakes, one at a time.

mod host;

use std::borrow::Cow;
use std::time::SystemTime;

use super::Hypothesis;
use super::json::{self, Letters, Spacing};
use crate::canonical::{
    Canonical, Field, Form, Hasher, PathForm, PayloadLine, QueryForm, Sink, ValueForm,
    header_value, trim,
};
use crate::payload::Payload;
use crate::request::{SignableRequest, X_SDK_CONTENT_SHA256};
use crate::signature::matches;
use crate::tolerance::Tolerance;
use crate::verify::{Checked, Verifier};

/// So many keys are tried at most.
const MAX_KEYS: usize = 64;

/// Of so many headers at most spaces round the value are guessed.
const MAX_PADDED: usize = 16;

/// Bodies longer than this are not tried in other forms.
const MAX_BODY: usize = 1 << 20;

/// First lines of the string to sign that are tried.
const LABELS: [&str; 7] = [
    "SDK-HMAC-SM3",
    "V11-HMAC-SHA256",
    "SDK-HMAC-256",
    "HMAC-SHA256",
    "AWS4-HMAC-SHA256",
    "sdk-hmac-sha256",
    "",
];

/// The mistake that leads to the signature of the request, if one of the list does.
pub(super) fn find(
    verifier: &Verifier,
    request: &SignableRequest<'_>,
    now: Option<SystemTime>,
) -> Option<Hypothesis> {
    verifier.check(request, now, |checked| find_checked(verifier, checked)).ok()?
}

fn find_checked(verifier: &Verifier, checked: &Checked<'_, '_>) -> Option<Hypothesis> {
    tolerance(verifier, checked)
        .or_else(|| host::host(verifier, checked))
        .or_else(|| path(checked))
        .or_else(|| query(checked))
        .or_else(|| payload(checked))
        .or_else(|| values(checked))
        .or_else(|| other_key(verifier, checked))
        .or_else(|| body(checked))
        .or_else(|| label(checked))
}

impl<'r> Checked<'r, '_> {
    fn fits_path(&self, path: PathForm) -> bool {
        self.matches(Form { path, ..Form::BASE })
    }

    fn fits_query(&self, query: QueryForm) -> bool {
        self.matches(Form { query, ..Form::BASE })
    }

    /// Whether one header was signed with another value, letter by letter.
    fn fits_value(&self, name: &str, value: &[u8]) -> bool {
        let replaced =
            |(field, sent): &Field<'r>| (*field, if *field == name { value } else { trim(sent) });
        let fields: Vec<Field<'_>> = self.signed.as_slice().iter().map(replaced).collect();
        let form = Form { values: ValueForm::Untrimmed, ..Form::BASE };
        let canonical = Canonical { fields: &fields, ..self.canonical(form) };
        self.matches_canonical(&canonical, self.key)
    }

    fn fits_payload(&self, line: &[u8]) -> bool {
        let sha256 = self.canonical(Form::BASE).sha256(line);
        self.authorization.is_signature_of(self.key, self.date, &sha256)
    }

    fn fits_label(&self, label: &str) -> bool {
        let canonical = self.canonical(Form::BASE);
        self.payload_lines.iter().any(|line| {
            let sha256 = canonical.sha256(line.as_bytes());
            let text = self.authorization.string_to_sign(label, self.date, &sha256);
            matches(self.key, &text, &self.authorization.signature)
        })
    }

    /// A header's value, if the header is signed.
    fn signed_value(&self, name: &str) -> Option<Cow<'r, [u8]>> {
        let headers = self.request.headers;
        header_value(headers, name).filter(|_| self.signed.values(name).next().is_some())
    }

    fn body(&self) -> Option<&'r [u8]> {
        match self.request.payload {
            Payload::Bytes(body) if !body.is_empty() => Some(body),
            _ => None,
        }
    }
}

fn tolerance(verifier: &Verifier, checked: &Checked<'_, '_>) -> Option<Hypothesis> {
    Tolerance::ALL
        .iter()
        .filter(|tolerance| !verifier.tolerances().allows(**tolerance))
        .find(|tolerance| {
            let form = tolerance.form(checked.request);
            form.is_some_and(|form| checked.matches(form))
        })
        .map(|tolerance| Hypothesis::ToleranceSwitchedOff(*tolerance))
}

fn path(checked: &Checked<'_, '_>) -> Option<Hypothesis> {
    [
        (PathForm::NoTrailingSlash, Hypothesis::NoTrailingSlash),
        (PathForm::EncodedTwice, Hypothesis::PathEncodedTwice),
        (PathForm::AsOnWire, Hypothesis::PathAsOnWire),
        (PathForm::NotEncoded, Hypothesis::PathNotEncoded),
    ]
    .into_iter()
    .find_map(|(form, hypothesis)| checked.fits_path(form).then_some(hypothesis))
}

fn query(checked: &Checked<'_, '_>) -> Option<Hypothesis> {
    checked.request.query?;
    [
        (QueryForm::Unsorted, Hypothesis::QueryUnsorted),
        (QueryForm::SortedAsText, Hypothesis::QuerySortedAsText),
        (QueryForm::PlusKept, Hypothesis::PlusKept),
        (QueryForm::SpaceAsPlus, Hypothesis::SpaceAsPlus),
    ]
    .into_iter()
    .find_map(|(form, hypothesis)| checked.fits_query(form).then_some(hypothesis))
}

fn payload(checked: &Checked<'_, '_>) -> Option<Hypothesis> {
    if checked.fits_payload(PayloadLine::EMPTY.as_bytes()) {
        return Some(Hypothesis::EmptyPayloadHash);
    }
    if checked.fits_payload(PayloadLine::UNSIGNED.as_bytes()) {
        return Some(Hypothesis::UnsignedPayload);
    }
    checked.signed_value(X_SDK_CONTENT_SHA256.as_str())?;
    let line = PayloadLine::of(checked.request.payload);
    checked.fits_payload(line.as_bytes()).then_some(Hypothesis::PayloadHeaderIgnored)
}

fn values(checked: &Checked<'_, '_>) -> Option<Hypothesis> {
    let form = Form { values: ValueForm::Untrimmed, ..Form::BASE };
    if checked.matches(form) {
        return Some(Hypothesis::HeaderValuesUntrimmed);
    }
    // Most HTTP libraries drop the spaces, so that they must be guessed: two at most on either side.
    let is_padded = |(name, value): &Field<'_>| {
        let room = [b"  ", trim(value), b"  "].concat();
        (0..=2).any(|start| {
            let values = (0..=2).filter_map(|end| room.get(start..room.len() - end));
            values.into_iter().any(|value| checked.fits_value(name, value))
        })
    };
    let mut fields = checked.signed.as_slice().iter().take(MAX_PADDED);
    fields.any(is_padded).then_some(Hypothesis::HeaderValuesUntrimmed)
}

fn other_key(verifier: &Verifier, checked: &Checked<'_, '_>) -> Option<Hypothesis> {
    verifier
        .entries()
        .take(MAX_KEYS)
        .find(|entry| {
            let key = entry.key_for(checked.authorization);
            checked.matches_canonical(&checked.canonical(Form::BASE), &key)
        })
        .map(|entry| Hypothesis::OtherKey { access_key: entry.access_key.clone() })
}

fn body(checked: &Checked<'_, '_>) -> Option<Hypothesis> {
    let body = checked.body().filter(|body| body.len() <= MAX_BODY)?;
    newline(checked, body).or_else(|| serialized(checked, body))
}

fn newline(checked: &Checked<'_, '_>, body: &[u8]) -> Option<Hypothesis> {
    let fits = |body: &[u8], end: &[u8]| {
        let mut hasher = Hasher::new();
        let _ = hasher.put(body).put(end);
        checked.fits_payload(&hasher.finish())
    };
    if fits(body, b"\n") {
        return Some(Hypothesis::BodyWithNewline);
    }
    let line = body.strip_suffix(b"\n")?;
    let is_without =
        fits(line, b"") || line.strip_suffix(b"\r").is_some_and(|line| fits(line, b""));
    is_without.then_some(Hypothesis::BodyWithoutNewline)
}

fn serialized(checked: &Checked<'_, '_>, body: &[u8]) -> Option<Hypothesis> {
    if !json::is_candidate(body) {
        return None;
    }
    let fits = |spacing, letters| {
        let mut hasher = Hasher::new();
        json::write(body, spacing, letters, &mut hasher);
        checked.fits_payload(&hasher.finish())
    };
    if fits(Spacing::Compact, Letters::AsSent) {
        return Some(Hypothesis::BodyCompacted);
    }
    if fits(Spacing::Spaced, Letters::AsSent) {
        return Some(Hypothesis::BodySpaced);
    }
    let spacings = [Spacing::AsSent, Spacing::Compact, Spacing::Spaced];
    let is_escaped = spacings.into_iter().any(|spacing| fits(spacing, Letters::Escaped));
    is_escaped.then_some(Hypothesis::BodyEscaped)
}

fn label(checked: &Checked<'_, '_>) -> Option<Hypothesis> {
    let label = LABELS.iter().find(|label| checked.fits_label(label))?;
    Some(Hypothesis::AlgorithmLabel { signed: (*label).to_owned() })
}
