//! What an operation of the API is.

use std::fmt;
use std::str::FromStr;

use http::{Method, StatusCode};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::error::{DecodeError, JsonError};
use crate::path::{PathArgs, PathTemplate, PathValues};
use crate::query::{QueryReader, QueryWriter};
use crate::validate::Violation;

operations! { $
    apps::CreateApp,
    apps::ListApps,
    apps::ShowApp,
    apps::DeleteApp,
    apps::StartApp,
    apps::StopApp,
    auto_record::ShowAutoRecord,
    auto_record::UpdateAutoRecord,
    record_callback::ShowRecordCallback,
    record_callback::UpdateRecordCallback,
    record_rules::CreateRecordRule,
    record_rules::ListRecordRules,
    record_rules::ShowRecordRule,
    record_rules::UpdateRecordRule,
    record_rules::DeleteRecordRule,
    individual_stream_jobs::CreateIndividualStreamJob,
    individual_stream_jobs::ShowIndividualStreamJob,
    individual_stream_jobs::UpdateIndividualStreamJob,
    individual_stream_jobs::StopIndividualStreamJob,
    mix_stream_jobs::CreateMixJob,
    mix_stream_jobs::ShowMixJob,
    mix_stream_jobs::UpdateMixJob,
    mix_stream_jobs::StopMixJob,
    rooms::RemoveUsers,
    rooms::RemoveRoom,
    obs::ListObsBuckets,
    obs::ListObsBucketObjects,
    obs::UpdateObsBucketAuthority,
}

/// One operation of the API: a request with everything that belongs to it.
///
/// [`path_values`](Self::path_values), [`write_query`](Self::write_query) and
/// [`body`](Self::body) take the value apart; [`from_parts`](Self::from_parts) is their inverse.
/// The [`wire`](crate::wire) functions are written in terms of these four.
pub trait Operation: Sized + Send + Sync + 'static {
    /// The facts of the operation.
    const META: OperationMeta;
    /// The JSON body; [`NoBody`] where there is none.
    type Body: Serialize + DeserializeOwned + Send;
    /// The answer.
    type Output: Output;

    /// The values of the path's variables, in the order of the template.
    fn path_values(&self) -> PathValues<'_>;

    /// Writes the query parameters.
    fn write_query(&self, query: &mut QueryWriter) {
        let _ = query;
    }

    /// The body, where there is one.
    fn body(&self) -> Option<&Self::Body>;

    /// Makes the operation of what a request holds.
    fn from_parts(
        path: &PathArgs<'_>,
        query: &QueryReader<'_>,
        body: Option<Self::Body>,
    ) -> Result<Self, DecodeError>;

    /// Checks the documented limits, as a server does once a request is read.
    fn validate(&self) -> Result<(), Violation> {
        Ok(())
    }

    /// The schemas of parameters, body and answer.
    #[cfg(feature = "schema")]
    fn schemas(generator: &mut schemars::SchemaGenerator) -> crate::schema::OperationSchemas {
        let _ = generator;
        crate::schema::OperationSchemas::new("")
    }
}

/// The facts of an operation.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct OperationMeta {
    /// Which operation it is.
    pub id: OperationId,
    /// The method of the request.
    pub method: Method,
    /// The path of the request.
    pub path: PathTemplate,
    /// The query parameters.
    pub query: &'static [Parameter],
    /// Whether the request has a body.
    pub body: BodyKind,
    /// The statuses of success; all but one operation have one.
    pub success: &'static [StatusCode],
    /// The statuses of failure that the operation's page documents, or that a decision adds (see
    /// the project's `docs/fidelity.md`).
    pub errors: &'static [StatusCode],
    /// Whether the request may be repeated.
    pub idempotency: Idempotency,
    /// The group whose calls are throttled together.
    pub group: ApiGroup,
}

/// A query parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Parameter {
    /// Its name on the wire.
    pub name: &'static str,
    /// Whether the request must have it.
    pub mandatory: bool,
}

impl Parameter {
    pub(crate) const fn required(name: &'static str) -> Self {
        Self { name, mandatory: true }
    }

    pub(crate) const fn optional(name: &'static str) -> Self {
        Self { name, mandatory: false }
    }
}

/// Whether an operation's request has a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum BodyKind {
    /// No body; one that comes all the same is ignored.
    None,
    /// A JSON object.
    Json,
}

/// Whether a request may be repeated without harm when its answer was lost (RFC 9110, 9.2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Idempotency {
    /// Repeating the request has the effect of sending it once.
    Idempotent,
    /// Repeating the request may do its work twice.
    NotIdempotent,
}

/// The groups of the page "API Throttling" (`rtc_07_0033`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum ApiGroup {
    /// Apps, record rules, auto record and callbacks: 60 calls a minute.
    AppManagement,
    /// Mix-stream and individual-stream jobs: 10 calls a second.
    Jobs,
    /// Rooms: 60 calls a minute.
    Rooms,
    /// OBS buckets: 2 calls a second.
    Obs,
}

/// An answer of the API.
pub trait Output: Sized + Send {
    /// The status that says what this value says, out of `success`, the operation's statuses.
    fn status(&self, success: &'static [StatusCode]) -> StatusCode {
        success.first().copied().unwrap_or(StatusCode::OK)
    }

    /// The JSON body, or `None` for an answer without one.
    fn to_json(&self) -> Option<Result<Vec<u8>, JsonError>>;

