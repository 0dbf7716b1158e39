//! Which exchanges are meant.

use std::time::SystemTime;

use http::{Method, StatusCode};
use rtc_model::{OperationId, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use crate::auth::Verdict;
use crate::journal::Record;

/// Which exchanges of the journal are meant: those that fulfil all that is set.
///
/// ```
/// use http::StatusCode;
/// use rtc_model::OperationId;
/// use rtc_mock_server::RequestFilter;
///
/// let refused = RequestFilter::of(OperationId::CreateApp).status(StatusCode::BAD_REQUEST);
/// assert_eq!(refused.to_string(), "CreateApp with status 400");
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "FilterFields", into = "FilterFields")]
pub struct RequestFilter {
    operation: Option<OperationFilter>,
    status: Option<StatusFilter>,
    verdict: Option<VerdictKind>,
    fault: Option<FaultFilter>,
    method: Option<Method>,
    path: Option<PathFilter>,
    since_id: Option<u64>,
    since: Option<SystemTime>,
    until: Option<SystemTime>,
}

/// What was found of credentials, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum VerdictKind {
    /// The signature or the token is right.
    Accepted,
    /// The credentials were refused.
    Refused,
    /// They were not looked at.
    Unchecked,
}

impl VerdictKind {
    /// The word of a verdict.
    pub fn of(verdict: &Verdict) -> Self {
        match verdict {
            Verdict::Signed { .. } | Verdict::Token => Self::Accepted,
            Verdict::Refused(_) => Self::Refused,
            Verdict::Unchecked => Self::Unchecked,
        }
    }

