//! What is signed of a request.

use std::time::SystemTime;

use http::HeaderValue;

use super::Signer;
use super::signed::{Names, Signed};
use crate::authorization::MAX_SIGNED_HEADERS;
use crate::canonical::{Canonical, Field, Form, PayloadLine, header_value, no_fields};
use crate::date::{SdkDate, format_sdk_date};
use crate::encode::by_first;
use crate::error::SignError;
use crate::payload::{Payload, UNSIGNED_PAYLOAD};
use crate::request::{DATE, PAYLOAD, SignableRequest, TOKEN};

impl Signed<'_> {
    /// Fills in all but the signature, and lends the signer and what is signed: the canonical request
    /// without its last line, that line, and the date.
    pub(super) fn resolve<T>(
        &mut self,
        request: &SignableRequest<'_>,
        host: Option<&HeaderValue>,
        at: SystemTime,
        lend: impl FnOnce(&Signer, &Canonical<'_>, &[u8], &SdkDate) -> T,
    ) -> Result<T, SignError> {
        if let Some(error) = &self.signer.0.unusable {
            return Err(error.clone());
        }
        let token = self.signer.0.token.as_ref();
        let mut fields = no_fields();
        let (mut has_date, mut has_payload) = (false, false);
        for (name, value) in request.headers {
            let name = name.as_str();
            match name {
                "authorization" => continue,
                // It will be replaced.
                TOKEN if token.is_some() => continue,
                DATE => has_date = true,
                PAYLOAD => has_payload = true,
                _ => {}
            }
            fields.push((name, value.as_bytes()));
        }
        self.adds_date = !has_date;
        self.adds_unsigned = matches!(request.payload, Payload::Unsigned) && !has_payload;
        if has_date {
            self.date = preset_date(request)?;
        } else {
            self.date = format_sdk_date(at).ok_or(SignError::DateOutOfRange)?;
            fields.push((DATE, self.date.as_bytes()));
        }
        if let Some(host) = host {
            fields.push(("host", host.as_bytes()));
        }
        if let Some(token) = token {
            fields.push((TOKEN, token.as_bytes()));
        }
        if self.adds_unsigned {
            fields.push((PAYLOAD, UNSIGNED_PAYLOAD.as_bytes()));
        }
        let mut count = join_names(fields.as_slice(), &mut self.names);
        if count.is_none() {
            // Stable, since the values of one header keep their order.
            fields.as_mut_slice().sort_by_key(|(name, _)| *name);
            self.names = Names::new(0);
            count = join_names(fields.as_slice(), &mut self.names);
        }
        if self.names.contains(b'_') {
            fields.retain(|(name, _)| !name.contains('_'));
            self.names = Names::new(0);
            count = join_names(fields.as_slice(), &mut self.names);
        }
        if count.is_none_or(|count| count > MAX_SIGNED_HEADERS) {
            return Err(SignError::TooManyHeaders);
        }
        let payload = if has_payload && !request.payload.is_empty() {
            PayloadLine::Verbatim(header_value(request.headers, PAYLOAD).unwrap_or_default())
        } else {
            PayloadLine::of(request.payload)
        };
        let (names, fields) = (self.names.as_slice(), fields.as_slice());
        let canonical = Canonical { request, names, fields, form: Form::BASE };
        Ok(lend(self.signer, &canonical, payload.as_bytes(), &self.date))
    }
}

/// The date that the request brings.
fn preset_date(request: &SignableRequest<'_>) -> Result<SdkDate, SignError> {
    let text = header_value(request.headers, DATE).unwrap_or_default();
    match SdkDate::read(&text) {
        Some((date, _)) => Ok(date),
        None => {
            Err(SignError::MalformedDate { value: String::from_utf8_lossy(&text).into_owned() })
        }
    }
}

/// Writes the names once each, parted by `;`, and returns how many they are; `None` and a part of
/// them if they are not in order.
fn join_names(fields: &[Field<'_>], names: &mut Names) -> Option<usize> {
    let mut last = "";
    let mut count = 0;
    for (name, _) in fields {
        if count > 0 {
            if *name == last {
                continue;
            }
            if by_first(last.as_bytes(), name.as_bytes()).is_gt() {
                return None;
            }
            names.push(b';');
        }
        names.extend(name.as_bytes());
        last = name;
        count += 1;
    }
    Some(count)
}
