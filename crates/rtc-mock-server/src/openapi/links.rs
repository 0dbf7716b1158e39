//! Which operations can be called with what another one answers.

use rtc_model::OperationId;
use serde_json::{Map, Value, json};

use super::examples;

/// The links of an operation's success: to every operation that takes the id of what was made.
pub(super) fn of(id: OperationId) -> Map<String, Value> {
    let (variable, resource) = match id {
        OperationId::CreateApp => ("app_id", "/v2/apps/{app_id}"),
        OperationId::CreateRecordRule => ("rule_id", "/v2/apps/{app_id}/record-rules/{rule_id}"),
        OperationId::CreateIndividualStreamJob => {
            ("job_id", "/v2/apps/{app_id}/individual-stream-jobs/{job_id}")
        }
        OperationId::CreateMixJob => ("job_id", "/v2/apps/{app_id}/mix-stream-jobs/{job_id}"),
        _ => return Map::new(),
    };
    OperationId::ALL
        .iter()
        .filter(|target| {
            let names_rule =
                id == OperationId::CreateRecordRule && body_with_rule(**target).is_some();
            names_rule || target.meta().path.as_str().starts_with(resource)
        })
        .map(|target| {
            let mut parameters = json!({});
            if target.meta().path.variables().contains(&variable) {
                parameters[variable] = format!("$response.body#/{variable}").into();
            }
            if variable != "app_id" {
                parameters["app_id"] = "$request.path.app_id".into();
            }
            let mut link = json!({ "operationId": target.as_str(), "parameters": parameters });
            if id == OperationId::CreateRecordRule
                && let Some(body) = body_with_rule(*target)
            {
                link["requestBody"] = body;
            }
            (target.as_str().to_owned(), link)
        })
        .collect()
}

/// A request body that names the rule that was made.
fn body_with_rule(target: OperationId) -> Option<Value> {
    let mut body = match target {
        OperationId::CreateIndividualStreamJob | OperationId::CreateMixJob => {
            examples::body(target)?
        }
        _ => return None,
    };
    body["record_param"]["record_rule_id"] = "{$response.body#/rule_id}".into();
    Some(body)
}
