//! JSON Schema of the models (feature `schema`), from the same lines that read, write and check
//! them.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value};

use crate::{Secret, Timestamp};

/// The schemas of one operation.
#[derive(Debug)]
#[non_exhaustive]
pub struct OperationSchemas {
    /// What the operation does, its first sentence.
    pub summary: String,
    /// The parameters of path and query.
    pub parameters: Vec<ParameterSchema>,
    /// The request body.
    pub body: Option<Schema>,
    /// The body of the answer.
    pub output: Option<Schema>,
}

/// The schema of a parameter.
#[derive(Debug)]
#[non_exhaustive]
pub struct ParameterSchema {
    /// Where it stands: `path` or `query`.
    pub place: &'static str,
    /// Its name on the wire.
    pub name: &'static str,
    /// What it means.
    pub description: String,
    /// Its values.
    pub schema: Schema,
}

impl OperationSchemas {
    pub(crate) fn new(doc: &str) -> Self {
        let text = description(doc);
        let sentence = text.split_once(". ").map_or(text.as_str(), |(first, _)| first);
        let summary = sentence.trim_end_matches('.').to_owned();
        Self { summary, parameters: Vec::new(), body: None, output: None }
    }

    pub(crate) fn parameter(
        &mut self,
        place: &'static str,
        name: &'static str,
        doc: &str,
        schema: Schema,
    ) {
        self.parameters.push(ParameterSchema {
            place,
            name,
            description: description(doc),
            schema,
        });
    }
}

/// The schema of an object, field by field.
pub(crate) struct ObjectSchema {
    description: String,
    properties: Map<String, Value>,
    required: Vec<&'static str>,
}

impl ObjectSchema {
    pub(crate) fn new(doc: &str) -> Self {
        Self { description: description(doc), properties: Map::new(), required: Vec::new() }
    }

    /// A field that need not be there may be `null` (decision D32).
    pub(crate) fn field(&mut self, name: &'static str, doc: &str, field: Schema, mandatory: bool) {
        if mandatory {
            self.required.push(name);
            self.add(name, doc, field);
        } else {
            self.add(name, doc, nullable(field));
        }
    }

    fn add(&mut self, name: &'static str, doc: &str, mut field: Schema) {
        field.insert("description".into(), description(doc).into());
        self.properties.insert(name.into(), field.to_value());
    }

    pub(crate) fn finish(self) -> Schema {
        let mut schema = json_schema!({ "type": "object" });
        schema.insert("description".into(), self.description.into());
        schema.insert("properties".into(), Value::Object(self.properties));
        if !self.required.is_empty() {
            schema.insert("required".into(), self.required.into());
        }
        schema
    }
}

fn nullable(mut field: Schema) -> Schema {
    let kind = field.get("type").and_then(Value::as_str).map(str::to_owned);
    match kind.filter(|_| field.get("enum").is_none()) {
        Some(kind) => {
            field.insert("type".into(), Value::from(vec![kind.as_str(), "null"]));
            field
        }
        None => json_schema!({ "anyOf": [field, { "type": "null" }] }),
    }
}

/// A schema with limits.
pub(crate) fn limited<const N: usize>(mut schema: Schema, limits: [(&str, Value); N]) -> Schema {
    for (keyword, value) in limits {
        schema.insert(keyword.into(), value);
    }
    schema
}

/// A text of a set that is open: the known values are told, others may come.
pub(crate) fn one_of(doc: &str, known: &[&str]) -> Schema {
    json_schema!({ "type": "string", "description": description(doc), "enum": known })
}

/// A text with limits.
pub(crate) fn text(doc: &str, min: usize, max: usize, pattern: Option<&str>) -> Schema {
    let mut schema = json_schema!({
        "type": "string",
        "description": description(doc),
        "minLength": min,
        "maxLength": max,
    });
    if let Some(pattern) = pattern {
        schema.insert("pattern".into(), pattern.into());
    }
    schema
}

/// The rule of an id as a pattern.
pub(crate) fn pattern(rule: &str) -> &'static str {
    match rule {
        "word" => "^[A-Za-z0-9_-]+$",
        _ => ".*",
    }
}

/// The text of doc comments, without the space that begins each line and without line breaks.
fn description(doc: &str) -> String {
    doc.split_whitespace().collect::<Vec<_>>().join(" ")
}

impl JsonSchema for Secret {
    fn schema_name() -> Cow<'static, str> {
        "Secret".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "password" })
    }
}

impl JsonSchema for Timestamp {
    fn schema_name() -> Cow<'static, str> {
        "Timestamp".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "date-time" })
    }
}
