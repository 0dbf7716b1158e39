//! The checks that come before the signature itself, in their order.

use std::borrow::Cow;
use std::time::SystemTime;

use ring::hmac;

use super::{DerivedKeys, Entry, PayloadCheck, SignedFields, Verifier};
use crate::authorization::AuthorizationRef;
use crate::canonical::{Canonical, Form, PayloadLine, header_value, trim};
use crate::date::SdkDate;
use crate::encode::ascii;
use crate::error::{SecurityTokenProblem, VerifyError};
use crate::payload::UNSIGNED_PAYLOAD;
use crate::request::{DATE, PAYLOAD, SignableRequest, TOKEN, X_SDK_DATE};

/// A request that has passed every check but that of the signature.
pub(crate) struct Checked<'c, 'v> {
    pub(crate) request: &'c SignableRequest<'c>,
    pub(crate) authorization: &'c AuthorizationRef<'c>,
    pub(crate) entry: &'v Entry,
    pub(crate) key: &'c hmac::Key,
    pub(crate) date: &'c SdkDate,
    pub(crate) signed_at: SystemTime,
    pub(crate) signed: &'c SignedFields<'c>,
    pub(crate) payload_lines: &'c PayloadLines<'c>,
}

/// The payload lines that the base rule allows: one, or for an empty body two.
pub(crate) struct PayloadLines<'r> {
    first: PayloadLine<'r>,
    or_empty: bool,
}

impl<'r> PayloadLines<'r> {
    pub(crate) const fn first(&self) -> &PayloadLine<'r> {
        &self.first
    }

    pub(crate) fn second(&self) -> Option<&PayloadLine<'r>> {
        self.or_empty.then_some(&PayloadLine::EMPTY)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &PayloadLine<'r>> {
        [&self.first].into_iter().chain(self.second())
    }
}

impl Verifier {
    /// Makes every check but the last, and lends what it has found.
    pub(crate) fn check<'v, T>(
        &'v self,
        request: &SignableRequest<'_>,
        now: Option<SystemTime>,
        lend: impl FnOnce(&Checked<'_, 'v>) -> T,
    ) -> Result<T, VerifyError> {
        let authorization = self.authorization(request)?;
        let mut signed = SignedFields::new();
        signed.find(request.headers, authorization.signed_headers)?;
        let entry = self.entry(authorization.access_key).ok_or_else(|| {
            VerifyError::UnknownAccessKey { access_key: authorization.access_key.to_owned() }
        })?;
        let (date, signed_at) = find_date(request, &signed)?;
        if let Some(info) = authorization.info {
            self.check_scope(info, &date)?;
        }
        if let Some(now) = now {
            self.check_age(signed_at, now)?;
        }
        if let Some(name) = signed.missing() {
            return Err(VerifyError::MissingSignedHeader { name: name.to_owned() });
        }
        check_token(request, &signed, entry)?;
        let payload_lines = self.payload_lines(request, &signed)?;
        Ok(lend(&Checked {
            request,
            authorization: &authorization,
            entry,
            key: &entry.key_for(&authorization),
            date: &date,
            signed_at,
            signed: &signed,
            payload_lines: &payload_lines,
        }))
    }

    /// Reads the header, if its algorithm is offered.
    pub(crate) fn authorization<'r>(
        &self,
        request: &SignableRequest<'r>,
    ) -> Result<AuthorizationRef<'r>, VerifyError> {
        let derived = self.derived != DerivedKeys::Refused;
        AuthorizationRef::find(request.headers, |algorithm| derived || !algorithm.is_derived())
    }

    fn check_scope(&self, info: &str, date: &SdkDate) -> Result<(), VerifyError> {
        let (day, scope) = info.split_once('/').unwrap_or((info, ""));
        if let DerivedKeys::Scope(expected) = &self.derived
            && scope != expected.as_str()
        {
            let (given, expected) = (scope.to_owned(), expected.to_string());
            return Err(VerifyError::WrongScope { given, expected });
        }
        if day.as_bytes() != date.day() {
            let (credential, date) = (day.to_owned(), date.to_string());
            return Err(VerifyError::CredentialDate { credential, date });
        }
        Ok(())
    }

    fn check_age(&self, signed_at: SystemTime, now: SystemTime) -> Result<(), VerifyError> {
        let distance = now.duration_since(signed_at).unwrap_or_else(|error| error.duration());
        if distance > self.max_skew {
            let (server_time, max_skew) = (now, self.max_skew);
            return Err(VerifyError::OutsideSkew { signed_at, server_time, max_skew });
        }
        Ok(())
    }

    /// Base rule 6: the payload header if it is signed, checked against the body; else the body.
    pub(crate) fn payload_lines<'r>(
        &self,
        request: &SignableRequest<'r>,
        signed: &SignedFields<'r>,
    ) -> Result<PayloadLines<'r>, VerifyError> {
        let mut values = signed.values(PAYLOAD);
        let Some(given) = values.next() else {
            return Ok(PayloadLines { first: PayloadLine::of(request.payload), or_empty: false });
        };
        let alone = values.next().is_none();
        let text = trim(given);
        let lenient = self.payload_check == PayloadCheck::Lenient;
        let unchecked = alone && (lenient || text == UNSIGNED_PAYLOAD.as_bytes());
        if !unchecked
            && let Some(computed) = request.payload.sha256_digits()
            && !(alone && text.eq_ignore_ascii_case(&computed))
        {
            let (given, computed) = (lossy(request, PAYLOAD), ascii(&computed).to_owned());
            return Err(VerifyError::PayloadMismatch { given, computed });
        }
        let first = PayloadLine::Verbatim(Cow::Borrowed(text));
        Ok(PayloadLines { first, or_empty: request.payload.is_empty() })
    }
}

