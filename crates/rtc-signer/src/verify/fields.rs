//! The signed headers of a request that arrived.

use http::HeaderMap;

use crate::authorization::{AuthorizationError, check_names};
use crate::canonical::{FEW_FIELDS, Field, Fields, no_fields};
use crate::request::{TOKEN, X_SECURITY_TOKEN};

/// The values of the signed headers, in the order in which `SignedHeaders` names them.
pub(crate) struct SignedFields<'r> {
    fields: Fields<'r>,
    missing: Option<&'r str>,
    has_token: bool,
}

impl<'r> SignedFields<'r> {
    /// No header; room to be filled, since the list is not small.
    pub(crate) const fn new() -> Self {
        Self { fields: no_fields(), missing: None, has_token: false }
    }

    /// Fills in the headers of a request; `names` are parted by `;`.
    pub(crate) fn find(
        &mut self,
        headers: &'r HeaderMap,
        names: &'r str,
    ) -> Result<(), AuthorizationError> {
        // Names that stand in a request are well formed, so most lists need no further check.
        if self.find_few(headers, names) { Ok(()) } else { self.look_up(headers, names) }
    }

    pub(crate) fn as_slice(&self) -> &[Field<'r>] {
        self.fields.as_slice()
    }

    /// The first header that is named and was not sent.
    pub(crate) const fn missing(&self) -> Option<&'r str> {
        self.missing
    }

    /// Whether the request has a security token, signed or not.
    pub(crate) const fn has_token(&self) -> bool {
        self.has_token
    }

    /// The values of one header, if it is signed; `name` in lower case.
    pub(crate) fn values(&self, name: &str) -> impl Iterator<Item = &'r [u8]> {
        let named = move |field: &&Field<'r>| field.0.eq_ignore_ascii_case(name);
        self.as_slice().iter().filter(named).map(|(_, value)| *value)
    }

    /// Goes through the headers once, which is the faster way for the usual request: few names, in
    /// lower case, all different, and each header sent once. Whether the request is such a one.
    fn find_few(&mut self, headers: &'r HeaderMap, names: &'r str) -> bool {
        let mut rest = names;
        loop {
            let end = rest.bytes().position(|byte| byte == b';');
            let (name, tail) = rest.split_at(end.unwrap_or(rest.len()));
            self.fields.push((name, &[]));
            let Some(tail) = tail.strip_prefix(';') else { break };
            rest = tail;
        }
        let slots = self.fields.as_mut_slice();
        if slots.len() > FEW_FIELDS {
            return false;
        }
        let (mut found, mut count, mut next) = ([false; FEW_FIELDS], 0, 0);
        // Most clients send their headers in the order in which they name them. A name that stands
        // twice in both must not find a place twice.
        let in_turn = headers.keys_len() == headers.len();
        for (name, value) in headers {
            let name = name.as_str();
            self.has_token |= name == TOKEN;
            let is_signed = |(signed, _): &Field<'_>| *signed == name;
            let at = if in_turn && slots.get(next).is_some_and(is_signed) {
                next
            } else if let Some(at) = slots.iter().position(is_signed) {
                at
            } else {
                continue;
            };
            if std::mem::replace(&mut found[at], true) {
                return false;
            }
            slots[at].1 = value.as_bytes();
            count += 1;
            next = at + 1;
        }
        count == slots.len()
    }

    #[cold]
    fn look_up(
        &mut self,
        headers: &'r HeaderMap,
        names: &'r str,
    ) -> Result<(), AuthorizationError> {
        check_names(names)?;
        *self = Self { has_token: headers.contains_key(X_SECURITY_TOKEN), ..Self::new() };
        for name in names.split(';') {
            let values = headers.get_all(name);
            if values.iter().next().is_none() {
                self.missing = self.missing.or(Some(name));
            }
            values.iter().for_each(|value| self.fields.push((name, value.as_bytes())));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn both_ways_find_the_same(
            sent in proptest::collection::vec((0..24_u8, "[a-c]{0,2}"), 0..30),
            named in proptest::collection::vec(0..24_u8, 1..20),
            upper: bool,
        ) {
            let rest = |index: u8| if index == 0 { "security-token".into() } else { format!("{index}") };
            let mut headers = HeaderMap::new();
            for (index, value) in sent {
                let name = HeaderName::try_from(format!("x-{}", rest(index))).unwrap();
                headers.append(name, HeaderValue::try_from(value).unwrap());
            }
            let prefix = if upper { "X-" } else { "x-" };
            let name = |index: &u8| format!("{prefix}{}", rest(*index));
            let names: Vec<String> = named.iter().map(name).collect();
            let names = names.join(";");
            let (mut one, mut other) = (SignedFields::new(), SignedFields::new());
            prop_assert_eq!(one.find(&headers, &names), other.look_up(&headers, &names));
            if check_names(&names).is_ok() {
                prop_assert_eq!(one.as_slice(), other.as_slice());
                prop_assert_eq!(one.missing, other.missing);
                prop_assert_eq!(one.has_token, other.has_token);
            }
        }
    }
}
