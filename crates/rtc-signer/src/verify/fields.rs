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
        // Most names are in lower case, and to compare such is quicker.
        let named = move |field: &&Field<'r>| field.0 == name || field.0.eq_ignore_ascii_case(name);
        self.as_slice().iter().filter(named).map(|(_, value)| *value)
    }

    /// Goes through the headers until each name is found, which is the faster way for the usual
    /// request: few names, in lower case, all different, and each header sent once. Whether the
    /// request is such a one.
    fn find_few(&mut self, headers: &'r HeaderMap, names: &str) -> bool {
        let names = names.as_bytes();
        // Where the next name begins, which is behind the end once there is none.
        let (mut start, mut count) = (0, 0);
        // Most clients send their headers in the order in which they name them, so that once is
        // enough; the order of the others is that of a few times.
        loop {
            let before = count;
            for (name, value) in headers {
                let name = name.as_str();
                self.has_token |= name == TOKEN;
                if names.get(start..).is_some_and(|rest| begins_with(rest, name)) {
                    if count == FEW_FIELDS || self.has(name) {
                        return false;
                    }
                    self.fields.push((name, value.as_bytes()));
                    count += 1;
                    start += name.len() + 1;
                }
            }
            if start > names.len() {
                break;
            }
            if count == before {
                return false;
            }
        }
        headers.keys_len() == headers.len()
            || headers.iter().filter(|(name, _)| self.has(name.as_str())).count() == count
    }

    /// Whether a header has been found.
    fn has(&self, name: &str) -> bool {
        self.as_slice().iter().any(|(found, _)| *found == name)
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

/// Whether a name is the first of some that are parted by `;`.
fn begins_with(names: &[u8], name: &str) -> bool {
    let Some((first, rest)) = names.split_at_checked(name.len()) else { return false };
    matches!(rest, [] | [b';', ..]) && first == name.as_bytes()
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
