//! The checks that come before the signature itself, in their order.

use std::time::SystemTime;

use http::header::HeaderName;
use ring::hmac;

use super::{Entry, Verifier};
use crate::authorization::AuthorizationRef;
use crate::canonical::{Canonical, Form, PayloadLine, header_value, trim};
use crate::date::parse_sdk_date;
use crate::encode::{ascii, sha256_hex};
use crate::error::{SecurityTokenProblem, VerifyError};
use crate::request::{
    Payload, SignableRequest, UNSIGNED_PAYLOAD, X_SDK_CONTENT_SHA256, X_SDK_DATE, X_SECURITY_TOKEN,
};

/// A request that has passed every check but that of the signature.
pub(crate) struct Checked<'r, 'v> {
    pub(crate) authorization: AuthorizationRef<'r>,
    pub(crate) entry: &'v Entry,
    pub(crate) date: &'r str,
    pub(crate) signed_at: SystemTime,
    pub(crate) canonical: Canonical<'r>,
    pub(crate) payload_lines: PayloadLines<'r>,
}

/// The payload lines that the base rule allows: one, or for an empty body two.
#[derive(Clone, Copy)]
pub(crate) struct PayloadLines<'r> {
    first: PayloadLine<'r>,
    second: Option<PayloadLine<'r>>,
}

impl<'r> PayloadLines<'r> {
    pub(crate) const fn first(&self) -> &PayloadLine<'r> {
        &self.first
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &PayloadLine<'r>> {
        [&self.first].into_iter().chain(&self.second)
    }
}

impl Verifier {
    /// Makes every check but the last.
    pub(crate) fn check<'r>(
        &self,
        request: &SignableRequest<'r>,
        now: Option<SystemTime>,
    ) -> Result<Checked<'r, '_>, VerifyError> {
        let authorization = AuthorizationRef::find(request.headers)?;
        let entry = self.entry(authorization.access_key).ok_or_else(|| {
            VerifyError::UnknownAccessKey { access_key: authorization.access_key.to_owned() }
        })?;
        let (date, signed_at) = find_date(request, &authorization)?;
        if let Some(now) = now {
            self.check_age(signed_at, now)?;
        }
        check_presence(request, &authorization)?;
        check_token(request, &authorization, entry)?;
        let payload_lines = payload_lines(request, &authorization)?;
        let canonical = canonical(request, &authorization);
        Ok(Checked { authorization, entry, date, signed_at, canonical, payload_lines })
    }

    fn check_age(&self, signed_at: SystemTime, now: SystemTime) -> Result<(), VerifyError> {
        let distance = now.duration_since(signed_at).unwrap_or_else(|error| error.duration());
        if distance > self.max_skew {
            let (server_time, max_skew) = (now, self.max_skew);
            return Err(VerifyError::OutsideSkew { signed_at, server_time, max_skew });
        }
        Ok(())
    }
}

/// The canonical request of the base rule.
pub(crate) fn canonical<'r>(
    request: &SignableRequest<'r>,
    authorization: &AuthorizationRef<'r>,
) -> Canonical<'r> {
    Canonical {
        request: *request,
        signed_headers: authorization.signed_headers,
        added: &[],
        form: Form::BASE,
    }
}

/// The date, which must be signed, well formed and alone.
pub(crate) fn find_date<'r>(
    request: &SignableRequest<'r>,
    authorization: &AuthorizationRef<'_>,
) -> Result<(&'r str, SystemTime), VerifyError> {
    let mut values = request.headers.get_all(X_SDK_DATE).iter();
    let value = values.next().ok_or(VerifyError::MissingDate)?;
    if !authorization.signs(X_SDK_DATE.as_str()) {
        return Err(VerifyError::DateNotSigned);
    }
    let text = std::str::from_utf8(trim(value.as_bytes())).ok();
    let read = text.and_then(|text| Some((text, parse_sdk_date(text)?)));
    match (read, values.next()) {
        (Some(read), None) => Ok(read),
        _ => Err(VerifyError::MalformedDate { value: lossy(request, &X_SDK_DATE) }),
    }
}

/// Every signed header must be there.
pub(crate) fn check_presence(
    request: &SignableRequest<'_>,
    authorization: &AuthorizationRef<'_>,
) -> Result<(), VerifyError> {
    let absent = |name: &&str| !request.headers.contains_key(*name);
    match authorization.signed_headers.split(';').find(absent) {
        Some(name) => Err(VerifyError::MissingSignedHeader { name: name.to_owned() }),
        None => Ok(()),
    }
}

fn check_token(
    request: &SignableRequest<'_>,
    authorization: &AuthorizationRef<'_>,
    entry: &Entry,
) -> Result<(), VerifyError> {
    let given = header_value(request.headers, X_SECURITY_TOKEN.as_str());
    let problem = match (&entry.token_mac, given) {
        (None, None) => return Ok(()),
        (None, Some(_)) => SecurityTokenProblem::Unexpected,
        (Some(_), None) => SecurityTokenProblem::Missing,
        (Some(_), Some(_)) if !authorization.signs(X_SECURITY_TOKEN.as_str()) => {
            SecurityTokenProblem::NotSigned
        }
        (Some(mac), Some(given)) => {
            if hmac::verify(&entry.key, &given, mac.as_ref()).is_ok() {
                return Ok(());
            }
            SecurityTokenProblem::Other
        }
    };
    Err(VerifyError::SecurityToken { problem })
}

/// Base rule 6: the payload header if it is signed, checked against the body; else the body.
pub(crate) fn payload_lines<'r>(
    request: &SignableRequest<'r>,
    authorization: &AuthorizationRef<'_>,
) -> Result<PayloadLines<'r>, VerifyError> {
    let name = X_SDK_CONTENT_SHA256;
    let mut values = request.headers.get_all(&name).iter();
    let given = values.next().filter(|_| authorization.signs(name.as_str()));
    let Some(given) = given else {
        return Ok(PayloadLines { first: PayloadLine::of(request.payload), second: None });
    };
    let alone = values.next().is_none();
    let text = trim(given.as_bytes());
    let first = PayloadLine::Verbatim(text);
    let Payload::Bytes(body) = request.payload else {
        return Ok(PayloadLines { first, second: None });
    };
    if !alone || text != UNSIGNED_PAYLOAD.as_bytes() {
        let computed = sha256_hex(body);
        if !alone || !text.eq_ignore_ascii_case(&computed) {
            return Err(VerifyError::PayloadMismatch {
                given: lossy(request, &name),
                computed: ascii(&computed).to_owned(),
            });
        }
    }
    Ok(PayloadLines { first, second: body.is_empty().then_some(PayloadLine::EMPTY) })
}

fn lossy(request: &SignableRequest<'_>, name: &HeaderName) -> String {
    let value = header_value(request.headers, name.as_str()).unwrap_or_default();
    String::from_utf8_lossy(&value).into_owned()
}
