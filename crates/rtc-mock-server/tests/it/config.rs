//! Settings: flag > variable > file > default.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const FILE: &str = r#"# The second line is the first setting.
listen = "127.0.0.1:9999"
app-quota = 7
check-buckets = true
tls-name = ["a.example", "b.example"]

[[credentials]]
access-key = "FIRST"
secret-key = "hush-first"
project-id = ["p1", "p2"]

[[credentials]]
access-key = "SECOND"
secret-key = "hush-second"
project-id = "p3"
"#;

/// A folder with a file of settings.
struct Folder(tempfile::TempDir);

impl Folder {
    fn with(text: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("mock.toml"), text).unwrap();
        Self(folder)
    }

    fn file(&self) -> PathBuf {
        self.0.path().join("mock.toml")
    }

    fn run(&self, args: &[&str], variables: &[(&str, &str)]) -> Output {
        let variables = variables.iter().map(|(name, value)| (*name, Path::new(*value)));
        let file = self.file();
        run(args, variables.chain([("RTC_MOCK_CONFIG", &*file)]))
    }

    /// The value and the source of a setting.
    fn setting(&self, name: &str, args: &[&str], variables: &[(&str, &str)]) -> (String, String) {
        let output = self.run(&[&["config", "show"], args].concat(), variables);
        row(&stdout(&output), name)
    }
}

fn run<'a>(args: &[&str], variables: impl IntoIterator<Item = (&'a str, &'a Path)>) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rtc-mock-server"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("RTC_MOCK_")) {
        command.env_remove(name);
    }
    command.args(args).envs(variables).output().unwrap()
}

