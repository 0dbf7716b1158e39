//! The closed list of deviations from the base rule that a verifier may accept.

use std::fmt;

use crate::canonical::{Form, PathForm, QueryForm};
use crate::request::SignableRequest;

/// One known deviation of an official SDK, accepted by name.
///
/// The base rule is tried first; then these, in this order, each by itself.
///
/// ```
/// use std::time::UNIX_EPOCH;
/// use rtc_signer::http::{HeaderMap, Method};
/// use rtc_signer::{Credentials, Payload, SignableRequest, Signer, Tolerance, Verifier};
///
/// let credentials = Credentials::new("AK", "SK");
/// let (body, mut headers) = (Payload::Bytes(b""), HeaderMap::new());
/// // What the Java SDK signs and what it sends, for a path that holds `%20`:
/// let signed = SignableRequest::new(&Method::GET, "/a%2520b", None, &headers, body);
/// Signer::new(credentials.clone()).sign(&signed, UNIX_EPOCH)?.apply(&mut headers);
/// let sent = SignableRequest::new(&Method::GET, "/a%20b", None, &headers, body);
///
/// let verifier = Verifier::new().with_key(credentials);
/// let verified = verifier.verify(&sent, UNIX_EPOCH)?;
/// assert_eq!(verified.tolerance(), Some(Tolerance::PathNotDecoded));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Tolerance {
    /// The path was encoded without being decoded first: `/a%20b` is signed as `/a%2520b/`.
    ///
    /// Needed by the Java SDK for a `%20` or `%2F` in a path value, by the Node SDK for a space too,
    /// and by the C++ SDK for a `%2F`.
    PathNotDecoded,
    /// All slashes at the end were dropped before one was added: `/a//` is signed as `/a/`.
    ///
    /// Needed by the Java SDK.
    TrailingSlashesStripped,
    /// The values of one query key were left in the order of the wire.
    ///
    /// Needed by the Java SDK for lists; PHP and Python order lists of numbers by number, which
    /// this accepts when they send them in that order.
    ValuesInWireOrder,
    /// The query was sorted by UTF-16 code units.
    ///
    /// Needed by the Node and .NET SDKs for characters beyond U+FFFF.
    Utf16Order,
    /// The query was sorted after it was encoded.
    ///
    /// Needed by the C++ SDK for keys and values that need escaping.
    SortedAfterEncoding,
}

impl Tolerance {
    /// Every tolerance, in the order in which they are tried.
    pub const ALL: &[Self] = &[
        Self::PathNotDecoded,
        Self::TrailingSlashesStripped,
        Self::ValuesInWireOrder,
        Self::Utf16Order,
        Self::SortedAfterEncoding,
    ];

    /// A short name for logs, such as `path-not-decoded`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PathNotDecoded => "path-not-decoded",
            Self::TrailingSlashesStripped => "trailing-slashes-stripped",
            Self::ValuesInWireOrder => "values-in-wire-order",
            Self::Utf16Order => "utf16-order",
            Self::SortedAfterEncoding => "sorted-after-encoding",
        }
    }

    /// The canonical form with this deviation; `None` where it cannot differ from the base rule.
    pub(crate) fn form(self, request: &SignableRequest<'_>) -> Option<Form> {
        let path = |path| Form { path, ..Form::BASE };
        let query = |query| Form { query, ..Form::BASE };
        let pairs = request.query.filter(|query| query.contains('&'));
        let odd = pairs.filter(|query| query.contains(['%', '+']) || !query.is_ascii());
        match self {
            Self::PathNotDecoded => {
                request.path.contains('%').then_some(path(PathForm::NotDecoded))
            }
            Self::TrailingSlashesStripped => {
                request.path.ends_with("//").then_some(path(PathForm::TrailingSlashesStripped))
            }
            Self::ValuesInWireOrder => pairs.map(|_| query(QueryForm::ValuesInWireOrder)),
            Self::Utf16Order => odd.map(|_| query(QueryForm::Utf16Order)),
            Self::SortedAfterEncoding => pairs.map(|_| query(QueryForm::SortedAfterEncoding)),
        }
    }

    const fn bit(self) -> u8 {
        1 << self as u8
    }
}

impl fmt::Display for Tolerance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The set of tolerances that a verifier grants.
///
/// Each tolerance lets one signature stand for requests that mean something else: one for
/// `/a%2520b` then also fits `/a%20b`. That is right for a test server; a server that guards
/// something should grant none, or only those that its clients need.
///
/// ```
/// use rtc_signer::{Tolerance, Tolerances};
/// let some = Tolerances::all().without(Tolerance::PathNotDecoded);
/// assert!(!some.allows(Tolerance::PathNotDecoded));
/// assert!(some.allows(Tolerance::Utf16Order));
/// assert!(!Tolerances::none().allows(Tolerance::Utf16Order));
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Tolerances(u8);

impl Tolerances {
    /// Every tolerance; the default.
    pub const fn all() -> Self {
        Self(u8::MAX)
    }

    /// No tolerance: the base rule only.
    pub const fn none() -> Self {
        Self(0)
    }

    /// The same set without one tolerance.
    #[must_use]
    pub const fn without(self, tolerance: Tolerance) -> Self {
        Self(self.0 & !tolerance.bit())
    }

    /// Whether a tolerance is in the set.
    pub const fn allows(self, tolerance: Tolerance) -> bool {
        self.0 & tolerance.bit() != 0
    }
}

impl Default for Tolerances {
    fn default() -> Self {
        Self::all()
    }
}

impl fmt::Debug for Tolerances {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(Tolerance::ALL.iter().filter(|one| self.allows(**one))).finish()
    }
}