    /// The word as it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Refused => "refused",
            Self::Unchecked => "unchecked",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum OperationFilter {
    Is(OperationId),
    /// Method and path are none of the API.
    None,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum StatusFilter {
    Is(u16),
    /// 4 for 4xx.
    Class(u16),
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum FaultFilter {
    Any,
    None,
    Id(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum PathFilter {
    Is(String),
    StartsWith(String),
}

/// The filter as JSON and as a query have it.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FilterFields {
    /// The operation, such as `CreateApp`; `none` for what is no operation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    operation: Option<String>,
    /// The status of the answer, such as `404` or `4xx`.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "text_or_number")]
    status: Option<String>,
    /// What was found of the credentials.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    verdict: Option<VerdictKind>,
    /// The fault that it met: its id, `any` or `none`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fault: Option<String>,
    /// The method of the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    method: Option<String>,
    /// The path of the request as it was on the wire; with `*` at its end, what it begins with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    /// Only exchanges after the one with this number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    since_id: Option<u64>,
    /// Only exchanges that came at this time or later, by the mock's clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    since: Option<Timestamp>,
    /// Only exchanges that came before this time, by the mock's clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    until: Option<Timestamp>,
}

impl RequestFilter {
    /// All exchanges.
    pub fn any() -> Self {
        Self::default()
    }

    /// The exchanges of an operation.
    pub fn of(operation: OperationId) -> Self {
        Self { operation: Some(OperationFilter::Is(operation)), ..Self::default() }
    }

    /// Only answers with the status.
    #[must_use]
    pub fn status(mut self, status: StatusCode) -> Self {
        self.status = Some(StatusFilter::Is(status.as_u16()));
        self
    }

    /// Only what was found of credentials.
    #[must_use]
    pub fn verdict(mut self, verdict: VerdictKind) -> Self {
        self.verdict = Some(verdict);
        self
    }

    /// Only exchanges that met the fault with the id.
    #[must_use]
    pub fn fault(mut self, id: impl Into<String>) -> Self {
        self.fault = Some(FaultFilter::Id(id.into()));
        self
    }

    /// Only exchanges that met any fault.
    #[must_use]
    pub fn any_fault(mut self) -> Self {
        self.fault = Some(FaultFilter::Any);
        self
    }

    /// Only exchanges that met no fault.
    #[must_use]
    pub fn no_fault(mut self) -> Self {
        self.fault = Some(FaultFilter::None);
        self
    }

    /// Only requests with the method.
    #[must_use]
    pub fn method(mut self, method: Method) -> Self {
        self.method = Some(method);
        self
    }

    /// Only requests for the path, as it was on the wire; with `*` at its end, for what begins
    /// with it.
    #[must_use]
    pub fn path(mut self, path: &str) -> Self {
        self.path = Some(PathFilter::new(path));
        self
    }

    /// Only exchanges after the one with the number.
    #[must_use]
    pub fn since_id(mut self, id: u64) -> Self {
        self.since_id = Some(id);
        self
    }

    /// Only exchanges that came at the time or later, by the mock's clock.
    #[must_use]
    pub fn since(mut self, time: SystemTime) -> Self {
        self.since = Some(time);
        self
    }

    /// Only exchanges that came before the time, by the mock's clock. With
    /// [`since`](Self::since) a span of time: its end is no part of it, so that spans one after
    /// the other have each exchange once.
    #[must_use]
    pub fn until(mut self, time: SystemTime) -> Self {
        self.until = Some(time);
        self
    }

    /// The filter of a query string.
    pub(crate) fn from_query(query: Option<&str>) -> Result<Self, String> {
        let mut fields = Map::new();
        for pair in query.unwrap_or_default().split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let value = percent_encoding::percent_decode_str(value).decode_utf8_lossy();
            let value = match (name, value.parse::<u64>()) {
                ("since_id", Ok(id)) => Value::from(id),
                _ => Value::from(&*value),
            };
            if fields.insert(name.to_owned(), value).is_some() {
                return Err(format!("{name} is there twice"));
            }
        }
        serde_json::from_value(Value::Object(fields)).map_err(|error| error.to_string())
    }

    /// Whether the exchange is meant.
    pub(crate) fn matches(&self, record: &Record) -> bool {
        self.misses(record).next().is_none()
    }

    /// What keeps the exchange from being meant, in words.
    pub(crate) fn misses<'a>(&'a self, record: &'a Record) -> impl Iterator<Item = String> + 'a {
        let checks: [fn(&Self, &Record) -> Option<String>; 9] = [
            |f, r| {
                let found = r.operation.map_or("no operation", OperationId::as_str);
                let wanted = match f.operation? {
                    OperationFilter::Is(id) => Some(id),
                    OperationFilter::None => None,
                };
                (wanted != r.operation).then(|| format!("it is {found}"))
            },
            |f, r| {
                let status = r.status.map_or(0, |status| status.as_u16());
                let is = match f.status? {
                    StatusFilter::Is(wanted) => wanted == status,
                    StatusFilter::Class(class) => class == status / 100,
                };
                let found = || match status {
                    0 => "it has no answer".to_owned(),
                    status => format!("its status is {status}"),
                };
                (!is).then(found)
            },
            |f, r| {
                let found = VerdictKind::of(&r.verdict);
                (f.verdict? != found).then(|| format!("its credentials are {}", found.as_str()))
            },
            |f, r| {
                let id = r.fault.as_ref().map(|fault| &*fault.id);
                let is = match f.fault.as_ref()? {
                    FaultFilter::Any => id.is_some(),
                    FaultFilter::None => id.is_none(),
                    FaultFilter::Id(wanted) => id == Some(wanted.as_str()),
                };
                let found =
                    || id.map_or("it met no fault".into(), |id| format!("it met fault {id}"));
                (!is).then(found)
            },
            |f, r| {
                let found = &r.heads.request().method;
                (f.method.as_ref()? != found).then(|| format!("its method is {found}"))
            },
            |f, r| {
                let found = r.heads.request().uri.path();
                let is = match f.path.as_ref()? {
                    PathFilter::Is(path) => path == found,
                    PathFilter::StartsWith(path) => found.starts_with(path),
                };
                (!is).then(|| format!("its path is {found}"))
            },
            |f, r| (r.id <= f.since_id?).then(|| "it came before".to_owned()),
            |f, r| (r.at < f.since?).then(|| "it came earlier".to_owned()),
            |f, r| (r.at >= f.until?).then(|| "it came later".to_owned()),
        ];
        checks.into_iter().filter_map(move |check| check(self, record))
    }
}

impl From<OperationId> for RequestFilter {
    fn from(operation: OperationId) -> Self {
        Self::of(operation)
    }
}

impl PathFilter {
    fn new(path: &str) -> Self {
        match path.strip_suffix('*') {
            Some(start) => Self::StartsWith(start.to_owned()),
            None => Self::Is(path.to_owned()),
        }
    }
}

impl TryFrom<FilterFields> for RequestFilter {
    type Error = String;

    fn try_from(fields: FilterFields) -> Result<Self, String> {
        let operation = fields.operation.map(|name| match name.as_str() {
            "none" => Ok(OperationFilter::None),
            name => name.parse().map(OperationFilter::Is).map_err(|_| {
                format!("operation: {name:?} is no operation; write one such as CreateApp, or none")
            }),
        });
        let status = fields.status.map(|text| {
            let wrong = || format!("status: {text:?} is no status; write it like 404 or 4xx");
            let class = text.strip_suffix("xx").and_then(|class| class.parse().ok());
            match (class, text.parse()) {
                (Some(class @ 1..=9), _) => Ok(StatusFilter::Class(class)),
                (None, Ok(status @ 100..=999)) => Ok(StatusFilter::Is(status)),
                _ => Err(wrong()),
            }
        });
        let fault = fields.fault.map(|text| match text.as_str() {
            "any" => FaultFilter::Any,
            "none" => FaultFilter::None,
            _ => FaultFilter::Id(text),
        });
        let method = fields.method.map(|text| {
            text.parse::<Method>().map_err(|_| format!("method: {text:?} is no method"))
        });
        let time = |name: &str, time: Option<Timestamp>| {
            let read = |time: Timestamp| {
                time.to_system_time().ok_or_else(|| format!("{name}: {time} is out of range"))
            };
            time.map(read).transpose()
        };
        Ok(Self {
            operation: operation.transpose()?,
            status: status.transpose()?,
            verdict: fields.verdict,
            fault,
            method: method.transpose()?,
            path: fields.path.as_deref().map(PathFilter::new),
            since_id: fields.since_id,
            since: time("since", fields.since)?,
            until: time("until", fields.until)?,
        })
    }
}

impl From<RequestFilter> for FilterFields {
    fn from(filter: RequestFilter) -> Self {
        Self {
            operation: filter.operation.map(|operation| match operation {
                OperationFilter::Is(id) => id.to_string(),
                OperationFilter::None => "none".to_owned(),
            }),
            status: filter.status.map(|status| match status {
                StatusFilter::Is(status) => status.to_string(),
                StatusFilter::Class(class) => format!("{class}xx"),
            }),
            verdict: filter.verdict,
            fault: filter.fault.map(|fault| match fault {
                FaultFilter::Any => "any".to_owned(),
                FaultFilter::None => "none".to_owned(),
                FaultFilter::Id(id) => id,
            }),
            method: filter.method.map(|method| method.to_string()),
            path: filter.path.map(|path| match path {
                PathFilter::Is(path) => path,
                PathFilter::StartsWith(path) => format!("{path}*"),
            }),
            since_id: filter.since_id,
            since: filter.since.map(Timestamp::from),
            until: filter.until.map(Timestamp::from),
        }
    }
}

impl JsonSchema for RequestFilter {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "RequestFilter".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        FilterFields::json_schema(generator)
    }
}

/// In words, such as `CreateApp with status 400`.
impl std::fmt::Display for RequestFilter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let fields = FilterFields::from(self.clone());
        f.write_str(match fields.operation.as_deref() {
            None => "a request",
            Some("none") => "a request that is no operation",
            Some(operation) => operation,
        })?;
        let verdict = fields.verdict.map(|verdict| verdict.as_str().to_owned());
        let parts = [
            (" with method ", fields.method),
            (" for ", fields.path),
            (" with status ", fields.status),
            (" with credentials ", verdict),
            (" with fault ", fields.fault),
            (" after number ", fields.since_id.map(|id| id.to_string())),
            (" since ", fields.since.map(|time| time.to_string())),
            (" until ", fields.until.map(|time| time.to_string())),
        ];
        for (word, value) in parts {
            if let Some(value) = value {
                write!(f, "{word}{value}")?;
            }
        }
        Ok(())
    }
}

