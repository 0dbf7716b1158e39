//! Faults on the wire.

use std::io::ErrorKind;
use std::time::Duration;

use rtc_mock_server::{MockServer, RequestFilter};
use rtc_model::OperationId;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::http::{admin, api, request, started, status, talk};

const CREATE: &str = "POST /v2/apps";
const NEW: &str = r#"{"app_name":"new"}"#;

async fn with(fault: &str) -> MockServer {
    MockServer::builder().fault(fault.parse().unwrap()).seed(1).start().await.unwrap()
}

/// What comes back until the connection ends, and how it ends.
async fn ending(server: &MockServer, bytes: &[u8]) -> (Vec<u8>, Option<ErrorKind>) {
    let mut stream = TcpStream::connect(server.address()).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    let mut answer = Vec::new();
    let end = stream.read_to_end(&mut answer).await;
    (answer, end.err().map(|error| error.kind()))
}

/// How many apps there are, by what no fault meets.
async fn apps(server: &MockServer) -> u64 {
    api(server, "GET /v2/apps", "").await.1["count"].as_u64().unwrap()
}

#[tokio::test]
async fn an_error_has_the_body_of_the_service_and_nothing_has_changed() {
    for (spec, expected, code, message) in [
        ("status(503)", 503, "APIGW.0613", "currently unavailable"),
        ("status(500)", 500, "RTC.00002002", "DbErr"),
        ("status(500 RTC.00002001)", 500, "RTC.00002001", "GeneratorIDError"),
        ("status(400 RTC.00001017)", 400, "RTC.00001017", "AppsExceed"),
        ("status(502)", 502, "APIGW.0201", "Backend unavailable"),
        ("status(418)", 418, "APIGW.0201", "API request error"),
        ("status(500 X.1)", 500, "X.1", "Internal Server Error"),
    ] {
        let server = with(&format!("CreateApp={spec}")).await;
        let (status, body) = api(&server, CREATE, NEW).await;
        assert_eq!((status, &body["error_code"]), (expected, &code.into()), "{spec}");
        assert!(body["error_msg"].as_str().unwrap().contains(message), "{spec}: {body}");
        assert_eq!(body["request_id"].is_string(), code.starts_with("APIGW"), "{spec}");
        assert_eq!(apps(&server).await, 0, "{spec}");
        let exchange = server.received(RequestFilter::any().any_fault()).once();
        assert_eq!(exchange.fault(), Some(&*format!("CreateApp={spec}")));
        assert_eq!(exchange.to_json()["fault"]["id"], "1");
    }
}

#[tokio::test]
async fn a_throttled_call_is_told_when_to_come_back() {
    let server = with("*=throttle(1500ms),count=1").await;
    let answer = talk(&server.address().to_string(), &request(CREATE, NEW)).await;
    assert_eq!(status(&answer), "429");
    assert!(answer.contains("retry-after: 2\r\n") && answer.contains("APIGW.0308"), "{answer}");
    assert_eq!(api(&server, CREATE, NEW).await.0, 201);
}

#[tokio::test]
async fn a_connection_is_reset_closed_or_filled_with_garbage_without_an_answer() {
    for (kind, end) in
        [("reset", Some(ErrorKind::ConnectionReset)), ("close", None), ("garbage(1000)", None)]
    {
        for (when, count) in [("before", 0), ("after", 1)] {
            let server = with(&format!("CreateApp={kind},when={when}")).await;
            let (answer, ended) = ending(&server, &request(CREATE, NEW)).await;
            assert_eq!(ended, end, "{kind} {when}");
            if kind == "garbage(1000)" {
                assert_eq!(answer.len(), 1_000);
                assert!(answer[0] >= 0x80, "no status line begins so");
            } else {
                assert!(answer.is_empty(), "{kind} {when}: {answer:?}");
            }
            assert_eq!(apps(&server).await, count, "{kind} {when}");
            let exchange = server.received(OperationId::CreateApp).once();
            let known = exchange.status().map(|status| status.as_u16());
            assert_eq!(known, (when == "after").then_some(201), "{kind} {when}");
            assert_eq!(exchange.to_json()["reply"].is_null(), when == "before");
        }
    }
}

