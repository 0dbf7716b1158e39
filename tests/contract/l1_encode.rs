//! L1: a value becomes the request that the official SDK sends.

use rtc_contract_tests::case::{Case, Level};
use rtc_contract_tests::golden::Golden;
use rtc_model::{Operation, wire};

use crate::requests::{Visit, visit};

pub(crate) fn add(cases: &mut Vec<Case>) {
    visit(&mut Encode(cases));
}

struct Encode<'c>(&'c mut Vec<Case>);

impl Visit for Encode<'_> {
    fn visit<O: Operation + Clone + PartialEq + std::fmt::Debug>(
        &mut self,
        golden: Golden,
        operation: O,
    ) {
        let name = golden.name.clone();
        self.0.push(Case::sync(Level::L1, golden.folder.clone(), name, move || {
            encodes_as(&golden, &operation);
        }));
    }
}

fn encodes_as<O: Operation>(golden: &Golden, operation: &O) {
    let message = &golden.message;
    assert_eq!(O::META.id.as_str(), golden.folder, "the golden file is in another folder");
    let endpoint = format!("http://{}", message.header("host").unwrap()).parse().unwrap();
    let request = wire::encode_request(operation, &endpoint).unwrap();

    assert_eq!(request.method().as_str(), message.word(0), "method");
    assert_eq!(request.uri().path_and_query().unwrap().as_str(), message.word(1), "target");
    // The SDK adds a charset to the media type of requests with a body; JSON has none.
    let media_type = message.header("content-type").unwrap().split(';').next().unwrap();
    assert_eq!(request.headers()["content-type"], media_type, "Content-Type");
    if message.body.is_empty() {
        assert!(request.body().is_empty(), "the SDK sends no body");
    } else {
        let body: serde_json::Value = serde_json::from_slice(request.body()).unwrap();
        assert_json_diff::assert_json_eq!(body, message.json());
    }
    assert_eq!(operation.validate(), Ok(()), "a request of the official SDK is within the limits");
}
