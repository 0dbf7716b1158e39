//! Keeping secrets out of what errors show.

mod fields;
mod spelling;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue};
use rtc_model::wire::X_REQUEST_ID;
use smallvec::SmallVec;

pub(crate) use self::fields::{mask_fields, mask_values};

/// What stands in for a secret.
const MASK: &str = "***";
/// The most of a request id that is kept, in bytes; the service's have 32.
pub(crate) const MAX_REQUEST_ID: usize = 128;

/// The values that an attempt sent in headers marked sensitive.
///
/// The gateway repeats signed headers in its error messages, the security token among them, and a
/// peer that is not the service may repeat any of them anywhere.
#[derive(Default)]
pub(crate) struct Secrets(SmallVec<[HeaderValue; 2]>);

impl Secrets {
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let sensitive = headers.values().filter(|value| value.is_sensitive() && !value.is_empty());
        let mut secrets = Self(sensitive.cloned().collect());
        // The longest first: one may be the beginning of another.
        secrets.0.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        secrets
    }

    /// The same with one that was sent in a body.
    pub(crate) fn and(mut self, secret: &str) -> Self {
        self.0.extend(HeaderValue::from_bytes(secret.as_bytes()).ok().filter(|s| !s.is_empty()));
        self.0.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        self
    }

    /// The first `max` bytes of a text without the secrets; an ellipsis follows where it is cut.
    pub(crate) fn mask_text(&self, text: &str, max: usize) -> String {
        let (masked, whole) = self.mask(text.as_bytes(), max);
        let mut masked = String::from_utf8_lossy(&masked).into_owned();
        if !whole || masked.len() > max {
            let is_boundary = |at: &usize| masked.is_char_boundary(*at);
            masked.truncate((0..=max).rev().find(is_boundary).unwrap_or(0));
            masked.push('…');
        }
        masked
    }

    /// The first `max` bytes of a body without the secrets.
    pub(crate) fn mask_body(&self, body: &[u8], max: usize) -> Bytes {
        let (mut masked, _) = self.mask(body, max);
        masked.truncate(max);
        Bytes::from(masked)
    }

    /// Takes the secrets out of the request id of an answer, and bounds its length.
    pub(crate) fn mask_request_id(&self, headers: &mut HeaderMap) {
        let Some(value) = headers.get_mut(X_REQUEST_ID) else { return };
        let is_in = |secret: &HeaderValue| spelling::is_in(value.as_bytes(), secret.as_bytes());
        if value.len() <= MAX_REQUEST_ID && !self.0.iter().any(is_in) {
            return;
        }
        let (mut masked, _) = self.mask(value.as_bytes(), MAX_REQUEST_ID);
        masked.truncate(MAX_REQUEST_ID);
        if let Ok(masked) = HeaderValue::from_bytes(&masked) {
            *value = masked;
        }
    }

    /// At least the first `max` bytes of the text without the secrets, and whether that is all. It
    /// is the result that must be cut, so that no part of a secret is left over at its end.
    fn mask(&self, text: &[u8], max: usize) -> (Vec<u8>, bool) {
        let mut masked = Vec::with_capacity(text.len().min(max));
        let mut rest = text;
        while masked.len() <= max
            && let Some((first, others)) = rest.split_first()
        {
            let after =
                self.0.iter().find_map(|secret| spelling::strip_prefix(rest, secret.as_bytes()));
            if let Some(after) = after {
                masked.extend_from_slice(MASK.as_bytes());
                rest = after;
            } else {
                masked.push(*first);
                rest = others;
            }
        }
        (masked, rest.is_empty())
    }
}

#[cfg(test)]
mod tests;