#[tokio::test]
async fn after_the_change_only_its_answer_is_lost() {
    for kind in ["status(503)", "throttle(1s)", "reset", "close", "garbage"] {
        for (when, made) in [("before", 0), ("after", 1)] {
            let server = with(&format!("CreateApp={kind},when={when}")).await;
            if kind.contains('(') {
                assert!(api(&server, CREATE, NEW).await.0 >= 429, "{kind} {when}");
            } else {
                let (answer, _) = ending(&server, &request(CREATE, NEW)).await;
                assert!(!answer.starts_with(b"HTTP"), "{kind} {when}");
            }
            assert_eq!(apps(&server).await, made, "{kind} {when}");
        }
    }
}

#[tokio::test]
async fn answers_are_cut_and_lengths_are_wrong() {
    for kind in ["end(5)", "length(+5)", "length(-5)"] {
        let server = with(&format!("CreateApp={kind}")).await;
        let (answer, ended) = ending(&server, &request(CREATE, NEW)).await;
        assert_eq!(ended, None, "{kind}");
        let answer = String::from_utf8(answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 201 Created\r\n"), "{head}");
        assert!(head.contains("x-request-id: ") && head.contains("date: "), "{head}");
        let made = server.received(OperationId::CreateApp).once();
        let whole = made.reply_body();
        let told = head.split("content-length: ").nth(1).and_then(|told| told.lines().next());
        let told: usize = told.unwrap().parse().unwrap();
        let expected = match kind {
            "end(5)" => (whole.len(), &whole[..5]),
            "length(+5)" => (whole.len() + 5, whole),
            _ => (whole.len() - 5, whole),
        };
        assert_eq!((told, body.as_bytes()), expected, "{kind}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_delay_is_waited_before_or_after_the_change() {
    for (when, early) in [("before", 0), ("after", 1)] {
        let server = with(&format!("CreateApp=delay(10s),when={when}")).await;
        let begun = tokio::time::Instant::now();
        let address = server.address().to_string();
        let bytes = request(CREATE, NEW);
        let mut creating = std::pin::pin!(talk(&address, &bytes));
        // In its time nothing is answered …
        let early_answer = tokio::time::timeout(Duration::from_secs(5), creating.as_mut()).await;
        assert!(early_answer.is_err());
        // … but what is changed after the operation is changed.
        assert_eq!(apps(&server).await, early, "{when}");
        assert_eq!(status(&creating.await), "201");
        assert!(begun.elapsed() >= Duration::from_secs(10));
    }
}

#[tokio::test(start_paused = true)]
async fn a_trickle_sends_all_of_the_answer_in_pieces() {
    let server = with("CreateApp=trickle(10/1s)").await;
    let begun = tokio::time::Instant::now();
    let mut stream = TcpStream::connect(server.address()).await.unwrap();
    stream.write_all(&request(CREATE, NEW)).await.unwrap();
    let mut pieces = Vec::new();
    loop {
        let mut piece = [0; 1_000];
        match stream.read(&mut piece).await.unwrap() {
            0 => break,
            read => pieces.push(piece[..read].to_vec()),
        }
    }
    let answer = String::from_utf8(pieces.concat()).unwrap();
    let made = server.received(OperationId::CreateApp).once();
    assert!(answer.starts_with("HTTP/1.1 201") && answer.as_bytes().ends_with(made.reply_body()));
    assert!(pieces.iter().all(|piece| piece.len() <= 10), "{pieces:?}");
    assert!(begun.elapsed().as_secs() >= pieces.len() as u64);
}

#[tokio::test]
async fn only_what_is_let_in_meets_faults_and_others_on_other_connections_do_not_notice() {
    let server = with("CreateApp=reset").await;
    let unsigned = "POST /v2/apps HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n";
    let answer = talk(&server.address().to_string(), unsigned.as_bytes()).await;
    assert_eq!(status(&answer), "401");
    let mut keep = TcpStream::connect(server.address()).await.unwrap();
    for _ in 0..2 {
        keep.write_all(&request("GET /v2/apps", "")).await.unwrap();
        let mut answer = [0; 1_000];
        let read = keep.read(&mut answer).await.unwrap();
        assert!(answer[..read].starts_with(b"HTTP/1.1 200"));
        ending(&server, &request(CREATE, NEW)).await;
    }
}

#[tokio::test]
async fn a_fault_is_chosen_by_method_and_header() {
    let server = with("*=status(503),method=GET,header=x-test:now, or never").await;
    assert_eq!(api(&server, "GET /v2/apps", "").await.0, 200);
    let with_header = |method: &str, value: &str| {
        let text = String::from_utf8(request(&format!("{method} /v2/apps"), "")).unwrap();
        text.replace("Host: h\r\n", &format!("Host: h\r\nX-Test: {value}\r\n")).into_bytes()
    };
    for (method, value, expected) in
        [("GET", "now, or never", "503"), ("GET", "never", "200"), ("POST", "now, or never", "400")]
    {
        let answer = talk(&server.address().to_string(), &with_header(method, value)).await;
        assert_eq!(status(&answer), expected, "{method} {value}");
    }
}

#[tokio::test]
async fn the_admin_api_puts_shows_and_removes_faults() {
    let server = started().await;
    let json = r#"{"operation":"ShowApp","kind":"status(503)","rate":1.0,"count":1,"nth":null,"when":"before"}"#;
    let (code, shown) = admin(&server, "PUT /faults/down", json).await;
    assert_eq!((code, &shown["id"], &shown["struck"]), (200, &"down".into(), &0.into()));
    let (code, added) = admin(&server, "POST /faults", r#""CreateApp=close,when=after""#).await;
    assert_eq!((code, &added["id"], &added["fault"]["when"]), (200, &"1".into(), &"after".into()));
    assert_eq!(api(&server, "GET /v2/apps/a", "").await.0, 503);
    assert_eq!(api(&server, "GET /v2/apps/a", "").await.0, 200);
    let (_, list) = admin(&server, "GET /faults", "").await;
    assert_eq!(list["faults"][0]["struck"], 1);
    assert_eq!(list["faults"][1]["spec"], "CreateApp=close,when=after");
    let (_, found) = admin(&server, "GET /requests?fault=down", "").await;
    assert_eq!(
        (&found["count"], &found["requests"][0]["fault"]["id"]),
        (&1.into(), &"down".into())
    );
    assert_eq!(admin(&server, "DELETE /faults/down", "").await.0, 200);
    assert_eq!(admin(&server, "DELETE /faults/down", "").await.0, 404);
    assert_eq!(admin(&server, "GET /faults/down", "").await.0, 404);
    let (code, list) = admin(&server, "PUT /faults", r#"["*=reset,count=1"]"#).await;
    assert_eq!((code, list["faults"].as_array().unwrap().len()), (200, 1));
    for (line, body, reason) in [
        ("POST /faults", "{}", "kind"),
        ("POST /faults", r#"{"kind":"dance"}"#, "dance"),
        ("POST /faults", r#"{"kind":"reset","colour":"red"}"#, "colour"),
        ("PUT /faults/a%20b", r#""*=reset""#, "letters"),
        ("PUT /faults", r#"["*=reset","x"]"#, "[1]"),
    ] {
        let (code, answer) = admin(&server, line, body).await;
        assert_eq!(code, 400, "{line} {body}: {answer}");
        assert!(answer["error"].as_str().unwrap().contains(reason), "{line} {body}: {answer}");
    }
    assert_eq!(admin(&server, "POST /reset", "").await.0, 200);
    assert!(server.faults().list().is_empty(), "there were none at the start");
}

#[tokio::test]
async fn the_same_seed_makes_the_same_faults() {
    let mut runs = Vec::new();
    for _ in 0..2 {
        let server = with("ListApps=status(503),rate=0.5").await;
        let bytes = request("GET /v2/apps", "").repeat(50);
        let answers = talk(&server.address().to_string(), &bytes).await;
        let statuses: Vec<_> =
            answers.split("HTTP/1.1 ").skip(1).map(|answer| answer[..3].to_owned()).collect();
        assert_eq!(statuses.len(), 50);
        assert!(statuses.iter().any(|s| s == "503") && statuses.iter().any(|s| s == "200"));
        runs.push(statuses);
        server.reset().unwrap();
    }
    assert_eq!(runs[0], runs[1]);
}

#[tokio::test]
async fn calls_to_iam_meet_faults_that_name_them_and_no_others() {
    let server = with("IAM=status(503),count=1").await;
    server.faults().add("*=close".parse().unwrap()).unwrap();
    server.faults().add("IAM=status(504),when=after,method=POST".parse().unwrap()).unwrap();
    assert_eq!(api(&server, "GET /v3/projects", "").await.0, 503);
    assert_eq!(api(&server, "GET /v3/projects", "").await.0, 200);
    let exchanges = server.requests();
    assert!(matches!(exchanges[0].verdict(), rtc_mock_server::Verdict::Unchecked));
    assert!(matches!(exchanges[1].verdict(), rtc_mock_server::Verdict::Token));
    assert_eq!(api(&server, "POST /v3/auth/tokens", "{}").await.0, 504);
    let after = server.requests().pop().unwrap();
    assert_eq!(after.fault(), Some("IAM=status(504),when=after,method=POST"));
}
