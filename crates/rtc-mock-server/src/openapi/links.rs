//! Which operations can be called with what another one answers.

use rtc_model::OperationId;
use serde_json::{Map, Value, json};

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
        .filter(|target| target.meta().path.as_str().starts_with(resource))
        .map(|target| {
            let mut parameters = json!({ variable: format!("$response.body#/{variable}") });
            if variable != "app_id" {
                parameters["app_id"] = "$request.path.app_id".into();
            }
            let link = json!({ "operationId": target.as_str(), "parameters": parameters });
            (target.as_str().to_owned(), link)
        })
        .collect()
}
