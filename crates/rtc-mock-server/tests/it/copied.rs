//! A test as the inspector copies it. The browser tests compare it with what is copied; here it is
//! compiled and run. Only the lines with "the program" at their end are not the inspector's.

use crate::http::{request, talk}; // the program

#[tokio::test]
async fn create_app_is_answered_with_201() {
    let mock = rtc_mock_server::MockServer::builder()
        .clock("frozen@2024-03-15T08:15:30.000Z".parse().unwrap())
        .start()
        .await
        .unwrap();
    // Here your program calls mock.url() with mock.credentials().
    let body = "{\"app_name\":\"say \\\"h\u{e9}\\\" \\\\ \u{202e}\",\"extra\":[1,null]}"; // the program
    talk(&mock.address().to_string(), &request("POST /v2/apps", body)).await; // the program

    let exchange = mock.received(rtc_model::OperationId::CreateApp).once();
    assert_eq!(exchange.method(), "POST");
    assert_eq!(exchange.target(), "/v2/apps");
    let sent: serde_json::Value = serde_json::from_slice(exchange.body()).unwrap();
    let expected = "{\"app_name\":\"say \\\"hé\\\" \\\\ \u{202e}\",\"extra\":[1,null]}";
    assert_eq!(sent, expected.parse::<serde_json::Value>().unwrap());
    assert_eq!(exchange.status().map(|status| status.as_u16()), Some(201));
}
