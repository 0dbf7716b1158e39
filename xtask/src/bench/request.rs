//! The request that is sent again and again: signed once, by the official Python SDK (the golden
//! message `ShowRecordCallback/request.python-sdk.plain`). The mock's clock stands at its date.

/// Where it is sent.
pub(super) const PATH: &str = "/v2/apps/123456789abcdefghijklmno/record-callback";

/// Its headers.
pub(super) const HEADERS: [&str; 8] = [
    "User-Agent: huaweicloud-usdk-python/3.0; golden",
    "Accept-Encoding: gzip, deflate",
    "Accept: */*",
    "Content-Type: application/json",
    "X-Project-Id: 0123456789abcdef0123456789abcdef",
    "X-Sdk-Date: 20261124T044322Z",
    "Host: 127.0.0.1:34299",
    "Authorization: SDK-HMAC-SHA256 Access=AKIDEXAMPLE0001TESTX, SignedHeaders=content-type;host;user-agent;x-project-id;x-sdk-date, Signature=c88f570983204250fe72e7be24360cd65a5702a725d8792017a8c3cf53b26e4e",
];

/// What the mock must know to let it in.
pub(super) const FLAGS: [&str; 8] = [
    "--access-key",
    "AKIDEXAMPLE0001TESTX",
    "--secret-key",
    "skEXAMPLEonlyForTests0123456789abcdefABCD",
    "--project-id",
    "0123456789abcdef0123456789abcdef",
    "--clock",
    "frozen@2026-11-24T04:43:22Z",
];

/// What the mock holds.
pub(super) const FIXTURE: &str = "tests/fixtures/reference.json";
