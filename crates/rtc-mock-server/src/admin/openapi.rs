//! The OpenAPI 3.1 document of the admin API, made from its table and its messages.

use http::Method;
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};

use crate::admin::operate::OPENMETRICS;
use crate::admin::routes::{Endpoint, ROUTES};
use crate::admin_api::{
    Advance, Changed, ClockStatus, Count, DeliveryFilter, DeliveryList, Explain, Explained,
    FaultList, FaultStatus, Health, Info, Problem, RecordedDelivery, RecordedExchange, Requests,
    Reset, SetClock, Subscription, Verified, Verify, Wait,
};
use crate::fault::Fault;
use crate::journal::RequestFilter;

/// The OpenAPI 3.1 document of the admin API.
///
/// ```
/// let document = rtc_mock_server::openapi_admin();
/// assert_eq!(document["paths"]["/clock/advance"]["post"]["operationId"], "AdvanceClock");
/// ```
pub fn openapi_admin() -> Value {
    let mut generator = SchemaSettings::draft2020_12()
        .with(|settings| settings.definitions_path = "/components/schemas".into())
        .into_generator();
    let mut paths = Map::new();
    for route in ROUTES {
        let endpoint = route.endpoint;
        let mut operation = json!({
            "operationId": format!("{endpoint:?}"),
            "summary": route.summary,
            "parameters": parameters(&mut generator, endpoint, route.path),
            "responses": responses(&mut generator, endpoint),
        });
        if let Some(schema) = request(&mut generator, endpoint) {
            operation["requestBody"] = json!({
                "required": !matches!(endpoint, Endpoint::Reset),
                "content": { "application/json": { "schema": schema } },
            });
        }
        if matches!(endpoint, Endpoint::Health | Endpoint::Page | Endpoint::Asset) {
            operation["security"] = json!([]);
        }
        let path = paths.entry(route.path).or_insert_with(|| json!({}));
        path[method(&route.method)] = operation;
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Admin API of rtc-mock-server",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "What the operator of the mock sees and does.",
        },
        "servers": [{ "url": "http://127.0.0.1:8471" }],
        "security": [{}, { "Token": [] }],
        "paths": paths,
        "components": {
            "schemas": generator.take_definitions(true),
            "securitySchemes": {
                "Token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "The token of --admin-token, where one is set.",
                },
            },
        },
    })
}

fn method(method: &Method) -> String {
    method.as_str().to_ascii_lowercase()
}

fn request(generator: &mut SchemaGenerator, endpoint: Endpoint) -> Option<Value> {
    match endpoint {
        Endpoint::SetState => Some(crate::fixture::schema_in(generator)),
        Endpoint::Reset => Some(schema::<Reset>(generator)),
        Endpoint::CountRequests => Some(schema::<RequestFilter>(generator)),
        Endpoint::VerifyRequests => Some(schema::<Verify>(generator)),
        Endpoint::WaitForRequests => Some(schema::<Wait>(generator)),
        Endpoint::ReplaceFaults => Some(schema::<Vec<Fault>>(generator)),
        Endpoint::AddFault | Endpoint::SetFault => Some(schema::<Fault>(generator)),
        Endpoint::SetClock => Some(schema::<SetClock>(generator)),
        Endpoint::AdvanceClock => Some(schema::<Advance>(generator)),
        Endpoint::Subscribe => Some(schema::<Subscription>(generator)),
        Endpoint::ExplainSignature => Some(schema::<Explain>(generator)),
        Endpoint::Page
        | Endpoint::Asset
        | Endpoint::WatchEvents
        | Endpoint::Health
        | Endpoint::Info
        | Endpoint::ApiDocument
        | Endpoint::AdminDocument
        | Endpoint::Metrics
        | Endpoint::ShowCa
        | Endpoint::ShowState
        | Endpoint::ListRequests
        | Endpoint::ClearRequests
        | Endpoint::ShowRequest
        | Endpoint::ShowClock
        | Endpoint::ListFaults
        | Endpoint::ClearFaults
        | Endpoint::ShowFault
        | Endpoint::RemoveFault
        | Endpoint::JoinRoom
        | Endpoint::LeaveRoom
        | Endpoint::FailJob
        | Endpoint::ListDeliveries
        | Endpoint::ClearDeliveries
        | Endpoint::ShowDelivery
        | Endpoint::Redeliver
        | Endpoint::PauseDeliveries
        | Endpoint::ResumeDeliveries
        | Endpoint::FlushDeliveries => None,
    }
}