fn text_or_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    match Option::<Value>::deserialize(deserializer)? {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(Value::Number(number)) => Ok(Some(number.to_string())),
        Some(_) => Err(serde::de::Error::custom("a text or a number is expected")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_is_the_same_as_json_and_as_a_query() {
        let time = SystemTime::UNIX_EPOCH;
        let filter = RequestFilter::of(OperationId::CreateApp)
            .status(StatusCode::CREATED)
            .verdict(VerdictKind::Accepted)
            .fault("slow")
            .method(Method::POST)
            .path("/v2/a b*")
            .since_id(7)
            .since(time)
            .until(time + std::time::Duration::from_secs(1));
        let json = serde_json::to_string(&filter).unwrap();
        assert_eq!(serde_json::from_str::<RequestFilter>(&json).unwrap(), filter);
        let query = "operation=CreateApp&status=201&verdict=accepted&fault=slow&method=POST&path=/v2/a%20b*&since_id=7&since=1970-01-01T00:00:00Z&until=1970-01-01T00:00:01Z";
        assert_eq!(RequestFilter::from_query(Some(query)).unwrap(), filter);
        assert_eq!(
            serde_json::from_str::<RequestFilter>("{\"status\":201}").unwrap().status,
            filter.status
        );
    }

    #[test]
    fn what_is_no_filter_says_why() {
        for (query, reason) in [
            ("operation=Dance", "Dance"),
            ("status=xx", "404 or 4xx"),
            ("status=4xx&status=5xx", "twice"),
            ("colour=red", "colour"),
            ("verdict=maybe", "accepted"),
            ("since=yesterday", "yesterday"),
            ("until=tomorrow", "tomorrow"),
            ("until=2024-03-15T08:15:30Z&until=2025-03-15T08:15:30Z", "twice"),
        ] {
            let error = RequestFilter::from_query(Some(query)).unwrap_err();
            assert!(error.contains(reason), "{query}: {error}");
        }
    }
}
