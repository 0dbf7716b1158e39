//! `cargo xtask schemathesis`: property tests of the mock server by its OpenAPI document.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::python;
use crate::run::{self, Outcome, cargo, output, repository, target};

/// The checks that contradict the rules of the service.
const EXCLUDED: [(&str, &str); 2] = [
    ("unsupported_method", "a wrong method is 404 APIGW.0101, not 405 (decision D22)"),
    ("positive_data_acceptance", "valid data is refused with 400 by quota or state"),
];

/// The token of the mock server.
const TOKEN: &str = "rtc-mock-token-not-for-real-use-0001";

/// Runs all checks but those that contradict the service.
pub(crate) fn run(max_examples: u32, least_cases: u32) -> Outcome {
    run::run(&mut cargo(["build", "--quiet", "--package", "rtc-mock-server"]))?;
    let target = target()?;
    let server =
        target.join("debug").join(format!("rtc-mock-server{}", std::env::consts::EXE_SUFFIX));
    let folder = target.join("contract");
    std::fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    let tool = install(&folder)?;
    let document = folder.join("openapi-token.json");
    let text = document_for_token(&server)?;
    std::fs::write(&document, &text).map_err(|error| error.to_string())?;

    for (check, reason) in EXCLUDED {
        eprintln!("left out: {check}, since {reason}");
    }
    let excluded = EXCLUDED.map(|(check, _)| check).join(",");
    let mut mock = Mock::start(&server)?;
    let printed = run::tee(
        Command::new(tool)
            .current_dir(&folder)
            .args(["run", "--checks", "all", "--no-color", "--seed", "1", "--warnings", "off"])
            .args(["--exclude-checks", &excluded])
            .args(["--max-examples", &max_examples.to_string()])
            .args(["--header", &format!("X-Auth-Token: {TOKEN}"), "--url", &mock.url])
            .arg(&document),
    )?;
    mock.is_running()?;
    let cases = cases(&printed)?;
    if cases < least_cases {
        return Err(format!("only {cases} cases were run, at least {least_cases} are wanted"));
    }
    let document: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    let never = never_succeeded(&mock.admin()?, &document);
    if never.is_empty() {
        return Ok(());
    }
    Err(format!(
        "these operations have never succeeded, so their answers were not checked: {never:?}"
    ))
}

/// The number in "5709 generated".
fn cases(printed: &str) -> Result<u32, String> {
    let mut lines = printed.lines().filter_map(|line| line.trim().split_once(" generated"));
    let number = lines.next().and_then(|(number, _)| number.parse().ok());
    number.ok_or_else(|| "schemathesis does not say how many cases it ran".to_owned())
}

/// The operations whose answer has a body, and that were never answered with success.
fn never_succeeded(journal: &Value, document: &Value) -> Vec<String> {
    let exchanges = journal["requests"].as_array().into_iter().flatten();
    let succeeded: BTreeSet<_> = exchanges
        .filter(|exchange| exchange["reply"]["status"].as_u64().is_some_and(|status| status < 300))
        .filter_map(|exchange| exchange["operation"].as_str())
        .collect();
    let paths = document["paths"].as_object().into_iter().flat_map(|paths| paths.values());
    let operations = paths.filter_map(Value::as_object).flat_map(|path| path.values());
    operations
        .filter(|operation| {
            let mut responses = operation["responses"].as_object().into_iter().flatten();
            responses.any(|(status, response)| {
                status.starts_with('2') && response["content"].is_object()
            })
        })
        .filter_map(|operation| operation["operationId"].as_str())
        .filter(|operation| !succeeded.contains(operation))
        .map(str::to_owned)
        .collect()
}

/// The document with the token as the only way in: it is what the run authenticates with.
fn document_for_token(server: &Path) -> Result<String, String> {
    let text = output(Command::new(server).arg("openapi"))?;
    let mut document: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    document["security"] = serde_json::json!([{ "Token": [] }]);
    let token = document["components"]["securitySchemes"]["Token"].clone();
    document["components"]["securitySchemes"] = serde_json::json!({ "Token": token });
    Ok(document.to_string())
}

/// A virtual environment with the pinned version; gives the program.
fn install(folder: &Path) -> Result<PathBuf, String> {
    let bin =
        python::environment(folder, "schemathesis", "tests/peer/schemathesis-requirements.txt")?;
    Ok(bin.join("schemathesis"))
}

/// A running mock server; stopped when dropped.
struct Mock {
    child: Child,
    url: String,
    admin: String,
}

impl Mock {
    fn start(server: &Path) -> Result<Self, String> {
        let flags = "--quiet --log off --listen 127.0.0.1:0 --admin-listen 127.0.0.1:0 --app-quota 100000 --job-limit 100000 --journal 100000";
        let mut child = Command::new(server)
            .args(flags.split(' '))
            .arg("--fixture")
            .arg(repository().join("tests/fixtures/schemathesis.json"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("the mock server cannot be started: {error}"))?;
        let mut line = String::new();
        if let Some(stdout) = child.stdout.take() {
            BufReader::new(stdout).read_line(&mut line).map_err(|error| error.to_string())?;
        }
        let word = |key: &str| {
            let mut words = line.split_whitespace();
            words.find_map(|word| word.strip_prefix(key)).map(str::to_owned)
        };
        match word("api=").zip(word("admin=http://")) {
            Some((url, admin)) => Ok(Self { child, url, admin }),
            None => Err(format!("the mock server did not become ready: {line:?}")),
        }
    }

    /// The journal, by the admin API.
    fn admin(&self) -> Result<Value, String> {
        let failed = |error: std::io::Error| format!("the journal cannot be read: {error}");
        let mut stream = TcpStream::connect(&self.admin).map_err(failed)?;
        let request = format!("GET /requests HTTP/1.0\r\nHost: {}\r\n\r\n", self.admin);
        stream.write_all(request.as_bytes()).map_err(failed)?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).map_err(failed)?;
        let (_, body) = answer.split_once("\r\n\r\n").unwrap_or_default();
        serde_json::from_str(body).map_err(|error| format!("the journal is no JSON: {error}"))
    }

    fn is_running(&mut self) -> Outcome {
        match self.child.try_wait() {
            Ok(None) => Ok(()),
            ended => Err(format!("the mock server did not last: {ended:?}")),
        }
    }
}

impl Drop for Mock {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
