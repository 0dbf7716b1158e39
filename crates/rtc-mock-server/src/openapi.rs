//! The OpenAPI 3.1 document of the API, made from the model: from `OperationId::ALL` and the
//! schemas of the same lines that read, write and check the messages.

use rtc_model::Operation;
use rtc_model::operation::{BodyKind, OperationMeta};
use rtc_model::schema::{OperationSchemas, ParameterSchema};
use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

mod examples;
mod links;

/// What the gateway answers to any operation.
const GATEWAY: [(u16, &str); 8] = [
    (401, "The signature or the token is refused"),
    (403, "The project is not one of the credentials"),
    (404, "There is no such API, or no such thing"),
    (408, "The body did not arrive in time"),
    (413, "The body is larger than 12 MB"),
    (414, "The target is larger than 32 KB"),
    (429, "Too many calls"),
    (494, "A header is larger than 32 KB, or all together than 128 KB"),
];

/// The OpenAPI 3.1 document of the API.
///
/// ```
/// let document = rtc_mock_server::openapi();
/// assert_eq!(document["openapi"], "3.1.0");
/// let operation = &document["paths"]["/v2/apps/{app_id}/record-callback"]["get"];
/// assert_eq!(operation["operationId"], "ShowRecordCallback");
/// ```
pub fn openapi() -> Value {
    let mut generator = SchemaSettings::draft2020_12()
        .with(|settings| settings.definitions_path = "/components/schemas".into())
        .into_generator();
    let mut paths = Map::new();
    macro_rules! add {
        ($($operation:path),*) => {
            $(add_operation::<$operation>(&mut paths, &mut generator);)*
        };
    }
    rtc_model::for_each_operation!(add);
    let mut schemas: Map<String, Value> = generator.take_definitions(true);
    schemas.insert("Error".into(), error_schema());
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Huawei Cloud RTC (SparkRTC) server API v2",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "As the mock server answers it. Not affiliated with Huawei.",
        },
        "servers": [{ "url": "https://rtc-api.myhuaweicloud.com" }],
        "security": [{ "Signature": [], "SignatureDate": [], "Project": [] }, { "Token": [] }],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": security_schemes(),
            "headers": {
                "X-request-Id": {
                    "description": "The id of the request, for tracing it.",
                    "schema": { "type": "string", "pattern": "^[0-9a-f]{32}$" },
                },
            },
        },
    })
}

fn add_operation<O: Operation>(paths: &mut Map<String, Value>, generator: &mut SchemaGenerator) {
    let meta = O::META;
    let schemas = O::schemas(generator);
    let mut operation = json!({
        "operationId": meta.id.as_str(),
        "summary": schemas.summary,
        "tags": [format!("{:?}", meta.group)],
        "parameters": parameters(&meta, &schemas),
        "responses": responses(&meta, &schemas),
    });
    if let (BodyKind::Json, Some(schema)) = (meta.body, &schemas.body) {
        operation["requestBody"] = json!({
            "required": true,
            "content": { "application/json": content(schema.as_value(), examples::body(meta.id)) },
        });
    }
    let path = paths.entry(meta.path.as_str()).or_insert_with(|| json!({}));
    path[meta.method.as_str().to_ascii_lowercase()] = operation;
}

fn parameters(meta: &OperationMeta, schemas: &OperationSchemas) -> Vec<Value> {
    let mandatory = |parameter: &ParameterSchema| {
        let query = meta.query.iter().find(|query| query.name == parameter.name);
        parameter.place == "path" || query.is_some_and(|query| query.mandatory)
    };
    schemas
        .parameters
        .iter()
        .map(|parameter| {
            let mut described = json!({
                "name": parameter.name,
                "in": parameter.place,
                "required": mandatory(parameter),
                "description": parameter.description,
                "schema": parameter.schema.as_value(),
            });
            if let Some(example) = examples::parameter(parameter.name) {
                described["example"] = example;
            }
            described
        })
        .collect()
}

fn responses(meta: &OperationMeta, schemas: &OperationSchemas) -> Value {
    let request_id = json!({ "X-request-Id": { "$ref": "#/components/headers/X-request-Id" } });
    let mut responses = Map::new();
    for status in meta.success {
        let mut response = json!({
            "description": status.canonical_reason().unwrap_or_default(),
            "headers": request_id,
        });
        if let Some(schema) = &schemas.output {
            let example = examples::answer(meta.id);
            response["content"] =
                json!({ "application/json": content(schema.as_value(), example) });
        }
        let links = links::of(meta.id);
        if !links.is_empty() {
            response["links"] = Value::Object(links);
        }
        responses.insert(status.as_str().to_owned(), response);
    }
    let documented = meta.errors.iter().map(|status| (status.as_u16(), ""));
    for (status, description) in GATEWAY.into_iter().chain(documented) {
        let description = match (status, description) {
            (400, _) => "The request is refused",
            (500, _) => "A fault of the service",
            (_, description) => description,
        };
        responses.entry(status.to_string()).or_insert_with(|| {
            json!({
                "description": description,
                "headers": request_id,
                "content": {
                    "application/json": { "schema": { "$ref": "#/components/schemas/Error" } },
                },
            })
        });
    }
    Value::Object(responses)
}

