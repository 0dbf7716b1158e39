//! A file with faults.

use std::path::Path;

use rtc_mock_server::Fault;

use crate::cli::Failure;

/// The faults of a file in the form of `PUT /faults`: a list of objects and texts.
pub(crate) fn read(path: &Path) -> Result<Vec<Fault>, Failure> {
    let name = path.display();
    let text = std::fs::read(path)
        .map_err(|error| Failure::Failed(format!("cannot read the faults {name}: {error}")))?;
    parse(&text).map_err(|reason| Failure::Failed(format!("{name}: {reason}")))
}

fn parse(text: &[u8]) -> Result<Vec<Fault>, String> {
    let mut reader = serde_json::Deserializer::from_slice(text);
    let faults = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let (path, error) = (error.path().to_string(), error.into_inner());
        if path == "." { error.to_string() } else { format!("{path}: {error}") }
    })?;
    reader.end().map_err(|error| error.to_string())?;
    Ok(faults)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_and_texts_are_faults() {
        let text = br#"["CreateApp=status(503),count=2", {"operation":"*","kind":"reset"}]"#;
        let faults: Vec<_> = parse(text).unwrap().iter().map(ToString::to_string).collect();
        assert_eq!(faults, ["CreateApp=status(503),count=2", "*=reset"]);
    }

    #[test]
    fn what_is_no_fault_is_named_with_its_place() {
        for (text, place, reason) in [
            (r#"["*=reset","*=explode"]"#, "[1]: ", "explode"),
            (r#"[{"kind":"reset","colour":"red"}]"#, "[0]: ", "colour"),
            (r#"["*=reset"]]"#, "line 1 column", "trailing"),
            ("[\n\"*=reset\",\n", "line 3", "EOF"),
            (r#"{"faults":[]}"#, "line 1", "sequence"),
        ] {
            let error = parse(text.as_bytes()).unwrap_err();
            assert!(error.contains(place) && error.contains(reason), "{text}: {error}");
        }
    }
}
