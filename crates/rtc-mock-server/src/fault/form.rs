//! Faults as JSON: an object with the keys of `--fault`, or its words.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use crate::fault::{Fault, FaultError, FaultTime, parse};

/// A fault as a JSON object.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct FaultForm {
    /// The operation, such as `CreateApp`, or `*` for all; `IAM` for the calls to IAM; `Notification`, or an event such as
    /// `RECORD_FILE_COMPLETE`, for what the mock sends.
    #[serde(default = "all")]
    operation: String,
    /// What goes wrong, such as `status(503)` or `delay(50ms..200ms)`.
    kind: String,
    /// The chance, from over 0 to 1.
    #[serde(default = "always")]
    rate: f64,
    /// How many times at most.
    #[serde(default)]
    count: Option<u64>,
    /// The number of the request, among those meant, from which on it strikes.
    #[serde(default)]
    nth: Option<u64>,
    /// Before the operation or after it.
    #[serde(default)]
    when: Option<FaultTime>,
    /// Only requests with this method.
    #[serde(default)]
    method: Option<String>,
    /// Only requests with this header: `NAME` or `NAME:VALUE`.
    #[serde(default)]
    header: Option<String>,
}

fn all() -> String {
    "*".to_owned()
}

fn always() -> f64 {
    1.0
}

impl TryFrom<FaultForm> for Fault {
    type Error = FaultError;

    fn try_from(form: FaultForm) -> Result<Self, FaultError> {
        let mut fault = Self::new(parse::kind(&form.kind)?).rate(form.rate)?;
        fault.target = form.operation.parse()?;
        fault.count = form.count;
        if let Some(nth) = form.nth {
            fault = fault.nth(nth)?;
        }
        if let Some(when) = form.when {
            fault = fault.when(when)?;
        }
        fault.method = form.method.as_deref().map(parse::method).transpose()?;
        fault.header = form.header.as_deref().map(parse::header).transpose()?;
        fault.checked()
    }
}

impl From<Fault> for FaultForm {
    fn from(fault: Fault) -> Self {
        let header = fault.header.map(|(name, value)| match value {
            Some(value) => format!("{name}:{}", value.to_str().unwrap_or_default()),
            None => name.to_string(),
        });
        Self {
            operation: fault.target.as_str().to_owned(),
            kind: fault.kind.to_string(),
            rate: fault.rate,
            count: fault.count,
            nth: fault.nth,
            when: Some(fault.when),
            method: fault.method.map(|method| method.to_string()),
            header,
        }
    }
}

impl<'de> Deserialize<'de> for Fault {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error as _;
        match Value::deserialize(deserializer)? {
            Value::String(text) => text.parse().map_err(D::Error::custom),
            form => {
                let form = FaultForm::deserialize(form).map_err(D::Error::custom)?;
                Self::try_from(form).map_err(D::Error::custom)
            }
        }
    }
}

impl JsonSchema for Fault {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Fault".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let form = FaultForm::json_schema(generator);
        json_schema!({
            "description": "A fault: an object, or its words as --fault takes them.",
            "anyOf": [form, { "type": "string", "examples": ["CreateApp=status(503),count=2"] }],
        })
    }
}
