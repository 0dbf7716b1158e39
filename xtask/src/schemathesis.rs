//! `cargo xtask schemathesis`: property tests of the mock server by its OpenAPI document.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::run::{self, Outcome, cargo, output, repository, target};

/// The checks that contradict the rules of the service.
const EXCLUDED: [(&str, &str); 2] = [
    ("unsupported_method", "a wrong method is 404 APIGW.0101, not 405 (decision D22)"),
    ("positive_data_acceptance", "valid data is refused with 400 by quota or state"),
];

/// The token of the mock server.
const TOKEN: &str = "rtc-mock-token-not-for-real-use-0001";

/// Runs all checks but those that contradict the service.
pub(crate) fn run(max_examples: u32) -> Outcome {
    run::run(&mut cargo(["build", "--quiet", "--package", "rtc-mock-server"]))?;
    let target = target()?;
    let server =
        target.join("debug").join(format!("rtc-mock-server{}", std::env::consts::EXE_SUFFIX));
    let folder = target.join("contract");
    std::fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    let tool = install(&folder)?;
    let document = folder.join("openapi-token.json");
    std::fs::write(&document, document_for_token(&server)?).map_err(|error| error.to_string())?;

    for (check, reason) in EXCLUDED {
        eprintln!("left out: {check}, since {reason}");
    }
    let excluded = EXCLUDED.map(|(check, _)| check).join(",");
    let mut mock = Mock::start(&server)?;
    run::run(
        Command::new(tool)
            .current_dir(&folder)
            .args(["run", "--checks", "all", "--no-color", "--seed", "1", "--warnings", "off"])
            .args(["--exclude-checks", &excluded])
            .args(["--max-examples", &max_examples.to_string()])
            .args(["--header", &format!("X-Auth-Token: {TOKEN}"), "--url", &mock.url])
            .arg(&document),
    )?;
    mock.is_running()
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
    let requirements = repository().join("tests/peer/schemathesis-requirements.txt");
    let wanted = std::fs::read_to_string(&requirements).map_err(|error| error.to_string())?;
    let venv = folder.join("schemathesis");
    let bin = venv.join(if cfg!(windows) { "Scripts" } else { "bin" });
    let installed = venv.join("installed.txt");
    if !std::fs::read_to_string(&installed).is_ok_and(|text| text == wanted) {
        let python = if cfg!(windows) { "python" } else { "python3" };
        run::run(Command::new(python).args(["-m", "venv", "--clear"]).arg(&venv))?;
        let mut pip = Command::new(bin.join("python"));
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"]);
        run::run(pip.arg(&requirements))?;
        std::fs::write(&installed, wanted).map_err(|error| error.to_string())?;
    }
    Ok(bin.join("schemathesis"))
}

/// A running mock server; stopped when dropped.
struct Mock {
    child: Child,
    url: String,
}

impl Mock {
    fn start(server: &Path) -> Result<Self, String> {
        let flags = "--quiet --log off --listen 127.0.0.1:0 --admin-listen off --app-quota 100000 --journal 100";
        let mut child = Command::new(server)
            .args(flags.split(' '))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("the mock server cannot be started: {error}"))?;
        let mut line = String::new();
        if let Some(stdout) = child.stdout.take() {
            BufReader::new(stdout).read_line(&mut line).map_err(|error| error.to_string())?;
        }
        let url = line.split_whitespace().find_map(|word| word.strip_prefix("api="));
        match url.map(str::to_owned) {
            Some(url) => Ok(Self { child, url }),
            None => Err(format!("the mock server did not become ready: {line:?}")),
        }
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