    /// Reads the answer; `status` is one of the operation's statuses of success.
    fn from_json(status: StatusCode, body: &[u8]) -> Result<Self, JsonError>;

    /// The schema of the JSON body.
    #[cfg(feature = "schema")]
    fn schema(generator: &mut schemars::SchemaGenerator) -> Option<schemars::Schema> {
        let _ = generator;
        None
    }
}

/// Most answers about one thing are no longer than this.
const ANSWER: usize = 256;

/// Writes an answer.
pub(crate) fn write_json(answer: &impl Serialize) -> Result<Vec<u8>, JsonError> {
    let mut json = Vec::with_capacity(ANSWER);
    serde_json::to_writer(&mut json, answer)?;
    Ok(json)
}

/// Makes JSON objects answers.
macro_rules! json_output {
    ($($name:ty),* $(,)?) => {
        $(impl $crate::operation::Output for $name {
            fn to_json(&self) -> Option<Result<Vec<u8>, $crate::error::JsonError>> {
                Some($crate::operation::write_json(self))
            }

            fn from_json(
                _status: ::http::StatusCode,
                body: &[u8],
            ) -> Result<Self, $crate::error::JsonError> {
                $crate::error::read_lenient(body)
            }

            #[cfg(feature = "schema")]
            fn schema(generator: &mut ::schemars::SchemaGenerator) -> Option<::schemars::Schema> {
                Some(generator.subschema_for::<$name>())
            }
        })*
    };
}
pub(crate) use json_output;

impl Output for () {
    fn to_json(&self) -> Option<Result<Vec<u8>, JsonError>> {
        None
    }

    /// Whatever the body holds: none is documented.
    fn from_json(_status: StatusCode, _body: &[u8]) -> Result<Self, JsonError> {
        Ok(())
    }
}

/// An answer that tells by its status whether something was made or replaced.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Upserted<T> {
    /// It is new (201).
    Created(T),
    /// It was there and is replaced (200).
    Replaced(T),
}

impl<T> Upserted<T> {
    /// What was made or replaced.
    pub fn get(&self) -> &T {
        match self {
            Self::Created(value) | Self::Replaced(value) => value,
        }
    }

    /// What was made or replaced.
    pub fn into_inner(self) -> T {
        match self {
            Self::Created(value) | Self::Replaced(value) => value,
        }
    }
}

impl<T: Serialize> Serialize for Upserted<T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.get().serialize(serializer)
    }
}

impl<T: Output> Output for Upserted<T> {
    fn status(&self, _success: &'static [StatusCode]) -> StatusCode {
        match self {
            Self::Created(_) => StatusCode::CREATED,
            Self::Replaced(_) => StatusCode::OK,
        }
    }

    fn to_json(&self) -> Option<Result<Vec<u8>, JsonError>> {
        self.get().to_json()
    }

    fn from_json(status: StatusCode, body: &[u8]) -> Result<Self, JsonError> {
        let value = T::from_json(status, body)?;
        Ok(if status == StatusCode::CREATED { Self::Created(value) } else { Self::Replaced(value) })
    }

    #[cfg(feature = "schema")]
    fn schema(generator: &mut schemars::SchemaGenerator) -> Option<schemars::Schema> {
        T::schema(generator)
    }
}

/// The body of an operation that has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum NoBody {}

impl OperationId {
    /// The operation that `method` and `path` (as it stands on the wire) address.
    ///
    /// ```
    /// use http::Method;
    /// use rtc_model::OperationId;
    ///
    /// let found = OperationId::route(&Method::GET, "/v2/apps/a1/record-callback");
    /// assert_eq!(found, Some(OperationId::ShowRecordCallback));
    /// assert_eq!(OperationId::route(&Method::PATCH, "/v2/apps/a1"), None);
    /// ```
    pub fn route(method: &Method, path: &str) -> Option<Self> {
        // Counted once, since most templates have another number.
        let slashes = path.bytes().filter(|c| *c == b'/').count();
        Self::ALL.iter().copied().find(|id| {
            let meta = id.meta();
            meta.method == *method
                && meta.path.slashes() == slashes
                && meta.path.capture(path).is_some()
        })
    }
}

impl fmt::Display for OperationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for OperationId {
    type Err = UnknownOperation;

    fn from_str(name: &str) -> Result<Self, UnknownOperation> {
        Self::ALL
            .iter()
            .copied()
            .find(|id| id.as_str() == name)
            .ok_or_else(|| UnknownOperation(name.into()))
    }
}

/// A name that no operation has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is no operation of the API; the names are those of the API reference, such as ShowRecordCallback"
)]
pub struct UnknownOperation(String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_is_found_by_its_name() {
        for id in OperationId::ALL {
            assert_eq!(id.as_str().parse(), Ok(*id));
        }
        assert!("ShowNothing".parse::<OperationId>().is_err());
    }

    #[test]
    fn no_two_operations_share_method_and_path() {
        for a in OperationId::ALL {
            let sample = a.meta().path.as_str().replace(['{', '}'], "");
            assert_eq!(OperationId::route(&a.meta().method, &sample), Some(*a));
        }
    }

    #[test]
    fn every_operation_has_a_status_of_success_and_says_what_may_fail() {
        for id in OperationId::ALL {
            let meta = id.meta();
            assert_eq!(meta.id, *id);
            assert!(meta.success.iter().all(StatusCode::is_success) && !meta.success.is_empty());
            assert!(meta.errors.iter().all(|s| s.is_client_error() || s.is_server_error()));
        }
    }
}