fn content(schema: &Value, example: Option<Value>) -> Value {
    let mut content = json!({ "schema": schema });
    if let Some(example) = example {
        content["example"] = example;
    }
    content
}

fn error_schema() -> Value {
    json!({
        "type": "object",
        "description": "A refusal by the service (RTC.…) or by the gateway before it (APIGW.…).",
        "required": ["error_code", "error_msg"],
        "properties": {
            "error_code": { "type": "string", "description": "The code, such as RTC.00001003." },
            "error_msg": { "type": "string", "description": "What was wrong, and where." },
            "request_id": {
                "type": "string",
                "description": "The id of the request; in refusals by the gateway.",
            },
        },
        "examples": [{ "error_code": "RTC.00001003", "error_msg": "InvalidParameterValue" }],
    })
}

fn security_schemes() -> Value {
    let header = |name: &str, description: &str| json!({ "type": "apiKey", "in": "header", "name": name, "description": description });
    json!({
        "Signature": header(
            "Authorization",
            "AK/SK: SDK-HMAC-SHA256 Access=<AK>, SignedHeaders=<names>, Signature=<hex>.",
        ),
        "SignatureDate": header("X-Sdk-Date", "AK/SK: when the request was signed, as 20240102T030405Z."),
        "Project": header("X-Project-Id", "AK/SK: the project that the request acts in."),
        "Token": header("X-Auth-Token", "A user token of IAM."),
    })
}

#[cfg(test)]
mod tests {
    use rtc_model::OperationId;

    use super::*;

    #[test]
    fn every_operation_is_described_with_its_statuses() {
        let document = openapi();
        for id in OperationId::ALL {
            let meta = id.meta();
            let method = meta.method.as_str().to_ascii_lowercase();
            let operation = &document["paths"][meta.path.as_str()][method];
            assert_eq!(operation["operationId"], id.as_str());
            assert!(operation["summary"].as_str().is_some_and(|s| !s.is_empty()), "{id}");
            for status in meta.success.iter().chain(meta.errors) {
                assert!(operation["responses"][status.as_str()].is_object(), "{id} {status}");
            }
            let path = operation["parameters"].as_array().into_iter().flatten();
            let path = path.filter(|parameter| parameter["in"] == "path").count();
            assert_eq!(path, meta.path.variables().len(), "{id}");
        }
    }

    #[test]
    fn every_body_has_an_example_that_is_within_the_limits() {
        fn check<O: Operation>() {
            let meta = O::META;
            if meta.body == BodyKind::Json {
                let body = examples::body(meta.id).expect("a body has an example");
                let body: O::Body = serde_json::from_value(body).unwrap();
                let path = meta.path.as_str().replace(['{', '}'], "");
                let request = http::Request::builder().method(meta.method.clone()).uri(path);
                let (head, ()) = request.body(()).unwrap().into_parts();
                let text = serde_json::to_vec(&body).unwrap();
                let operation = rtc_model::wire::decode_request::<O>(&head, &text).unwrap();
                assert_eq!(operation.validate(), Ok(()), "{}", meta.id);
            }
            let status = meta.success[0];
            if let Some(answer) = examples::answer(meta.id) {
                let text = answer.to_string();
                let read = rtc_model::wire::decode_reply::<O>(status, text.as_bytes());
                assert!(read.is_ok(), "{}", meta.id);
            } else {
                let empty = [http::StatusCode::NO_CONTENT, http::StatusCode::ACCEPTED];
                let last = OperationId::UpdateObsBucketAuthority;
                assert!(empty.contains(&status) || meta.id == last, "{}", meta.id);
            }
        }
        macro_rules! check_all {
            ($($operation:path),*) => { $(check::<$operation>();)* };
        }
        rtc_model::for_each_operation!(check_all);
    }

    #[test]
    fn every_reference_leads_somewhere() {
        fn walk(value: &Value, document: &Value) {
            match value {
                Value::Object(object) => {
                    if let Some(target) = object.get("$ref").and_then(Value::as_str) {
                        let pointer = target.trim_start_matches('#');
                        assert!(document.pointer(pointer).is_some(), "{target} leads nowhere");
                    }
                    object.values().for_each(|value| walk(value, document));
                }
                Value::Array(array) => array.iter().for_each(|value| walk(value, document)),
                _ => {}
            }
        }
        let document = openapi();
        walk(&document, &document);
    }
}
