//! An operation written without the macro: the trait is usable by hand, and queries work.

use http::{Method, StatusCode};
use rtc_model::operation::{ApiGroup, BodyKind, Idempotency, NoBody, OperationMeta};
use rtc_model::path::{PathArgs, PathTemplate, PathValues};
use rtc_model::query::{QueryReader, QueryWriter};
use rtc_model::record_callback::ShowRecordCallback;
use rtc_model::{DecodeError, Operation, OperationId, wire};

#[derive(Debug, PartialEq)]
struct ListThings {
    owner: String,
    prefix: String,
    limit: Option<u32>,
}

/// The facts of an operation of the API, under another path: `OperationMeta` may gain facts.
fn meta() -> OperationMeta {
    ShowRecordCallback::META
}

impl Operation for ListThings {
    const META: OperationMeta = {
        let mut meta = ShowRecordCallback::META;
        meta.path = PathTemplate::new("/v2/owners/{owner}/things", &["owner"]);
        meta
    };
    type Body = NoBody;
    type Output = ();

    fn path_values(&self) -> PathValues<'_> {
        PathValues::new([self.owner.as_str()])
    }

    fn write_query(&self, query: &mut QueryWriter) {
        query.optional("limit", self.limit);
        query.pair("prefix", &self.prefix);
    }

    fn body(&self) -> Option<&NoBody> {
        None
    }

    fn from_parts(
        path: &PathArgs<'_>,
        query: &QueryReader<'_>,
        _body: Option<NoBody>,
    ) -> Result<Self, DecodeError> {
        Ok(Self {
            owner: path.value("owner")?.into_owned(),
            prefix: query.required("prefix")?,
            limit: query.optional("limit")?,
        })
    }
}

#[test]
fn an_operation_by_hand_goes_there_and_back() {
    let things = ListThings { owner: "o 1".into(), prefix: "a&b=c+".into(), limit: Some(5) };
    let request = wire::encode_request(&things, &"http://h/base/".parse().unwrap()).unwrap();
    assert_eq!(request.uri(), "http://h/base/v2/owners/o%201/things?limit=5&prefix=a%26b%3Dc%2B");
    let (mut head, body) = request.into_parts();
    head.uri = head.uri.to_string().replace("/base", "").parse().unwrap();
    assert_eq!(wire::decode_request::<ListThings>(&head, &body).unwrap(), things);
}

#[test]
fn another_method_or_path_is_not_of_the_operation() {
    for (method, path) in [("PUT", "/v2/owners/o/things?prefix="), ("GET", "/v2/owners/o")] {
        let request = http::Request::builder().method(method).uri(path).body(()).unwrap();
        let error = wire::decode_request::<ListThings>(&request.into_parts().0, b"").unwrap_err();
        assert!(matches!(error, DecodeError::Route), "{error}");
    }
}

#[test]
fn the_facts_of_the_query_of_the_record_callback_are_those_of_its_page() {
    let meta = meta();
    assert_eq!(meta.id, OperationId::ShowRecordCallback);
    assert_eq!(meta.method, Method::GET);
    assert_eq!(meta.path.as_str(), "/v2/apps/{app_id}/record-callback");
    assert_eq!(meta.body, BodyKind::None);
    assert_eq!(meta.success, [StatusCode::OK]);
    assert_eq!(meta.errors.iter().map(StatusCode::as_u16).collect::<Vec<_>>(), [400, 404, 500]);
    assert_eq!(meta.idempotency, Idempotency::Idempotent);
    assert_eq!(meta.group, ApiGroup::AppManagement);
}
