//! Where the endpoint comes from.

use std::collections::BTreeMap;
use std::env::VarError;
use std::error::Error as _;
use std::fmt::Write as _;
use std::path::Path;

use proptest::prelude::*;

use super::*;

fn of(
    variables: &[(&'static str, &str)],
    home: Option<&Path>,
) -> Result<Option<String>, BuildError> {
    let variables: BTreeMap<_, _> = variables.iter().copied().collect();
    let vars =
        |name| variables.get(name).map(|text| (*text).to_owned()).ok_or(VarError::NotPresent);
    endpoint(&Surroundings { vars: &vars, home: home.map(Path::to_owned) })
}

/// What a file of this text says.
fn of_text(text: &str) -> Result<Option<String>, String> {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    let path = file.path().to_str().unwrap();
    of(&[(FILE, path)], None).map_err(|error| {
        assert!(error.to_string().contains(path), "{error}");
        error.source().unwrap().to_string()
    })
}

#[test]
fn the_variable_goes_before_the_named_file_and_that_before_the_one_at_home() {
    let home = tempfile::tempdir().unwrap();
    assert_eq!(of(&[], Some(home.path())).unwrap(), None, "it need not be there");
    assert_eq!(of(&[], None).unwrap(), None);
    std::fs::create_dir(home.path().join(".huaweicloud")).unwrap();
    let write = |name, endpoint| {
        let path = home.path().join(name);
        let text = format!("CloudRTC:\n  - id: cn-north-4\n    endpoint: {endpoint}\n");
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    write(".huaweicloud/regions.yaml", "https://home.example");
    let at_home = of(&[], Some(home.path())).unwrap();
    assert_eq!(at_home.as_deref(), Some("https://home.example"));
    let named = write("other.yaml", "https://named.example");
    let found = of(&[(FILE, &named)], Some(home.path())).unwrap();
    assert_eq!(found.as_deref(), Some("https://named.example"));
    let both = [(FILE, named.as_str()), (ENDPOINT, " , https://a.example, https://b.example")];
    let found = of(&both, Some(home.path())).unwrap();
    assert_eq!(found.as_deref(), Some("https://a.example"));

    let error = of(&[(FILE, "/there/is/no/such/file")], Some(home.path())).unwrap_err();
    assert!(matches!(error, BuildError::RegionsFile { .. }), "who names a file means it");
    assert!(error.to_string().contains("/there/is/no/such/file"), "{error}");
}

#[test]
fn the_region_is_found_in_both_forms_and_among_others() {
    for (text, endpoint) in [
        ("cloudrtc:\n- id: cn-north-4\n  endpoint: a.example\n", Some("a.example")),
        ("CLOUDRTC: [{id: cn-north-4, endpoints: [a.example, b.example]}]", Some("a.example")),
        (
            "CloudRTC:\n- id: cn-north-4\n  endpoints:\n  - b.example\n  endpoint: 'a.example'\n",
            Some("a.example"),
        ),
        (
            "ECS:\n- id: cn-north-4\n  endpoint: no\n- {id: x, y: [{}, [1]]}\nCLOUDRTC:\n- id: cn-north-1\n  endpoint: no\n- id: cn-north-4\n  zone: {a: [b]}\n  endpoint: \"https://a.example\"\nVPC: []\n",
            Some("https://a.example"),
        ),
        (
            "{\"cloudrtc\": [{\"id\": \"cn-north-4\", \"endpoint\": \"a.example\"}]}",
            Some("a.example"),
        ),
        ("\u{feff}cloudrtc:\n- id: cn-north-4\n  endpoint: a.example\n", Some("a.example")),
        ("ECS:\n- id: cn-north-4\n  endpoint: no\n", None),
        ("cloudrtc: []\n", None),
        ("cloudrtc:\n- id: cn-north-1\n", None),
        ("", None),
        ("# nothing yet\n", None),
        ("---\n", None),
    ] {
        assert_eq!(of_text(text).unwrap().as_deref(), endpoint, "{text}");
    }
}

#[test]
fn a_broken_file_is_an_error_with_its_place() {
    for (text, expected) in [
        ("- a\n", "line 1, column 1: the file is no map of services"),
        ("text\n", "line 1, column 1: the file is no map of services"),
        ("cloudrtc: x\n", "line 1, column 11: the regions of the service are no list"),
        ("cloudrtc:\n- x\n", "line 2, column 3: the region is no map of `id` and `endpoint`"),
        ("cloudrtc:\n- id: [x]\n", "line 2, column 7: the id of the region is no text"),
        ("cloudrtc:\n- endpoint: {}\n", "line 2, column 13: the endpoint is no text"),
        ("cloudrtc:\n- endpoints: x\n", "line 2, column 14: `endpoints` is no list"),
        ("cloudrtc:\n- endpoints: [[]]\n", "line 2, column 15: the endpoint is no text"),
        ("cloudrtc:\n- id: cn-north-4\n", "line 2, column 3: the region has no endpoint"),
        (
            "cloudrtc:\n- id: cn-north-4\n  endpoint:\n",
            "line 2, column 3: the region has no endpoint",
        ),
        ("a: &x [b]\ncloudrtc: *x\n", "line 2, column 11: the regions of the service are no list"),
        ("[a]: b\n", "line 1, column 1: the key is no text"),
        (
            "cloudrtc:\n- {id: cn-north-4, endpoint: null}\n",
            "line 2, column 3: the region has no endpoint",
        ),
        ("? [a]\n: b\n", "line 1, column 3: the key is no text"),
    ] {
        assert_eq!(of_text(text).unwrap_err(), expected, "{text}");
    }
    for text in ["cloudrtc: [", "a: b: c\n", "\t- x", "cloudrtc:\n- {id: cn-north-4", "\"a", "%\n"]
    {
        let error = of_text(text).unwrap_err();
        assert!(error.starts_with("line "), "{text}: {error}");
    }
}

#[test]
fn what_is_deep_or_large_ends() {
    let deep = format!("a: {}", "[".repeat(100_000));
    assert!(of_text(&deep).is_err());
    let mut bomb = String::from("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
    for level in 1..30 {
        let below = format!("*a{},", level - 1).repeat(10);
        writeln!(bomb, "a{level}: &a{level} [{below}]").unwrap();
    }
    assert_eq!(of_text(&bomb).unwrap(), None);
    assert!(of_text(&" ".repeat(1024 * 1024 + 1)).is_err());
}

proptest! {
    #[test]
    fn no_text_panics(text in "(cloudrtc:\n)?[-a-z:,&*!|>'\"%@?\\[\\]{}# \n\\PC]{0,60}") {
        let _ = yaml::endpoint(&text);
    }
}