fn stdout(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn row(table: &str, name: &str) -> (String, String) {
    let mut rows = table.lines().filter(|line| line.split(' ').next() == Some(name));
    let mut words = rows.next().unwrap_or_default().split_whitespace().skip(1);
    let value = words.next().unwrap_or_default().to_owned();
    (value, words.collect::<Vec<_>>().join(" "))
}

#[test]
fn each_source_wins_over_those_after_it() {
    let folder = Folder::with(FILE);
    let in_file = format!("{}:3", folder.file().display());
    let variable = [("RTC_MOCK_APP_QUOTA", "8")];
    let quota =
        |args: &[&str], variables: &[(&str, &str)]| folder.setting("app-quota", args, variables);
    let expected = |value: &str, source: &str| (value.to_owned(), source.to_owned());
    assert_eq!(quota(&["--app-quota", "9"], &variable), expected("9", "--app-quota"));
    assert_eq!(quota(&[], &variable), expected("8", "RTC_MOCK_APP_QUOTA"));
    assert_eq!(quota(&[], &[]), expected("7", &in_file));
    assert_eq!(folder.setting("job-limit", &[], &[]), expected("100", "default"));
    assert_eq!(folder.setting("check-buckets", &[], &[]).0, "true");
    assert_eq!(folder.setting("check-buckets", &[], &[("RTC_MOCK_CHECK_BUCKETS", "0")]).0, "false");
    let off = folder.setting("check-buckets", &["--check-buckets=false"], &[]);
    assert_eq!(off, expected("false", "--check-buckets"));
    assert_eq!(folder.setting("lockout", &["--lockout"], &[]), expected("true", "--lockout"));
    assert_eq!(quota(&[], &[("RTC_MOCK_APP_QUOTA", "")]), expected("7", &in_file));
    for (name, value) in [("quiet", "RTC_MOCK_QUIET"), ("json", "RTC_MOCK_JSON")] {
        assert_eq!(folder.setting(name, &[], &[(value, "1")]), expected("true", value));
    }
    assert_eq!(folder.setting("tls-name", &[], &[]).0, "a.example,b.example");
}

#[test]
fn a_variable_that_is_empty_counts_as_absent_and_one_that_is_wrong_is_refused() {
    let empty = ["CONFIG", "SEED", "FAULT", "FIXTURE", "LISTEN", "LOCKOUT", "ADMIN_TOKEN"]
        .map(|name| (format!("RTC_MOCK_{name}"), Path::new("")));
    let empty = empty.iter().map(|(name, value)| (name.as_str(), *value));
    let table = stdout(&run(&["config", "show"], empty));
    assert!(table.lines().all(|line| line.ends_with("default")), "{table}");
    let wrong = run(&["config", "show"], [("RTC_MOCK_LOCKOUT", Path::new("ture"))]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("'ture'"));
}

#[test]
fn secrets_of_the_file_are_not_shown() {
    let folder = Folder::with(FILE);
    for args in
        [&["config", "show"][..], &["--help"], &["serve", "--help"], &["serve", "--nothing"]]
    {
        let output = folder.run(args, &[]);
        let said = [output.stdout, output.stderr].concat();
        assert!(!String::from_utf8_lossy(&said).contains("hush"), "{args:?}");
    }
    let table = stdout(&folder.run(&["config", "show"], &[]));
    assert_eq!(row(&table, "secret-key").0, "***");
    assert!(table.contains("credentials[1]") && table.contains("SECOND *** p3"), "{table}");
}

#[test]
fn the_other_commands_read_the_file_too() {
    let folder = Folder::with(FILE);
    let file = folder.file();
    let flags = ["env", "--shell", "json", "--config", file.to_str().unwrap()];
    let printed = stdout(&run(&flags, []));
    let variables: serde_json::Value = serde_json::from_str(&printed).unwrap();
    assert_eq!(variables["HUAWEICLOUD_SDK_AK"], "FIRST");
    assert_eq!(variables["HUAWEICLOUD_SDK_SK"], "hush-first");
    assert_eq!(variables["HUAWEICLOUD_SDK_PROJECT_ID"], "p1");
    assert_eq!(variables["HUAWEICLOUD_SDK_IAM_ENDPOINT"], "http://127.0.0.1:9999");
}

#[test]
fn what_is_wrong_is_said_with_its_line() {
    for (text, piece) in [
        ("\nlisen = 1", ":2: there is no setting `lisen`; did you mean `listen`?"),
        ("app_quota = 1", ":1: there is no setting `app_quota`; did you mean `app-quota`?"),
        ("something-else = 1", ":1: there is no setting `something-else`"),
        ("config = 'x'", ":1: there is no setting `config`"),
        ("\n\nlisten = 'x'", ":3: invalid value 'x' for '--listen <ADDR>'"),
        ("app-quota = -1", ":1: invalid value '-1' for '--app-quota <N>'"),
        ("app-quota = 1.5", ":1: app-quota takes no float"),
        ("check-buckets = 'true'", ":1: check-buckets takes true or false"),
        ("listen = true", ":1: listen takes a text or a number"),
        ("a = 1\nb = [", ":2: "),
        ("credentials = 1", ":1: credentials are tables"),
        ("[[credentials]]\naccess-key = 'a'", ":1: these credentials have no secret-key"),
        ("[[credentials]]\nacces-key = 'a'", "did you mean `access-key`?"),
        (
            "secret-key = 'x'\n[[credentials]]\naccess-key = 'a'\nsecret-key = 'b'\nproject-id = 'c'",
            ":1: secret-key stands in the list credentials too",
        ),
    ] {
        let output = Folder::with(text).run(&["config", "show"], &[]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{text}: {said}");
        assert!(said.contains(piece), "{text}: {said}");
    }
    let output = run(&["config", "show"], [("RTC_MOCK_CONFIG", Path::new("no-such-file"))]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn settings_that_do_not_go_together_are_refused_wherever_they_were_made() {
    for text in
        ["tls-cert = 'c'", "tls-key = 'k'", "tls-cert = 'c'\ntls-key = 'k'\ntls-self-signed = true"]
    {
        let output = Folder::with(text).run(&["serve"], &[]);
        assert_eq!(output.status.code(), Some(2), "{text}");
    }
}

#[test]
fn the_file_of_init_is_accepted_as_it_is_and_with_its_defaults_written_out() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("new.toml");
    let path = file.to_str().unwrap();
    stdout(&run(&["init", path], []));
    let again = run(&["init", path], []);
    assert_eq!(again.status.code(), Some(1), "a file that is there is left alone");

    let show = |path: &str| stdout(&run(&["config", "show", "--config", path], []));
    let before = show(path);
    assert!(before.lines().all(|line| line.ends_with("default")), "{before}");
    let text = std::fs::read_to_string(&file).unwrap();
    let mut written = 0;
    let (settings, _) = text.split_once("# [[credentials]]").unwrap();
    let lines = settings.lines().map(|line| {
        let name = line.strip_prefix("# ").and_then(|line| line.split_once(" = "));
        let has_default = name.is_some_and(|(name, _)| {
            let value = row(&before, name).0;
            value != "-" && value != "false" && !value.is_empty()
        });
        written += usize::from(has_default);
        if has_default { line.trim_start_matches("# ") } else { line }
    });
    let lines: Vec<_> = lines.collect();
    std::fs::write(&file, lines.join("\n")).unwrap();
    assert!(written > 10, "{written}");
    let after = show(path);
    let values = |table: &str| -> Vec<_> {
        table.lines().map(|line| row(table, line.split(' ').next().unwrap()).0).collect()
    };
    assert_eq!(values(&after), values(&before));
    assert!(after.contains("new.toml:"), "{after}");
}