fn responses(generator: &mut SchemaGenerator, endpoint: Endpoint) -> Value {
    let schema = match endpoint {
        Endpoint::Health => schema::<Health>(generator),
        Endpoint::Info => schema::<Info>(generator),
        Endpoint::ApiDocument | Endpoint::AdminDocument => json!({ "type": "object" }),
        Endpoint::Metrics
        | Endpoint::ShowCa
        | Endpoint::Page
        | Endpoint::Asset
        | Endpoint::WatchEvents => json!({ "type": "string" }),
        Endpoint::ExplainSignature => schema::<Explained>(generator),
        Endpoint::ShowState => crate::fixture::schema_in(generator),
        Endpoint::ListRequests | Endpoint::WaitForRequests => schema::<Requests>(generator),
        Endpoint::CountRequests => schema::<Count>(generator),
        Endpoint::VerifyRequests => schema::<Verified>(generator),
        Endpoint::ShowRequest => schema::<RecordedExchange>(generator),
        Endpoint::ShowClock | Endpoint::SetClock | Endpoint::AdvanceClock => {
            schema::<ClockStatus>(generator)
        }
        Endpoint::Subscribe => schema::<Subscription>(generator),
        Endpoint::ListFaults | Endpoint::ReplaceFaults => schema::<FaultList>(generator),
        Endpoint::AddFault | Endpoint::ShowFault | Endpoint::SetFault => {
            schema::<FaultStatus>(generator)
        }
        Endpoint::ListDeliveries => schema::<DeliveryList>(generator),
        Endpoint::ShowDelivery | Endpoint::Redeliver => schema::<RecordedDelivery>(generator),
        Endpoint::Reset
        | Endpoint::SetState
        | Endpoint::ClearDeliveries
        | Endpoint::PauseDeliveries
        | Endpoint::ResumeDeliveries
        | Endpoint::FlushDeliveries
        | Endpoint::ClearFaults
        | Endpoint::RemoveFault
        | Endpoint::ClearRequests
        | Endpoint::JoinRoom
        | Endpoint::LeaveRoom
        | Endpoint::FailJob => schema::<Changed>(generator),
    };
    let media_type = match endpoint {
        Endpoint::Metrics => OPENMETRICS,
        Endpoint::ShowCa => "application/x-pem-file",
        Endpoint::Page => "text/html",
        Endpoint::Asset => "*/*",
        Endpoint::WatchEvents => "text/event-stream",
        _ => "application/json",
    };
    let response = |description: &str, media_type: &str, schema: Value| json!({ "description": description, "content": { media_type: { "schema": schema } } });
    let problem = self::schema::<Problem>(generator);
    let mut responses = json!({
        "200": response("Done", media_type, schema),
        "default": response("Refused", "application/json", problem),
    });
    if matches!(endpoint, Endpoint::VerifyRequests | Endpoint::WaitForRequests) {
        responses["409"] = response(
            "What was expected has not come",
            media_type,
            self::schema::<Verified>(generator),
        );
    }
    responses
}

fn parameters(generator: &mut SchemaGenerator, endpoint: Endpoint, path: &str) -> Vec<Value> {
    let in_path = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let mut parameters: Vec<_> = in_path
        .map(|name| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } }))
        .collect();
    match endpoint {
        Endpoint::ListRequests | Endpoint::ListDeliveries => {
            let filter = match endpoint {
                Endpoint::ListRequests => RequestFilter::json_schema(generator),
                _ => DeliveryFilter::json_schema(generator),
            };
            let filter = filter.to_value();
            let fields = filter["properties"].as_object().cloned().unwrap_or_default();
            parameters.extend(fields.into_iter().map(|(name, schema)| {
                let description = schema["description"].clone();
                json!({ "name": name, "in": "query", "description": description, "schema": schema })
            }));
        }
        Endpoint::JoinRoom | Endpoint::LeaveRoom | Endpoint::Subscribe => {
            parameters.push(json!({
                "name": "project_id",
                "in": "query",
                "description": "The project, for an app id that several projects have.",
                "schema": { "type": "string" },
            }));
        }
        Endpoint::ShowRequest => parameters.push(flag(
            "reveal",
            "Shows secrets too: tokens in headers, keys in bodies and queries. Without it they are masked.",
        )),
        Endpoint::ShowState => parameters.push(flag(
            "masked",
            "Masks secrets. What is masked cannot be put back.",
        )),
        _ => {}
    }
    parameters
}

fn flag(name: &str, description: &str) -> Value {
    let schema = json!({ "type": "boolean", "default": false });
    json!({ "name": name, "in": "query", "description": description, "schema": schema })
}

fn schema<T: JsonSchema>(generator: &mut SchemaGenerator) -> Value {
    generator.subschema_for::<T>().to_value()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_endpoint_is_described_and_every_reference_leads_somewhere() {
        fn walk(value: &Value, document: &Value) {
            match value {
                Value::Object(object) => {
                    if let Some(reference) = object.get("$ref").and_then(Value::as_str) {
                        let pointer = reference.trim_start_matches('#');
                        assert!(document.pointer(pointer).is_some(), "{reference}");
                    }
                    object.values().for_each(|value| walk(value, document));
                }
                Value::Array(array) => array.iter().for_each(|value| walk(value, document)),
                _ => {}
            }
        }
        let document = openapi_admin();
        walk(&document, &document);
        for route in ROUTES {
            let operation = &document["paths"][route.path][method(&route.method)];
            assert!(operation["responses"]["200"].is_object(), "{} {}", route.method, route.path);
        }
        let list = document["paths"]["/requests"]["get"]["parameters"].as_array().unwrap();
        for name in ["since_id", "since", "until"] {
            assert!(list.iter().any(|parameter| parameter["name"] == name), "{name}");
        }
    }
}
