//! L5: what every operation refuses in the same way, made of its golden request.

use rtc_contract_tests::case::{Case, Level};
use rtc_contract_tests::coverage;
use rtc_contract_tests::golden::{self, Golden};
use rtc_contract_tests::http_text::{Message, exchange};
use rtc_mock_server::DEFAULT_TOKEN;
use rtc_model::OperationId;
use rtc_model::operation::BodyKind;

use crate::l5_server::{check_head, date, server_at};
use crate::requests::APP;

pub(crate) fn add(cases: &mut Vec<Case>) {
    for id in OperationId::ALL {
        let name = id.as_str();
        let request = golden::all().into_iter().find(|g| g.is_request() && g.folder == name);
        let Some(request) = request else {
            panic!("{name} has no golden request");
        };
        let mut case =
            |what: &str, message: Message, status, code: &'static str, text: &'static str| {
                let request = request.clone();
                cases.push(Case::new(Level::L5, name, what, move || async move {
                    refused(&request, message, status, code, text).await;
                }));
            };
        let base = request.message.clone().without_header("Authorization");
        let token = base.clone().with_header("X-Auth-Token", DEFAULT_TOKEN);
        let foreign = token.clone().with_header("X-Project-Id", "another-project");
        let with_app = |app: &str| {
            let mut message = token.clone();
            message.start_line = message.start_line.replace(APP, app);
            message
        };
        let with_body = |body: &str| {
            let mut message = token.clone().with_header("Content-Length", &body.len().to_string());
            message.body = body.as_bytes().to_vec();
            message
        };
        case("no credentials", base, 401, "APIGW.0301", "x-auth-token not found");
        case("another project", foreign, 403, "APIGW.0302", "not authorized");
        if id.meta().path.variables().contains(&"app_id") {
            case("an unknown app", with_app("nobody"), 404, "RTC.00001003", "nobody");
            let long = with_app(&"a".repeat(33));
            case("an app id of 33 characters", long, 400, "RTC.00001003", "app_id: it has 33");
        }
        if id.meta().body == BodyKind::Json {
            case("a body that is no JSON", with_body("{"), 400, "RTC.00001002", "EOF");
            case("an array for the body", with_body("[]"), 400, "RTC.00001002", "sequence");
            // Only this operation has a body without mandatory fields at its top.
            let incomplete = match id {
                OperationId::UpdateIndividualStreamJob => r#"{"record_param":{}}"#,
                _ => "{}",
            };
            let body = with_body(incomplete);
            case("a body without what it needs", body, 400, "RTC.00001005", "mandatory and absent");
        }
    }
}

async fn refused(golden: &Golden, message: Message, status: u16, code: &str, text: &str) {
    let server = server_at(date(&golden.message)).await;
    let answer = exchange(&server.address().to_string(), message.to_bytes()).await;
    let body = answer.json();
    assert_eq!(answer.status(), status, "{body}");
    assert_eq!(body["error_code"], code, "{body}");
    assert!(body["error_msg"].as_str().is_some_and(|found| found.contains(text)), "{body}");
    check_head(&answer);
    coverage::asserted(&golden.folder, status, code);
}