impl<'c> Checked<'c, '_> {
    pub(crate) fn canonical(&self, form: Form) -> Canonical<'c> {
        canonical(self.request, self.authorization, self.signed, form)
    }
}

pub(crate) fn canonical<'c>(
    request: &'c SignableRequest<'c>,
    authorization: &AuthorizationRef<'c>,
    signed: &'c SignedFields<'_>,
    form: Form,
) -> Canonical<'c> {
    let names = authorization.signed_headers.as_bytes();
    Canonical { request, names, fields: signed.as_slice(), form }
}

/// The date, which must be signed, well formed and alone.
pub(crate) fn find_date(
    request: &SignableRequest<'_>,
    signed: &SignedFields<'_>,
) -> Result<(SdkDate, SystemTime), VerifyError> {
    let mut values = signed.values(DATE);
    let Some(value) = values.next() else {
        let sent = request.headers.contains_key(X_SDK_DATE);
        return Err(if sent { VerifyError::DateNotSigned } else { VerifyError::MissingDate });
    };
    match (SdkDate::read(trim(value)), values.next()) {
        (Some(read), None) => Ok(read),
        _ => Err(VerifyError::MalformedDate { value: lossy(request, DATE) }),
    }
}

fn check_token(
    request: &SignableRequest<'_>,
    signed: &SignedFields<'_>,
    entry: &Entry,
) -> Result<(), VerifyError> {
    let sent = signed.has_token();
    let problem = match (&entry.token_mac, sent) {
        (None, false) => return Ok(()),
        (None, true) => SecurityTokenProblem::Unexpected,
        (Some(_), false) => SecurityTokenProblem::Missing,
        (Some(_), true) if signed.values(TOKEN).next().is_none() => SecurityTokenProblem::NotSigned,
        (Some(mac), true) => {
            let given = header_value(request.headers, TOKEN).unwrap_or_default();
            if hmac::verify(&entry.key, &given, mac.as_ref()).is_ok() {
                return Ok(());
            }
            SecurityTokenProblem::Other
        }
    };
    Err(VerifyError::SecurityToken { problem })
}

fn lossy(request: &SignableRequest<'_>, name: &str) -> String {
    let value = header_value(request.headers, name).unwrap_or_default();
    String::from_utf8_lossy(&value).into_owned()
}
